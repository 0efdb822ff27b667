"""A county officer reviews by keyboard alone; nothing typed is lost on a broken line or with the session."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

HAND_IN = """
from declarations.actions import draft
from declarations.models import Declaration
from sihao import clock
case = Declaration.objects.get(pk=1)
president = case.applicant.seats.get(role="chamber_president")
draft.submit(case=case, actor=president, now=clock.now())
"""
REVIEW = "/work/cases/1/review/"


def test_a_review_goes_by_keyboard_and_survives_a_broken_line_and_an_ended_session(house, site, visit):
    officer = visit(site(lambda folder: house.told(folder, HAND_IN)), "county")
    page, press = officer.page, officer.page.keyboard.press
    state, total = page.locator("[data-draft-status]"), page.locator("#verdict-total .live-value")
    officer.go(REVIEW)
    expect(state).to_contain_text("填写后自动保存")
    before = int(re.match(r"\d+", total.inner_text())[0])

    press("j")
    expect(page.locator("[id='mark-A1.1']")).to_be_focused()
    press("e")
    expect(page.locator("[data-pane] .piece-look img")).to_be_visible()
    press("Escape")
    press("Enter")  # as the chamber marked it
    expect(page.locator("[id='mark-A1.1']")).to_have_value("10")
    page.keyboard.type("5")
    press("Enter")
    expect(page.locator("[id='reason-A1.2']")).to_be_focused()
    page.keyboard.type("缺一次记录。")
    press("Escape")
    expect(page.locator("[id='told-A1.2']")).to_have_text("低于自评2分")
    expect(page.locator("[id='row-A1.2'] .saved")).to_contain_text("已保存")
    expect(total).to_contain_text(f"{before - 2}/500")
    expect(page.locator("#verdict-progress .live-value")).to_contain_text("2/90项")
    expect(page.locator("a.chip[href='#part-A'] .figure")).to_have_text("2/21")

    page.context.set_offline(True)
    press("j")
    page.keyboard.type("3")
    press("Enter")
    page.keyboard.type("断网时填写。")
    expect(state).to_contain_text("未连接网络，已存在本机")
    page.context.set_offline(False)
    expect(state).to_contain_text("全部已保存")

    page.context.clear_cookies()
    press("Escape")
    press("j")
    press("Enter")
    expect(page.locator("dialog[open]")).to_contain_text("登录已过期")
    page.fill("#sign-in-again-password", "Sihao-demo-2020")
    press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(state).to_contain_text("全部已保存")

    press("o")
    press("Space")
    press("Tab")
    page.keyboard.type("经核对属实。")
    expect(page.locator("#opinion_text-field .saved")).to_contain_text("已保存")
    expect(page.locator("[data-acts] .closed-acts")).to_contain_text("请先确认已核对申报材料的真实性。")

    officer.go(REVIEW)
    kept = {code: page.locator(f"[id='mark-{code}']").input_value() for code in ("A1.1", "A1.2", "A1.3", "A1.4")}
    assert kept == {"A1.1": "10", "A1.2": "5", "A1.3": "3", "A1.4": "7"}
    assert page.locator("[id='reason-A1.3']").input_value() == "断网时填写。"
    assert page.locator("[name=opinion_stance][value=agree]").is_checked()
    assert page.locator("#opinion_text").input_value() == "经核对属实。"
    press("?")
    expect(page.locator("dialog[open]")).to_contain_text("下一行、上一行")
    press("Escape")
    press("g")
    expect(page.locator("main")).to_contain_text("没有其他待审核的申报件。")
    assert officer.faults == []
