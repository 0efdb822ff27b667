"""A draw's list with its random numbers, for whoever computes it again."""

import csv
from collections.abc import Iterator
from io import StringIO

from declarations.models import SpotDraw
from declarations.queries.draws import sample_of
from declarations.sampling import METHOD, Ticket
from sihao.documents.table import Column, Table
from sihao.ui.formats import beijing

HEAD = ("受理编号", "地区", "层级", "类型", "随机数", "层内次序", "抽中")


def _row(ticket: Ticket) -> tuple[str, str, str, str, str, int, str]:
    unit = ticket.unit
    return unit.number, unit.region, unit.level, unit.type, ticket.random, ticket.place, "是" if ticket.drawn else ""


def table_of_draw(draw: SpotDraw) -> Table:
    """Return the list of a draw as a sheet."""
    sample = sample_of(draw)
    return Table(
        title=f"{draw}抽样清单",
        columns=[
            Column(HEAD[0], width=24),
            Column(HEAD[1], width=12),
            Column(HEAD[2], width=8),
            Column(HEAD[3], width=20),
            Column(HEAD[4], width=68),
            Column(HEAD[5], kind="int", width=10),
            Column(HEAD[6], width=8, align="center"),
        ],
        rows=map(_row, sample.tickets),
        captions=[
            f"种子：{draw.seed}　抽取{draw.cases}件　公布于{beijing(draw.announced_at)}",
            f"清单摘要值：{draw.frame_digest}",
        ],
        notes=[f"方法：{METHOD}。随机数为“种子|受理编号”（UTF-8）的SHA-256。"],
        sheet=f"第{draw.number}批",
    )


def lines_of_draw(draw: SpotDraw) -> Iterator[str]:
    """Yield the list of a draw as lines of CSV in UTF-8 with a mark at its head, as spreadsheets like it."""
    yield "\ufeff"
    for row in (HEAD, *map(_row, sample_of(draw).tickets)):
        line = StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()
