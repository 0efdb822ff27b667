"""The whole way of a case through the actions, for each kind of home, with trail, counts and revisions."""

from collections import Counter

import pytest

from declarations.actions.publication import publish_list
from declarations.demo import stages
from declarations.digests import digest_of
from declarations.models import Declaration, Recognition, StateCount
from declarations.models.cycle import CountScope
from declarations.states import State
from sihao.audit.queries import trail_of
from tests import worlds
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db


WAYS = {
    worlds.COUNTY: ["forwarded", "forwarded", "shortlisted"],
    worlds.CITY: ["forwarded", "shortlisted"],
    worlds.PROVINCE: ["shortlisted"],
    worlds.NATION: ["shortlisted"],
}
LOCAL = {"forwarded", "shortlisted"}


@pytest.fixture(scope="module")
def begun(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with one recognised case of each kind of home."""
    with kept(django_db_blocker):
        with building(tmp_path_factory.mktemp("evidence")):
            world = worlds.make_world()
            cases = {home: worlds.make_shortlisted(world, home) for home in WAYS}
            for unit in {case.unit_id: case.unit for case in cases.values()}.values():
                stages.send_up(world, unit)
                stages.accept(world, unit)
            for case in map(stages.fresh, cases.values()):
                before_experts = stages.assign(world, stages.pass_preliminary(world, case))
                stages.sign(world, stages.score(world, before_experts))
            stages.decide(world)
            publish_list(cycle=world.cycle, actor=world.seats["head"], now=world.tick())
        yield world, cases


@pytest.fixture
def world(begun):
    return as_it_stands(begun[0])


@pytest.fixture
def recognised(begun):
    return {home: stages.fresh(case) for home, case in begun[1].items()}


def test_a_case_goes_from_draft_to_certificate(recognised):
    for home, case in recognised.items():
        assert case.state == State.RECOGNISED
        assert case.holder is None
        assert [entry.event for entry in trail_of(case) if entry.event in LOCAL] == WAYS[home]
    given = Recognition.objects.filter(declaration__in=recognised.values()).order_by("serial")
    assert list(given.values_list("number", flat=True)) == [f"SH2020-000{serial}" for serial in (1, 2, 3, 4)]


def test_every_step_leaves_exactly_one_entry_with_the_state_it_led_to(recognised):
    steps = [entry for entry in trail_of(recognised[worlds.COUNTY]) if "state" in entry.data]
    assert [(entry.event, entry.data["state"]) for entry in steps] == [
        ("submitted", "local_review"),
        ("opined", "local_review"),
        ("forwarded", "local_review"),
        ("opined", "local_review"),
        ("forwarded", "local_review"),
        ("opined", "local_review"),
        ("shortlisted", "shortlisted"),
        ("recommended", "recommended"),
        ("taken_up", "preliminary_review"),
        ("passed", "expert_review"),
        ("sheet_confirmed", "expert_review"),
        ("sheet_confirmed", "expert_review"),
        ("proposed", "proposed"),
        ("agenda_frozen", "proposed"),
        ("approved", "approved"),
        ("recognised", "recognised"),
    ]


def test_kept_counts_equal_a_count_of_everything(world):
    worlds.make_submitted(world, worlds.CITY)
    worlds.make_draft(world, worlds.NATION)

    for scope, column in ((CountScope.HOME, "home_id"), (CountScope.UNIT, "unit_id"), (CountScope.HOLDER, "holder_id")):
        counted = Counter(Declaration.objects.exclude(**{column: None}).values_list(column, "state"))
        kept = {
            (row.organisation_id, row.state): row.number
            for row in StateCount.objects.filter(scope=scope)
            if row.number
        }
        assert kept == counted


def test_revisions_are_numbered_and_their_digests_fit(recognised):
    revisions = list(recognised[worlds.CITY].revisions.order_by("number"))
    assert [revision.number for revision in revisions] == list(range(1, len(revisions) + 1))
    assert all(revision.digest == digest_of(revision.content) for revision in revisions)
    assert [revision.transition for revision in revisions][:2] == ["submit", "forward"]
