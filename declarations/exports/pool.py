"""The sheet in which the department fills in its experts, with those it has."""

from collections.abc import Sequence
from typing import BinaryIO

from declarations.imports import pool as columns
from declarations.models import Cycle
from declarations.queries.pool import PoolLine
from sihao.accounts.models import Organisation
from sihao.accounts.roles import ChamberType
from sihao.documents.table import Column, Table
from sihao.documents.xlsx import write

BLANK_ROWS = 30


def _is_open(_: object) -> bool:
    return True


def _member(name: str, line: PoolLine | None) -> object:
    return getattr(line.member, name) if line is not None and line.member is not None else None


def _person(name: str, line: PoolLine | None) -> str:
    return getattr(line.seat.user, name) if line is not None else ""


def _province(line: PoolLine | None) -> str:
    province = _member("province", line)
    return province.region if isinstance(province, Organisation) else ""


COLUMNS = (
    Column(columns.NAME, key=lambda line: _person("name", line), width=14, fillable=_is_open),
    Column(columns.USERNAME, key=lambda line: _person("username", line), width=16, fillable=_is_open),
    Column(columns.MOBILE, key=lambda line: _person("mobile", line), width=14, fillable=_is_open),
    Column(columns.EMAIL, key=lambda line: _person("email", line), width=22, fillable=_is_open),
    Column(columns.EMPLOYER, key=lambda line: _member("employer", line) or "", width=30, fillable=_is_open),
    Column(columns.PROVINCE, key=_province, width=14, fillable=_is_open),
    Column(columns.KINDS, key=lambda line: "、".join(_member("kinds", line) or ()), width=32, fillable=_is_open),
    Column(columns.BEGINS, "date", lambda line: _member("available_from", line), width=12, fillable=_is_open),
    Column(columns.ENDS, "date", lambda line: _member("available_until", line), width=12, fillable=_is_open),
    Column(columns.MOST, "int", lambda line: _member("most", line), width=12, fillable=_is_open),
)


def write_template(cycle: Cycle, lines: Sequence[PoolLine], file: BinaryIO) -> None:
    """Write the sheet: the experts in office as they are kept, and room for more."""
    rows: list[PoolLine | None] = [*lines, *([None] * BLANK_ROWS)]
    how = (
        f"{columns.PROVINCE}填省级行政区名称，全国性单位填“无”；{columns.KINDS}填商会类型，可填几种："
        f"{'、'.join(ChamberType.values)}。"
    )
    table = Table(
        title=f"{cycle.name}评审专家名单",
        columns=list(COLUMNS),
        rows=rows,
        captions=[
            how,
            f"没有账号的，按{columns.USERNAME}开设账号。填好后在“评审专家”页上传，经预览确认后才写入。",
        ],
        sheet="评审专家",
        pinned=1,
        guarded=True,
    )
    write(table, file)
