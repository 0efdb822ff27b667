"""An expert's sheet from the offer to the end: the one writer of its state, by the table in ``declarations.sheets``."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from declarations.actions.notify import tell
from declarations.actions.transition import lock
from declarations.models import AssignmentPlan, Declaration, ExpertReview, Recusal
from declarations.rules import in_expert_review
from declarations.sheets import STEPS, Hand, pledge_digest
from declarations.states import SHEETS_WRITABLE, SheetOrigin, SheetState
from scoring.actions import new_layer, open_layer, unlock_assessment
from scoring.models import Assessment, Layer
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record

CLAUSE = "五（二）3"
ASKED_OF = {
    Hand.GROUP_HEAD: ("declarations.reopen_sheet", "由专家组组长退回重新评分。"),
    Hand.DEPARTMENT: ("declarations.assign_experts", "只有本人或会员部可以办理。"),
}
REASON_LIMIT = 1000


def refuse(code: str, sentence: str, clause: str = CLAUSE) -> None:
    """Refuse in one sentence."""
    raise Refused((Refusal(code, sentence, clause),))


def offer(
    *,
    case: Declaration,
    expert: Seat,
    now: datetime,
    actor: Seat | None,
    origin: SheetOrigin,
    reason: str = "",
) -> ExpertReview:
    """Offer a case to an expert who may have it: an own, empty layer of marks and a sheet that waits to be taken."""
    assessment = open_layer(ledger=case.ledger, layer=Layer.EXPERT, assessor=expert)
    review = ExpertReview.objects.create(
        declaration=case, expert=expert, assessment=assessment, assigned_at=now, origin=origin, reason=reason
    )
    data = {"expert": expert.user.name, "origin": origin.label}
    record(Event.EXPERT_ASSIGNED, actor=actor, target=case, at=now, data=data, reason=reason)
    return review


def offer_drawn(
    *, offers: Sequence[tuple[Declaration, Seat]], plan: AssignmentPlan, actor: Seat, now: datetime
) -> None:
    """Offer cases to experts as a plan has it: the layers and sheets at once, an entry in the trail for each."""
    layers = Assessment.objects.bulk_create(
        new_layer(ledger_id=case.ledger_id, layer=Layer.EXPERT, assessor=expert) for case, expert in offers
    )
    told = {"assigned_at": now, "origin": SheetOrigin.DRAWN, "reason": str(plan)}
    ExpertReview.objects.bulk_create(
        ExpertReview(declaration=case, expert=expert, assessment=layer, **told)
        for (case, expert), layer in zip(offers, layers, strict=True)
    )
    for case, expert in offers:
        data = {"expert": expert.user.name, "origin": SheetOrigin.DRAWN.label, "plan": plan.number}
        record(Event.EXPERT_ASSIGNED, actor=actor, target=case, at=now, data=data)


def move(
    *, review: ExpertReview, name: str, actor: Seat | None, now: datetime, reason: str = ""
) -> ExpertReview:
    """Take one step of the table with a sheet, under the lock of its case; nobody else writes its state.

    Raises ``Refused`` when the sheet does not stand where the step begins, for somebody else's hand, without a reason.
    """
    step = STEPS[name]
    fresh = ExpertReview.objects.select_related("expert__user", "declaration").get(pk=review.pk)
    if fresh.state not in step.sources:
        refuse("sheet_moved", step.closed)
    _refuse_hand(fresh, name, actor)
    words = reason.strip()[:REASON_LIMIT]
    if step.reasoned and not words:
        refuse("reason_missing", f"请写明{step.label}的理由。")
    fresh.state = step.target
    changed = ["state", *_facts(fresh, name, words, actor, now)]
    fresh.save(update_fields=changed)
    for field in changed:
        setattr(review, field, getattr(fresh, field))
    if step.event is not None:
        data = {"expert": fresh.expert.user.name}
        record(step.event, actor=actor, target=fresh.declaration, at=now, data=data, reason=words)
    return fresh


def _refuse_hand(review: ExpertReview, name: str, actor: Seat | None) -> None:
    hands = STEPS[name].hands
    if Hand.HOUSE in hands:
        return
    if actor is None:
        refuse("not_permitted", "系统不能代人办理。")
    if Hand.OWN in hands and review.expert_id == actor.pk:
        return
    asked = [ASKED_OF[hand] for hand in hands if hand in ASKED_OF]
    if any(allowed(actor, permission, review.declaration) for permission, _ in asked):
        return
    refuse("not_permitted", asked[0][1] if asked else "只能办理分派给本人的评分表。")


def _facts(review: ExpertReview, name: str, words: str, actor: Seat | None, now: datetime) -> list[str]:
    """Write what a step leaves on the sheet beside its state; return the names of the fields."""
    if name == "accept":
        review.accepted_at, review.pledge = now, pledge_digest()
        return ["accepted_at", "pledge"]
    if name in {"decline", "release"}:
        review.left_reason = words
        return ["left_reason"]
    if name in {"recuse", "step_back"}:
        review.recusal_reason = words
        return ["recusal_reason"]
    if name == "confirm" and not review.declaration.score_runs.exists():  # a verdict of before rests on the first
        review.confirmed_at = now
        return ["confirmed_at"]
    if name == "reopen":
        review.reopened_by, review.reopened_at, review.reopen_reason = actor, now, words
        review.reopenings += 1
        return ["reopened_by", "reopened_at", "reopen_reason", "reopenings"]
    return []


# ---- the offer


def _held(review: ExpertReview, actor: Seat) -> Declaration:
    """Lock the case of a sheet; refuses a case that is past the experts."""
    case = lock(review.declaration_id, by=actor)
    if not in_expert_review(actor, case):
        refuse("not_before_experts", "本件已不在专家复审环节。")
    return case


@transaction.atomic
def accept_offers(*, reviews: Iterable[ExpertReview], pledged: bool, actor: Seat, now: datetime) -> int:
    """Take cases that were offered, with the pledge of impartiality and confidentiality signed; return how many."""
    listed = list(reviews)
    if not listed:
        refuse("nothing_chosen", "请选择要接受的申报件。")
    if not pledged:
        refuse("not_pledged", "请先作出公正和保密承诺，再接受评审。")
    for review in listed:
        _held(review, actor)
        move(review=review, name="accept", actor=actor, now=now)
    return len(listed)


@transaction.atomic
def reopen(*, review: ExpertReview, reason: str, actor: Seat, now: datetime) -> ExpertReview:
    """Let an expert change a confirmed sheet, by the group head and with the reason; the marks stay the expert's."""
    case = _held(review, actor)
    if allowed(actor, "declarations.reopen_sheet", case) and review.reopenings >= case.cycle.sheet_reopenings:
        refuse("reopened_already", f"每份评分表最多退回重新评分{case.cycle.sheet_reopenings}次（通知未规定）。")
    found = move(review=review, name="reopen", actor=actor, now=now, reason=reason)
    unlock_assessment(assessment=found.assessment)
    title = f"请重新评分：{case.applicant_name}"
    told = {"title": title, "body": f"退回理由：{found.reopen_reason}", "now": now, "case": case}
    tell(seats=[found.expert], key=f"reopened:{found.pk}:{found.reopenings}", **told)
    return found


def begin(*, review: ExpertReview, actor: Seat, now: datetime) -> None:
    """Note that an expert has begun to write; a sheet that was begun stays as it is."""
    if review.state == SheetState.ACCEPTED:
        move(review=review, name="begin", actor=actor, now=now)


def refuse_closed(review: ExpertReview) -> None:
    """Refuse to write into a sheet that is not the expert's to write now."""
    if review.state == SheetState.OFFERED:
        refuse("not_pledged", "请先作出公正和保密承诺，接受评审后再评分。")
    if review.state not in SHEETS_WRITABLE:
        refuse("sheet_confirmed", "评分已确认或已回避，不能修改。")


def note_recusal(*, review: ExpertReview, reason: str, actor: Seat, now: datetime) -> None:
    """Keep that the person steps back from the case, whatever the seat."""
    kept = {"reason": reason.strip()[:300], "declared_by": actor, "declared_at": now}
    Recusal.objects.get_or_create(
        user=review.expert.user, declaration=review.declaration, ended_at=None, defaults=kept
    )
