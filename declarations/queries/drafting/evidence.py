"""The evidence by row, and what may be uploaded."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import Http404

from declarations.models import Attachment, Declaration
from declarations.queries.drafting.places import is_open, returned_items
from declarations.queries.facts import Dossier
from sihao.documents.sniff import ACCEPTED

SHOWN_INLINE = frozenset({"png", "jpeg", "pdf"})


@dataclass(frozen=True)
class Piece:
    """One piece of evidence as the table prints it."""

    pk: int
    name: str
    kind: str
    size: str
    added_at: datetime
    inline: bool


@dataclass(frozen=True)
class EvidenceRow:
    """One row of the standard with its evidence."""

    code: str
    name: str
    pieces: tuple[Piece, ...]
    disabled: bool


@dataclass(frozen=True)
class Limits:
    """What may be uploaded, said before the upload."""

    megabytes: int
    kinds: str
    most: int
    used: int


def evidence_counts(dossier: Dossier) -> dict[str, int]:
    """Return how many pieces each row has."""
    counts: dict[str, int] = {}
    for piece in dossier.evidence:
        counts[piece.row] = counts.get(piece.row, 0) + 1
    return counts


def evidence_rows(dossier: Dossier) -> list[EvidenceRow]:
    """Return the rows that have evidence, in the order of the standard."""
    by_row: dict[str, list[Piece]] = {}
    for piece in dossier.evidence:
        by_row.setdefault(piece.row, []).append(_piece(piece))
    returned = returned_items(dossier)
    return [
        EvidenceRow(item.id, item.name, tuple(by_row[item.id]), not is_open(returned, item.id))
        for item in dossier.programme.rubric.items()
        if item.id in by_row
    ]


def _piece(piece: Attachment) -> Piece:
    return Piece(
        piece.pk, piece.name, piece.kind.upper(), file_size(piece.size), piece.added_at, piece.kind in SHOWN_INLINE
    )


def file_size(size: int) -> str:
    """Return a size as people read it."""
    kilobytes = max(1, round(size / 1024))
    return f"{kilobytes} KB" if kilobytes < 1024 else f"{size / 1024 / 1024:.1f} MB"


def row_choices(dossier: Dossier) -> list[tuple[str, str]]:
    """Return the rows that evidence may be uploaded for, with how many pieces each has."""
    counts, returned = evidence_counts(dossier), returned_items(dossier)
    return [
        (item.id, f"{item.id} {item.name}" + (f"（已有{counts[item.id]}份）" if item.id in counts else ""))
        for item in dossier.programme.rubric.items()
        if is_open(returned, item.id)
    ]


def evidence_limits(dossier: Dossier) -> Limits:
    """Return the limits of an upload."""
    megabytes = settings.EVIDENCE_MAX_BYTES // 1024 // 1024
    return Limits(megabytes, ACCEPTED, settings.EVIDENCE_MAX_FILES, len(dossier.evidence))


def piece_of(case: Declaration, pk: int) -> Attachment:
    """Return a piece of evidence of this very case, or answer 404; removed ones are gone."""
    piece = case.attachments.filter(pk=pk, removed_at__isnull=True).first()
    if piece is None:
        raise Http404
    return piece
