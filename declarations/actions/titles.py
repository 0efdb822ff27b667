"""The life of a title: renewed or expired with the next list, given up, suspended, revoked. Not in the notice.

``_move`` and ``end_earlier_titles`` alone write a title's state, by the table of ``declarations.titles``.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from declarations import titles as rules
from declarations.actions.notify import draft_letter, tell
from declarations.actions.second_person import Confirmed, Prepared, needs_two, prepare
from declarations.actions.transition import lock
from declarations.calendar import add_working_days
from declarations.digests import digest_of
from declarations.models import Inquiry, Pending, Publication, Recognition, Relinquishment
from declarations.models.title import GOING_ON
from declarations.notices import REVOKED_TO_CHAMBER, REVOKED_TO_UNIT
from declarations.queries.corrections import is_over
from declarations.queries.recusals import seats_free_for
from declarations.second_person import Paired
from declarations.states import InquiryState, RevocationGround, TitleState
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import active_seats_at, national_node
from sihao.accounts.refusals import Refusal, Refused
from sihao.accounts.roles import CHAMBER_ROLES, DEPARTMENT_ROLES, Role
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.ui.formats import deadline

CLAUSE = rules.CLAUSE


def _refuse(code: str, sentence: str) -> None:
    raise Refused((Refusal(code, sentence, CLAUSE),))


def _demand(actor: Seat, permission: str, sentence: str) -> None:
    if not allowed(actor, permission):
        _refuse("not_permitted", sentence)


def _move(recognition: Recognition, name: str) -> None:
    """Write the state of a title; the caller saves what else changes and leaves the trail."""
    move = rules.TITLE_MOVES[name]
    if refusal := rules.refused(move, TitleState(recognition.state)):
        raise Refused((refusal,))
    recognition.state = move.target
    recognition.save()


def _title(pk: int, actor: Seat) -> Recognition:
    """Lock the case of a title, then the title."""
    case = Recognition.objects.values_list("declaration_id", flat=True).get(pk=pk)
    lock(case, by=actor)
    named = ("cycle", "declaration__applicant", "declaration__unit", "declaration__cycle")
    return Recognition.objects.select_for_update(of=("self",)).select_related(*named).get(pk=pk)


def _inquiry(inquiry: Inquiry, actor: Seat) -> tuple[Inquiry, Recognition]:
    title = _title(inquiry.recognition_id, actor)
    return Inquiry.objects.select_for_update(of=("self",)).get(pk=inquiry.pk), title


def _step(inquiry: Inquiry, name: str) -> None:
    """Write the state of an inquiry; saving is the caller's."""
    move = rules.INQUIRY_MOVES[name]
    if refusal := rules.inquiry_refused(move, InquiryState(inquiry.state)):
        raise Refused((refusal,))
    inquiry.state = move.target


# ---- with the next list


def end_earlier_titles(*, publication: Publication, actor: Seat, now: datetime) -> None:
    """End the titles of the cycles before: renewed for who is on the new list, else expired; two statements."""
    cycle = publication.cycle
    earlier = Recognition.objects.filter(cycle__workflow=cycle.workflow, cycle__opens_at__lt=cycle.opens_at)
    again = publication.recognitions.values("declaration__applicant")
    renewed = _become("renew", earlier.filter(declaration__applicant__in=again))
    expired = _become("expire", earlier)
    if renewed or expired:
        data = {"expired": expired, "renewed": renewed}
        record(Event.TITLES_OVER, actor=actor, target=cycle, at=now, data=data)


def _become(name: str, titles: QuerySet[Recognition]) -> int:
    move = rules.TITLE_MOVES[name]
    return titles.filter(state__in=sorted(move.sources)).update(state=move.target)


# ---- inquiry and revocation


@transaction.atomic
def open_inquiry(
    *, recognition: Recognition, ground: str, facts: str, suspend: bool, actor: Seat, now: datetime
) -> Inquiry:
    """Open an inquiry into a title on one of the grounds; the chamber may state its case within its term."""
    _demand(actor, "declarations.inquire", "认定核查由会员部立项。")
    title = _title(recognition.pk, actor)
    if ground not in RevocationGround.values or not facts.strip():
        _refuse("ground_missing", "请选择事由并写明具体情况。")
    if title.inquiries.filter(state__in=GOING_ON).exists():
        _refuse("inquiry_open", "这项认定正在核查。")
    if title.state not in rules.INQUIRED or title.published_at is None:
        _refuse("title_state", f"证书效力现为“{title.get_state_display()}”，不能立项核查。")
    inquiry = Inquiry.objects.create(
        recognition=title,
        ground=ground,
        facts=facts.strip(),
        opened_by=actor,
        opened_at=now,
        statement_due=add_working_days(now, title.cycle.statement_days),
    )
    label = RevocationGround(ground).label
    record(Event.INQUIRY_OPENED, actor=actor, target=title, at=now, data={"ground": label}, reason=inquiry.facts)
    if suspend:
        _move(title, "suspend")
        record(Event.TITLE_SUSPENDED, actor=actor, target=title, at=now)
    _tell_chamber(inquiry, title, now)
    return inquiry


def _tell_chamber(inquiry: Inquiry, title: Recognition, now: datetime) -> None:
    body = f"事由：{inquiry.get_ground_display()}。{inquiry.facts}\n请于{deadline(inquiry.statement_due)}前陈述意见。"
    seats = active_seats_at(title.declaration.applicant_id, CHAMBER_ROLES)
    heading, case = "贵会认定事项正在核查，请陈述意见", title.declaration
    tell(seats=seats, key=f"inquiry:{inquiry.pk}", title=heading, body=body, now=now, case=case)


@transaction.atomic
def give_statement(*, inquiry: Inquiry, text: str, actor: Seat, now: datetime) -> Inquiry:
    """Keep the chamber's statement, by its president, while its term runs and nothing was proposed."""
    found, title = _inquiry(inquiry, actor)
    own = actor.organisation_id == title.declaration.applicant_id
    if not own or not allowed(actor, "declarations.give_statement"):
        _refuse("not_permitted", "由商会会长陈述意见。")
    if found.state != InquiryState.OPEN or now >= found.statement_due:
        _refuse("statement_too_late", f"陈述期限已于{deadline(found.statement_due)}届满。")
    if not text.strip():
        _refuse("statement_missing", "请写明陈述意见。")
    found.statement, found.stated_by, found.stated_at = text.strip(), actor, now
    found.save(update_fields=["statement", "stated_by", "stated_at"])
    record(Event.STATEMENT_GIVEN, actor=actor, target=title, at=now, reason=found.statement)
    return found


@transaction.atomic
def propose_revocation(*, inquiry: Inquiry, text: str, actor: Seat, now: datetime) -> Inquiry:
    """Propose to the chairman's meeting that a title be revoked, once the chamber was heard or its term is over."""
    _demand(actor, "declarations.inquire", "撤销认定由会员部提出建议。")
    found, title = _inquiry(inquiry, actor)
    if not text.strip():
        _refuse("proposal_missing", "请写明撤销认定的建议和依据。")
    if found.stated_at is None and now < found.statement_due:
        _refuse("chamber_not_heard", f"须先听取商会陈述：等待陈述至{deadline(found.statement_due)}。")
    found.proposal, found.proposed_by, found.proposed_at = text.strip(), actor, now
    _step(found, "propose")
    found.save()
    record(Event.REVOCATION_PROPOSED, actor=actor, target=title, at=now, reason=found.proposal)
    seats = active_seats_at(national_node().pk, {Role.MEETING_SECRETARY})
    heading = f"{title.name}撤销认定提请主席办公会议审议"
    told = {"title": heading, "body": found.proposal, "case": title.declaration}
    tell(seats=seats_free_for(seats, title.declaration), key=f"revocation:{found.pk}", now=now, **told)
    return found


@dataclass(frozen=True)
class MeetingRecord:
    """What the chairman's meeting said of a proposal to revoke."""

    on: date
    present: str
    minutes: str


@transaction.atomic
def decide_revocation(
    *, inquiry: Inquiry, meeting: MeetingRecord, revoke: bool, actor: Seat, now: datetime
) -> Inquiry:
    """Register what the chairman's meeting decided on a proposal; refused, the title is as it was before."""
    _demand(actor, "declarations.decide", "由主席办公会议秘书登记审议结果。")
    found, title = _inquiry(inquiry, actor)
    if not (meeting.present.strip() and meeting.minutes.strip()):
        _refuse("minutes_missing", "请登记出席人员和会议纪要。")
    if meeting.on > timezone.localdate(now):
        _refuse("meeting_ahead", "会议日期不能晚于今天。")
    if found.proposed_at is not None and meeting.on < timezone.localdate(found.proposed_at):
        _refuse("meeting_before", "会议日期不能早于提出建议的日期。")
    found.meeting_on, found.present, found.minutes = meeting.on, meeting.present.strip(), meeting.minutes.strip()
    found.decided_by, found.decided_at = actor, now
    result = "撤销认定" if revoke else "不予撤销"
    data = {"on": meeting.on.isoformat(), "result": result}
    if revoke:
        _step(found, "decide")
        found.save()
    else:
        _close(found, title, meeting.minutes.strip(), actor, now)
    record(Event.REVOCATION_DECIDED, actor=actor, target=title, at=now, data=data)
    return found


@transaction.atomic
def close_inquiry(*, inquiry: Inquiry, reason: str, actor: Seat, now: datetime) -> Inquiry:
    """End an inquiry without revoking, by the head, with the reason; a suspended title is in force again."""
    _demand(actor, "declarations.publish", "由会员部负责人办结核查。")
    found, title = _inquiry(inquiry, actor)
    if not reason.strip():
        _refuse("reason_missing", "请写明不予撤销的理由。")
    _close(found, title, reason.strip(), actor, now)
    record(Event.INQUIRY_CLOSED, actor=actor, target=title, at=now, reason=reason.strip())
    return found


def _close(inquiry: Inquiry, title: Recognition, reason: str, actor: Seat, now: datetime) -> None:
    _step(inquiry, "close")
    inquiry.ended_by, inquiry.ended_at, inquiry.end_reason = actor, now, reason
    inquiry.save()
    if title.state == TitleState.SUSPENDED:
        _move(title, "lapse" if is_over(title.cycle) else "reinstate")
        record(Event.TITLE_REINSTATED, actor=actor, target=title, at=now)


@transaction.atomic
def order_revocation(*, inquiry: Inquiry, actor: Seat, now: datetime) -> Inquiry | Pending:
    """Publish a revocation that the meeting decided; by two persons where the cycle says so."""
    found, title = _inquiry(inquiry, actor)
    two = needs_two(title.cycle, Paired.REVOKE_TITLE)
    _demand(actor, "declarations.inquire" if two else "declarations.publish", "撤销认定由会员部公布。")
    if refusal := rules.inquiry_refused(rules.INQUIRY_MOVES["revoke"], InquiryState(found.state)):
        raise Refused((refusal,))
    if not two:
        return _revoke(found, title, actor, now)
    told = [
        ("商会", title.name),
        ("证书编号", title.number),
        ("事由", found.get_ground_display()),
        ("主席办公会议", f"{found.meeting_on:%Y-%m-%d}决定撤销"),
        ("公布后", f"证书查验显示“已撤销”，收回牌匾和证书，其后{title.cycle.barred_cycles}个周期不得申报"),
    ]
    act = Prepared(Paired.REVOKE_TITLE, found, f"公布撤销认定：{title.name}", told, basis=_stands(found))
    return prepare(prepared=act, cycle=title.cycle, actor=actor, now=now)


def _stands(inquiry: Inquiry) -> str:
    return digest_of([inquiry.state, inquiry.minutes, str(inquiry.meeting_on)])


def _revoke(inquiry: Inquiry, title: Recognition, actor: Seat, now: datetime) -> Inquiry:
    _step(inquiry, "revoke")
    inquiry.ended_by, inquiry.ended_at = actor, now
    inquiry.save()
    title.revoked_at, title.revoked_why = now, inquiry.get_ground_display()
    title.barred_cycles = title.cycle.barred_cycles
    _move(title, "revoke")
    record(Event.TITLE_REVOKED, actor=actor, target=title, at=now, data={"number": title.number})
    case = title.declaration
    told = {"case": case, "decision": f"revoke:{inquiry.pk}", "actor": actor, "now": now}
    for letter, to in ((REVOKED_TO_CHAMBER, case.applicant), (REVOKED_TO_UNIT, case.unit)):
        draft_letter(letter=letter, to=to, reason=title.revoked_why, **told)
    return inquiry


def _revoke_confirmed(pending: Pending, actor: Seat, now: datetime) -> Inquiry:
    found, title = _inquiry(Inquiry.objects.get(pk=pending.subject_id), actor)
    return _revoke(found, title, actor, now)


REVOCATION = Confirmed(_revoke_confirmed, lambda pending: _stands(Inquiry.objects.get(pk=pending.subject_id)))


@transaction.atomic
def note_plaque(*, recognition: Recognition, actor: Seat, now: datetime) -> Recognition:
    """Note that plaque and certificate of a title that is no more came back."""
    _demand(actor, "declarations.inquire", "由会员部登记收回牌匾、证书。")
    title = _title(recognition.pk, actor)
    if title.state not in {TitleState.REVOKED, TitleState.RELINQUISHED} or title.plaque_returned_at is not None:
        _refuse("nothing_to_return", "没有待收回的牌匾、证书。")
    title.plaque_returned_at = now
    title.save(update_fields=["plaque_returned_at"])
    record(Event.PLAQUE_RETURNED, actor=actor, target=title, at=now)
    return title


# ---- given up


@transaction.atomic
def ask_relinquishment(*, recognition: Recognition, reason: str, actor: Seat, now: datetime) -> Relinquishment:
    """Ask to give a title up, by the chamber's president, with the reason."""
    title = _title(recognition.pk, actor)
    own = actor.organisation_id == title.declaration.applicant_id
    if not own or not allowed(actor, "declarations.give_statement"):
        _refuse("not_permitted", "由商会会长申请放弃认定。")
    if not reason.strip():
        _refuse("reason_missing", "请写明放弃认定的理由。")
    if refusal := rules.refused(rules.TITLE_MOVES["relinquish"], TitleState(title.state)):
        raise Refused((refusal,))
    if Relinquishment.objects.filter(recognition=title).exists():
        _refuse("asked_already", "已经申请放弃认定，请等待会员部办理。")
    asked = Relinquishment.objects.create(recognition=title, reason=reason.strip(), asked_by=actor, asked_at=now)
    record(Event.RELINQUISHMENT_ASKED, actor=actor, target=title, at=now, reason=asked.reason)
    seats = seats_free_for(active_seats_at(national_node().pk, DEPARTMENT_ROLES), title.declaration)
    told = {"title": f"{title.name}申请放弃认定", "body": asked.reason, "case": title.declaration}
    tell(seats=seats, key=f"relinquish:{asked.pk}", now=now, **told)
    return asked


@transaction.atomic
def accept_relinquishment(*, recognition: Recognition, actor: Seat, now: datetime) -> Recognition:
    """Let a chamber give its title up, by the head of the department."""
    _demand(actor, "declarations.publish", "由会员部负责人同意放弃认定。")
    title = _title(recognition.pk, actor)
    asked = Relinquishment.objects.filter(recognition=title, accepted_at__isnull=True).first()
    if asked is None:
        _refuse("not_asked", "商会没有申请放弃认定。")
    asked.accepted_by, asked.accepted_at = actor, now
    asked.save(update_fields=["accepted_by", "accepted_at"])
    _move(title, "relinquish")
    record(Event.TITLE_RELINQUISHED, actor=actor, target=title, at=now, data={"number": title.number})
    return title

