"""The experts: assign, recuse, score, agree; the verdict is signed in ``verdicts``."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from declarations.actions.review import confirm_from_below
from declarations.actions.transition import lock, perform
from declarations.models import Declaration, ExpertReview, Recusal
from declarations.queries.facts import Dossier, unreasoned_rows
from declarations.queries.panel_page import ties_of
from declarations.queries.recusals import recused_people
from declarations.rules import in_expert_review
from declarations.states import SheetState
from scoring.actions import Entered, lock_assessment, open_layer, save_marks
from scoring.models import Layer
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.accounts.roles import EXPERT_ROLES
from sihao.audit.events import Event
from sihao.audit.record import record

CLAUSE = "五（二）3"


def _refuse(code: str, sentence: str) -> None:
    raise Refused((Refusal(code, sentence, CLAUSE),))


@transaction.atomic
def assign_expert(*, case: Declaration, expert: Seat, actor: Seat, now: datetime) -> ExpertReview:
    """Give a case to an expert; refuses other roles, a second time, a tie to its province or body, who steps back."""
    locked = lock(case.pk, by=actor)
    if not (allowed(actor, "declarations.assign_experts", locked) and in_expert_review(actor, locked)):
        _refuse("not_permitted", "本件不在专家复审环节，不能分派专家。")
    _refuse_expert(locked, expert)
    assessment = open_layer(ledger=locked.ledger, layer=Layer.EXPERT, assessor=expert)
    review = ExpertReview.objects.create(declaration=locked, expert=expert, assessment=assessment, assigned_at=now)
    record(Event.EXPERT_ASSIGNED, actor=actor, target=locked, at=now, data={"expert": expert.user.name})
    return review


@transaction.atomic
def assign_experts(*, case: Declaration, experts: Iterable[Seat], actor: Seat, now: datetime) -> int:
    """Give a case to several experts, all of them or none; return how many."""
    chosen = list(experts)
    if not chosen:
        _refuse("no_expert", "请选择要分派的专家。")
    for expert in chosen:
        assign_expert(case=case, expert=expert, actor=actor, now=now)
    return len(chosen)


def _refuse_expert(case: Declaration, expert: Seat) -> None:
    if expert.role not in EXPERT_ROLES or expert.ended_at is not None:
        _refuse("not_an_expert", "所选人员不是在任评审专家。")
    if case.expert_reviews.filter(expert__user_id=expert.user_id).exists():
        _refuse("assigned_twice", f"{expert.user.name}已分派本件。")
    if has_tie(case, expert):
        _refuse("expert_tied", f"{expert.user.name}在申报单位或其所在省任职，应当回避。")
    if expert.user_id in recused_people(case):
        _refuse("expert_recused", f"{expert.user.name}应当回避本件，不能分派。")


def has_tie(case: Declaration, expert: Seat) -> bool:
    """Whether the person holds a seat at the declaring body or anywhere in its province."""
    return bool(ties_of(case, [expert]))


@transaction.atomic
def recuse(*, review: ExpertReview, reason: str, actor: Seat, now: datetime) -> ExpertReview:
    """Step back from a case (回避), by the expert or by the department, with a reason; it holds for all seats."""
    case = lock(review.declaration_id, by=actor)
    review = ExpertReview.objects.select_related("expert__user").get(pk=review.pk)
    mine = review.expert_id == actor.pk
    if not (mine or allowed(actor, "declarations.assign_experts", case)):
        _refuse("not_permitted", "只有本人或会员部可以办理回避。")
    if review.state == SheetState.CONFIRMED or not in_expert_review(actor, case):
        _refuse("sheet_confirmed", "评分已确认，不能再回避。")
    if not reason.strip():
        _refuse("reason_missing", "请写明回避理由。")
    review.state, review.recusal_reason = SheetState.RECUSED, reason
    review.save(update_fields=["state", "recusal_reason"])
    kept = {"reason": reason.strip()[:300], "declared_by": actor, "declared_at": now}
    Recusal.objects.get_or_create(user=review.expert.user, declaration=case, ended_at=None, defaults=kept)
    data = {"expert": review.expert.user.name}
    record(Event.EXPERT_RECUSED, actor=actor, target=case, at=now, data=data, reason=reason)
    return review


@transaction.atomic
def save_expert_marks(
    *, review: ExpertReview, entries: Mapping[str, Entered], comment: str | None, actor: Seat, now: datetime
) -> None:
    """Keep rows of the expert's own sheet as a draft; a draft never counts."""
    case = lock(review.declaration_id, by=actor)
    if review.expert_id != actor.pk or not allowed(actor, "declarations.score", case):
        _refuse("not_permitted", "只能填写分派给本人的评分表。")
    save_marks(assessment=review.assessment, entries=entries, actor=actor, now=now)
    if comment is not None:
        review.comment = comment
        review.save(update_fields=["comment"])


@transaction.atomic
def agree_with_province(*, review: ExpertReview, actor: Seat, now: datetime) -> int:
    """Fill the rows the expert has not marked with the province's marks; return how many."""
    case = lock(review.declaration_id, by=actor)
    if review.expert_id != actor.pk or not allowed(actor, "declarations.score", case):
        _refuse("not_permitted", "只能填写分派给本人的评分表。")
    return confirm_from_below(case=case, assessment=review.assessment, actor=actor, now=now)


def confirm_sheet(*, review: ExpertReview, actor: Seat, now: datetime) -> Declaration:
    """Confirm the expert's own sheet (T22): complete, reasons where it differs; then it is frozen and counts."""
    if review.expert_id != actor.pk:
        _refuse("not_permitted", "只能确认本人的评分表。")
    case = review.declaration

    def effect(dossier: Dossier) -> dict[str, object]:
        fresh = ExpertReview.objects.select_related("assessment").get(pk=review.pk)
        if fresh.state != SheetState.ASSIGNED:
            _refuse("sheet_confirmed", "评分已确认或已回避。")
        problems = sheet_problems(dossier, actor)
        if problems:
            raise Refused(problems)
        lock_assessment(assessment=fresh.assessment, now=now)
        fresh.state, fresh.confirmed_at = SheetState.CONFIRMED, now
        fresh.save(update_fields=["state", "confirmed_at"])
        return {"expert": actor.user.name}

    return perform(case=case, name="confirm_sheet", actor=actor, now=now, effect=effect)


def sheet_problems(dossier: Dossier, expert: Seat) -> tuple[Refusal, ...]:
    """Return why the expert's sheet cannot be confirmed yet."""
    sheet = dossier.book.expert(expert.pk)
    points = sheet.points if sheet else {}
    open_rows = [item.id for item in dossier.programme.rubric.items() if item.id not in points]
    differing = unreasoned_rows(sheet, dossier.book.layer(Layer.PROVINCE))
    found = []
    if open_rows:
        found.append(Refusal("sheet_unmarked", f"还有{len(open_rows)}项未打分：{'、'.join(open_rows[:8])}。", CLAUSE))
    if differing:
        rows = "、".join(differing[:8])
        found.append(Refusal("sheet_unreasoned", f"与省级审核得分不同的指标须写明理由：{rows}。", CLAUSE))
    return tuple(found)


@transaction.atomic
def save_agreed(*, case: Declaration, entries: Mapping[str, Entered], actor: Seat, now: datetime) -> None:
    """Keep the group's agreed marks of the veto and baseline rows; other rows are not the group's to set."""
    locked = lock(case.pk, by=actor)
    if not (allowed(actor, "declarations.panel", locked) and in_expert_review(actor, locked)):
        _refuse("not_permitted", "由专家组组长登记商定得分。")
    _refuse_agreed(locked, entries)
    layer = open_layer(ledger=locked.ledger, layer=Layer.AGREED)
    save_marks(assessment=layer, entries=entries, actor=actor, now=now)
    record(Event.AGREED, actor=actor, target=locked, at=now, data={"rows": sorted(entries)})


def _refuse_agreed(case: Declaration, entries: Mapping[str, Entered]) -> None:
    live = case.expert_reviews.exclude(state=SheetState.RECUSED).values_list("state", flat=True)
    if not live or any(state != SheetState.CONFIRMED for state in live):
        _refuse("sheets_open", "专家评分全部确认后才能商定得分。")
    rubric = programme_of(case.cycle.programme).rubric
    strange = sorted(entries.keys() - {item.id for item in rubric.items() if item.mark})
    if strange:
        _refuse("not_a_marked_row", f"只有否决项和基础达标项由专家组商定，不应有：{'、'.join(strange[:6])}。")
