"""The live verdict and handing in, in a real browser: fifteen visits of a hundred are refused, twenty pass."""

import time

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

CASE = "/work/cases/1/"
FIGURES = {
    "members_2018": "110",
    "members_2019": "120",
    "members_2020": "130",
    "unit_members_2020": "100",
    "individual_members_2020": "30",
    "ent_members_2019": "100",
    "ent_members_2020": "100",
    "contacted_2019": "66",
    "contacted_2020": "69",
    "reachable_2019": "88",
    "reachable_2020": "90",
    "visited_2020": "25",
    "visited_2019": "15",
}
FIFTEEN = "2019年走访会员企业15家，占会员企业100家的15%，不足20%，B2.7不能评满分6分。"


def test_fifteen_visits_are_refused_and_twenty_pass(site, visit):
    president = visit(site(), "president")
    page = president.page

    president.go(f"{CASE}form/")
    for name, value in FIGURES.items():
        page.fill(f"[name={name}]", value)
    for name in ("visited_2019", "ent_members_2019"):
        expect(page.locator(f"[data-field={name}] [data-found-list]")).to_contain_text(FIFTEEN)

    president.go(f"{CASE}self-assessment/")
    page.locator("#verdict-baseline > summary").click()
    page.locator("[id='verdict-baseline-B2.7'] > summary").click()
    page.fill("[name='points-B2.7']", "4")
    began = time.monotonic()
    expect(page.locator("#verdict-baseline .live-value")).to_contain_text("1/7")
    assert time.monotonic() - began < 5  # a second on a machine of its own
    expect(page.locator("#verdict-baseline")).to_have_attribute("open", "")
    expect(page.locator("[id='verdict-baseline-B2.7']")).to_have_attribute("open", "")
    page.fill("[name='points-B2.7']", "6")
    reason = page.locator("[name='reason-B2.7']")
    expect(reason).to_be_visible()
    reason.fill("另有电话走访。")
    expect(page.locator("[data-field='B2.7'] [data-found-list] li")).to_have_count(1)

    president.go(f"{CASE}check/")
    assert president.sees(FIFTEEN)
    president.go(f"{CASE}step/submit/")
    assert president.sees(f"{FIFTEEN}请核对：2019年实地走访会员企业数（去重）、2019年底会员企业数")
    president.go(f"{CASE}check/")
    page.locator("#blocking").get_by_role("link", name="2019年实地走访会员企业数（去重）").click()
    page.fill("[name=visited_2019]", "20")
    expect(page.locator("[data-field=visited_2019] [data-found-list]")).to_have_count(0)

    president.go(f"{CASE}check/")
    president.press("提交申报")
    president.press("提交申报")

    president.go(f"{CASE}receipt/")
    assert "SH2020-000001-01" in page.locator("body").inner_text()
    president.go(CASE)
    assert president.sees("撤回修改")
    assert president.faults == []
