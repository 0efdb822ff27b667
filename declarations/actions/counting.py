"""Keeping the counts that the pages print, in the transaction that moves a case."""

from collections import Counter

from django.db.models import F

from declarations.models import Declaration, StateCount
from declarations.models.cycle import CountScope
from sihao.accounts.models import Organisation

Place = tuple[str, int, str]


def places_of(case: Declaration) -> Counter[Place]:
    """Return the counters a case stands in as it is now: (scope, organisation, state)."""
    places = Counter({(CountScope.HOME.value, case.home_id, case.state): 1})
    places[(CountScope.UNIT.value, case.unit_id, case.state)] += 1
    if case.holder_id is not None:
        places[(CountScope.HOLDER.value, case.holder_id, case.state)] += 1
    return places


def recount(case: Declaration, before: Counter[Place]) -> None:
    """Move the counters from where the case stood to where it stands, in a fixed order: none waits crosswise."""
    after = places_of(case)
    for place in sorted(before.keys() | after.keys()):
        change = after[place] - before[place]
        if change:
            _add(case, place, change)


def _add(case: Declaration, place: Place, change: int) -> None:
    scope, organisation_id, state = place
    rows = StateCount.objects.filter(
        cycle_id=case.cycle_id, organisation_id=organisation_id, scope=scope, state=state
    )
    if not rows.update(number=F("number") + change):
        path = Organisation.objects.values_list("path", flat=True).get(pk=organisation_id)
        StateCount.objects.get_or_create(
            cycle_id=case.cycle_id,
            organisation_id=organisation_id,
            scope=scope,
            state=state,
            defaults={"path": path},
        )
        rows.update(number=F("number") + change)
