"""Papers that answer somebody: on an objection, on a title that was revoked; results fed back to a unit."""

from collections.abc import Sequence
from dataclasses import replace

from declarations.exports.feedback import pack_tables
from declarations.exports.papers.titles import ISSUER, SAMPLE
from declarations.models import Cycle, Inquiry, Objection
from declarations.queries.feedback import Result
from declarations.states import InquiryState, ObjectionState
from sihao.accounts.models import Organisation
from sihao.documents.paper import Block, Closing, Listing, Paper, Paragraph
from sihao.documents.table import Table
from sihao.ui.formats import beijing

OURS = "异议程序通知未规定，由本周期设定。"
SETTLED = {
    ObjectionState.REFUSED: "你（单位）提出的异议不予受理",
    ObjectionState.UPHELD: "经核查，异议成立",
    ObjectionState.DISMISSED: "经核查，异议不成立",
}


def answer_paper(objection: Objection) -> Paper:
    """Return the answer to an objection; who objects stands nowhere on it, nor the number that opens its check."""
    cycle, state = objection.cycle, ObjectionState(objection.state)
    why = f"，理由：{objection.get_refusal_display()}" if objection.refusal else ""
    return Paper(
        "关于异议的答复",
        (
            Paragraph("异议人：", indent=False),
            Paragraph(
                f"你（单位）于{beijing(objection.received_at, 'date')}就{objection.notice}名单中的"
                f"{objection.declaration.applicant_name}提出的异议收悉。现答复如下。"
            ),
            Paragraph(f"{SETTLED[state]}{why}。"),
            Paragraph(objection.answer),
            Paragraph(OURS, note=True),
            Closing(f"{ISSUER}会员部", beijing(objection.settled_at, "date"), sealed=True),
        ),
        watermark=SAMPLE if cycle.is_sample else "",
    )


def revocation_paper(inquiry: Inquiry) -> Paper:
    """Return the notice by which a title is revoked: ground, hearing, decision, what follows from it."""
    title = inquiry.recognition
    stated = (
        f"你单位于{beijing(inquiry.stated_at, 'date')}作了陈述。"
        if inquiry.stated_at
        else "你单位在陈述期限内没有陈述。"
    )
    barred = f"其后{title.barred_cycles}个周期不得申报。" if title.barred_cycles else ""
    return Paper(
        f"关于撤销{title.name}认定的通知",
        (
            Paragraph(f"{title.name}：", indent=False),
            Paragraph(
                f"你单位于{beijing(title.recognised_at, 'date')}被认定为{title.cycle.honour}，证书编号{title.number}。"
            ),
            Paragraph(f"经核查，你单位有下列情形：{inquiry.get_ground_display()}。{inquiry.facts}"),
            Paragraph(
                f"{stated}经{beijing(inquiry.meeting_on, 'date')}主席办公会议审议，决定撤销你单位的认定。"
                f"证书自{beijing(title.revoked_at, 'date')}起失效，请将牌匾和证书交回。{barred}"
            ),
            Paragraph("撤销认定的程序通知未规定，由本系统设定。", note=True),
            Closing(ISSUER, beijing(title.revoked_at, "date"), sealed=True),
        ),
        watermark=SAMPLE if title.cycle.is_sample else "",
    )


def is_revoked(inquiry: Inquiry) -> bool:
    """Return whether the inquiry ended in a revocation that was published."""
    return inquiry.state == InquiryState.REVOKED


BEFORE, SECTION, LAST = (7, 26, 21, 8, 13, 18, 14), 15, 8
"""Widths that break no number and no name of a section: of the columns before the sections, of these, of 失分."""


def _fitted(overview: Table) -> Table:
    """Return the overview in the widths of paper, which is narrower than a sheet."""
    sections = len(overview.columns) - len(BEFORE) - 1
    widths = (*BEFORE, *[SECTION] * sections, LAST)
    columns = [replace(column, width=width) for column, width in zip(overview.columns, widths, strict=True)]
    return replace(overview, columns=columns, captions=(), notes=())


def feedback_paper(cycle: Cycle, unit: Organisation, results: Sequence[Result]) -> Paper:
    """Return the results of a unit's own chambers as a letter with two tables; no expert is named."""
    overview, lost = pack_tables(cycle, unit, results)
    blocks: tuple[Block, ...] = (
        Paragraph(f"{unit}：", indent=False),
        Paragraph(f"你单位推荐的{len(results)}家商会的结果反馈如下。{overview.notes[1]}"),
        Listing(_fitted(overview), caption="一、总分和各部分得分", size=9),
        Listing(replace(lost, captions=(), notes=()), caption="二、失分的指标（没有列出的得满分）", size=9),
        Paragraph(overview.notes[0], note=True),
    )
    return Paper(
        overview.title,
        blocks,
        captions=tuple(overview.captions),
        landscape=True,
        watermark=SAMPLE if cycle.is_sample else "",
    )
