"""Standing in: who appoints whom, both names, begun and ended by the clock."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from sihao.accounts.actions import revoke_seat
from sihao.accounts.actions.stand_ins import appoint_stand_in, end_stand_in, turn_stand_ins
from sihao.accounts.middleware import seats_of
from sihao.accounts.models import Seat, StandIn
from sihao.accounts.queries import active_seats_at
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.models import Entry
from tests.factories import make_federation, make_seat

pytestmark = pytest.mark.django_db
BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2020, 10, 9, 9, 0, tzinfo=BEIJING)
TODAY, LAST = date(2020, 10, 9), date(2020, 10, 12)
ENDS = datetime(2020, 10, 13, 0, 0, tzinfo=BEIJING)
SECOND = timedelta(seconds=1)


@pytest.fixture
def county():
    return make_federation("411122")


@pytest.fixture
def leader(county):
    return make_seat(Role.LEADER, county)


@pytest.fixture
def absent(county):
    seat = make_seat(Role.OFFICER, county)
    seat.user.name = "张三"
    seat.user.save()
    return seat


@pytest.fixture
def other(county):
    seat = make_seat(Role.OFFICER, county)
    seat.user.name = "李四"
    seat.user.save()
    return seat


def appoint(absent, other, leader, **words):
    given = {"absent": absent, "substitute": other.user, "actor": leader, "now": NOW}
    return appoint_stand_in(**given | {"since": TODAY, "until": LAST, "reason": "病假"} | words)


def said(action, *given, **words):
    with pytest.raises(Refused) as refused:
        action(*given, **words)
    return str(refused.value)


def test_the_stand_in_holds_a_seat_that_names_both(absent, other, leader):
    found = appoint(absent, other, leader)

    seat = found.seat
    assert (seat.signature, seat.people, seat.role) == ("李四（代张三）", (other.user_id, absent.user_id), Role.OFFICER)
    assert str(seat) == "李四（代张三）（411122工商业联合会·经办人）"
    assert other.signature == "李四"
    told = [entry.sentence for entry in Entry.objects.order_by("id")]
    assert told[0].endswith("指定李四代张三办理，2020-10-09至2020-10-12")
    assert told[1:] == ["李四开始代张三办理"]


def test_it_ends_by_itself_at_midnight_after_the_last_day(absent, other, leader, monkeypatch):
    seat = appoint(absent, other, leader).seat

    assert turn_stand_ins(now=ENDS - SECOND) == (0, 0)
    monkeypatch.setattr("sihao.clock.now", lambda: ENDS - SECOND)
    assert seat in seats_of(other.user)
    monkeypatch.setattr("sihao.clock.now", lambda: ENDS)
    assert seats_of(other.user) == [other]
    assert turn_stand_ins(now=ENDS) == (0, 1)
    assert seat not in active_seats_at(absent.organisation_id)
    seat.refresh_from_db()
    assert (seat.ended_at, seat.end_reason) == (ENDS, "代办结束")
    assert turn_stand_ins(now=ENDS) == (0, 0)


def test_a_later_beginning_waits_for_the_clock(absent, other, leader):
    found = appoint(absent, other, leader, since=LAST)
    begins = datetime(2020, 10, 12, 0, 0, tzinfo=BEIJING)

    assert found.seat is None
    assert turn_stand_ins(now=begins - SECOND) == (0, 0)
    assert turn_stand_ins(now=begins) == (1, 0)
    assert StandIn.objects.get().seat.signature == "李四（代张三）"


def test_who_appoints(absent, other, leader, county):
    outside = "由本单位分管领导、上级工商联或安全管理员指定代办人。（代办）"
    neighbour, city = (make_seat(Role.LEADER, make_federation(code)) for code in ("411121", "411100"))
    for actor in (other, neighbour, make_seat(Role.DEPARTMENT_OFFICER)):
        assert said(appoint, absent, other, actor) == outside

    for actor in (leader, city, make_seat(Role.DEPARTMENT_HEAD), make_seat(Role.SECURITY_ADMIN)):
        found = appoint(absent, other, actor)
        end_stand_in(stand_in=found, reason="回岗", actor=actor, now=NOW)


def test_what_is_refused(absent, other, leader, county):
    stranger = make_seat(Role.OFFICER, make_federation("411121"))
    expert, filler = make_seat(Role.EXPERT), make_seat(Role.CHAMBER_FILLER)

    assert said(appoint, absent, absent, leader) == "代办人须是另一人。（代办）"
    assert said(appoint, absent, leader, leader) == "不能指定自己代办，请指定本单位其他人员。（代办）"
    assert said(appoint, absent, stranger, leader) == "代办人须是同一单位的在任人员。（代办）"
    assert said(appoint, absent, other, leader, reason=" ") == "请写明代办的事由。（代办）"
    assert said(appoint, absent, other, leader, since=TODAY - timedelta(days=1)) == (
        "代办开始日期不能早于今天。（代办）"
    )
    assert said(appoint, absent, other, leader, since=LAST, until=TODAY) == "代办结束日期不能早于开始日期。（代办）"
    for seat in (expert, filler):
        head = make_seat(Role.DEPARTMENT_HEAD)
        assert said(appoint, seat, other, head).startswith("由本单位分管领导")
    found = appoint(absent, other, leader)
    assert said(appoint, absent, other, leader) == "这一席位已指定代办人，请先终止原来的代办。"
    assert said(appoint, found.seat, other, leader).startswith("只能为现任席位指定代办人。（代办）")


def test_the_absent_person_ends_it_and_the_stand_in_does_not(absent, other, leader):
    found = appoint(absent, other, leader)

    assert said(end_stand_in, stand_in=found, reason="", actor=found.seat, now=NOW).startswith("由本单位分管领导")
    end_stand_in(stand_in=found, reason="已回岗", actor=absent, now=NOW + SECOND)

    assert said(end_stand_in, stand_in=found, reason="", actor=absent, now=NOW) == "代办已经结束，请刷新页面。（代办）"
    assert Seat.objects.get(pk=found.seat_id).ended_at == NOW + SECOND


def test_it_ends_when_the_absent_person_leaves_for_good(absent, other, leader):
    found = appoint(absent, other, leader)
    revoke_seat(actor=leader, seat=absent, now=NOW + SECOND)

    assert turn_stand_ins(now=NOW + 2 * SECOND) == (0, 1)
    assert Seat.objects.get(pk=found.seat_id).ended_at == NOW + 2 * SECOND


def test_the_database_keeps_a_stand_in_another_person_and_for_a_time(absent):
    for fields in ({"stands_in_for": absent.user, "until": ENDS}, {"until": ENDS}):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_seat(Role.LEADER, absent.organisation, absent.user, **fields)
