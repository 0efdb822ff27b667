"""Where jobs write: a folder for each attempt, and a folder for the finished files."""

import os
import shutil
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings


def _root() -> Path:
    return Path(settings.STORAGE_ROOT) / "jobs"


def scratch(worker: str) -> Path:
    """Make and return the folder in which one attempt may write; on the same disk as the results."""
    folder = _root() / "work" / worker
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def drop_scratch(worker: str) -> None:
    """Remove an attempt's folder with all in it."""
    shutil.rmtree(_root() / "work" / worker, ignore_errors=True)


def parts(number: object) -> Path:
    """Make and return the folder in which a job keeps what the next attempt need not make again."""
    folder = _root() / "parts" / str(number)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def drop_parts(number: object) -> None:
    """Remove what a job kept between its attempts."""
    shutil.rmtree(_root() / "parts" / str(number), ignore_errors=True)


def drop_old_parts(*, keep: Iterable[object], untouched: timedelta) -> int:
    """Remove what jobs kept that are not open and that nobody touched for so long; return how many folders."""
    kept, limit = set(map(str, keep)), time.time() - untouched.total_seconds()
    folders = list((_root() / "parts").glob("*"))
    old = [folder for folder in folders if folder.name not in kept and folder.stat().st_mtime < limit]
    for folder in old:
        drop_parts(folder.name)
    return len(old)


def drop_abandoned(*, keep: Iterable[str], untouched: timedelta) -> int:
    """Remove folders of attempts that nobody works on and nobody touched for so long; return how many.

    The age of a folder is the file system's, which knows nothing of a rehearsal's clock.
    """
    kept, limit = set(keep), time.time() - untouched.total_seconds()
    folders = list((_root() / "work").glob("*"))
    abandoned = [f for f in folders if f.name not in kept and f.stat().st_mtime < limit]
    for folder in abandoned:
        drop_scratch(folder.name)
    return len(abandoned)


def keep(number: object, path: Path) -> str:
    """Move a finished file to its lasting place and return that place, relative to the storage root.

    The file is on the disk before it has its name, and has its name before the job is called done, so a file that
    can be seen is whole. A second attempt at the same job replaces the file by an equal one.
    """
    target = _root() / "results" / f"{number}{path.suffix}"
    target.parent.mkdir(parents=True, exist_ok=True)
    _sync(path)
    path.replace(target)
    _sync(target.parent)
    return _named(target)


def old_files(*, untouched: timedelta, most: int) -> dict[UUID, str]:
    """Return the finished files that nobody touched for so long, by the number of their job; at most so many."""
    limit, found = time.time() - untouched.total_seconds(), {}
    for path in (_root() / "results").glob("*"):
        if path.stat().st_mtime < limit and len(found) < most:
            found[UUID(path.stem)] = _named(path)
    return found


def drop(result_file: str) -> None:
    """Remove a finished file; one that is not there is no error."""
    located(result_file).unlink(missing_ok=True)


def located(result_file: str) -> Path:
    """Return the full path of a finished file."""
    return Path(settings.STORAGE_ROOT) / result_file


def _named(path: Path) -> str:
    return path.relative_to(settings.STORAGE_ROOT).as_posix()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
