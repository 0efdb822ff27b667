"""What tiers and experts say of a case as papers: opinion, return, an expert's sheet, the verdict with its reasons."""

from decimal import Decimal

from declarations.exports.papers.application import case_captions
from declarations.exports.papers.rows import NUMBER, Numbered, figures_of, numbered
from declarations.models import Endorsement, ExpertReview, ReturnSlip
from declarations.queries.facts import Dossier
from declarations.queries.pages import sheets_for
from declarations.queries.runs import RunTold
from declarations.rules import layer_of
from declarations.states import SHEETS_COUNTED
from scoring.engine import Programme, rule_text
from scoring.queries import Sheet
from sihao.accounts.models import Seat
from sihao.documents.paper import (
    Closing,
    Grid,
    Heading,
    KeyValues,
    Listing,
    Paper,
    Paragraph,
    Signatures,
)
from sihao.documents.table import Column, Table
from sihao.ui.formats import beijing, deadline, fraction

DRAFT, SAMPLE = "草稿", "示例"


def _watermark(dossier: Dossier, *, draft: bool) -> str:
    return DRAFT if draft else SAMPLE if dossier.case.cycle.is_sample else ""


def opinion_paper(seat: Seat, dossier: Dossier, opinion: Endorsement) -> Paper:
    """Return the opinion of one tier with its total, where the viewer may read that tier's marks."""
    case, signed = dossier.case, opinion.signed_at
    layer = layer_of(opinion.organisation.level)
    sheet = next((sheet for _, sheet in sheets_for(seat, dossier) if sheet.layer == layer), None)
    pairs = [
        ("商会名称", case.applicant_name),
        ("受理编号", case.number),
        ("所在地工商联", str(case.home)),
        ("推荐单位", str(case.unit)),
        ("审核单位", str(opinion.organisation)),
        ("审核次数", f"第{opinion.round}次"),
        (
            "审核得分",
            fraction(sheet.total, dossier.programme.total) if sheet is not None and sheet.points else "—",
        ),
        ("材料真实性", "已核对" if opinion.authentic else "未核对"),
        ("结论", opinion.conclusion or opinion.get_stance_display() or "—"),
        ("办理人", _people(opinion)),
    ]
    return Paper(
        f"{opinion.organisation}审核意见表",
        (
            KeyValues(tuple(pairs)),
            Heading("审核意见"),
            Paragraph(opinion.text or "（尚未填写）"),
            Closing(
                str(opinion.organisation), beijing(signed, "date") if signed else "年　月　日", sealed=True
            ),
        ),
        captions=case_captions(dossier),
        watermark=_watermark(dossier, draft=signed is None),
    )


def _people(opinion: Endorsement) -> str:
    wrote, signed = opinion.written_by.signature, opinion.signed_by.signature if opinion.signed_by else ""
    return f"{wrote}填写，{signed}签批" if signed and signed != wrote else wrote


def return_paper(seat: Seat, dossier: Dossier, slip: ReturnSlip) -> Paper:
    """Return the notice by which a tier gives a case back: what, why, until when."""
    case = dossier.case
    rows = numbered(slip.items.all())
    table = Table(
        "须修改的事项",
        [
            NUMBER,
            Column("指标或字段", key=lambda row: row.one.label, width=20),
            Column("原因", key=lambda row: row.one.get_reason_display(), width=12),
            Column("要求", key=lambda row: row.one.text, width=34),
        ],
        rows,
    )
    return Paper(
        "关于退回修改申报材料的通知",
        (
            Paragraph(f"{case.applicant_name}：", indent=False),
            Paragraph(
                f"你单位申报{case.cycle.honour}的材料（受理编号{case.number}）经审核，有{len(rows)}项须修改，"
                f"现予退回。请对照下表逐项修改，于{deadline(slip.due_at, with_year=True)}前重新提交。"
                "未列入下表的内容不能改动。"
            ),
            Listing(table, size=12),
            Closing(str(slip.organisation), beijing(slip.returned_at, "date"), sealed=True),
        ),
        watermark=_watermark(dossier, draft=False),
    )


def sheet_paper(dossier: Dossier, review: ExpertReview, name: str) -> Paper:
    """Return one expert's sheet, row by row; experts are called by number, the own sheet by the person's name."""
    sheet = dossier.book.expert(review.expert_id)
    confirmed = review.state in SHEETS_COUNTED
    pairs = [
        ("商会名称", dossier.case.applicant_name),
        ("受理编号", dossier.case.number),
        ("评审专家", name),
        ("总分", fraction(sheet.total, dossier.programme.total) if sheet is not None else "—"),
        ("确认时间", beijing(review.confirmed_at) if confirmed else "尚未确认"),
        ("评审意见", review.comment or "—"),
    ]
    return Paper(
        "专家评分表",
        (
            KeyValues(tuple(pairs)),
            Listing(_expert_table(dossier, sheet), size=9),
            Signatures(("评审专家（签字）：",)),
        ),
        captions=case_captions(dossier),
        watermark=_watermark(dossier, draft=not confirmed),
    )


def _expert_table(dossier: Dossier, sheet: Sheet | None) -> Table:
    marks = sheet.marks if sheet is not None else {}

    def of(row: Numbered, name: str) -> object:
        mark = marks.get(row.one.id)
        return getattr(mark, name) if mark is not None else None

    return Table(
        "专家评分",
        [
            NUMBER,
            Column("指标", key=lambda row: f"{row.one.id} {row.one.name}", width=24),
            Column(
                "标记", key=lambda row: dossier.programme.mark_label(row.one.mark), width=8, align="center"
            ),
            Column("评分标准", key=lambda row: rule_text(row.one), width=38),
            Column("分值", "decimal", lambda row: row.one.points, width=6),
            Column("得分", "decimal", lambda row: of(row, "points"), width=6),
            Column("理由", key=lambda row: of(row, "reason"), width=16),
        ],
        numbered(dossier.programme.rubric.items()),
        footer=[
            (
                "",
                "合计",
                "",
                "",
                dossier.programme.total,
                sheet.total if sheet is not None else Decimal(0),
                "",
            )
        ],
    )


def _method(programme: Programme, method: str) -> str:
    """Return how the marks of the experts became one: rows with a sign are agreed on."""
    labels = "和".join(spec.label for spec in programme.signs)
    return f"{method}；{labels}由专家组商定" if labels else method


def verdict_paper(dossier: Dossier, told: RunTold) -> Paper:
    """Return a verdict with everything that it rests on: figures, gates in sentences, how marks were settled."""
    run, strip = told.run, told.judgement.strip
    pairs = [
        ("商会名称", dossier.case.applicant_name),
        ("受理编号", dossier.case.number),
        ("推荐单位", str(dossier.case.unit)),
        ("评分次数", f"第{run.number}次"),
        ("取分方法", _method(dossier.programme, told.method)),
        ("评分标准摘要值", run.programme_digest[:16].upper()),
    ]
    found = figures_of(strip)
    figures = (tuple(name for name, _ in found), tuple(figure for _, figure in found))
    return Paper(
        "复审结论书",
        (
            KeyValues(tuple(pairs)),
            Heading("一、得分"),
            Grid(figures),
            Heading("二、结论"),
            Paragraph(f"{strip.conclusion}。"),
            Heading("三、理由"),
            *(Paragraph(sentence) for sentence in told.judgement.sentences),
            Closing("专家组", beijing(run.run_at, "date")),
        ),
        captions=case_captions(dossier),
        watermark=_watermark(dossier, draft=False),
    )
