"""The self-assessment that went out as a workbook and came back: three ways of looking at it, cell by cell."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from django.http import Http404

from declarations.models import Declaration, FilledSheet
from declarations.queries.drafting.marks import own_marks, typed_mark
from declarations.queries.drafting.places import row_url
from declarations.queries.facts import Dossier
from declarations.stamps import IssuedRow
from scoring.engine import Programme
from scoring.models import Mark

CODE = "指标编号"
SEAL_PLACE, SEAL = "校验序号", "校验内容"
FILLED: Mapping[str, str] = MappingProxyType(
    {"points": "自评得分", "words": "实际情况说明", "reason": "自评高于建议的理由"}
)
"""The columns that the chamber fills in, by the part of a mark they hold."""
RowUrl = Callable[[Declaration, str], str]


@dataclass(frozen=True)
class SheetKind:
    """One kind of workbook: how it is called, the columns that are filled in by the part they hold, whose it is."""

    name: str
    filled: Mapping[str, str]
    row_url: RowUrl
    whose: str = ""


SELF_SHEET = SheetKind("自评表", FILLED, row_url)


def issued_rows(programme: Programme, marks: Mapping[str, Mark]) -> dict[str, IssuedRow]:
    """Return every row of the standard as it stands, as a workbook gives it out."""
    return {item.id: _issued(marks.get(item.id)) for item in programme.rubric.items()}


def _issued(mark: Mark | None) -> IssuedRow:
    return IssuedRow(mark.version, typed_mark(mark), mark.words, mark.reason) if mark else IssuedRow()


def stands_in_sheet(points: str) -> bool:
    """Return whether a mark is a figure, not something typed in its place."""
    try:
        return Decimal(points).is_finite()
    except InvalidOperation:
        return False


@dataclass(frozen=True)
class Cell:
    """One cell in three ways; it clashes when somebody changed it online to something else meanwhile."""

    code: str
    part: str
    issued: str
    filled: str
    now: str
    title: str

    @property
    def name(self) -> str:
        """The name of the choice."""
        return f"{self.code}/{self.part}"

    @property
    def clashes(self) -> bool:
        """Whether both sides changed it."""
        return self.now != self.issued


@dataclass(frozen=True)
class ComparedRow:
    """One row of the standard with the cells in which the workbook differs from what stands now."""

    code: str
    title: str
    url: str
    version: int
    cells: tuple[Cell, ...]
    by: str = ""
    at: datetime | None = None

    @property
    def clashes(self) -> bool:
        """Whether both sides changed one of its cells."""
        return any(cell.clashes for cell in self.cells)


@dataclass(frozen=True)
class Comparison:
    """What confirming a workbook would change, row by row, and which rows only others changed meanwhile."""

    rows: tuple[ComparedRow, ...]
    others: tuple[str, ...]

    @property
    def seen(self) -> str:
        """The rows drawn with their versions, as the page sends them back."""
        return " ".join(f"{row.code}:{row.version}" for row in self.rows)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell that differs."""
        return tuple(cell for row in self.rows for cell in row.cells)

    @property
    def clashes(self) -> int:
        """How many cells both sides changed."""
        return sum(cell.clashes for cell in self.cells)

    @property
    def changes(self) -> int:
        """How many cells the workbook alone changed."""
        return len(self.cells) - self.clashes


def comparison_of(
    sheet: FilledSheet, dossier: Dossier, kind: SheetKind = SELF_SHEET, marks: Mapping[str, Mark] | None = None
) -> Comparison:
    """Return a workbook beside the marks as they stand now, and who wrote what it clashes with."""
    marks = own_marks(dossier) if marks is None else marks
    found = compare(sheet, dossier.programme, dossier.case, marks, kind)
    keys = {marks[row.code].pk for row in found.rows if row.clashes and row.code in marks}
    written = Mark.objects.filter(pk__in=keys).values_list("code", "set_by__user__name", "set_at")
    authors = {code: {"by": name or "", "at": at} for code, name, at in written} if keys else {}
    return replace(found, rows=tuple(replace(row, **authors.get(row.code, {})) for row in found.rows))


def compare(
    sheet: FilledSheet,
    programme: Programme,
    case: Declaration,
    marks: Mapping[str, Mark],
    kind: SheetKind = SELF_SHEET,
) -> Comparison:
    """Return the cells in which what was filled in differs from what stands now, in the order of the standard."""
    rows, others = [], []
    for item in programme.rubric.items():
        issued, filled = sheet.downloaded.get(item.id, {}), sheet.filled["rows"].get(item.id, {})
        now = _issued(marks.get(item.id))
        found = [
            Cell(item.id, part, issued.get(part, ""), filled.get(part, issued.get(part, "")), now.part(part), title)
            for part, title in kind.filled.items()
        ]
        cells = tuple(cell for cell in found if cell.filled not in {cell.issued, cell.now})
        if cells:
            rows.append(ComparedRow(item.id, item.name, kind.row_url(case, item.id), now.version, cells))
        if any(cell.clashes and cell.filled == cell.issued for cell in found):
            others.append(item.id)
    return Comparison(tuple(rows), tuple(others))


def sheet_of(case: Declaration, pk: int) -> FilledSheet:
    """Return a workbook of the self-assessment that was brought to this very case, or answer 404."""
    sheet = case.filled_sheets.filter(pk=pk, review=None).select_related("brought_by__user").first()
    if sheet is None:
        raise Http404
    return sheet


def sheets_waiting(case: Declaration) -> list[FilledSheet]:
    """Return the workbooks that were brought and not yet confirmed, newest first."""
    waiting = case.filled_sheets.filter(written_at=None, review=None).select_related("brought_by__user")
    return list(waiting.defer("downloaded", "filled", "versions").order_by("-id")[:5])


def told_of(sheet: FilledSheet) -> Collection[str]:
    """Return what of the workbook could not be taken, and where."""
    return sheet.filled.get("told", ())
