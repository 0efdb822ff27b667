"""What is noted of a visit that found a case untrue when the department acts on it."""

from datetime import datetime

from declarations.models import Declaration, Visit
from declarations.states import VisitFinding, VisitFollow, VisitState
from sihao.accounts.models import Seat


def note_proposal(*, case: Declaration, actor: Seat, now: datetime) -> None:
    """Note that a disqualification was proposed after a visit had found the case untrue; the caller holds the case."""
    found = Visit.objects.filter(declaration=case, state=VisitState.CONFIRMED, finding=VisitFinding.UNTRUE, follow="")
    found.update(follow=VisitFollow.PROPOSED, followed_by=actor, followed_at=now)
