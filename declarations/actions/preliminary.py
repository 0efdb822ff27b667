"""The department's preliminary review (notice 五（二）3)."""

from datetime import datetime

from django.db import transaction

from declarations.actions.quota import lock_list
from declarations.actions.refilling import refill
from declarations.actions.transition import lock, perform
from declarations.actions.visit_follow import note_proposal
from declarations.calendar import add_working_days
from declarations.models import Declaration, PreliminaryReview
from declarations.queries.facts import Dossier
from declarations.rules import in_preliminary_review
from declarations.states import Ground
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record


@transaction.atomic
def answer_questions(
    *,
    case: Declaration,
    complete: bool | None,
    logical: bool | None,
    true: bool | None,
    remarks: str,
    actor: Seat,
    now: datetime,
) -> PreliminaryReview:
    """Keep the officer's answers to the three questions; they decide nothing by themselves."""
    locked = lock(case.pk, by=actor)
    if not (allowed(actor, "declarations.preliminary", locked) and in_preliminary_review(actor, locked)):
        raise Refused((Refusal("not_permitted", "本件不在初审环节，不能填写初审结论。", "五（二）3"),))
    review, _ = PreliminaryReview.objects.get_or_create(declaration=locked)
    review.complete, review.logical, review.true, review.remarks = complete, logical, true, remarks
    review.answered_by, review.answered_at = actor, now
    review.save()
    answers = {"complete": complete, "logical": logical, "true": true}
    record(Event.PRELIMINARY_ANSWERED, actor=actor, target=locked, at=now, data=answers)
    return review


def pass_preliminary(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Pass the case on to the experts (T18)."""
    return perform(case=case, name="pass_preliminary", actor=actor, now=now)


def propose_disqualification(
    *, case: Declaration, ground: str, reason: str, actor: Seat, now: datetime
) -> Declaration:
    """Propose to disqualify on one of the three grounds (T19); the province is asked and has its term."""

    def effect(dossier: Dossier) -> dict[str, object]:
        review, _ = PreliminaryReview.objects.get_or_create(declaration=dossier.case)
        review.ground, review.ground_text = ground, reason
        review.proposed_by, review.proposed_at = actor, now
        review.answer_due = add_working_days(now, dossier.case.cycle.answer_days)
        review.province_answer, review.province_answered_by, review.province_answered_at = "", None, None
        review.confirmed_by, review.confirmed_at = None, None
        review.save()
        note_proposal(case=dossier.case, actor=actor, now=now)
        return {"ground": Ground(ground).label}

    return perform(
        case=case,
        name="propose_disqualification",
        actor=actor,
        now=now,
        reason=reason,
        details={"ground": ground},
        effect=effect,
    )


@transaction.atomic
def answer_proposal(*, case: Declaration, text: str, actor: Seat, now: datetime) -> PreliminaryReview:
    """Keep the province's answer to a proposal (与省级工商联沟通)."""
    locked = lock(case.pk, by=actor)
    if not allowed(actor, "declarations.answer_proposal", locked):
        raise Refused((Refusal("not_permitted", "由推荐单位分管领导答复。", "五（二）3"),))
    review = PreliminaryReview.objects.filter(declaration=locked, confirmed_at__isnull=True).exclude(ground="").first()
    if review is None or not text.strip():
        raise Refused((Refusal("nothing_to_answer", "没有待答复的事项，或答复内容为空。", "五（二）3"),))
    review.province_answer, review.province_answered_by, review.province_answered_at = text, actor, now
    review.save()
    record(Event.DISQUALIFICATION_ANSWERED, actor=actor, target=locked, at=now, reason=text)
    return review


def _settle(review: PreliminaryReview | None, actor: Seat, now: datetime, *, drop: bool) -> None:
    if review is not None:
        review.confirmed_by, review.confirmed_at = (None, None) if drop else (actor, now)
        review.ground = "" if drop else review.ground
        review.save()


@transaction.atomic
def disqualify(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Confirm the proposal as a second person (T20); where the cycle refills, the first reserve takes the place."""
    if case.cycle.refills:
        lock_list(case)

    def effect(dossier: Dossier) -> dict[str, object]:
        _settle(dossier.preliminary, actor, now, drop=False)
        return {"ground": Ground(dossier.preliminary.ground).label} if dossier.preliminary else {}

    done = perform(case=case, name="disqualify", actor=actor, now=now, effect=effect)
    if case.cycle.refills:
        refill(gone=done, actor=actor, now=now)
    return done


def drop_flag(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Take the proposal back (T21), with a reason."""

    def effect(dossier: Dossier) -> None:
        _settle(dossier.preliminary, actor, now, drop=True)

    return perform(case=case, name="drop_flag", actor=actor, now=now, reason=reason, effect=effect)
