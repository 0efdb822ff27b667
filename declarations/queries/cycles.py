"""Cycles, routes, quotas and the kept counts."""

from collections.abc import Iterable

from django.db.models import QuerySet, Sum

from declarations.models import Cycle, Declaration, Quota, StateCount
from declarations.models.cycle import CountScope
from declarations.states import State
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.queries import chain_of, path_range
from sihao.accounts.roles import Level


def current_cycle() -> Cycle | None:
    """Return the cycle opened last, with its programme, without long texts."""
    return cycles_by_opening().first()


def cycles_by_opening() -> QuerySet[Cycle]:
    """Return the cycles with their programmes, the newest first, without long texts."""
    cycles = Cycle.objects.select_related("programme").defer("programme__text", "notice_text")
    return cycles.order_by("-opens_at")


def route_of(applicant: Organisation) -> tuple[Organisation, ...]:
    """Return the federations a case passes, from the home federation up to the recommending unit.

    A missing tier is skipped, never simulated; 直属商会 have the national node alone.
    """
    chain = [node for node in chain_of(applicant) if not node.is_chamber]
    below_nation = [node for node in chain if node.level != Level.NATIONAL]
    return tuple(below_nation or chain)


def quota_of(cycle: Cycle, unit: Organisation) -> Quota | None:
    """Return a unit's places."""
    return Quota.objects.filter(cycle=cycle, organisation=unit).first()


def quotas_of(cycle: Cycle) -> QuerySet[Quota]:
    """Return every unit's places in the order of the division codes; 直属商会 last."""
    rows = Quota.objects.filter(cycle=cycle).select_related("organisation")
    return rows.order_by("-organisation__level", "organisation__code")


def counts_for(seat: Seat, cycle: Cycle) -> dict[State, int]:
    """Return how many cases of the seat's scope are in each state, from the kept counts."""
    organisation = seat.organisation
    counts = StateCount.objects.filter(cycle=cycle)
    if organisation.is_chamber:
        return {}
    if organisation.level == Level.NATIONAL:
        counts = counts.filter(scope=CountScope.UNIT)
    elif organisation.level == Level.PROVINCE:
        counts = counts.filter(scope=CountScope.UNIT, organisation=organisation)
    else:
        counts = counts.filter(path_range(organisation.path), scope=CountScope.HOME)
    return _summed(counts)


def held_count(seat: Seat, cycle: Cycle) -> int:
    """Return how many cases wait for the seat's organisation, from the kept counts."""
    counts = StateCount.objects.filter(cycle=cycle, scope=CountScope.HOLDER, organisation=seat.organisation)
    return counts.aggregate(total=Sum("number"))["total"] or 0


def _summed(counts: QuerySet[StateCount]) -> dict[State, int]:
    rows: Iterable[tuple[str, int]] = counts.values_list("state").annotate(total=Sum("number"))
    return {State(state): total for state, total in rows if total}


def listed(cycle: Cycle, unit: Organisation, *, reserve: bool) -> QuerySet[Declaration]:
    """Return a unit's list (or its reserves) in order of rank."""
    cases = Declaration.objects.filter(cycle=cycle, unit=unit, is_reserve=reserve, rank__isnull=False)
    return cases.select_related("applicant", "home").order_by("rank")
