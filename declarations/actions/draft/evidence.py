"""Taking evidence in and out."""

from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction

from declarations.actions.draft.writing import for_writing
from declarations.models import Attachment, Declaration
from declarations.store import keep
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.documents.sniff import Sniffed, UnacceptableFile, inspect


def attach(
    *, case: Declaration, row: str, file: BinaryIO, name: str, actor: Seat, now: datetime
) -> Attachment:
    """Take one piece of evidence for a row; the file is judged by its content, before anything is locked.

    Raises ``Refused`` with the reason when the file cannot be accepted; nothing is left behind then.
    """
    try:
        found = inspect(file, name, max_bytes=settings.EVIDENCE_MAX_BYTES)
    except UnacceptableFile as problem:
        raise Refused((Refusal("file_refused", str(problem)),)) from None
    return _take_in(case, row, file, found, actor, now)


@transaction.atomic
def _take_in(
    case: Declaration, row: str, file: BinaryIO, found: Sniffed, actor: Seat, now: datetime
) -> Attachment:
    desk = for_writing(case, actor)
    locked, open_items = desk.case, desk.open_items
    _refuse_row(locked, row, open_items)
    if locked.attachments.filter(removed_at__isnull=True).count() >= settings.EVIDENCE_MAX_FILES:
        raise Refused((Refusal("too_many_files", f"每件申报最多上传{settings.EVIDENCE_MAX_FILES}个文件。"),))
    piece = _add(locked, row, found, keep(file, found.sha256), actor, now)
    record(Event.EVIDENCE_ADDED, actor=actor, target=locked, at=now, data={"file": piece.name, "row": row})
    return piece


def _refuse_row(case: Declaration, row: str, open_items: frozenset[str] | None) -> None:
    if row not in {item.id for item in programme_of(case.cycle.programme).rubric.items()}:
        raise Refused((Refusal("row_unknown", "请选择这份材料证明的指标。"),))
    if open_items is not None and row not in open_items:
        raise Refused((Refusal("row_locked", f"{row}不在退回修改的事项内，不能改动。"),))


def _add(case: Declaration, row: str, found: Sniffed, stored: str, actor: Seat, now: datetime) -> Attachment:
    try:
        with transaction.atomic():
            return Attachment.objects.create(
                declaration=case,
                row=row,
                name=found.name,
                kind=found.kind,
                size=found.size,
                digest=found.sha256,
                stored=stored,
                added_by=actor,
                added_at=now,
            )
    except IntegrityError:
        raise Refused((Refusal("file_twice", f"{row}已经上传过同一个文件。"),)) from None


@transaction.atomic
def detach(*, case: Declaration, attachment: Attachment, actor: Seat, now: datetime) -> None:
    """Take a piece of evidence out of the declaration; what a frozen revision names stays stored."""
    desk = for_writing(case, actor)
    locked, open_items = desk.case, desk.open_items
    _refuse_row(locked, attachment.row, open_items)
    if not locked.attachments.filter(pk=attachment.pk, removed_at__isnull=True).update(removed_at=now):
        raise Refused((Refusal("file_gone", f"{attachment.name}已不在本件申报的佐证材料中。"),))
    attachment.removed_at = now
    facts = {"file": attachment.name, "row": attachment.row}
    record(Event.EVIDENCE_REMOVED, actor=actor, target=locked, at=now, data=facts)
