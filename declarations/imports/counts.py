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
    """Read a sheet of counts; never raises for what a file contains. A row with a fault is not among the numbers."""
    reading = read(file, EXPECTED, name=name)
    found = ReadCounts(_digest(file))
    known = {unit.code: unit for unit in units}
    faults = list(reading.errors)
    rows: dict[str, int] = {}
    for row in reading.rows:
        code = _code(row)
        fault = _fault(row, code, known, rows, reading)
        if fault is not None:
            faults.append(fault)
            continue
        rows[code] = row.number
        found.numbers[code] = int(str(row.values[NUMBER]))
    found.faults = [str(fault) for fault in sorted(faults, key=lambda fault: (fault.row or 0, fault.cell))]
    return found


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = sha256(file.read()).hexdigest()
    file.seek(0)
    return digest


def _code(row: Row) -> str:
    return str(row.values[CODE] or "").strip()


def _fault(
    row: Row, code: str, known: Mapping[str, Organisation], rows: Mapping[str, int], reading: Reading
) -> RowError | None:
    if code not in known:
        return _at(row, CODE, reading, f"“{code[:20]}”不在本次分配的{len(known)}个单位内，请使用下载的模板。")
    if code in rows:
        return _at(row, CODE, reading, f"单位代码{code}与第{rows[code]}行重复，请只保留一行。")
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
