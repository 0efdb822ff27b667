"""A list's papers as printed: agenda, minutes, report, 附件3; what is to be sealed has a code on every page."""

from collections.abc import Mapping
from typing import Any

from declarations.decision import tally
from declarations.exports.summary_list import summary_of_batch
from declarations.models import Batch, Meeting, SealedPaper
from declarations.queries.batches import mark_of, meeting_of, points_of
from declarations.queries.deciding import record_of
from declarations.queries.report import lines_of, minutes_facts, report_title
from declarations.seals import SHORT
from declarations.states import DecisionWay, PaperKind
from scoring.queries import programme_of
from sihao.documents.codes import svg_of
from sihao.ui.papers import OFFICIAL, Paper, paper_of

SEALED = (*OFFICIAL, "css/sealed.css")
LONGEST_CODE = 18
SIDE = 25.0  # millimetres of a code with its white margin


def sealed_paper(batch: Batch, paper: SealedPaper) -> Paper:
    """Return one of the papers that are sealed or signed."""
    kind = PaperKind(paper.kind)
    context = {"batch": batch, "paper": paper, "kind": kind, **FACTS[kind](batch, paper)}
    return paper_of(f"print/{kind.value}.html", context, styles=SEALED)


def printed(batch: Batch, paper: SealedPaper) -> tuple[bytes, int]:
    """Return the PDF of a sealed paper and its number of pages; each page says what it is, also to a machine."""
    mark = mark_of(batch, paper)
    head = f"{batch.unit}　名单第{mark.version}版　{paper.get_kind_display()}第{mark.edition}稿"
    digest = mark.digest[:SHORT].upper()

    def stamp(page: int, pages: int) -> str:
        own = mark.on(page, pages)
        lines = f"{head}\\A 第{page}页，共{pages}页　摘要值 {digest}　校验码 {own.check}"
        return (
            f"@page :nth({page}) {{ @top-right {{ content: url({svg_of(own.text, SIDE)}) }}"
            f' @top-left {{ content: "{lines}" }} }}'
        )

    return sealed_paper(batch, paper).stamped(stamp)


def agenda_paper(batch: Batch, meeting: Meeting) -> Paper:
    """Return the agenda of the meeting: the list as it was frozen, and who is invited."""
    context = {
        "batch": batch,
        "meeting": meeting,
        "points": points_of(meeting),
        "people": minutes_facts(meeting),
        "maximum": programme_of(batch.cycle.programme).total,
    }
    return paper_of("print/agenda.html", context, styles=SEALED)


def _report(batch: Batch, paper: SealedPaper) -> dict[str, Any]:
    return {"title": report_title(batch), "lines": lines_of(paper.text)}


def _summary(batch: Batch, paper: SealedPaper) -> dict[str, Any]:
    table = summary_of_batch(batch, None)
    return {"table": table, "rows": [[(text, _is_code(text)) for text in row] for row in table.lines()]}


def _is_code(text: str) -> bool:
    """Return whether a cell is a number or code that must not be broken over two lines."""
    return text.isascii() and text.isalnum() and len(text) <= LONGEST_CODE


def _minutes(batch: Batch, paper: SealedPaper) -> dict[str, Any]:
    meeting = meeting_of(batch)
    record = record_of(meeting)
    by_place = {point.place: point for point in record.points}
    return {
        "meeting": meeting,
        "people": minutes_facts(meeting),
        "lines": lines_of(meeting.minutes),
        "points": [(point, tally(record, by_place[point.place]).words) for point in points_of(meeting)],
        "ballots": _ballots(meeting),
        "signing": _signing(meeting),
        "maximum": programme_of(batch.cycle.programme).total,
    }


def _ballots(meeting: Meeting) -> list[tuple[str, str]]:
    """Return the votes on the whole list by name."""
    if meeting.way != DecisionWay.VOTE:
        return []
    whole = meeting.ballots.filter(point__isnull=True).select_related("attendee").order_by("attendee__place")
    return [(ballot.attendee.name, ballot.get_choice_display()) for ballot in whole]


def _signing(meeting: Meeting) -> list[tuple[str, object]]:
    """Return who signs, and when somebody has already signed in the system."""
    signed = dict(meeting.signatures.values_list("attendee_id", "signed_at"))
    people = meeting.attendees.exclude(presence="absent").order_by("place")
    return [(str(person), signed.get(person.pk)) for person in people]


FACTS: Mapping[PaperKind, Any] = {
    PaperKind.REPORT: _report,
    PaperKind.SUMMARY: _summary,
    PaperKind.MINUTES: _minutes,
}
