"""Taking evidence in and out."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import BinaryIO

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import QuerySet

from declarations import store
from declarations.actions.draft.writing import Desk, for_writing
from declarations.models import (
    Annex,
    Attachment,
    CampaignPaper,
    Declaration,
    FeedbackPack,
    ObjectionPiece,
    PaperScan,
    StatementFile,
    Story,
    Upload,
    VisitPhoto,
)
from declarations.queries.proofs import proof_label, provable
from sihao.accounts.models import Seat
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.documents.sniff import Reason, Sniffed, UnacceptableFile, inspect, refuse_unseen

SERVER_BUSY = "server_busy"
NAMING = (Attachment, Annex, CampaignPaper, PaperScan, StatementFile, VisitPhoto, ObjectionPiece, FeedbackPack, Story)
"""The tables whose rows name a stored file."""


@dataclass(frozen=True)
class Proof:
    """What a file is brought for: the row or field it proves, where in it to look, and the date of the material."""

    row: str
    pages: str = ""
    dated: date | None = None
    upload: Upload | None = field(default=None, compare=False)


def attach(
    *,
    case: Declaration,
    row: str,
    file: BinaryIO,
    name: str,
    actor: Seat,
    now: datetime,
    pages: str = "",
    dated: date | None = None,
    upload: Upload | None = None,
) -> Attachment:
    """Take one piece of evidence for a row or field; the file is judged by its content, before anything is locked.

    Raises ``Refused`` with the reason when the file cannot be accepted; nothing is left behind then. ``upload`` is the
    way the file came piece by piece; it is marked as done together with the piece.
    """
    with refusals_of_files():
        found = inspect(file, name, max_bytes=settings.EVIDENCE_MAX_BYTES)
    with stored_or_gone(found.sha256):
        return _take_in(case, Proof(row, pages, dated, upload), file, found, actor, now)


def refuse_before_upload(*, case: Declaration, row: str, name: str, size: int, actor: Seat) -> Desk:
    """Refuse what name, size and number alone forbid; returns the case, held for writing (in the caller's transaction).

    Files on their way in count like those that are there.
    """
    with refusals_of_files():
        refuse_unseen(name, size, max_bytes=settings.EVIDENCE_MAX_BYTES)
    desk = for_writing(case, actor)
    _refuse_row(desk, row)
    coming = open_uploads().filter(declaration=desk.case, visit__isnull=True).count()
    _refuse_number(desk.case, coming)
    return desk


def open_uploads() -> QuerySet[Upload]:
    """Return the uploads that have neither become evidence or a photograph nor been refused."""
    return Upload.objects.filter(piece__isnull=True, photo__isnull=True, refusal="")


@contextmanager
def refusals_of_files() -> Iterator[None]:
    """Turn the refusal of a file into one of the house's; a server without time for it is told apart."""
    try:
        yield
    except UnacceptableFile as problem:
        code = SERVER_BUSY if problem.reason is Reason.BUSY else "file_refused"
        raise Refused((Refusal(code, str(problem)),)) from None


@contextmanager
def stored_or_gone(*digests: str) -> Iterator[None]:
    """Store files and commit their rows behind one door; where that fails, a file goes unless another row names it."""
    try:
        with store.storing():
            yield
    except BaseException:
        with suppress(DatabaseError):  # the sweeper finds it later
            drop_unnamed(digests)
        raise


def drop_unnamed(digests: Iterable[str]) -> int:
    """Remove the stored files that no row names, and return how many it were."""
    asked = set(digests)
    with store.alone():
        named = (rows.objects.filter(digest__in=asked).values_list("digest", flat=True) for rows in NAMING)
        unnamed = asked.difference(*named)
        for digest in unnamed:
            store.discard(digest)
    return len(unnamed)


@transaction.atomic
def _take_in(
    case: Declaration, proof: Proof, file: BinaryIO, found: Sniffed, actor: Seat, now: datetime
) -> Attachment:
    desk = for_writing(case, actor)
    _refuse_row(desk, proof.row)
    _refuse_number(desk.case)
    piece = _add(desk, proof, found, actor, now)
    try:
        store.keep(file, found.sha256)
    except store.Altered:
        raise Refused.because("file_altered", f"“{found.name}”在检查后有变化，没有收下。请重新上传。") from None
    if proof.upload is not None:
        Upload.objects.filter(pk=proof.upload.pk).update(piece=piece)
    _note(Event.EVIDENCE_ADDED, desk, piece, actor, now)
    return piece


def _note(event: Event, desk: Desk, piece: Attachment, actor: Seat, now: datetime) -> None:
    facts = {"file": piece.name, "row": proof_label(desk.programme, piece.row)}
    record(event, actor=actor, target=desk.case, at=now, data=facts)


def _refuse_number(case: Declaration, coming: int = 0) -> None:
    there = case.attachments.filter(removed_at__isnull=True).count()
    if there + coming >= settings.EVIDENCE_MAX_FILES:
        raise Refused.because("too_many_files", f"每件申报最多上传{settings.EVIDENCE_MAX_FILES}个文件。")


def _refuse_row(desk: Desk, row: str) -> None:
    if row not in provable(desk.programme):
        raise Refused.because("row_unknown", "请选择这份材料证明的指标或申报表项目。")
    if desk.open_items is not None and row not in desk.open_items:
        told = f"{proof_label(desk.programme, row)}不在退回修改的事项内，不能改动。"
        raise Refused.because("row_locked", told)


def _add(desk: Desk, proof: Proof, found: Sniffed, actor: Seat, now: datetime) -> Attachment:
    try:
        with transaction.atomic():
            return Attachment.objects.create(
                declaration=desk.case,
                row=proof.row,
                name=found.name,
                pages=proof.pages,
                dated=proof.dated,
                kind=found.kind,
                size=found.size,
                digest=found.sha256,
                stored=store.place_of(found.sha256),
                added_by=actor,
                added_at=now,
            )
    except IntegrityError:
        told = f"{proof_label(desk.programme, proof.row)}已经上传过同一个文件。"
        raise Refused.because("file_twice", told) from None


@transaction.atomic
def annotate(
    *, case: Declaration, attachment: Attachment, pages: str, dated: date | None, actor: Seat
) -> None:
    """Say where in a piece of evidence to look and of what date the material is."""
    desk = for_writing(case, actor)
    _refuse_row(desk, attachment.row)
    there = desk.case.attachments.filter(pk=attachment.pk, removed_at__isnull=True)
    if not there.update(pages=pages, dated=dated):
        raise _gone(attachment)


@transaction.atomic
def detach(*, case: Declaration, attachment: Attachment, actor: Seat, now: datetime) -> None:
    """Take a piece of evidence out of the declaration; what a frozen revision names stays stored."""
    desk = for_writing(case, actor)
    _refuse_row(desk, attachment.row)
    if not desk.case.attachments.filter(pk=attachment.pk, removed_at__isnull=True).update(removed_at=now):
        raise _gone(attachment)
    attachment.removed_at = now
    _note(Event.EVIDENCE_REMOVED, desk, attachment, actor, now)


def _gone(attachment: Attachment) -> Refused:
    return Refused.because("file_gone", f"{attachment.name}已不在本件申报的佐证材料中。")
