"""Evidence on disk: by digest under the storage root, never by a name somebody chose.

A file that is named here is whole, and stays while any row names it. Whoever brings a file in holds the door with
others (``storing``) until its row is committed; whoever takes out what no row names holds it alone (``alone``).
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files import File

EVIDENCE, INCOMING = "evidence", "incoming"
SHARDS = tuple(f"{number:02x}" for number in range(256))
BLOCK = 1 << 18
DIGEST_LENGTH = 64


class Busy(Exception):
    """Another request has this very file in hand."""


class Altered(Exception):
    """The file is no longer the one that was judged."""


def _root() -> Path:
    return Path(settings.STORAGE_ROOT)


# What was taken in


def place_of(digest: str) -> str:
    """Return where a file of that SHA-256 lies, relative to the storage root."""
    return f"{EVIDENCE}/{digest[:2]}/{digest[2:4]}/{digest}"


def keep(file: BinaryIO, digest: str) -> str:
    """Store the file once and return its place; the same content twice is one file.

    The file is whole on the disk before it has its name. Raises ``Altered`` when the content is not of that digest.
    """
    place = place_of(digest)
    target = _root() / place
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = _new_part()
        try:
            _copy(file, part, digest)
            part.replace(target)
            _sync(target.parent)
        finally:
            part.unlink(missing_ok=True)
    return place


def _new_part() -> Path:
    folder = _root() / INCOMING
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{uuid4()}.part"


def _copy(file: BinaryIO, part: Path, digest: str) -> None:
    found = hashlib.sha256()
    file.seek(0)
    with part.open("xb") as copy:
        while block := file.read(BLOCK):
            found.update(block)
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    if found.hexdigest() != digest:
        raise Altered(digest)
    part.chmod(settings.FILE_UPLOAD_PERMISSIONS)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fetch(place: str) -> File:
    """Open a stored file for reading."""
    return File((_root() / place).open("rb"))


def size_of(place: str) -> int | None:
    """Return how many bytes a stored file has; None when it is not there."""
    try:
        return (_root() / place).stat().st_size
    except FileNotFoundError:
        return None


def digest_at(place: str) -> str:
    """Return the SHA-256 of a stored file as it lies on the disk now."""
    with (_root() / place).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def storing() -> Iterator[None]:
    """Hold the door with others: what is kept inside is not taken for forsaken before its row is committed."""
    with _door(fcntl.LOCK_SH):
        yield


@contextmanager
def alone() -> Iterator[None]:
    """Hold the door alone: nobody is between keeping a file and committing its row."""
    with _door(fcntl.LOCK_EX):
        yield


@contextmanager
def _door(how: int) -> Iterator[None]:
    folder = _root() / EVIDENCE
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def discard(digest: str) -> None:
    """Remove a stored file; one that is not there is no error. Only for whoever holds the door alone."""
    (_root() / place_of(digest)).unlink(missing_ok=True)


def untouched(shard: str, seconds: float) -> list[str]:
    """Return the digests of the stored files of a shard that are older than so many seconds.

    The age of a file is the file system's, which knows nothing of a rehearsal's clock.
    """
    files = (_root() / EVIDENCE / shard).glob("*/*")
    return [file.name for file in files if len(file.name) == DIGEST_LENGTH and _is_older(file, seconds)]


def _is_older(file: Path, seconds: float) -> bool:
    try:
        return file.stat().st_mtime < time.time() - seconds
    except FileNotFoundError:
        return False


# What is on its way in


@contextmanager
def held(token: UUID) -> Iterator[BinaryIO]:
    """Open the file of an upload for one request alone; raises ``Busy`` while another has it."""
    folder = _root() / INCOMING
    folder.mkdir(parents=True, exist_ok=True)
    path = _incoming(token)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, settings.FILE_UPLOAD_PERMISSIONS)
    with os.fdopen(descriptor, "r+b") as file:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(token) from None
        if not _still_named(path, descriptor):
            raise Busy(token)
        yield file


def _incoming(token: UUID) -> Path:
    return _root() / INCOMING / str(token)


def _still_named(path: Path, descriptor: int) -> bool:
    """Return whether the opened file has not been removed since by another request."""
    with suppress(FileNotFoundError):
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    return False


def arrived(token: UUID) -> int:
    """Return how many bytes of an upload are on the disk."""
    with suppress(FileNotFoundError):
        return _incoming(token).stat().st_size
    return 0


def give_up(token: UUID) -> None:
    """Remove what has come of an upload."""
    _incoming(token).unlink(missing_ok=True)


def give_up_old(keep: frozenset[str], seconds: float) -> int:
    """Remove what lies unfinished for so many seconds and is not to be kept; return how many files it were."""
    files = (_root() / INCOMING).glob("*")
    old = [file for file in files if file.name not in keep and _is_older(file, seconds)]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)
