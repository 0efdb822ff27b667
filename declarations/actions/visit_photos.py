"""Photographs of a visit: judged by their content like evidence, kept with the time that they tell and their own."""

from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from declarations import store
from declarations.actions.draft.evidence import open_uploads, refusals_of_files, stored_or_gone
from declarations.actions.visit_record import for_recording
from declarations.models import Upload, Visit, VisitPhoto
from declarations.queries.proofs import PICTURES
from sihao.accounts.models import Seat
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.documents.photo import taken_at
from sihao.documents.sniff import Sniffed, inspect, refuse_unseen, safe_name

MOST_PHOTOS = 40
ROW = "photos"


def add_photo(
    *, visit: int, file: BinaryIO, name: str, actor: Seat, now: datetime, upload: Upload | None = None
) -> VisitPhoto:
    """Take one photograph; raises ``Refused`` with the reason, and nothing is left behind then.

    ``upload`` is the way the file came piece by piece; it is marked as done together with the photograph.
    """
    with refusals_of_files():
        found = inspect(file, name, max_bytes=settings.EVIDENCE_MAX_BYTES)
    if found.kind not in PICTURES:
        raise Refused.because("not_a_picture", f"“{found.name}”不是照片，走访照片接受JPEG和PNG。")
    taken = taken_at(file)
    with stored_or_gone(found.sha256):
        return _take_in(visit, file, found, taken, actor, now, upload)


@transaction.atomic
def _take_in(
    visit: int,
    file: BinaryIO,
    found: Sniffed,
    taken: datetime | None,
    actor: Seat,
    now: datetime,
    upload: Upload | None,
) -> VisitPhoto:
    held = for_recording(visit, actor)
    _refuse_number(held)
    photo = _add(held, found, taken, actor, now)
    try:
        store.keep(file, found.sha256)
    except store.Altered:
        raise Refused.because("file_altered", f"“{found.name}”在检查后有变化，没有收下。请重新上传。") from None
    if upload is not None:
        Upload.objects.filter(pk=upload.pk).update(photo=photo)
    told = {"file": photo.name, "digest": photo.digest}
    record(Event.VISIT_PHOTO_ADDED, actor=actor, target=held.declaration, at=now, data=told)
    return photo


def _refuse_number(held: Visit, coming: int = 0) -> None:
    there = held.photos.filter(removed_at__isnull=True).count()
    if there + coming >= MOST_PHOTOS:
        raise Refused.because("too_many_photos", f"每次走访最多上传{MOST_PHOTOS}张照片。")


def _add(held: Visit, found: Sniffed, taken: datetime | None, actor: Seat, now: datetime) -> VisitPhoto:
    try:
        with transaction.atomic():
            return VisitPhoto.objects.create(
                visit=held,
                name=found.name,
                kind=found.kind,
                size=found.size,
                digest=found.sha256,
                stored=store.place_of(found.sha256),
                taken_at=taken,
                added_by=actor,
                added_at=now,
            )
    except IntegrityError:
        raise Refused.because("photo_twice", f"“{found.name}”已经上传过。") from None


def as_photo(upload: Upload, file: BinaryIO, actor: Seat, now: datetime) -> None:
    """Make a photograph of what has come."""
    brought = {"file": file, "name": upload.name, "actor": actor, "now": now, "upload": upload}
    upload.photo = add_photo(visit=upload.visit_id, **brought)


@transaction.atomic
def begin_photo(*, visit: int, token: UUID, name: str, size: int, actor: Seat, now: datetime) -> Upload:
    """Begin a photograph that comes piece by piece, or find it again by its token."""
    known = Upload.objects.filter(token=token).select_related("started_by").first()
    if known is not None:
        mine = (known.visit_id, known.started_by.user_id) == (visit, actor.user_id)
        if not mine or (known.name, known.size) != (safe_name(name), size):
            raise Refused.because("upload_other", "所选文件与未传完的文件不一致，请作为新文件上传。")
        return known
    with refusals_of_files():
        refuse_unseen(name, size, max_bytes=settings.EVIDENCE_MAX_BYTES)
    held = for_recording(visit, actor)
    mine = open_uploads().filter(started_by__user=actor.user_id)
    _refuse_number(held, mine.filter(visit=held).count())
    if mine.count() >= settings.EVIDENCE_MAX_OPEN:
        told = f"同时最多上传{settings.EVIDENCE_MAX_OPEN}个文件，请先传完或放弃未传完的文件。"
        raise Refused.because("too_many_open", told)
    return Upload.objects.create(
        token=token,
        declaration=held.declaration,
        visit=held,
        row=ROW,
        name=safe_name(name),
        size=size,
        started_by=actor,
        started_at=now,
        touched_at=now,
    )


@transaction.atomic
def remove_photo(*, visit: int, photo: VisitPhoto, actor: Seat, now: datetime) -> None:
    """Take a photograph out of a record that is still open; the file stays stored and the trail tells of it."""
    held = for_recording(visit, actor)
    if not held.photos.filter(pk=photo.pk, removed_at__isnull=True).update(removed_at=now):
        raise Refused.because("photo_gone", f"{photo.name}已不在走访照片中。")
    record(Event.VISIT_PHOTO_REMOVED, actor=actor, target=held.declaration, at=now, data={"file": photo.name})
