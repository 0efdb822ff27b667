"""What the house itself does in the demo world: seals, reminders, overdue, daily digests, and a deadline put off."""

from datetime import datetime, timedelta

from declarations.actions import clock, confirming, digest, extensions
from declarations.demo.stages import World
from declarations.models import Deadline, Declaration, Pending
from declarations.working_days import official
from sihao.accounts.actions.mailing import send_waiting
from sihao.audit.actions import seal

MORNING = 8
REASON = "所在园区连日强降雨停电，材料不能按时备齐。（示例）"


def wait_until(world: World, at: datetime) -> None:
    """Let the world stand still until an instant; every morning the trail is sealed and the clock strikes.

    On working days digests leave.
    """
    morning = world.clock.at.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    while morning < at:
        if morning > world.clock.at:
            _strike(morning)
        morning += timedelta(days=1)
    world.clock.at = at


def _strike(morning: datetime) -> None:
    seal(now=morning)
    clock.strike(now=morning)
    if official().includes(morning.date()):
        digest.write_digests(now=morning)
        send_waiting(clock=lambda: morning + timedelta(minutes=1))


def put_off(world: World, case: Declaration) -> None:
    """Let the department put the submission of one chamber off by a day: one person prepares, another confirms."""
    waiting = extensions.propose(
        cycle=world.cycle,
        organisation=case.applicant,
        deadline=Deadline.SUBMISSION,
        until=world.cycle.submission_closes + timedelta(days=1),
        reason=REASON,
        actor=world.seats["department"],
        now=world.tick(),
    )
    if isinstance(waiting, Pending):
        confirming.confirm(pending=waiting, actor=world.seats["head"], now=world.tick())
