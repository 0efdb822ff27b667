"""Terms of the procedure: working days, each holder's limit, the instant of the reminder."""

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction

from declarations.models import Declaration
from declarations.queries.deadlines import Deadlines, deadlines_of
from declarations.states import State
from declarations.working_days import official

REMINDED_AT = Fraction(4, 5)
"""The part of a holder's term after which a reminder goes out."""


def add_working_days(start: datetime, days: int) -> datetime:
    """Return the end (24:00, Beijing time) of the n-th working day after the day of ``start``."""
    return official().after(start, days)


def return_due(case: Declaration, now: datetime, deadlines: Deadlines | None = None) -> datetime:
    """Return until when a case that is returned now must be handed in again."""
    closes = (deadlines or deadlines_of(case)).province
    return min(add_working_days(now, case.cycle.answer_days), closes)


def _draft(case: Declaration, now: datetime, deadlines: Deadlines) -> datetime:
    return deadlines.submission


def _review(case: Declaration, now: datetime, deadlines: Deadlines) -> datetime:
    limit = add_working_days(now, case.cycle.holder_days)
    return min(limit, deadlines.tier(case.holder.level, now)) if case.holder else limit


def _listed(case: Declaration, now: datetime, deadlines: Deadlines) -> datetime:
    return deadlines.province


def _national(case: Declaration, now: datetime, deadlines: Deadlines) -> datetime:
    return add_working_days(now, 2 * case.cycle.holder_days)


TERMS: dict[State, Callable[[Declaration, datetime, Deadlines], datetime]] = {
    State.DRAFT: _draft,
    State.LOCAL_REVIEW: _review,
    State.RETURNED: return_due,
    State.SHORTLISTED: _listed,
}
CLOSING = frozenset(TERMS)
"""States whose term depends on a deadline of the cycle, and so on extensions."""


def due_for(case: Declaration, now: datetime, deadlines: Deadlines | None = None) -> datetime | None:
    """Return until when the holder must act that holds the case since ``now``; None when nobody holds it."""
    if case.holder is None:
        return None
    return TERMS.get(State(case.state), _national)(case, now, deadlines or deadlines_of(case))


def reminder_for(since: datetime, due: datetime | None) -> datetime | None:
    """Return the instant at 80 % of a term, to the second; None without a term."""
    if due is None:
        return None
    return since + timedelta(seconds=int((due - since).total_seconds() * REMINDED_AT))


def set_term(case: Declaration, since: datetime, deadlines: Deadlines | None = None) -> None:
    """Set the term of a case that its holder has since an instant; saves nothing."""
    case.held_since = since
    case.due_at = due_for(case, since, deadlines)
    case.remind_at = reminder_for(since, case.due_at)
