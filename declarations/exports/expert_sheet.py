"""An expert's sheet as a workbook to be filled in offline: two open columns and a stamp that names the sheet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import BinaryIO

from declarations.exports.self_assessment import seal_sheet
from declarations.models import ExpertReview
from declarations.queries.drafting.sheets import CODE, issued_rows
from declarations.queries.expert_sheets import FILLED, kind_of, marks_of
from declarations.queries.facts import Dossier
from declarations.stamps import IssuedRow, Stamp, sealed
from scoring.engine import Item, figure, rule_text
from scoring.models import Layer, Mark
from sihao.documents.table import Column, Steps, Table
from sihao.documents.xlsx import write
from sihao.ui.formats import beijing


@dataclass(frozen=True)
class Line:
    """One row of the sheet: what it asks, what the chamber and the province gave, and the own mark."""

    section: str
    item: Item
    mark: str
    because: str
    claimed: Mark | None
    province: Mark | None
    issued: IssuedRow
    step: Decimal

    @property
    def points(self) -> Decimal | str:
        """The own mark: a figure, or what was typed in its place."""
        typed = self.issued.points
        return Decimal(typed) if typed.replace(".", "", 1).isdecimal() and typed.isascii() else typed

    @property
    def steps(self) -> Steps:
        """What marks the row takes."""
        return Steps(Decimal(0), self.item.points, self.step)


def _points(mark: Mark | None) -> Decimal | str:
    return "" if mark is None or mark.points is None else mark.points


def _is_open(_: Line) -> bool:
    return True


COLUMNS = (
    Column(CODE, key=lambda line: line.item.id, width=8, align="center"),
    Column("一级指标", key=lambda line: line.section, width=9),
    Column("末级指标", key=lambda line: line.item.name, width=26),
    Column("标记", key=lambda line: line.mark, width=8, align="center"),
    Column("评分标准", key=lambda line: rule_text(line.item), width=32),
    Column("建议得分与依据", key=lambda line: line.because, width=26),
    Column("实际情况说明", key=lambda line: line.claimed.words if line.claimed else "", width=26),
    Column("分值", "decimal", lambda line: line.item.points, width=6),
    Column("自评得分", "decimal", lambda line: _points(line.claimed), width=8),
    Column("省级审核得分", "decimal", lambda line: _points(line.province), width=8),
    Column(
        FILLED["points"],
        kind="decimal",
        key=lambda line: line.points,
        width=9,
        fillable=_is_open,
        steps=lambda line: line.steps,
    ),
    Column(FILLED["reason"], key=lambda line: line.issued.reason, width=30, fillable=_is_open),
)


def write_expert_sheet(review: ExpertReview, dossier: Dossier, file: BinaryIO, *, now: datetime) -> None:
    """Write the expert's sheet as it stands, with its stamp."""
    case, programme = dossier.case, dossier.programme
    issued = issued_rows(programme, marks_of(review))
    seal = sealed(Stamp(case.number, case.cycle.programme.digest, now, issued, kind_of(review).whose))
    sample = "　示例数据" if case.cycle.is_sample else ""
    how = (
        f"只填浅黄色的两栏：{FILLED['points']}（{figure(programme.step)}的整数倍）、{FILLED['reason']}"
        "（与省级审核得分不同的必填）。其余各栏锁定以防误改。填好后在系统的“离线评分”页上传，经核对确认后才写入。"
    )
    captions = [
        f"专家评分表　申报单位：{case.applicant_name}　受理编号：{case.number}　标准{programme.short_status}{sample}",
        how,
        f"{beijing(now)}发出。表中内容属评审秘密，用后请妥善保管并及时销毁。",
    ]
    table = Table(
        title=f"{case.cycle.honour}专家评分表",
        columns=list(COLUMNS),
        rows=list(_lines(dossier, issued)),
        captions=captions,
        sheet="专家评分表",
        pinned=2,
        guarded=True,
        fitted=True,
    )
    write(table, file, at=now, others=[seal_sheet(seal)])


def _lines(dossier: Dossier, issued: Mapping[str, IssuedRow]) -> Iterator[Line]:
    programme, proposals = dossier.programme, dossier.proposals
    claimed, province = (_marks(dossier, layer) for layer in (Layer.SELF, Layer.PROVINCE))
    for section in programme.rubric.sections:
        for item in section.items():
            proposal = proposals[item.id]
            points = "由人评定" if proposal.points is None else f"{figure(proposal.points)}/{figure(item.points)}"
            yield Line(
                section.name,
                item,
                programme.mark_label(item.mark),
                f"{points}：{proposal.because}",
                claimed.get(item.id),
                province.get(item.id),
                issued[item.id],
                programme.step,
            )


def _marks(dossier: Dossier, layer: Layer) -> Mapping[str, Mark]:
    sheet = dossier.book.layer(layer)
    return sheet.marks if sheet is not None else {}
