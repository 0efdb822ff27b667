"""Files that come with a form: never more of them on the disk than the house takes, and under the name they claim."""

import html
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser

UNNAMED = "未命名"


class LimitedUploads(FileUploadHandler):
    """The one upload handler of the house (``FILE_UPLOAD_HANDLERS``).

    Of each file one byte more than the limit is kept, so that whoever judges it finds it too large. Where all files of
    a form together are too much, the rest is left unread, and ``request.files_cut_short`` says so.
    """

    def handle_raw_input(
        self, input_data: Any, meta: dict[str, Any], length: int, boundary: bytes, encoding: str | None = None
    ) -> tuple[Any, Any]:
        """Read the form."""
        taking = _Taking(self.request)
        taking.parser = _Parser(meta, input_data, [taking], encoding)
        return taking.parser.parse()


# What a browser writes in a form for the characters that would end the line or the name.
ESCAPED = {"%0D": "\r", "%0A": "\n", "%22": '"'}


def _as_it_was(name: str) -> str:
    for written, meant in ESCAPED.items():
        name = name.replace(written, meant)
    return html.unescape(name)


class _Parser(MultiPartParser):
    """Remembers the name a file came under; Django's own would quietly make a harmless one of it."""

    claimed = ""

    def sanitize_file_name(self, file_name: str) -> str:
        self.claimed = _as_it_was(file_name)
        return super().sanitize_file_name(file_name) or UNNAMED


class _Taking(TemporaryFileUploadHandler):
    """Puts each file on the disk, as far as the limits go."""

    parser: _Parser

    def __init__(self, request: HttpRequest | None) -> None:
        super().__init__(request)
        self.came = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.claimed = self.parser.claimed

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.came += len(raw_data)
        if self.came > settings.UPLOAD_MAX_BYTES:
            self.request.files_cut_short = True
            raise StopUpload(connection_reset=True)
        self.file.write(raw_data[: max(0, settings.EVIDENCE_MAX_BYTES + 1 - start)])

    def file_complete(self, file_size: int) -> UploadedFile:
        file = super().file_complete(min(file_size, settings.EVIDENCE_MAX_BYTES + 1))
        file.claimed_name = self.claimed
        return file


def claimed_name(file: UploadedFile) -> str:
    """Return the name a file came under, as it was sent."""
    return getattr(file, "claimed_name", file.name or "")
