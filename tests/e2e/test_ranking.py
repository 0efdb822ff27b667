"""A list ordered in a real browser: by pointer, by finger, by keys; from the reserves and back; two at once."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from declarations.actions import ranking, review
from declarations.models import Declaration
from declarations.states import State
from tests import rush, worlds

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
LISTED, RESERVES = 5, 2
TOLD = "[data-told]"


@pytest.fixture
def place():
    """Five cases on the list, from the highest total to the lowest, and two reserves."""
    found = rush.ground(worlds.make_world(), LISTED + RESERVES)
    for number, case in enumerate(found.cases):
        act = review.shortlist if number < LISTED else review.reserve
        act(case=case, actor=found.leader, now=found.world.tick())
        Declaration.objects.filter(pk=case.pk).update(unit_total=450 - 10 * number)
    rush.count_totals(found.unit)
    return found


@pytest.fixture
def page(place, live_server, browser: Browser) -> Iterator[Page]:
    client = Client()
    client.force_login(place.leader.user)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    size = {"width": 1280, "height": 1500}
    context = browser.new_context(base_url=live_server.url, viewport=size, has_touch=True, locale="zh-CN")
    context.add_cookies([cookie | {"url": live_server.url}])
    with closing(context):
        page = context.new_page()
        faults = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto("/work/board/")
        yield page
        assert faults == []


def stored(*, reserve=False):
    rows = Declaration.objects.filter(state=State.SHORTLISTED, is_reserve=reserve).order_by("rank")
    return list(rows.values_list("pk", flat=True))


def shown(page, side="listed"):
    keys = page.eval_on_selector_all(f"[data-list={side}] [data-key]", "all => all.map(one => one.dataset.key)")
    return [int(key) for key in keys]


def grip(page, key):
    return page.locator(f"#case-{key} [data-grip]")


def ranks(page):
    return page.eval_on_selector_all("[data-list=listed] input", "all => all.map(one => one.value)")


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, key, onto, below):
    """Drag a case by its grip to just beside another row."""
    row = page.locator(f"#case-{onto}").bounding_box()
    page.mouse.move(*middle(grip(page, key)))
    page.mouse.down()
    page.mouse.move(row["x"] + 40, row["y"] + (row["height"] - 4 if below else 4), steps=4)
    page.mouse.up()


def touch(page, key, onto):
    """Drag with a finger to just below another row: what a browser makes of it."""
    row = page.locator(f"#case-{onto}").bounding_box()
    x, y = middle(grip(page, key))
    session = page.context.new_cdp_session(page)
    for kind, at in (("touchStart", y), ("touchMove", y + 30), ("touchMove", row["y"] + row["height"] - 4)):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": at}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_list_is_ordered_by_pointer_by_finger_and_by_keys(place, page):
    a, b, c, d, e, f, g = (case.pk for case in place.cases)
    said, name = page.locator(TOLD), {case.pk: case.applicant_name for case in place.cases}

    # By pointer: the lowest to the top, where it stands against its points.
    drag(page, e, a, below=False)
    expect(said).to_have_text(f"{name[e]}移至第1位。")
    assert (stored(), shown(page), ranks(page)) == ([e, a, b, c, d], [e, a, b, c, d], ["1", "2", "3", "4", "5"])
    expect(page.locator(f"#case-{e} [data-mark=ask]")).to_be_visible()
    expect(page.locator("[data-lacking]")).to_contain_text("有1家须写明理由")

    # By finger: back to the end.
    touch(page, e, d)
    expect(said).to_have_text(f"{name[e]}移至第5位。")
    assert (stored(), shown(page)) == ([a, b, c, d, e], [a, b, c, d, e])
    expect(page.locator("[data-lacking]")).to_be_hidden()

    # By keys: taken up and given up again, taken up and put down, one step at a time without waiting.
    grip(page, b).focus()
    page.keyboard.press("Space")
    expect(said).to_contain_text(f"已拿起{name[b]}，拟推荐名单第2位，共5位。")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(said).to_have_text(f"{name[b]}没有移动。")
    assert shown(page) == [a, b, c, d, e]
    for key in ("Space", "ArrowDown", "ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(said).to_have_text(f"{name[b]}移至第4位。")
    for _ in range(3):
        page.keyboard.press("Alt+ArrowUp")
    expect(said).to_have_text(f"{name[b]}移至第1位。")
    expect(grip(page, b)).to_be_focused()
    assert (stored(), shown(page)) == ([b, a, c, d, e], [b, a, c, d, e])

    # Over the border: up without a word, down with a reason; without one it goes back.
    grip(page, f).focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".messages")).to_have_text(f"{name[f]}改列拟推荐第6位。", use_inner_text=True)
    assert (stored(), stored(reserve=True)) == ([b, a, c, d, e, f], [g])
    drag(page, e, g, below=True)
    page.locator("dialog[open]").get_by_role("button", name="返回").click()
    expect(said).to_have_text(f"{name[e]}没有移动。")
    assert shown(page) == [b, a, c, d, e, f]
    drag(page, e, g, below=True)
    page.fill("#demote-reason", "得分较低。")
    page.locator("dialog[open]").get_by_role("button", name="改列备选").click()
    expect(page.locator(".messages")).to_have_text(f"{name[e]}改列备选第2位。", use_inner_text=True)
    assert (stored(), stored(reserve=True)) == ([b, a, c, d, f], [g, e])

    # Somebody else was quicker: told, and the page shows the order as it is.
    ranking.move(case=place.cases[0], to=5, actor=place.leader, now=place.world.tick())
    drag(page, c, b, below=False)
    expect(page.locator("[data-refused]")).to_contain_text("您看到的是变动前的次序，本次调整没有写入。")
    assert shown(page) == stored() == [b, c, d, f, a]
