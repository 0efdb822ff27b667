"""What the worker does for people: writing long rosters, sending mail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sihao import clock
from sihao.accounts.actions.mailing import SEND_MAIL, mail_waits, send_waiting
from sihao.accounts.actions.rosters import WRITE_ROSTER, MovedOn, write_roster
from sihao.accounts.actions.stand_ins import turn_stand_ins
from sihao.accounts.models import User
from sihao.accounts.permissions import allowed
from sihao.accounts.queries.rosters import roster_named, seat_named
from sihao.accounts.refusals import Refused
from sihao.jobs.actions import take_turn
from sihao.jobs.models import Job
from sihao.jobs.registry import also_sweep, work
from sihao.jobs.tasks import CannotBeDone, Report

AGAIN_EVERY = 30 * 60


def may_import(user: User, arguments: Mapping[str, Any]) -> bool:
    """Return whether the person still holds the seat of the order and may do it from there."""
    seat = seat_named(arguments["seat"])
    return seat is not None and seat.user_id == user.pk and allowed(seat, "accounts.import_roster")


@work(WRITE_ROSTER, label="导入名册", permitted=may_import)
def write(job: Job, report: Report) -> None:
    """Write a long roster, all of it or nothing."""
    actor, roster = seat_named(job.arguments["seat"]), roster_named(job.arguments["roster"])
    if roster is None:
        raise CannotBeDone("名册已被放弃，没有写入。")
    try:
        write_roster(roster=roster, seen=job.arguments["seen"], actor=actor, now=clock.now(), progress=report)
    except Refused as refused:
        raise CannotBeDone(str(refused)[:500]) from refused
    except MovedOn as moved:
        raise CannotBeDone("名册确认后，机构或人员有变动，全部没有写入。请重新查看预览并确认。") from moved


@also_sweep
def mail_again(now: datetime) -> None:
    """Have mail that no server took sent again, every half hour while there is any."""
    if mail_waits(now):
        take_turn(SEND_MAIL, str(int(now.timestamp()) // AGAIN_EVERY), at=now)


@work(SEND_MAIL, label="发送邮件", permitted=lambda user, arguments: False)
def send(job: Job, report: Report) -> None:
    """Send what is laid ready; it belongs to the system and to nobody."""
    send_waiting(clock=clock.now, progress=report)


@also_sweep
def turn(now: datetime) -> None:
    """Begin and end what stands in for somebody."""
    turn_stand_ins(now=now)
