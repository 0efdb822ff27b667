"""The papers of a unit's list: 推荐审核情况报告, 附件3, agenda and minutes of the meeting; and 附件2."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from declarations.decision import tally
from declarations.exports.annex_two import SAMPLE, TITLE, table_of
from declarations.exports.papers.rows import Numbered
from declarations.exports.summary_list import summary_of_batch
from declarations.models import Batch, Meeting, MeetingPoint, SealedPaper
from declarations.queries.annex_two import Annex
from declarations.queries.batches import meeting_of, points_of
from declarations.queries.deciding import record_of
from declarations.queries.report import MinutesFacts, lines_of, minutes_facts, report_title
from declarations.states import DecisionWay, PaperKind
from scoring.queries import programme_of
from sihao.documents.paper import Annexes, Block, Closing, Heading, KeyValues, Listing, Paper, Paragraph
from sihao.documents.table import Column, Table
from sihao.ui.formats import beijing, fraction

MARK = "示例"
WIDE = 7.5
WIDTHS: Mapping[str, int] = MappingProxyType(
    {
        "序号": 5, "商会名称": 15, "统一社会信用代码": 24, "商会类型": 7, "商会层级": 6, "所在地": 8,
        "登记管理机关": 10, "会长姓名": 7, "会长所在企业及职务": 13, "会长电话": 16, "秘书长姓名": 7,
        "秘书长电话": 16, "会员数": 7, "党组织形式": 8, "自评得分": 7, "省级审核得分": 8,
        "推荐排序": 6, "备注": 6,
    }
)  # fmt: skip
OTHER = 8


def _mark(batch: Batch) -> str:
    return MARK if batch.cycle.is_sample else ""


def annex_two_paper(annex: Annex) -> Paper:
    """Return the places of every unit (附件2), two columns of units side by side."""
    named = ("序号", "推荐单位", "名额")
    columns = [
        Column(title, "text" if title == "推荐单位" else "int", lambda row, at=at: row.one[at], width=width)
        for at, (title, width) in enumerate(zip((*named, *named), (7, 24, 8, 7, 24, 8), strict=True))
    ]
    rows = [
        Numbered(
            place, tuple(getattr(one, name, "") for one in pair for name in ("number", "name", "places"))
        )
        for place, pair in enumerate(annex.halves, start=1)
    ]
    title = TITLE.format(annex.cycle.honour)
    table = Table(title, columns, rows, footer=[("", "合计", "", "", "", annex.total)], landscape=False)
    note = "".join((*table_of(annex).notes, *(f"{edition}。" for edition in annex.edition)))
    return Paper(
        title,
        (Listing(table, size=11), Paragraph(note, note=True)),
        annex="附件2",
        captions=(f"{annex.cycle.name}（{SAMPLE}）" if annex.cycle.is_sample else annex.cycle.name,),
        watermark=MARK if annex.cycle.is_sample else "",
    )


def report_paper(batch: Batch, paper: SealedPaper) -> Paper:
    """Return the report on how the unit reviewed, as its officer left it."""
    lines = lines_of(paper.text)
    blocks: list[Block] = [
        Heading(line.text) if line.is_heading else Paragraph(line.text, indent=place > 0)
        for place, line in enumerate(lines)
    ]
    return Paper(
        report_title(batch),
        (
            *blocks,
            Annexes((f"{batch.cycle.honour}推荐名单汇总表",)),
            Closing(str(batch.unit), beijing(paper.issued_at, "date"), sealed=True),
        ),
        watermark=_mark(batch),
    )


def summary_paper(batch: Batch, paper: SealedPaper) -> Paper:
    """Return 附件3 across the page."""
    table = summary_of_batch(batch, None)
    columns = [
        Column(one.title, one.kind, one.key, WIDTHS.get(one.title, OTHER), one.align, one.places)
        for one in table.columns
    ]
    listing = Listing(Table(table.title, columns, table.rows, sheet="推荐名单汇总表"), size=WIDE)
    captions = tuple(caption.replace("附件3　", "", 1) for caption in table.captions)
    return Paper(
        table.title,
        (listing, Closing(str(batch.unit), beijing(paper.issued_at, "date"), sealed=True)),
        annex="附件3",
        captions=captions,
        landscape=True,
        watermark=_mark(batch),
    )


def agenda_paper(batch: Batch, meeting: Meeting) -> Paper:
    """Return the agenda of the meeting: the list as it was frozen, and who is invited."""
    maximum = programme_of(batch.cycle.programme).total
    table = Table(
        "提交研究的名单",
        [
            Column("次序", "int", "place", width=6, align="center"),
            Column("商会", key="name", width=36),
            Column("受理编号", key="number", width=18),
            Column("审核得分", key=lambda point: fraction(point.total, maximum), width=12, align="right"),
        ],
        points_of(meeting),
    )
    frozen = (
        f"名单第{meeting.agenda.number}版，固定于{beijing(batch.frozen_at)}，"
        f"摘要值{meeting.agenda_digest[:16].upper()}。"
    )
    return Paper(
        f"{batch.unit}{meeting.name}议程",
        (
            _facts(batch, meeting, minutes_facts(meeting)),
            Heading("一、听取推荐审核情况汇报"),
            Heading("二、申明回避事项"),
            Heading("三、逐一研究下列推荐名单，确定名单和次序"),
            Listing(table),
            Paragraph(frozen, note=True),
        ),
        watermark=_mark(batch),
    )


def _facts(batch: Batch, meeting: Meeting, people: MinutesFacts) -> KeyValues:
    pairs = [
        ("时间", beijing(meeting.held_on, "date")),
        ("地点", meeting.place),
        ("主持人", people.chair),
        ("记录人", people.recorder),
        ("出席", "、".join(people.present)),
        ("请假", "、".join(people.absent)),
        ("列席", "、".join(people.observing)),
        ("议题", f"研究{batch.cycle.honour}推荐名单"),
    ]
    return KeyValues(tuple(pair for pair in pairs if pair[1]))


def minutes_paper(batch: Batch, paper: SealedPaper) -> Paper:
    """Return the minutes: what was said, what was decided of each, who signs."""
    meeting = meeting_of(batch)
    return Paper(
        f"{batch.unit}{meeting.name}纪要",
        (
            _facts(batch, meeting, minutes_facts(meeting)),
            Heading("一、研究情况"),
            *(Paragraph(line.text) for line in lines_of(meeting.minutes)),
            *_ballots(meeting),
            Heading("二、研究确定的名单"),
            Listing(_decided(batch, meeting), size=10.5),
            Heading("三、到会人员签字"),
            Listing(_signing(meeting)),
        ),
        watermark=_mark(batch),
    )


def _decided(batch: Batch, meeting: Meeting) -> Table:
    maximum = programme_of(batch.cycle.programme).total
    record = record_of(meeting)
    told = {point.place: tally(record, point).words for point in record.points}
    return Table(
        "研究确定的名单",
        [
            Column("提交次序", "int", "place", width=6, align="center"),
            Column("商会", key="name", width=24),
            Column("受理编号", key="number", width=15),
            Column("审核得分", key=lambda point: fraction(point.total, maximum), width=10, align="right"),
            Column("确定次序", key=lambda point: point.decided_place or "—", width=6, align="center"),
            Column("决定", key=lambda point: _said(point, told[point.place]), width=26),
        ],
        points_of(meeting),
    )


def _said(point: MeetingPoint, votes: str) -> str:
    aside = "、".join(f"{one.attendee.name}回避（{one.reason}）" for one in point.aside.all())
    why = f"{point.get_result_display()}：{point.reason}" if point.reason else ""
    return "；".join(filter(None, (votes, aside, why)))


def _ballots(meeting: Meeting) -> Iterator[Block]:
    """Yield the votes on the whole list by name."""
    if meeting.way != DecisionWay.VOTE:
        return
    whole = meeting.ballots.filter(point__isnull=True).select_related("attendee").order_by("attendee__place")
    votes = [f"{ballot.attendee.name}{ballot.get_choice_display()}" for ballot in whole]
    if votes:
        yield Paragraph(f"对名单整体的记名表决：{'，'.join(votes)}。")


def _signing(meeting: Meeting) -> Table:
    signed = dict(meeting.signatures.values_list("attendee_id", "signed_at"))
    told = {pk: f"已在系统内签署，{beijing(at)}" for pk, at in signed.items()}
    return Table(
        "到会人员签字",
        [
            Column("到会人员", key=str, width=40),
            Column("签字", key=lambda person: told.get(person.pk, ""), width=40),
        ],
        list(meeting.attendees.exclude(presence="absent").order_by("place")),
    )


MAKE: Mapping[PaperKind, Callable[[Batch, SealedPaper], Paper]] = MappingProxyType(
    {PaperKind.REPORT: report_paper, PaperKind.SUMMARY: summary_paper, PaperKind.MINUTES: minutes_paper}
)


def paper_of_list(batch: Batch, paper: SealedPaper) -> Paper:
    """Return one of the papers that are sealed or signed."""
    return MAKE[PaperKind(paper.kind)](batch, paper)
