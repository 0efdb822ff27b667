"""Stepping back (回避): from one case by hand, or from a body's cases as soon as a tie is declared."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from declarations.actions.notify import tell
from declarations.actions.sheets import move
from declarations.actions.third import call_third
from declarations.actions.transition import lock
from declarations.actions.visits import leave_teams
from declarations.models import Declaration, ExpertReview, Pending, Recusal, Tie
from declarations.queries.cases import cases_visible_to
from declarations.queries.recusals import office_steps_back, superior_staff
from declarations.queries.visits import case_on_visit
from declarations.second_person import PendingState
from declarations.sheets import STEPS
from declarations.states import ENDED, State
from sihao.accounts.models import Seat, User
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record

CLAUSE = "回避"


def _refuse(code: str, sentence: str) -> None:
    raise Refused((Refusal(code, sentence, CLAUSE),))


@transaction.atomic
def recuse(
    *, case: Declaration, who: Seat, reason: str, actor: Seat, now: datetime, substitute: Seat | None = None
) -> Recusal:
    """Let a person step back from a case, declared by the person or by a superior; it holds for all the person's seats.

    What the person had begun goes with it: a sheet, a desk, a visit, an act prepared for a second person.
    """
    locked = lock(case.pk)
    if not (cases_visible_to(actor).filter(pk=locked.pk).exists() or case_on_visit(actor, locked.pk).exists()):
        _refuse("not_permitted", "本件不在您的办理范围内。")
    if who.user_id != actor.user_id and not allowed(actor, "declarations.recuse_others", who):
        _refuse("not_permitted", "只能为本人，或者为本单位和下级工商联的人员登记回避。")
    if not reason.strip():
        _refuse("reason_missing", "请写明回避的理由。")
    if substitute is not None and not _can_take_over(substitute, who):
        _refuse("no_substitute", "接办人须是同一单位的另一人。")
    if Recusal.objects.filter(user=who.user, declaration=locked, ended_at=None).exists():
        _refuse("recused_already", f"{who.user.name}已登记回避本件。")
    found = Recusal.objects.create(
        user=who.user,
        declaration=locked,
        reason=reason.strip()[:300],
        declared_by=actor,
        declared_at=now,
        substitute=substitute,
    )
    data = {"holder": who.user.name, "substitute": str(substitute or "")}
    record(Event.CASE_RECUSED, actor=actor, target=locked, at=now, data=data, reason=reason)
    _take_from(user=who.user, cases=[locked], why=reason, now=now)
    return found


def _can_take_over(substitute: Seat, who: Seat) -> bool:
    return substitute.organisation_id == who.organisation_id and who.user_id not in substitute.people


@transaction.atomic
def lift(*, recusal: Recusal, reason: str, actor: Seat, now: datetime) -> Recusal:
    """Let a person deal with a case again, by a superior and never by the person, with the reason."""
    rows = Recusal.objects.select_for_update(of=("self",)).select_related("user", "declaration")
    found = rows.get(pk=recusal.pk)
    lock(found.declaration_id, by=actor)
    if found.ended_at is not None:
        _refuse("recusal_over", "回避已经解除，请刷新页面。")
    if found.user_id in actor.people or not allowed(actor, "declarations.lift_recusal", found):
        _refuse("not_permitted", "本人不能解除回避，由本单位分管领导或上级工商联办理。")
    if not reason.strip():
        _refuse("reason_missing", "请写明解除回避的理由。")
    found.ended_at, found.ended_by, found.end_reason = now, actor, reason.strip()[:300]
    found.save(update_fields=["ended_at", "ended_by", "end_reason"])
    data = {"holder": found.user.name}
    record(Event.RECUSAL_LIFTED, actor=actor, target=found.declaration, at=now, data=data, reason=reason)
    return found


def step_back_from_body(*, tie: Tie, now: datetime) -> None:
    """Take from a person what was begun on the open cases of the body of a tie."""
    if tie.organisation_id is None:
        return
    cases = Declaration.objects.filter(applicant=tie.organisation_id).exclude(state__in=sorted(ENDED))
    named = cases.select_related("cycle", "holder", "home", "unit", "applicant").defer("cycle__notice_text")
    _take_from(user=tie.user, cases=list(named), why=tie.ground, now=now)


def _take_from(*, user: User, cases: Iterable[Declaration], why: str, now: datetime) -> None:
    """Take sheets, desks, visits and prepared acts from a person; tell the superior where an office has nobody left."""
    listed = list(cases)
    keys = [case.pk for case in listed]
    sheets = ExpertReview.objects.filter(
        declaration__in=keys, expert__user=user, state__in=sorted(STEPS["step_back"].sources)
    )
    for sheet in sheets.filter(declaration__score_runs=None).select_related("declaration"):
        move(review=sheet, name="step_back", actor=None, now=now, reason=why)
        if sheet.declaration.state == State.EXPERT_REVIEW:
            call_third(case=lock(sheet.declaration_id), now=now)
    Declaration.objects.filter(pk__in=keys, desk__user=user).update(desk=None)
    leave_teams(person=user, cases=keys, now=now)
    begun = Pending.objects.filter(declaration__in=keys, preparer=user, state=PendingState.WAITING)
    begun.update(state=PendingState.TAKEN_BACK, settler=user, settled_at=now, words="拟办人回避，须另行拟办。")
    for case in listed:
        _tell_superior(case, now)


def _tell_superior(case: Declaration, now: datetime) -> None:
    if office_steps_back(case):
        seats = superior_staff(case)
        title = f"{case.holder}人员均须回避，请接办{case.applicant_name}的申报"
        key = f"office-recused:{case.pk}:{case.holder_id}"
        tell(seats=seats, key=key, title=title[:160], body=f"受理编号{case.number}。", now=now, case=case)
