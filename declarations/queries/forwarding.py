"""What the tiers below a province have forwarded, and what of it counts against their limits."""

from django.db.models import Q

from declarations.models import Cycle, Declaration, ForwardedPlace, ForwardLimit
from declarations.states import State
from sihao.accounts.models import Organisation
from sihao.accounts.queries import path_range
from sihao.prepared import Prepared

# A case in one of these states holds no place of a tier below its unit.
NOT_FORWARDED = frozenset(
    {State.DRAFT, State.RETURNED, State.WITHDRAWN, State.NOT_FORWARDED, State.LAPSED}
)


def limit_of(cycle_id: int, unit_id: int | None) -> ForwardLimit | None:
    """Return a unit's limit."""
    return LIMIT.first(cycle_id, unit_id) if unit_id is not None else None


LIMIT = Prepared(lambda cycle, unit: ForwardLimit.objects.filter(cycle_id=cycle, organisation_id=unit))


def caution_of(limit: ForwardLimit | None) -> str:
    """Return what to say before one case more is forwarded than a soft limit names."""
    if limit is None or limit.hard or limit.used < limit.places:
        return ""
    return f"本级已报{limit.used}件，达到上级工商联设定的报送名额{limit.places}件。可以继续报送，由上级工商联择优。"


def forwarded_by(cycle: Cycle, unit: Organisation) -> list[int]:
    """Return the keys of the cases beneath a unit that are now before a higher office, or past it."""
    beneath = Declaration.objects.filter(path_range(unit.path), cycle=cycle).exclude(state__in=NOT_FORWARDED)
    with_unit_or_below = Q(state=State.LOCAL_REVIEW) & path_range(unit.path, "holder__path")
    return list(beneath.exclude(with_unit_or_below).order_by("pk").values_list("pk", flat=True))


def lowest_first(case: Declaration) -> list[ForwardedPlace]:
    """Return the places that a case holds, the county's before the city's: everybody locks in this order."""
    held = ForwardedPlace.objects.filter(declaration=case)
    return list(held.order_by("-limit__organisation__level", "limit_id"))
