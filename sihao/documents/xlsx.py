"""Writing a Table as .xlsx: text stays text, figures stay exact, rows stream in constant memory."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from shutil import copyfileobj
from typing import Any, BinaryIO
from unicodedata import east_asian_width
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.writer.excel import ExcelWriter

from sihao.documents.table import PERCENT_PLACES, Column, Table, Value

MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
MAX_DIGITS = 15
MAX_EXPONENT = 300
A4 = 9
SHEET_NAME = 31
FIRST_DATE = date(1900, 3, 1)
EPOCH = datetime(2000, 1, 1)
WIDTH_SAMPLE = 200
WIDTH_LIMITS = (6, 50)
TRUNCATED = "……（超出单元格上限，其余从略）"

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FORMULA_START = ("=", "+", "-", "@", "\t", "|", "%")
_SIDE = Side(style="thin", color="FF8C8C8C")
_GRID = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_HEAD_FILL = PatternFill("solid", fgColor="FFEFEFEF")


def write(table: Table, file: BinaryIO, *, at: datetime = EPOCH) -> None:
    """Write ``table`` to ``file``; the same table and the same ``at`` give the same bytes.

    Rows are read once and never gathered; text is never a formula. More rows than a sheet holds raise ``ValueError``.
    """
    workbook = Workbook(write_only=True)
    workbook.properties.creator = "sihao"
    workbook.properties.created = workbook.properties.modified = at.replace(tzinfo=None)
    sheet = workbook.create_sheet(sheet_name(table.title))
    try:
        _Sheet.of(table, sheet).fill()
        ExcelWriter(workbook, _Archive(file, "w", ZIP_DEFLATED)).save()
    except BaseException:
        _discard(sheet)
        raise


def sheet_name(title: str) -> str:
    """Return ``title`` as a sheet name: no forbidden character, at most 31 long, never empty or reserved."""
    name = re.sub(r"[\[\]:*?/\\]", " ", _ILLEGAL.sub("", title))
    name = _cut(" ".join(name.split()), SHEET_NAME).strip("' ")
    return name if name and name.casefold() != "history" else "表1"


def clean(text: str) -> str:
    """Return ``text`` as a cell can hold it: no control characters, one kind of line end, cut at 32,767."""
    text = _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if _units(text) <= MAX_TEXT:
        return text
    return _cut(text, MAX_TEXT - _units(TRUNCATED)) + TRUNCATED


def width(text: str) -> int:
    """Return the half-width characters that the longest line of ``text`` takes."""
    lines = text.split("\n")
    return max(sum(2 if east_asian_width(char) in "WFA" else 1 for char in line) for line in lines)


@dataclass(slots=True)
class _Sheet:
    """One sheet under way: where the next row goes and how each column looks."""

    table: Table
    sheet: Any
    body: list["_Styles"]
    foot: list["_Styles"]
    row: int = 0

    @classmethod
    def of(cls, table: Table, sheet: Any) -> "_Sheet":
        body = [_Styles.of(sheet, column) for column in table.columns]
        foot = [_Styles.of(sheet, column, bold=True) for column in table.columns]
        return cls(table, sheet, body, foot)

    @property
    def last_column(self) -> str:
        return str(get_column_letter(len(self.table.columns)))

    def fill(self) -> None:
        rows = iter(self.table.rows)
        sample = [self.table.cells(row) for row in islice(rows, WIDTH_SAMPLE)]
        self._lay_out(sample)
        self._write_top()
        head = self.row
        self._write_rows(chain(sample, map(self.table.cells, rows)), self.body)
        self.sheet.auto_filter.ref = f"A{head}:{self.last_column}{self.row}"
        self._write_rows(map(self.table.cells, self.table.footer), self.foot)
        for note in self.table.notes:
            self._write_band(note, _note_style(self.sheet))
        self.sheet.print_area = f"A1:{self.last_column}{self.row}"

    def _lay_out(self, sample: Sequence[tuple[Value, ...]]) -> None:
        """Set all that stands before the rows in the file."""
        for index, column in enumerate(self.table.columns):
            letter = get_column_letter(index + 1)
            self.sheet.column_dimensions[letter].width = _column_width(column, [row[index] for row in sample])
        head = self._bands_above + 1
        self.sheet.freeze_panes = f"A{head + 1}"
        self.sheet.print_title_rows = f"{head}:{head}"
        _set_page(self.sheet, landscape=self.table.landscape)

    @property
    def _bands_above(self) -> int:
        return bool(self.table.title) + len(self.table.captions)

    def _write_top(self) -> None:
        if self.table.title:
            self._write_band(self.table.title, _title_style(self.sheet))
        for caption in self.table.captions:
            self._write_band(caption, _note_style(self.sheet))
        head = _head_style(self.sheet)
        self._append([_text(head, column.title) for column in self.table.columns])

    def _write_band(self, text: str, style: Cell) -> None:
        """Write one line across all columns; merged cells do not grow by themselves, so the height is set here."""
        line_height = (style.font.size or 11) * 1.5
        self.sheet.row_dimensions[self.row + 1].height = line_height * self._lines_of(text, style)
        if len(self.table.columns) > 1:
            self.sheet.merged_cells.add(f"A{self.row + 1}:{self.last_column}{self.row + 1}")
        self._append([_text(style, text)])

    def _lines_of(self, text: str, style: Cell) -> int:
        letters = [get_column_letter(index + 1) for index in range(len(self.table.columns))]
        room = sum(self.sheet.column_dimensions[letter].width for letter in letters)
        wide = room * 11 / (style.font.size or 11)
        return min(20, sum(1 + int(width(line) / wide) for line in text.split("\n")))

    def _write_rows(self, rows: Iterable[tuple[Value, ...]], styles: Sequence["_Styles"]) -> None:
        for row in rows:
            self._append([style.cell(value) for style, value in zip(styles, row, strict=True)])

    def _append(self, cells: list[Cell]) -> None:
        self.row += 1
        if self.row > MAX_ROWS:
            raise ValueError(f"a sheet holds {MAX_ROWS} rows")
        self.sheet.append(cells)


@dataclass(frozen=True, slots=True)
class _Styles:
    """The two looks of a column: that of its kind, and that of text in it."""

    figure: Cell
    text: Cell

    @classmethod
    def of(cls, sheet: Any, column: Column, *, bold: bool = False) -> "_Styles":
        font = Font(name="宋体", size=11, bold=bold)
        align = Alignment(horizontal=column.alignment, vertical="center", wrap_text=True)
        figure = _styled(sheet, font=font, border=_GRID, alignment=align, number_format=number_format(column))
        text = _styled(sheet, font=font, border=_GRID, alignment=align, number_format="@")
        return cls(figure, text)

    def cell(self, value: Value) -> Cell:
        match value:
            case None | "":
                return _like(self.figure)
            case int() | Decimal() if self.figure.number_format != "@" and _exact_in_excel(value):
                return _number(self.figure, value)
            case date() if self.figure.number_format != "@" and _first_day(value) >= FIRST_DATE:
                return _like(self.figure, value)
        return _text(self.text, str(value))


def number_format(column: Column) -> str:
    """Return the spreadsheet format that shows what ``Column.text`` shows."""
    match column.kind:
        case "text":
            return "@"
        case "date":
            return "yyyy-mm-dd"
        case "datetime":
            return "yyyy-mm-dd hh:mm"
        case "percent":
            return _zeros(PERCENT_PLACES if column.places is None else column.places) + "%"
    if column.places is None:
        return "0" if column.kind == "int" else "General"
    return _zeros(column.places)


def _zeros(places: int) -> str:
    return "0." + "0" * places if places else "0"


def _exact_in_excel(value: int | Decimal) -> bool:
    """Say whether a double keeps every digit; longer figures go in as text rather than wrong."""
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        return False
    return len(number.normalize().as_tuple().digits) <= MAX_DIGITS


def _first_day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _number(style: Cell, value: int | Decimal) -> Cell:
    """Return a number cell that carries the decimal digits themselves, untouched by binary floats."""
    cell = _like(style, f"{Decimal(value):f}")
    cell.data_type = "n"
    return cell


def _text(style: Cell, text: str) -> Cell:
    """Return a cell that is text whatever it begins with, also after somebody edits it in Excel."""
    text = clean(text)
    cell = _like(style, _ESCAPE.sub("_x005F_", text))
    cell.data_type = "s"
    if text.startswith(_FORMULA_START):
        cell.quotePrefix = True
    return cell


def _like(style: Cell, value: object = None) -> Cell:
    return Cell(style.parent, 1, 1, value, style._style)  # no public way to share one style between cells


def _styled(sheet: Any, **looks: object) -> Cell:
    cell = WriteOnlyCell(sheet)
    for name, look in looks.items():
        setattr(cell, name, look)
    return cell


def _title_style(sheet: Any) -> Cell:
    centred = Alignment(horizontal="center", vertical="center", wrap_text=True)
    return _styled(sheet, font=Font(name="黑体", size=16), alignment=centred, number_format="@")


def _head_style(sheet: Any) -> Cell:
    centred = Alignment(horizontal="center", vertical="center", wrap_text=True)
    font = Font(name="宋体", size=11, bold=True)
    return _styled(sheet, font=font, alignment=centred, border=_GRID, fill=_HEAD_FILL, number_format="@")


def _note_style(sheet: Any) -> Cell:
    left = Alignment(horizontal="left", vertical="center", wrap_text=True)
    return _styled(sheet, font=Font(name="宋体", size=11), alignment=left, number_format="@")


def _set_page(sheet: Any, *, landscape: bool) -> None:
    sheet.page_setup.paperSize = A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"


def _column_width(column: Column, values: Iterable[Value]) -> float:
    if column.width is not None:
        return column.width
    low, high = WIDTH_LIMITS
    widest = max(chain([width(column.title) + 2], (width(column.text(value)) for value in values)))
    return min(high, max(low, widest + 2))


def _units(text: str) -> int:
    """Return the length as Excel counts it, in UTF-16 units."""
    return len(text) + sum(char > "\uffff" for char in text)


def _cut(text: str, limit: int) -> str:
    text = text[:limit]
    while _units(text) > limit:
        text = text[: -((_units(text) - limit + 1) // 2)]
    return text


def _discard(sheet: Any) -> None:
    """Remove the temporary file of a sheet that was not finished; openpyxl keeps it until the process ends."""
    writer = sheet._writer
    if writer is not None and Path(writer.out).exists():
        writer.cleanup()


class _Archive(ZipFile):
    """A zip file whose members carry a fixed date, so that the same content gives the same bytes."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *args: Any, **kwargs: Any) -> None:
        super().writestr(self._entry(zinfo_or_arcname), data, *args, **kwargs)

    def write(self, filename: Any, arcname: Any = None, *_args: Any, **_kwargs: Any) -> None:
        entry = self._entry(arcname)
        with Path(filename).open("rb") as source, self.open(entry, "w", force_zip64=True) as target:
            copyfileobj(source, target, 1 << 16)

    def _entry(self, name: str) -> ZipInfo:
        entry = ZipInfo(name)
        entry.compress_type = self.compression
        entry.external_attr = 0o600 << 16
        return entry
