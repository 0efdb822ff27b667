"""What a person may not read in the trail: apps above say it here, and whoever reads the trail asks."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from sihao.accounts.models import Seat
from sihao.audit.models import Entry
from sihao.audit.queries import matching_trail

Withholding = Callable[[Seat], Q]
"""Returns the condition that an entry of the trail is kept from the seat."""

WITHHOLDINGS: list[Withholding] = []


def withhold(condition: Withholding) -> Withholding:
    """Add a condition; a function is registered once."""
    if condition not in WITHHOLDINGS:
        WITHHOLDINGS.append(condition)
    return condition


def trail_for(seat: Seat, **wanted: Any) -> QuerySet[Entry]:
    """Return the entries that match, without what is kept from the seat, newest first."""
    found = matching_trail(**wanted)
    for condition in WITHHOLDINGS:
        found = found.exclude(condition(seat))
    return found
