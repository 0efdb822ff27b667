"""A roster as it is filled in: its two sheets, their columns, and the rows as they are kept and judged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sihao.accounts.roles import ChamberType

CHAMBERS, PEOPLE = "商会", "人员"
MOST_ROWS = 1000
"""Rows a sheet may have: all are written in one transaction, which others wait for on SQLite."""
AT_ONCE = 200
"""Rows that are written while the person waits; more are a job."""


@dataclass(frozen=True)
class Asked:
    """One column: the key of its values, its title, and what is to be filled in."""

    key: str
    title: str
    hint: str
    required: bool = False
    width: int = 20


COLUMNS: Mapping[str, tuple[Asked, ...]] = {
    CHAMBERS: (
        Asked("name", "商会名称", "登记证书上的全称", required=True, width=40),
        Asked("uscc", "统一社会信用代码", "18位；尚未取得的留空", width=26),
        Asked("type", "商会类型", f"{'、'.join(ChamberType.values)}之一；可以留空"),
        Asked("level", "层级", "全国、省级、市级、县级之一，与所在地工商联一致；可以留空", width=12),
        Asked(
            "home", "所在地工商联", "名称或六位行政区划代码，见“工商联名录”表；限本级及下级", required=True, width=40
        ),
    ),
    PEOPLE: (
        Asked("body", "单位名称", "已登记的商会、本级或下级工商联，或“商会”表里的商会", required=True, width=40),
        Asked("code", "单位代码", "统一社会信用代码或六位行政区划代码；单位没有同名的可以留空", width=26),
        Asked("person", "姓名", "本人姓名", required=True, width=14),
        Asked("username", "登录名", "3至64位字母、数字或 . _ -；留空的用手机号码登录"),
        Asked("mobile", "手机", "11位手机号码", width=16),
        Asked("email", "电子邮箱", "用于发送设置链接和每日摘要；可以留空", width=28),
        Asked("role", "角色", "商会填“会长”或“填报员”，工商联填“经办人”或“分管领导”", required=True, width=14),
    ),
}


@dataclass(frozen=True)
class Fault:
    """Something that is wrong with a cell, or with the whole row when ``key`` is empty."""

    key: str
    message: str


@dataclass(frozen=True)
class RosterRow:
    """One row as it was read: its sheet, its number there, the text of each cell, and what could not be read."""

    sheet: str
    number: int
    values: Mapping[str, str]
    faults: tuple[Fault, ...] = ()

    def kept(self) -> dict[str, Any]:
        """Return the row as it is stored."""
        faults = [[fault.key, fault.message] for fault in self.faults]
        return {"sheet": self.sheet, "number": self.number, "values": dict(self.values), "faults": faults}


def rows_kept(stored: Iterable[Mapping[str, Any]]) -> list[RosterRow]:
    """Return stored rows as they were read."""
    return [
        RosterRow(row["sheet"], row["number"], row["values"], tuple(Fault(*fault) for fault in row["faults"]))
        for row in stored
    ]


@dataclass
class Roster:
    """What a file held: its rows, the letter of each column, and what is wrong with the file as a whole."""

    rows: list[RosterRow] = field(default_factory=list)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
