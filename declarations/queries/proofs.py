"""What a piece of evidence proves: a row of the standard or a field of the form; and who else uses the same file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import Exists, F, OuterRef, Window
from django.db.models.functions import DenseRank
from django.utils import timezone

from declarations.models import Attachment
from declarations.queries.cases import cases_visible_to
from declarations.queries.facts import Dossier
from scoring.engine import Programme
from sihao.accounts.models import Seat

NAMED_AT_MOST = 5


def proof_label(programme: Programme, code: str) -> str:
    """Return how a row or a field is called in a sentence: the row's code, the field's label."""
    if code in row_codes(programme):
        return code
    return next((f"“{spec.label}”" for spec in programme.fields if spec.id == code), code)


def row_codes(programme: Programme) -> frozenset[str]:
    """Return the codes of the standard's rows."""
    return frozenset(item.id for item in programme.rubric.items())


def provable(programme: Programme) -> frozenset[str]:
    """Return everything that evidence may be uploaded for."""
    return row_codes(programme) | {spec.id for spec in programme.fields}


PICTURES = frozenset({"png", "jpeg"})
SHOWN_INLINE = PICTURES | {"pdf"}


@dataclass(frozen=True)
class Piece:
    """One piece of evidence as the pages print it.

    ``outside`` says why its date does not fit the period, ``taken`` the same of what a photograph tells of itself.
    """

    pk: int
    row: str
    name: str
    kind: str
    size: str
    pages: str
    dated: date | None
    outside: str
    added_at: datetime
    others: "Elsewhere | None" = None
    taken: str = ""

    @property
    def elsewhere(self) -> str:
        """What is told of its other uses, and of files that are alike."""
        return self.others.sentence if self.others is not None else ""

    @property
    def is_shared(self) -> bool:
        """Whether other declarations use the very file."""
        return self.others is not None and bool(self.others.uses or self.others.unseen)

    @property
    def is_alike(self) -> bool:
        """Whether other chambers use one that is alike."""
        return self.others is not None and bool(self.others.alike)

    @property
    def is_picture(self) -> bool:
        """Whether it is shown as a picture."""
        return self.kind.lower() in PICTURES

    @property
    def is_shown(self) -> bool:
        """Whether it can be looked at in the page."""
        return self.kind.lower() in SHOWN_INLINE


def file_size(size: int) -> str:
    """Return a size as people read it."""
    kilobytes = max(1, round(size / 1024))
    return f"{kilobytes} KB" if kilobytes < 1024 else f"{size / 1024 / 1024:.1f} MB"


def told_piece(programme: Programme, piece: Attachment, others: "Elsewhere | None" = None) -> Piece:
    """Return a piece as the pages print it."""
    return Piece(
        piece.pk,
        piece.row,
        piece.name,
        piece.kind.upper(),
        file_size(piece.size),
        piece.pages,
        piece.dated,
        outside_period(programme, piece.dated),
        piece.added_at,
        others,
        taken_outside(programme, piece),
    )


def outside_period(programme: Programme, dated: date | None) -> str:
    """Return the sentence about a date outside the period that is judged; nothing for one inside."""
    if dated is None or programme.period_start <= dated <= programme.period_end:
        return ""
    return f"不在评价期内（{spelled_date(programme.period_start)}至{spelled_date(programme.period_end)}）"


def taken_outside(programme: Programme, piece: Attachment) -> str:
    """Return the sentence about a photograph that was taken outside the period, as its EXIF data say.

    The piece comes from ``queries.alike.with_content``; nothing is said of one not read yet, or that tells no instant.
    """
    taken = getattr(piece, "taken_at", None)
    day = timezone.localtime(taken).date() if taken is not None else None
    outside = outside_period(programme, day)
    return f"照片拍摄于{spelled_date(day)}，{outside}，请核对" if day is not None and outside else ""


def spelled_date(day: date) -> str:
    """Return a day as the notice writes it."""
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True)
class Proved:
    """One row or field with its evidence, as the case page lists it."""

    code: str
    name: str
    pieces: tuple[Piece, ...]
    is_field: bool = False


@dataclass(frozen=True)
class ProvedPart:
    """One section of the standard, or the form, with what is proved in it."""

    title: str
    rows: tuple[Proved, ...]


def pieces_by_row(dossier: Dossier, elsewhere: Mapping[str, "Elsewhere"]) -> dict[str, list[Piece]]:
    """Return the evidence by row and field, each piece with the sentence about its other uses."""
    by_row: dict[str, list[Piece]] = {}
    for piece in dossier.evidence:
        by_row.setdefault(piece.row, []).append(told_piece(dossier.programme, piece, elsewhere.get(piece.digest)))
    return by_row


def proved_parts(dossier: Dossier, elsewhere: Mapping[str, "Elsewhere"] | None = None) -> list[ProvedPart]:
    """Return the evidence by section and row, at the end that of the form's fields; blank parts are left out."""
    programme, by_row = dossier.programme, pieces_by_row(dossier, elsewhere or {})
    sections = [(one.name, [(item.id, item.name) for item in one.items()]) for one in programme.rubric.sections]
    parts = [*sections, ("申报表", [(spec.id, spec.label) for spec in programme.fields])]
    codes = row_codes(programme)
    found = [ProvedPart(title, _proved(named, by_row, codes)) for title, named in parts]
    return [part for part in found if part.rows]


def _proved(
    named: Iterable[tuple[str, str]], by_row: dict[str, list[Piece]], codes: frozenset[str]
) -> tuple[Proved, ...]:
    rows = ((code, name) for code, name in named if code in by_row)
    return tuple(Proved(code, name, tuple(by_row[code]), code not in codes) for code, name in rows)


@dataclass(frozen=True)
class Use:
    """Another case that uses a file, and for what."""

    pk: int
    number: str
    name: str
    proves: str


@dataclass(frozen=True)
class Elsewhere:
    """Where else a file is used: the cases that the viewer may see (the first few), and how many there are in all.

    ``by_others`` says that one of them is another chamber's; ``alike`` tells of files that are alike.
    """

    uses: tuple[Use, ...] = ()
    seen: int = 0
    unseen: int = 0
    by_others: bool = False
    alike: tuple[str, ...] = ()

    @cached_property
    def sentence(self) -> str:
        """Return it in words; nothing when nobody else uses the file."""
        named = "、".join(f"{use.name}（{use.number}）{use.proves}" for use in self.uses)
        more = f"等{self.seen}件" if self.seen > len(self.uses) else ""
        parts = [f"同一文件还用于：{named}{more}"] if self.uses else []
        if self.unseen:
            parts.append(f"另有{self.unseen}件其他申报使用了同一文件")
        return "；".join((*parts, *self.alike))


def used_elsewhere(seat: Seat, dossier: Dossier) -> dict[str, Elsewhere]:
    """Return, by digest, which other cases that were handed in use the same file: one query.

    Named are only cases that the viewer may see, of each file the first few; the others are counted.
    """
    found: dict[str, Elsewhere] = {}
    for row in _uses(seat, dossier):
        one = found.get(row["digest"], Elsewhere())
        others = one.by_others or row["declaration__applicant_id"] != dossier.case.applicant_id
        if not row["visible"]:
            one = Elsewhere(one.uses, one.seen, row["cases"], others)
        else:
            use = Use(
                row["declaration_id"],
                row["declaration__number"],
                row["declaration__applicant_name"],
                proof_label(dossier.programme, row["row"]),
            )
            known = {known.pk for known in one.uses}
            uses = one.uses if use.pk in known else (*one.uses, use)
            one = Elsewhere(uses, row["cases"], one.unseen, others)
        found[row["digest"]] = one
    return found


def _uses(seat: Seat, dossier: Dossier) -> list[dict[str, object]]:
    """Return the uses of the case's files by others: of each file the first cases seen, and one of the unseen.

    The number of different cases of a partition is the rank from below and from above, less one.
    """
    visible = cases_visible_to(seat).filter(pk=OuterRef("declaration_id"))
    others = Attachment.objects.filter(
        digest__in={piece.digest for piece in dossier.evidence},
        removed_at__isnull=True,
        declaration__submitted_at__isnull=False,
    ).exclude(declaration=dossier.case)
    part = [F("digest"), F("visible")]
    ranked = others.annotate(visible=Exists(visible)).annotate(
        place=Window(DenseRank(), partition_by=part, order_by=F("declaration_id").asc()),
        rest=Window(DenseRank(), partition_by=part, order_by=F("declaration_id").desc()),
    )
    few = ranked.annotate(cases=F("place") + F("rest") - 1).filter(place__lte=NAMED_AT_MOST)
    rows = few.order_by("digest", "declaration_id", "row").values(
        "digest",
        "visible",
        "cases",
        "row",
        "declaration_id",
        "declaration__number",
        "declaration__applicant_name",
        "declaration__applicant_id",
    )
    return list(rows)
