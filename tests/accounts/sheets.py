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


def filled(
    office: Organisation,
    *,
    chambers: Iterable[Mapping[str, object]] = (),
    people: Iterable[Mapping[str, object]] = (),
    name: str = "名册.xlsx",
) -> BytesIO:
    """Return the workbook with rows typed in from the first row under the head on."""
    book = openpyxl.load_workbook(BytesIO(template(office)))
    for sheet, rows in ((CHAMBERS, chambers), (PEOPLE, people)):
        for number, values in enumerate(rows, start=HEAD + 1):
            for key, value in values.items():
                book[sheet].cell(number, columns_of(book[sheet])[TITLES[sheet][key]]).value = value
    file = BytesIO()
    book.save(file)
    file.seek(0)
    file.name = name
    return file


def columns_of(sheet: Worksheet) -> dict[str, int]:
    """Return the place of each column by its title."""
    return {cell.value.removesuffix("＊"): cell.column for cell in sheet[HEAD]}
