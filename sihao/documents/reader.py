"""Reading a sheet that somebody filled in: rows of values, and errors by row and cell."""

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO

from openpyxl.utils import get_column_letter

from sihao.documents.intake import child
from sihao.documents.sniff import UnacceptableFile, inspect, safe_name
from sihao.documents.table import Kind, shortest

Value = str | int | Decimal | date | datetime | None
Told = str | int | Decimal | bool | list[str]

HEAD_WITHIN = 10
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_BYTES = 10 * 1024 * 1024
MAX_ERRORS = 500

_EXACT_BELOW = 10**15
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_FIGURE = re.compile(r"[+-]?([0-9]{1,15}(\.[0-9]{0,15})?|\.[0-9]{1,15})")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_UNREADABLE = "工作簿已损坏，或者在很远的行、列里填了内容。请把需要的内容复制到新下载的模板后再上传。"
_WANTED: dict[Kind, str] = {
    "int": "应填整数",
    "decimal": "应填数字",
    "percent": "应填百分数，如20%",
    "date": "应填日期，如2020-01-31",
    "datetime": "应填日期和时间，如2020-01-31 17:30",
}


@dataclass(frozen=True, slots=True)
class Expected:
    """A column that the sheet should have, found by its title or one of the names ``also`` used for it."""

    title: str
    kind: Kind = "text"
    key: str = ""
    required: bool = False
    also: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the key of its values."""
        return self.key or self.title


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the sheet, by its number there; every expected column has a value, None where nothing stands."""

    number: int
    values: dict[str, Value]


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong, and where: ``row`` and ``cell`` are empty when the whole file or its head is meant."""

    message: str
    row: int | None = None
    column: str = ""
    cell: str = ""

    def __str__(self) -> str:
        if not self.row:
            return self.message
        place = f"第{self.row}行“{self.column}”（{self.cell}）" if self.cell else f"第{self.row}行"
        return f"{place}：{self.message}"


@dataclass(slots=True)
class Reading:
    """The rows that could be read, and the errors of the others with what could be read of them (``faulty``).

    ``columns`` has the letter of each expected column.
    """

    sheet: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    faulty: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


class _NotSo(Exception):
    """A cell whose content is not of its kind."""


def read(
    file: BinaryIO, expected: Sequence[Expected], *, name: str = "表格.xlsx", max_bytes: int = MAX_BYTES
) -> Reading:
    """Read the first visible sheet whose head has the expected titles; never raises for what a file contains.

    The head is looked for in the first ten rows. Blank rows are passed over; a row with an error is not among the
    rows. A formula is an error, as its result may be out of date. At most 500 errors are listed.
    """
    return read_parts(file, [expected], name=name, max_bytes=max_bytes)[0]


def read_parts(
    file: BinaryIO,
    parts: Sequence[Sequence[Expected]],
    *,
    name: str = "表格.xlsx",
    max_bytes: int = MAX_BYTES,
) -> list[Reading]:
    """Read several sheets of one workbook, each found by its titles as ``read`` finds one."""
    try:
        found = inspect(file, name, max_bytes=max_bytes)
        answer = child.run("workbook", file) if found.kind == "xlsx" else None
    except UnacceptableFile as problem:
        return [Reading(errors=[RowError(str(problem.about(safe_name(name))))]) for _ in parts]
    finally:
        file.seek(0)
    if answer is None:
        fault = (
            f"无法读取：{_UNREADABLE}"
            if found.kind == "xlsx"
            else "不是XLSX工作簿。请使用下载的模板填写后上传。"
        )
        return [Reading(errors=[RowError(f"“{found.name}”{fault}")]) for _ in parts]
    sheets = json.loads(answer, parse_float=Decimal)
    return [_read_sheets(sheets, expected) for expected in parts]


def _read_sheets(sheets: list[dict[str, Any]], expected: Sequence[Expected]) -> Reading:
    headed = [(sheet, *_best_head(sheet["rows"], expected)) for sheet in sheets]
    if not headed:
        return Reading(errors=[RowError("工作簿里没有可见的工作表。")])
    sheet, at, places = max(headed, key=lambda found: len(found[2]))
    reading = Reading(sheet["name"])
    reading.errors += _extent_errors(sheet) or _head_errors(sheet, at, places, expected)
    if not reading.errors:
        rows = _Rows(_down_to_the_last_formula(sheet)[at + 1 :], at + 2, frozenset(sheet["formulas"]))
        _read_rows(reading, rows, places, expected)
    return reading


def _down_to_the_last_formula(sheet: dict[str, Any]) -> list[list[Told]]:
    """Return the rows of a sheet, also those at its end in which nothing stands but formulas without a result."""
    last = max((int(re.sub(r"\D", "", place)) for place in sheet["formulas"]), default=0)
    missing = min(last, MAX_ROWS + HEAD_WITHIN) - len(sheet["rows"])
    return [*sheet["rows"], *([] for _ in range(missing))]


def _best_head(rows: list[list[Told]], expected: Sequence[Expected]) -> tuple[int, dict[str, list[int]]]:
    """Return the row that names most of the expected columns, and where each stands."""
    found = [(number, _places(row, expected)) for number, row in enumerate(rows[:HEAD_WITHIN])]
    return max(found, key=lambda head: len(head[1]), default=(0, {}))


def _places(row: list[Told], expected: Sequence[Expected]) -> dict[str, list[int]]:
    titles = [_same(cell) if isinstance(cell, str) else "" for cell in row]
    wanted = {column.name: {_same(title) for title in (column.title, *column.also)} for column in expected}
    places = {name: [at for at, title in enumerate(titles) if title in same] for name, same in wanted.items()}
    return {name: found for name, found in places.items() if found}


def _same(title: str) -> str:
    """Return a title as it is compared: without spaces, line breaks, marks of obligation and width."""
    return re.sub(r"[\s*＊]", "", unicodedata.normalize("NFKC", title)).casefold()


def _extent_errors(sheet: dict[str, Any]) -> list[RowError]:
    if sheet["height"] <= MAX_ROWS + HEAD_WITHIN and sheet["width"] <= MAX_COLUMNS:
        return []
    extent = f"用到了第{sheet['height']}行、{get_column_letter(sheet['width'])}列"
    limit = f"最多{MAX_ROWS}行、{MAX_COLUMNS}列"
    return [
        RowError(
            f"工作表“{sheet['name']}”{extent}，超过上限（{limit}）。请删去多余的行和列，或分成几个文件。"
        )
    ]


def _head_errors(
    sheet: dict[str, Any], at: int, places: dict[str, list[int]], expected: Sequence[Expected]
) -> list[RowError]:
    if not places:
        titles = "、".join(f"“{column.title}”" for column in expected[:5])
        return [
            RowError(
                f"工作表“{sheet['name']}”前{HEAD_WITHIN}行里找不到表头（应有{titles}等列）。请使用下载的模板填写。"
            )
        ]
    missing = [
        RowError(f"表头缺少“{column.title}”列。请使用下载的模板填写。", at + 1)
        for column in expected
        if column.name not in places
    ]
    double = [
        RowError(
            f"表头“{column.title}”出现了{len(places[column.name])}次（{_letters(places[column.name])}）。请只保留一列。",
            at + 1,
        )
        for column in expected
        if len(places.get(column.name, ())) > 1
    ]
    return missing + double


def _letters(places: list[int]) -> str:
    return "、".join(f"{get_column_letter(place + 1)}列" for place in places)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows under the head, the number of the first, and the cells that hold formulas."""

    cells: list[list[Told]]
    first: int
    formulas: frozenset[str]


def _read_rows(
    reading: Reading, rows: _Rows, places: dict[str, list[int]], expected: Sequence[Expected]
) -> None:
    reading.columns = letters = {name: get_column_letter(found[0] + 1) for name, found in places.items()}
    for number, cells in enumerate(rows.cells, rows.first):
        formulas = {name for name, letter in letters.items() if f"{letter}{number}" in rows.formulas}
        if not formulas and all(_is_blank(cell) for cell in cells):
            continue
        values, errors = _read_row(number, cells, places, expected, formulas)
        reading.errors += errors
        (reading.faulty if errors else reading.rows).append(Row(number, values))
        if len(reading.errors) > MAX_ERRORS:
            del reading.errors[MAX_ERRORS:]
            reading.errors.append(RowError(f"错误超过{MAX_ERRORS}处，其余没有列出。请先改正以上各处再上传。"))
            return


def _read_row(
    number: int,
    cells: list[Told],
    places: dict[str, list[int]],
    expected: Sequence[Expected],
    formulas: set[str],
) -> tuple[dict[str, Value], list[RowError]]:
    values: dict[str, Value] = {}
    errors: list[RowError] = []
    for column in expected:
        place = places[column.name][0]
        told = cells[place] if place < len(cells) else ""
        try:
            if column.name in formulas:
                raise _NotSo("不读取公式，请改为直接填写的内容（可复制后选择性粘贴为数值）。")
            values[column.name] = _value_of(told, column)
        except _NotSo as problem:
            cell = f"{get_column_letter(place + 1)}{number}"
            errors.append(RowError(str(problem), number, column.title, cell))
    return values, errors


def _value_of(told: Told, column: Expected) -> Value:
    if _is_blank(told):
        if column.required:
            raise _NotSo("不能为空。")
        return None
    if isinstance(told, (int, Decimal)) and Decimal(told).copy_abs() >= _EXACT_BELOW:
        raise _NotSo("数字超过15位，末尾已被表格软件改成0。请把单元格格式设为“文本”后重新填写。")
    try:
        return _READERS[column.kind](told)
    except (ValueError, InvalidOperation, OverflowError):
        raise _NotSo(f"{_WANTED[column.kind]}，现在是“{_shown(told)}”。") from None


def _is_blank(told: Told) -> bool:
    return isinstance(told, str) and not told.strip()


def _shown(told: Told) -> str:
    text = _text(told)
    return text if len(text) <= 30 else f"{text[:30]}…"


def _text(told: Told) -> str:
    match told:
        case bool():
            return "是" if told else "否"
        case list():
            return told[1].replace("T", " ").removesuffix(" 00:00:00")
        case Decimal():
            return shortest(told)
    return str(told)


def _number(told: Told) -> Decimal:
    """Return a figure, also one that was typed as text with full-width digits or thousands separators."""
    if isinstance(told, Decimal):
        return told
    text = (
        ""
        if isinstance(told, (bool, list))
        else unicodedata.normalize("NFKC", str(told)).strip().replace(",", "")
    )
    if not _FIGURE.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _int(told: Told) -> int:
    number = _number(told)
    if number != number.to_integral_value():
        raise ValueError(told)
    return int(number)


def _percent(told: Told) -> Decimal:
    if isinstance(told, str) and (text := unicodedata.normalize("NFKC", told).strip()).endswith("%"):
        return _number(text[:-1]) / 100
    return _number(told)


def _datetime(told: Told) -> datetime:
    if isinstance(told, list):
        return datetime.fromisoformat(told[1])
    text = unicodedata.normalize("NFKC", told).strip() if isinstance(told, str) else ""
    found = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    if not found:
        raise ValueError(told)
    year, month, day, hour, minute, second = (int(part or 0) for part in (*found.groups(), 0, 0, 0)[:6])
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 a sheet knows no time zone


def _date(told: Told) -> date:
    return _datetime(told).date()


_READERS: dict[Kind, Callable[[Told], Value]] = {
    "text": _text,
    "int": _int,
    "decimal": _number,
    "percent": _percent,
    "date": _date,
    "datetime": _datetime,
}
