"""The sheet in which an office fills in how many chambers its units count."""

from collections.abc import Sequence
from typing import BinaryIO

from declarations.imports.counts import CODE, NAME, NUMBER
from declarations.queries.places import PlanRow, PlanTable
from sihao.documents.table import Column, Table
from sihao.documents.xlsx import write


def template_of(table: PlanTable) -> Table:
    """Return the template: every unit with its code, and what is known of its chambers."""
    cycle = table.plan.cycle
    rows: Sequence[PlanRow] = table.rows
    return Table(
        title=f"{cycle.counts_as_of}商会统计表",
        columns=[
            Column(CODE, key=lambda row: row.unit.code, width=12),
            Column(NAME, key=lambda row: row.name, width=36),
            *([Column("地区", key=lambda row: row.region, width=12)] if table.national else []),
            Column(NUMBER, kind="int", key=lambda row: row.size, width=14, fillable=lambda row: True),
        ],
        rows=rows,
        captions=[
            f"{cycle.name}　分配单位：{table.plan.owner}　共{len(rows)}个单位",
            f"只填“{NUMBER}”一栏：{cycle.counts_as_of}本单位商会总数，整数。填好后在“商会统计”页上传。",
        ],
        landscape=False,
        sheet="商会统计",
        pinned=2,
        guarded=True,
    )


def write_template(table: PlanTable, file: BinaryIO) -> None:
    """Write the template to a file."""
    write(template_of(table), file)
