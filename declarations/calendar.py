"""Terms of the procedure: working days, tier deadlines."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from declarations.models import Declaration
from declarations.states import State
from sihao.accounts.roles import Level

SATURDAY = 5


def add_working_days(start: datetime, days: int) -> datetime:
    """Return the end (24:00, Beijing time) of the n-th working day after ``start``; weekends do not count."""
    day = timezone.localtime(start).replace(hour=0, minute=0, second=0, microsecond=0)
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return day + timedelta(days=1)


def tier_closes(case: Declaration, level: int) -> datetime:
    """Return the instant by which a tier must have finished."""
    cycle = case.cycle
    return {Level.COUNTY: cycle.county_closes, Level.CITY: cycle.city_closes}.get(Level(level), cycle.province_closes)


def _draft(case: Declaration, now: datetime) -> datetime:
    return case.cycle.submission_closes


def _review(case: Declaration, now: datetime) -> datetime:
    limit = add_working_days(now, case.cycle.holder_days)
    return min(limit, tier_closes(case, case.holder.level)) if case.holder else limit


def _returned(case: Declaration, now: datetime) -> datetime:
    return min(add_working_days(now, case.cycle.answer_days), case.cycle.province_closes)


def _listed(case: Declaration, now: datetime) -> datetime:
    return case.cycle.province_closes


def _national(case: Declaration, now: datetime) -> datetime:
    return add_working_days(now, 2 * case.cycle.holder_days)


TERMS: dict[State, Callable[[Declaration, datetime], datetime]] = {
    State.DRAFT: _draft,
    State.LOCAL_REVIEW: _review,
    State.RETURNED: _returned,
    State.SHORTLISTED: _listed,
}


def due_for(case: Declaration, now: datetime) -> datetime | None:
    """Return until when the holder must act; None when nobody holds the case."""
    if case.holder is None:
        return None
    return TERMS.get(State(case.state), _national)(case, now)
