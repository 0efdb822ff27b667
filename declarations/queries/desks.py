"""Who in the department looks after which unit, and whose desk a case goes to: never that of its own unit's (T16)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from declarations.models import Cycle, Declaration, Liaison
from declarations.queries.cycles import quotas_of
from declarations.queries.recusals import seats_free_for
from declarations.states import State
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.queries import active_seats_at, national_node
from sihao.accounts.roles import Role


def officers() -> QuerySet[Seat]:
    """Return the officers of the department."""
    return active_seats_at(national_node().pk, {Role.DEPARTMENT_OFFICER})


def desks_for(case: Declaration) -> QuerySet[Seat]:
    """Return the officers to whom a case may go: none who looks after its unit or steps back from it, least load first.

    A person who looks after the unit from one seat does not get the case at another.
    """
    close = Liaison.objects.filter(cycle=case.cycle_id, unit=case.unit_id).values("seat__user")
    free = seats_free_for(officers(), case).exclude(user__in=close)
    here = Q(desk_cases__state=State.PRELIMINARY_REVIEW, desk_cases__cycle=case.cycle_id)
    return free.annotate(load=Count("desk_cases", filter=here)).order_by("load", "pk")


@dataclass(frozen=True)
class UnitDesk:
    """A recommending unit and who looks after it."""

    unit: Organisation
    seat: Seat | None


def liaisons_of(cycle: Cycle) -> list[UnitDesk]:
    """Return the units of a cycle with who looks after each; two queries."""
    known = {one.unit_id: one.seat for one in Liaison.objects.filter(cycle=cycle).select_related("seat__user")}
    return [UnitDesk(quota.organisation, known.get(quota.organisation_id)) for quota in quotas_of(cycle)]


@dataclass(frozen=True)
class Load:
    """An officer, how many units he looks after, and how many cases lie on the desk."""

    seat: Seat
    units: int
    cases: int


def loads_of(cycle: Cycle, units: Iterable[UnitDesk]) -> list[Load]:
    """Return the officers with what each has; one query."""
    here = Q(desk_cases__state=State.PRELIMINARY_REVIEW, desk_cases__cycle=cycle)
    held = officers().select_related("user").annotate(load=Count("desk_cases", filter=here)).order_by("pk")
    looked_after = [one.seat.pk for one in units if one.seat is not None]
    return [Load(seat, looked_after.count(seat.pk), seat.load) for seat in held]
