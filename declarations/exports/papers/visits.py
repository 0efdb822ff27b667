"""Spot checks as papers: the record of a visit (blank: the form to take along), the report on a cycle's visits."""

from declarations.exports.papers.application import case_captions
from declarations.exports.papers.rows import NUMBER, SIGN, Numbered, numbered
from declarations.models import Cycle, Visit, VisitPhoto
from declarations.queries.facts import Dossier
from declarations.queries.report import lines_of
from declarations.queries.visit_record import Record, RecordRow
from declarations.queries.visit_report import report_title
from declarations.states import VisitFinding, VisitState
from sihao.documents.paper import Block, Closing, Heading, KeyValues, Listing, Paper, Paragraph, Signatures
from sihao.documents.table import Column, Table
from sihao.ui.formats import beijing

ROOM = "\n" * 5
"""Empty lines in which something is written by hand."""
FINDINGS = dict(VisitFinding.choices)
TEAM = "互学互促调研组"
SAMPLE = "示例"


def is_blank(record: Record) -> bool:
    """Return whether nothing was written into the record yet."""
    rows = (*record.key_rows, *(row for part in record.parts for row in part.rows))
    return not any(field.value for field in record.fields) and not any(row.found or row.note for row in rows)


def visit_paper(dossier: Dossier, visit: Visit, record: Record, photos: list[VisitPhoto]) -> Paper:
    """Return the record of a visit in the standard's rows; one without a word in it is the form to take along."""
    case, blank = dossier.case, is_blank(record)
    draft = not blank and visit.state != VisitState.CONFIRMED
    members = list(visit.members.all())
    team = "、".join(map(str, members))
    pairs = [
        ("商会名称", case.applicant_name),
        ("受理编号", case.number),
        ("推荐单位", str(case.unit)),
        ("抽样批次", str(visit.draw)),
        ("地区、层级、类型", visit.stratum.replace(" · ", "、")),
        ("调研组成员", team or "尚未组成"),
        *((field.label, field.value or _room(field.kind, blank=blank)) for field in record.fields),
    ]
    key = Listing(_rows_table("否决项和基础达标项", record.key_rows), caption="否决项和基础达标项", size=9)
    others = [row for part in record.parts for row in part.rows]
    rest = Listing(_rows_table("其他指标", others), caption="其他指标", size=9)
    return Paper(
        "互学互促实地抽查记录表",
        (
            Heading("一、走访情况"),
            KeyValues(tuple(pairs)),
            Heading("二、逐项核对"),
            *((key,) if record.key_rows else ()),
            *((rest,) if others else ()),
            *_concluded(visit),
            *_photos(photos),
            Signatures((*(f"{member.person.name}（签字）：" for member in members), "商会负责人（签字）：")),
        ),
        captions=case_captions(dossier),
        watermark="草稿" if draft else SAMPLE if case.cycle.is_sample else "",
    )


def _room(kind: str, *, blank: bool) -> str:
    if not blank:
        return "—"
    return ROOM if kind == "long_text" else ""


def _rows_table(title: str, rows: list[RecordRow] | tuple[RecordRow, ...]) -> Table:
    def of(row: Numbered) -> RecordRow:
        return row.one

    sign = Column(SIGN, key=lambda row: of(row).sign, width=8, align="center")
    signs = [sign] if any(row.sign for row in rows) else []
    return Table(
        title,
        [
            NUMBER,
            Column("指标", key=lambda row: f"{of(row).item.id} {of(row).item.name}", width=36),
            *signs,
            Column("分值", "decimal", lambda row: of(row).item.points, width=6),
            Column("自评", "decimal", lambda row: of(row).own, width=6),
            Column("省级", "decimal", lambda row: of(row).unit, width=6),
            Column(
                "核对结论",
                key=lambda row: FINDINGS.get(of(row).found, of(row).found),
                width=10,
                align="center",
            ),
            Column("建议得分", key=lambda row: of(row).mark, width=7, align="right"),
            Column("情况说明", key=lambda row: of(row).note, width=22),
        ],
        numbered(rows),
    )


def _concluded(visit: Visit) -> list[Block]:
    if visit.state != VisitState.CONFIRMED:
        return []
    words = f"核定结论：{visit.get_finding_display()}。{beijing(visit.confirmed_at)}经调研组全体成员核定。"
    return [Heading("三、结论"), Paragraph(words)]


def _photos(photos: list[VisitPhoto]) -> list[Block]:
    if not photos:
        return []
    columns = [
        NUMBER,
        Column("照片", key=lambda row: row.one.name, width=36),
        Column(
            "自带拍摄时间",
            key=lambda row: beijing(row.one.taken_at) if row.one.taken_at else "没有",
            width=24,
        ),
        Column("摘要值（前16位）", key=lambda row: row.one.digest[:16].upper(), width=22),
    ]
    return [Listing(Table("走访照片", columns, numbered(photos)), caption="走访照片（原件见系统）", size=9)]


def visit_report_paper(cycle: Cycle, text: str, *, draft: bool) -> Paper:
    """Return the report on a cycle's visits as its officer left it, or as the data draft it."""
    lines = lines_of(text)
    blocks: list[Block] = [
        Heading(line.text) if line.is_heading else Paragraph(line.text, indent=place > 0)
        for place, line in enumerate(lines)
    ]
    return Paper(
        report_title(cycle),
        (*blocks, Closing(TEAM, "年　月　日")),
        watermark="草稿" if draft else SAMPLE if cycle.is_sample else "",
    )
