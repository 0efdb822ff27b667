"""Printed papers kept on disk by the digest of their text and styles: made once, by one request while others wait."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.files import File

PAPERS = "papers"


def kept_paper(digest: str, make: Callable[[], bytes]) -> File:
    """Open the paper of that digest; it is made and kept where it is not there yet."""
    path = _folder() / f"{digest}.pdf"
    if not path.exists():
        with _alone():
            if not path.exists():
                _write(path, make())
    return File(path.open("rb"))


def _folder() -> Path:
    folder = Path(settings.STORAGE_ROOT) / PAPERS
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write(path: Path, content: bytes) -> None:
    """Write the file under another name first: one that has its name is whole."""
    part = path.with_name(f"{uuid4()}.part")
    part.write_bytes(content)
    part.chmod(settings.FILE_UPLOAD_PERMISSIONS)
    part.replace(path)


@contextmanager
def _alone() -> Iterator[None]:
    descriptor = os.open(_folder(), os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
