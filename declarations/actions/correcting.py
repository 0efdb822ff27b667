"""Correcting an outcome (T-R1): by the head with the ground in writing, confirmed by supervision. Not in the notice.

The old outcome stays readable: its entry in the trail, its frozen copy, its letter.
"""

from datetime import datetime

from django.db import transaction

from declarations.actions.notify import send
from declarations.actions.quota import take_place
from declarations.actions.second_person import Confirmed, Prepared, prepare
from declarations.actions.transition import lock, perform
from declarations.digests import digest_of
from declarations.models import Declaration, Pending
from declarations.notices import CORRECTED, HOLDER_ROLES
from declarations.queries.corrections import CORRECTABLE, has_been_replaced, is_over, stood_in
from declarations.queries.facts import Dossier
from declarations.queries.recusals import seats_free_for
from declarations.second_person import Paired
from declarations.states import State
from scoring.actions import renew_layer
from scoring.models import Layer
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import active_seats_at
from sihao.accounts.refusals import Refusal, Refused

CLAUSE = "通知未规定"
STEPS = {
    State.PRELIMINARY_REVIEW: "correct_to_preliminary",
    State.EXPERT_REVIEW: "correct_to_experts",
    State.PROPOSED: "correct_to_meeting",
    State.OBJECTION_HOLD: "correct_to_hold",
}


def refusal_of(case: Declaration) -> Refusal | None:
    """Return why an outcome cannot be corrected as the case stands."""
    if case.state not in CORRECTABLE:
        words = f"本件现为“{case.get_state_display()}”，没有可以更正的结果。"
        return Refusal("nothing_to_correct", words, CLAUSE)
    if is_over(case.cycle):
        return Refusal("cycle_over", "下一周期名单已经公布，本周期结果不再更正。", CLAUSE)
    if stood_in(case) not in STEPS:
        return Refusal("not_there_before", "只能更正回作出结果之前的环节。", CLAUSE)
    return None


@transaction.atomic
def propose_correction(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Pending:
    """Prepare the correction of an outcome for supervision to confirm: back to where the case stood before it."""
    locked = lock(case.pk, by=actor)
    if not allowed(actor, "declarations.correct"):
        raise Refused((Refusal("not_permitted", "更正由会员部负责人提出。", CLAUSE),))
    if refusal := refusal_of(locked):
        raise Refused((refusal,))
    if not reason.strip():
        raise Refused.because("reason_missing", "请写明更正的依据。")
    before = stood_in(locked)
    told = [
        ("申报单位", locked.applicant_name),
        ("原结果", locked.get_state_display()),
        ("更正回", before.label),
        ("依据", reason.strip()),
    ]
    title = f"更正结果：{locked.applicant_name}"
    act = Prepared(
        Paired.CORRECT, locked, title, told, {"back_to": before.value}, digest_of([locked.state, locked.version])
    )
    return prepare(prepared=act, cycle=locked.cycle, actor=actor, now=now)


def _stands(pending: Pending) -> str:
    case = lock(pending.declaration_id)
    return digest_of([case.state, case.version])


def _correct(pending: Pending, actor: Seat, now: datetime) -> Declaration:
    """Take the case back to where it stood before its outcome; what that outcome had closed is open again."""
    case, before = pending.declaration, State(pending.payload["back_to"])
    was, known = State(case.state), case.cycle.released_at is not None or case.state == State.DISQUALIFIED
    reason = next((value for label, value in pending.told if label == "依据"), "")

    def effect(dossier: Dossier) -> dict[str, object]:
        _reopen(dossier, was, before)
        return {"was": was.label, "now": before.label}

    words = {"reason": reason, "details": {"back_to": before}, "effect": effect}
    done = perform(case=case, name=STEPS[before], actor=actor, now=now, **words)
    if known:
        _tell(done, before, actor, now)
    return done


def _reopen(dossier: Dossier, was: State, before: State) -> None:
    case = dossier.case
    if was == State.DISQUALIFIED:
        if has_been_replaced(case):
            take_place(case)
    elif before == State.EXPERT_REVIEW:
        renew_layer(ledger=case.ledger, layer=Layer.AGREED)


def _tell(case: Declaration, before: State, actor: Seat, now: datetime) -> None:
    for to in (case.applicant_id, case.unit_id):
        send(
            case=case,
            letter=CORRECTED,
            seats=seats_free_for(active_seats_at(to, HOLDER_ROLES), case),
            step=f"correct-{to}",
            sender=actor.organisation,
            now=now,
            more={"state": before.label},
        )


CORRECTION = Confirmed(_correct, _stands)
