"""The only ways to a case: what a seat may see, its worklist, its list; nothing of what its people step back from."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from declarations.models import Declaration
from declarations.queries.recusals import without_recused
from declarations.states import ENDED, OPEN, SHEETS_SIGNED, UNDER_DELIBERATION, State
from sihao.accounts.models import Seat
from sihao.accounts.queries import path_range
from sihao.accounts.roles import CHAMBER_ROLES, DEPARTMENT_ROLES, TIER_ROLES, Role

WITH_NAMES = ("cycle", "applicant", "home", "unit", "holder", "awaited_by", "cycle__programme", "ledger", "batch")
ANNOUNCED = frozenset({State.NOTICE, State.OBJECTION_HOLD, State.RECOGNISED})
AGENDA_STATES = frozenset({State.PROPOSED, State.APPROVED, State.NOT_APPROVED}) | ANNOUNCED

GROUP_STATES = frozenset({State.EXPERT_REVIEW}) | UNDER_DELIBERATION | ANNOUNCED


def _of_chamber(seat: Seat) -> Q:
    return Q(applicant_id=seat.organisation_id)


def _of_jurisdiction(seat: Seat) -> Q:
    """Return what was handed in beneath the office, and its own where it applies itself."""
    seen = Q(submitted_at__isnull=False) | Q(applicant_id=seat.organisation_id)
    return path_range(seat.organisation.path) & seen


def _of_nation(seat: Seat) -> Q:
    return Q(submitted_at__isnull=False)


def _of_correctors(seat: Seat) -> Q:
    """Return what the nation sees, and what ended without having been handed in: they may correct it (T-R1)."""
    return _of_nation(seat) | Q(state__in=[State.WITHDRAWN, State.LAPSED], cycle__decider__isnull=True)


def _of_expert(seat: Seat) -> Q:
    mine = seat.expert_reviews.filter(state__in=sorted(SHEETS_SIGNED)).values("declaration_id")
    return Q(pk__in=mine)


def _of_group(seat: Seat) -> Q:
    return Q(expert_reviews__isnull=False, state__in=sorted(GROUP_STATES))


def _of_meeting(seat: Seat) -> Q:
    return Q(agenda_items__isnull=False, state__in=AGENDA_STATES)


SCOPES = {
    **dict.fromkeys(CHAMBER_ROLES, _of_chamber),
    **dict.fromkeys(TIER_ROLES, _of_jurisdiction),
    Role.DEPARTMENT_OFFICER: _of_nation,
    **dict.fromkeys((Role.DEPARTMENT_HEAD, Role.SUPERVISION), _of_correctors),
    Role.EXPERT: _of_expert,
    Role.GROUP_HEAD: _of_group,
    Role.MEETING_SECRETARY: _of_meeting,
}
JOINING = frozenset({Role.GROUP_HEAD, Role.MEETING_SECRETARY})


def cases_visible_to(seat: Seat | None) -> QuerySet[Declaration]:
    """Return the cases a seat may see, with the names a page prints; nobody's seat sees nothing.

    A case from which the seat's person steps back (回避) is not there, whatever the seat.
    """
    if seat is None or seat.role not in SCOPES:
        return Declaration.objects.none()
    cases = without_recused(Declaration.objects.filter(SCOPES[Role(seat.role)](seat)), seat)
    cases = cases.distinct() if seat.role in JOINING else cases
    return cases.select_related(*WITH_NAMES).defer("cycle__programme__text", "cycle__notice_text", "batch__listing")


def in_sight(seat: Seat, field: str = "declaration") -> Exists:
    """Return the condition that the case of a row is one the seat may see: asked of the rows looked at, not of all."""
    return Exists(cases_visible_to(seat).select_related(None).order_by().filter(pk=OuterRef(field)))


def held_by(seat: Seat) -> QuerySet[Declaration]:
    """Return the open cases that wait for the seat's organisation, most urgent first."""
    cases = cases_visible_to(seat).filter(holder_id=seat.organisation_id, state__in=sorted(OPEN))
    return cases.order_by("due_at", "id")


def next_to_review(seat: Seat, after: int) -> int | None:
    """Return the key of the case to review after another one, most urgent first; round again from the first.

    A case that the seat does not hold any more (it has just been sent on) leads to the first.
    """
    waiting = held_by(seat).filter(state=State.LOCAL_REVIEW)
    here = waiting.filter(pk=after).values_list("due_at", flat=True).first()
    others = waiting.exclude(pk=after).values_list("pk", flat=True)
    later = Q(due_at__gt=here) | Q(due_at=here, pk__gt=after) if here is not None else Q()
    return others.filter(later).first() or others.first()


def handed_on_by(seat: Seat) -> QuerySet[Declaration]:
    """Return the open cases of the seat's scope that wait for somebody else, newest first."""
    cases = cases_visible_to(seat).exclude(holder_id=seat.organisation_id)
    return cases.exclude(_known_to_be_over(seat)).order_by("-id")


def _known_to_be_over(seat: Seat) -> Q:
    """Return the ended cases that the seat may know to be ended; an outcome not yet released still waits."""
    told = ENDED if _is_inner(seat) else ENDED - UNDER_DELIBERATION
    released = Q(state__in=sorted(ENDED), cycle__released_at__isnull=False)
    return Q(state__in=sorted(told)) | released


def _is_inner(seat: Seat) -> bool:
    return seat.role in DEPARTMENT_ROLES or seat.role in {Role.SUPERVISION, Role.MEETING_SECRETARY, Role.GROUP_HEAD}


def shown_states(seat: Seat, cycle_released: bool) -> frozenset[State]:
    """Return the states a seat may tell apart; before the release the outer tiers read one word for four of them."""
    return frozenset(State) if _is_inner(seat) or cycle_released else frozenset(State) - UNDER_DELIBERATION


def case_list(
    seat: Seat, *, words: str = "", states: frozenset[State] = frozenset(), path: str = ""
) -> QuerySet[Declaration]:
    """Return the seat's cases, narrowed by name or number, by states and by a part of the tree."""
    cases = cases_visible_to(seat)
    if words:
        cases = cases.filter(Q(applicant_name__icontains=words) | Q(number__icontains=words))
    if states:
        cases = cases.filter(state__in=sorted(states))
    return cases.filter(path_range(path)) if path else cases
