"""Requests to withdraw after the list went up (T15): which wait for whom, whom an acceptance concerns."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from declarations.models import Agenda, Declaration, ExpertReview, VisitMember, WithdrawalRequest
from declarations.queries.cases import in_sight
from declarations.states import (
    SHEETS_OPEN,
    SHEETS_WRITABLE,
    UNDER_DELIBERATION,
    WITHDRAWAL_ASKED_IN,
    VisitState,
)
from sihao.accounts.models import Seat
from sihao.accounts.roles import DEPARTMENT_ROLES, Role

LEADING = frozenset({Role.LEADER, Role.DEPARTMENT_HEAD})


def open_request(case: Declaration) -> WithdrawalRequest:
    """Return the request of a case that is open; the guards have said that there is one."""
    return WithdrawalRequest.objects.select_for_update(of=("self",)).get(declaration=case, outcome="")


def waiting_withdrawals(seat: Seat) -> QuerySet[WithdrawalRequest]:
    """Return the requests that the unit's leader has to answer, and for the department those that a unit agreed to.

    A unit has nothing more to say once a list of the cycle was put before the meeting.
    """
    waiting = WithdrawalRequest.objects.filter(
        in_sight(seat),
        outcome="",
        declaration__state__in=sorted(WITHDRAWAL_ASKED_IN),
        declaration__cycle__released_at__isnull=True,
    )
    mine = Q(pk__in=[])
    if seat.role in LEADING:
        deliberated = Exists(Agenda.objects.filter(cycle=OuterRef("declaration__cycle")))
        late = Q(deliberated, declaration__state__in=sorted(UNDER_DELIBERATION))
        mine = Q(declaration__unit=seat.organisation_id, agreed__isnull=True) & ~late
    if seat.role in DEPARTMENT_ROLES:
        mine |= Q(agreed=True)
    return waiting.filter(mine).select_related("declaration").order_by("asked_at", "id")


def is_deliberated(case: Declaration) -> bool:
    """Return whether a list of the case's cycle was ever put before the meeting, with the case or without it."""
    return Agenda.objects.filter(cycle_id=case.cycle_id).exists()


def readers_of(case: Declaration) -> tuple[list[Seat], list[Seat]]:
    """Return the experts whose sheets are open: those who read the case, and those to whom it is only offered."""
    sheets = ExpertReview.objects.filter(declaration=case, state__in=sorted(SHEETS_OPEN)).select_related("expert__user")
    rows = list(sheets.order_by("id"))
    reading = [one.expert for one in rows if one.state in SHEETS_WRITABLE]
    return reading, [one.expert for one in rows if one.state not in SHEETS_WRITABLE]


def team_of(case: Declaration) -> list[Seat]:
    """Return who is on the team of a visit that is not over."""
    going = sorted({VisitState.ASSIGNED, VisitState.VISITED})
    members = VisitMember.objects.filter(visit__declaration=case, visit__state__in=going).select_related("seat")
    return [one.seat for one in members.order_by("id")]
