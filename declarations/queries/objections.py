"""Objections and tips as the house reads them; who objects is read by one function alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from declarations import objections as rules
from declarations.models import Cycle, Declaration, Knock, NamedOfficer, Objection, ObjectionPiece, Tip
from declarations.models.announcement import UNDER_WAY, UNSETTLED
from declarations.queries.recusals import seats_free_for, without_recused
from declarations.states import ObjectionState
from declarations.workflow import WORKFLOWS
from sihao.accounts.models import Seat
from sihao.accounts.queries import active_seats_at, national_node
from sihao.accounts.roles import DEPARTMENT_ROLES, NATIONAL_ROLES, TIER_ROLES
from sihao.audit.events import Event
from sihao.audit.queries import trail_of

NAMES = ("declaration__unit", "notice", "officer__user", "admitted_by__user", "reported_by__user", "settled_by__user")
MOST = 20
# These touch a whole list or an objection itself: who took them knows no more of the case than its name.
NO_TIE = frozenset(step.event.value for step in WORKFLOWS["sihao"].transitions if step.collective) | {
    Event.NOTICE_HELD,
    Event.HOLD_RELEASED,
    Event.EXPORTED,
    Event.CASE_RECUSED,
    Event.RECUSAL_LIFTED,
    Event.PENDING_PREPARED,
    Event.PENDING_CONFIRMED,
    Event.PENDING_DROPPED,
}


def objections_visible_to(seat: Seat) -> QuerySet[Objection]:
    """Return the objections a seat may read of, without what the officers alone read; a chamber reads of none.

    The nation reads of all, a unit of those on which it was asked to report, and nobody of what they step back from.
    """
    rows = Objection.objects.select_related(*NAMES).defer("facts", "receipt", "token")
    if seat.role in TIER_ROLES:
        rows = rows.filter(declaration__unit=seat.organisation_id, report_due__isnull=False)
    elif seat.role not in NATIONAL_ROLES:
        rows = rows.none()
    return without_recused(rows, seat, "declaration")


def objection_list(seat: Seat, cycle: Cycle, state: str, now: datetime) -> QuerySet[Objection]:
    """Return a cycle's objections, of one state or overdue."""
    rows = objections_visible_to(seat).filter(cycle=cycle)
    if state == "overdue":
        return rows.filter(state__in=UNSETTLED, due_at__lte=now)
    return rows.filter(state=state) if state in ObjectionState.values else rows


def objection_counts(seat: Seat, cycle: Cycle, now: datetime) -> dict[str, int]:
    """Return how many objections are in each state, and how many are overdue; one query."""
    late = Count("id", filter=Q(state__in=UNSETTLED, due_at__lte=now))
    rows = objections_visible_to(seat).filter(cycle=cycle).order_by().values_list("state")
    counted = {state: (number, over) for state, number, over in rows.annotate(n=Count("id"), late=late)}
    found = {state: number for state, (number, _) in counted.items()}
    return found | {"overdue": sum(over for _, over in counted.values())}


def objection_of(seat: Seat, pk: int) -> Objection | None:
    """Return one objection as the seat may read of it."""
    return objections_visible_to(seat).filter(pk=pk).first()


def named_officers(cycle: Cycle) -> list[NamedOfficer]:
    """Return the two who register objections and may read who objects."""
    rows = NamedOfficer.objects.filter(cycle=cycle, ended_at__isnull=True).order_by("place")
    return list(rows.select_related("seat__user", "seat__organisation", "named_by__user", "confirmed_by__user"))


def is_named(seat: Seat, cycle_id: int) -> bool:
    """Return whether the seat is one of the two; a stand-in's seat is not."""
    return NamedOfficer.objects.filter(cycle=cycle_id, seat=seat.pk, ended_at__isnull=True).exists()


def officer_choices() -> list[tuple[int, str]]:
    """Return the department's seats that may be named, each with its person."""
    seats = active_seats_at(national_node().pk, DEPARTMENT_ROLES)
    return [(seat.pk, str(seat)) for seat in seats if seat.stands_in_for_id is None]


def facts_of_objection(objection: Objection) -> str:
    """Return the objector's own words, for the two named officers alone."""
    return Objection.objects.values_list("facts", flat=True).get(pk=objection.pk)


def pieces_of(objection: Objection, *, all_of_them: bool) -> list[ObjectionPiece]:
    """Return the evidence brought: all of it for the named officers, for others what they passed on."""
    rows = ObjectionPiece.objects.filter(objection=objection).order_by("id")
    return list(rows if all_of_them else rows.filter(shared=True))


def people_involved(case: Declaration) -> set[int]:
    """Return who has dealt with a case before, by its trail; steps taken for a whole list do not count."""
    entries = trail_of(case).exclude(event__in=NO_TIE).order_by()
    return {pk for pk in entries.values_list("actor_id", flat=True).distinct() if pk is not None}


def investigators_for(case: Declaration) -> list[Seat]:
    """Return who of the department may look into an objection: nobody who dealt with the case or steps back from it."""
    involved = people_involved(case)
    free = seats_free_for(active_seats_at(national_node().pk, DEPARTMENT_ROLES), case)
    return [seat for seat in free if involved.isdisjoint(seat.people)]


def hold_remains(objection: Objection) -> bool:
    """Return whether something else still holds the case: another objection looked into, or one that was upheld."""
    holding = (*UNDER_WAY, ObjectionState.UPHELD)
    others = Objection.objects.filter(declaration=objection.declaration_id, notice=objection.notice_id)
    return others.filter(state__in=holding).exclude(pk=objection.pk).exists()


def tries(form: str, source: str, now: datetime) -> Sequence[tuple[int, int]]:
    """Return how often a public form was tried, by one source and by all, within each of its limits."""
    return [_tried(form, source, now - limit.span) for limit in rules.LIMITS[form]]


def _tried(form: str, source: str, since: datetime) -> tuple[int, int]:
    rows = Knock.objects.filter(form=form, at__gt=since)
    counted = rows.aggregate(one=Count("id", filter=Q(source=source)), everybody=Count("id"))
    return counted["one"], counted["everybody"]


@dataclass(frozen=True)
class Checked:
    """What an objector reads at the check by receipt number."""

    receipt: str
    name: str
    state: ObjectionState
    words: str
    received_at: datetime
    due_at: datetime
    settled_at: datetime | None
    answer: str
    late: bool


def checked(receipt: str, now: datetime) -> Checked | None:
    """Return how the objection of a receipt number stands; None for a number that is none."""
    found = Objection.objects.select_related("declaration").filter(receipt=receipt).first()
    if found is None:
        return None
    state = ObjectionState(found.state)
    return Checked(
        receipt=found.receipt,
        name=found.declaration.applicant_name,
        state=state,
        words=rules.PUBLIC_WORDS[state],
        received_at=found.received_at,
        due_at=found.due_at,
        settled_at=found.settled_at,
        answer=found.answer,
        late=rules.is_overdue(state, found.due_at, now),
    )


def answered(receipt: str) -> Objection | None:
    """Return the objection of a receipt number once it is answered; None for any other, and for none."""
    rows = Objection.objects.select_related("declaration", "notice", "cycle").filter(receipt=receipt)
    return rows.exclude(state__in=sorted(UNSETTLED)).first()


def tips_of(seat: Seat, cycle: Cycle) -> QuerySet[Tip]:
    """Return the anonymous tips of a cycle."""
    rows = Tip.objects.filter(cycle=cycle).select_related("declaration__unit", "read_by__user")
    return without_recused(rows, seat, "declaration")


def waiting_objections(seat: Seat, now: datetime) -> list[Objection]:
    """Return the objections that wait for this seat: to be registered, looked into, or reported on."""
    rows = objections_visible_to(seat)
    if seat.role in TIER_ROLES:
        mine = Q(state=ObjectionState.ADMITTED, reported_at__isnull=True)
    elif seat.role in DEPARTMENT_ROLES:
        named = NamedOfficer.objects.filter(seat=seat.pk, ended_at__isnull=True).values("cycle")
        registering = Q(state=ObjectionState.RECEIVED, cycle__in=named)
        mine = registering | Q(state__in=UNDER_WAY, officer=seat.pk)
        own_unit = Q(declaration__unit=seat.organisation_id, report_due__isnull=False, reported_at__isnull=True)
        mine |= own_unit & Q(state=ObjectionState.ADMITTED)
    else:
        return []
    return list(rows.filter(mine).order_by("due_at", "id")[:MOST])


def old_knocks(now: datetime, kept: timedelta) -> QuerySet[Knock]:
    """Return the tries that no limit asks about any more."""
    return Knock.objects.filter(at__lt=now - kept)


def tip_of(seat: Seat, pk: int) -> Tip | None:
    """Return one tip, unless the seat's people step back from its case."""
    return without_recused(Tip.objects.filter(pk=pk), seat, "declaration").first()


def overdue_unflagged(now: datetime) -> QuerySet[Objection]:
    """Return the objections whose answer is late and that the clock has not flagged."""
    rows = Objection.objects.filter(state__in=UNSETTLED, due_at__lte=now, flagged_at__isnull=True)
    return rows.select_related("cycle", "declaration").order_by("id")
