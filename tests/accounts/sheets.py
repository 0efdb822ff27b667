"""Rosters as an office fills them in: the template of the house, cells typed by hand."""

from collections.abc import Iterable, Mapping
from datetime import date
from io import BytesIO

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from sihao.accounts.entries import CHAMBERS, COLUMNS, PEOPLE
from sihao.accounts.exports import write_template
from sihao.accounts.models import Organisation
from sihao.accounts.queries import federations_under

HEAD = 3
TITLES = {sheet: {asked.key: asked.title for asked in asked_of} for sheet, asked_of in COLUMNS.items()}


def template(office: Organisation) -> bytes:
    """Return the empty workbook of an office."""
    file = BytesIO()
    write_template(federations_under(office, date(2020, 9, 1)), office.name, file)
    return file.getvalue()


_filled: dict[tuple[str, ...], bytes] = {}
"""Workbooks that were filled in before, by office, the federations that it names and the rows."""


def filled(
    office: Organisation,
    *,
    chambers: Iterable[Mapping[str, object]] = (),
    people: Iterable[Mapping[str, object]] = (),
    name: str = "名册.xlsx",
) -> BytesIO:
    """Return the workbook with rows typed in from the first row under the head on."""
    rows = {CHAMBERS: list(chambers), PEOPLE: list(people)}
    named = (office.name, *(str(one) for one in federations_under(office, date(2020, 9, 1))), repr(rows))
    if named not in _filled:
        _filled[named] = _fill_in(template(office), rows)
    file = BytesIO(_filled[named])
    file.name = name
    return file


def _fill_in(empty: bytes, rows: Mapping[str, Iterable[Mapping[str, object]]]) -> bytes:
    book = openpyxl.load_workbook(BytesIO(empty))
    for sheet, lines in rows.items():
        columns = columns_of(book[sheet])
        for number, values in enumerate(lines, start=HEAD + 1):
            for key, value in values.items():
                book[sheet].cell(number, columns[TITLES[sheet][key]]).value = value
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def columns_of(sheet: Worksheet) -> dict[str, int]:
    """Return the place of each column by its title."""
    return {cell.value.removesuffix("＊"): cell.column for cell in sheet[HEAD]}
