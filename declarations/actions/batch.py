"""A unit's list: frozen for the meeting, opened again; ``ranking`` orders it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from django.db import transaction

from declarations.actions.scans import take_away
from declarations.digests import digest_of
from declarations.models import Batch, Cycle, ListVersion, Meeting, PaperScan, SealedPaper
from declarations.queries.batches import listing_of
from declarations.queries.board import unexplained_refusals
from declarations.queries.recusals import NOT_WHOLE, hides_of_list
from declarations.states import BatchState, ListOrigin, MeetingState
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.prepared import Prepared

CLAUSE = "五（二）1"
BEFORE_UPLOAD = (BatchState.FROZEN, BatchState.MEETING_HELD, BatchState.SEALED)


def refuse(code: str, sentence: str, clause: str = CLAUSE) -> NoReturn:
    """Raise a refusal."""
    raise Refused((Refusal(code, sentence, clause),))


@dataclass(frozen=True)
class ListHead:
    """What the permission rules ask of a list: which unit heads it."""

    unit_id: int


HELD = Prepared(
    lambda pk: Batch.objects.select_for_update(of=("self",))
    .select_related("unit", "cycle__programme", "prepared_by__user")
    .defer("cycle__programme__text", "cycle__notice_text")
    .filter(pk=pk)
)


def locked(batch: Batch) -> Batch:
    """Return the list, locked for the rest of the transaction."""
    return HELD.get(batch.pk)


def locked_for(batch: Batch, permission: str, actor: Seat) -> Batch:
    """Return the list, locked, if it is the actor's to work on; not for who steps back from a case of it."""
    found = locked(batch)
    if not allowed(actor, permission, ListHead(found.unit_id)):
        refuse("not_permitted", "只有推荐单位可以办理推荐名单。")
    if hides_of_list(actor, found.cycle_id, found.unit_id):
        raise Refused((NOT_WHOLE,))
    return found


def demand(batch: Batch, *states: BatchState) -> None:
    """Refuse in any other state."""
    if batch.state not in states:
        named = "、".join(f"“{state.label}”" for state in states)
        refuse("batch_state", f"推荐名单现为“{batch.get_state_display()}”，只有{named}时可以办理。")


@transaction.atomic
def open_batch(*, cycle: Cycle, unit: Organisation) -> Batch:
    """Return the unit's list in a cycle, opened if it is not there."""
    return Batch.objects.get_or_create(cycle=cycle, unit=unit)[0]


@transaction.atomic
def freeze_batch(*, batch: Batch, actor: Seat, now: datetime) -> Batch:
    """Freeze the list with its digest, for the meeting."""
    batch = locked_for(batch, "declarations.prepare_batch", actor)
    demand(batch, BatchState.OPEN)
    listing = listing_of(batch)
    if not listing:
        refuse("list_empty", "名单内还没有拟推荐对象。")
    if refusals := unexplained_refusals(batch):
        raise Refused(refusals)
    new_version(batch=batch, listing=listing, origin=ListOrigin.FROZEN, actor=actor, now=now)
    batch.state, batch.prepared_by, batch.frozen_at = BatchState.FROZEN, actor, now
    batch.save()
    data = {"version": batch.version, "digest": batch.digest, "number": len(listing)}
    record(Event.BATCH_FROZEN, actor=actor, target=batch, at=now, data=data)
    return batch


def new_version(
    *, batch: Batch, listing: list[dict[str, object]], origin: ListOrigin, actor: Seat, now: datetime
) -> ListVersion:
    """Keep a list as the next version and make it the current one; the caller holds the lock and saves the list."""
    batch.listing, batch.digest, batch.version = listing, digest_of(listing), batch.version + 1
    return ListVersion.objects.create(
        batch=batch,
        number=batch.version,
        origin=origin,
        listing=listing,
        digest=batch.digest,
        made_by=actor,
        made_at=now,
    )


@transaction.atomic
def reopen_batch(*, batch: Batch, reason: str, actor: Seat, now: datetime) -> Batch:
    """Open a frozen list again; what a meeting decided on it no longer counts, nor does what was sealed."""
    batch = locked_for(batch, "declarations.prepare_batch", actor)
    demand(batch, *BEFORE_UPLOAD)
    if not reason.strip():
        refuse("reason_missing", "请写明重新打开名单的理由。")
    Meeting.objects.filter(agenda__batch=batch).exclude(state=MeetingState.VOID).update(state=MeetingState.VOID)
    papers = SealedPaper.objects.filter(version__batch=batch, replaced_at__isnull=True)
    take_away(PaperScan.objects.filter(paper__in=papers), actor=actor, now=now)
    papers.update(replaced_at=now)
    batch.state, batch.sealed_at = BatchState.OPEN, None
    batch.save(update_fields=["state", "sealed_at"])
    record(Event.BATCH_REOPENED, actor=actor, target=batch, at=now, reason=reason)
    return batch
