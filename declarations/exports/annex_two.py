"""The places of every recommending unit (附件2) as a sheet."""

from declarations.queries.annex_two import Annex
from sihao.documents.table import Column, Table

TITLE = "{}推荐名额分配表"
SAMPLE = "示例数据，不是实际分配"


def table_of(annex: Annex) -> Table:
    """Return the annex as a sheet, the sum at its foot."""
    standing = [annex.cycle.name, *([SAMPLE] if annex.cycle.is_sample else []), *annex.edition]
    return Table(
        title=TITLE.format(annex.cycle.honour),
        columns=[
            Column("序号", kind="int", key="number", width=8, align="center"),
            Column("推荐单位", key="name", width=40),
            Column("名额", kind="int", key="places", width=12),
        ],
        rows=annex.lines,
        captions=["附件2", "　".join(standing)],
        notes=["注：最终认定数量依据审核结果确定。"],
        footer=[("", "合计", annex.total)],
        landscape=False,
        sheet="推荐名额分配表",
    )
