"""The feedback pack of a unit (分数结果反馈, notice 六) and the order list of plaques, as spreadsheets."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

from declarations.digests import digest_of
from declarations.models import Cycle, Recognition
from declarations.queries.feedback import Result
from scoring.engine import Programme
from scoring.queries import programme_of
from sihao.accounts.models import Organisation
from sihao.documents.table import Column, Table

CLAUSE = "依据：通知六“分数结果以适当形式向所在省级工商联反馈”。"
KEPT_INSIDE = "本材料只含本单位推荐的商会，供改进工作使用，不对外公布。各项得分为专家组结果，不列专家姓名。"


def pack_tables(cycle: Cycle, unit: Organisation, results: Sequence[Result]) -> tuple[Table, Table]:
    """Return the overview of a unit's results and the rows in which points were lost."""
    programme = programme_of(cycle.programme)
    captions = [f"反馈单位：{unit.name}", f"标准{programme.short_status}{'　示例数据' if cycle.is_sample else ''}"]
    overview = Table(
        title=f"{cycle.honour}分数结果反馈表",
        sheet="总表",
        columns=_overview(programme),
        rows=results,
        captions=captions,
        notes=[CLAUSE, KEPT_INSIDE],
        pinned=2,
    )
    lost = Table(
        title="各项失分明细",
        sheet="失分明细",
        columns=LOST,
        rows=list(_lost_rows(results)),
        captions=captions,
        notes=["只列失分的指标；没有列出的得满分。"],
        pinned=2,
    )
    return overview, lost


def _overview(programme: Programme) -> list[Column]:
    sections = [
        Column(f"{section.name}（{section.points:f}分）", kind="decimal", key=_section(section.code), width=14)
        for section in programme.rubric.sections
    ]
    return [
        Column("序号", kind="int", key="place", width=6),
        Column("商会名称", key="name", width=34),
        Column("受理编号", key="number", width=18),
        Column("推荐排序", kind="int", key="rank", width=10),
        Column("结果", key="outcome", width=16),
        Column("证书编号", key="certificate", width=14),
        Column(f"总分（{programme.total:f}分）", kind="decimal", key="total", width=14),
        *sections,
        Column("失分", kind="decimal", key="lost_points", width=10),
    ]


def _section(code: str) -> Callable[[Result], Decimal | None]:
    return lambda result: result.sections.get(code)


LOST = (
    Column("商会名称", key="name", width=34),
    Column("指标", key="id", width=10),
    Column("指标名称", key="item", width=44),
    Column("所属部分", key="section", width=20),
    Column("分值", kind="decimal", key="full", width=8),
    Column("得分", kind="decimal", key="points", width=8),
    Column("失分", kind="decimal", key="lost", width=8),
)


def _lost_rows(results: Iterable[Result]) -> Iterator[dict[str, object]]:
    """Yield a row for each item in which a chamber lost points."""
    for result in results:
        for row in result.lost:
            yield {
                "name": result.name,
                "id": row.item.id,
                "item": row.item.name,
                "section": row.section,
                "full": row.item.points,
                "points": row.points,
                "lost": row.lost,
            }


def basis_of(results: Iterable[Result]) -> str:
    """Return the digest of what a pack says: the same results, the same pack."""
    return digest_of(
        [
            [one.name, one.number, one.outcome, one.certificate, _text(one.total)]
            + [[row.item.id, _text(row.points)] for row in one.lost]
            for one in results
        ]
    )


def _text(points: Decimal | None) -> str:
    return "" if points is None else f"{points.normalize():f}"


def plaque_orders(cycle: Cycle, titles: Iterable[Recognition]) -> Table:
    """Return what the maker of plaques and certificates needs: a line a title, by certificate number."""
    columns = [
        Column("序号", kind="int", key="serial", width=6),
        Column("证书编号", key="number", width=16),
        Column("商会名称（牌匾、证书所刻）", key="name", width=40),
        Column("称号", key=lambda one: cycle.honour, width=34),
        Column("认定日期", kind="date", key="recognised_at", width=12),
        Column("推荐单位（寄送）", key="unit_name", width=28),
        Column("单位代码", key="unit_code", width=10),
        Column("商会类型", key="chamber_type", width=16),
        Column("牌匾（块）", kind="int", key=lambda one: 1, width=10),
        Column("证书（本）", kind="int", key=lambda one: 1, width=10),
    ]
    status = "示例数据，不作制作依据" if cycle.is_sample else ""
    return Table(
        title=f"{cycle.honour}牌匾、证书制作清单",
        sheet="制作清单",
        columns=columns,
        rows=titles,
        captions=[words for words in ("依据：通知六", status) if words],
    )
