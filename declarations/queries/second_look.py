"""Requests to look again at a 不予推荐: until when one may ask, and who may decide."""

from datetime import datetime

from declarations.calendar import add_working_days
from declarations.models import DecisionLetter, Decline, LetterState
from declarations.notices import HOLDER_ROLES
from declarations.queries.cases import in_sight
from declarations.queries.recusals import seats_free_for
from sihao.accounts.models import Seat
from sihao.accounts.queries import active_seats_at


def second_look_closes(decline: Decline) -> datetime | None:
    """Return until when the chamber may ask for a second look; None while its letter is not released.

    The days run from the letter that told the chamber; where that was voided, from the decision.
    """
    case = decline.declaration
    letters = DecisionLetter.objects.filter(
        declaration=case,
        decision="decline",
        recipient_id=case.applicant_id,
        drafted_at__gte=decline.declined_at,
    )
    letter = letters.order_by("id").first()
    if letter is not None and letter.state == LetterState.DRAFT:
        return None
    told = (
        letter.settled_at
        if letter is not None and letter.state == LetterState.RELEASED
        else decline.declined_at
    )
    return add_working_days(told or decline.declined_at, case.cycle.second_look_days)


def office_has_another(decline: Decline) -> bool:
    """Return whether the office that declined has another person than the one who did, who need not step back."""
    others = seats_free_for(active_seats_at(decline.organisation_id, HOLDER_ROLES), decline.declaration)
    return others.exclude(user_id=decline.declined_by.user_id).exists()


def looks_waiting(seat: Seat) -> list[Decline]:
    """Return the requests that wait for the seat's office, oldest first."""
    waiting = Decline.objects.filter(
        in_sight(seat), organisation_id=seat.organisation_id, asked_at__isnull=False, settled_at__isnull=True
    )
    return list(waiting.select_related("declaration", "declined_by__user").order_by("asked_at")[:20])
