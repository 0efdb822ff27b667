"""Keeping the counts that the pages print, in the transaction that moves a case."""

from collections import Counter
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from declarations.bands import UNCOUNTED, band_of, line_of
from declarations.models import Declaration, StateCount, TotalBand
from declarations.models.cycle import CountScope
from scoring.queries import programme_of
from sihao.accounts.models import Organisation


class Place(NamedTuple):
    """A counter of states: whose, and which state."""

    scope: str
    organisation: int
    state: str


class Total(NamedTuple):
    """A counter of totals: a band of a unit, below the line or not, by the unit's marks or the chamber's."""

    kind: str
    unit: int
    low: Decimal
    below: bool
    own: bool


Counted = Counter[Place | Total]
TOTAL = "~total"
"""Sorts behind every scope, so that all counters are written in one order."""


def places_of(case: Declaration) -> Counted:
    """Return the counters a case stands in as it is now: of its state at each organisation, and of its total."""
    places: Counted = Counter({Place(CountScope.HOME.value, case.home_id, case.state): 1})
    places[Place(CountScope.UNIT.value, case.unit_id, case.state)] += 1
    if case.holder_id is not None:
        places[Place(CountScope.HOLDER.value, case.holder_id, case.state)] += 1
    total = case.self_total if case.unit_total is None else case.unit_total
    if total is not None and case.state not in UNCOUNTED:
        places[_total(case, Decimal(total))] += 1
    return places


def _total(case: Declaration, total: Decimal) -> Total:
    programme = programme_of(case.cycle.programme)
    below = total < line_of(programme)
    return Total(TOTAL, case.unit_id, band_of(total, programme.total), below, case.unit_total is not None)


def recount(case: Declaration, before: Counted) -> None:
    """Move the counters from where the case stood to where it stands, in a fixed order: none waits crosswise."""
    after = places_of(case)
    for place in sorted(before.keys() | after.keys()):
        change = after[place] - before[place]
        if change:
            _add(case, place, change)


def _add(case: Declaration, place: Place | Total, change: int) -> None:
    if isinstance(place, Total):
        key = {"unit_id": place.unit, "low": place.low, "below": place.below, "own": place.own}
        if not _moved(MOVE_TOTAL, change, case.cycle_id, *key.values()):
            TotalBand.objects.get_or_create(cycle_id=case.cycle_id, **key)
            _moved(MOVE_TOTAL, change, case.cycle_id, *key.values())
        return
    key = {"organisation_id": place.organisation, "scope": place.scope, "state": str(place.state)}
    if not _moved(MOVE_COUNT, change, case.cycle_id, *key.values()):
        path = Organisation.objects.values_list("path", flat=True).get(pk=place.organisation)
        StateCount.objects.get_or_create(cycle_id=case.cycle_id, **key, defaults={"path": path})
        _moved(MOVE_COUNT, change, case.cycle_id, *key.values())


# Every step moves two to four counters: to put these two together anew would cost more than the rest of the counting.
MOVE_TOTAL = """
    UPDATE declarations_totalband SET number = number + %s
    WHERE cycle_id = %s AND unit_id = %s AND low = %s AND below = %s AND own = %s
"""
MOVE_COUNT = """
    UPDATE declarations_statecount SET number = number + %s
    WHERE cycle_id = %s AND organisation_id = %s AND scope = %s AND state = %s
"""


def _moved(statement: str, *values: object) -> int:
    """Move a counter, and return how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount
