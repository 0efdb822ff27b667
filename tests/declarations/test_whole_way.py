"""The whole way of a case through the actions, for each kind of home, with trail, counts, revisions and messages."""

from collections import Counter
from datetime import timedelta

import pytest

from declarations.actions import draft, review
from declarations.actions.publish import publish_list, release_results
from declarations.actions.transition import OVERTAKEN
from declarations.demo import stages
from declarations.digests import digest_of
from declarations.models import Declaration, Notice, Recognition, StateCount
from declarations.models.cycle import CountScope
from declarations.states import State
from sihao.accounts.refusals import Refused
from sihao.audit.models import Entry
from sihao.audit.queries import trail_of
from tests import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return worlds.make_world()


def recognised(world, home):
    case = worlds.make_proposed(world, home)
    stages.decide(world)
    publish_list(cycle=world.cycle, actor=world.seats["head"], now=world.tick())
    return stages.fresh(case)


WAYS = {
    worlds.COUNTY: ["forwarded", "forwarded", "shortlisted"],
    worlds.CITY: ["forwarded", "shortlisted"],
    worlds.PROVINCE: ["shortlisted"],
    worlds.NATION: ["shortlisted"],
}
LOCAL = {"forwarded", "shortlisted"}


@pytest.mark.parametrize("home", WAYS)
def test_a_case_goes_from_draft_to_certificate(world, home):
    case = recognised(world, home)

    assert case.state == State.RECOGNISED
    assert case.holder is None
    assert Recognition.objects.get(declaration=case).number == "SH2020-0001"
    assert [entry.event for entry in trail_of(case) if entry.event in LOCAL] == WAYS[home]


def test_every_step_leaves_exactly_one_entry_with_the_state_it_led_to(world):
    case = recognised(world, worlds.COUNTY)

    steps = [entry for entry in trail_of(case) if "state" in entry.data]
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
    recognised(world, worlds.COUNTY)
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


def test_revisions_are_numbered_and_their_digests_fit(world):
    case = recognised(world, worlds.CITY)

    revisions = list(case.revisions.order_by("number"))
    assert [revision.number for revision in revisions] == list(range(1, len(revisions) + 1))
    assert all(revision.digest == digest_of(revision.content) for revision in revisions)
    assert [revision.transition for revision in revisions][:2] == ["submit", "forward"]


def test_submission_gives_a_receipt_and_tells_home_and_chamber(world):
    case = worlds.make_submitted(world)

    assert case.receipt == f"{case.number}-01"
    assert case.holder.code == worlds.COUNTY
    titles = sorted(Notice.objects.filter(declaration=case).values_list("seat__role", "title"))
    name = case.applicant_name
    assert titles == [
        ("chamber_president", "贵会申报已提交"),
        ("leader", f"{name}提交了申报，请审核"),
        ("officer", f"{name}提交了申报，请审核"),
    ]


def test_a_lost_race_is_told_and_changes_nothing(world):
    case = worlds.make_submitted(world)
    before = Entry.objects.count()

    with pytest.raises(Refused) as refused:
        draft.submit(case=case, actor=worlds.president_of(case.applicant), now=world.tick())

    assert refused.value.refusals == (OVERTAKEN,)
    assert Entry.objects.count() == before


def test_the_wrong_organisation_cannot_act(world):
    case = worlds.make_submitted(world)
    neighbour = world.staff[worlds.make_federation(worlds.NEIGHBOUR).pk][0]

    with pytest.raises(Refused) as refused:
        review.forward(case=case, actor=neighbour, now=world.tick())

    assert [refusal.code for refusal in refused.value.refusals] == ["not_permitted"]
    assert stages.fresh(case).holder_id == case.holder_id


def test_the_deadline_is_kept_to_the_second(world):
    closes = world.cycle.submission_closes
    on_time, late = worlds.make_draft(world), worlds.make_draft(world)

    draft.submit(case=on_time, actor=worlds.president_of(on_time.applicant), now=closes - timedelta(seconds=1))
    with pytest.raises(Refused) as refused:
        draft.submit(case=late, actor=worlds.president_of(late.applicant), now=closes)

    assert stages.fresh(on_time).state == State.LOCAL_REVIEW
    assert [refusal.code for refusal in refused.value.refusals] == ["deadline_passed"]
    assert stages.fresh(late).state == State.DRAFT


def test_a_chamber_has_one_case_in_a_cycle(world):
    case = worlds.make_draft(world, filled=False)

    with pytest.raises(Refused) as refused:
        draft.start(
            cycle=world.cycle, applicant=case.applicant, actor=worlds.president_of(case.applicant), now=world.tick()
        )

    assert str(refused.value) == "本周期内贵会已有申报，请继续填写原有申报。（四）"


def test_after_withdrawing_a_chamber_may_start_again(world):
    case = worlds.make_draft(world, filled=False)
    president = worlds.president_of(case.applicant)

    draft.withdraw(case=case, actor=president, now=world.tick(), reason="改由下一周期申报")
    again = draft.start(cycle=world.cycle, applicant=case.applicant, actor=president, now=world.tick())

    assert stages.fresh(case).state == State.WITHDRAWN
    assert again.state == State.DRAFT


def test_results_are_released_after_publication_only(world):
    worlds.make_proposed(world)
    stages.decide(world)
    head = world.seats["head"]

    with pytest.raises(Refused) as refused:
        release_results(cycle=world.cycle, actor=head, now=world.tick())
    publish_list(cycle=world.cycle, actor=head, now=world.tick())
    cycle = release_results(cycle=world.cycle, actor=head, now=world.tick())

    assert [refusal.code for refusal in refused.value.refusals] == ["not_published"]
    assert cycle.released_at is not None
