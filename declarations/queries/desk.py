"""The worklist of a seat: due, mine, others'."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils import timezone

from declarations.models import (
    Agenda,
    Batch,
    Consultation,
    Cycle,
    Declaration,
    ExpertReview,
    Pending,
    Question,
    Visit,
)
from declarations.queries.acts import is_withheld, state_words
from declarations.queries.campaign import waiting_above, waiting_findings
from declarations.queries.cases import cases_visible_to, handed_on_by, held_by
from declarations.queries.clock import overdue_below
from declarations.queries.consultations import waiting_talks
from declarations.queries.cycles import held_count
from declarations.queries.deadlines import deadlines_for, tier_of
from declarations.queries.lists_page import is_unit
from declarations.queries.next_steps import next_steps
from declarations.queries.objections import waiting_objections
from declarations.queries.offers import offers_to
from declarations.queries.outbox import drafts_of
from declarations.queries.questions import waiting_questions
from declarations.queries.recusals import without_recused
from declarations.queries.second_look import looks_waiting
from declarations.queries.second_person import is_preparer, waiting_for
from declarations.queries.titles import waiting_inquiries
from declarations.queries.visits import teamless, untrue_visits, visits_to_make
from declarations.queries.withdrawals import waiting_withdrawals
from declarations.states import (
    SHEETS_COUNTED,
    SHEETS_GONE,
    SHEETS_OPEN,
    SHEETS_WRITABLE,
    BatchState,
    FindingState,
    SheetState,
    State,
    VisitState,
)
from sihao.accounts.models import Seat
from sihao.accounts.paging import first_of
from sihao.accounts.permissions import allowed
from sihao.accounts.roles import CHAMBER_ROLES, DEPARTMENT_ROLES, TIER_ROLES, Level, Role

SHOWN = 20


@dataclass(frozen=True)
class Task:
    """One line of the worklist: what, where, state in words, holder, since, due, and the next act as its one button."""

    title: str
    note: str
    state: str
    since: datetime | None
    due: datetime | None
    url: str
    verb: str
    holder: str = ""
    extended: bool = False
    papers: str = ""


@dataclass(frozen=True)
class Desk:
    """The groups of the worklist, and what leads further; ``overdue`` is what others let pass below the seat.

    ``held`` is how many cases wait for the seat's organisation, ``shown`` how many of them stand here.
    """

    overdue: list[Task] = field(default_factory=list)
    closes: datetime | None = None
    tier: str = ""
    urgent: list[Task] = field(default_factory=list)
    waiting: list[Task] = field(default_factory=list)
    elsewhere: list[Task] = field(default_factory=list)
    held: int = 0
    shown: int = 0
    may_start: bool = False
    empty: str = ""


def desk_of(seat: Seat, cycle: Cycle, now: datetime) -> Desk:
    """Return the worklist of a seat; a fixed number of queries whatever it holds."""
    if seat.role in CHAMBER_ROLES:
        return _chamber_desk(seat, cycle)
    if seat.role in {Role.EXPERT, Role.GROUP_HEAD}:
        return _expert_desk(seat)
    if seat.role == Role.MEETING_SECRETARY:
        return _secretary_desk(seat, cycle)
    if seat.role == Role.SUPERVISION:
        return Desk(waiting=_pending_tasks(seat), empty="需要监督人员确认的事项将列在这里。")
    if seat.role in TIER_ROLES | DEPARTMENT_ROLES:
        return _office_desk(seat, cycle, now)
    return Desk(empty="您的席位没有办理事项，请从左侧栏目进入。")


VERBS = {
    State.DRAFT: "继续填写",
    State.RETURNED: "修改",
    State.LOCAL_REVIEW: "审核",
    State.SHORTLISTED: "查看",
    State.RECOMMENDED: "查看",
    State.PRELIMINARY_REVIEW: "初审",
    State.EXPERT_REVIEW: "查看",
}
LEADS = {
    State.DRAFT: "declarations:form",
    State.RETURNED: "declarations:return_slip",
    State.LOCAL_REVIEW: "declarations:review",
    State.PRELIMINARY_REVIEW: "declarations:preliminary",
}


def _task(seat: Seat, case: Declaration, *, mine: bool) -> Task:
    state = State(case.state)
    name = LEADS.get(state, "declarations:case") if mine else "declarations:case"
    verb = VERBS.get(state, "查看")
    if state == State.PRELIMINARY_REVIEW and seat.role not in DEPARTMENT_ROLES:
        name, verb = ("declarations:consultation" if mine else name), "说明"
    if case.awaited_by_id is not None and state == State.LOCAL_REVIEW:
        name, verb = ("declarations:delta" if mine else name), "核对"
    withheld = is_withheld(seat, case)
    return Task(
        title=case.applicant_name,
        note=" · ".join(part for part in (case.number, _place(seat, case)) if part),
        state=state_words(seat, case),
        since=None if withheld else case.held_since,
        due=None if withheld else case.due_at,
        url=reverse(name, args=[case.pk]),
        verb=verb if mine else "查看",
        holder="" if withheld or case.holder is None else str(case.holder),
        extended=case.is_extended and not withheld,
        papers=reverse("declarations:case_papers", args=[case.pk]),
    )


def _place(seat: Seat, case: Declaration) -> str:
    """Return where a case is from, unless that is the viewer's own place or its holder's, printed anyway."""
    if seat.role in CHAMBER_ROLES:
        return case.cycle.name
    return "" if case.home_id in (seat.organisation_id, case.holder_id) else case.home.name


def _chamber_desk(seat: Seat, cycle: Cycle) -> Desk:
    cases = list(cases_visible_to(seat).filter(cycle=cycle).order_by("-id")[:SHOWN])
    mine = [case for case in cases if case.holder_id == seat.organisation_id]
    others = [case for case in cases if case.holder_id != seat.organisation_id]
    started = any(case.state != State.WITHDRAWN for case in cases)
    return Desk(
        waiting=(asked := _inquiry_tasks(seat) + _question_tasks(seat)[0])
        + [_task(seat, case, mine=True) for case in mine],
        elsewhere=[_task(seat, case, mine=False) for case in others],
        held=len(mine) + len(asked),
        may_start=not started,
        empty="贵会尚未申报。点“开始申报”后，申报将列在这里。",
    )


def _office_desk(seat: Seat, cycle: Cycle, now: datetime) -> Desk:
    tonight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    mine = list(first_of(held_by(seat), 2 * SHOWN))
    urgent = [case for case in mine if case.due_at is not None and case.due_at <= tonight][:SHOWN]
    waiting = mine[len(urgent) :][:SHOWN]
    late = list(first_of(overdue_below(seat, now).filter(cycle=cycle), SHOWN))
    own = deadlines_for(cycle, seat.organisation)
    to_answer, asked = _question_tasks(seat)
    pending = waiting_for(seat)
    return Desk(
        urgent=[_task(seat, case, mine=True) for case in urgent],
        overdue=[_late_task(seat, case) for case in late],
        closes=own.tier(seat.organisation.level, cycle.opens_at),
        tier=tier_of(seat.organisation.level).label,
        waiting=[
            *(_pending_task(seat, one) for one in pending[:SHOWN]),
            *_next_tasks(seat, cycle, {one.act for one in pending}, now),
            *_letter_tasks(seat),
            *to_answer,
            *_look_tasks(seat),
            *_talk_tasks(seat),
            *_withdrawal_tasks(seat),
            *_objection_tasks(seat, now),
            *_batch_tasks(seat, cycle),
            *_visit_tasks(seat, cycle),
            *_campaign_tasks(seat),
            *(_task(seat, case, mine=True) for case in waiting),
        ],
        elsewhere=asked + [_task(seat, case, mine=False) for case in _elsewhere(seat, {case.pk for case in late})],
        held=held_count(seat, cycle),
        shown=len(urgent) + len(waiting),
        empty="下级报来的申报将列在这里。",
    )


def _campaign_tasks(seat: Seat) -> list[Task]:
    """Return what waits for a tier in the programmes that federations run: findings, and what was sent up."""
    if seat.role not in TIER_ROLES:
        return []
    if seat.organisation.level == Level.PROVINCE:
        return [
            Task(
                title=f"{one.declaration.unit}择优上报{one.declaration.applicant_name}",
                note=one.declaration.cycle.title,
                state=one.get_state_display(),
                since=one.sent_at,
                due=None,
                url=reverse("declarations:sent_up_case", args=[one.declaration_id]),
                verb="办理",
            )
            for one in waiting_above(seat)[:SHOWN]
        ]
    return [
        Task(
            title=f"督查问题：{one.organisation}，指标{one.code}",
            note=one.cycle.title,
            state=one.get_state_display(),
            since=one.found_at if one.state == FindingState.OPEN else one.rectified_at,
            due=one.due_at,
            url=reverse("declarations:inspection_finding", args=[one.cycle_id, one.organisation_id, one.pk]),
            verb="整改" if one.state == FindingState.OPEN else "核查",
        )
        for one in waiting_findings(seat)[:SHOWN]
    ]


def _elsewhere(seat: Seat, late: set[int]) -> list[Declaration]:
    """Return what others hold in time; what is overdue stands in a group of its own."""
    return [case for case in first_of(handed_on_by(seat), SHOWN + len(late)) if case.pk not in late][:SHOWN]


def _late_task(seat: Seat, case: Declaration) -> Task:
    """Return an overdue case below the seat: who has it, and taking it over where that is the seat's."""
    task = _task(seat, case, mine=False)
    if not allowed(seat, "declarations.take_over", case):
        return task
    url = reverse("declarations:step", kwargs={"pk": case.pk, "name": "take_over"})
    return replace(task, url=url, verb="接办")


def _objection_tasks(seat: Seat, now: datetime) -> list[Task]:
    """Return the objections that wait for the seat: to be registered, looked into or reported on."""
    if not is_unit(seat.organisation):
        return []
    return [
        Task(
            title=str(one),
            note=f"{one.declaration.unit}推荐",
            state=one.get_state_display(),
            since=one.received_at,
            due=one.report_due if seat.role in TIER_ROLES else one.due_at,
            url=reverse("declarations:objection", args=[one.pk]),
            verb="报告" if seat.role in TIER_ROLES else "办理",
        )
        for one in waiting_objections(seat, now)
    ]


def _inquiry_tasks(seat: Seat) -> list[Task]:
    """Return the inquiries into titles that wait for the seat: the chamber's statement, the meeting's word."""
    secretary = seat.role == Role.MEETING_SECRETARY
    return [
        Task(
            title=f"{one.recognition.name}：撤销认定" if secretary else "贵会认定事项正在核查",
            note=one.recognition.number,
            state=one.get_state_display(),
            since=one.proposed_at if secretary else one.opened_at,
            due=None if secretary else one.statement_due,
            url=reverse("declarations:title", args=[one.recognition_id]),
            verb="登记审议结果" if secretary else "陈述意见",
        )
        for one in waiting_inquiries(seat)
    ]


def _letter_tasks(seat: Seat) -> list[Task]:
    """Return one line for the letters on decisions that wait for a person."""
    waiting = drafts_of(seat).count()
    if not waiting:
        return []
    url = reverse("declarations:outbox")
    note = "决定作出后，须由本单位人员核对并发出"
    return [Task(f"待发出的决定通知{waiting}封", note, "待发出", None, None, url, "核对")]


def _question_tasks(seat: Seat) -> tuple[list[Task], list[Task]]:
    """Return the questions that the office has to answer or has an answer to, and those that wait for somebody else."""
    found = list(waiting_questions(seat)[: 2 * SHOWN])
    own = [one for one in found if one.organisation_id == seat.organisation_id and one.answered_at is None]
    here = [_question_task(seat, one) for one in found if one not in own]
    return here[:SHOWN], [_question_task(seat, one) for one in own[:SHOWN]]


def _question_task(seat: Seat, question: Question) -> Task:
    mine = question.addressee_id == seat.organisation_id
    other = f"{question.organisation}询问" if mine else f"询问{question.addressee}"
    return Task(
        title=question.declaration.applicant_name,
        note=" · ".join(part for part in (question.declaration.number, other, question.label) if part),
        state="询问待答复" if question.answered_at is None else "询问已答复",
        since=question.answered_at or question.asked_at,
        due=question.due_at if question.answered_at is None else None,
        url=f"{reverse('declarations:questions', args=[question.declaration_id])}#question-{question.pk}",
        verb="答复" if mine else "查看",
    )


def _talk_tasks(seat: Seat) -> list[Task]:
    """Return the proposed disqualifications that wait for the seat's office."""
    return [_talk_task(seat, one) for one in waiting_talks(seat)[:SHOWN]]


def _talk_task(seat: Seat, talk: Consultation) -> Task:
    case, answered = talk.declaration, talk.answered_at is not None
    return Task(
        title=case.applicant_name,
        note=f"{case.number} · {talk.get_ground_display()}",
        state="取消资格意见已答复" if answered else "取消资格意见待答复",
        since=talk.answered_at or talk.opened_at,
        due=None if answered else talk.due_at,
        url=reverse("declarations:consultation", args=[case.pk]),
        verb="办理" if answered else "答复",
    )


def _withdrawal_tasks(seat: Seat) -> list[Task]:
    """Return the requests to withdraw that wait for the seat: the unit's leader first, then the department."""
    if not is_unit(seat.organisation):
        return []
    return [
        Task(
            title=one.declaration.applicant_name,
            note=f"{one.declaration.number} · 申请撤回申报",
            state=str(one),
            since=one.unit_at or one.asked_at,
            due=one.settle_due if one.agreed else one.unit_due,
            url=reverse("declarations:withdrawal", args=[one.declaration_id]),
            verb="办理",
        )
        for one in waiting_withdrawals(seat)[:SHOWN]
    ]


def _look_tasks(seat: Seat) -> list[Task]:
    """Return the requests to look again that the seat's office has to decide."""
    return [
        Task(
            title=look.declaration.applicant_name,
            note=f"{look.declaration.number} · 不予推荐由{look.declined_by.user.name}办理",
            state="申请复核",
            since=look.asked_at,
            due=None,
            url=reverse("declarations:case", args=[look.declaration_id]),
            verb="复核",
        )
        for look in looks_waiting(seat)
    ]


def _pending_tasks(seat: Seat) -> list[Task]:
    """Return the acts of the office that wait for a second person; who prepared one is not asked to confirm it."""
    return [_pending_task(seat, pending) for pending in waiting_for(seat)[:SHOWN]]


def _pending_task(seat: Seat, pending: Pending) -> Task:
    return Task(
        title=pending.title,
        note=f"{pending.prepared_by.signature}拟办",
        state=pending.get_state_display(),
        since=pending.prepared_at,
        due=None,
        url=reverse("declarations:pending", args=[pending.pk]),
        verb="查看" if is_preparer(seat, pending) else "确认",
    )


def _next_tasks(seat: Seat, cycle: Cycle, begun: set[str], now: datetime) -> list[Task]:
    """Return what the department does next with what came so far."""
    if seat.role not in DEPARTMENT_ROLES:
        return []
    steps = next_steps(seat, cycle, begun, now)
    return [Task(one.title, one.note, one.state, one.since, None, one.url, one.verb) for one in steps]


def _visit_tasks(seat: Seat, cycle: Cycle) -> list[Task]:
    """Return the spot checks that wait: for the department those without a team or found untrue, else the own."""
    if seat.role in DEPARTMENT_ROLES:
        return [_visit_task(one) for one in (*untrue_visits(seat, cycle)[:SHOWN], *teamless(seat, cycle)[:SHOWN])]
    return [_visit_task(one) for one in visits_to_make(seat)[:SHOWN]]


VISIT_VERBS = {
    VisitState.DRAWN: ("实地抽查，待组成调研组", "组成调研组", "declarations:visit_team"),
    VisitState.ASSIGNED: ("实地走访", "填写走访记录", "declarations:visit_record"),
    VisitState.VISITED: ("走访记录待核对", "核对", "declarations:visit"),
    VisitState.CONFIRMED: ("实地抽查核定为不实", "处理", "declarations:visit"),
}


def _visit_task(visit: Visit) -> Task:
    state, verb, name = VISIT_VERBS[VisitState(visit.state)]
    moments = {VisitState.DRAWN: visit.draw.drawn_at, VisitState.ASSIGNED: visit.assigned_at}
    planned = f"拟{visit.planned_on.month}月{visit.planned_on.day}日走访" if visit.planned_on else ""
    return Task(
        title=visit.declaration.applicant_name,
        note=" · ".join(part for part in (visit.declaration.number, planned) if part),
        state=state,
        since=moments.get(VisitState(visit.state), visit.confirmed_at or visit.submitted_at),
        due=None,
        url=reverse(name, args=[visit.pk]),
        verb=verb,
    )


LIST_VERBS = {
    BatchState.FROZEN: "登记研究结果",
    BatchState.MEETING_HELD: "备盖章材料",
    BatchState.SEALED: "上报",
    BatchState.SENT_BACK: "补正",
}
"""What the unit does next with its list; the department accepts one that came up."""


def _batch_tasks(seat: Seat, cycle: Cycle) -> list[Task]:
    """Return the lists that wait for the seat: its unit's own, and for the department those that came up."""
    if not is_unit(seat.organisation):
        return []
    waiting = Q(unit=seat.organisation_id, state__in=sorted(LIST_VERBS))
    if seat.role in DEPARTMENT_ROLES:
        waiting |= Q(state=BatchState.UPLOADED)
    batches = Batch.objects.filter(waiting, cycle=cycle).select_related("unit", "prepared_by").defer("listing")
    return [_batch_task(batch) for batch in batches.order_by("uploaded_at")[:SHOWN] if _is_ones_turn(seat, batch)]


def _is_ones_turn(seat: Seat, batch: Batch) -> bool:
    """Return whether a sealed list waits for the seat: who sends it up is a leader, and not who prepared it."""
    if batch.state != BatchState.SEALED or batch.prepared_by is None:
        return True
    return allowed(seat, "declarations.upload_batch", batch) and not {*batch.prepared_by.people} & {*seat.people}


def _batch_task(batch: Batch) -> Task:
    moments = {BatchState.UPLOADED: batch.uploaded_at, BatchState.SEALED: batch.sealed_at}
    return Task(
        title=f"{batch.unit}推荐名单",
        note=batch.receipt or f"第{batch.version}版",
        state=batch.get_state_display(),
        since=moments.get(batch.state, batch.frozen_at),
        due=None,
        url=reverse("declarations:batch", args=[batch.pk]),
        verb=LIST_VERBS.get(batch.state, "接收"),
    )


def _expert_desk(seat: Seat) -> Desk:
    mine = without_recused(ExpertReview.objects.filter(expert=seat), seat, "declaration")
    reviews = mine.select_related("declaration", "declaration__cycle")
    reviews = reviews.defer("declaration__cycle__notice_text").exclude(state__in=sorted(SHEETS_GONE))
    rows = list(reviews.order_by(_open_first(), "id")[:100])
    offered = [_offer_task(seat, count)] if (count := offers_to(seat).count()) else []
    tasks = [(review, _sheet_task(review)) for review in rows if review.state != SheetState.OFFERED]
    scoring = [task for review, task in tasks if _is_to_score(review)]
    signing = _signing_tasks(seat) if seat.role == Role.GROUP_HEAD else []
    return Desk(
        waiting=[*offered, *scoring, *signing],
        elsewhere=[task for review, task in tasks if review.state in SHEETS_COUNTED],
        held=len(offered) + len(scoring) + len(signing),
        empty="会员部分派评审对象后，将列在这里。",
    )


def _is_to_score(review: ExpertReview) -> bool:
    """Return whether a sheet waits to be scored: it is open, and its case still before the experts."""
    return review.state in SHEETS_WRITABLE and review.declaration.state == State.EXPERT_REVIEW


def _open_first() -> Case:
    return Case(When(state__in=sorted(SHEETS_OPEN), then=Value(0)), default=Value(1))


def _offer_task(seat: Seat, count: int) -> Task:
    """Return the one line for all cases that wait to be taken; none is named before the pledge."""
    first = offers_to(seat).order_by("assigned_at", "id").first()
    return Task(
        title=f"{count}件申报请您评审",
        note="接受前须作出公正和保密承诺",
        state=SheetState.OFFERED.label,
        since=first.assigned_at if first else None,
        due=None,
        url=reverse("declarations:offers"),
        verb="接受或者谢绝",
    )


def _sheet_task(review: ExpertReview) -> Task:
    done = review.state in SHEETS_COUNTED
    return Task(
        title=review.declaration.applicant_name,
        note=review.declaration.number,
        state=review.get_state_display(),
        since=review.confirmed_at if done else review.assigned_at,
        due=None if done else review.declaration.due_at,
        url=reverse("declarations:sheet", args=[review.declaration_id]),
        verb="查看" if done else "重新评分" if review.state == SheetState.REOPENED else "评分",
    )


def _signing_tasks(seat: Seat) -> list[Task]:
    """Return the cases whose sheets are all in and which wait for the group's agreed marks and the signature."""
    waiting = Exists(ExpertReview.objects.filter(declaration=OuterRef("pk"), state__in=sorted(SHEETS_OPEN)))
    cases = cases_visible_to(seat).filter(~waiting, state=State.EXPERT_REVIEW)
    return [
        Task(
            title=case.applicant_name,
            note=case.number,
            state="待商定并签署",
            since=case.held_since,
            due=case.due_at,
            url=reverse("declarations:agreed", args=[case.pk]),
            verb="商定",
        )
        for case in cases.order_by("id")[:SHOWN]
    ]


def _secretary_desk(seat: Seat, cycle: Cycle) -> Desk:
    agendas = list(Agenda.objects.filter(cycle=cycle).order_by("-number")[:SHOWN])
    tasks = [(agenda.decided_at is None, _agenda_task(agenda)) for agenda in agendas]
    return Desk(
        waiting=[task for waiting, task in tasks if waiting] + (inquiries := _inquiry_tasks(seat)),
        elsewhere=[task for waiting, task in tasks if not waiting],
        held=sum(waiting for waiting, _ in tasks) + len(inquiries),
        empty="会员部提请主席办公会议审议后，议程将列在这里。",
    )


def _agenda_task(agenda: Agenda) -> Task:
    waiting = agenda.decided_at is None
    return Task(
        title=f"主席办公会议第{agenda.number}次审议",
        note=f"名单摘要值{agenda.digest[:12]}",
        state="待审议" if waiting else "已审议",
        since=agenda.frozen_at if waiting else agenda.decided_at,
        due=None,
        url=reverse("declarations:agenda", args=[agenda.pk]),
        verb="登记审议结果" if waiting else "查看",
    )
