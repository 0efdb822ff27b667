"""Two persons: one prepares, another of the same office confirms, and only then is it done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction

from declarations.actions.notify import tell
from declarations.actions.transition import lock
from declarations.models import Cycle, Declaration, Pending
from declarations.queries.recusals import seats_free_for
from declarations.queries.second_person import is_preparer, may_confirm
from declarations.second_person import ALWAYS_PAIRED, Paired, PendingState
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.queries import active_seats_at
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record

CLAUSE = "两人办理"
SECOND_PERSON = Refusal("second_person", "拟办人不能自己确认，请由本单位另一人办理。", CLAUSE)
SETTLED = Refusal("pending_settled", "本事项已经办结，请刷新页面。")
NOT_YOURS = Refusal("not_permitted", "您的席位无权确认这一事项。")
MOVED_ON = Refusal("basis_changed", "拟办之后有关数据又有改动，请退回，由拟办人核对后重新提请。", CLAUSE)


@dataclass(frozen=True)
class Prepared:
    """An act as it is prepared: on which row, its title, what the second person reads, and what it is done with."""

    act: Paired
    subject: models.Model
    title: str
    told: Sequence[tuple[str, str]] = ()
    payload: Mapping[str, Any] = field(default_factory=dict)
    basis: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Confirmed:
    """How a prepared act is done, and the digest of what it rests on now."""

    perform: Callable[[Pending, Seat, datetime], object]
    basis: Callable[[Pending], str] = lambda pending: pending.basis


def needs_two(cycle: Cycle, act: Paired) -> bool:
    """Return whether the cycle asks two persons for the act."""
    return act in ALWAYS_PAIRED or act in cycle.two_persons


@transaction.atomic
def prepare(*, prepared: Prepared, cycle: Cycle | None, actor: Seat, now: datetime) -> Pending:
    """Write an act down for a second person of the actor's office, and tell those who may confirm it.

    Refuses while the same act on the same row waits already, and where nobody of the office could confirm it.
    """
    case = _case_of(prepared.subject, cycle)
    waiting = Pending.objects.filter(act=prepared.act, subject_id=prepared.subject.pk, state=PendingState.WAITING)
    if waiting.exists():
        sentence = f"“{prepared.title}”已提请第二人确认，尚未办结；需要修改的，请先撤回。"
        raise Refused((Refusal("pending_waiting", sentence, CLAUSE),))
    pending = Pending.objects.create(
        act=prepared.act,
        cycle=cycle,
        organisation=actor.organisation,
        subject_id=prepared.subject.pk,
        declaration=case,
        title=prepared.title,
        told=[list(pair) for pair in prepared.told],
        payload=dict(prepared.payload),
        basis=prepared.basis,
        reason=prepared.reason,
        prepared_by=actor,
        preparer=actor.user,
        prepared_at=now,
    )
    record(Event.PENDING_PREPARED, actor=actor, target=_target(pending), at=now, data={"what": prepared.title})
    held = active_seats_at(actor.organisation_id)
    free = held if case is None else seats_free_for(held, case)
    seats = [seat for seat in free if may_confirm(seat, pending)]
    if not seats:
        raise Refused((_nobody(prepared.title),))
    title = f"请确认：{prepared.title}"
    tell(seats=seats, key=f"pending:{pending.pk}", title=title, body=f"{actor}拟办。", now=now, case=case)
    return pending


def _case_of(subject: models.Model, cycle: Cycle | None) -> Declaration | None:
    """Return the case that an act is about: itself, the one of a chamber, of an objection or of a title."""
    if isinstance(subject, Organisation):
        if cycle is None:
            return None
        return Declaration.objects.filter(applicant=subject, cycle=cycle).order_by("-id").first()
    if isinstance(subject, Declaration):
        return subject
    found = getattr(getattr(subject, "recognition", subject), "declaration", None)
    return found if isinstance(found, Declaration) else None


def _nobody(title: str) -> Refusal:
    sentence = f"“{title}”须两人办理，本单位没有可以确认的第二人。请由另一人拟办，或者指定代办人。"
    return Refusal("no_second_person", sentence, CLAUSE)


def _target(pending: Pending) -> models.Model:
    """Return what the trail tells of: the case, if the act is on one, and else the act."""
    return pending.declaration or pending


@transaction.atomic
def confirm(*, pending: Pending, how: Confirmed, actor: Seat, now: datetime) -> Pending:
    """Do what was prepared, by a second person of the same office who may; everything is checked again now."""
    found = _locked(pending, actor)
    if is_preparer(actor, found):
        raise Refused((SECOND_PERSON,))
    if not may_confirm(actor, found):
        raise Refused((NOT_YOURS,))
    if how.basis(found) != found.basis:
        raise Refused((MOVED_ON,))
    how.perform(found, actor, now)
    return _settle(found, PendingState.CONFIRMED, Event.PENDING_CONFIRMED, actor, now, "")


@transaction.atomic
def drop(*, pending: Pending, actor: Seat, now: datetime, reason: str = "") -> Pending:
    """Take a prepared act back (who prepared it), or send it back with the reason (who may confirm it)."""
    found = _locked(pending, actor)
    if is_preparer(actor, found):
        return _settle(found, PendingState.TAKEN_BACK, Event.PENDING_DROPPED, actor, now, reason)
    if not may_confirm(actor, found):
        raise Refused((NOT_YOURS,))
    if not reason.strip():
        raise Refused((Refusal("reason_missing", "请写明退回的理由。"),))
    title = f"已退回：{found.title}"
    told = {"title": title, "body": f"理由：{reason}", "now": now, "case": found.declaration}
    tell(seats=[found.prepared_by], key=f"pending-back:{found.pk}", **told)
    return _settle(found, PendingState.SENT_BACK, Event.PENDING_DROPPED, actor, now, reason)


def _locked(pending: Pending, actor: Seat) -> Pending:
    """Lock the case of an act before the act itself, as a step on the case does."""
    if pending.declaration_id is not None:
        lock(pending.declaration_id, by=actor)
    named = ("organisation", "cycle", "prepared_by__user", "declaration")
    found = Pending.objects.select_for_update(of=("self",)).select_related(*named).get(pk=pending.pk)
    if found.state != PendingState.WAITING:
        raise Refused((SETTLED,))
    return found


def _settle(
    pending: Pending, state: PendingState, event: Event, actor: Seat, now: datetime, words: str
) -> Pending:
    pending.state, pending.settled_by, pending.settler, pending.settled_at = state, actor, actor.user, now
    pending.words = words
    pending.save(update_fields=["state", "settled_by", "settler", "settled_at", "words"])
    record(event, actor=actor, target=_target(pending), at=now, data={"what": pending.title}, reason=words)
    return pending
