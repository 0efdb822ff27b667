"""Cycles, routes, quotas and the kept counts."""

from collections import Counter

from django.db.models import Count, F, Q, QuerySet, Sum

from declarations.models import Cycle, Declaration, Quota, StateCount
from declarations.models.cycle import CountScope
from declarations.queries.recusals import binds, hidden_from, places_hidden
from declarations.states import State
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.queries import chain_of, path_range
from sihao.accounts.roles import Level
from sihao.prepared import Prepared


def current_cycle() -> Cycle | None:
    """Return the nation's cycle opened last, with its programme, without long texts."""
    return CURRENT.first()


CURRENT = Prepared(lambda: cycles_by_opening()[:1])


def cycles_by_opening() -> QuerySet[Cycle]:
    """Return the nation's cycles with their programmes, the newest first, without long texts."""
    cycles = Cycle.objects.filter(decider__isnull=True).select_related("programme")
    return cycles.defer("programme__text", "notice_text").order_by("-opens_at")


def route_of(applicant: Organisation) -> tuple[Organisation, ...]:
    """Return the federations a case passes, from the home federation up to the recommending unit.

    A missing tier is skipped, never simulated; 直属商会 have the national node alone.
    """
    chain = [node for node in chain_of(applicant) if not node.is_chamber]
    below_nation = [node for node in chain if node.level != Level.NATIONAL]
    return tuple(below_nation or chain)


def told_quotas(seat: Seat, cycle: Cycle) -> QuerySet[Quota]:
    """Return every unit's places as a seat may read them: ``told_used`` leaves out what its people step back from."""
    return quotas_of(cycle).annotate(told_used=F("used") - places_hidden(seat))


def quota_of(cycle: Cycle, unit: Organisation) -> Quota | None:
    """Return a unit's places."""
    return Quota.objects.filter(cycle=cycle, organisation=unit).first()


def quotas_of(cycle: Cycle) -> QuerySet[Quota]:
    """Return every unit's places in the order of the division codes; 直属商会 last."""
    rows = Quota.objects.filter(cycle=cycle).select_related("organisation")
    return rows.order_by("-organisation__level", "organisation__code")


def counts_for(seat: Seat, cycle: Cycle) -> dict[State, int]:
    """Return how many cases of the seat's scope are in each state, from the kept counts, without recused ones."""
    organisation = seat.organisation
    if organisation.is_chamber:
        return {}
    if organisation.level == Level.NATIONAL:
        kept, scope = Q(scope=CountScope.UNIT), Q()
    elif organisation.level == Level.PROVINCE:
        kept, scope = Q(scope=CountScope.UNIT, organisation=organisation), Q(unit=organisation)
    else:
        beneath = path_range(organisation.path)
        kept, scope = beneath & Q(scope=CountScope.HOME), beneath
    counted = corrected(seat, cycle, kept, scope, "state")
    return {State(state): number for (state,), number in counted.items() if number}


def held_count(seat: Seat, cycle: Cycle) -> int:
    """Return how many cases wait for the seat's organisation, from the kept counts; what is recused is not told."""
    here = seat.organisation
    kept = Q(scope=CountScope.HOLDER, organisation=here)
    return corrected(seat, cycle, kept, Q(holder=here), "state").total()


def corrected(seat: Seat, cycle: Cycle, kept: Q, scope: Q, *columns: str) -> Counter[tuple[object, ...]]:
    """Return kept counts by the columns, less the few cases that the seat's people step back from; one query.

    ``kept`` chooses the kept counts, ``scope`` the same cases. A column is one of the kept count's; "organisation_id"
    is the unit of a case.
    """
    rows = StateCount.objects.filter(kept, cycle=cycle).order_by().values_list(*columns).annotate(told=Sum("number"))
    if binds(seat):
        named = [F("unit_id") if column == "organisation_id" else F(column) for column in columns]
        hidden = Declaration.objects.filter(hidden_from(seat), scope, cycle=cycle).order_by()
        rows = rows.union(hidden.values_list(*named).annotate(told=-Count("pk")), all=True)
    counted: Counter[tuple[object, ...]] = Counter()
    for *key, number in rows:
        counted[tuple(key)] += number
    return counted


def listed(cycle: Cycle, unit: Organisation, *, reserve: bool) -> QuerySet[Declaration]:
    """Return a unit's list (or its reserves) in order of rank."""
    cases = Declaration.objects.filter(cycle=cycle, unit=unit, is_reserve=reserve, rank__isnull=False)
    return cases.select_related("applicant", "home").order_by("rank")
