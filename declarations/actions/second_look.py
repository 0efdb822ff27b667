"""One second look at a 不予推荐: asked by the chamber, decided by another officer of the same tier (T10)."""

from datetime import datetime

from declarations.actions.forwarding import retake_forward_places
from declarations.actions.notify import send
from declarations.actions.transition import perform
from declarations.models import Declaration, Decline
from declarations.notices import HOLDER_ROLES, SECOND_LOOK
from declarations.queries.dossier import Dossier
from declarations.queries.recusals import seats_free_for
from declarations.rules import layer_of
from declarations.states import SecondLook
from scoring.actions import unlock_assessment
from sihao.accounts.models import Seat
from sihao.accounts.queries import active_seats_at


def ask_second_look(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Ask the tier that declined to look again, once, in time; its office hears of it."""

    def effect(dossier: Dossier) -> dict[str, object]:
        last = dossier.declines[-1]
        last.asked_by, last.asked_at, last.plea = actor, now, reason
        last.save(update_fields=["asked_by", "asked_at", "plea"])
        office = seats_free_for(active_seats_at(last.organisation_id, HOLDER_ROLES), dossier.case)
        send(
            case=dossier.case,
            letter=SECOND_LOOK,
            seats=office,
            step="second-look",
            sender=actor.organisation,
            now=now,
            reason=reason,
        )
        return {"office": str(last.organisation)}

    return perform(case=case, name="ask_second_look", actor=actor, now=now, reason=reason, effect=effect)


def reconsider(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Take the case up again at the tier that declined it; the first reasons stay, its marks are open again."""

    def effect(dossier: Dossier) -> dict[str, object]:
        last = _settle(dossier, SecondLook.GRANTED, reason, actor, now)
        found = dossier.case
        found.returned_by = last.organisation
        retake_forward_places(found)
        sheet = dossier.book.layer(layer_of(last.organisation.level))
        if sheet is not None:
            unlock_assessment(assessment=sheet.assessment)
        return {"declined_by": str(last.declined_by)}

    return perform(case=case, name="reconsider", actor=actor, now=now, reason=reason, effect=effect)


def uphold_decline(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Let the 不予推荐 stand, with why."""

    def effect(dossier: Dossier) -> dict[str, object]:
        return {"declined_by": str(_settle(dossier, SecondLook.UPHELD, reason, actor, now).declined_by)}

    return perform(case=case, name="uphold_decline", actor=actor, now=now, reason=reason, effect=effect)


def _settle(dossier: Dossier, outcome: SecondLook, words: str, actor: Seat, now: datetime) -> Decline:
    last = dossier.declines[-1]
    last.outcome, last.words, last.settled_by, last.settled_at = outcome, words, actor, now
    last.save(update_fields=["outcome", "words", "settled_by", "settled_at"])
    return last
