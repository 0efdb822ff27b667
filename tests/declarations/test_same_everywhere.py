"""The same seed gives the same draw and the same assignment on any database: what comes out stands here as a digest."""

from datetime import date

import pytest

from declarations.assignment import Assignment, assign
from declarations.assignment_check import faults
from declarations.digests import digest_of
from declarations.models import Answer, AssignmentPlan, Declaration, PanelMember
from declarations.queries.assigning import task_of
from declarations.queries.draws import frame_of
from declarations.sampling import draw, list_digest, outcome_digest
from declarations.states import State
from sihao.accounts.models import Seat
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_federation, make_user
from tests.rows import declare

pytestmark = pytest.mark.django_db

SEED = "福利彩票2020110期"
KINDS = ("行业商会", "异地商会", "综合性商会")
HOMES = (worlds.PROVINCE, worlds.CITY, worlds.COUNTY, "420000")
EXPERTS, SPREAD = 7, 8
FIRST_SEAT = 900001
"""Chance goes by an expert's key: the same people must have the same keys on both databases."""


@pytest.fixture
def cycle(db):
    make_federation(worlds.NATION)
    return worlds.make_cycle()


def cases_of(cycle, state):
    for place, home in enumerate(HOMES):
        made = declare(cycle, [f"商会{home}{n}" for n in range(9)], home=make_federation(home), state=state)
        Answer.objects.bulk_create(
            Answer(declaration=case, field="chamber_type", value=KINDS[(n + place) % 3], set_at=worlds.NOW)
            for n, case in enumerate(made)
        )
    numbered = Declaration.objects.order_by("pk")
    for n, case in enumerate(numbered, start=1):
        case.number = f"SH2020-{n:06d}"
    Declaration.objects.bulk_update(numbered, ["number"])


def test_the_draw(cycle):
    cases_of(cycle, State.RECOMMENDED)

    units = [one.unit for one in frame_of(cycle)]
    sample = draw(SEED, 7, units)

    assert list_digest(units) == "1553cceb5fae6927fb821f93eb99d530d22b2d61d3145fd27f650f34e419bad7"
    assert outcome_digest(sample.numbers) == "59caa3dce7e48e251287d813d5e821b0192c78ed65d07c58a557347e10ec3390"


def pool(cycle):
    nation, provinces = make_federation(worlds.NATION), [make_federation("410000"), make_federation("420000"), None]
    for n in range(EXPERTS):
        user = make_user(f"expert-of-{n}", name=f"专家{n}")
        seat = Seat(pk=FIRST_SEAT + n, user=user, organisation=nation, role=Role.EXPERT, since=worlds.NOW)
        Seat.objects.bulk_create([seat])
        facts = {"kinds": [KINDS[n % 3]], "province": provinces[n % 3], "employer": "某大学", "written_at": worlds.NOW}
        PanelMember.objects.create(cycle=cycle, seat=seat, most=20, **facts)


def test_the_assignment(cycle):
    cases_of(cycle, State.EXPERT_REVIEW)
    pool(cycle)
    window = {"begins": date(2020, 10, 9), "ends": date(2020, 10, 23)}

    task = task_of(AssignmentPlan(cycle=cycle, readers=2, spread=SPREAD, seed=SEED, **window))
    found = assign(task)

    assert isinstance(found, Assignment)
    assert faults(task, found) == []
    numbers = {one.key: one.number for one in task.cases}
    pairs = sorted([numbers[pair.case], pair.reader - FIRST_SEAT] for pair in found.pairs)
    assert (len(pairs), found.matched) == (72, 42)
    assert digest_of(pairs) == "aa8a77d60ba73888dfefb11cc01068a6687704a3b86b8bcf90088d52d0c5eeab"


def test_the_shortage(cycle):
    """Three of the seven work in the province most cases come from: loads that differ by less cannot be had."""
    cases_of(cycle, State.EXPERT_REVIEW)
    pool(cycle)
    window = {"begins": date(2020, 10, 9), "ends": date(2020, 10, 23)}

    short = assign(task_of(AssignmentPlan(cycle=cycle, readers=2, spread=SPREAD - 1, seed=SEED, **window)))

    assert (short.wanted, short.missing, short.least_spread) == (72, 0, SPREAD)
    assert short.narrow == {FIRST_SEAT: 9, FIRST_SEAT + 3: 9, FIRST_SEAT + 6: 9}
