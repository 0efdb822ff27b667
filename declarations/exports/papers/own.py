"""What a federation gives out of a cycle that it runs itself: the circular with the list, the ranking by score."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType

from declarations.exports.papers.rows import Numbered, numbered
from declarations.exports.papers.shelf import HousePaper
from declarations.models import Circular, Cycle, Recognition
from declarations.queries.campaign import Ranked, circular_of, list_open_to, listed_titles, ranked, targets_of
from declarations.states import IssuedKind, Verb
from declarations.workflow import WORKFLOWS
from scoring.engine import figure
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.documents.paper import Annex, Annexes, Closing, Letterhead, Listing, Paper, Paragraph
from sihao.documents.table import Column, Table

SAMPLE, DRAFT = "示例", "草稿"
TITLES = {
    Verb.RECOGNISE: "关于认定{honour}的通报",
    Verb.CONFIRM: "关于确认{honour}的通报",
    Verb.CIRCULATE: "关于{honour}考评结果的通报",
}
SENTENCES = {
    Verb.RECOGNISE: "认定{number}个单位为{honour}，现予通报。",
    Verb.CONFIRM: "确认{number}个单位为{honour}，现予通报。",
    Verb.CIRCULATE: "{number}个单位的考评得分达到标准，现将{honour}考评结果予以通报。",
}
NO_NUMBER, NO_DATE = "〔　　〕　号", "年　月　日"


def own_papers(seat: Seat, cycle: Cycle) -> list[HousePaper]:
    """Return the papers of such a cycle that a seat may have."""
    found = (find(seat, cycle) for find in FIND.values())
    return [paper for paper in found if paper is not None]


def own_paper(seat: Seat, cycle: Cycle, slug: str) -> HousePaper | None:
    """Return one of them by its name, if the seat may have it."""
    find = FIND.get(slug)
    return find(seat, cycle) if find is not None else None


def _circular(seat: Seat, cycle: Cycle) -> HousePaper | None:
    if not list_open_to(seat, cycle):
        return None
    issued = circular_of(cycle)
    return HousePaper(
        slug="circular",
        kind=IssuedKind.CIRCULAR,
        title="通报" if cycle.verb == Verb.CIRCULATE else f"{cycle.verb}通报",
        version=1,
        is_draft=issued is None,
        numbered=False,
        of=cycle,
        make=lambda: own_circular_paper(cycle, listed_titles(cycle), issued),
        told=f"{issued.number}，{_day(issued.dated_on)}" if issued is not None else "尚未印发",
    )


def _ranking(seat: Seat, cycle: Cycle) -> HousePaper | None:
    if not allowed(seat, "declarations.inspect") or seat.organisation_id != cycle.decider_id:
        return None
    if not list_open_to(seat, cycle):
        return None
    return HousePaper(
        slug="ranking",
        kind=IssuedKind.RANKING,
        title=IssuedKind.RANKING.label,
        version=1,
        is_draft=False,
        numbered=False,
        of=cycle,
        make=lambda: ranking_paper(cycle, ranked(cycle, seat)),
        told="按考评得分排列",
    )


FIND: Mapping[str, Callable[[Seat, Cycle], HousePaper | None]] = MappingProxyType(
    {"circular": _circular, "ranking": _ranking}
)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def own_circular_paper(cycle: Cycle, titles: Iterable[Recognition], issued: Circular | None) -> Paper:
    """Return the circular with the list, worded as the cycle says; a draft before it is issued."""
    rows = numbered(titles)
    verb, words = Verb(cycle.verb), {"honour": cycle.honour, "number": len(rows)}
    heading = f"{cycle.honour}名单"
    above = [one for one in rows if _confirmed(one)]
    return Paper(
        TITLES[verb].format(**words),
        (
            Paragraph(f"各{WORKFLOWS[cycle.workflow].words.applicant}：", indent=False),
            Paragraph(
                f"根据《{cycle.notice_title}》，经各单位自查申请、督查整改和量化考评，{SENTENCES[verb].format(**words)}"
            ),
            *((Paragraph(f"其中{len(above)}个单位已择优上报{cycle.decider.parent}并经确认。"),) if above else ()),
            *((Paragraph(f"本项工作的开展依据：{cycle.law_note}"),) if cycle.law_note else ()),
            Annexes((heading,)),
            Closing(cycle.decider.name, _day(issued.dated_on) if issued is not None else NO_DATE),
            Annex(heading),
            Listing(_list_table(heading, rows, programme_of(cycle.programme).total), size=12),
        ),
        letterhead=Letterhead(f"{cycle.decider.name}文件", issued.number if issued is not None else NO_NUMBER),
        watermark=DRAFT if issued is None else SAMPLE if cycle.is_sample else "",
    )


def _confirmed(row: Numbered) -> bool:
    sent = getattr(row.one.declaration, "sent_up", None)
    return sent is not None and sent.state == "confirmed"


def _list_table(title: str, rows: list[Numbered], total: object) -> Table:
    return Table(
        title,
        [
            Column("序号", "int", "number", width=6, align="center"),
            Column("单位名称", key=lambda row: row.one.name, width=40),
            Column(
                f"考评得分（满分{figure(total)}）",
                "decimal",
                lambda row: row.one.declaration.final_total,
                width=14,
            ),
            Column("证书编号", key=lambda row: row.one.number, width=20, align="center"),
        ],
        rows,
        sheet="名单",
    )


def ranking_paper(cycle: Cycle, rows: list[Ranked]) -> Paper:
    """Return the ranking by score as a table: place, standing before, score, what went up and why, what was said."""
    programme, targets = programme_of(cycle.programme), targets_of(cycle)

    def before(row: Ranked) -> str:
        target = targets.get(row.case.applicant_id)
        return target.words if target is not None else "未设定"

    table = Table(
        f"{cycle.honour}考评得分排名表",
        [
            Column("位次", "int", "place", width=6, align="center"),
            Column("单位名称", key=lambda row: row.case.applicant_name, width=30),
            Column("以往情况", key=before, width=16),
            Column("考评得分", "decimal", lambda row: row.case.final_total, width=9),
            Column("择优上报", key=lambda row: row.sent.get_state_display() if row.sent else "未上报", width=10),
            Column("上报理由", key=lambda row: row.sent.reason if row.sent else "", width=34),
            Column("上级意见", key=lambda row: row.sent.answer if row.sent else "", width=24),
        ],
        rows,
        sheet="排名",
    )
    told = f"满分{figure(programme.total)}分；得分相同的位次相同。"
    return Paper(
        table.title,
        (Listing(table, size=10),),
        captions=(f"{cycle.decider}　{cycle.name}　标准{programme.short_status}", told),
        landscape=True,
        watermark=SAMPLE if cycle.is_sample else "",
    )
