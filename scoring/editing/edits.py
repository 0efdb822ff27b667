"""Changing sheets: a row written, added or taken out; what hangs on a row follows it."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from scoring.editing.layout import SHEETS
from scoring.editing.writing import Content, Texts

HANGING = {"sections": ("groups", "section"), "groups": ("rows", "group")}


@dataclass(frozen=True)
class Edit:
    """One row of a sheet as it is to stand: new where there is no ``index``, taken out where there are no ``values``.

    Columns that ``values`` does not name stay. The head is the one row of its sheet.
    """

    sheet: str
    index: int | None
    values: Mapping[str, str] | None


class NoSuchRow(LookupError):
    """The row is not there (any more)."""


def edited(content: Content, edits: Sequence[Edit]) -> Content:
    """Return the sheets with the edits made; the old ones stay as they are. Raises ``NoSuchRow``."""
    fresh = deepcopy(content)
    for edit in (one for one in edits if one.values is not None):
        _write(fresh, edit)
    gone = sorted({(edit.sheet, edit.index or 0) for edit in edits if edit.values is None}, reverse=True)
    for sheet, index in gone:
        _take_out(fresh, sheet, index)
    return fresh


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
