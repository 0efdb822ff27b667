"""What is published as papers: the certificate of a title, the circular with the list, the order list of plaques."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from declarations.exports.feedback import plaque_orders
from declarations.models import Cycle, NoticeEntry, PublicNotice, Recognition
from declarations.states import TitleState, UpwardState
from sihao.documents.paper import (
    Annex,
    Annexes,
    Closing,
    Letterhead,
    Listing,
    Paper,
    Paragraph,
)
from sihao.documents.table import Column, Table
from sihao.ui.formats import beijing, deadline

ISSUER = "中华全国工商业联合会"
REVOKED, EXPIRED, SAMPLE = "已撤销", "已到期", "示例"
PLAQUES = (6, 16, 34, 26, 16, 24, 10, 14, 9, 9)
STATES = {TitleState.REVOKED: REVOKED, TitleState.EXPIRED: EXPIRED}


def certificate_paper(title: Recognition) -> Paper:
    """Return the certificate; that of a title that is no longer in force says so across it."""
    sample = SAMPLE if title.cycle.is_sample else ""
    return Paper(
        "证　书",
        (
            Paragraph(f"{title.name}：", indent=False),
            *_decision(title),
            Paragraph("特发此证。"),
            Paragraph(f"证书编号：{title.number}{_recommended(title)}", indent=False, note=True),
            *(
                (Paragraph(f"本称号已于{beijing(title.revoked_at, 'date')}撤销：{title.revoked_why}。"),)
                if title.state == TitleState.REVOKED
                else ()
            ),
            Closing(issuer_of(title.cycle), beijing(title.recognised_at, "date")),
        ),
        landscape=True,
        form="certificate",
        watermark=STATES.get(TitleState(title.state), sample),
    )


def issuer_of(cycle: Cycle) -> str:
    """Return who decides in a cycle: its own federation, else the national one."""
    return cycle.decider.name if cycle.decider is not None else ISSUER


def _decision(title: Recognition) -> tuple[Paragraph, ...]:
    """Return how it came about: by the nation's procedure, or by a federation's own score, and who confirmed."""
    cycle = title.cycle
    if cycle.decider is None:
        return (Paragraph(f"经审核推荐、专家评审和审议，认定你单位为{cycle.honour}。"),)
    told = Paragraph(f"经自查申请和量化考评，{cycle.verb}你单位为{cycle.honour}。")
    sent = getattr(title.declaration, "sent_up", None)
    if sent is None or sent.state != UpwardState.CONFIRMED:
        return (told,)
    return (told, Paragraph(f"已择优上报{cycle.decider.parent}，{beijing(sent.answered_at, 'date')}经其确认。"))


def _recommended(title: Recognition) -> str:
    return f"　　推荐单位：{title.unit_name}" if title.cycle.decider is None else ""


def circular_paper(cycle: Cycle, titles: Iterable[Recognition]) -> Paper:
    """Return the circular that names the recognised chambers, unit by unit, in the form of an issued document."""
    rows = list(titles)
    units = [(unit, sum(1 for _ in found)) for unit, found in groupby(rows, key=lambda one: one.unit_name)]
    table = Table(
        f"{cycle.honour}名单",
        [
            Column("序号", "int", "serial", width=6, align="center"),
            Column("商会名称", key="name", width=36),
            Column("推荐单位", key="unit_name", width=22),
            Column("证书编号", key="number", width=16, align="center"),
        ],
        rows,
        sheet="认定名单",
    )
    told = "、".join(f"{unit}{number}家" for unit, number in units)
    return Paper(
        f"关于公布{cycle.honour}名单的通报",
        (
            Paragraph("各省、自治区、直辖市和新疆生产建设兵团工商联，各直属商会：", indent=False),
            Paragraph(
                f"根据《{cycle.notice_title}》，经商会自愿申报、各级工商联审核推荐、专家评审和主席办公会议审议，"
                f"认定{len(rows)}家商会为{cycle.honour}，现予公布。"
            ),
            Paragraph(f"其中：{told}。") if units else Paragraph("本次没有认定的商会。"),
            Annexes((f"{cycle.honour}名单",)),
            Closing(ISSUER, beijing(cycle.published_at, "date") or "年　月　日"),
            Annex(f"{cycle.honour}名单"),
            Listing(table, size=12),
        ),
        letterhead=Letterhead(f"{ISSUER}文件", "全联发〔　　〕　号"),
        watermark=SAMPLE if cycle.is_sample else "",
    )


def notice_paper(notice: PublicNotice, entries: Iterable[NoticeEntry]) -> Paper:
    """Return the public notice (公示): names and units in its order, until when and to whom one objects."""
    cycle = notice.cycle
    opened = beijing(notice.opened_at, "date")
    table = Table(
        f"拟认定为{cycle.honour}的商会名单",
        [
            Column("序号", "int", "place", width=6, align="center"),
            Column("商会名称", key="name", width=40),
            Column("推荐单位", key="unit_name", width=30),
        ],
        entries,
        sheet="公示名单",
    )
    return Paper(
        f"关于拟认定{cycle.honour}名单的公示",
        (
            Paragraph(
                f"经主席办公会议审议，拟认定下列商会为{cycle.honour}，现予公示。公示期自{opened}"
                f"至{deadline(notice.closes_at, with_year=True)}（{notice.days}个工作日）。公示期内，任何单位和个人"
                f"可以实名提出异议，{cycle.objection_days}日内答复。名单按推荐单位排列，不分先后。"
            ),
            Paragraph("公示和异议程序通知未规定，由本周期设定。"),
            Listing(table, size=12),
            Closing(ISSUER, opened),
        ),
        watermark=SAMPLE if cycle.is_sample else "",
    )


def plaques_paper(cycle: Cycle, titles: Iterable[Recognition]) -> Paper:
    """Return what the maker of plaques and certificates needs, with the numbers ordered."""
    table = plaque_orders(cycle, list(titles))
    number = len(list(table.rows))
    blank = [""] * (len(table.columns) - 4)
    columns = [replace(column, width=width) for column, width in zip(table.columns, PLAQUES, strict=True)]
    whole = replace(table, columns=columns, captions=(), footer=[("", "合计", *blank, number, number)])
    return Paper(
        table.title,
        (Listing(whole, size=9),),
        captions=tuple(table.captions),
        landscape=True,
        watermark=SAMPLE if cycle.is_sample else "",
    )
