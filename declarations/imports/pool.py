"""A sheet of experts: read, checked against provinces, accounts and types, every bad row named by its cell."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any, BinaryIO

from declarations.queries.pool import Known
from sihao.accounts.roles import ChamberType
from sihao.documents.cells import clean
from sihao.documents.reader import Expected, Reading, Row, RowError, read

NAME, USERNAME, MOBILE, EMAIL = "姓名", "登录名", "手机", "邮箱"
EMPLOYER, PROVINCE, KINDS = "工作单位", "工作所在省", "专长"
BEGINS, ENDS, MOST = "可评审起", "可评审止", "最多评审件数"
EXPECTED = (
    Expected(NAME, key="name", required=True),
    Expected(USERNAME, key="username", required=True),
    Expected(MOBILE, key="mobile"),
    Expected(EMAIL, key="email"),
    Expected(EMPLOYER, key="employer", required=True),
    Expected(PROVINCE, key="province"),
    Expected(KINDS, key="kinds", also=("专长（商会类型）",)),
    Expected(BEGINS, "date", "begins"),
    Expected(ENDS, "date", "ends"),
    Expected(MOST, "int", "most"),
)
TITLES = {column.key: column.title for column in EXPECTED}
SEPARATORS = re.compile(r"[、，,;；\s/]+")
ACCOUNT, PHONE = re.compile(r"[A-Za-z0-9._-]{3,64}"), re.compile(r"1\d{10}")
NOWHERE = frozenset({"", "无", "全国", "全国性单位"})
LONGEST_NAME, LONGEST_EMPLOYER, MOST_CASES, MOST_ROWS = 50, 100, 9999, 1000


@dataclass
class ReadPool:
    """What a sheet says: the good rows as they are kept, the faults by cell, and the digest of the file."""

    digest: str
    rows: list[dict[str, object]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read_pool(file: BinaryIO, name: str, known: Known) -> ReadPool:
    """Read a sheet of experts; never raises for what a file contains. A row with a fault is not among the rows."""
    reading = read(file, EXPECTED, name=name)
    file.seek(0)
    found = ReadPool(sha256(file.read()).hexdigest())
    faults = list(reading.errors)
    seen: dict[str, int] = {}
    for row in reading.rows[:MOST_ROWS]:
        wrong = [*_faults(row, known, seen, reading)]
        faults += wrong
        if not wrong:
            found.rows.append(_kept(row, known))
    if len(reading.rows) > MOST_ROWS:
        faults.append(RowError(f"一次最多导入{MOST_ROWS}人，现有{len(reading.rows)}行。"))
    ordered = sorted(faults, key=lambda fault: (fault.row or 0, fault.cell))
    found.faults = [clean(str(fault)) for fault in ordered]
    return found


def _text(row: Row, key: str) -> str:
    value = row.values.get(key)
    return unicodedata.normalize("NFKC", clean(str(value))).strip() if value is not None else ""


def _kinds(row: Row) -> list[str]:
    return [word for word in SEPARATORS.split(_plain(row.values.get("kinds"))) if word]


def _plain(value: object) -> str:
    return clean(str(value)).strip() if value is not None else ""


def _day(row: Row, key: str) -> date | None:
    value: Any = row.values.get(key)
    return value.date() if isinstance(value, datetime) else value


def _faults(row: Row, known: Known, seen: dict[str, int], reading: Reading) -> list[RowError]:
    """Return everything that is wrong with a row."""
    tests = (
        ("name", _name_fault(row)),
        ("username", _account_fault(row, known, seen)),
        ("mobile", "" if not (mobile := _text(row, "mobile")) or PHONE.fullmatch(mobile) else "应为11位手机号码。"),
        ("employer", f"不超过{LONGEST_EMPLOYER}字。" if len(_plain(row.values["employer"])) > LONGEST_EMPLOYER else ""),
        ("province", _province_fault(row, known)),
        ("kinds", _kinds_fault(row)),
        ("ends", _term_fault(row)),
        ("most", _most_fault(row)),
    )
    return [_at(row, key, words, reading) for key, words in tests if words]


def _at(row: Row, key: str, words: str, reading: Reading) -> RowError:
    return RowError(words, row.number, TITLES[key], f"{reading.columns.get(key, '')}{row.number}")


def _name_fault(row: Row) -> str:
    return f"不超过{LONGEST_NAME}字。" if len(_plain(row.values["name"])) > LONGEST_NAME else ""


def _account_fault(row: Row, known: Known, seen: dict[str, int]) -> str:
    username, name = _text(row, "username"), _plain(row.values["name"])
    if not ACCOUNT.fullmatch(username):
        return f"应为3至64位字母、数字或 . _ -，现为“{username[:20]}”。"
    if username in seen:
        return f"与第{seen[username]}行重复。"
    seen[username] = row.number
    person = known.people.get(username)
    if person is not None and person.name != name:
        return f"登录名{username}已由他人使用，或者姓名与账号不一致。"
    if person is not None and not person.is_active:
        return f"登录名{username}的账号已停用。"
    return ""


def _province_fault(row: Row, known: Known) -> str:
    told = _plain(row.values.get("province"))
    return "" if told in NOWHERE or told in known.provinces else f"没有“{told[:20]}”这个省级单位；全国性单位填“无”。"


def _kinds_fault(row: Row) -> str:
    strange = [word for word in _kinds(row) if word not in ChamberType.values]
    if not strange:
        return ""
    return f"没有“{strange[0][:20]}”这一商会类型，可用：{'、'.join(ChamberType.values)}。"


def _term_fault(row: Row) -> str:
    begins, ends = _day(row, "begins"), _day(row, "ends")
    return "可评审止不能早于可评审起。" if begins is not None and ends is not None and ends < begins else ""


def _most_fault(row: Row) -> str:
    most = row.values.get("most")
    return "" if most is None or 1 <= int(str(most)) <= MOST_CASES else f"应为1至{MOST_CASES}。"


def _kept(row: Row, known: Known) -> dict[str, object]:
    """Return a row as it waits to be confirmed."""
    told: Mapping[str, str] = {key: _text(row, key) for key in ("username", "mobile", "email")}
    begins, ends, most = _day(row, "begins"), _day(row, "ends"), row.values.get("most")
    return {
        **told,
        "name": _plain(row.values["name"]),
        "employer": _plain(row.values["employer"]),
        "province": known.provinces.get(_plain(row.values.get("province")), ""),
        "kinds": _kinds(row),
        "begins": begins.isoformat() if begins is not None else None,
        "ends": ends.isoformat() if ends is not None else None,
        "most": int(str(most)) if most is not None else None,
    }
