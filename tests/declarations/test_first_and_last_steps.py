"""Single steps at the ends of the way: handing in, what shuts it, starting again, releasing the results."""

from datetime import timedelta

import pytest

from declarations.actions import draft, review
from declarations.actions.publication import publish_list, release_results
from declarations.actions.transition import OVERTAKEN
from declarations.demo import stages
from declarations.models import Notice
from declarations.states import State
from sihao.accounts.refusals import Refused
from sihao.audit.models import Entry
from tests import worlds
from tests.kept import Ground, building, kept
from tests.rows import approve

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker):
        with building(tmp_path_factory.mktemp("evidence")):
            world = worlds.make_world()
            case = worlds.make_submitted(world)
        yield Ground(world, case)


@pytest.fixture
def world(ground):
    return ground.afresh()


@pytest.fixture
def submitted(ground):
    return stages.fresh(ground.case)


def test_submission_gives_a_receipt_and_tells_home_and_chamber(submitted):
    assert submitted.receipt == f"{submitted.number}-01"
    assert submitted.holder.code == worlds.COUNTY
    titles = sorted(Notice.objects.filter(declaration=submitted).values_list("seat__role", "title"))
    name = submitted.applicant_name
    assert titles == [
        ("chamber_president", "贵会申报已提交"),
        ("leader", f"{name}提交了申报，请审核"),
        ("officer", f"{name}提交了申报，请审核"),
    ]


def test_a_lost_race_is_told_and_changes_nothing(world, submitted):
    before = Entry.objects.count()

    with pytest.raises(Refused) as refused:
        draft.submit(case=submitted, actor=worlds.president_of(submitted.applicant), now=world.tick())

    assert refused.value.refusals == (OVERTAKEN,)
    assert Entry.objects.count() == before


def test_the_wrong_organisation_cannot_act(world, submitted):
    neighbour = world.staff[worlds.make_federation(worlds.NEIGHBOUR).pk][0]

    with pytest.raises(Refused) as refused:
        review.forward(case=submitted, actor=neighbour, now=world.tick())

    assert [refusal.code for refusal in refused.value.refusals] == ["not_permitted"]
    assert stages.fresh(submitted).holder_id == submitted.holder_id


def test_the_deadline_is_kept_to_the_second(world):
    closes, case = world.cycle.submission_closes, worlds.make_draft(world)
    president = worlds.president_of(case.applicant)

    with pytest.raises(Refused) as refused:
        draft.submit(case=case, actor=president, now=closes)
    assert [refusal.code for refusal in refused.value.refusals] == ["deadline_passed"]
    assert stages.fresh(case).state == State.DRAFT

    draft.submit(case=stages.fresh(case), actor=president, now=closes - timedelta(seconds=1))
    assert stages.fresh(case).state == State.LOCAL_REVIEW


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
    approve(world, 1)
    head = world.seats["head"]

    with pytest.raises(Refused) as refused:
        release_results(cycle=world.cycle, actor=head, now=world.tick())
    publish_list(cycle=world.cycle, actor=head, now=world.tick())
    cycle = release_results(cycle=world.cycle, actor=head, now=world.tick())

    assert [refusal.code for refusal in refused.value.refusals] == ["not_published"]
    assert cycle.released_at is not None
