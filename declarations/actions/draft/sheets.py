"""The self-assessment filled in offline: brought, compared, confirmed once or given up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from declarations.actions.draft.writing import Desk, for_writing, save_self_marks
from declarations.models import Declaration, FilledSheet
from declarations.queries.drafting.sheets import Cell, Comparison, compare
from scoring.actions import Entered
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.accounts.refusals import Refusal, Refused

WRITTEN = Refusal("sheet_written", "这份自评表已经写入，不能再次写入。如有新的修改，请重新上传。")
GONE = Refusal("sheet_gone", "这份自评表已被放弃或被新上传的代替，请重新上传。")


class MovedOn(Exception):
    """Somebody changed a cell after the comparison was drawn: nothing was written, it has to be shown again."""


@dataclass(frozen=True)
class Brought:
    """A workbook as it was read: the rows as given out with their versions, the cells filled in, what was left out."""

    name: str
    downloaded: Mapping[str, Mapping[str, str]]
    versions: Mapping[str, int]
    rows: Mapping[str, Mapping[str, str]]
    told: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Decided:
    """What the chamber saw and chose: the version of each row drawn, and for each clash whether the workbook counts."""

    seen: Mapping[str, int]
    choices: Mapping[str, bool]


@transaction.atomic
def bring_sheet(*, case: Declaration, brought: Brought, actor: Seat, now: datetime) -> FilledSheet:
    """Keep a workbook that was read, to be compared; the same seat's earlier one that was not confirmed makes room."""
    desk = for_writing(case, actor)
    desk.case.filled_sheets.filter(brought_by=actor, written_at=None, review=None).delete()
    return FilledSheet.objects.create(
        declaration=desk.case,
        name=brought.name,
        downloaded=brought.downloaded,
        filled={"rows": brought.rows, "told": brought.told},
        versions=brought.versions,
        brought_by=actor,
        brought_at=now,
    )


@transaction.atomic
def write_sheet(*, sheet: FilledSheet, decided: Decided, actor: Seat, now: datetime) -> int:
    """Write the cells that were shown and decided, and return how many; a workbook is written once.

    Raises ``MovedOn`` when somebody changed one of the cells meanwhile, and ``Refused`` when the case or the workbook
    is not to be written: nothing is written then.
    """
    desk = for_writing(sheet.declaration, actor)
    waiting = _waiting(desk, sheet)
    marks = {mark.code: mark for mark in desk.layer.marks.all()}
    comparison = compare(waiting, programme_of(desk.case.cycle.programme), desk.case, marks)
    entries = entries_of(chosen_of(comparison, decided))
    written = save_self_marks(case=desk.case, entries=entries, actor=actor, now=now, seen=decided.seen)
    if written.collisions:
        raise MovedOn
    waiting.written_at = now
    waiting.save(update_fields=["written_at"])
    return sum(part is not None for entry in entries.values() for part in (entry.points, entry.words, entry.reason))


def _waiting(desk: Desk, sheet: FilledSheet) -> FilledSheet:
    """Return the workbook as it is stored now, under the lock of its case."""
    found = desk.case.filled_sheets.filter(pk=sheet.pk, review=None).first()
    if found is None:
        raise Refused((GONE,))
    if found.written_at is not None:
        raise Refused((WRITTEN,))
    return found


def chosen_of(comparison: Comparison, decided: Decided) -> list[Cell]:
    """Return the cells to write; one that was not drawn, or drawn without the clash it now is, moves on."""
    chosen = []
    for cell in comparison.cells:
        choice = decided.choices.get(cell.name)
        if cell.code not in decided.seen or (cell.clashes and choice is None):
            raise MovedOn
        if choice is not False:
            chosen.append(cell)
    return chosen


def entries_of(cells: list[Cell]) -> dict[str, Entered]:
    """Return the cells as entries, row by row."""
    parts: dict[str, dict[str, str]] = {}
    for cell in cells:
        parts.setdefault(cell.code, {})[cell.part] = cell.filled
    return {code: Entered(**words) for code, words in parts.items()}


@transaction.atomic
def discard_sheet(*, sheet: FilledSheet, actor: Seat) -> None:
    """Give up a workbook that was not confirmed; what stands stays as it is."""
    desk = for_writing(sheet.declaration, actor)
    _waiting(desk, sheet).delete()
