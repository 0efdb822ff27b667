"""The summary list (附件3): columns and wording from the programme file, one definition for every format."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from declarations.models import Batch, Cycle
from declarations.queries.summary import Entry, cases_of_batch, cases_sent_up, columns_of, entries
from scoring.engine import Programme
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.documents.table import Column, Table

Cell = Callable[[Entry], object]

# What the case itself knows; every other column is filled by an answer.
OF_THE_CASE: Mapping[str, tuple[str, int, Cell]] = MappingProxyType(
    {
        "序号": ("int", 6, lambda entry: entry.place),
        "商会名称": ("text", 30, lambda entry: entry.case.applicant_name),
        "所在地": ("text", 16, lambda entry: entry.case.home.region or entry.case.home.name),
        "自评得分": ("decimal", 10, lambda entry: entry.case.self_total),
        "省级审核得分": ("decimal", 12, lambda entry: entry.case.unit_total),
        "推荐排序": ("int", 10, lambda entry: entry.case.rank),
        "备注": ("text", 12, lambda entry: ""),
    }
)
FIGURES = frozenset({"int"})


def _column(title: str, field: str, programme: Programme) -> Column:
    if title in OF_THE_CASE:
        kind, width, cell = OF_THE_CASE[title]
        return Column(title, kind=kind, key=cell, width=width)
    if not field:
        return Column(title, key=lambda entry: "")
    if programme.field(field).kind in FIGURES:
        return Column(title, kind="int", key=lambda entry: _whole(entry.answers.get(field, "")), width=10)
    return Column(title, kind="text", key=lambda entry: entry.answers.get(field, ""))


def _whole(text: str) -> object:
    """Return a figure as a number, and what is no figure as it was typed."""
    return int(text) if text.isascii() and text.isdigit() else text


def _columns(programme: Programme) -> list[Column]:
    return [_column(title, field, programme) for title, field in columns_of(programme)]


def summary_of_batch(batch: Batch, seat: Seat | None) -> Table:
    """Return one unit's list as 附件3 for a reader, signed and sealed at its foot; for nobody it is whole."""
    programme = programme_of(batch.cycle.programme)
    return Table(
        title=f"{batch.cycle.honour}推荐名单汇总表",
        columns=_columns(programme),
        rows=entries(cases_of_batch(batch, seat), programme),
        captions=[f"推荐单位：{batch.unit}", _standing(batch, programme)],
        notes=["推荐单位（盖章）：", "填表人：", "电话：", "日期：　　年　　月　　日"],
    )


def _standing(batch: Batch, programme: Programme) -> str:
    parts = ["附件3", f"标准{programme.short_status}"]
    if batch.cycle.is_sample:
        parts.append("示例数据")
    if batch.version:
        parts.append(f"名单第{batch.version}版，摘要值{batch.digest[:16]}")
    return "　".join(parts)


def summary_of_cycle(cycle: Cycle, seat: Seat) -> Table:
    """Return every case sent up in a cycle for a reader, unit by unit; the rows stream."""
    programme = programme_of(cycle.programme)
    unit = Column("推荐单位", key=lambda entry: entry.case.unit.name, width=26)
    return Table(
        title=f"{cycle.honour}推荐名单汇总表",
        columns=[unit, *_columns(programme)],
        rows=entries(cases_sent_up(cycle, seat), programme),
        captions=[f"附件3汇总　标准{programme.short_status}{'　示例数据' if cycle.is_sample else ''}"],
    )
