"""Standing in (代办): a colleague acts in an absent officer's place for a time; it begins and ends by the clock."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from sihao.accounts.actions.writing import save_new
from sihao.accounts.handover import HANDOVERS
from sihao.accounts.models import Seat, StandIn, User
from sihao.accounts.permissions import allowed
from sihao.accounts.queries.stand_ins import stand_ins_to_begin, stand_ins_to_end, works_beside
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record

CLAUSE = "代办"
NOT_YOURS = Refusal("not_permitted", "由本单位分管领导、上级工商联或安全管理员指定代办人。", CLAUSE)


@transaction.atomic
def appoint_stand_in(
    *, absent: Seat, substitute: User, since: date, until: date, reason: str, actor: Seat, now: datetime
) -> StandIn:
    """Let a colleague act in an absent officer's place from the first day to the last, both included.

    Refuses the person who appoints, the absent person, whoever does not work in the same office, and a second
    appointment for the same seat.
    """
    if not allowed(actor, "accounts.stand_in", absent):
        raise Refused((NOT_YOURS,))
    if refusals := tuple(_why_not(absent, substitute, since, until, reason, actor, now)):
        raise Refused(refusals)
    found = StandIn(
        absent=absent,
        substitute=substitute,
        since=max(now, _midnight(since)),
        until=_midnight(until + timedelta(days=1)),
        reason=reason.strip(),
        appointed_by=actor,
        appointed_at=now,
    )
    save_new(found)
    data = {"substitute": substitute.name, "absent": absent.user.name, "since": since, "until": until}
    record(Event.STAND_IN_APPOINTED, actor=actor, target=found, at=now, data=data, reason=reason)
    if found.since <= now:
        _begin(found, now)
    return found


def _why_not(
    absent: Seat, substitute: User, since: date, until: date, reason: str, actor: Seat, now: datetime
) -> Iterable[Refusal]:
    if not reason.strip():
        yield Refusal("reason_missing", "请写明代办的事由。", CLAUSE)
    if since < timezone.localdate(now):
        yield Refusal("begins_in_the_past", "代办开始日期不能早于今天。", CLAUSE)
    if until < since:
        yield Refusal("ends_before", "代办结束日期不能早于开始日期。", CLAUSE)
    if absent.ended_at is not None or absent.stands_in_for_id is not None:
        yield Refusal("seat_not_held", "只能为现任席位指定代办人。", CLAUSE)
    if substitute.pk == absent.user_id:
        yield Refusal("own_stand_in", "代办人须是另一人。", CLAUSE)
    elif substitute.pk in actor.people:
        yield Refusal("appoints_oneself", "不能指定自己代办，请指定本单位其他人员。", CLAUSE)
    elif not works_beside(absent, substitute):
        yield Refusal("not_a_colleague", "代办人须是同一单位的在任人员。", CLAUSE)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@transaction.atomic
def end_stand_in(*, stand_in: StandIn, reason: str, actor: Seat, now: datetime) -> StandIn:
    """End it before its time: whoever may appoint, or the absent person who is back."""
    found = _locked(stand_in)
    if not allowed(actor, "accounts.end_stand_in", found):
        raise Refused((NOT_YOURS,))
    if found.ended_at is not None:
        raise Refused.because("stand_in_over", "代办已经结束，请刷新页面。", CLAUSE)
    found.ended_by, found.end_reason = actor, reason.strip()
    _end(found, now, actor)
    return found


def turn_stand_ins(*, now: datetime) -> tuple[int, int]:
    """Begin those whose time has come and end those whose time is over; return how many of each."""
    over = [_turned(one, _over, now) for one in stand_ins_to_end(now)]
    come = [_turned(one, _come, now) for one in stand_ins_to_begin(now)]
    return sum(come), sum(over)


@transaction.atomic
def _turned(stand_in: StandIn, turn: object, now: datetime) -> bool:
    found = _locked(stand_in)
    return bool(turn(found, now))  # type: ignore[operator]


def _come(found: StandIn, now: datetime) -> bool:
    if found.seat_id is not None or found.ended_at is not None:
        return False
    _begin(found, now)
    return True


def _over(found: StandIn, now: datetime) -> bool:
    if found.ended_at is not None:
        return False
    _end(found, now, None)
    return True


def _locked(stand_in: StandIn) -> StandIn:
    named = ("absent__user", "absent__organisation", "substitute", "seat")
    return StandIn.objects.select_for_update(of=("self",)).select_related(*named).get(pk=stand_in.pk)


def _begin(found: StandIn, now: datetime) -> None:
    """Give the substitute a seat that names both, and what is open on the absent officer's."""
    absent = found.absent
    seat = Seat(
        user=found.substitute,
        organisation=absent.organisation,
        role=absent.role,
        since=now,
        stands_in_for=absent.user,
        stands_in_name=absent.user.name,
        until=found.until,
    )
    save_new(seat)
    found.seat = seat
    found.save(update_fields=["seat"])
    _give(absent, seat, now)
    record(Event.STAND_IN_BEGUN, actor=None, target=found, at=now, data=_names(found))


def _end(found: StandIn, now: datetime, actor: Seat | None) -> None:
    """Take the seat back; what is open on it goes back to the absent officer."""
    found.ended_at = now
    found.save(update_fields=["ended_at", "ended_by", "end_reason"])
    seat = found.seat
    if seat is not None and seat.ended_at is None:
        seat.ended_at, seat.end_reason = now, "代办结束"
        seat.left_on = timezone.localdate(now)
        seat.save(update_fields=["ended_at", "end_reason", "left_on"])
        _give(seat, found.absent, now)
    record(Event.STAND_IN_ENDED, actor=actor, target=found, at=now, data=_names(found), reason=found.end_reason)


def _names(found: StandIn) -> dict[str, str]:
    return {"substitute": found.substitute.name, "absent": found.absent.user.name}


def _give(left: Seat, heir: Seat, now: datetime) -> None:
    for give in HANDOVERS:
        list(give(left, heir, now))
