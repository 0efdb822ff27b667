"""Two persons: prepared by one, done by another of the same office, and never by one alone."""

import pytest
from django.db import IntegrityError, transaction

from declarations.actions.second_person import Confirmed, Prepared, confirm, drop, prepare
from declarations.models import Notice, Pending
from declarations.queries.second_person import waiting_for
from declarations.second_person import Paired, PendingState
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.events import Event
from sihao.audit.queries import trail_of
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import kept

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        nation = make_federation(worlds.NATION)
        officer, head = make_seat(Role.DEPARTMENT_OFFICER, nation), make_seat(Role.DEPARTMENT_HEAD, nation)
        yield worlds.make_cycle(), officer, head


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
