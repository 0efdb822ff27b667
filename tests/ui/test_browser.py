"""The gallery in a real browser: axe, keyboard, narrow screens, and the small scripts."""

import pytest

pytestmark = pytest.mark.e2e
NARROW, WIDE = (360, 800), (1366, 768)


def complaints(page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("page", [NARROW, WIDE], indirect=True)
@pytest.mark.parametrize("path", ["/gallery/", "/gallery/?shell=public", "/gallery/form/", "/gallery/paper/"])
def test_axe_finds_nothing_and_nothing_runs_off_the_side(site, page, path):
    page.goto(site + path)

    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") == 0


def test_axe_finds_nothing_in_a_refused_form_and_the_summary_has_the_focus(site, page):
    page.goto(f"{site}/gallery/form/")
    page.click("text=提交审核意见")
    page.click("dialog .btn-primary")
    page.wait_for_selector("#error-summary")

    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert complaints(page) == []
    page.click("#error-summary a >> nth=1")
    assert page.evaluate("location.hash") == "#id_decision_0"


def test_nothing_is_lost_at_double_size(site, page):
    page.set_viewport_size({"width": 683, "height": 384})
    page.goto(f"{site}/gallery/")

    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.action-bar')).position") == "static"


def test_the_first_tab_leads_to_the_text(site, page):
    page.goto(f"{site}/gallery/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"

    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("page", [NARROW], indirect=True)
def test_fingers_find_what_they_press(site, page):
    page.goto(f"{site}/gallery/")
    small = page.evaluate(
        """() => [...document.querySelectorAll(".sidebar a, .btn:not(.btn-small), .form-control, .form-check, summary")]
          .filter((one) => one.checkVisibility() && !one.closest("table") && one.getBoundingClientRect().height < 44)
          .map((one) => one.outerHTML.slice(0, 120))"""
    )

    assert small == []


def test_an_irreversible_act_asks_first(site, page):
    page.goto(f"{site}/gallery/")
    page.click(".action-bar .btn-primary")
    assert page.inner_text("dialog h2") == "确认“报上级审核”"
    assert page.inner_text("dialog p") == "报送后，本案转交临江市工商联办理，县级审核得分不能再改。"
    assert page.evaluate("document.activeElement.textContent") == "返回"

    page.keyboard.press("Escape")

    assert page.evaluate("document.querySelector('dialog').open") is False
    assert page.evaluate("document.activeElement.textContent") == "报上级审核"


def test_the_account_menu_closes_by_keyboard(site, page):
    page.goto(f"{site}/gallery/")
    page.focus(".account > summary")
    page.keyboard.press("Enter")
    assert page.is_visible("#seat-switch")

    page.keyboard.press("Escape")

    assert not page.is_visible("#seat-switch")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_the_total_only_adds(site, page):
    page.goto(f"{site}/gallery/")
    page.fill("[name='mark-A1.1']", "8.5")
    assert page.inner_text("[data-total]") == "24.5"

    page.fill("[name='mark-A1.1']", "不详")

    assert page.inner_text("[data-total]") == "16"


def test_a_long_text_says_how_long_it_is(site, page):
    page.goto(f"{site}/gallery/")
    page.fill("#summary", "𬭎" * 501)

    assert page.inner_text("#summary ~ .charcount") == "已写501字，超出1字（50字至500字）"


def test_a_row_is_added_with_names_of_its_own(site, page):
    page.goto(f"{site}/gallery/")
    page.click("text=增加一行")

    assert page.evaluate("document.activeElement.name") == "awards-2-title"
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "第3行奖项名称"
    assert page.input_value("[name=awards-rows]") == "3"


def test_a_job_is_followed_to_its_end(site, page):
    answers = [
        {"state": "running", "label": "办理中", "done": 900, "total": 1500},
        {"state": "done", "label": "已完成", "done": 1500, "total": 1500},
    ]
    page.route("**/job.json", lambda route: route.fulfill(json=answers.pop(0)))
    page.goto(f"{site}/gallery/")
    page.evaluate(
        """async () => {
          const box = document.querySelector(".job");
          Object.assign(box.dataset, { jobUrl: "/job.json", jobState: "running", jobStay: "" });
          await import("/static/js/job.js");
        }"""
    )
    page.locator("[data-job-label]", has_text="已完成").wait_for(timeout=8000)

    assert page.inner_text("[data-job-count]") == "1500/1500"
    assert page.evaluate("document.querySelector('progress').value") == 1500
    assert answers == []


def test_everything_can_be_done_without_scripts(site, page):
    plain = page.context.browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    plain.goto(f"{site}/gallery/form/")
    plain.click("details.account > summary")
    assert plain.is_visible("text=切换身份")
    plain.click("details.account > summary")

    plain.click("text=提交审核意见")

    assert plain.inner_text("#error-summary h2").strip() == "有6处需要改正"
    plain.goto(f"{site}/gallery/")
    plain.click(".closed-acts summary")
    assert plain.is_visible("text=推荐由持有名额的省级工商联办理，本级没有名额。")
