"""The template of a roster: two sheets to fill in, what each column asks for, and the federations to choose from."""

from collections.abc import Iterable
from typing import BinaryIO

from sihao.accounts.entries import CHAMBERS, COLUMNS, MOST_ROWS, PEOPLE, Asked
from sihao.accounts.models import Organisation
from sihao.documents.table import Column, Table
from sihao.documents.xlsx import write

BLANK_ROWS = 100
CAPTION = {
    CHAMBERS: "只登记商会、不开账号的填本表即可。带＊的必填；说明见“填写说明”表。",
    PEOPLE: "一行一个席位：同一人担任两个角色的填两行。带＊的必填；说明见“填写说明”表。",
}


def write_template(federations: Iterable[Organisation], office: str, file: BinaryIO) -> None:
    """Write the empty workbook with the federations of the office's jurisdiction."""
    write(_to_fill_in(CHAMBERS), file, others=[_to_fill_in(PEOPLE), _explained(), _named(federations, office)])


def _to_fill_in(sheet: str) -> Table:
    columns = [
        Column(_head(asked), key=asked.key, width=asked.width, fillable=lambda row: True)
        for asked in COLUMNS[sheet]
    ]
    blank = {asked.key: "" for asked in COLUMNS[sheet]}
    return Table(f"{sheet}名册", columns, [blank] * BLANK_ROWS, [CAPTION[sheet]], sheet=sheet)


def _head(asked: Asked) -> str:
    return f"{asked.title}＊" if asked.required else asked.title


def _explained() -> Table:
    rows = [
        {"sheet": sheet, "title": asked.title, "must": "必填" if asked.required else "", "hint": asked.hint}
        for sheet, columns in COLUMNS.items()
        for asked in columns
    ]
    columns = [
        Column("工作表", key="sheet", width=10),
        Column("栏目", key="title", width=20),
        Column("要求", key="must", width=10),
        Column("说明", key="hint", width=60),
    ]
    notes = [
        f"每张表最多{MOST_ROWS}行。上传后先预览，确认前不写入；有一行不能写入，全部不写入。",
        "同一个文件再传一次不会重复登记：已有的商会、账号和席位保持不变。",
    ]
    return Table("填写说明", columns, rows, notes=notes, sheet="填写说明")


def _named(federations: Iterable[Organisation], office: str) -> Table:
    columns = [
        Column("工商联", key="name", width=44),
        Column("行政区划代码", key="code", width=14),
        Column("所在层级", key=lambda one: one.get_level_display(), width=10),
    ]
    return Table("工商联名录", columns, federations, [f"{office}及下级工商联"], sheet="工商联名录")
