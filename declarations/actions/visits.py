"""Spot checks of single cases: a team, its record, the word of every member, waiver; sole writer of ``Visit.state``."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from declarations.actions.notify import tell
from declarations.actions.transition import lock
from declarations.models import Declaration, Visit, VisitMember
from declarations.queries.recusals import seats_free_for
from declarations.queries.visits import record_of, seats_chosen, tied_to
from declarations.states import ENDED, VisitFinding, VisitState
from declarations.visiting import CLAUSE, OURS, STEPS, Submission, VisitStep, findings_of, gravest, lacking
from scoring.models import Layer
from scoring.queries import book_of, programme_of
from sihao.accounts.models import Seat, User
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import active_seats_at, national_node
from sihao.accounts.refusals import Refusal, Refused
from sihao.accounts.roles import CHAMBER_ROLES, DEPARTMENT_ROLES, TIER_ROLES
from sihao.audit.record import record

OVERTAKEN = Refusal("overtaken", "实地抽查的状态已由他人改变，请刷新页面后再办理。")
NOT_YOURS = Refusal("not_permitted", "您的席位无权办理这一步。", CLAUSE)
ENDED_CASE = Refusal("case_ended", "本件已办结，不再走访。", CLAUSE)


def _begin(visit: Visit, name: str, actor: Seat) -> tuple[Declaration, Visit, VisitStep]:
    """Lock the case and then the visit, and return them with the step; refuses one that is not the actor's now."""
    case = lock(visit.declaration_id, by=actor)
    rows = Visit.objects.select_for_update(of=("self",)).select_related("draw").defer("draw__frame")
    held, step = rows.prefetch_related("members__seat__user").get(pk=visit.pk), STEPS[name]
    held.declaration = case
    if held.state not in step.sources:
        raise Refused((OVERTAKEN,))
    if not allowed(actor, step.permission, held):
        raise Refused((NOT_YOURS,))
    if case.state in ENDED and name != "waive":
        raise Refused((ENDED_CASE,))
    return case, held, step


def _move(held: Visit, step: VisitStep) -> None:
    """Write the state; nobody else does."""
    if step.target is not None:
        held.state = step.target
    held.save()


def _told(case: Declaration, step: VisitStep, actor: Seat, now: datetime, reason: str = "", **data: object) -> None:
    record(step.event, actor=actor, target=case, at=now, data=data, reason=reason)


# ---- the team


@transaction.atomic
def assign(*, visit: Visit, members: Iterable[int], planned_on: date | None, actor: Seat, now: datetime) -> Visit:
    """Give a visit its team: at least as many as the cycle says, of other provinces, nobody with a tie to the case.

    A team may be changed until its record is confirmed; what was written stays, every word given on it is void.
    """
    case, held, step = _begin(visit, "assign", actor)
    chosen = seats_chosen(members)
    _refuse_team(case, chosen, planned_on, now)
    VisitMember.objects.filter(visit=held).exclude(seat__in=chosen).delete()
    there = set(VisitMember.objects.filter(visit=held).values_list("seat_id", flat=True))
    fresh = [seat for seat in chosen if seat.pk not in there]
    held.members.update(confirmed_at=None)
    VisitMember.objects.bulk_create(VisitMember(visit=held, seat=seat, person=seat.user) for seat in fresh)
    held.planned_on, held.assigned_by, held.assigned_at = planned_on, actor, now
    first = held.state == VisitState.DRAWN
    _move(held, step)
    _told(case, step, actor, now, team="、".join(str(seat) for seat in chosen))
    _tell_team(case, held, fresh, now)
    if first:
        _tell_visited(case, held, now)
    return held


def _refuse_team(case: Declaration, chosen: Sequence[Seat], planned_on: date | None, now: datetime) -> None:
    least = case.cycle.visit_team
    people = {seat.user_id for seat in chosen}
    if len(people) < least:
        raise Refused.because("team_too_small", f"调研组至少{least}人，现为{len(people)}人。", OURS)
    if len(people) < len(chosen):
        raise Refused.because("member_twice", "同一人不能两次列入调研组。", OURS)
    if tied := tied_to(case, chosen):
        names = "、".join(seat.user.name for seat in tied)
        sentence = f"调研组由他省工商联在任人员组成，与申报单位没有任职、亲属等关系；不能列入：{names}。"
        raise Refused.because("member_tied", sentence, OURS)
    if planned_on is not None and planned_on < timezone.localdate(now):
        raise Refused.because("day_past", "拟走访日期不能早于今天。", OURS)


def _tell_team(case: Declaration, held: Visit, seats: Sequence[Seat], now: datetime) -> None:
    on = f"拟于{held.planned_on.month}月{held.planned_on.day}日走访。" if held.planned_on else "走访日期与调研组商定。"
    title = f"请实地走访{case.applicant_name}"
    body = f"受理编号{case.number}，{case.unit}推荐。{on}走访记录在“待办”中填写。"
    tell(seats=seats, key=f"visit:{held.pk}:{now.isoformat()}", title=title, body=body, now=now, case=case)


def _tell_visited(case: Declaration, held: Visit, now: datetime) -> None:
    """Tell the chamber and its recommending unit that the case will be visited."""
    body = "互学互促调研组将实地走访，核对申报材料。请备好各项材料原件。"
    seats = [
        *active_seats_at(case.applicant_id, CHAMBER_ROLES),
        *seats_free_for(active_seats_at(case.unit_id, TIER_ROLES), case),
    ]
    title = f"{case.applicant_name}列为实地抽查对象"
    tell(seats=seats, key=f"visited:{held.pk}", title=title, body=body, now=now, case=case)


def leave_teams(*, person: User, cases: Iterable[int], now: datetime) -> None:
    """Take a person who steps back from the teams of open visits; each then waits for a team anew, its record stays.

    Called by whoever notes the recusal, who holds the cases.
    """
    step, mine = STEPS["leave"], VisitMember.objects.filter(person=person)
    rows = Visit.objects.filter(declaration__in=list(cases), state__in=sorted(step.sources), members__in=mine)
    for held in rows.select_related("declaration").select_for_update(of=("self",)).order_by("id"):
        held.members.filter(person=person).delete()
        held.members.update(confirmed_at=None)
        _move(held, step)
        told = {"team": f"{person.name}回避，待另行组成"}
        record(step.event, actor=None, target=held.declaration, at=now, data=told)


# ---- the record


@transaction.atomic
def submit(*, visit: Visit, actor: Seat, now: datetime) -> Visit:
    """Hand the record in: it is fixed, and the one who hands it in stands by it; refuses while something lacks."""
    case, held, step = _begin(visit, "submit", actor)
    if refusals := lacking(submission_of(case, held, now)):
        raise Refused(refusals)
    held.submitted_by, held.submitted_at, held.sent_back = actor, now, ""
    _move(held, step)
    _told(case, step, actor, now)
    others = [member.seat for member in held.members.all() if member.seat_id != actor.pk]
    title = f"请核对走访记录：{case.applicant_name}"
    tell(seats=others, key=f"visit-agree:{held.pk}:{now.isoformat()}", title=title, body="", now=now, case=case)
    return _agree(case, held, actor, now)


def submission_of(case: Declaration, visit: Visit, now: datetime) -> Submission:
    """Return the record of a visit with what it is judged by."""
    programme = programme_of(case.cycle.programme)
    sheet = book_of(case.ledger_id).layer(Layer.PROVINCE)
    return Submission(
        record=record_of(visit),
        items=programme.rubric.items(),
        step=programme.step,
        standing=sheet.points if sheet is not None else {},
        photos=visit.photos.filter(removed_at__isnull=True).count(),
        drawn_on=timezone.localdate(visit.draw.drawn_at or now),
        today=timezone.localdate(now),
    )


@transaction.atomic
def agree(*, visit: Visit, actor: Seat, now: datetime) -> Visit:
    """Stand by a record that a colleague handed in; with the last member's word the visit is confirmed."""
    case, held, step = _begin(visit, "agree", actor)
    if any(member.seat_id == actor.pk and member.confirmed_at for member in held.members.all()):
        raise Refused.because("agreed_already", "您已核对过这份走访记录，等待调研组其他成员核对。", OURS)
    _told(case, step, actor, now)
    return _agree(case, held, actor, now)


def _agree(case: Declaration, held: Visit, actor: Seat, now: datetime) -> Visit:
    """Note one member's word; conclude when all have given it."""
    VisitMember.objects.filter(visit=held, seat=actor).update(confirmed_at=now)
    if not VisitMember.objects.filter(visit=held, confirmed_at__isnull=True).exists():
        _conclude(case, held, actor, now)
    return held


def _conclude(case: Declaration, held: Visit, actor: Seat, now: datetime) -> None:
    programme = programme_of(case.cycle.programme)
    found = gravest(findings_of(record_of(held), programme.rubric.items(), programme.step))
    held.finding, held.confirmed_at = found, now
    _move(held, STEPS["conclude"])
    _told(case, STEPS["conclude"], actor, now, finding=found.label)
    seats = seats_free_for(active_seats_at(national_node().pk, DEPARTMENT_ROLES), case)
    title = f"实地抽查已核定：{case.applicant_name}，{found.label}"
    untrue = "请提出取消认定资格；不提出的，由会员部负责人写明理由。" if found == VisitFinding.UNTRUE else ""
    tell(seats=seats, key=f"visit-done:{held.pk}", title=title, body=untrue, now=now, case=case)


@transaction.atomic
def send_back(*, visit: Visit, reason: str, actor: Seat, now: datetime) -> Visit:
    """Give a record back to the team to be mended, with the reason; every word given on it is void."""
    case, held, step = _begin(visit, "send_back", actor)
    if not reason.strip():
        raise Refused.because("reason_missing", "请写明需要补正的内容。", OURS)
    held.members.update(confirmed_at=None)
    held.sent_back = reason.strip()
    _move(held, step)
    _told(case, step, actor, now, reason)
    seats = [member.seat for member in held.members.all() if member.seat_id != actor.pk]
    title = f"走访记录退回补正：{case.applicant_name}"
    told = {"title": title, "body": f"理由：{reason}", "now": now, "case": case}
    tell(seats=seats, key=f"visit-back:{held.pk}:{now.isoformat()}", **told)
    return held


# ---- the department


@transaction.atomic
def waive(*, visit: Visit, reason: str, actor: Seat, now: datetime) -> Visit:
    """Let a case go unvisited, by the department's head with the reason; what was written stays readable."""
    case, held, step = _begin(visit, "waive", actor)
    if not reason.strip():
        raise Refused.because("reason_missing", "请写明免于走访的理由。", OURS)
    held.waived_by, held.waived_at, held.waive_reason = actor, now, reason.strip()
    _move(held, step)
    _told(case, step, actor, now, reason)
    return held
