"""Whose term runs out: cases to remind of, cases overdue, and who hears of it."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from declarations.models import ClockStep, Declaration
from declarations.queries.cases import cases_visible_to
from declarations.states import State
from declarations.workflow import WORKFLOWS
from sihao.accounts.models import Seat
from sihao.accounts.roles import Kind, Level

CLOCKED = frozenset(
    {
        State.DRAFT,
        State.RETURNED,
        State.LOCAL_REVIEW,
        State.SHORTLISTED,
        State.PRELIMINARY_REVIEW,
        State.EXPERT_REVIEW,
    }
)
"""States whose holder is reminded; what is before the meeting has no term that somebody could keep alone."""
OVERDUE_STATES = CLOCKED - {State.DRAFT}
"""A draft that was not handed in is not overdue: its window is over."""
BELOW = frozenset({State.RETURNED, State.LOCAL_REVIEW, State.SHORTLISTED})
"""States in which a superior looks after the holder's term."""


def to_remind(now: datetime) -> QuerySet[Declaration]:
    """Return the cases past 80 % of their term, not yet overdue and not yet reminded of in this turn and term."""
    cases = Declaration.objects.filter(remind_at__lte=now, due_at__gt=now, state__in=sorted(CLOCKED))
    return _unsaid(cases, ClockStep.Step.REMINDED)


def to_call_overdue(now: datetime) -> QuerySet[Declaration]:
    """Return the cases past their term of which nobody was told yet in this turn and term."""
    cases = Declaration.objects.filter(due_at__lte=now, state__in=sorted(OVERDUE_STATES))
    return _unsaid(cases, ClockStep.Step.OVERDUE)


def to_lapse(now: datetime) -> QuerySet[Declaration]:
    """Return the cases still with their chambers when the last deadline of their cycle is over, where they lapse."""
    lapsing = [name for name, workflow in WORKFLOWS.items() if workflow.has("lapse")]
    cases = Declaration.objects.filter(cycle__workflow__in=lapsing, cycle__province_closes__lte=now)
    return cases.filter(state__in=[State.DRAFT, State.RETURNED]).order_by("pk")


def _unsaid(cases: QuerySet[Declaration], step: str) -> QuerySet[Declaration]:
    turn = {"holder": OuterRef("holder"), "since": OuterRef("held_since"), "due_at": OuterRef("due_at")}
    said = ClockStep.objects.filter(declaration=OuterRef("pk"), step=step, **turn)
    return cases.exclude(Exists(said)).select_related("holder").order_by("pk")


def is_overdue(now: datetime) -> Q:
    """Return the condition that a tier or a chamber has let its term pass."""
    return Q(due_at__lte=now, state__in=sorted(BELOW))


def overdue_below(seat: Seat, now: datetime) -> QuerySet[Declaration]:
    """Return the overdue cases that others hold and the seat looks after, longest overdue first.

    A tier looks after its whole jurisdiction; the nation after what its units hold and what it returned itself: the
    tiers below have superiors of their own.
    """
    office = seat.organisation
    cases = cases_visible_to(seat).filter(is_overdue(now)).exclude(holder_id=office.pk)
    if office.level == Level.NATIONAL:
        at_units = Q(holder__parent=office.pk, holder__kind=Kind.FEDERATION)
        cases = cases.filter(at_units | Q(state=State.RETURNED, returned_by=office.pk))
    return cases.order_by("due_at", "id")
