"""Acts prepared for a second person: which an office reads, and which wait for whom."""

from django.db.models import QuerySet

from declarations.models import Cycle, Pending
from declarations.second_person import CONFIRMED_BY, Paired, PendingState
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed

MOST = 100
WITH_PEOPLE = ("organisation", "cycle", "prepared_by__user", "prepared_by__organisation", "settled_by__user")


def pending_visible_to(seat: Seat) -> QuerySet[Pending]:
    """Return the prepared acts of the seat's office, newest first."""
    rows = Pending.objects.filter(organisation_id=seat.organisation_id).select_related(*WITH_PEOPLE)
    return rows.defer("cycle__notice_text").order_by("-id")


def may_confirm(seat: Seat, pending: Pending) -> bool:
    """Return whether the seat is a second person for the act: of the same office, another person, and allowed to."""
    if pending.preparer_id == seat.user_id or pending.organisation_id != seat.organisation_id:
        return False
    return allowed(seat, CONFIRMED_BY[pending.act], pending)


def waiting_for(seat: Seat) -> list[Pending]:
    """Return what the person prepared and what the person may confirm, oldest first."""
    rows = pending_visible_to(seat).filter(state=PendingState.WAITING).order_by("id")[:MOST]
    return [one for one in rows if one.preparer_id == seat.user_id or may_confirm(seat, one)]


def waiting_act(cycle: Cycle, act: Paired, subject_id: int) -> Pending | None:
    """Return the act on a row that waits for a second person, if one does."""
    rows = Pending.objects.filter(cycle=cycle, act=act, subject_id=subject_id, state=PendingState.WAITING)
    return rows.select_related("prepared_by__user", "prepared_by__organisation").first()
