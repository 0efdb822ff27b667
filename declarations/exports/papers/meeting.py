"""The chairman's meeting (主席办公会议) as papers: the agenda as it was frozen, the minutes with every outcome."""

from collections.abc import Sequence

from declarations.exports.papers.titles import SAMPLE
from declarations.models import Agenda, AgendaItem
from scoring.queries import programme_of
from sihao.documents.paper import Heading, KeyValues, Listing, Paper, Paragraph, Signatures
from sihao.documents.table import Column, Table
from sihao.ui.formats import beijing, fraction

NAME = "主席办公会议"


def deliberation_agenda(agenda: Agenda, items: Sequence[AgendaItem]) -> Paper:
    """Return the list that was put to the meeting, in its order."""
    frozen = f"名单固定于{beijing(agenda.frozen_at)}，摘要值{agenda.digest[:16].upper()}。"
    return Paper(
        f"{NAME}审议{agenda.cycle.honour}名单议程",
        (
            Heading("一、听取专家复审情况汇报"),
            Heading("二、申明回避事项"),
            Heading("三、审议下列名单"),
            Listing(_listed(agenda, items), size=10.5),
            Paragraph(frozen, note=True),
        ),
        captions=(f"第{agenda.number}次审议，共{len(items)}件",),
        watermark=SAMPLE if agenda.cycle.is_sample else "",
    )


def _columns(agenda: Agenda) -> list[Column]:
    maximum = programme_of(agenda.cycle.programme).total
    return [
        Column("次序", "int", "place", width=6, align="center"),
        Column("商会", key=lambda item: item.declaration.applicant_name, width=30),
        Column("推荐单位", key=lambda item: str(item.declaration.unit), width=24),
        Column(
            "复审得分",
            key=lambda item: fraction(item.declaration.final_total, maximum),
            width=10,
            align="right",
        ),
    ]


def _listed(agenda: Agenda, items: Sequence[AgendaItem]) -> Table:
    return Table("审议名单", _columns(agenda), items)


def deliberation_minutes(agenda: Agenda, items: Sequence[AgendaItem]) -> Paper:
    """Return the record of the meeting with the outcome of each case."""
    pairs = [
        ("时间", beijing(agenda.meeting_on, "date")),
        ("登记人", f"{agenda.decided_by.signature}，{beijing(agenda.decided_at)}"),
        ("出席", agenda.present),
        ("回避", agenda.recused or "无"),
    ]
    columns = [
        *_columns(agenda),
        Column("审议结果", key=lambda item: item.get_outcome_display(), width=12, align="center"),
        Column("说明", key="remark", width=20),
    ]
    return Paper(
        f"{NAME}审议{agenda.cycle.honour}名单纪要",
        (
            KeyValues(tuple(pairs)),
            Heading("一、审议情况"),
            *(Paragraph(line) for line in agenda.minutes.splitlines() if line.strip()),
            Heading("二、审议结果"),
            Listing(Table("审议结果", columns, items), size=9),
            Signatures(("主持人（签字）：", "记录人（签字）：")),
        ),
        captions=(f"第{agenda.number}次审议，共{len(items)}件",),
        watermark=SAMPLE if agenda.cycle.is_sample else "",
    )
