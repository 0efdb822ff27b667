"""The form as it is looked at: its index stays, nothing runs off the side, figures and time are told live."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Site

pytestmark = pytest.mark.e2e

PHONE, DESK = (360, 740), (1280, 800)
CASE = 1
WORK = f"/work/cases/{CASE}"


@pytest.fixture(scope="module")
def world(served_copy: Callable, demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served_copy(demo_folder, tmp_path_factory.mktemp("face") / "world") as site:
        yield site


@pytest.fixture(scope="module")
def session(world: Site, browser: Browser) -> dict[str, object]:
    """The secretary, signed in once for the file."""
    with closing(browser.new_context(base_url=world.url)) as context:
        page = context.new_page()
        page.goto("/account/sign-in/")
        page.fill("[name=username]", "chamber")
        page.fill("[name=password]", "Sihao-demo-2020")
        page.keyboard.press("Enter")
        page.wait_for_url("**/work/")
        return context.storage_state()


@pytest.fixture
def page(world: Site, session: dict, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of the size asked for; a test that says so in its name has no scripts."""
    width, height = getattr(request, "param", DESK)
    context = browser.new_context(
        base_url=world.url,
        viewport={"width": width, "height": height},
        storage_state=session,
        locale="zh-CN",
        java_script_enabled="without_scripts" not in request.node.name,
    )
    with closing(context):
        yield context.new_page()


def complaints(page: Page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("page", [PHONE, DESK], indirect=True)
@pytest.mark.parametrize("name", ["form", "self-assessment"])
def test_axe_finds_nothing_and_the_index_stays_and_follows(page: Page, name: str):
    page.goto(f"{WORK}/{name}/")

    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") == 0
    for link in page.locator("[data-side-index] a").all()[:3]:
        goal = link.get_attribute("href")
        page.evaluate("goal => document.querySelector(goal).scrollIntoView()", goal)
        expect(page.locator("[data-side-index] a[aria-current]")).to_have_attribute("href", goal)
        box = page.locator("[data-side-index]").bounding_box()
        assert box is not None
        assert 0 <= box["y"] < page.viewport_size["height"] / 3
        mark = link.bounding_box()
        assert 0 <= mark["x"] < mark["x"] + mark["width"] <= page.viewport_size["width"] + 1


def test_a_text_is_counted_as_the_server_counts_it_and_is_never_cut(page: Page):
    page.goto(f"{WORK}/form/")
    area = page.locator("[name=deeds]")

    area.fill("一，二\u3000三\n\t 四\ufeff🏛️" + "字" * 1600)

    assert page.locator(".charcount").inner_text() == "已写1608字，超出108字（800字至1500字）"
    assert area.evaluate("one => one.value.length") > 1600
    area.fill("字" * 799)
    assert page.locator(".charcount").inner_text() == "已写799字，还差1字（800字至1500字）"


def test_the_time_left_goes_on_while_the_page_stays_open(page: Page):
    page.clock.install()
    page.goto(f"{WORK}/form/")
    left = page.locator(".page-head .countdown-left")
    words = [left.inner_text()]

    for hours in (72, 14, 24):
        page.clock.fast_forward(hours * 3_600_000)
        page.clock.run_for(11_000)
        words.append(left.inner_text())

    assert words[0] == "还有3天"
    assert words[1].startswith("今天到期，还有1")
    assert words[2].startswith("今天到期，")
    assert words[3] == "已逾期1天"


def test_without_scripts_saving_leads_to_the_first_fault_and_keeps_it(page: Page, world: Site):
    page.goto(f"{WORK}/form/")
    page.fill("[name=members_2020]", "一百多")
    page.fill("[name=staff_total]", "5人")

    page.locator("[name=_then][value=group-7]").click()

    assert page.url.endswith("/form/#field-members_2020")
    assert page.input_value("[name=members_2020]") == "一百多"
    assert "有2处填写有误，已照原样保留，请改正。" in page.locator("main").inner_text()
    page.locator("#error-summary a", has_text="六（4）").click()
    assert page.url.endswith("#field-staff_total")


def test_on_paper_it_is_the_annex_with_room_to_sign(page: Page):
    page.goto(f"{WORK}/form/")
    page.emulate_media(media="print")

    assert page.locator(".print-head").inner_text().split("\n")[0] == "附件4（重建稿，非官方）"
    signed = page.locator(".signatures").inner_text()
    assert [
        words in signed for words in ("法定代表人（会长）签字：", "商会（盖章）：", "年　　月　　日")
    ] == [True] * 3
    shell = (
        ".masthead",
        ".side-index",
        ".action-bar",
        ".field-help",
        ".field-uses",
        ".live-verdict",
        ".charcount",
    )
    assert [name for name in shell if page.locator(name).first.is_visible()] == []
    area = page.locator("[name=deeds]")
    assert area.evaluate("one => one.scrollHeight <= one.clientHeight + 1")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert area.is_hidden()
    assert page.locator("[name=deeds] + .print-text").inner_text() == area.input_value()
    assert page.locator("[name=reg_date] + .print-text").inner_text() == "2012年6月18日"
    rows = page.locator("[data-rows=awards] tbody tr")
    assert rows.evaluate_all("many => many.map(one => one.offsetHeight > 0)") == [True, False]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".print-text").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@pytest.fixture(autouse=True)
def as_it_was(world: Site) -> Iterator[None]:
    """Put the answers back that a test changed."""
    with closing(sqlite3.connect(world.folder / "sihao.sqlite3", timeout=20)) as tables:
        before = tables.execute("SELECT id, value, problem FROM declarations_answer").fetchall()
    yield
    with closing(sqlite3.connect(world.folder / "sihao.sqlite3", timeout=20)) as tables, tables:
        tables.executemany("UPDATE declarations_answer SET value = ?2, problem = ?3 WHERE id = ?1", before)
