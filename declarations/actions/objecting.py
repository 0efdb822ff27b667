"""Objections to names on a public notice: received, admitted or refused, looked into, settled. Not in the notice.

``_move`` alone writes an objection's state, by the table of ``declarations.objections``. Who objects stands in one
table that ``reveal`` alone reads, for the two named officers; no message and no trail entry carries a word of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from declarations import objections as rules
from declarations import store
from declarations.actions.draft.evidence import refusals_of_files, stored_or_gone
from declarations.actions.notify import tell
from declarations.actions.questions import Brought
from declarations.actions.second_person import Confirmed, Prepared, needs_two, prepare
from declarations.actions.transition import lock, perform
from declarations.calendar import add_working_days
from declarations.digests import digest_of
from declarations.models import (
    Cycle,
    Knock,
    NamedOfficer,
    NoticeEntry,
    Objection,
    ObjectionPiece,
    Objector,
    Pending,
    Tip,
)
from declarations.models.announcement import OFFICERS
from declarations.queries.objections import (
    hold_remains,
    investigators_for,
    is_named,
    named_officers,
    officer_choices,
    old_knocks,
    overdue_unflagged,
    tries,
)
from declarations.queries.recusals import seats_free_for
from declarations.second_person import Paired
from declarations.states import ObjectionRefusal, ObjectionState, State
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import active_seats_at, national_node
from sihao.accounts.refusals import Refusal, Refused
from sihao.accounts.roles import DEPARTMENT_ROLES, TIER_ROLES, Role
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.documents.sniff import Sniffed, inspect
from sihao.ui.formats import deadline

MOST_FILES = 3
MAX_BYTES = 10 * 1024 * 1024
CLAUSE = rules.CLAUSE
CLOSED = Refusal("notice_closed", "公示已经结束，不再登记异议。", CLAUSE)
NOT_NAMED = Refusal("not_named", "异议由指定的两名登记人登记和受理。", CLAUSE)
NOT_YOURS = Refusal("not_permitted", "您的席位无权办理这件异议。", CLAUSE)
NOT_OFFICER = Refusal("not_the_officer", "核查情况由指定的核查人登记。", CLAUSE)


@dataclass(frozen=True)
class Objecting:
    """Who objects, and what they say."""

    name: str
    contact: str
    facts: str


# ---- at the public form


@transaction.atomic
def knock(*, form: str, source: str, now: datetime) -> None:
    """Count one try at a public form; refuses where a limit is used up. Called before anything costly is done."""
    if refusal := rules.too_often(form, tries(form, source, now)):
        raise Refused((refusal,))
    Knock.objects.create(form=form, source=source, at=now)


def forget_knocks(*, now: datetime) -> int:
    """Forget the tries that no limit asks about any more."""
    return old_knocks(now, rules.KEPT).delete()[0]


def receive(
    *,
    entry: NoticeEntry,
    by: Objecting,
    token: UUID,
    receipt: str,
    now: datetime,
    files: Sequence[Brought] = (),
) -> Objection:
    """Take a named objection to a name on a notice that runs, with its evidence; the same form sent twice is one.

    Each file is judged by its content before anything is written.
    """
    if known := Objection.objects.filter(token=token).first():
        return known
    if not (by.name.strip() and by.contact.strip() and by.facts.strip()):
        raise Refused.because("objection_lacks", "实名提出异议的，请写明姓名或者单位名称、联系方式和具体事实。")
    if len(files) > MOST_FILES:
        raise Refused.because("too_many_files", f"最多附{MOST_FILES}个文件。")
    with refusals_of_files():
        found = [inspect(one.file, one.name, max_bytes=MAX_BYTES) for one in files]
    with stored_or_gone(*(one.sha256 for one in found)):
        return _receive(entry, by, token, receipt, now, list(zip(files, found, strict=True)))


@transaction.atomic
def _receive(
    entry: NoticeEntry,
    by: Objecting,
    token: UUID,
    receipt: str,
    now: datetime,
    files: list[tuple[Brought, Sniffed]],
) -> Objection:
    case = lock(entry.declaration_id)
    cycle = Cycle.objects.select_for_update(of=("self",)).get(pk=case.cycle_id)
    if not entry.notice.opened_at <= now < entry.notice.closes_at:
        raise Refused((CLOSED,))
    number = (cycle.objections.aggregate(last=Max("number"))["last"] or 0) + 1
    objection = Objection.objects.create(
        cycle=cycle,
        notice=entry.notice,
        declaration=case,
        number=number,
        receipt=receipt,
        token=token,
        facts=by.facts.strip(),
        received_at=now,
        due_at=rules.answer_due(timezone.localtime(now), cycle.objection_days),
    )
    Objector.objects.create(objection=objection, name=by.name.strip(), contact=by.contact.strip())
    for brought, file in {file.sha256: (brought, file) for brought, file in reversed(files)}.values():
        store.keep(brought.file, file.sha256)
        stored = {"digest": file.sha256, "stored": store.place_of(file.sha256), "size": file.size}
        ObjectionPiece.objects.create(objection=objection, name=file.name, kind=file.kind, **stored)
    due = deadline(objection.due_at)
    record(Event.OBJECTION_RECEIVED, actor=None, target=objection, at=now, data={"due": due})
    seats = [one.seat for one in named_officers(cycle)]
    tell(seats=seats, key=f"objection:{objection.pk}", title=f"收到{objection}", body=f"限{due}前答复。", now=now)
    return objection


@transaction.atomic
def receive_tip(*, entry: NoticeEntry, facts: str, token: UUID, now: datetime) -> Tip:
    """Take what somebody without a name says; it stands on a list of its own and has no effect on the procedure."""
    if known := Tip.objects.filter(token=token).first():
        return known
    if not entry.notice.opened_at <= now < entry.notice.closes_at:
        raise Refused((CLOSED,))
    if not facts.strip():
        raise Refused.because("objection_lacks", "请写明线索内容。")
    case = entry.declaration
    return Tip.objects.create(cycle=case.cycle, declaration=case, token=token, facts=facts.strip(), received_at=now)


# ---- the two named officers


@transaction.atomic
def propose_officers(*, cycle: Cycle, seats: Collection[int], actor: Seat, now: datetime) -> Pending:
    """Prepare who are the two named officers, by the head, for a second person of the department."""
    if not allowed(actor, "declarations.name_officers"):
        raise Refused((Refusal("not_permitted", "异议登记人由会员部负责人指定。", CLAUSE),))
    known = dict(officer_choices())
    if len(set(seats)) != OFFICERS or not set(seats) <= known.keys():
        raise Refused((Refusal("two_officers", "请指定会员部两名不同的人员。", CLAUSE),))
    chosen = sorted(seats)
    told = [("异议登记人", "、".join(known[pk] for pk in chosen)), ("权限", "只有这两人可以查看异议人姓名和联系方式")]
    act = Prepared(
        Paired.NAME_OFFICERS, cycle, f"指定{cycle.name}异议登记人", told, {"seats": chosen}, _named(cycle)
    )
    return prepare(prepared=act, cycle=cycle, actor=actor, now=now)


def _named(cycle: Cycle) -> str:
    return digest_of([one.seat_id for one in named_officers(cycle)])


def _name(pending: Pending, actor: Seat, now: datetime) -> None:
    cycle = pending.cycle
    NamedOfficer.objects.filter(cycle=cycle, ended_at__isnull=True).update(ended_at=now)
    by = {"cycle": cycle, "named_by": pending.prepared_by, "confirmed_by": actor, "named_at": now}
    for place, seat in enumerate(pending.payload["seats"], start=1):
        NamedOfficer.objects.create(place=place, seat_id=seat, **by)
    who = "、".join(str(one.seat) for one in named_officers(cycle))
    record(Event.OFFICERS_NAMED, actor=actor, target=cycle, at=now, data={"who": who})


OFFICERS_NAMED = Confirmed(_name, lambda pending: _named(pending.cycle))


@transaction.atomic
def reveal(*, objection: Objection, actor: Seat, now: datetime) -> Objector:
    """Return who objects, to one of the two named officers; each reading leaves an entry in the trail."""
    lock(objection.declaration_id, by=actor)
    if not is_named(actor, objection.cycle_id):
        raise Refused((Refusal("not_named", "异议人姓名和联系方式只有指定的两名登记人可以查看。", CLAUSE),))
    record(Event.OBJECTOR_READ, actor=actor, target=objection, at=now)
    return Objector.objects.get(objection=objection)


@transaction.atomic
def read_tip(*, tip: Tip, remark: str, actor: Seat, now: datetime) -> Tip:
    """Note that a tip was read, and what is thought of it."""
    lock(tip.declaration_id, by=actor)
    if not allowed(actor, "declarations.objections"):
        raise Refused((NOT_YOURS,))
    tip.read_by, tip.read_at, tip.remark = actor, now, remark.strip()[:300]
    tip.save(update_fields=["read_by", "read_at", "remark"])
    record(Event.TIP_READ, actor=actor, target=tip, at=now, reason=tip.remark)
    return tip


@transaction.atomic
def flag_overdue(*, now: datetime) -> int:
    """Flag the objections whose answer is late, each once: word to the named officers, the inquirer and the head."""
    late = list(overdue_unflagged(now).select_for_update(of=("self",)))
    for objection in late:
        objection.flagged_at = now
        objection.save(update_fields=["flagged_at"])
        concerned = {one.seat_id for one in named_officers(objection.cycle)} | {objection.officer_id}
        heads = Q(role=Role.DEPARTMENT_HEAD) | Q(pk__in=concerned)
        seats = seats_free_for(active_seats_at(national_node().pk).filter(heads), objection.declaration)
        body = f"应于{deadline(objection.due_at)}前答复，请尽快办理。"
        key, title = f"objection-overdue:{objection.pk}", f"{objection}逾期未答复"
        tell(seats=seats, key=key, title=title, body=body, now=now, case=objection.declaration)
    return len(late)


# ---- the machine


def _move(objection: Objection, name: str, actor: Seat, now: datetime, data: dict[str, Any], reason: str = "") -> None:
    """Write the state; the only place that does."""
    move = rules.MOVES[name]
    if refusal := rules.overtaken(move, ObjectionState(objection.state)):
        raise Refused((refusal,))
    objection.state = move.target
    if move.target not in rules.OPEN:
        objection.settled_by, objection.settled_at = actor, now
        objection.flagged_at = objection.flagged_at or (now if now > objection.due_at else None)
    objection.save()
    record(move.event, actor=actor, target=objection, at=now, data=data, reason=reason)


def _held(objection: Objection, actor: Seat) -> Objection:
    """Lock the case, then the objection."""
    lock(objection.declaration_id, by=actor)
    found = Objection.objects.select_for_update(of=("self",)).select_related(
        "declaration__cycle", "declaration__unit", "cycle", "officer__user"
    )
    return found.get(pk=objection.pk)


@transaction.atomic
def admit(
    *,
    objection: Objection,
    summary: str,
    officer: int,
    actor: Seat,
    now: datetime,
    shared: Collection[int] = (),
) -> Objection:
    """Admit an objection: its case is held back, an officer who had no part in it looks into it, the unit reports.

    ``summary`` is what everybody else reads, ``shared`` the pieces of evidence that the inquiry may see.
    """
    found = _held(objection, actor)
    if not is_named(actor, found.cycle_id):
        raise Refused((NOT_NAMED,))
    if not summary.strip():
        raise Refused.because("summary_missing", "请写明核查事项，不写异议人的身份。")
    case = found.declaration
    seat = next((one for one in investigators_for(case) if one.pk == officer), None)
    if seat is None:
        words = "核查人须是会员部没有办理过本件、也不应当回避的人员。"
        raise Refused((Refusal("officer_involved", words, CLAUSE),))
    found.summary, found.officer, found.admitted_by, found.admitted_at = summary.strip(), seat, actor, now
    if case.unit_id != seat.organisation_id:
        found.report_due = add_working_days(now, found.cycle.answer_days)
    found.pieces.filter(pk__in=list(shared)).update(shared=True)
    _move(found, "admit", actor, now, {"officer": str(seat)}, found.summary)
    if case.state == State.NOTICE:
        perform(case=case, name="hold", actor=actor, now=now)
    _ask_unit(found, now)
    title = f"请核查{found}"
    tell(seats=[seat], key=f"objection-officer:{found.pk}", title=title, body=found.summary, now=now, case=case)
    return found


def _ask_unit(objection: Objection, now: datetime) -> None:
    if objection.report_due is None:
        return
    case = objection.declaration
    tell(
        seats=seats_free_for(active_seats_at(case.unit_id, TIER_ROLES), case),
        key=f"objection-report:{objection.pk}",
        title=f"请报告{case.applicant_name}的公示异议核查情况",
        body=f"限{deadline(objection.report_due)}前报告。核查事项：{objection.summary}",
        now=now,
        case=case,
    )


@transaction.atomic
def refuse(*, objection: Objection, ground: str, answer: str, actor: Seat, now: datetime) -> Objection:
    """Refuse an objection on one of the grounds, with the answer that the objector reads."""
    found = _held(objection, actor)
    if not is_named(actor, found.cycle_id):
        raise Refused((NOT_NAMED,))
    if ground not in ObjectionRefusal.values:
        raise Refused.because("ground_missing", "请选择不予受理的理由。")
    _answer(found, answer)
    found.refusal = ground
    _move(found, "refuse", actor, now, {"ground": ObjectionRefusal(ground).label})
    return found


def _answer(objection: Objection, answer: str) -> None:
    if not answer.strip():
        raise Refused.because("answer_missing", "请写明给异议人的答复。")
    objection.answer = answer.strip()


@transaction.atomic
def report(*, objection: Objection, text: str, actor: Seat, now: datetime) -> Objection:
    """Keep the recommending unit's report on what is looked into."""
    found = _held(objection, actor)
    if not allowed(actor, "declarations.report_objection", found.declaration) or found.report_due is None:
        raise Refused((Refusal("not_permitted", "由推荐单位报告核查情况。", CLAUSE),))
    if found.state != ObjectionState.ADMITTED:
        raise Refused((Refusal("objection_overtaken", f"本件异议现为“{found.get_state_display()}”。", CLAUSE),))
    if not text.strip():
        raise Refused.because("report_missing", "请写明核查情况。")
    found.report, found.reported_by, found.reported_at = text.strip(), actor, now
    found.save(update_fields=["report", "reported_by", "reported_at"])
    record(Event.OBJECTION_REPORTED, actor=actor, target=found, at=now, reason=found.report)
    if found.officer is not None:
        title = f"{actor.organisation}已报告{found}"
        tell(seats=[found.officer], key=f"objection-reported:{found.pk}", title=title, body="", now=now)
    return found


@transaction.atomic
def investigate(*, objection: Objection, findings: str, actor: Seat, now: datetime) -> Objection:
    """Write down what the inquiry found, by the officer alone, once the unit has reported or its time is over."""
    found = _held(objection, actor)
    if found.officer_id != actor.pk:
        raise Refused((NOT_OFFICER,))
    due = timezone.localtime(found.report_due) if found.report_due else None
    if refusal := rules.report_lacks(found.reported_at, due, now):
        raise Refused((refusal,))
    if not findings.strip():
        raise Refused.because("findings_missing", "请写明核查情况。")
    found.findings, found.investigated_at = findings.strip(), now
    _move(found, "investigate", actor, now, {}, found.findings)
    return found


@transaction.atomic
def propose_outcome(
    *, objection: Objection, outcome: str, answer: str, actor: Seat, now: datetime
) -> Objection | Pending:
    """Settle what was looked into (``uphold`` or ``dismiss``) with the answer; by two persons if the cycle says so."""
    found = _held(objection, actor)
    if found.officer_id != actor.pk:
        raise Refused((NOT_OFFICER,))
    if outcome not in {"uphold", "dismiss"}:
        raise Refused.because("outcome_missing", "请选择异议是否成立。")
    if refusal := rules.overtaken(rules.MOVES[outcome], ObjectionState(found.state)):
        raise Refused((refusal,))
    _answer(found, answer)
    if not needs_two(found.cycle, Paired.SETTLE_OBJECTION):
        return _settle(found, outcome, actor, now)
    label = rules.MOVES[outcome].label
    told = [("所涉商会", found.declaration.applicant_name), ("核查事项", found.summary), ("核查情况", found.findings)]
    told += [("结论", label), ("给异议人的答复", found.answer)]
    payload = {"outcome": outcome, "answer": found.answer}
    act = Prepared(Paired.SETTLE_OBJECTION, found, f"{label}：{found}", told, payload, _stands(found))
    return prepare(prepared=act, cycle=found.cycle, actor=actor, now=now)


def _stands(objection: Objection) -> str:
    return digest_of([objection.state, objection.findings, objection.report])


def _settle(objection: Objection, outcome: str, actor: Seat, now: datetime) -> Objection:
    """Uphold or dismiss; where nothing holds the case any longer it goes back to the notice."""
    _move(objection, outcome, actor, now, {})
    case = lock(objection.declaration_id)
    dismissed = outcome == "dismiss"
    if dismissed and case.state == State.OBJECTION_HOLD and not hold_remains(objection):
        perform(case=case, name="release_hold", actor=actor, now=now)
    seats = active_seats_at(actor.organisation_id, DEPARTMENT_ROLES)
    onward = "" if dismissed else "请提出取消认定资格，或者提请主席办公会议重新审议。"
    told = {"title": f"{objection}：{objection.get_state_display()}", "body": onward, "case": case}
    tell(seats=seats_free_for(seats, case), key=f"objection-settled:{objection.pk}", now=now, **told)
    return objection


def _settle_confirmed(pending: Pending, actor: Seat, now: datetime) -> Objection:
    found = _held(Objection.objects.get(pk=pending.subject_id), actor)
    found.answer = pending.payload["answer"]
    return _settle(found, pending.payload["outcome"], actor, now)


OUTCOME = Confirmed(
    _settle_confirmed, lambda pending: _stands(Objection.objects.get(pk=pending.subject_id))
)
