"""Where a federation decides itself: by the score it gave, then the best are sent on to the level above."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from declarations.actions.review import sign_layer
from declarations.actions.transition import perform
from declarations.models import Cycle, Declaration, Recognition, SentUp
from declarations.queries.facts import Dossier
from declarations.states import UpwardState
from sihao.accounts.models import Seat


def decide_by_score(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Recognise a case whose score passes: the marks are frozen and the certificate gets the next number."""

    def effect(dossier: Dossier) -> dict[str, object]:
        found = dossier.case
        sign_layer(dossier, "认定", actor, now)
        _keep_total(dossier)
        title = _title(found, now)
        return {"number": title.number, "verb": found.cycle.verb, "total": str(found.final_total)}

    return perform(case=case, name="decide_by_score", actor=actor, now=now, effect=effect)


def end_below_score(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """End a case whose score does not pass, with the reason; the marks are frozen."""

    def effect(dossier: Dossier) -> dict[str, object]:
        sign_layer(dossier, "未达到认定分值", actor, now)
        _keep_total(dossier)
        return {"total": str(dossier.case.final_total)}

    return perform(case=case, name="end_below_score", actor=actor, now=now, reason=reason, effect=effect)


def _keep_total(dossier: Dossier) -> None:
    layer = dossier.holder_layer
    sheet = dossier.book.layer(layer) if layer is not None else None
    dossier.case.unit_total = dossier.case.final_total = sheet.total if sheet is not None else None


def _title(case: Declaration, now: datetime) -> Recognition:
    """Write the title under the cycle's lock: numbers are continuous."""
    cycle = Cycle.objects.select_for_update(of=("self",)).defer("notice_text").get(pk=case.cycle_id)
    serial = (cycle.recognitions.aggregate(last=Max("serial"))["last"] or 0) + 1
    return Recognition.objects.create(
        declaration=case,
        cycle=cycle,
        serial=serial,
        number=f"{cycle.certificate_prefix}{serial:04d}",
        name=case.applicant_name,
        unit_name=case.unit.name,
        unit_code=case.unit.code,
        recognised_at=now,
        published_at=now,
    )


# ---- the best go on to the level above


@dataclass(frozen=True)
class Chosen:
    """One of the best: which case, at which place, and why it is sent."""

    case: Declaration
    place: int
    reason: str


@transaction.atomic
def send_to_above(*, chosen: Sequence[Chosen], actor: Seat, now: datetime) -> int:
    """Send recognised cases to the level above, each with place and reason; all or none. Return how many."""
    for one in chosen:
        _send(one, actor, now)
    return len(chosen)


def _send(one: Chosen, actor: Seat, now: datetime) -> None:
    def effect(dossier: Dossier) -> dict[str, object]:
        words = {"place": one.place, "reason": one.reason.strip(), "state": UpwardState.SENT}
        words |= {"sent_by": actor, "sent_at": now, "answer": "", "answered_by": None, "answered_at": None}
        SentUp.objects.update_or_create(declaration=dossier.case, defaults=words)
        return {"place": one.place, "above": str(dossier.case.unit.parent)}

    perform(case=one.case, name="send_to_above", actor=actor, now=now, reason=one.reason, effect=effect)


def confirm_above(*, case: Declaration, actor: Seat, now: datetime, reason: str = "") -> Declaration:
    """Confirm what the unit sent up."""
    return _answer(case, "confirm_above", UpwardState.CONFIRMED, reason, actor, now)


def return_from_above(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Send it back to the unit with the reason; the title that the unit gave stays."""
    return _answer(case, "return_from_above", UpwardState.RETURNED, reason, actor, now)


def _answer(
    case: Declaration, name: str, state: UpwardState, words: str, actor: Seat, now: datetime
) -> Declaration:
    def effect(dossier: Dossier) -> None:
        sent = SentUp.objects.select_for_update(of=("self",)).get(declaration=dossier.case)
        sent.state, sent.answer, sent.answered_by, sent.answered_at = state, words.strip(), actor, now
        sent.save()

    return perform(case=case, name=name, actor=actor, now=now, reason=words, effect=effect)
