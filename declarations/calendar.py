"""Terms of the procedure: working days, each holder's limit, the instant of the reminder."""

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction

from declarations.models import Declaration
from declarations.queries.deadlines import Deadlines, deadlines_of, put_off
from declarations.states import State
from declarations.working_days import official
from sihao.accounts.roles import Level

REMINDED_AT = Fraction(4, 5)
"""The part of a holder's term after which a reminder goes out."""


def add_working_days(start: datetime, days: int) -> datetime:
    """Return the end (24:00, Beijing time) of the n-th working day after the day of ``start``."""
    return official().after(start, days)


def return_due(case: Declaration, now: datetime, deadlines: Deadlines | None = None) -> datetime:
    """Return until when a case that its tier returns now is to be handed in again, unless the tier names a day."""
    usual, limit = add_working_days(now, case.cycle.answer_days), return_limit(case, deadlines)
    return min(usual, limit) if limit > now else usual


def return_limit(case: Declaration, deadlines: Deadlines | None = None) -> datetime:
    """Return the latest date that the tier holding a case may set for the chamber: its own deadline."""
    closes = deadlines or deadlines_of(case)
    return closes.tier(case.holder.level, case.held_since) if case.holder else closes.province


def question_limit(case: Declaration, now: datetime, deadlines: Deadlines | None = None) -> datetime:
    """Return the latest date for an answer: the holder's term, or, where that is over, its tier's deadline."""
    return case.due_at if case.due_at is not None and case.due_at > now else return_limit(case, deadlines)


def _returned(case: Declaration, now: datetime, deadlines: Deadlines) -> datetime:
    """Return the date that the return names."""
    slip = case.return_slips.filter(closed_at__isnull=True).first()
    return slip.due_at if slip is not None else deadlines.province


def _draft(case: Declaration, now: datetime, deadlines: Deadlines) -> datetime:
    return deadlines.submission


def _review(case: Declaration, now: datetime, deadlines: Deadlines) -> datetime:
    limit = add_working_days(now, case.cycle.holder_days)
    return min(limit, deadlines.tier(case.holder.level, now)) if case.holder else limit


def _listed(case: Declaration, now: datetime, deadlines: Deadlines) -> datetime:
    return deadlines.province


def _national(case: Declaration, now: datetime, deadlines: Deadlines) -> datetime:
    return add_working_days(now, 2 * case.cycle.holder_days)


def _examined(case: Declaration, now: datetime, deadlines: Deadlines) -> datetime:
    """Return the department's term, or that of a unit which clarifies something (T17)."""
    if case.holder is not None and case.holder.level != Level.NATIONAL:
        return add_working_days(now, case.cycle.answer_days)
    return _national(case, now, deadlines)


TERMS: dict[State, Callable[[Declaration, datetime, Deadlines], datetime]] = {
    State.DRAFT: _draft,
    State.LOCAL_REVIEW: _review,
    State.RETURNED: _returned,
    State.SHORTLISTED: _listed,
    State.PRELIMINARY_REVIEW: _examined,
}
CLOSING = frozenset(TERMS) - {State.PRELIMINARY_REVIEW}
"""States in which a deadline of the cycle, and so an extension, concerns a case."""
FOLLOWING = CLOSING - {State.RETURNED}
"""States whose term follows that deadline; a return names a date of its own."""


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
    """Set the term of a case that its holder has since an instant; saves nothing (``TERM_FIELDS``)."""
    known = deadlines or deadlines_of(case)
    case.held_since = since
    case.due_at = due_for(case, since, known)
    case.remind_at = reminder_for(since, case.due_at)
    case.is_extended = bool(known.extensions) and case.due_at != due_for(case, since, put_off(case.cycle, ()))


TERM_FIELDS = ("held_since", "due_at", "remind_at", "is_extended")
