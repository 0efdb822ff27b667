"""What the worker does for the declarations: keys in, one action called; a refusal ends in its sentence."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from declarations.actions import clock as clock_actions
from declarations.actions import digest, publish
from declarations.actions.draft.uploads import sweep_store, sweep_uploads
from declarations.actions.exporting import NATIONAL_SUMMARY
from declarations.actions.ties import lapse_ties
from declarations.exports.summary_list import summary_of_cycle
from declarations.queries.meeting_page import (
    DECIDE,
    FREEZE_AGENDA,
    PUBLISH,
    agenda_named,
    cycle_named,
    seat_named,
)
from declarations.queries.recusals import reads_all_but
from declarations.queries.summary import cases_sent_up
from declarations.store import SHARDS
from declarations.working_days import official
from sihao import clock
from sihao.accounts.models import User
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused
from sihao.documents.xlsx import write
from sihao.jobs.actions import take_turn
from sihao.jobs.models import Job
from sihao.jobs.registry import also_sweep, work
from sihao.jobs.tasks import CannotBeDone, Report


def from_seat(permission: str) -> Callable[[User, Mapping[str, Any]], bool]:
    """Return the check that the person still holds the seat of the order and may do it from there."""

    def permitted(user: User, arguments: Mapping[str, Any]) -> bool:
        seat = seat_named(arguments["seat"])
        return seat is not None and seat.user_id == user.pk and allowed(seat, permission)

    return permitted


def may_have_summary(user: User, arguments: Mapping[str, Any]) -> bool:
    """Whether the person may read of everything that was in the sheet when it was ordered."""
    may = from_seat("declarations.department_reading")(user, arguments)
    return may and reads_all_but(seat_named(arguments["seat"]), arguments.get("cycle"), arguments.get("without", ()))


@contextmanager
def refusals_end_it() -> Iterator[None]:
    """Turn a refusal into the job's reason; nothing was done then, and there is no second try."""
    try:
        yield
    except Refused as refused:
        raise CannotBeDone(str(refused)) from refused


def _order(job: Job, report: Report) -> dict[str, Any]:
    """Return who ordered, when, and how to tell progress: the same for every one of these jobs."""
    actor = seat_named(job.arguments["seat"])
    return {"actor": actor, "now": clock.now(), "ordered_at": job.created_at, "progress": report}


@work(FREEZE_AGENDA, label="提请主席办公会议审议", permitted=from_seat("declarations.agenda"))
def freeze_agenda(job: Job, report: Report) -> None:
    """Freeze the agenda of a cycle."""
    with refusals_end_it():
        publish.freeze_agenda(cycle=cycle_named(job.arguments["cycle"]), **_order(job, report))


@work(DECIDE, label="登记审议结果", permitted=from_seat("declarations.decide"))
def decide(job: Job, report: Report) -> None:
    """Register the drafted outcomes of an agenda."""
    with refusals_end_it():
        publish.decide_as_drafted(agenda=agenda_named(job.arguments["agenda"]), **_order(job, report))


@work(PUBLISH, label="公布认定名单", permitted=from_seat("declarations.publish"))
def publish_list(job: Job, report: Report) -> None:
    """Publish the list of a cycle."""
    with refusals_end_it():
        publish.publish_list(cycle=cycle_named(job.arguments["cycle"]), **_order(job, report))


@work(NATIONAL_SUMMARY, label="导出推荐名单汇总表", permitted=may_have_summary)
def national_summary(job: Job, report: Report) -> Path:
    """Write the whole summary list of a cycle as a spreadsheet."""
    cycle, seat = cycle_named(job.arguments["cycle"]), seat_named(job.arguments["seat"])
    table = summary_of_cycle(cycle, seat)
    path = report.folder / f"{cycle.name}推荐名单汇总表.xlsx"
    with path.open("wb") as file:
        write(replace(table, rows=counted(table.rows, cases_sent_up(cycle, seat).count(), report)), file)
    return path


def counted(rows: Iterable[object], total: int, report: Report) -> Iterator[object]:
    """Yield the rows, telling the progress on the way."""
    for done, row in enumerate(rows, start=1):
        yield row
        report(done, total)


SWEEP_EVERY = 30
"""Seconds between two sweeps: each looks at one part of the store, so that all of it is seen every two hours."""


@also_sweep
def sweep_files(now: datetime) -> None:
    """Clear away broken uploads, and stored files that a crash left without a row."""
    sweep_uploads(now=now)
    sweep_store((SHARDS[int(now.timestamp() // SWEEP_EVERY) % len(SHARDS)],))


CLOCK, DIGEST = "clock", "daily_digest"
STRIKES_EVERY = 30 * 60
DIGEST_AT = 8


def half_hour(now: datetime) -> str:
    """Return the half hour of an instant: the turns of the clock."""
    return str(int(now.timestamp() // STRIKES_EVERY))


def morning(now: datetime) -> str:
    """Return the working day in Beijing from eight o'clock on: the turns of the digest; "" at any other time."""
    local = timezone.localtime(now)
    due = local.hour >= DIGEST_AT and official().includes(local.date())
    return str(local.date()) if due else ""


@also_sweep
def take_turns(now: datetime) -> None:
    """Have the clock strike every half hour and the digest written every morning; whoever sweeps first starts it."""
    lapse_ties(now=now)
    take_turn(CLOCK, half_hour(now), at=now)
    take_turn(DIGEST, morning(now), at=now)


@work(CLOCK, label="催办", permitted=lambda user, arguments: False)
def strike_clock(job: Job, report: Report) -> None:
    """Remind and call overdue."""
    clock_actions.strike(now=clock.now(), progress=report)


@work(DIGEST, label="每日摘要", permitted=lambda user, arguments: False)
def daily_digest(job: Job, report: Report) -> None:
    """Write today's digests; they are sent by a job of their own."""
    digest.write_digests(now=clock.now(), progress=report)
