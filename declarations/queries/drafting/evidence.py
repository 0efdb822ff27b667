"""The evidence by section and row, what is still to be proved, and what may be uploaded."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404

from declarations.models import Attachment, Declaration, Upload
from declarations.queries.drafting.places import is_open, returned_items
from declarations.queries.drafting.uploads import offset_of
from declarations.queries.facts import Dossier
from declarations.queries.proofs import Piece, file_size, pieces_by_row, proof_label
from scoring.engine import FieldSpec, Item
from scoring.models import Layer, Mark
from sihao.accounts.models import Seat
from sihao.documents.intake.kinds import EXTENSIONS
from sihao.documents.sniff import ACCEPTED

ALL, LACKING, THERE = "all", "lacking", "there"
WAYS = {ALL: "全部", LACKING: "还缺佐证的指标", THERE: "已有材料"}
LACKS, IN_WORDS = "lacks", "words"
FORM = "form"


@dataclass(frozen=True)
class EvidenceRow:
    """One row or field with its evidence; ``state`` says whether a claimed mark lacks any, or rests on words alone."""

    code: str
    name: str
    sign: str
    mark: str
    expected: tuple[str, ...]
    pieces: tuple[Piece, ...]
    disabled: bool
    state: str = ""
    is_field: bool = False


@dataclass(frozen=True)
class EvidencePart:
    """One section of the standard, or the form: the rows that are shown, and how its rows stand in all."""

    code: str
    title: str
    rows: tuple[EvidenceRow, ...]
    there: int
    lacking: int


@dataclass(frozen=True)
class Limits:
    """What may be uploaded, said before the upload."""

    megabytes: int
    kinds: str
    extensions: str
    most: int
    used: int
    bytes: int
    piece: int


@dataclass(frozen=True)
class Unfinished:
    """An upload that broke off: how far it came."""

    token: str
    row: str
    label: str
    name: str
    size: int
    offset: int

    @property
    def told(self) -> str:
        """How far it came, in words."""
        return f"已收到{file_size(self.offset)}，共{file_size(self.size)}"


def evidence_counts(dossier: Dossier) -> dict[str, int]:
    """Return how many pieces each row has."""
    counts: dict[str, int] = {}
    for piece in dossier.evidence:
        counts[piece.row] = counts.get(piece.row, 0) + 1
    return counts


def evidence_parts(dossier: Dossier, shown: str = ALL) -> list[EvidencePart]:
    """Return the standard section by section with the evidence of each row, at the end the form's fields.

    Of the fields those that have evidence or that a return names; of the rows those that the filter asks for.
    """
    draw = _Drawing(dossier)
    parts = [
        _part(section.code, section.name, [draw.item(item) for item in section.items()], shown)
        for section in dossier.programme.rubric.sections
    ]
    fields = [row for spec in dossier.programme.fields if (row := draw.field(spec)) is not None]
    return [*parts, _part(FORM, "申报表项目", fields, shown)] if fields else parts


def _part(code: str, title: str, rows: list[EvidenceRow], shown: str) -> EvidencePart:
    kept = tuple(row for row in rows if _is_shown(row, shown))
    return EvidencePart(
        code, title, kept, sum(bool(row.pieces) for row in rows), sum(row.state == LACKS for row in rows)
    )


def _is_shown(row: EvidenceRow, shown: str) -> bool:
    return {LACKING: row.state == LACKS, THERE: bool(row.pieces)}.get(shown, True)


class _Drawing:
    """Draws the rows of one case: what they share is read once."""

    def __init__(self, dossier: Dossier) -> None:
        """Sort the evidence by row."""
        self.programme = dossier.programme
        self.returned = returned_items(dossier)
        sheet = dossier.book.layer(Layer.SELF)
        self.marks = sheet.marks if sheet is not None else {}
        self.by_row = pieces_by_row(dossier, {})

    def item(self, item: Item) -> EvidenceRow:
        """Return a row of the standard."""
        pieces = tuple(self.by_row.get(item.id, ()))
        return EvidenceRow(
            code=item.id,
            name=item.name,
            sign=self.programme.mark_label(item.mark),
            mark=item.mark or "",
            expected=item.evidence,
            pieces=pieces,
            disabled=not is_open(self.returned, item.id),
            state="" if pieces else claimed_state(self.marks.get(item.id)),
        )

    def field(self, spec: FieldSpec) -> EvidenceRow | None:
        """Return a field that has evidence or that the return names."""
        pieces = tuple(self.by_row.get(spec.id, ()))
        named = self.returned is not None and spec.id in self.returned
        if not pieces and not named:
            return None
        shut = not is_open(self.returned, spec.id)
        return EvidenceRow(spec.id, spec.label, "", "", (), pieces, shut, is_field=True)


def claimed_state(mark: Mark | None) -> str:
    """Return how a row without evidence stands: a mark above 0 lacks it, unless words speak for it."""
    if mark is None or not mark.points:
        return ""
    return IN_WORDS if mark.words.strip() else LACKS


def evidence_ways(parts: Iterable[EvidencePart], shown: str, total: int) -> list[dict[str, object]]:
    """Return the filters of the page with how many rows each shows."""
    all_parts = list(parts)
    counts = {ALL: total, LACKING: sum(p.lacking for p in all_parts), THERE: sum(p.there for p in all_parts)}
    return [
        {"label": word, "url": f"?show={way}", "current": way == shown, "count": counts[way]}
        for way, word in WAYS.items()
    ]


def row_choices(dossier: Dossier) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what evidence may be uploaded for, by section and heading, with how many pieces each has."""
    counts, returned = evidence_counts(dossier), returned_items(dossier)
    sections, groups = dossier.programme.rubric.sections, dossier.programme.field_groups()
    rows = [(one.name, [(item.id, f"{item.id} {item.name}") for item in one.items()]) for one in sections]
    fields = [(f"申报表：{group}", [(spec.id, spec.label) for spec in specs]) for group, specs in groups]
    return [
        (title, found)
        for title, named in [*rows, *fields]
        if (found := [(code, _counted(name, counts.get(code))) for code, name in named if is_open(returned, code)])
    ]


def _counted(name: str, count: int | None) -> str:
    return f"{name}（已有{count}份）" if count else name


def evidence_limits(dossier: Dossier) -> Limits:
    """Return the limits of an upload."""
    return Limits(
        settings.EVIDENCE_MAX_BYTES // 1024 // 1024,
        ACCEPTED,
        ",".join(f".{one}" for one in EXTENSIONS),
        settings.EVIDENCE_MAX_FILES,
        len(dossier.evidence),
        settings.EVIDENCE_MAX_BYTES,
        settings.EVIDENCE_CHUNK_BYTES,
    )


def unfinished_uploads(seat: Seat, dossier: Dossier) -> list[Unfinished]:
    """Return the person's own uploads of a case that broke off, oldest first."""
    mine = Upload.objects.filter(
        declaration=dossier.case, visit__isnull=True, started_by__user=seat.user_id, piece__isnull=True, refusal=""
    )
    return [
        Unfinished(
            str(one.token), one.row, proof_label(dossier.programme, one.row), one.name, one.size, offset_of(one)
        )
        for one in mine.order_by("id")
    ]


def piece_of(case: Declaration, pk: int) -> Attachment:
    """Return a piece of evidence of this very case, or answer 404; removed ones are gone."""
    piece = case.attachments.filter(pk=pk, removed_at__isnull=True).first()
    if piece is None:
        raise Http404
    return piece


def row_of_piece(dossier: Dossier, code: str) -> EvidenceRow:
    """Return the row or field that a piece proves, as the page draws it."""
    rows = (row for part in evidence_parts(dossier) for row in part.rows)
    return next(row for row in rows if row.code == code)
