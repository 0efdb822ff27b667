"""A sheet of chambers counted, unit by unit: read, checked against the units, every bad row named by its cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import BinaryIO

from sihao.accounts.models import Organisation
from sihao.accounts.roles import Level
from sihao.documents.reader import Expected, Reading, Row, RowError, read

CODE, NAME, NUMBER = "单位代码", "单位", "商会数"
EXPECTED = (
    Expected(CODE, required=True),
    Expected(NAME),
    Expected(NUMBER, "int", required=True, also=("商会总数", "商会数（个）")),
)
MOST = 1_000_000
SAME_NAME = 2


@dataclass
class ReadCounts:
    """What a sheet says: chambers by code, the faults by cell, and the digest of the file."""

    digest: str
    numbers: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def read_counts(file: BinaryIO, name: str, units: Sequence[Organisation]) -> ReadCounts:
    """Read a sheet of counts; never raises for what a file contains.

    A row with a fault is not among the numbers, nor is a unit that stands there twice.
    """
    reading = read(file, EXPECTED, name=name)
    found = ReadCounts(_digest(file))
    known = {unit.code: unit for unit in units}
    faults = list(reading.errors)
    rows: dict[str, list[int]] = {}
    for row in sorted((*reading.rows, *reading.faulty), key=lambda row: row.number):
        rows.setdefault(_code(row), []).append(row.number)
    for row in reading.rows:
        code = _code(row)
        fault = _fault(row, code, known, rows[code], reading)
        if fault is not None:
            faults.append(fault)
        else:
            found.numbers[code] = int(str(row.values[NUMBER]))
    names = {row.number: _named(row, known) for row in (*reading.rows, *reading.faulty)}
    ordered = sorted(faults, key=lambda fault: (fault.row or 0, fault.cell))
    found.faults = [_told(fault, reading.sheet, names) for fault in ordered]
    return found


def _named(row: Row, known: Mapping[str, Organisation]) -> str:
    """Return whose row it is: the unit of its code, or the name that stands there."""
    unit = known.get(_code(row))
    return _spoken(unit) if unit is not None else str(row.values.get(NAME) or "").strip()[:30]


def _told(fault: RowError, sheet: str, names: Mapping[int, str]) -> str:
    """Return a fault with its sheet, its unit and its cell."""
    if not fault.row:
        return str(fault)
    whose = f"（{names[fault.row]}）" if names.get(fault.row) else ""
    place = f"“{fault.column}”{fault.cell}" if fault.cell else ""
    return f"工作表“{sheet}”第{fault.row}行{whose}{place}：{fault.message}"


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = sha256(file.read()).hexdigest()
    file.seek(0)
    return digest


def _code(row: Row) -> str:
    return str(row.values.get(CODE) or "").strip()


def _fault(
    row: Row, code: str, known: Mapping[str, Organisation], same: Sequence[int], reading: Reading
) -> RowError | None:
    if code not in known:
        return _at(row, CODE, reading, f"“{code[:20]}”不在本次分配的{len(known)}个单位内，请使用下载的模板。")
    if len(same) > 1:
        others = "、".join(str(number) for number in same if number != row.number)
        return _at(row, CODE, reading, f"单位代码{code}与第{others}行重复，都不写入，请只保留一行。")
    name = str(row.values[NAME] or "").strip()
    if name and not _fits(name, known[code]):
        told = f"单位代码{code}是{_spoken(known[code])}，表中写的是“{name[:30]}”。请核对是否错行。"
        return _at(row, NAME, reading, told)
    number = int(str(row.values[NUMBER]))
    if number < 0:
        return _at(row, NUMBER, reading, "商会数不能小于0。")
    if number > MOST:
        return _at(row, NUMBER, reading, f"商会数不能大于{MOST}。")
    return None


def _at(row: Row, column: str, reading: Reading, message: str) -> RowError:
    return RowError(message, row.number, column, f"{reading.columns[column]}{row.number}")


def _spoken(unit: Organisation) -> str:
    return "直属商会" if unit.level == Level.NATIONAL else unit.region or unit.name


def _fits(name: str, unit: Organisation) -> bool:
    """Return whether a name means the unit: its region in full or as it is called, or the federation's name."""
    if unit.level == Level.NATIONAL:
        return "直属" in name or name == unit.name
    return name in {unit.region, unit.name} or (
        len(name) >= SAME_NAME and (unit.region.startswith(name) or name.startswith(unit.region or unit.name))
    )
