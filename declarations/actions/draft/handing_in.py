"""Handing in, handing in again, taking back."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from declarations.actions.delta import begin_round, break_off
from declarations.actions.forwarding import free_forward_places, retake_forward_places
from declarations.actions.quota import leave_list, lock_list_of_listed
from declarations.actions.transition import Effect, perform
from declarations.models import Declaration
from declarations.queries.facts import Dossier
from scoring.actions import lock_assessment, unlock_assessment
from scoring.models import Layer
from sihao.accounts.models import Seat


def _hand_in(now: datetime) -> Effect:
    def effect(dossier: Dossier) -> dict[str, object]:
        case = dossier.case
        sheet = dossier.book.layer(Layer.SELF)
        if sheet is not None:
            lock_assessment(assessment=sheet.assessment, now=now)
            case.self_total = sheet.total
        case.submitted_at = now
        case.receipt = f"{case.number}-{case.revisions.count() + 1:02d}"
        if dossier.slip is not None:
            dossier.slip.closed_at = now
            dossier.slip.save(update_fields=["closed_at"])
        return {"receipt": case.receipt}

    return effect


def submit(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Hand the declaration in (T02): self layer and revision frozen, receipt written, home federation holds it."""
    return perform(case=case, name="submit", actor=actor, now=now, effect=_hand_in(now))


def resubmit(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Hand the mended declaration in again (T08); it goes to the tier that returned it.

    Lower tiers that marked a row which has changed look at that row first, from below upward.
    """
    hand_in = _hand_in(now)

    def effect(dossier: Dossier) -> Mapping[str, object] | None:
        slip = dossier.slip
        retake_forward_places(dossier.case)
        told = hand_in(dossier)
        if slip is not None:
            begin_round(dossier, slip, actor, now)
        return told

    return perform(case=case, name="resubmit", actor=actor, now=now, effect=effect)


def recall(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Take the draft back to change it (T11), as long as no tier has begun and it can still be handed in again."""
    return perform(case=case, name="recall", actor=actor, now=now, effect=_back_to_draft)


def _back_to_draft(dossier: Dossier) -> None:
    """Open the self-assessment again; what is not handed in is not the federation's to see."""
    reopen_self_layer(dossier)
    dossier.case.submitted_at = None


@transaction.atomic
def withdraw(*, case: Declaration, actor: Seat, now: datetime, reason: str) -> Declaration:
    """Take the declaration back (T11); a place on the list becomes free. Locks the list before the case."""
    lock_list_of_listed(case)

    def effect(dossier: Dossier) -> dict[str, object]:
        break_off(dossier.case, now, "申报已撤回。")
        free_forward_places(dossier.case)
        return leave_list(dossier)

    return perform(case=case, name="withdraw", actor=actor, now=now, reason=reason, effect=effect)


def reopen_self_layer(dossier: Dossier) -> None:
    """Open the self-assessment again for the items of a return."""
    sheet = dossier.book.layer(Layer.SELF)
    if sheet is not None:
        unlock_assessment(assessment=sheet.assessment)
