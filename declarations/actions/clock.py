"""The clock of the procedure: reminders at 80 % of a holder's term, overdue at 100 %, each said once."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from declarations.actions.transition import perform
from declarations.models import ClockStep, Declaration, Notice
from declarations.notices import (
    HOLDER_ROLES,
    OVERDUE,
    OVERDUE_BELOW,
    OVERDUES,
    OVERDUES_BELOW,
    REMINDER,
    REMINDERS,
    Letter,
)
from declarations.queries.clock import BELOW, to_call_overdue, to_lapse, to_remind
from declarations.queries.recusals import apart
from declarations.states import State
from sihao.accounts.models import Seat
from sihao.accounts.queries import active_seats_of_all, national_node
from sihao.accounts.refusals import Refused
from sihao.ui.formats import deadline

PAGE = 200
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Call:
    """One message the clock has to give: on which case, to which organisation, in which words."""

    case: Declaration
    to: int
    letter: Letter


Calls = Callable[[Sequence[Declaration]], list[Call]]


def strike(*, now: datetime, progress: Progress | None = None, page: int = PAGE) -> dict[str, int]:
    """Remind of every case past 80 % of its term and call overdue every one past its end; return how many.

    Page by page, each page in a transaction of its own with a fixed number of queries. What was said is written with
    the messages, so that a pass that broke off goes on where it stopped and nothing is said twice; a case that
    somebody moves just then is left to the next pass.
    """
    turns: list[tuple[str, QuerySet[Declaration], Calls]] = [
        (ClockStep.Step.REMINDED, to_remind(now), _reminded),
        (ClockStep.Step.OVERDUE, to_call_overdue(now), _overdue),
    ]
    return {step: _pages(step, cases, calls, now, progress, page) for step, cases, calls in turns}


def lapse(*, now: datetime, progress: Progress | None = None) -> int:
    """End every case that was not handed in before the last deadline (T03); return how many.

    Each in a transaction of its own; one with an extension, or that somebody hands in just then, stays.
    """
    ended = 0
    for done, pk in enumerate(to_lapse(now).values_list("pk", flat=True), start=1):
        with suppress(Refused):
            perform(case=Declaration(pk=pk), name="lapse", actor=None, now=now)
            ended += 1
        if progress is not None:
            progress(done, done + 1)
    return ended


def _pages(
    step: str, cases: QuerySet[Declaration], calls: Calls, now: datetime, progress: Progress | None, size: int
) -> int:
    done = after = 0
    while found := _page(step, cases.filter(pk__gt=after), calls, now, size):
        done, after = done + len(found), found[-1].pk
        if progress is not None:
            progress(done, done + 1)
    return done


@transaction.atomic
def _page(
    step: str, cases: QuerySet[Declaration], calls: Calls, now: datetime, size: int
) -> Sequence[Declaration]:
    found = list(cases.select_for_update(of=("self",), skip_locked=True)[:size])
    if found:
        _say(step, found, calls(found), now)
    return found


def _say(step: str, cases: Sequence[Declaration], calls: Sequence[Call], now: datetime) -> None:
    """Write the step of each case and the messages; both at once, each at most once."""
    ClockStep.objects.bulk_create(
        [
            ClockStep(
                declaration=case, holder=case.holder, since=case.held_since, due_at=case.due_at, step=step, at=now
            )
            for case in cases
        ],
        ignore_conflicts=True,
    )
    seats: dict[int, list[Seat]] = {}
    found = list(active_seats_of_all({call.to for call in calls}, HOLDER_ROLES))
    for seat in found:
        seats.setdefault(seat.organisation_id, []).append(seat)
    known = apart(found)
    notices = [
        _notice(step, call, seat, now)
        for call in calls
        for seat in seats.get(call.to, ())
        if known.may_know(seat, call.case.pk, call.case.applicant_id)
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)


def _notice(step: str, call: Call, seat: Seat, now: datetime) -> Notice:
    case = call.case
    due = deadline(timezone.localtime(case.due_at))
    words = {"name": case.applicant_name, "number": case.number, "holder": str(case.holder), "due": due}
    turn = f"{case.held_since.timestamp():.0f}:{case.due_at.timestamp():.0f}"
    return Notice(
        seat=seat,
        declaration=case,
        key=f"clock:{case.pk}:{step}:{turn}",
        title=call.letter.title.format(**words)[:160],
        body=call.letter.body.format(**words),
        sent_at=now,
    )


def _reminded(cases: Sequence[Declaration]) -> list[Call]:
    return [Call(case, case.holder_id, REMINDERS.get(State(case.state), REMINDER)) for case in cases]


def _overdue(cases: Sequence[Declaration]) -> list[Call]:
    """Tell the holders, and whoever looks after each one's term."""
    nation = national_node().pk
    return [call for case in cases for call in _overdue_calls(case, nation)]


def _overdue_calls(case: Declaration, nation: int) -> list[Call]:
    state = State(case.state)
    own = Call(case, case.holder_id, OVERDUES.get(state, OVERDUE))
    if state not in BELOW:
        return [own]
    above = superior_for(case, nation)
    return [own, *(Call(case, one, OVERDUES_BELOW.get(state, OVERDUE_BELOW)) for one in above)]


def superior_for(case: Declaration, nation: int) -> Iterable[int]:
    """Return who looks after a holder's term: who returned the case, or the next on its way, at last the nation."""
    if case.state == State.RETURNED:
        return [case.returned_by_id or case.home_id]
    route = case.route
    at = route.index(case.holder_id) + 1 if case.holder_id in route else len(route)
    above = route[at] if at < len(route) else nation
    return [above] if above != case.holder_id else []
