"""From the county to the department: returned twice, reviewed again where it changed, decided, sealed, sent up.

Every refusal on the way shows its sentence.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor, change
from tests.e2e.walk import Walk

pytestmark = pytest.mark.e2e

CASE, OTHER = 1, 3
CHAMBER, RIVAL = "临颍县食品工业商会（示例）", "河南省"
ONE_PLACE = (
    "UPDATE declarations_quota SET places = 1"
    " WHERE organisation_id = (SELECT id FROM accounts_organisation WHERE code = '410000')"
)


def one_place(folder: Path) -> None:
    change(folder, ONE_PLACE)


def words(person: Visitor) -> str:
    return person.page.locator("main").inner_text()


def send_back(people: Walk, officer: str, items: dict[str, str]) -> None:
    person = people.person(officer)
    person.go(f"/work/cases/{CASE}/return/")
    for place, (code, text) in enumerate(items.items()):
        person.page.select_option(f"[name=form-{place}-item]", code)
        person.page.select_option(f"[name=form-{place}-reason]", "missing")
        person.page.fill(f"[name=form-{place}-text]", text)
    person.press("退回修改")
    assert f"已退回修改，共{len(items)}项。" in words(person)


def mend(people: Walk, items: dict[str, str]) -> None:
    """Let the chamber change the words of the named rows alone, answer each, and hand in again."""
    person = people.person("chamber")
    person.go(f"/work/cases/{CASE}/self-assessment/")
    open_rows = person.page.locator("textarea[name^='words-']:enabled")
    assert [one.get_attribute("name") for one in open_rows.all()] == [f"words-{code}" for code in items]
    for code, text in items.items():
        person.page.fill(f"[name='words-{code}']", text)
    person.press("保存")
    expect(person.page.locator("[data-draft-status]")).to_contain_text("全部已保存")
    person.go(f"/work/cases/{CASE}/return-slip/")
    for code in items:
        person.page.fill(f"[name='reply-{code}']", "已补充。")
    person.press("保存修改说明")
    people.step("president", CASE, "resubmit", "重新提交")


def settle(people: Walk, officer: str) -> None:
    """Compare old and new side by side and say of each item that it is mended."""
    person = people.person(officer)
    person.go(f"/work/cases/{CASE}/returns/")
    assert "退回前" in words(person)
    for box in person.page.locator("input[type=radio][value=mended]").all():
        box.check()
    person.press("保存核对结果")


def look_again(people: Walk, tier: str, codes: list[str]) -> None:
    """See these rows and no other, confirm them, and pass the case on."""
    person = people.person(tier)
    person.go(f"/work/cases/{CASE}/delta/")
    rows = person.page.locator(".delta-row")
    assert [one.get_attribute("id") for one in rows.all()] == [f"row-{code}" for code in codes]
    person.press("保存并全部标为已核对")
    people.step(tier, CASE, "confirm_delta", "核对完毕")


def refused(people: Walk, username: str, address: str, *sentences: str) -> None:
    person = people.person(username)
    person.go(address)
    for sentence in sentences:
        assert sentence in words(person)


def step_back(people: Walk) -> None:
    """Recuse the officer from the case: he finds it no more and may not fix the list; then he is free again."""
    leader, officer = people.person("province-leader"), people.person("province")
    officer.go("/work/board/")
    leader.go(f"/work/cases/{CASE}/recusals/")
    who = leader.page.locator("[name=who] option").filter(has_text=re.compile("^示例省级经办人（"))
    leader.page.select_option("[name=who]", who.get_attribute("value"))
    leader.page.fill("[name=reason]", "与该会会长是近姻亲。")
    leader.press("登记回避")
    officer.press("固定名单")
    assert "名单内有您应当回避的申报" in officer.page.locator("body").inner_text()
    assert officer.page.goto(f"{officer.url}/work/cases/{CASE}/").status == 404
    officer.go("/work/board/")
    assert CHAMBER not in officer.page.locator("body").inner_text()
    leader.go(f"/work/cases/{CASE}/recusals/")
    leader.page.get_by_role("link", name=re.compile("^解除")).first.click()
    leader.page.fill("[name=reason]", "经核实不是近姻亲。")
    leader.page.locator("main form button").last.click()
    leader.page.wait_for_load_state()


def tamper(folder: Path, value: str) -> str:
    """Write another address into the case, behind the program's back; return what stood there."""
    with closing(sqlite3.connect(folder / "sihao.sqlite3", timeout=20)) as tables, tables:
        where = "WHERE declaration_id = ? AND field = 'address'"
        (was,) = tables.execute(f"SELECT value FROM declarations_answer {where}", [CASE]).fetchone()  # noqa: S608
        tables.execute(f"UPDATE declarations_answer SET value = ? {where}", [value, CASE])  # noqa: S608
        return was


def test_a_case_goes_up_the_tree_and_its_list_to_the_department(site, visit):
    served = site(one_place)
    people = Walk(served, visit)
    people.submit("province")
    people.recommend("province")

    people.submit("county")
    send_back(people, "county", {"A1.2": "请补充学习记录。", "B1.3": "请核对换届情况。"})
    mend(people, {"A1.2": "补充后的学习记录。", "B1.3": "核对后的换届情况。"})
    settle(people, "county")
    refused(people, "county", f"/work/cases/{CASE}/step/forward/", "请先填写本级审核意见", "依据：五（二）1")
    people.to_unit("county")

    send_back(people, "province", {"C1.1": "请补充服务记录。"})
    mend(people, {"C1.1": "补充后的服务记录。"})
    look_again(people, "county", ["C1.1"])
    look_again(people, "city", ["C1.1"])
    settle(people, "province")
    people.review("province", CASE)
    refused(people, "province-leader", f"/work/cases/{CASE}/step/shortlist/", "推荐名额已满（1/1），可列为备选。")
    kept = people.step("province-leader", CASE, "reserve", "列为备选")
    assert kept.sees("已办理“列为备选”")

    # The first version of the list is decided and printed; then the leading body takes the other chamber.
    people.decide_list("county")
    old = people.print_papers("county")
    officer = people.person("province")
    officer.go("/work/board/")
    officer.press("重新打开名单")
    officer.page.fill("[name=reason]", "调整推荐对象。")
    officer.press("重新打开名单")
    for case, name, label in ((OTHER, "demote", "改列备选"), (CASE, "promote", "改列拟推荐")):
        leader = people.person("province-leader")
        leader.go(f"/work/cases/{case}/step/{name}/")
        if leader.page.locator("[name=reason]").count():
            leader.page.fill("[name=reason]", "择优推荐。")
        leader.press(label)

    step_back(people)
    people.decide_list("county")
    people.print_papers("county")
    people.scan(officer, "report", old)
    people.until(officer, officer.page.locator("#paper-report .badge-danger"))
    told = officer.page.locator("#paper-report").inner_text()
    assert "第1版" in told
    assert "第2版" in told
    assert CHAMBER in told
    officer.page.get_by_role("button", name="移除report.pdf").click()
    people.seal("county")

    address = tamper(served.folder, '"另一地址"')
    refused(people, "province-leader", "/work/lists/1/upload/", "集体研究以后名单有变化", CHAMBER)
    tamper(served.folder, address)
    leader = people.person("province-leader")
    leader.go("/work/board/")
    leader.press("推荐上报")
    leader.press("推荐上报")
    assert "回执编号SH2020-410000-01" in words(leader)
    people.accept()
    leader.go("/work/board/")
    assert "已接收" in words(leader)
    assert people.faults() == []
