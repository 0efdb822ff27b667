"""Two persons: prepared by one, done by another of the same office, and never by one alone."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from declarations.actions import confirming, paired_steps, review
from declarations.actions.second_person import Confirmed, Prepared, confirm, drop, prepare
from declarations.actions.stepping_back import recuse
from declarations.demo import stages
from declarations.models import Notice, Pending, Recusal
from declarations.queries.second_person import waiting_for
from declarations.second_person import Paired, PendingState
from declarations.states import DeclineReason, Stance
from scoring.actions import Entered
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.events import Event
from sihao.audit.queries import trail_of
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        case = stages.review_as_holder(world, worlds.make_submitted(world))
        yield world.cycle, world.seats["department"], world.seats["head"], world, case


@pytest.fixture
def cycle(ground):
    return ground[0]


@pytest.fixture
def officer(ground):
    return ground[1]


@pytest.fixture
def head(ground):
    return ground[2]


def prepared(cycle, **words):
    told = (("名额", "47"),)
    return Prepared(Paired.ADOPT_QUOTAS, cycle, "采用推荐名额分配", told, {"places": 47}, **words)


def waiting(cycle, actor, **words):
    return prepare(prepared=prepared(cycle, **words), cycle=cycle, actor=actor, now=worlds.NOW)


class Deed:
    """What is done on confirmation, remembered."""

    def __init__(self):
        self.done = []

    def how(self, basis=""):
        return Confirmed(lambda pending, actor, now: self.done.append(pending.payload), lambda pending: basis)


def refused(act, **words):
    with pytest.raises(Refused) as caught:
        act(now=worlds.NOW, **words)
    return [str(one) for one in caught.value.refusals]


def test_nothing_is_done_before_the_second_person_confirms(cycle, officer, head):
    deed, pending = Deed(), waiting(cycle, officer)

    assert (pending.state, deed.done) == (PendingState.WAITING, [])
    assert [notice.title for notice in Notice.objects.filter(seat=head)] == ["请确认：采用推荐名额分配"]
    assert not Notice.objects.filter(seat=officer).exists()
    assert waiting_for(officer) == waiting_for(head) == [pending]

    done = confirm(pending=pending, how=deed.how(), actor=head, now=worlds.NOW)

    assert deed.done == [{"places": 47}]
    assert (done.state, done.settler) == (PendingState.CONFIRMED, head.user)
    assert [entry.event for entry in trail_of(pending)] == [Event.PENDING_PREPARED, Event.PENDING_CONFIRMED]
    assert waiting_for(head) == []
    assert refused(confirm, pending=pending, how=deed.how(), actor=head) == ["本事项已经办结，请刷新页面。"]


def test_who_prepared_it_cannot_confirm_it_from_any_seat(cycle, head):
    make_seat(Role.DEPARTMENT_HEAD, head.organisation)
    deed, pending = Deed(), waiting(cycle, head)
    other_seat = make_seat(Role.DEPARTMENT_OFFICER, head.organisation, head.user)

    for seat in (head, other_seat):
        told = refused(confirm, pending=pending, how=deed.how(), actor=seat)
        assert told == ["拟办人不能自己确认，请由本单位另一人办理。（两人办理）"]
    assert deed.done == []
    with pytest.raises(IntegrityError), transaction.atomic():
        Pending.objects.filter(pk=pending.pk).update(
            state=PendingState.CONFIRMED, settler=head.user, settled_at=worlds.NOW
        )


def test_a_stand_in_confirms_nothing_that_either_of_the_two_prepared(cycle, officer, head):
    nation = head.organisation
    other = make_seat(Role.DEPARTMENT_OFFICER, nation)
    facts = {"stands_in_for": head.user, "stands_in_name": head.user.name, "until": worlds.NEXT}
    for_head, by_other = make_seat(Role.DEPARTMENT_HEAD, nation, officer.user, **facts), waiting(cycle, other)
    deed, mine = Deed(), "拟办人不能自己确认，请由本单位另一人办理。（两人办理）"

    assert waiting_for(for_head) == [by_other]
    drop(pending=by_other, actor=other, now=worlds.NOW)
    by_officer = waiting(cycle, officer)
    assert refused(confirm, pending=by_officer, how=deed.how(), actor=for_head) == [mine]
    drop(pending=by_officer, actor=officer, now=worlds.NOW)
    make_seat(Role.DEPARTMENT_HEAD, nation)
    by_stand_in = waiting(cycle, for_head)
    assert refused(confirm, pending=by_stand_in, how=deed.how(), actor=head) == [mine]
    assert deed.done == []


def test_nothing_is_prepared_where_nobody_else_could_confirm_it(cycle, head):
    with pytest.raises(Refused) as refused_:
        waiting(cycle, head)

    sentence = "“采用推荐名额分配”须两人办理，本单位没有可以确认的第二人。请由另一人拟办，或者指定代办人。（两人办理）"
    assert str(refused_.value) == sentence
    assert not Pending.objects.exists()


@pytest.mark.parametrize(
    ("role", "code"), [(Role.DEPARTMENT_OFFICER, worlds.NATION), (Role.LEADER, worlds.PROVINCE)]
)
def test_who_may_not_confirms_nothing_and_sends_nothing_back(cycle, officer, role, code):
    deed, pending = Deed(), waiting(cycle, officer)
    stranger = make_seat(role, make_federation(code))

    told = ["您的席位无权确认这一事项。"]
    assert refused(confirm, pending=pending, how=deed.how(), actor=stranger) == told
    assert refused(drop, pending=pending, actor=stranger, reason="不妥") == told
    assert (deed.done, waiting_for(stranger)) == ([], [])


def test_what_it_rests_on_must_not_have_changed(cycle, officer, head):
    deed, pending = Deed(), waiting(cycle, officer, basis="a")

    told = refused(confirm, pending=pending, how=deed.how("b"), actor=head)
    confirm(pending=pending, how=deed.how("a"), actor=head, now=worlds.NOW)

    assert told == ["拟办之后有关数据又有改动，请退回，由拟办人核对后重新提请。（两人办理）"]
    assert deed.done == [{"places": 47}]


def test_one_waits_at_a_time_and_may_be_taken_back(cycle, officer):
    pending = waiting(cycle, officer)

    with pytest.raises(Refused) as caught:
        waiting(cycle, officer)
    drop(pending=pending, actor=officer, now=worlds.NOW)

    told = "“采用推荐名额分配”已提请第二人确认，尚未办结；需要修改的，请先撤回。（两人办理）"
    assert str(caught.value) == told
    assert Pending.objects.get(pk=pending.pk).state == PendingState.TAKEN_BACK
    assert waiting(cycle, officer).state == PendingState.WAITING


def test_sending_back_asks_for_the_reason_and_tells_it(cycle, officer, head):
    pending = waiting(cycle, officer)

    told = refused(drop, pending=pending, actor=head, reason=" ")
    sent = drop(pending=pending, actor=head, now=worlds.NOW, reason="合计不对。")

    assert told == ["请写明退回的理由。"]
    assert (sent.state, sent.words) == (PendingState.SENT_BACK, "合计不对。")
    notice = Notice.objects.get(seat=officer)
    assert (notice.title, notice.body) == ("已退回：采用推荐名额分配", "理由：合计不对。")


# ---- steps of a case


@pytest.fixture
def world(ground):
    world = as_it_stands(ground[3])
    world.cycle.two_persons = ["forward", "decline", "shortlist"]
    world.cycle.save(update_fields=["two_persons"])
    return world


@pytest.fixture
def case(ground, world):
    return stages.fresh(ground[4])


def step_prepared(world, case, step="forward", *, actor=None, **given):
    actor = actor or world.officer(case.holder)
    return paired_steps.prepare_step(step=step, case=case, actor=actor, now=world.tick(), **given)


def test_a_step_waits_for_the_leader_and_is_then_done_in_both_names(world, case):
    officer, leader = world.staff[case.holder_id]
    pending = step_prepared(world, case)
    assert (stages.fresh(case).holder, pending.title) == (case.holder, f"报上级审核：{case.applicant_name}")
    assert [pair[0] for pair in pending.told] == ["申报单位", "受理编号", "本级评分", "审核意见"]

    confirming.confirm(pending=pending, actor=leader, now=world.tick())

    assert stages.fresh(case).holder == make_federation(worlds.CITY)
    last = [(entry.event, entry.actor) for entry in trail_of(case)][-3:]
    assert last == [
        (Event.PENDING_PREPARED, officer.user), (Event.FORWARDED, leader.user), (Event.PENDING_CONFIRMED, leader.user)
    ]


def against(world, case):
    words = {"text": "材料不全。", "stance": Stance.AGAINST, "authentic": True}
    review.save_opinion(case=case, actor=world.officer(case.holder), now=world.tick(), **words)


def test_declining_keeps_what_was_typed_for_the_second_person(world, case):
    given = {"code": DeclineReason.values[0], "reason": "材料不全。"}
    against(world, case)
    pending = step_prepared(world, case, "decline", **given)

    confirming.confirm(pending=pending, actor=world.leader(case.holder), now=world.tick())

    entry = trail_of(case).get(event=Event.DECLINED)
    assert entry.reason == f"{DeclineReason(given['code']).label}。材料不全。"


def test_what_stands_against_a_step_is_said_when_it_is_prepared(world, case):
    declining = {"code": DeclineReason.values[0], "reason": " "}
    assert codes(step_prepared, world, case, "decline", **declining) == ["stance_differs", "reason_missing"]
    assert codes(step_prepared, world, case, "shortlist") == ["not_permitted"]
    assert codes(step_prepared, world, case, actor=world.leader(case.holder)) == ["no_second_person"]
    step_prepared(world, case)
    assert codes(step_prepared, world, case) == ["pending_waiting"]


def codes(action, *given, **words):
    with pytest.raises(Refused) as told:
        action(*given, **words)
    return [refusal.code for refusal in told.value.refusals]


def test_a_step_whose_marks_changed_after_it_was_prepared_goes_back(world, case):
    officer, leader = world.staff[case.holder_id]
    pending = step_prepared(world, case)
    changed = {"A1.1": Entered(points=Decimal(0), reason="未见证明。")}
    review.save_tier_marks(case=case, entries=changed, actor=officer, now=world.tick())

    assert codes(confirming.confirm, pending=pending, actor=leader, now=world.tick()) == ["basis_changed"]


def test_who_steps_back_neither_sees_nor_confirms_it_and_loses_what_was_prepared(world, case):
    officer, leader = world.staff[case.holder_id]
    other = make_seat(Role.LEADER, case.holder)
    pending = step_prepared(world, case)
    assert waiting_for(leader) == [pending]
    facts = {"declaration": case, "reason": "同学", "declared_at": world.tick()}
    Recusal.objects.create(user=leader.user, declared_by=leader, **facts)

    assert (waiting_for(leader), waiting_for(other)) == ([], [pending])
    assert codes(confirming.confirm, pending=pending, actor=leader, now=world.tick()) == ["recused"]
    recuse(case=case, who=officer, reason="同学", actor=officer, now=world.tick())
    pending.refresh_from_db()
    assert (pending.state, pending.words) == (PendingState.TAKEN_BACK, "拟办人回避，须另行拟办。")
