"""The ledger of a case: every layer side by side with author, time and reason, and where points were lost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from declarations.queries.compact import ledger_in_one
from declarations.queries.dossier import Dossier
from declarations.queries.pages import sheets_for
from scoring.engine import Item, Programme, Section
from scoring.models import Layer, Mark
from scoring.queries import Book, Sheet
from sihao.accounts.models import Seat

MOVED, ALL = "moved", "all"
WAYS = {MOVED: "各级不同的指标", ALL: "全部指标"}
BESIDE = frozenset({Layer.EXPERT, Layer.AGREED, Layer.CORRECTED})
"""Layers that stand beside each other: each is compared with the last tier, not with the one to its left."""
NONE = Decimal(0)


@dataclass(frozen=True)
class WithAuthors(Dossier):
    """A dossier whose ledger knows who set each mark."""

    @cached_property
    def book(self) -> Book:
        """Every layer that has marks, with their authors."""
        return ledger_in_one(self.case.ledger_id)


@dataclass(frozen=True)
class LedgerCell:
    """One layer's mark of a row: who, when, why, and how far from the layer before."""

    title: str
    points: Decimal | None
    change: Decimal | None
    reason: str
    by: str
    at: datetime | None
    version: int


@dataclass(frozen=True)
class LedgerRow:
    """One row of the standard through all layers."""

    item: Item
    sign: str
    cells: tuple[LedgerCell, ...]

    @property
    def moved(self) -> bool:
        """Whether some layer gave another mark than the one before it."""
        return any(cell.change for cell in self.cells)

    @property
    def change(self) -> Decimal:
        """What the row lost (below 0) or won between layers, taken together."""
        return sum((cell.change for cell in self.cells if cell.change is not None), NONE)


@dataclass(frozen=True)
class Sum:
    """What a layer gave in some rows: the sum, how far from the layer before, how many rows it marked."""

    title: str
    points: Decimal
    change: Decimal | None
    marked: int
    rows: int


@dataclass(frozen=True)
class LedgerPart:
    """One section of the standard through all layers; ``shown`` are the rows that were asked for."""

    section: Section
    sums: tuple[Sum, ...]
    rows: tuple[LedgerRow, ...]
    shown: tuple[LedgerRow, ...]


@dataclass(frozen=True)
class LedgerPage:
    """Every layer that the viewer may read, section by section, with the sums.

    ``misprinted`` names the layers whose frozen total is not the sum of their marks.
    """

    way: str
    titles: tuple[str, ...]
    sums: tuple[Sum, ...]
    parts: tuple[LedgerPart, ...]
    counts: Mapping[str, int]
    misprinted: tuple[str, ...]


def ledger_page(seat: Seat, dossier: Dossier, wanted: str) -> LedgerPage:
    """Return the layers that a viewer may read; of a row the change is told where the layer has marked it.

    Without a wish the rows that moved are shown, where there are any.
    """
    sheets = sheets_for(seat, dossier)
    before = _before(sheets)
    programme = dossier.programme
    rows = {item.id: _row(programme, item, sheets, before) for item in programme.rubric.items()}
    moved = sum(row.moved for row in rows.values())
    way = wanted if wanted in WAYS else MOVED if moved else ALL
    parts = tuple(_part(section, rows, way) for section in programme.rubric.sections)
    return LedgerPage(
        way=way,
        titles=tuple(title for title, _ in sheets),
        sums=_sums(rows.values()),
        parts=parts,
        counts={MOVED: moved, ALL: len(rows)},
        misprinted=tuple(title for title, sheet in sheets if _is_misprinted(sheet)),
    )


def _is_misprinted(sheet: Sheet) -> bool:
    return sheet.assessment.locked_at is not None and sheet.assessment.total != sheet.total


def _before(sheets: Iterable[tuple[str, Sheet]]) -> list[Mapping[str, Decimal]]:
    """Return for each layer what it is compared with: of each row the last mark that a tier before it gave."""
    found: list[Mapping[str, Decimal]] = []
    stands: Mapping[str, Decimal] = {}
    for _, sheet in sheets:
        found.append(stands)
        stands = stands if sheet.layer in BESIDE else {**stands, **sheet.points}
    return found


def _row(
    programme: Programme, item: Item, sheets: list[tuple[str, Sheet]], before: list[Mapping[str, Decimal]]
) -> LedgerRow:
    cells = tuple(
        _cell(title, sheet.marks.get(item.id), was.get(item.id))
        for (title, sheet), was in zip(sheets, before, strict=True)
    )
    return LedgerRow(item, programme.mark_label(item.mark), cells)


def _cell(title: str, mark: Mark | None, was: Decimal | None) -> LedgerCell:
    if mark is None:
        return LedgerCell(title, None, None, "", "", None, 0)
    change = mark.points - was if mark.points is not None and was is not None else None
    by = mark.set_by.signature if mark.set_by is not None else "系统"
    return LedgerCell(title, mark.points, change, mark.reason, by, mark.set_at, mark.version)


def _part(section: Section, rows: Mapping[str, LedgerRow], way: str) -> LedgerPart:
    mine = tuple(rows[item.id] for item in section.items())
    return LedgerPart(section, _sums(mine), mine, tuple(row for row in mine if way == ALL or row.moved))


def _sums(rows: Iterable[LedgerRow]) -> tuple[Sum, ...]:
    return tuple(_sum(cells) for cells in zip(*(row.cells for row in rows), strict=True))


def _sum(cells: tuple[LedgerCell, ...]) -> Sum:
    given = [cell.points for cell in cells if cell.points is not None]
    changes = [cell.change for cell in cells if cell.change is not None]
    return Sum(cells[0].title, sum(given, NONE), sum(changes, NONE) if changes else None, len(given), len(cells))
