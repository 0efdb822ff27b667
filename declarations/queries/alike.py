"""Which files were not read yet, and which that were read are to be laid beside one of them."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from declarations.alike import MET, MOST_BITS, Likeness, bits_apart
from declarations.models import Attachment, Declaration, FileContent, FileLikeness, FileMark
from declarations.states import FileStanding, MarkKind

Stored = tuple[str, str, str]
"""A stored file: its digest, its place, its kind."""
LOOKED_UP = 300
"""How many files that share fingerprints are looked at, those that share most first."""


def with_content(pieces: QuerySet[Attachment]) -> QuerySet[Attachment]:
    """Add what was read of each file: when a photograph was taken, whether something alike was found."""
    read = FileContent.objects.filter(digest=OuterRef("digest"))
    return pieces.annotate(
        taken_at=Subquery(read.values("taken_at")[:1]), standing=Subquery(read.values("standing")[:1])
    )


def unread_files(most: int, cases: QuerySet[Declaration] | None = None) -> list[Stored]:
    """Return files of declarations (of some alone) that were not read yet."""
    read = FileContent.objects.filter(digest=OuterRef("digest"))
    pieces = Attachment.objects.filter(~Exists(read), removed_at__isnull=True)
    if cases is not None:
        pieces = pieces.filter(declaration__in=cases.values("pk"))
    return list(pieces.order_by("digest").values_list("digest", "stored", "kind").distinct()[:most])


def not_compared(most: int) -> list[FileContent]:
    """Return files that were read and not yet compared, oldest first."""
    return list(FileContent.objects.filter(compared_at__isnull=True).order_by("id")[:most])


def anything_new() -> bool:
    """Return whether a file waits to be read or compared."""
    return bool(unread_files(1) or not_compared(1))


def texts_met(content: FileContent) -> list[FileContent]:
    """Return the files whose texts share fingerprints with one, those that share most first."""
    own = list(content.marks.filter(kind=MarkKind.TEXT).values_list("value", flat=True))
    if not own:
        return []
    others = FileMark.objects.filter(kind=MarkKind.TEXT, value__in=own).exclude(content=content)
    met = others.values("content").annotate(number=Count("pk")).filter(number__gte=min(MET, len(own)))
    keys = [row["content"] for row in met.order_by("-number", "content")[:LOOKED_UP]]
    found = FileContent.objects.in_bulk(keys)
    return [found[key] for key in keys]


def pictures_met(content: FileContent) -> list[tuple[FileContent, int]]:
    """Return the files whose pictures differ from one in few bits, with how many; one band at least is equal."""
    own = list(content.marks.filter(kind=MarkKind.PICTURE).values_list("value", flat=True))
    if not own:
        return []
    others = FileMark.objects.filter(kind=MarkKind.PICTURE, value__in=own).exclude(content=content)
    pictures = dict(others.values_list("content", "content__picture"))
    hashed = int(content.picture, 16)
    apart = {key: bits_apart(hashed, int(picture, 16)) for key, picture in pictures.items()}
    near = {key: bits for key, bits in apart.items() if bits <= MOST_BITS}
    found = FileContent.objects.in_bulk(near)
    return [(found[key], near[key]) for key in sorted(found, key=lambda key: (near[key], key))]


def chambers_by_file(digests: Iterable[str]) -> dict[str, set[int]]:
    """Return which applicants use each file, by digest; one query."""
    found: dict[str, set[int]] = {}
    pieces = Attachment.objects.filter(digest__in=set(digests), removed_at__isnull=True)
    for digest, applicant in pieces.values_list("digest", "declaration__applicant").distinct():
        found.setdefault(digest, set()).add(applicant)
    return found


def likenesses(digests: Iterable[str]) -> list[Likeness]:
    """Return the pairs of alike files of which one at least is among some; what very many use is left out."""
    asked = set(digests)
    return _told(_lasting().filter(Q(first__digest__in=asked) | Q(second__digest__in=asked))) if asked else []


def likenesses_within(cases: QuerySet[Declaration]) -> list[Likeness]:
    """Return the pairs of alike files that are both used by some cases; what very many use is left out."""
    pieces = Attachment.objects.filter(declaration__in=cases.values("pk"), removed_at__isnull=True).values("digest")
    return _told(_lasting().filter(first__digest__in=pieces, second__digest__in=pieces))


def _lasting() -> QuerySet[FileLikeness]:
    common = Q(first__standing=FileStanding.COMMON) | Q(second__standing=FileStanding.COMMON)
    return FileLikeness.objects.exclude(common)


def _told(rows: QuerySet[FileLikeness]) -> list[Likeness]:
    values = rows.order_by("id").values_list("first__digest", "second__digest", "shared", "share", "bits")
    return [Likeness(*row) for row in values]


def texts_of_files(digests: Iterable[str]) -> dict[str, str]:
    """Return the words of some files, by digest."""
    return dict(FileContent.objects.filter(digest__in=set(digests)).values_list("digest", "text"))


def taken_of_files(digests: Iterable[str]) -> dict[str, datetime | None]:
    """Return when some photographs were taken, as they say themselves, by digest."""
    return dict(FileContent.objects.filter(digest__in=set(digests)).values_list("digest", "taken_at"))
