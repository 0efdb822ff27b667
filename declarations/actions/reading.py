"""Reading what evidence holds, and finding what is alike: by jobs, never while somebody waits."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from declarations import store
from declarations.alike import MOST_ALIKE, MOST_CHECKED, bands_of, near, picture_hash, sketch_of
from declarations.models import Declaration, FileContent, FileLikeness, FileMark
from declarations.queries.alike import (
    Stored,
    anything_new,
    chambers_by_file,
    not_compared,
    pictures_met,
    texts_met,
    unread_files,
)
from declarations.states import FileStanding, MarkKind
from sihao.documents.content import Content, content_of
from sihao.documents.sniff import UnacceptableFile
from sihao.jobs.actions import enqueue
from sihao.jobs.models import OPEN_STATES, Job

READ = "read_evidence"
A_TURN = 500
"""Files a job reads; the next sweep orders the next."""
Progress = Callable[[int, int], None]
Alike = tuple[FileContent, dict[str, object]]


def order_reading(*, now: datetime) -> Job | None:
    """Order that new evidence is read, unless there is none or such a job is open."""
    if Job.objects.filter(kind=READ, state__in=OPEN_STATES).exists() or not anything_new():
        return None
    with transaction.atomic():
        return enqueue(READ, owner=None, at=now)


def read_evidence(
    *, now: datetime, most: int = A_TURN, cases: QuerySet[Declaration] | None = None, progress: Progress | None = None
) -> int:
    """Read files that were not read yet (of some cases alone), compare what was not compared; return how many acts.

    A file is first written with its marks and then compared, so that of two that are read at once one meets the other.
    """
    waiting, done = unread_files(most, cases), 0
    for place, stored in enumerate(waiting):
        if progress is not None:
            progress(place, len(waiting))
        done += _read(stored, now)
    for content in not_compared(most):
        compare_file(content=content, now=now)
        done += 1
    return done


def _read(stored: Stored, now: datetime) -> bool:
    """Read one file; while the machine is too busy it is left to the next turn."""
    digest, place, kind = stored
    try:
        with store.fetch(place) as file:
            found = content_of(file, kind)
    except FileNotFoundError:
        found = Content(readable=False)  # the check of the data tells it
    except UnacceptableFile:
        return False
    keep_content(digest=digest, found=found, now=now)
    return True


@transaction.atomic
def keep_content(*, digest: str, found: Content, now: datetime) -> FileContent:
    """Write what was read of a file, with what it is looked up by; what was read before stays."""
    picture = picture_hash(found.levels) if found.levels else None
    values = {
        "readable": found.readable,
        "text": found.text,
        "picture": "" if picture is None else f"{picture:032x}",
        "taken_at": found.taken_at,
        "read_at": now,
    }
    content, created = FileContent.objects.get_or_create(digest=digest, defaults=values)
    if created:
        marks = [(MarkKind.TEXT, value) for value in sketch_of(found.text)]
        marks += [(MarkKind.PICTURE, value) for value in (bands_of(picture) if picture is not None else ())]
        FileMark.objects.bulk_create(FileMark(content=content, kind=kind, value=value) for kind, value in marks)
    return content


@transaction.atomic
def compare_file(*, content: FileContent, now: datetime) -> None:
    """Write which files of other chambers are alike; what more than ``MOST_ALIKE`` of them have is a common form."""
    found = _alike_texts(content) if content.text else _alike_pictures(content)
    standing, alike = FileStanding.ALONE, [one for one, _ in found]
    if found:
        common = _is_common(content, alike)
        standing = FileStanding.COMMON if common else FileStanding.ALIKE
        changed = FileContent.objects.filter(pk__in=[one.pk for one in alike]).exclude(standing=FileStanding.COMMON)
        changed.update(standing=standing)
        if not common:
            FileLikeness.objects.bulk_create((_pair(content, *one) for one in found), ignore_conflicts=True)
    values = {"compared_at": now} | ({"standing": standing} if found else {})
    FileContent.objects.filter(pk=content.pk).update(**values)


def _is_common(content: FileContent, alike: list[FileContent]) -> bool:
    if any(one.standing == FileStanding.COMMON for one in alike):
        return True
    users = chambers_by_file([content.digest, *(one.digest for one in alike)])
    own = users.pop(content.digest, set())
    return len(set().union(*users.values()) - own) > MOST_ALIKE


def _pair(content: FileContent, other: FileContent, told: dict[str, object]) -> FileLikeness:
    first, second = sorted((content.pk, other.pk))
    return FileLikeness(first_id=first, second_id=second, **told)


def _of_others(content: FileContent, met: Iterable[FileContent]) -> list[FileContent]:
    """Return those files that another chamber uses."""
    candidates = list(met)
    users = chambers_by_file([content.digest, *(one.digest for one in candidates)])
    own = users.get(content.digest, set())
    return [one for one in candidates if users.get(one.digest, set()) - own]


def _alike_texts(content: FileContent) -> list[Alike]:
    """Return the files whose texts are nearly the same; one that is a common form ends the search."""
    found: list[Alike] = []
    for other in _of_others(content, texts_met(content))[:MOST_CHECKED]:
        same = near(content.text, other.text)
        if same is not None:
            found.append((other, {"shared": same.shared, "share": round(same.share, 4)}))
            if other.standing == FileStanding.COMMON:
                break
    return found


def _alike_pictures(content: FileContent) -> list[Alike]:
    met = dict(pictures_met(content))
    return [(other, {"bits": met[other]}) for other in _of_others(content, met)]
