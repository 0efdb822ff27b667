"""Filling in the workbook of a self-assessment as a secretary does it, with no program of the house."""

from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from declarations.exports.self_assessment import write_workbook
from declarations.models import Declaration
from declarations.queries.drafting.sheets import CODE, FILLED
from declarations.queries.facts import dossier_of

HEAD = 5


def issued(case: Declaration, now: Any) -> bytes:
    """Return the workbook of a case as it is given out."""
    file = BytesIO()
    write_workbook(dossier_of(case), file, now=now)
    return file.getvalue()


def changed(content: bytes, change: Callable[[openpyxl.Workbook], None]) -> bytes:
    """Return a workbook after somebody changed it."""
    book, file = openpyxl.load_workbook(BytesIO(content)), BytesIO()
    change(book)
    book.save(file)
    return file.getvalue()


def filled_in(content: bytes, entries: Mapping[str, Mapping[str, object]]) -> bytes:
    """Return a workbook with cells filled in by row code and part; text is typed as text."""

    def change(book: openpyxl.Workbook) -> None:
        sheet = book["自评表"]
        rows, columns = dict(rows_of(sheet)), columns_of(sheet)
        for code, parts in entries.items():
            for part, value in parts.items():
                cell = sheet.cell(rows[code], columns[FILLED[part]])
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"

    return changed(content, change)


def columns_of(sheet: Worksheet) -> dict[str, int]:
    """Return the place of each column by its title."""
    return {cell.value: cell.column for cell in sheet[HEAD]}


def rows_of(sheet: Worksheet) -> Iterator[tuple[str, int]]:
    """Yield the code and the number of each row."""
    place = columns_of(sheet)[CODE]
    for row in sheet.iter_rows(min_row=HEAD + 1):
        yield row[place - 1].value, row[0].row
