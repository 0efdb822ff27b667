"""The page of one list: what stands on it, how it came about, its meeting, papers, receipts and the job that runs."""

from typing import Any

from declarations.models import Batch, Meeting, Pending
from declarations.queries.batches import (
    PaperStanding,
    meeting_of,
    open_send_back,
    papers_of,
    points_of,
    receipts_of,
    registration,
)
from declarations.queries.lists_page import entries_of, freezing_of
from declarations.queries.report import minutes_facts
from declarations.queries.upward import UP_THERE
from declarations.second_person import Paired
from declarations.states import BatchState, DecisionWay, MeetingState, PointResult, ScanState
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.jobs.models import OPEN_STATES, Job, JobState
from sihao.ui.formats import beijing

WAYS = frozenset({"print_papers", "read_scan", "recommend_listed", "take_back_listed", "take_up_listed"})

def list_page(seat: Seat, batch: Batch) -> dict[str, Any]:
    """Return what the pages of a list print; a fixed number of queries, however long it is.

    ``whole`` is False for who steps back from a case of it: the papers and what the meeting said are not theirs.
    """
    meeting = meeting_of(batch) if batch.state != BatchState.OPEN else None
    entries = entries_of(seat, batch)
    papers = papers_of(batch, meeting) if batch.state != BatchState.OPEN else []
    whole = batch.state == BatchState.OPEN or len(entries) == len(batch.listing)
    return {
        "batch": batch,
        "entries": entries,
        "whole": whole,
        "frozen": freezing_of(batch),
        "maximum": programme_of(batch.cycle.programme).total,
        "meeting": meeting,
        "met": meeting_pairs(meeting, whole=whole) if meeting is not None else [],
        "signatures": signatures_of(meeting) if meeting is not None else [],
        "may_sign": meeting is not None and may_sign(seat, batch, meeting),
        "papers": with_second_person(papers) if whole else [],
        "receipts": receipts_of(batch),
        "send_back": open_send_back(batch),
        "running": running_on(batch),
        "following": _following(batch),
    }


def with_second_person(papers: list[PaperStanding]) -> list[PaperStanding]:
    """Tell of each scan that cannot be read whether it still waits for a second person, or what that one said."""
    unread = {scan.pk: scan for one in papers for scan in one.scans if scan.state == ScanState.UNREAD}
    if unread:
        acts = Pending.objects.filter(act=Paired.CONFIRM_SCAN, subject_id__in=unread).order_by("id")
        for act in acts:
            unread[act.subject_id].second_person = act
    return papers


def _following(batch: Batch) -> object:
    """Return how many cases have followed the list up, while some have not."""
    if batch.state != BatchState.UPLOADED:
        return None
    found = registration(batch, UP_THERE)
    return None if found.complete else found


def running_on(batch: Batch) -> Job | None:
    """Return the last job on the list that is not done: it waits, runs, or has failed."""
    last = Job.objects.filter(kind__in=sorted(WAYS), arguments__batch=batch.pk).order_by("-id").first()
    return last if last is not None and last.state in {*OPEN_STATES, JobState.FAILED} else None


def meeting_pairs(meeting: Meeting, *, whole: bool) -> list[tuple[str, str]]:
    """Return what is known of a meeting, as pairs to print; what it said of cases to who steps back from none."""
    people = minutes_facts(meeting)
    pairs = [
        ("会议", meeting.name),
        ("日期", beijing(meeting.held_on)),
        ("地点", meeting.place),
        ("主持人", people.chair),
        ("记录人", people.recorder),
        ("出席", "、".join(people.present)),
        ("请假", "、".join(people.absent) or "无"),
        ("列席", "、".join(people.observing) or "无"),
    ]
    if meeting.state != MeetingState.CONCLUDED:
        return [*pairs, ("进展", "会议已安排，尚未登记研究结果")]
    return pairs + _outcome(meeting) if whole else pairs


def _outcome(meeting: Meeting) -> list[tuple[str, str]]:
    points = points_of(meeting)
    aside = [f"{one.attendee.name}回避{point.name}（{one.reason}）" for point in points for one in point.aside.all()]
    struck = [f"{point.name}：{point.reason}" for point in points if point.result == PointResult.STRUCK]
    kept = len(points) - len(struck)
    same = meeting.agenda_digest == meeting.decided_digest
    changed = "与提交的名单一致" if same else f"会议后名单为第{meeting.decided.number}版"
    return [
        ("决定方式", DecisionWay(meeting.way).label),
        ("回避", "；".join(aside) or "无"),
        ("研究结果", f"列入{kept}家，{changed}"),
        *([("不列入", "；".join(struck))] if struck else []),
        ("会议纪要", meeting.minutes),
        ("纪要所载名单摘要值", meeting.decided_digest),
    ]


def signatures_of(meeting: Meeting) -> list[tuple[str, str]]:
    """Return who has signed the minutes in the system, and when."""
    rows = meeting.signatures.select_related("attendee").order_by("signed_at")
    return [(str(one.attendee), beijing(one.signed_at)) for one in rows]


def may_sign(seat: Seat, batch: Batch, meeting: Meeting) -> bool:
    """Return whether the seat's person was at the meeting and has not signed its minutes yet."""
    if batch.state != BatchState.MEETING_HELD or batch.unit_id != seat.organisation_id:
        return False
    mine = meeting.attendees.filter(user_id=seat.user_id).exclude(presence="absent")
    return mine.filter(signatures__isnull=True).exists()
