"""Correcting what ended below the national tier (T-R1): what comes back with the case, and what does not."""

from datetime import timedelta

import pytest

from declarations.actions import clock, confirming, correcting, draft, ranking, review
from declarations.actions.transition import perform
from declarations.demo import stages
from declarations.models import Batch, Deadline, Declaration, Decline, Extension, Notice, Quota
from declarations.queries.cases import cases_visible_to
from declarations.queries.corrections import before_outcome
from declarations.states import BatchState, DeclineReason, ReturnReason, SecondLook, State
from sihao.accounts.refusals import Refused
from sihao.audit.models import Entry
from sihao.audit.queries import trail_of
from tests import worlds
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db

GROUND = "经核查，经办人误选。"


@pytest.fixture(scope="module")
def begun(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with a draft, one at the county, and one on the province's list."""
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        world.seats["supervision"].refresh_from_db()
        made = {
            "draft": worlds.make_draft(world, filled=False),
            "county": worlds.make_submitted(world),
            "listed": worlds.make_shortlisted(world, worlds.PROVINCE),
        }
        yield world, {name: case.pk for name, case in made.items()}


@pytest.fixture
def world(begun, db):
    return as_it_stands(begun[0])


@pytest.fixture
def case(begun, db):
    """Return one of the world's cases as it stands."""
    return lambda name: stages.fresh(Declaration(pk=begun[1][name]))


def by(world, name: str) -> dict[str, object]:
    return {"actor": world.seats[name], "now": world.tick()}


def withdraw(world, one: Declaration) -> Declaration:
    president = worlds.president_of(one.applicant)
    draft.withdraw(case=one, reason="误点撤回。", actor=president, now=world.tick())
    return stages.fresh(one)


def decline(world, one: Declaration) -> Declaration:
    leader = world.leader(one.holder)
    words = {"code": DeclineReason.SCOPE, "reason": "登记地不在本县。"}
    review.agree_with_below(case=one, actor=world.officer(one.holder), now=world.tick())
    review.save_opinion(
        case=one, text="不符合范围。", stance="against", authentic=True, actor=leader, now=world.tick()
    )
    review.decline(case=one, actor=leader, now=world.tick(), **words)
    return stages.fresh(one)


def correct(world, one: Declaration) -> Declaration:
    pending = correcting.propose_correction(case=one, reason=GROUND, **by(world, "head"))
    confirming.confirm(pending=pending, **by(world, "supervision"))
    return stages.fresh(one)


def refused(world, one: Declaration) -> str:
    with pytest.raises(Refused) as caught:
        correcting.propose_correction(case=one, reason=GROUND, **by(world, "head"))
    return str(caught.value)


def stands(one: Declaration) -> tuple[str, str]:
    return one.state, str(one.holder)


def told(one: Declaration) -> Entry:
    return trail_of(one).filter(event="corrected").get()


def test_a_draft_that_was_withdrawn_by_mistake_is_a_draft_again_and_the_withdrawal_stays_readable(world, case):
    one = correct(world, withdraw(world, case("draft")))

    assert stands(one) == (State.DRAFT, one.applicant_name)
    assert one.due_at == world.cycle.submission_closes
    assert told(one).sentence.endswith("更正：由“已撤回”更正为“草稿”")
    assert told(one).reason == GROUND
    assert trail_of(one).filter(event="withdrawn", reason="误点撤回。").exists()
    letter = Notice.objects.get(declaration=one, seat__organisation=one.applicant, key__contains="correct-")
    assert letter.title == f"{one.applicant_name}的结果已更正"


def test_who_corrects_sees_what_ended_unsent_and_nobody_else_of_the_nation_or_the_tiers_does(world, case):
    one = case("draft")
    names = ("head", "supervision", "department")
    seats = [world.seats[name] for name in names] + [world.officer(one.home)]
    before = [cases_visible_to(seat).filter(pk=one.pk).exists() for seat in seats]
    withdraw(world, one)

    assert before == [False] * 4
    assert [cases_visible_to(seat).filter(pk=one.pk).exists() for seat in seats] == [True, True, False, False]


def test_a_case_withdrawn_under_review_goes_back_to_the_tier_that_had_it(world, case):
    before = case("county")
    review.agree_with_below(case=before, actor=world.officer(before.holder), now=world.tick())
    one = correct(world, withdraw(world, before))

    assert stands(one) == (State.LOCAL_REVIEW, str(before.holder))
    assert one.due_at > world.clock.at
    office = Notice.objects.filter(declaration=one, seat__organisation=before.holder, key__contains="correct-")
    assert office.exists()


def test_a_case_not_recommended_is_reviewed_again_by_the_tier_that_declined_and_its_marks_are_open(world, case):
    before = case("county")
    one = correct(world, decline(world, before))

    assert stands(one) == (State.LOCAL_REVIEW, str(before.holder))
    assert told(one).sentence.endswith("更正：由“不予推荐”更正为“审核中”")
    assert Decline.objects.get(declaration=one).reason == "不在认定范围。登记地不在本县。"
    officer = world.officer(one.holder)
    review.agree_with_below(case=one, actor=officer, now=world.tick())
    words = {"text": "同意推荐。", "stance": "agree", "authentic": True}
    review.save_opinion(case=one, actor=officer, now=world.tick(), **words)
    review.forward(case=one, actor=world.leader(one.holder), now=world.tick())
    assert stages.fresh(one).holder_id == one.route[1]


def test_a_request_to_look_again_that_waits_is_granted_by_the_correction(world, case):
    one = decline(world, case("county"))
    Decline.objects.filter(declaration=one).update(
        asked_by=worlds.president_of(one.applicant), asked_at=world.tick(), plea="请复核。"
    )
    correct(world, one)

    look = Decline.objects.get(declaration=one)
    assert (look.outcome, look.words) == (SecondLook.GRANTED, "结果已更正，重新审核。")
    assert look.settled_by == world.seats["supervision"]


def test_a_listed_case_comes_back_to_the_end_of_the_list_and_takes_its_place_again(world, case):
    before = case("listed")
    used = Quota.objects.get(cycle=world.cycle, organisation=before.unit).used
    gone = withdraw(world, before)
    assert Quota.objects.get(cycle=world.cycle, organisation=before.unit).used == used - 1
    one = correct(world, gone)

    assert (*stands(one), one.rank, one.is_reserve) == (State.SHORTLISTED, str(before.unit), 1, False)
    assert Quota.objects.get(cycle=world.cycle, organisation=before.unit).used == used


def test_where_no_place_is_left_it_comes_back_as_a_reserve(world, case):
    gone = withdraw(world, case("listed"))
    Quota.objects.filter(organisation=gone.unit).update(places=0)
    one = correct(world, gone)

    assert (one.state, one.rank, one.is_reserve) == (State.SHORTLISTED, 1, True)
    assert Quota.objects.get(organisation=gone.unit).used == 0


def test_a_reserve_comes_back_as_a_reserve(world, case):
    listed = case("listed")
    ranking.demote(case=listed, reason="名额让与他会。", actor=world.leader(listed.unit), now=world.tick())
    one = correct(world, withdraw(world, stages.fresh(listed)))

    assert (one.is_reserve, one.rank) == (True, 1)


def test_a_list_that_is_fixed_takes_nobody_back_and_a_tier_is_told_of_it(world, case):
    listed, county = withdraw(world, case("listed")), decline(world, case("county"))
    Batch.objects.filter(unit=listed.unit).update(state=BatchState.FROZEN)

    assert refused(world, listed) == "推荐名单已固定，如需调整请先重新打开名单。（五（二）1）"
    pending = correcting.propose_correction(case=county, reason=GROUND, **by(world, "head"))
    assert ["提示", correcting.GONE] in pending.told


def test_a_returned_case_comes_back_with_its_items_and_a_new_date(world, case):
    county = case("county")
    mend = review.Mend("A1.1", "A1.1", ReturnReason.MISSING, "缺年检结论。")
    review.return_for_correction(case=county, items=[mend], actor=world.officer(county.home), now=world.tick())
    gone = withdraw(world, stages.fresh(county))
    world.clock.at += timedelta(days=3)
    one = correct(world, gone)

    slip = one.return_slips.get()
    assert stands(one) == (State.RETURNED, one.applicant_name)
    assert (slip.closed_at, one.due_at) == (None, slip.due_at)
    assert slip.due_at > world.clock.at


def test_what_was_not_handed_in_lapses_with_the_last_deadline_and_to_the_second(world, case):
    closes, one = world.cycle.province_closes, case("draft")
    assert clock.lapse(now=closes - timedelta(seconds=1)) == 0
    assert stages.fresh(one).state == State.DRAFT
    assert clock.lapse(now=closes) == 1
    assert clock.lapse(now=closes) == 0

    assert (stages.fresh(one).state, stages.fresh(one).holder) == (State.LAPSED, None)
    assert trail_of(one).latest("id").sentence.endswith("逾期未报")
    letter = Notice.objects.get(declaration=one)
    assert (letter.title, letter.sender) == ("贵会申报未在期限内提交", None)
    assert case("county").state == State.LOCAL_REVIEW


def test_an_extension_keeps_a_case_from_lapsing(world, case):
    one, closes = case("draft"), world.cycle.province_closes
    extended(world, one, Deadline.PROVINCE, closes + timedelta(days=2))
    extended(world, one, Deadline.SUBMISSION, closes + timedelta(days=1))

    assert clock.lapse(now=closes + timedelta(days=1)) == 0
    assert clock.lapse(now=closes + timedelta(days=2)) == 1


def extended(world, one: Declaration, deadline: Deadline, until) -> None:
    words = {"reason": "自然灾害。", "granted_at": world.tick()}
    seats = {"proposed_by": world.seats["department"], "confirmed_by": world.seats["head"]}
    of = {"cycle": world.cycle, "organisation": one.applicant, "deadline": deadline}
    Extension.objects.create(until=until, **of, **seats, **words)


def test_what_lapsed_goes_back_to_the_chamber_after_an_extension_only(world, case):
    one, closes = case("draft"), world.cycle.province_closes
    clock.lapse(now=closes)
    world.clock.at = closes
    late = "办理期限已于2020年10月12日24:00截止。请先由会员部办理延期，再提出更正。（通知未规定）"
    assert refused(world, stages.fresh(one)) == f"更正后由申报单位或者工商联继续办理，而{late}"
    extended(world, one, Deadline.SUBMISSION, closes + timedelta(days=1))
    done = correct(world, stages.fresh(one))

    assert stands(done) == (State.DRAFT, one.applicant_name)
    assert (done.due_at, done.is_extended) == (closes + timedelta(days=1), True)


def test_a_withdrawn_draft_is_brought_back_to_the_second_before_the_deadline(world, case):
    gone, closes = withdraw(world, case("draft")), world.cycle.submission_closes

    assert correcting.refusals_of(gone, closes - timedelta(seconds=1)) == ()
    assert [refusal.code for refusal in correcting.refusals_of(gone, closes)] == ["back_too_late"]


def test_nobody_lets_a_case_lapse_by_hand(world, case):
    with pytest.raises(Refused):
        perform(case=case("draft"), name="lapse", actor=world.seats["head"], now=world.cycle.province_closes)


def test_a_chamber_with_another_case_keeps_that_one(world, case):
    gone = withdraw(world, case("draft"))
    again = draft.start(
        cycle=world.cycle, applicant=gone.applicant, actor=worlds.president_of(gone.applicant), now=world.tick()
    )

    assert refused(world, gone) == f"该商会已另行申报（{again.number}），同一周期只能有一件。（通知未规定）"


def test_recognition_is_undone_by_revocation_alone(case, world):
    one = case("draft")
    one.state = State.RECOGNISED

    assert correcting.refusals_of(one, world.clock.at) == (correcting.RECOGNISED,)
    assert before_outcome(one) is None
