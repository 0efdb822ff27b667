"""Files on their way in, piece by piece: begun, carried on where the line broke, ended in evidence or a refusal.

What has come lies under ``incoming/<token>`` and is held by one request at a time, from the first byte of its piece to
the judgement, so that what was judged is what is stored.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import Http404

from declarations import store
from declarations.actions.draft.evidence import (
    SERVER_BUSY,
    attach,
    drop_unnamed,
    open_uploads,
    refuse_before_upload,
)
from declarations.models import Declaration, Upload
from declarations.queries.drafting.uploads import offset_of
from sihao.accounts.models import Seat
from sihao.accounts.refusals import Refusal, Refused
from sihao.documents.sniff import safe_name

KEPT = timedelta(days=1)
REFUSAL_LIMIT = 500


class WrongOffset(Exception):
    """The piece does not go on where the last one ended; ``right`` is where it must."""

    def __init__(self, right: int) -> None:
        super().__init__(right)
        self.right = right


@transaction.atomic
def begin_upload(
    *,
    case: Declaration,
    token: UUID,
    row: str,
    name: str,
    size: int,
    actor: Seat,
    now: datetime,
    pages: str = "",
    dated: date | None = None,
) -> Upload:
    """Begin an upload, or find it again by its token; refuses what can be refused before the first byte."""
    known = Upload.objects.filter(token=token).select_related("started_by").first()
    if known is not None:
        _refuse_other(known, case, row, safe_name(name), size, actor)
        return known
    desk = refuse_before_upload(case=case, row=row, name=name, size=size, actor=actor)
    if open_uploads().filter(started_by__user=actor.user_id).count() >= settings.EVIDENCE_MAX_OPEN:
        told = f"同时最多上传{settings.EVIDENCE_MAX_OPEN}个文件，请先传完或放弃未传完的文件。"
        raise Refused.because("too_many_open", told)
    return Upload.objects.create(
        token=token,
        declaration=desk.case,
        row=row,
        name=safe_name(name),
        pages=pages,
        dated=dated,
        size=size,
        started_by=actor,
        started_at=now,
        touched_at=now,
    )


def _refuse_other(known: Upload, case: Declaration, row: str, name: str, size: int, actor: Seat) -> None:
    mine = (known.declaration_id, known.started_by.user_id) == (case.pk, actor.user_id)
    if not mine or (known.row, known.name, known.size) != (row, name, size):
        raise Refused.because("upload_other", "所选文件与未传完的文件不一致，请作为新文件上传。")


Taking = Callable[[Upload, BinaryIO, Seat, datetime], None]
"""Makes of a whole file what it was brought for; raises ``Refused`` with the reason."""


def as_evidence(upload: Upload, file: BinaryIO, actor: Seat, now: datetime) -> None:
    """Make a piece of evidence of what has come."""
    proof = {"row": upload.row, "pages": upload.pages, "dated": upload.dated, "upload": upload}
    upload.piece = attach(case=upload.declaration, file=file, name=upload.name, actor=actor, now=now, **proof)


def take_piece(
    *, upload: Upload, offset: int, piece: bytes, actor: Seat, now: datetime, take: Taking = as_evidence
) -> Upload:
    """Add the next bytes of an upload; with the last one the file is judged and becomes evidence or is refused.

    An upload that has ended is returned as it ended. An empty piece at the end asks for the judgement again, should it
    have been interrupted. Raises ``WrongOffset``, ``store.Busy`` while another request has the file, and ``Refused``
    (code ``server_busy``) where the server found no time to judge: nothing is lost then.
    """
    with store.held(upload.token) as file:
        if not _still_there(upload):
            store.give_up(upload.token)
            raise Http404
        if not upload.is_open:
            store.give_up(upload.token)
            return upload
        right = offset_of(upload)
        if offset != right:
            raise WrongOffset(right)
        if offset + len(piece) > upload.size:
            return _refused(upload, f"“{upload.name}”没有收下：收到的内容比文件大小多。请重新上传。")
        _write(file, offset, piece)
        _count(upload, offset + len(piece), now)
        if upload.received == upload.size:
            _judge(upload, file, actor, now, take)
    return upload


def _still_there(upload: Upload) -> bool:
    """Read again how far the upload has come, now that nobody else has it; False when it was given up since."""
    with suppress(Upload.DoesNotExist):
        upload.refresh_from_db(fields=["received", "piece", "photo", "refusal"])
        return True
    return False


def _write(file: BinaryIO, offset: int, piece: bytes) -> None:
    file.truncate(offset)
    file.seek(offset)
    file.write(piece)
    file.flush()


def _count(upload: Upload, received: int, now: datetime) -> None:
    upload.received, upload.touched_at = received, now
    upload.save(update_fields=["received", "touched_at"])


def _judge(upload: Upload, file: BinaryIO, actor: Seat, now: datetime, take: Taking) -> None:
    try:
        take(upload, file, actor, now)
    except Refused as refused:
        if any(refusal.code == SERVER_BUSY for refusal in refused.refusals):
            raise
        _refused(upload, "".join(_about(upload.name, refusal) for refusal in refused.refusals))
    else:
        store.give_up(upload.token)


def _about(name: str, refusal: Refusal) -> str:
    """Return the sentence with the file it is about; what judges a file names it already."""
    return refusal.sentence if refusal.code == "file_refused" else f"“{name}”没有收下：{refusal}"


def _refused(upload: Upload, why: str) -> Upload:
    upload.refusal = why[:REFUSAL_LIMIT]
    upload.save(update_fields=["refusal"])
    store.give_up(upload.token)
    return upload


def drop_upload(*, upload: Upload) -> None:
    """Give an upload up; nothing is left of it. Raises ``store.Busy`` while another request has the file."""
    with store.held(upload.token):
        upload.delete()
        store.give_up(upload.token)


def sweep_uploads(*, now: datetime) -> int:
    """Remove the uploads that nobody has touched for a day with what came of them; return how many it were."""
    old = Upload.objects.filter(touched_at__lt=now - KEPT)
    tokens = [token for token in old.values_list("token", flat=True) if _dropped(token, now)]
    kept = frozenset(str(token) for token in open_uploads().values_list("token", flat=True))
    return len(tokens) + store.give_up_old(kept, KEPT.total_seconds())


def _dropped(token: UUID, now: datetime) -> bool:
    try:
        with store.held(token):
            deleted, _ = Upload.objects.filter(token=token, touched_at__lt=now - KEPT).delete()
            if deleted:
                store.give_up(token)
    except store.Busy:
        return False
    return bool(deleted)


def sweep_store(shards: tuple[str, ...]) -> int:
    """Remove the stored files of some shards that no row has named for a day: a crash left them; return how many."""
    return sum(
        drop_unnamed(digests) for shard in shards if (digests := store.untouched(shard, KEPT.total_seconds()))
    )
