"""Limits of the tiers below a province: hard ones stop forwarding, soft ones warn; who leaves frees the place."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from declarations.actions import draft, review
from declarations.actions.forwarding import set_limit
from declarations.demo import stages
from declarations.models import ForwardedPlace, ForwardLimit
from declarations.states import DeclineReason, ReturnReason, State
from sihao import clock
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.queries import trail_of
from tests import worlds
from tests.factories import make_federation
from tests.kept import as_it_stands, kept

pytestmark = pytest.mark.django_db
FULL = "本级报送名额已满（1/1）。名额由上级工商联设定。"


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker):
    """Two cases that a county has reviewed and may forward."""
    with kept(django_db_blocker):
        world = worlds.make_world()
        cases = [stages.review_as_holder(world, worlds.make_submitted(world)) for _ in range(2)]
        yield world, [case.pk for case in cases]


@pytest.fixture
def world(ground, monkeypatch):
    mine = as_it_stands(ground[0])
    monkeypatch.setattr(clock, "now", lambda: mine.clock.at)
    return mine


@pytest.fixture
def cases(ground):
    return [stages.fresh(stages.Declaration(pk=pk)) for pk in ground[1]]


@pytest.fixture
def county(world):
    return make_federation(worlds.COUNTY)


def limit(world, unit, places, *, hard):
    return set_limit(
        cycle=world.cycle, unit=unit, places=places, hard=hard, actor=world.seats["head"], now=world.tick()
    )


def forward(world, case):
    return review.forward(case=case, actor=world.leader(case.holder), now=world.tick())


def refused(act, *args, **words):
    with pytest.raises(Refused) as caught:
        act(*args, **words)
    return [str(one) for one in caught.value.refusals]


def used(unit):
    return ForwardLimit.objects.get(organisation=unit).used


def test_a_hard_limit_lets_its_last_case_through_and_not_one_more(world, county, cases):
    limit(world, county, 1, hard=True)

    forward(world, cases[0])

    assert refused(forward, world, cases[1]) == [f"{FULL}（四）"]
    assert (used(county), ForwardedPlace.objects.get().declaration) == (1, cases[0])


def test_a_soft_limit_warns_on_the_page_and_lets_through(world, county, cases):
    limit(world, county, 1, hard=False)
    forward(world, cases[0])
    client = Client()
    client.force_login(world.leader(county).user)

    page = client.get(reverse("declarations:step", args=[cases[1].pk, "forward"])).content.decode()
    forward(world, cases[1])

    told = " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
    assert "本级已报1件，达到上级工商联设定的报送名额1件。可以继续报送，由上级工商联择优。" in told
    assert used(county) == 2


def test_without_a_limit_nothing_is_asked(world, cases):
    assert [forward(world, case).holder.code for case in cases] == [worlds.CITY] * 2


@pytest.mark.parametrize("way", ["withdrawn", "declined"])
def test_a_case_that_ends_frees_the_place_for_the_next(world, county, cases, way):
    limit(world, county, 1, hard=True)
    first = forward(world, cases[0])

    if way == "withdrawn":
        president = worlds.president_of(first.applicant)
        draft.withdraw(case=first, actor=president, now=world.tick(), reason="换届，本次不再申报。")
    else:
        words = {"code": next(iter(DeclineReason)), "reason": "不符合条件。"}
        review.decline(case=first, actor=world.leader(first.holder), now=world.tick(), **words)

    assert used(county) == 0
    assert forward(world, cases[1]).state == State.LOCAL_REVIEW
    assert used(county) == 1


def test_a_limit_set_late_counts_what_was_forwarded_and_does_not_go_below_it(world, county, cases):
    forward(world, cases[0])

    assert refused(limit, world, county, 0, hard=True) == [
        f"{county}已报1件，报送名额不能设为0个（额满不能再报）。（四）"
    ]
    kept_limit = limit(world, county, 1, hard=True)

    assert (kept_limit.used, kept_limit.places) == (1, 1)
    assert refused(forward, world, cases[1]) == [f"{FULL}（四）"]
    assert trail_of(kept_limit).last().event == Event.LIMIT_SET
    assert limit(world, county, 0, hard=False).places == 0


@pytest.fixture
def sent_back(world, county, cases):
    """The county has one place; its case that held it was returned by the city, and mended."""
    limit(world, county, 1, hard=True)
    case = forward(world, cases[0])
    mend = review.Mend("A1.2", "A1.2 某项", ReturnReason.MISSING, "请补充签到表。")
    review.return_for_correction(case=case, items=[mend], actor=world.officer(case.holder), now=world.tick())
    president = worlds.president_of(case.applicant)
    draft.answer_return(case=case, answers={"A1.2": "已补充。"}, actor=president, now=world.tick())
    return stages.fresh(case)


def resubmit(world, case):
    president = worlds.president_of(case.applicant)
    return draft.resubmit(case=case, actor=president, now=world.tick())


def test_a_returned_case_takes_its_place_again(world, county, sent_back):
    assert used(county) == 0

    again = resubmit(world, sent_back)

    assert (again.holder.code, used(county)) == (worlds.CITY, 1)


def test_a_returned_case_whose_place_is_taken_waits_at_the_tier_that_chooses(world, county, cases, sent_back):
    forward(world, cases[1])

    again = resubmit(world, sent_back)

    assert (again.holder.code, again.state, used(county)) == (worlds.COUNTY, State.LOCAL_REVIEW, 1)
    case = stages.fresh(again)
    review.save_opinion(
        case=case, text="同意。", stance="agree", authentic=True, actor=world.officer(county), now=world.tick()
    )
    assert refused(forward, world, case) == [f"{FULL}（四）"]
