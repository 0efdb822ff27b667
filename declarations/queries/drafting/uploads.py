"""Files on their way in."""

from uuid import UUID

from django.conf import settings
from django.http import Http404

from declarations import store
from declarations.models import Declaration, Upload
from sihao.accounts.models import Seat


def upload_of(case: Declaration, token: UUID, seat: Seat) -> Upload:
    """Return the person's own upload for this very case, or answer 404."""
    mine = case.uploads.filter(token=token, started_by__user=seat.user_id, visit__isnull=True)
    upload = mine.select_related("declaration__cycle__programme", "piece").first()
    if upload is None:
        raise Http404
    return upload


def offset_of(upload: Upload) -> int:
    """Return where the next piece goes on: what was counted, as far as it is on the disk."""
    return min(upload.received, store.arrived(upload.token)) if upload.is_open else upload.size


def cut_short() -> str:
    """Return the sentence about files that were too much for one form."""
    megabytes = settings.UPLOAD_MAX_BYTES // 1024 // 1024
    return f"一次上传的文件合计超过{megabytes} MB，后面的文件没有收下。请分几次上传。"
