"""Correcting an outcome (T-R1): by the head with the ground in writing, confirmed by supervision. Not in the notice.

The old outcome stays readable: its entry in the trail, its frozen copy, its letter.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from declarations.actions.forwarding import retake_forward_places
from declarations.actions.notify import send
from declarations.actions.quota import lock_list, take_place
from declarations.actions.ranks import order_changed, put_in
from declarations.actions.second_person import Confirmed, Prepared, prepare
from declarations.actions.transition import lock, perform
from declarations.actions.upward import order_taking_up
from declarations.calendar import return_due
from declarations.digests import digest_of
from declarations.guards import NOT_IN_NOTICE, Act
from declarations.models import Declaration, Pending
from declarations.notices import CORRECTED, HOLDER_ROLES
from declarations.queries.corrections import (
    BELOW,
    CORRECTABLE,
    ended_below,
    has_been_replaced,
    reviewer_before,
    stood_in,
    was_a_reserve,
)
from declarations.queries.facts import Dossier, dossier_of, facts_of
from declarations.queries.recusals import seats_free_for
from declarations.rules import layer_of
from declarations.second_person import Paired
from declarations.states import DELIBERATION_WORD, UNDER_DELIBERATION, BatchState, SecondLook, State
from declarations.workflow import WORKFLOWS
from scoring.actions import renew_layer, unlock_assessment
from scoring.models import Layer
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import active_seats_at
from sihao.accounts.refusals import Refusal, Refused

CLAUSE = NOT_IN_NOTICE
STEPS = {
    State.DRAFT: "correct_to_draft",
    State.RETURNED: "correct_to_return",
    State.LOCAL_REVIEW: "correct_to_review",
    State.SHORTLISTED: "correct_to_list",
    State.RECOMMENDED: "correct_to_recommended",
    State.PRELIMINARY_REVIEW: "correct_to_preliminary",
    State.EXPERT_REVIEW: "correct_to_experts",
    State.PROPOSED: "correct_to_meeting",
    State.OBJECTION_HOLD: "correct_to_hold",
}
NOT_THERE = Refusal("not_there_before", "只能更正回作出结果之前的环节。", CLAUSE)
RECOGNISED = Refusal("revoke_instead", "已认定的不作更正；认定有误的，按撤销认定办理。", CLAUSE)
GONE = "该单位推荐名单已经固定或者上报，更正后本件不能直接列入，须由推荐单位先行重新打开或者撤回名单。"


def refusals_of(case: Declaration, now: datetime) -> tuple[Refusal, ...]:
    """Return why an outcome cannot be corrected as the case stands."""
    if case.state == State.RECOGNISED:
        return (RECOGNISED,)
    if case.state not in CORRECTABLE:
        words = f"本件现为“{case.get_state_display()}”，没有可以更正的结果。"
        return (Refusal("nothing_to_correct", words, CLAUSE),)
    facts, workflow = facts_of(dossier_of(case), now), WORKFLOWS[case.cycle.workflow]
    if facts.stood_in not in STEPS or not workflow.has(STEPS[facts.stood_in]):
        return (NOT_THERE,)
    return workflow.transition(STEPS[facts.stood_in]).closed_because(facts, Act())


def hint_of(case: Declaration, now: datetime) -> str:
    """Return what stands in the way of a case after its correction, though not of the correction itself."""
    if case.state not in BELOW:
        return ""
    facts = facts_of(dossier_of(case), now)
    if not ended_below(State(case.state), facts.stood_in):
        return ""
    gone = facts.stood_in != State.SHORTLISTED and facts.batch_state not in {None, BatchState.OPEN}
    return GONE if gone else ""


@transaction.atomic
def propose_correction(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Pending:
    """Prepare the correction of an outcome for supervision to confirm: back to where the case stood before it."""
    locked = lock(case.pk, by=actor)
    if not allowed(actor, "declarations.correct"):
        raise Refused((Refusal("not_permitted", "更正由会员部负责人提出。", CLAUSE),))
    if refusals := refusals_of(locked, now):
        raise Refused(refusals)
    if not reason.strip():
        raise Refused.because("reason_missing", "请写明更正的依据。")
    before = stood_in(locked)
    told = [
        ("申报单位", locked.applicant_name),
        ("原结果", locked.get_state_display()),
        ("更正回", before.label),
        *([("由谁办理", str(reviewer_before(locked)))] if before == State.LOCAL_REVIEW else []),
        ("依据", reason.strip()),
        *([("提示", hint)] if (hint := hint_of(locked, now)) else []),
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
    was = State(case.state)
    known = case.cycle.released_at is not None or was == State.DISQUALIFIED or was in BELOW
    reason = next((value for label, value in pending.told if label == "依据"), "")

    def effect(dossier: Dossier) -> dict[str, object]:
        return {"was": was.label, "now": before.label, **_reopen(dossier, was, before, actor, now)}

    words = {"reason": reason, "details": {"back_to": before}, "effect": effect}
    done = perform(case=case, name=STEPS[before], actor=actor, now=now, **words)
    if before == State.RECOMMENDED and done.batch is not None:
        order_taking_up(batch=done.batch, actor=pending.prepared_by, now=now)
    if known:
        _tell(done, before, actor, now)
    return done


def _reopen(dossier: Dossier, was: State, before: State, actor: Seat, now: datetime) -> dict[str, object]:
    """Undo what the outcome did beside the state, and return what the trail tells of it."""
    case = dossier.case
    if ended_below(was, before):
        if opened := REOPENED.get(before):
            return opened(dossier, actor, now)
    elif was in {State.DISQUALIFIED, State.WITHDRAWN}:
        if has_been_replaced(case):
            take_place(case)
            return {"place_again": True}
    elif before == State.EXPERT_REVIEW:
        renew_layer(ledger=case.ledger, layer=Layer.AGREED)
    return {}


def _to_review(dossier: Dossier, actor: Seat, now: datetime) -> dict[str, object]:
    """Give the case to the tier that had it: its places below are taken again, its own layer is open again.

    A request to look again that waits is granted by it.
    """
    case = dossier.case
    case.returned_by = reviewer_before(case)
    last = dossier.declines[-1] if dossier.declines else None
    if last is not None and last.asked_at is not None and last.settled_at is None:
        last.outcome, last.words = SecondLook.GRANTED, "结果已更正，重新审核。"
        last.settled_by, last.settled_at = actor, now
        last.save(update_fields=["outcome", "words", "settled_by", "settled_at"])
    retake_forward_places(case)
    sheet = dossier.book.layer(layer_of(case.returned_by.level))
    if sheet is not None:
        unlock_assessment(assessment=sheet.assessment)
    return {}


def _to_return(dossier: Dossier, actor: Seat, now: datetime) -> dict[str, object]:
    """Give the chamber a new date for the items that were returned."""
    slip = dossier.case.return_slips.filter(closed_at__isnull=True).first()
    if slip is not None:
        slip.due_at = return_due(dossier.case, now, dossier.deadlines)
        slip.save(update_fields=["due_at"])
    return {}


def _to_list(dossier: Dossier, actor: Seat, now: datetime) -> dict[str, object]:
    """Put the case back at the end of its unit's list, or of the reserves where it was one or no place is left."""
    case, batch = dossier.case, lock_list(dossier.case)
    case.batch, case.is_reserve = batch, was_a_reserve(case) or not _has_taken_place(case)
    rank = put_in(case)
    order_changed(case, None, None)
    return {"rank": rank}


def _has_taken_place(case: Declaration) -> bool:
    try:
        take_place(case)
    except Refused:
        return False
    return True


Reopening = Callable[[Dossier, Seat, datetime], dict[str, object]]
REOPENED: dict[State, Reopening] = {
    State.LOCAL_REVIEW: _to_review,
    State.RETURNED: _to_return,
    State.SHORTLISTED: _to_list,
}


def _tell(case: Declaration, before: State, actor: Seat, now: datetime) -> None:
    hidden = before in UNDER_DELIBERATION and case.cycle.released_at is None
    shown = DELIBERATION_WORD if hidden else before.label
    for to in dict.fromkeys((case.applicant_id, case.unit_id, case.holder_id)):
        send(
            case=case,
            letter=CORRECTED,
            seats=seats_free_for(active_seats_at(to, HOLDER_ROLES), case),
            step=f"correct-{to}",
            sender=actor.organisation,
            now=now,
            more={"state": shown},
        )


CORRECTION = Confirmed(_correct, _stands)
