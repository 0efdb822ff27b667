"""Filling in, in a real browser: by keyboard alone, through a broken line, past the end of a session, two at once."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser import PATIENCE
from tests.e2e.conftest import Site

pytestmark = pytest.mark.e2e

PASSWORD = "Sihao-demo-2020"
SHARED, BLANK, OWN = 1, 2, 3  # the cases of this file, and what each of them serves
WRITERS = {SHARED: "chamber", BLANK: "chamber-city", OWN: "chamber-province"}
STORY = "商会成立以来坚持为会员办实事。" * 60


@dataclass(frozen=True)
class Rows:
    """The tables of a served world, as they stand."""

    folder: Path

    def ask(self, query: str, *words: object) -> list[tuple]:
        with closing(sqlite3.connect(self.folder / "sihao.sqlite3", timeout=20)) as tables, tables:
            return tables.execute(query, words).fetchall()

    def answer(self, case: int, field: str) -> object:
        query = "SELECT value FROM declarations_answer WHERE declaration_id = ? AND field = ?"
        found = self.ask(query, case, field)
        return json.loads(found[0][0]) if found else None

    def mark(self, case: int, code: str) -> tuple[str, str]:
        [(points, typed, words)] = self.ask(
            "SELECT m.points, m.typed, m.words FROM scoring_mark m JOIN scoring_assessment a ON a.id = m.assessment_id"
            " JOIN declarations_declaration d ON d.ledger_id = a.ledger_id"
            " WHERE d.id = ? AND a.layer = 'self' AND m.code = ?",
            case,
            code,
        )
        return typed or f"{float(points):g}", words


@pytest.fixture(scope="module")
def world(served_copy: Callable, demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve one copy of the demo world for this file; the form of one case is blank."""
    with served_copy(demo_folder, tmp_path_factory.mktemp("filling") / "world", emptied) as site:
        yield site


def emptied(folder: Path) -> None:
    Rows(folder).ask("DELETE FROM declarations_answer WHERE declaration_id = ?", BLANK)
    Rows(folder).ask("DELETE FROM declarations_answerversion WHERE declaration_id = ?", BLANK)


@pytest.fixture(scope="module")
def rows(world: Site) -> Rows:
    return Rows(world.folder)


@pytest.fixture(scope="module")
def sessions() -> dict[str, object]:
    """Who is signed in: nobody does it twice, but for those whose session a test ends."""
    return {}


Arrive = Callable[..., BrowserContext]


@pytest.fixture
def arrive(world: Site, browser: Browser, sessions: dict) -> Iterator[Arrive]:
    """Return a function that gives an account a browser of its own; the test fails on any fault of a page."""
    contexts, faults = [], []

    def enter(username: str, *, anew: bool = False) -> BrowserContext:
        known = None if anew else sessions.get(username)
        context = browser.new_context(
            viewport={"width": 1280, "height": 800}, base_url=world.url, storage_state=known
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        if not known:
            sign_in(context, username)
        if not anew:
            sessions[username] = context.storage_state()
        return context

    yield enter
    for context in contexts:
        context.close()
    assert faults + world.faults() == []


def sign_in(context: BrowserContext, username: str) -> None:
    page = context.new_page()
    page.goto("/account/sign-in/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/work/")
    page.close()


def opened(context: BrowserContext, case: int, name: str = "form") -> Page:
    page = context.new_page()
    page.goto(f"/work/cases/{case}/{name}/")
    return page


def state(page: Page) -> Locator:
    return page.locator("[data-draft-status]")


def until_saved(page: Page) -> None:
    expect(state(page)).to_contain_text("全部已保存")


def field(page: Page, name: str) -> Locator:
    return page.locator(f"[name='{name}']")


def part(page: Page, name: str) -> Locator:
    return page.locator(f"[data-field='{name}']")


# ---- by keyboard alone

FOCUSED = """() => {
  const one = document.activeElement;
  const box = one.closest("[data-field]");
  return {
    unit: box ? box.dataset.field : "", name: one.name || "", type: one.type || one.localName, words: one.textContent,
    column: (one.name || "").replace(/.*-/, ""), value: one.value || "", id: one.id, area: one.localName === "textarea",
    figure: Boolean(one.inputMode), options: one.options ? one.options.length : 0,
  };
}"""
DRAWN = """() => Object.fromEntries([...document.querySelectorAll("form[data-draft] [data-field] [name]")]
  .filter((one) => one.type !== "hidden" && (!["radio", "checkbox"].includes(one.type) || one.checked))
  .map((one) => [one.name + (one.type === "checkbox" ? `=${one.value}` : ""), one.value]))"""


class Typist:
    """Somebody who fills in a form and has no mouse."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, page.keyboard
        self.units: set[str] = set()
        self.added: set[str] = set()

    def fill_in(self) -> None:
        """Go through the page by Tab until its end, and answer whatever has the focus."""
        before = None
        for _ in range(900):
            self.keys.press("Tab")
            now = self.page.evaluate(FOCUSED)
            if now["type"] == "body" or (now["words"] == "跳到正文" and self.units):
                return
            if now["unit"] and now["id"] != before:
                self.answer(now)
            before = now["id"]
        pytest.fail("the page has no end")

    def answer(self, now: dict) -> None:
        self.units.add(now["unit"])
        getattr(self, now["type"].replace("-", "_"), self.other)(now)

    def text(self, now: dict) -> None:
        self.keys.type("12" if now["figure"] else "答案")

    def textarea(self, now: dict) -> None:
        self.keys.insert_text(STORY)

    def select_one(self, now: dict) -> None:
        self.keys.press("ArrowDown")

    def radio(self, now: dict) -> None:
        self.keys.press("Space")
        self.keys.press("ArrowDown")

    def checkbox(self, now: dict) -> None:
        self.keys.press("Space")

    def date(self, now: dict) -> None:
        for key in ("ArrowUp", "ArrowRight", "ArrowUp", "ArrowRight", "ArrowUp"):
            self.keys.press(key)

    def button(self, now: dict) -> None:
        if now["words"] == "增加一行" and now["unit"] not in self.added:
            self.added.add(now["unit"])
            self.keys.press("Enter")
            self.answer(self.page.evaluate(FOCUSED))

    def other(self, now: dict) -> None:
        pytest.fail(f"nobody knows how to answer {now}")


def test_the_whole_form_is_filled_in_by_keyboard_alone(arrive, rows):
    page = opened(arrive(WRITERS[BLANK]), BLANK)
    fields = page.eval_on_selector_all("[data-field]", "all => all.map((one) => one.dataset.field)")
    typist = Typist(page)

    typist.fill_in()
    until_saved(page)
    typed = page.evaluate(DRAWN)
    page.reload()
    drawn = page.evaluate(DRAWN)

    assert len(fields) > 100
    assert typist.units == set(fields)
    filled = {name: value for name, value in typed.items() if value}
    assert {name: drawn.get(name) for name in filled} == filled
    assert len(filled) > len(fields) + 10
    stored = rows.ask("SELECT field FROM declarations_answer WHERE declaration_id = ?", BLANK)
    assert {name for (name,) in stored} == set(fields)
    assert len(typist.added) == 1


# ---- through a broken line


def test_what_is_typed_without_network_outlives_the_tab(arrive, rows):
    person = arrive(WRITERS[OWN])
    page = opened(person, OWN)
    field(page, "legal_rep").fill("联网时填写")
    until_saved(page)
    person.set_offline(True)

    field(page, "legal_rep").fill("断网后改写")
    page.locator("[data-field=president_roles] [type=checkbox]:checked").first.uncheck()
    list_name = page.locator("[data-rows]").first.get_attribute("data-rows")
    part(page, list_name).get_by_role("button", name="增加一行").click()
    page.keyboard.type("断网时增加的一行")
    row = page.evaluate("document.activeElement.name")
    field(page, "address").press_sequentially("最后几个字")
    address = field(page, "address").input_value()
    expect(state(page)).to_have_text("未连接网络，已存在本机，恢复后自动保存")
    ticked = page.locator("[data-field=president_roles] :checked").count()
    page.close()
    before = rows.answer(OWN, "legal_rep"), rows.answer(OWN, "address") == address
    person.set_offline(False)
    page = opened(person, OWN)
    until_saved(page)

    assert before == ("联网时填写", False)
    assert rows.answer(OWN, "legal_rep") == "断网后改写"
    assert rows.answer(OWN, "address") == address
    assert len(rows.answer(OWN, "president_roles")) == ticked
    assert rows.answer(OWN, list_name)[-1][row.rpartition("-")[2]] == "断网时增加的一行"
    assert page.evaluate("Object.keys(localStorage)") == []
    assert field(page, "legal_rep").input_value() == "断网后改写"
    assert field(page, "address").input_value() == address


def test_the_line_comes_back_and_the_open_page_saves_by_itself(arrive, rows):
    person = arrive(WRITERS[OWN])
    page = opened(person, OWN, "self-assessment")
    person.set_offline(True)
    field(page, "points-A1.1").fill("1")
    field(page, "words-A1.1").fill("断网时写的实际情况")
    expect(state(page)).to_contain_text("未连接网络")

    person.set_offline(False)
    until_saved(page)

    assert rows.mark(OWN, "A1.1") == ("1", "断网时写的实际情况")


def test_a_lost_answer_is_not_a_quarrel_with_oneself(arrive, rows):
    page = opened(arrive(WRITERS[OWN]), OWN)
    lost = []

    def lose(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/form/", lose)
    field(page, "contact_name").fill("收到了")
    expect(state(page)).to_contain_text("已存在本机")
    field(page, "contact_name").fill("收到了又改")
    until_saved(page)

    assert lost == [200]
    assert page.locator(".clash").count() == 0
    assert rows.answer(OWN, "contact_name") == "收到了又改"


# ---- past the end of a session


@pytest.mark.parametrize("ended", ["cookies", "row"])
def test_who_signs_in_again_in_place_loses_nothing(arrive, rows, ended):
    person = arrive(WRITERS[OWN], anew=True)
    page = opened(person, OWN)
    key = next(one["value"] for one in person.cookies() if one["name"] == "sessionid")
    if ended == "cookies":
        person.clear_cookies()
    else:
        rows.ask("DELETE FROM django_session WHERE session_key = ?", key)
    field(page, "address").fill(f"登录过期后填写：{ended}")
    asked = page.get_by_role("dialog", name="登录已过期")
    asked.wait_for()

    page.keyboard.type("wrong-password-1")
    page.keyboard.press("Enter")
    expect(asked.get_by_role("alert")).to_have_text("登录名或密码不正确。")
    before = rows.answer(OWN, "address")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    until_saved(page)
    field(page, "legal_rep").fill(f"接着填写：{ended}")
    page.keyboard.press("Tab")
    expect(part(page, "legal_rep").locator(".saved")).to_contain_text("已保存")
    until_saved(page)

    assert before != f"登录过期后填写：{ended}"
    assert rows.answer(OWN, "address") == f"登录过期后填写：{ended}"
    assert rows.answer(OWN, "legal_rep") == f"接着填写：{ended}"
    assert asked.count() == 0


def test_nothing_is_saved_under_another_person(arrive, rows):
    """Somebody else signs in at the same browser: what the first one typed stays his, and waits for him."""
    person = arrive(WRITERS[SHARED])
    page = opened(person, SHARED)
    person.clear_cookies()
    person.add_cookies(arrive("president").cookies())

    field(page, "competent_unit").fill("不该记在会长名下")
    expect(state(page)).to_contain_text("其他账号")
    another = opened(person, SHARED)

    assert rows.answer(SHARED, "competent_unit") != "不该记在会长名下"
    assert field(another, "competent_unit").input_value() != "不该记在会长名下"


# ---- two at once


def test_two_people_merge_by_field_and_meet_on_the_same(arrive, rows):
    one, other = opened(arrive("chamber"), SHARED), opened(arrive("president"), SHARED)
    field(one, "legal_rep").fill("填报员填的")
    field(other, "address").fill("会长填的")
    until_saved(one)
    until_saved(other)
    merged = rows.answer(SHARED, "legal_rep"), rows.answer(SHARED, "address")

    field(one, "contact_name").fill("甲联系人")
    until_saved(one)
    field(other, "contact_name").fill("乙联系人")
    clash = part(other, "contact_name").get_by_role("group", name="两人填写不一致")
    expect(clash).to_contain_text("乙联系人")
    expect(clash).to_contain_text("甲联系人")
    expect(state(other)).to_contain_text("有1项与他人填写的不一致")
    stands = rows.answer(SHARED, "contact_name")
    clash.get_by_role("button", name="采用对方的").click()
    until_saved(other)
    theirs = rows.answer(SHARED, "contact_name"), field(other, "contact_name").input_value(), clash.count()

    field(other, "contact_name").fill("会长改定")
    until_saved(other)
    field(one, "contact_name").fill("填报员坚持")
    part(one, "contact_name").get_by_role("button", name="保留我填的").click()
    until_saved(one)

    assert merged == ("填报员填的", "会长填的")
    assert stands == "甲联系人"
    assert theirs == ("甲联系人", "甲联系人", 0)
    assert rows.answer(SHARED, "contact_name") == "填报员坚持"


def test_a_row_of_the_self_assessment_merges_by_cell(arrive, rows):
    one = opened(arrive("chamber"), SHARED, "self-assessment")
    other = opened(arrive("president"), SHARED, "self-assessment")
    field(one, "points-A1.1").fill("2")
    until_saved(one)
    field(other, "words-A1.1").fill("会长写的实际情况")
    until_saved(other)
    merged = rows.mark(SHARED, "A1.1")
    expect(field(other, "points-A1.1")).to_have_value("2")

    field(one, "words-A1.1").fill("填报员写的实际情况")
    clash = one.get_by_role("group", name="两人填写不一致")
    expect(clash).to_contain_text("会长写的实际情况")
    clash.get_by_role("button", name="保留我填的").click()
    until_saved(one)

    assert merged == ("2", "会长写的实际情况")
    assert rows.mark(SHARED, "A1.1") == ("2", "填报员写的实际情况")


def test_two_tabs_of_one_person_agree(arrive, rows):
    person = arrive(WRITERS[OWN])
    one, other = opened(person, OWN), opened(person, OWN)
    field(one, "legal_rep").fill("第一个窗口")
    until_saved(one)
    expect(field(other, "legal_rep")).to_have_value("第一个窗口")
    field(other, "legal_rep").fill("第二个窗口")
    until_saved(other)

    expect(field(one, "legal_rep")).to_have_value("第二个窗口")
    assert rows.answer(OWN, "legal_rep") == "第二个窗口"
    assert one.locator(".clash").count() + other.locator(".clash").count() == 0


def test_what_asks_first_is_not_sent_before_the_answer_where_drafts_save_themselves(arrive, rows):
    page = opened(arrive("chamber"), SHARED, "self-assessment")
    field(page, "points-A1.2").fill("")
    until_saved(page)
    page.reload()
    fill = page.get_by_role("button", name="按建议得分填入未打分的指标")
    fill.click()
    asked = page.locator("dialog[open]")
    expect(asked).to_contain_text("已打的分不变")
    asked.get_by_role("button", name="返回").click()
    expect(asked).to_have_count(0)
    expect(field(page, "points-A1.2")).to_have_value("")

    fill.click()
    asked.get_by_role("button", name="按建议得分填入未打分的指标").click()

    expect(page.locator("main")).to_contain_text("已按建议得分填入1项未打分的指标")
    expect(field(page, "points-A1.2")).to_have_value("7")
