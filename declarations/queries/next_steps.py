"""What waits for the department as a whole and is no single case's: readers, the meeting, the notice, publication."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from declarations.models import AssignmentPlan, Cycle
from declarations.queries.announced import to_announce, to_publish
from declarations.queries.assigning import lacking_readers
from declarations.queries.meeting_page import waiting_cases
from declarations.queries.recusals import without_recused
from declarations.second_person import Paired
from declarations.states import PlanState
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed


@dataclass(frozen=True)
class NextStep:
    """One thing to do: what, why, how it stands, the address and the verb."""

    title: str
    note: str
    state: str
    url: str
    verb: str
    since: datetime | None = None


def next_steps(seat: Seat, cycle: Cycle, begun: set[str], now: datetime) -> Iterator[NextStep]:
    """Tell what the department does next with what came so far; at most five queries.

    ``begun`` are the acts that wait for a second person already: they are told where they wait.
    """
    yield from _plans(seat, cycle)
    if allowed(seat, "declarations.assign_experts"):
        cases = without_recused(lacking_readers(cycle, cycle.readers), seat)
        url = reverse("declarations:assignments")
        note = "拟定分派方案，或者逐件分派"
        yield from _counted(cases.count(), "专家复审：{}件尚缺专家", note, "待分派", url, "分派")
    if allowed(seat, "declarations.agenda"):
        cases = without_recused(waiting_cases(cycle), seat)
        url = reverse("declarations:freeze_agenda")
        yield from _counted(cases.count(), "拟认定{}件", "固定名单，提请主席办公会议审议", "待提请审议", url, "提请")
    if allowed(seat, "declarations.prepare_publication"):
        yield from _publishing(seat, cycle, begun, now)


def _publishing(seat: Seat, cycle: Cycle, begun: set[str], now: datetime) -> Iterator[NextStep]:
    url = reverse("declarations:publication")
    if cycle.public_notice and Paired.OPEN_NOTICE not in begun:
        cases = without_recused(to_announce(cycle), seat)
        note = f"公布前公示{cycle.notice_days}个工作日"
        yield from _counted(cases.count(), "审议通过{}家", note, "待公示", url, "办理")
    if Paired.PUBLISH not in begun:
        cases = without_recused(to_publish(cycle, now), seat)
        note = "公示期满，没有未办结的异议" if cycle.public_notice else "审议通过"
        yield from _counted(cases.count(), "拟认定名单{}家", note, "待公布", url, "办理")


def _counted(number: int, title: str, note: str, state: str, url: str, verb: str) -> Iterator[NextStep]:
    if number:
        yield NextStep(title.format(number), note, state, url, verb)


def _plans(seat: Seat, cycle: Cycle) -> Iterator[NextStep]:
    """Tell of the plan that the head is to let take effect."""
    if not allowed(seat, "declarations.deploy_assignment"):
        return
    plan = AssignmentPlan.objects.filter(cycle=cycle, state=PlanState.PROPOSED).first()
    if plan is not None:
        url = reverse("declarations:assignment", args=[plan.pk])
        yield NextStep(f"{plan}方案", f"{plan.cases}件", "待确认", url, "确认", plan.proposed_at)
