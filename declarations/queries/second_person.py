"""Acts prepared for a second person: which an office reads, and which wait for whom."""

from django.db.models import QuerySet

from declarations.models import Cycle, Pending
from declarations.queries.recusals import without_recused
from declarations.second_person import CONFIRMED_BY, Paired, PendingState
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import active_seats_at

MOST = 100
WITH_PEOPLE = ("organisation", "cycle", "prepared_by__user", "prepared_by__organisation", "settled_by__user")


def pending_visible_to(seat: Seat) -> QuerySet[Pending]:
    """Return the prepared acts of the seat's office, newest first; none on cases its person steps back from."""
    rows = Pending.objects.filter(organisation_id=seat.organisation_id).select_related(*WITH_PEOPLE)
    return without_recused(rows.defer("cycle__notice_text").order_by("-id"), seat, "declaration")


def is_preparer(seat: Seat, pending: Pending) -> bool:
    """Return whether the seat's person prepared the act, as oneself or through somebody's place."""
    return bool(set(seat.people) & set(pending.prepared_by.people))


def may_confirm(seat: Seat, pending: Pending) -> bool:
    """Return whether the seat is a second person for the act: of the same office, another person, and allowed to.

    A stand-in counts as two people, the one who acts and the one whose place it is: neither may have prepared it.
    """
    if is_preparer(seat, pending) or pending.organisation_id != seat.organisation_id:
        return False
    return allowed(seat, CONFIRMED_BY[pending.act], pending)


def somebody_confirms(seat: Seat, act: Paired) -> bool:
    """Return whether somebody else of the office could confirm what the seat would prepare; one query."""
    prepared = Pending(act=act, organisation=seat.organisation, prepared_by=seat, preparer=seat.user)
    return any(may_confirm(one, prepared) for one in active_seats_at(seat.organisation_id))


def waiting_for(seat: Seat) -> list[Pending]:
    """Return what the person prepared and what the person may confirm, oldest first."""
    rows = pending_visible_to(seat).filter(state=PendingState.WAITING).order_by("id")[:MOST]
    return [one for one in rows if is_preparer(seat, one) or may_confirm(seat, one)]


def waiting_act(cycle: Cycle, act: Paired, subject_id: int) -> Pending | None:
    """Return the act on a row that waits for a second person, if one does."""
    rows = Pending.objects.filter(cycle=cycle, act=act, subject_id=subject_id, state=PendingState.WAITING)
    return rows.select_related("prepared_by__user", "prepared_by__organisation").first()
