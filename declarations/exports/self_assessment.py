"""The self-assessment (附件5) as a workbook to be filled in offline: three open columns and a stamp."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import BinaryIO

from declarations.exports.papers.rows import columns_in
from declarations.models import Declaration
from declarations.queries.drafting.marks import own_marks
from declarations.queries.drafting.places import is_open, returned_items
from declarations.queries.drafting.sheets import CODE, FILLED, SEAL, SEAL_PLACE, issued_rows, stands_in_sheet
from declarations.queries.facts import Dossier
from declarations.stamps import IssuedRow, Stamp, sealed
from scoring.engine import Item, Programme, Proposal, figure, rule_text
from sihao.documents.table import Column, Steps, Table
from sihao.documents.xlsx import write
from sihao.ui.formats import beijing

SHEET = "自评表"
SEAL_SHEET = "请勿改动"
CHUNK = 1_000
NOT_OURS = frozenset({"佐证材料编号", "县级审核得分", "市级审核得分", "省级审核得分", "扣分原因"})
DEFAULT_COLUMNS = (
    "序号", "一级指标", "二级指标", "末级指标", "标记", "评分标准", "分值", "自评得分", "实际情况说明",
)


@dataclass(frozen=True)
class Line:
    """One row of the sheet."""

    place: int
    section: str
    group: str
    item: Item
    mark: str
    proposal: Proposal
    issued: IssuedRow
    open: bool
    step: Decimal

    @property
    def proposed(self) -> str:
        """The proposed mark with its reason."""
        if self.proposal.points is None:
            return "由商会按档自评"
        return f"{figure(self.proposal.points)}/{figure(self.item.points)}：{self.proposal.because}"

    @property
    def points(self) -> Decimal | str:
        """The own mark: a figure, or what was typed in its place."""
        typed = self.issued.points
        return Decimal(typed) if typed.replace(".", "", 1).isdecimal() and typed.isascii() else typed

    @property
    def steps(self) -> Steps:
        """What marks the row takes."""
        return Steps(Decimal(0), self.item.points, self.step)


def _lines(dossier: Dossier, issued: dict[str, IssuedRow]) -> Iterator[Line]:
    programme, proposals, returned = dossier.programme, dossier.proposals, returned_items(dossier)
    symbols = {mark.id: mark.symbol for mark in programme.marks}
    place = 0
    for section in programme.rubric.sections:
        for group in section.groups:
            for item in group.items:
                place += 1
                yield Line(
                    place,
                    section.name,
                    group.name,
                    item,
                    f"{symbols.get(item.mark or '', '')}{programme.mark_label(item.mark)}",
                    proposals[item.id],
                    issued[item.id],
                    is_open(returned, item.id),
                    programme.step,
                )


def _is_open(line: Line) -> bool:
    return line.open


COLUMNS = {
    "序号": Column("序号", "int", lambda line: line.place, width=5),
    "一级指标": Column("一级指标", key=lambda line: line.section, width=9),
    "二级指标": Column("二级指标", key=lambda line: line.group, width=12),
    "末级指标": Column("末级指标", key=lambda line: line.item.name, width=24),
    "标记": Column("标记", key=lambda line: line.mark, width=8, align="center"),
    "评分标准": Column("评分标准", key=lambda line: rule_text(line.item), width=34),
    "分值": Column("分值", "decimal", lambda line: line.item.points, width=6),
    "自评得分": Column(
        FILLED["points"],
        kind="decimal",
        key=lambda line: line.points,
        width=9,
        fillable=_is_open,
        steps=lambda line: line.steps,
    ),
    "实际情况说明": Column(FILLED["words"], key=lambda line: line.issued.words, width=36, fillable=_is_open),
}
CODES = Column(CODE, key=lambda line: line.item.id, width=8, align="center")
PROPOSED = Column("建议得分与依据", key="proposed", width=28)
REASONS = Column(FILLED["reason"], key=lambda line: line.issued.reason, width=20, fillable=_is_open)


def _columns(programme: Programme) -> list[Column]:
    """Return the programme's columns as far as the chamber fills them, with codes, proposals and reasons put in."""
    titles = columns_in(programme, programme.annex5_columns or DEFAULT_COLUMNS)
    named = [name for name in titles if name not in NOT_OURS]
    columns = [COLUMNS[name] for name in dict.fromkeys((*named, "自评得分", "实际情况说明")) if name in COLUMNS]
    columns.insert(1 if columns[0] is COLUMNS["序号"] else 0, CODES)
    columns.insert(columns.index(COLUMNS["自评得分"]), PROPOSED)
    return [*columns, REASONS]


def write_workbook(dossier: Dossier, file: BinaryIO, *, now: datetime) -> None:
    """Write the self-assessment as it stands, with its stamp."""
    case = dossier.case
    issued = issued_rows(dossier.programme, own_marks(dossier))
    seal = sealed(Stamp(case.number, case.cycle.programme.digest, now, issued))
    table = Table(
        title=f"{case.cycle.honour}自评表",
        columns=_columns(dossier.programme),
        rows=list(_lines(dossier, issued)),
        captions=_captions(case, dossier.programme, issued, seal, now),
        sheet=SHEET,
        pinned=2,
        guarded=True,
        fitted=True,
    )
    write(table, file, at=now, others=[seal_sheet(seal)])


def _captions(
    case: Declaration, programme: Programme, issued: dict[str, IssuedRow], seal: str, now: datetime
) -> list[str]:
    marks = [Decimal(row.points) for row in issued.values() if stands_in_sheet(row.points)]
    sample = "　示例数据" if case.cycle.is_sample else ""
    whose = f"附件5　申报单位：{case.applicant_name}　受理编号：{case.number}　标准{programme.short_status}{sample}"
    how = (
        f"只填浅黄色的三栏：{FILLED['points']}（0至该项分值，{figure(programme.step)}的整数倍）、{FILLED['words']}、"
        f"{FILLED['reason']}。其余各栏锁定以防误改，没有密码。请勿改动{CODE}和“{SEAL_SHEET}”表。"
        "填好后在系统的“自评表”页上传，经核对确认后才写入。"
    )
    check = (
        f"核对：共{len(issued)}项，满分{figure(programme.total)}分；发出时已打分{len(marks)}项，合计"
        f"{figure(sum(marks, Decimal(0)))}分；{beijing(now)}发出；标准摘要{case.cycle.programme.digest[:12]}；"
        f"校验码{sha256(seal.encode()).hexdigest()[:12]}"
    )
    return [whose, how, check]


def seal_sheet(seal: str) -> Table:
    """Return the sheet that carries the stamp, in pieces as long as a cell takes."""
    parts = [seal[start : start + CHUNK] for start in range(0, len(seal), CHUNK)]
    return Table(
        title="校验内容，请勿改动",
        columns=[Column(SEAL_PLACE, "int", width=10), Column(SEAL, width=110)],
        rows=list(enumerate(parts, start=1)),
        captions=["本表记录工作簿从哪一件申报发出、发出时各项的内容。改动或删去后，系统不再接受这份工作簿。"],
        sheet=SEAL_SHEET,
        guarded=True,
        fitted=True,
    )
