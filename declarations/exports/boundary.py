"""The list of boundary cases as a sheet: exactly on a gate, or one row away, with what would turn each."""

from collections.abc import Iterable

from declarations.exports.figures import Viewing
from declarations.models import ScoreRun
from sihao.documents.table import Column, Table

COLUMNS = (
    Column("推荐单位", key=lambda run: run.declaration.unit.name, width=26),
    Column("受理编号", key=lambda run: run.declaration.number),
    Column("商会名称", key=lambda run: run.declaration.applicant_name, width=30),
    Column("复审总分", kind="decimal", key="total"),
    Column("与分数线之差", kind="decimal", key="margin"),
    Column("结论", key=lambda run: "达到认定条件" if run.eligible else "不能参与认定"),
    Column("临界情形", key=lambda run: run.get_nearness_display(), width=22),
    Column("改变结论的最少项目", key=lambda run: "\n".join(run.changes), width=50),
)
NOTES = (
    "恰在线上：总分恰为分数线，或者基础达标项不是满分的恰为限数。",
    "一行之差：只有一行评满分就达到条件，或者一行得分减少就不再达到条件；任何一个否决项为0分都不能参与认定，不另列出。",
)


def boundary_table(view: Viewing, runs: Iterable[ScoreRun]) -> Table:
    """Return the list; the rows stream."""
    return view.table("临界名单", COLUMNS, runs, notes=list(NOTES), pinned=3, fitted=True)  # type: ignore[arg-type]
