"""Changing sheets: a row written, added, taken out or moved; what hangs on a row follows it."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from scoring.editing.layout import SHEETS
from scoring.editing.writing import Content, Texts

HANGING = {"sections": ("groups", "section"), "groups": ("rows", "group")}
PARENTS = dict(HANGING.values())
UP, DOWN = "up", "down"
LONGEST_PLACE = 4


@dataclass(frozen=True)
class Edit:
    """One row of a sheet as it is to stand: new where there is no ``index``, taken out where there are no ``values``.

    Columns that ``values`` does not name stay. The head is the one row of its sheet. ``to`` is where the row stands
    then among those under the same heading: a place counted from 1, ``up`` or ``down``; else as it is.
    """

    sheet: str
    index: int | None
    values: Mapping[str, str] | None
    to: str = ""


@dataclass(frozen=True)
class _Move:
    """A row on its way to a place among its siblings."""

    sheet: str
    row: Texts
    place: int


class NoSuchRow(LookupError):
    """The row is not there (any more)."""


def edited(content: Content, edits: Sequence[Edit]) -> Content:
    """Return the sheets with the edits made; the old ones stay as they are. Raises ``NoSuchRow``."""
    fresh = deepcopy(content)
    moves = [found for edit in edits if (found := _move_of(fresh, edit)) is not None]
    for edit in (one for one in edits if one.values is not None):
        _write(fresh, edit)
    gone = sorted({(edit.sheet, edit.index or 0) for edit in edits if edit.values is None}, reverse=True)
    for sheet, index in gone:
        _take_out(fresh, sheet, index)
    for move in sorted(moves, key=lambda one: one.place):
        _carry_out(fresh, move)
    return fresh


def rank_of(content: Content, sheet: str, index: int) -> tuple[int, int]:
    """Return a row's place among those under the same heading, counted from 1, and how many they are."""
    row = _row(content, sheet, index)
    siblings = _siblings(content, sheet, row)
    return siblings.index(index) + 1, len(siblings)


def _siblings(content: Content, sheet: str, row: Texts) -> list[int]:
    """Return the places in the sheet of the rows under the same heading as this one."""
    parent = PARENTS.get(sheet)
    rows = content[sheet]
    return [at for at, one in enumerate(rows) if parent is None or one.get(parent, "") == row.get(parent, "")]


def _move_of(content: Content, edit: Edit) -> _Move | None:
    """Return where an edit sends its row: among its own, or to the end of those under another heading."""
    if edit.index is None or edit.values is None or edit.sheet == "head":
        return None
    row, (rank, number) = _row(content, edit.sheet, edit.index), rank_of(content, edit.sheet, edit.index)
    parent = PARENTS.get(edit.sheet, "")
    leaves = bool(parent) and edit.values.get(parent, row.get(parent, "")) != row.get(parent, "")
    wished = {UP: max(rank - 1, 1), DOWN: min(rank + 1, number)}.get(edit.to, rank)
    if edit.to.isascii() and edit.to.isdecimal() and len(edit.to) <= LONGEST_PLACE:
        wished = max(int(edit.to), 1)
    if wished == rank:
        return _Move(edit.sheet, row, len(content[edit.sheet])) if leaves else None
    return _Move(edit.sheet, row, wished)


def _carry_out(content: Content, move: _Move) -> None:
    """Put a row at its place among those under its heading; past the last of them it comes last."""
    rows = content[move.sheet]
    here = next((at for at, one in enumerate(rows) if one is move.row), None)
    if here is None:
        return
    del rows[here]
    siblings = _siblings(content, move.sheet, move.row)
    after = min(move.place - 1, len(siblings))
    place = siblings[after - 1] + 1 if after else siblings[0] if siblings else here
    rows.insert(place, move.row)


def _write(content: Content, edit: Edit) -> None:
    values = _known(edit.sheet, edit.values or {})
    if edit.sheet == "head":
        content["head"] = {**content["head"], **values}
    elif edit.index is None:
        content[edit.sheet].append(values)
    else:
        row = _row(content, edit.sheet, edit.index)
        was = row.get(SHEETS[edit.sheet].key, "")
        row |= values
        _follow(content, edit.sheet, was, row.get(SHEETS[edit.sheet].key, ""))


def _known(sheet: str, values: Mapping[str, str]) -> Texts:
    keys = {column.key for column in SHEETS[sheet].columns}
    return {
        key: text.replace("\r\n", "\n").replace("\x00", "").strip()
        for key, text in values.items()
        if key in keys
    }


def _row(content: Content, sheet: str, index: int) -> Texts:
    if not 0 <= index < len(content[sheet]):
        raise NoSuchRow
    found: Texts = content[sheet][index]
    return found


def _follow(content: Content, sheet: str, was: str, now: str) -> None:
    """Let what hangs on a row of this code hang on its new code."""
    if sheet not in HANGING or was == now or not now:
        return
    below, key = HANGING[sheet]
    for row in content[below]:
        if row.get(key) == was:
            row[key] = now


def _take_out(content: Content, sheet: str, index: int) -> None:
    code = _row(content, sheet, index).get(SHEETS[sheet].key, "")
    del content[sheet][index]
    if sheet not in HANGING or any(row.get(SHEETS[sheet].key) == code for row in content[sheet]):
        return
    below, key = HANGING[sheet]
    for place in sorted((at for at, row in enumerate(content[below]) if row.get(key) == code), reverse=True):
        _take_out(content, below, place)
