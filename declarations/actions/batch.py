"""A unit's list: freeze, record the meeting, send up, accept; ``ranking`` orders it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from declarations.actions.transition import perform
from declarations.digests import digest_of
from declarations.models import Batch, Cycle, Declaration
from declarations.ordering import inverted, tied
from declarations.queries.board import standings, unexplained_refusals
from declarations.queries.cycles import listed
from declarations.queries.facts import Dossier
from declarations.states import BatchState, State
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record


@dataclass(frozen=True)
class MeetingRecord:
    """What the office writes down of the meeting that decided the list."""

    on: date
    name: str
    present: str
    recused: str
    minutes: str


def _refuse(code: str, sentence: str, clause: str = "五（二）1") -> None:
    raise Refused((Refusal(code, sentence, clause),))


def _locked(batch: Batch, permission: str, actor: Seat) -> Batch:
    lists = Batch.objects.select_for_update(of=("self",)).select_related("unit", "cycle", "prepared_by")
    found = lists.get(pk=batch.pk)
    if not allowed(actor, permission, ListHead(found.unit_id)):
        _refuse("not_permitted", "只有推荐单位可以办理推荐名单。")
    return found


@dataclass(frozen=True)
class ListHead:
    """What the permission rules ask of a list: which unit heads it."""

    unit_id: int


def _demand(batch: Batch, *states: BatchState) -> None:
    if batch.state not in states:
        named = "、".join(f"“{state.label}”" for state in states)
        _refuse("batch_state", f"推荐名单现为“{batch.get_state_display()}”，只有{named}时可以办理。")


@transaction.atomic
def open_batch(*, cycle: Cycle, unit: Organisation) -> Batch:
    """Return the unit's list in a cycle, opened if it is not there."""
    return Batch.objects.get_or_create(cycle=cycle, unit=unit)[0]


def listing_of(batch: Batch) -> list[dict[str, object]]:
    """Return the list as the meeting is shown it: rank, number, name, code, the unit's total, ties and reasons."""
    order = standings(batch.cycle_id, batch.unit_id, reserve=False)
    ties, against = tied(order), inverted(order)
    return [
        {
            "rank": case.rank,
            "number": case.number,
            "name": case.applicant_name,
            "uscc": case.applicant.uscc,
            "total": str(case.unit_total),
            "tie": case.pk in ties,
            "reason": case.rank_reason if case.pk in against else "",
        }
        for case in listed(batch.cycle, batch.unit, reserve=False)
    ]


@transaction.atomic
def freeze_batch(*, batch: Batch, actor: Seat, now: datetime) -> Batch:
    """Freeze the list with its digest, for the meeting."""
    batch = _locked(batch, "declarations.prepare_batch", actor)
    _demand(batch, BatchState.OPEN)
    listing = listing_of(batch)
    if not listing:
        _refuse("list_empty", "名单内还没有拟推荐对象。")
    if refusals := unexplained_refusals(batch):
        raise Refused(refusals)
    batch.listing, batch.digest = listing, digest_of(listing)
    batch.state, batch.version = BatchState.FROZEN, batch.version + 1
    batch.prepared_by, batch.frozen_at = actor, now
    batch.save()
    data = {"version": batch.version, "digest": batch.digest, "number": len(listing)}
    record(Event.BATCH_FROZEN, actor=actor, target=batch, at=now, data=data)
    return batch


@transaction.atomic
def reopen_batch(*, batch: Batch, reason: str, actor: Seat, now: datetime) -> Batch:
    """Open a frozen list again; what a meeting decided on the old list no longer counts."""
    batch = _locked(batch, "declarations.prepare_batch", actor)
    _demand(batch, BatchState.FROZEN, BatchState.MEETING_HELD)
    if not reason.strip():
        _refuse("reason_missing", "请写明重新打开名单的理由。")
    batch.state, batch.meeting_digest = BatchState.OPEN, ""
    batch.save(update_fields=["state", "meeting_digest"])
    record(Event.BATCH_REOPENED, actor=actor, target=batch, at=now, reason=reason)
    return batch


@transaction.atomic
def record_meeting(*, batch: Batch, meeting: MeetingRecord, actor: Seat, now: datetime) -> Batch:
    """Write down that the leading body decided this list (经领导班子集体研究)."""
    batch = _locked(batch, "declarations.prepare_batch", actor)
    _demand(batch, BatchState.FROZEN)
    if meeting.on > timezone.localdate(now):
        _refuse("meeting_ahead", "集体研究日期不能晚于今天。")
    if not (meeting.name.strip() and meeting.present.strip() and meeting.minutes.strip()):
        _refuse("meeting_incomplete", "请写明会议名称、出席人员和研究意见。")
    batch.meeting_on, batch.meeting_name = meeting.on, meeting.name
    batch.present, batch.recused, batch.minutes = meeting.present, meeting.recused, meeting.minutes
    batch.meeting_digest, batch.state = batch.digest, BatchState.MEETING_HELD
    batch.save()
    record(Event.MEETING_RECORDED, actor=actor, target=batch, at=now, data={"digest": batch.digest})
    return batch


@transaction.atomic
def upload_batch(*, batch: Batch, actor: Seat, now: datetime) -> Batch:
    """Send the list up (T14): every case on it becomes recommended, the receipt is written.

    The person who prepared the list cannot send it; the list must be the one the meeting decided.
    """
    batch = _locked(batch, "declarations.upload_batch", actor)
    _demand(batch, BatchState.MEETING_HELD)
    if batch.prepared_by is not None and batch.prepared_by.user_id == actor.user_id:
        _refuse("second_person", "拟定名单的人不能自己上报，请由分管领导上报。")
    if digest_of(listing_of(batch)) != batch.meeting_digest:
        _refuse("list_changed", "名单与会议审定的不一致，请重新打开名单并再次研究。")
    for case in listed(batch.cycle, batch.unit, reserve=False).order_by("pk"):
        perform(case=case, name="recommend", actor=actor, now=now)
    batch.state, batch.uploaded_by, batch.uploaded_at = BatchState.UPLOADED, actor, now
    batch.receipt = f"{batch.cycle.slug.upper()}-{batch.unit.code}-{batch.version:02d}"
    batch.save()
    data = {"receipt": batch.receipt, "digest": batch.digest, "number": len(batch.listing)}
    record(Event.BATCH_UPLOADED, actor=actor, target=batch, at=now, data=data)
    return batch


@transaction.atomic
def accept_batch(*, batch: Batch, actor: Seat, now: datetime) -> Batch:
    """Accept a list that came up; and take its cases up for the preliminary review (T16)."""
    batch = Batch.objects.select_for_update(of=("self",)).select_related("unit", "cycle").get(pk=batch.pk)
    if not allowed(actor, "declarations.department"):
        _refuse("not_permitted", "推荐名单由全国工商联会员部接收。", "五（二）3")
    _demand(batch, BatchState.UPLOADED)
    batch.state, batch.accepted_by, batch.accepted_at = BatchState.ACCEPTED, actor, now
    batch.save(update_fields=["state", "accepted_by", "accepted_at"])
    record(Event.BATCH_ACCEPTED, actor=actor, target=batch, at=now, data={"receipt": batch.receipt})
    for case in batch.cases.filter(state=State.RECOMMENDED).order_by("pk"):
        take_up(case=case, actor=actor, now=now)
    return batch


def take_up(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Open the preliminary review of one case (T16)."""

    def effect(dossier: Dossier) -> None:
        dossier.case.desk = None if dossier.case.recused else actor

    return perform(case=case, name="take_up", actor=actor, now=now, effect=effect)
