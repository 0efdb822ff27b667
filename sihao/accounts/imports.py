"""Reading a roster that somebody filled in: rows, each with what could not be read of it; nothing is written."""

from collections.abc import Iterator
from typing import BinaryIO

from sihao.accounts.entries import CHAMBERS, COLUMNS, MOST_ROWS, PEOPLE, Fault, Roster, RosterRow
from sihao.documents.cells import clean
from sihao.documents.reader import Expected, Reading, Row, read_parts

SHEETS = (CHAMBERS, PEOPLE)
EXPECTED = {
    sheet: tuple(Expected(asked.title, key=asked.key, required=asked.required) for asked in COLUMNS[sheet])
    for sheet in SHEETS
}


def read_roster(file: BinaryIO, name: str) -> Roster:
    """Return what the file holds; one of the two sheets may be missing or empty, never both."""
    readings = dict(zip(SHEETS, read_parts(file, [EXPECTED[sheet] for sheet in SHEETS], name=name), strict=True))
    found = {sheet: reading for sheet, reading in readings.items() if reading.columns}
    if not found:
        return Roster(errors=_told_once(readings.values()))
    roster = Roster(columns={sheet: reading.columns for sheet, reading in found.items()})
    for sheet, reading in found.items():
        rows = sorted(_rows(sheet, reading), key=lambda row: row.number)
        if len(rows) > MOST_ROWS:
            roster.errors.append(f"“{sheet}”表有{len(rows)}行，一次最多导入{MOST_ROWS}行。请分成几个文件。")
        roster.rows += rows
        roster.errors += [clean(str(error)) for error in reading.errors if not error.cell]
    if not roster.rows and not roster.errors:
        roster.errors.append("表里没有填写内容。请在“商会”或“人员”表里填写后再上传。")
    return roster


def _told_once(readings: object) -> list[str]:
    """Return the errors of sheets that were not found, those of the file itself once."""
    return list(dict.fromkeys(clean(str(error)) for reading in readings for error in reading.errors))  # type: ignore[attr-defined]


def _rows(sheet: str, reading: Reading) -> Iterator[RosterRow]:
    faults: dict[int, list[Fault]] = {}
    keys = {asked.title: asked.key for asked in COLUMNS[sheet]}
    for error in reading.errors:
        if error.row and error.cell:
            faults.setdefault(error.row, []).append(Fault(keys[error.column], error.message))
    for row in (*reading.rows, *reading.faulty):
        yield RosterRow(sheet, row.number, _texts(row), tuple(faults.get(row.number, ())))


def _texts(row: Row) -> dict[str, str]:
    return {key: clean(str(value)).strip() if value is not None else "" for key, value in row.values.items()}
