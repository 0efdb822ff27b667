"""The form of the next cycle as a browser meets it: what is asked at each field, and how it is answered."""

import re
import shutil

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from declarations.actions import draft
from declarations.demo import stages
from declarations.demo.stages import DemoClock
from tests import worlds
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    """A chamber that handed in two years ago and has just started anew."""
    folder = tmp_path_factory.mktemp("world")
    with kept(django_db_blocker):
        with building(folder / "evidence"):
            world = worlds.make_world()
            last = worlds.make_submitted(world)
            world.cycle = worlds.make_next_cycle(folder)
            world.clock = DemoClock(worlds.NEXT)
            actor = worlds.president_of(last.applicant)
            case = draft.start(cycle=world.cycle, applicant=last.applicant, actor=actor, now=world.tick())
        yield Ground(world, stages.fresh(case)), folder / "evidence"


@pytest.fixture
def world(ground, storage_root, monkeypatch):
    shutil.copytree(ground[1], storage_root)
    world = ground[0].afresh()
    monkeypatch.setattr("sihao.clock.now", lambda: world.clock.at)
    return world


@pytest.fixture
def case(ground, world):
    return stages.fresh(ground[0].case)


@pytest.fixture
def browser(client, case):
    client.force_login(worlds.president_of(case.applicant).user)
    return client


@pytest.fixture
def form(case):
    return reverse("declarations:form", args=[case.pk])


def carried(case):
    return set(case.answers.filter(carried=True).values_list("field", flat=True))


def told(response):
    return [str(message) for message in response.context["messages"]]


def test_the_form_counts_what_is_not_confirmed_and_asks_at_each_field(browser, case, form):
    html = browser.get(form).content.decode()
    count = len(carried(case))

    assert f"上期沿用，未确认<span data-count>{count}</span>项" in html
    assert html.count("沿用上期，请核对") == count
    assert set(re.findall(r'value="confirm:([a-z0-9_]+)"', html)) == carried(case)
    groups = [int(found) for found in re.findall(r"沿用待核对<span data-count>(\d+)</span>项", html)]
    assert (sum(groups), html.count("本组均已核对")) == (count, len(groups))


def test_the_button_of_a_field_confirms_it_and_saves_what_was_typed_beside(browser, case, form):
    count = len(carried(case))

    answer = browser.post(form, {"_then": "confirm:contact_name", "members_2020": "321"}, follow=True)

    assert answer.redirect_chain == [(f"{form}#field-contact_name-field", 302)]
    assert told(answer) == [f"已核对，上期沿用还有{count - 2}项未确认。"]
    assert not carried(case) & {"contact_name", "members_2020"}
    assert case.answers.get(field="members_2020").value == "321"


def test_the_button_of_a_group_confirms_the_group_and_nothing_else(browser, case, form):
    page = browser.get(form)
    first = page.context["groups"][0]
    inside = {field.name for field in first.fields}
    before = carried(case)

    answer = browser.post(form, {"_then": f"confirm:{first.anchor}"}, follow=True)

    assert answer.redirect_chain == [(f"{form}#{first.anchor}", 302)]
    assert carried(case) == before - inside


def test_a_full_save_confirms_nothing(browser, case, form):
    before = carried(case)
    answers = dict(case.answers.values_list("field", "value"))

    browser.post(form, {name: value for name, value in answers.items() if isinstance(value, str)})

    assert carried(case) == before


def test_a_script_is_told_what_is_left(browser, case, form):
    count = len(carried(case))

    answer = browser.post(form, {"_then": "confirm:contact_name"}, headers=JSON)

    assert (answer.status_code, answer.json()["carried"], answer.json()["refused"]) == (200, count - 1, [])


def test_when_the_last_is_confirmed_the_page_says_so_and_asks_no_more(browser, case, form):
    *groups, last = browser.get(form).context["groups"]
    for group in groups:
        browser.post(form, {"_then": f"confirm:{group.anchor}"})
    browser.get(form)  # reads what was said of those
    answer = browser.post(form, {"_then": f"confirm:{last.anchor}"}, follow=True)

    assert told(answer) == ["上期沿用的内容已全部核对。"]
    html = browser.get(form).content.decode()
    assert ("沿用上期" in html, "上期沿用，未确认" in html, "carried.js" in html) == (False, False, False)
    check = browser.get(reverse("declarations:check", args=[case.pk])).content.decode()
    assert "上期沿用" not in check


def test_the_check_page_names_each_with_a_link_to_its_field(browser, case, form):
    html = browser.get(reverse("declarations:check", args=[case.pk])).content.decode()

    assert "上期沿用，未确认" in html
    places = set(re.findall(rf'href="{form}#field-([a-z0-9_]+)-field"', html))
    assert places == carried(case)


def test_a_field_that_collided_is_not_confirmed(world, browser, case, form):
    actor = worlds.president_of(case.applicant)
    draft.save_answers(case=case, answers={"contact_name": "对方"}, actor=actor, now=world.tick())

    answer = browser.post(
        form, {"_then": "confirm:contact_mobile", "contact_name": "我方", "_seen": "contact_name:1"}
    )

    assert answer.status_code == 409
    assert "contact_mobile" in carried(case)


def test_odd_buttons_confirm_nothing(browser, case, form):
    before = carried(case)
    for odd in ("confirm:", "confirm:nonsense", "confirm:group-999", "confirm:<b>", "confirm:\x00é"):
        assert browser.post(form, {"_then": odd}).status_code == 302
        assert carried(case) == before


def test_confirming_asks_the_same_number_of_queries_for_one_and_for_all(browser, case, form):
    counts = []
    for odd in ("confirm:contact_name", "confirm:group-0"):
        with CaptureQueriesContext(connection) as caught:
            browser.post(form, {"_then": odd}, headers=JSON)
            counts.append(len(caught))

    assert counts[0] == counts[1] <= 12


def test_the_form_asks_no_more_queries_for_what_was_taken_over(browser, case, form):
    browser.get(form)
    with CaptureQueriesContext(connection) as caught:
        browser.get(form)
        many = len(caught)
    case.answers.update(carried=False)
    with CaptureQueriesContext(connection) as caught:
        browser.get(form)
        none = len(caught)

    assert many == none
