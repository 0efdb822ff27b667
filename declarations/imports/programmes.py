"""A standard brought as a workbook or as a programme file: all of it, or every fault named by sheet, row and cell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from declarations.sheets_of_programme import (
    HANGING,
    ITEM,
    LIST_COLUMNS,
    ROW_COLUMNS,
    STANDARD,
    VALUE,
    BookColumn,
)
from declarations.workflow import procedure_named
from scoring.editing.judging import judge, opened
from scoring.editing.layout import HEAD
from scoring.editing.reading import Fault
from scoring.editing.writing import Content, Texts
from scoring.engine import ProgrammeError
from sihao.documents.cells import clean
from sihao.documents.reader import Expected, Reading, Row, RowError, read_parts

MOST_BYTES = 2 * 1024 * 1024
OPTIONAL = frozenset({"stages", "checks"})
ROWS_EXPECTED = (
    *(Expected(one.title, key=one.key) for one in ROW_COLUMNS),
    Expected(STANDARD, key=STANDARD),
)
HEAD_EXPECTED = (Expected(ITEM, key=ITEM), Expected(VALUE, key=VALUE))
PARTS = {
    "rows": ROWS_EXPECTED,
    "head": HEAD_EXPECTED,
    **{
        name: tuple(Expected(one.title, key=one.key) for one in columns)
        for name, columns in LIST_COLUMNS.items()
    },
}


@dataclass
class ReadProgramme:
    """The sheets that were read, or every fault; with a fault there are no sheets."""

    content: Content | None = None
    faults: list[str] = field(default_factory=list)


@dataclass
class _Places:
    """Where each row of the sheets stands in the workbook: its row there; and the readings."""

    rows: dict[tuple[str, int], int] = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)


def read_programme(file: BinaryIO, name: str) -> ReadProgramme:
    """Read a workbook or a programme file; never raises for what a file contains."""
    if name.lower().endswith(".toml"):
        return _read_text(file)
    readings = dict(
        zip(PARTS, read_parts(file, list(PARTS.values()), name=name, max_bytes=MOST_BYTES), strict=True)
    )
    wrong = [*dict.fromkeys(_sheet_errors(readings))]
    if wrong:
        return ReadProgramme(faults=wrong)
    places = _Places(readings=readings)
    faults: list[str] = []
    content = _content(places, faults)
    found = judge(content)
    faults += [_told(fault, places) for fault in found.faults]
    return ReadProgramme(faults=faults) if faults else ReadProgramme(content)


def _read_text(file: BinaryIO) -> ReadProgramme:
    raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        return ReadProgramme(faults=["标准文件超过2MB，不读取。请核对是否选错了文件。"])
    try:
        return ReadProgramme(opened(raw.decode("utf-8-sig")))
    except UnicodeDecodeError:
        return ReadProgramme(faults=["标准文件不是UTF-8编码的文字，请另存为UTF-8后重新上传。"])
    except ProgrammeError as problem:
        return ReadProgramme(faults=[clean(f"{problem}。请改正后重新上传。")])


def _sheet_errors(readings: Mapping[str, Reading]) -> Iterator[str]:
    """Return what the reader says of the file and its sheets; a sheet that may be left out is not missed."""
    for part, reading in readings.items():
        if part in OPTIONAL and not reading.rows and all(_is_of_head(error) for error in reading.errors):
            continue
        yield from (_told_error(error, reading) for error in reading.errors)


def _is_of_head(error: RowError) -> bool:
    return not error.cell


def _told_error(error: RowError, reading: Reading) -> str:
    return clean(f"工作表“{reading.sheet}”{error}" if error.row and reading.sheet else str(error))


def _content(places: _Places, faults: list[str]) -> Content:
    content: Content = {"head": _head(places, faults), "sections": [], "groups": [], "rows": []}
    _fill_rows(content, places, faults)
    for name, columns in LIST_COLUMNS.items():
        rows = places.readings[name].rows if not places.readings[name].errors else []
        content[name] = [_texts(row, columns) for row in rows]
        places.rows |= {(name, index): row.number for index, row in enumerate(rows)}
    return content


def _texts(row: Row, columns: Sequence[BookColumn]) -> Texts:
    return {one.column.key: text for one in columns if (text := _text(row, one.key))}


def _text(row: Row, key: str) -> str:
    value = row.values.get(key)
    return "" if value is None else clean(str(value)).strip()


def _head(places: _Places, faults: list[str]) -> Texts:
    keys, found = {column.title: column.key for column in HEAD.columns}, {}
    reading = places.readings["head"]
    for row in reading.rows:
        title = _text(row, ITEM)
        if title not in keys:
            faults.append(_at(reading, row.number, ITEM, f"不认识“{title[:20]}”，请照模板的项目填写。"))
        elif keys[title] in places.heads:
            first = places.heads[keys[title]]
            faults.append(_at(reading, row.number, ITEM, f"“{title}”与第{first}行重复，请只保留一行。"))
        else:
            places.heads[keys[title]] = row.number
            found[keys[title]] = _text(row, VALUE)
    found["workflow"] = procedure_named(found.get("workflow", ""))
    return {key: text for key, text in found.items() if text}


def _fill_rows(content: Content, places: _Places, faults: list[str]) -> None:
    """Sort the rows of the standard into its three levels; a blank above a row means the same as the row before."""
    reading = places.readings["rows"]
    latest = {"sections": "", "groups": ""}
    for row in reading.rows:
        for level in ("sections", "groups"):
            told = _texts(row, [one for one in ROW_COLUMNS if one.sheet == level])
            code = told.get("code", "")
            if not code and not latest[level]:
                faults.append(
                    _at(reading, row.number, f"{level}.code", f"没有填{HANGING[level].title}代号，请填写。")
                )
            if code and code != latest[level]:
                latest[level] = code
                latest |= {"groups": ""} if level == "sections" else {}
            if level == "groups":
                told["section"] = latest["sections"]
            _put(content, places, faults, row, level, {**told, "code": latest[level]})
        item = _texts(row, [one for one in ROW_COLUMNS if one.sheet == "rows"])
        if "rule" not in item and (standard := _text(row, STANDARD)) and item.get("points"):
            item["rule"] = _judged_by_people(standard, item["points"])
        places.rows["rows", len(content["rows"])] = row.number
        content["rows"].append({"group": latest["groups"], **item})


def _judged_by_people(standard: str, points: str) -> str:
    """Return the rule of a row that has its standard in words alone: people say whether it is met."""
    words = standard.rstrip("。；").translate(str.maketrans("；;：:＝=\n", "，，，，，，，"))
    return f"评定：{words[:200]}＝{points}；不符合＝0"


def _put(content: Content, places: _Places, faults: list[str], row: Row, level: str, told: Texts) -> None:
    """Keep a section or a group once; what a later row says otherwise of it is a fault."""
    code = told["code"]
    if not code:
        return
    found = next((one for one in content[level] if one.get("code") == code), None)
    if found is None:
        places.rows[level, len(content[level])] = row.number
        content[level].append(told)
        return
    reading, first = places.readings["rows"], places.rows[level, content[level].index(found)]
    for key, text in told.items():
        if found.setdefault(key, text) != text:
            title = HANGING[level].column(key).title
            where = "groups.code" if key == "section" else f"{level}.{key}"
            earlier = f"{HANGING[level].title}{code}的{title}与第{first}行所填的“{found[key][:20]}”不同"
            words = f"{earlier}，请改成一致，或者只填第一行。"
            faults.append(_at(reading, row.number, where, words))


def _at(reading: Reading, number: int, key: str, words: str) -> str:
    letter = reading.columns.get(key, "")
    return clean(f"工作表“{reading.sheet}”第{number}行{f'（{letter}{number}）' if letter else ''}：{words}")


def _told(fault: Fault, places: _Places) -> str:
    """Return a fault with the place in the workbook that it comes from."""
    part = "rows" if fault.sheet in HANGING else fault.sheet
    reading = places.readings[part]
    if fault.sheet == "head":
        title = HEAD.column(fault.key).title if fault.key else ""
        number = places.heads.get(fault.key)
        if number is None:
            return clean(f"工作表“{reading.sheet}”{f'“{title}”' if title else ''}：{fault.message}。")
        return _at(reading, number, VALUE, f"“{title}”{fault.message}。")
    number = places.rows.get((fault.sheet, fault.index if fault.index is not None else -1))
    if number is None:
        return clean(f"工作表“{reading.sheet}”：{fault.message}。")
    key = {"group": "groups.code", "section": "sections.code"}.get(fault.key, f"{fault.sheet}.{fault.key}")
    title = next((one.title for one in (*ROW_COLUMNS, *sum(LIST_COLUMNS.values(), ())) if one.key == key), "")
    return _at(reading, number, key, f"{f'“{title}”' if title else ''}{fault.message}。")
