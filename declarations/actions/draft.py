"""The chamber's own writing: start, answers, marks, evidence, handing in."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from declarations.actions.counting import recount
from declarations.actions.quota import leave_list, lock_list
from declarations.actions.transition import Effect, lock, perform
from declarations.guards import Act, CaseFacts, before_submission_closes, cycle_is_open
from declarations.models import Answer, Attachment, Cycle, Declaration, ReturnItem
from declarations.queries.cycles import route_of
from declarations.queries.facts import Dossier
from declarations.rules import is_editable
from declarations.states import State
from declarations.store import keep
from scoring.actions import Entered, lock_assessment, open_ledger, save_marks, unlock_assessment
from scoring.engine import Facts, FieldSpec, ValueProblem, parse_value, propose
from scoring.models import Layer
from scoring.queries import book_of, programme_of
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.documents.sniff import Sniffed, UnacceptableFile, inspect

PROBLEM_LIMIT = 300
BLANKS: tuple[object, ...] = (None, "", [])
NOT_EDITABLE = Refusal("not_editable", "申报已提交，退回修改前不能改动。", "五（二）1")


@transaction.atomic
def start(*, cycle: Cycle, applicant: Organisation, actor: Seat, now: datetime) -> Declaration:
    """Start the applicant's case in a cycle and return the draft (T01); prefilled with what the register knows.

    Raises ``Refused`` outside the window, for a second case in the cycle, or for somebody else's body.
    """
    _refuse_start(cycle, applicant, actor, now)
    route = route_of(applicant)
    case = Declaration(
        cycle=cycle,
        applicant=applicant,
        applicant_name=applicant.name,
        number="",
        home=route[0],
        unit=route[-1],
        path=applicant.path,
        route=[stop.pk for stop in route],
        ledger=open_ledger(programme=cycle.programme),
        state=State.DRAFT,
        holder=applicant,
        held_since=now,
        due_at=cycle.submission_closes,
        started_at=now,
    )
    case.number = f"{cycle.slug.upper()}-{case.ledger_id:06d}"
    _insert(case)
    _prefill(case, actor, now)
    record(Event.STARTED, actor=actor, target=case, at=now)
    return case


def _refuse_start(cycle: Cycle, applicant: Organisation, actor: Seat, now: datetime) -> None:
    if not allowed(actor, "declarations.start") or actor.organisation_id != applicant.pk:
        raise Refused((Refusal("not_permitted", "只能为本商会申报。", "三"),))
    facts = CaseFacts(
        state=State.DRAFT,
        now=timezone.localtime(now),
        opens_at=timezone.localtime(cycle.opens_at),
        submission_closes=timezone.localtime(cycle.submission_closes),
        province_closes=timezone.localtime(cycle.province_closes),
    )
    refusals = tuple(r for guard in (cycle_is_open, before_submission_closes) if (r := guard(facts, Act())))
    if refusals:
        raise Refused(refusals)


def _insert(case: Declaration) -> None:
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError:
        raise Refused((Refusal("already_started", "本周期内贵会已有申报，请继续填写原有申报。", "四"),)) from None
    recount(case, Counter())


def _prefill(case: Declaration, actor: Seat, now: datetime) -> None:
    """Write what the register knows: name and unified social credit code."""
    known = {"name": case.applicant.name, "uscc": case.applicant.uscc, "region_code": case.home.code}
    fields = {spec.id for spec in programme_of(case.cycle.programme).fields}
    Answer.objects.bulk_create(
        Answer(declaration=case, field=name, value=value, set_by=actor, set_at=now)
        for name, value in known.items()
        if value and name in fields
    )


def unlocked_items(dossier: Dossier) -> frozenset[str] | None:
    """Return the rows and fields open for writing: None means all (a draft), a set means what the return named."""
    return frozenset(item.item for item in dossier.slip.items.all()) if dossier.slip else None


def _open_items(case: Declaration) -> frozenset[str] | None:
    if case.state == State.DRAFT:
        return None
    items = ReturnItem.objects.filter(slip__declaration=case, slip__closed_at__isnull=True)
    return frozenset(items.values_list("item", flat=True))


def _for_writing(case: Declaration, actor: Seat) -> tuple[Declaration, frozenset[str] | None]:
    """Return the case, locked, with the items open for writing; refuses what is not the chamber's to write."""
    locked = lock(case.pk)
    if not is_editable(actor, locked):
        raise Refused((NOT_EDITABLE,))
    if not allowed(actor, "declarations.edit", locked):
        raise Refused((Refusal("not_permitted", "只有本商会的填报人员可以填写。"),))
    return locked, _open_items(locked)


def _problem(spec: FieldSpec, value: object) -> str:
    try:
        parse_value(spec, value)
    except ValueProblem as problem:
        return str(problem)[:PROBLEM_LIMIT]
    return ""


@transaction.atomic
def save_answers(
    *, case: Declaration, answers: Mapping[str, object], actor: Seat, now: datetime
) -> dict[str, str]:
    """Keep the fields given as typed and return what is wrong with each; saving never refuses a bad value.

    Fields that the return did not open are left alone, and so are those that did not change: who wrote an answer, and
    when, stays true. Raises ``Refused`` when the case is not the actor's to write.
    """
    locked, open_items = _for_writing(case, actor)
    specs = {spec.id: spec for spec in programme_of(locked.cycle.programme).fields}
    taken = {name: value for name, value in answers.items() if name in specs}
    if open_items is not None:
        taken = {name: value for name, value in taken.items() if name in open_items}
    problems = {name: _problem(specs[name], value) for name, value in taken.items()}
    stored = dict(locked.answers.filter(field__in=taken).values_list("field", "value"))
    Answer.objects.bulk_create(
        [
            Answer(declaration=locked, field=name, value=value, problem=problems[name], set_by=actor, set_at=now)
            for name, value in taken.items()
            if not _same(stored.get(name), value)
        ],
        update_conflicts=True,
        unique_fields=["declaration", "field"],
        update_fields=["value", "problem", "set_by", "set_at"],
    )
    return {name: problem for name, problem in problems.items() if problem}


def _same(old: object, new: object) -> bool:
    """Return whether an answer did not change; every blank is the same blank."""
    return (old in BLANKS and new in BLANKS) or (type(old) is type(new) and old == new)


@transaction.atomic
def save_self_marks(
    *, case: Declaration, entries: Mapping[str, Entered], actor: Seat, now: datetime
) -> int:
    """Keep the rows of the self-assessment as typed and return how many were written.

    Rows that the return did not open are left alone.
    """
    locked, open_items = _for_writing(case, actor)
    known = {item.id for item in programme_of(locked.cycle.programme).rubric.items()}
    taken = {code: entry for code, entry in entries.items() if code in known}
    if open_items is not None:
        taken = {code: entry for code, entry in taken.items() if code in open_items}
    sheet = book_of(locked.ledger_id).layer(Layer.SELF)
    if sheet is not None and taken:
        assessment = save_marks(assessment=sheet.assessment, entries=taken, actor=actor, now=now)
        locked.self_total = assessment.total
        locked.save(update_fields=["self_total"])
    return len(taken)


@transaction.atomic
def fill_proposed_marks(*, case: Declaration, actor: Seat, now: datetime) -> int:
    """Enter the proposed points in the rows without a mark and return how many were filled.

    Rows that only people can judge stay blank, a mark that was typed stays as it is, right or wrong.
    """
    locked, _ = _for_writing(case, actor)
    programme = programme_of(locked.cycle.programme)
    typed = {name: value for name, value in locked.answers.values_list("field", "value") if value not in BLANKS}
    facts, _ = Facts.parse(programme, typed)
    sheet = book_of(locked.ledger_id).layer(Layer.SELF)
    marked = {code for code, mark in sheet.marks.items() if mark.points is not None or mark.typed} if sheet else set()
    entries = {
        code: Entered(points=proposal.points)
        for code, proposal in propose(programme, facts).items()
        if proposal.points is not None and code not in marked
    }
    return save_self_marks(case=locked, entries=entries, actor=actor, now=now)


def attach(
    *, case: Declaration, row: str, file: BinaryIO, name: str, actor: Seat, now: datetime
) -> Attachment:
    """Take one piece of evidence for a row; the file is judged by its content, before anything is locked.

    Raises ``Refused`` with the reason when the file cannot be accepted; nothing is left behind then.
    """
    try:
        found = inspect(file, name, max_bytes=settings.EVIDENCE_MAX_BYTES)
    except UnacceptableFile as problem:
        raise Refused((Refusal("file_refused", str(problem)),)) from None
    return _take_in(case, row, file, found, actor, now)


@transaction.atomic
def _take_in(
    case: Declaration, row: str, file: BinaryIO, found: Sniffed, actor: Seat, now: datetime
) -> Attachment:
    locked, open_items = _for_writing(case, actor)
    _refuse_row(locked, row, open_items)
    if locked.attachments.filter(removed_at__isnull=True).count() >= settings.EVIDENCE_MAX_FILES:
        raise Refused((Refusal("too_many_files", f"每件申报最多上传{settings.EVIDENCE_MAX_FILES}个文件。"),))
    piece = _add(locked, row, found, keep(file, found.sha256), actor, now)
    record(Event.EVIDENCE_ADDED, actor=actor, target=locked, at=now, data={"file": piece.name, "row": row})
    return piece


def _refuse_row(case: Declaration, row: str, open_items: frozenset[str] | None) -> None:
    if row not in {item.id for item in programme_of(case.cycle.programme).rubric.items()}:
        raise Refused((Refusal("row_unknown", "请选择这份材料证明的指标。"),))
    if open_items is not None and row not in open_items:
        raise Refused((Refusal("row_locked", f"{row}不在退回修改的事项内，不能改动。"),))


def _add(case: Declaration, row: str, found: Sniffed, stored: str, actor: Seat, now: datetime) -> Attachment:
    try:
        with transaction.atomic():
            return Attachment.objects.create(
                declaration=case,
                row=row,
                name=found.name,
                kind=found.kind,
                size=found.size,
                digest=found.sha256,
                stored=stored,
                added_by=actor,
                added_at=now,
            )
    except IntegrityError:
        raise Refused((Refusal("file_twice", f"{row}已经上传过同一个文件。"),)) from None


@transaction.atomic
def detach(*, case: Declaration, attachment: Attachment, actor: Seat, now: datetime) -> None:
    """Take a piece of evidence out of the declaration; what a frozen revision names stays stored."""
    locked, open_items = _for_writing(case, actor)
    _refuse_row(locked, attachment.row, open_items)
    if not locked.attachments.filter(pk=attachment.pk, removed_at__isnull=True).update(removed_at=now):
        raise Refused((Refusal("file_gone", f"{attachment.name}已不在本件申报的佐证材料中。"),))
    attachment.removed_at = now
    facts = {"file": attachment.name, "row": attachment.row}
    record(Event.EVIDENCE_REMOVED, actor=actor, target=locked, at=now, data=facts)


@transaction.atomic
def answer_return(*, case: Declaration, answers: Mapping[str, str], actor: Seat, now: datetime) -> None:
    """Keep the chamber's word on each item of the open return."""
    locked, _ = _for_writing(case, actor)
    items = ReturnItem.objects.filter(slip__declaration=locked, slip__closed_at__isnull=True, item__in=answers)
    for item in items:
        item.answer = answers[item.item]
    ReturnItem.objects.bulk_update(items, ["answer"])


def _hand_in(now: datetime) -> Effect:
    def effect(dossier: Dossier) -> dict[str, object]:
        case = dossier.case
        sheet = dossier.book.layer(Layer.SELF)
        if sheet is not None:
            lock_assessment(assessment=sheet.assessment, now=now)
            case.self_total = sheet.assessment.total
        case.submitted_at = now
        case.receipt = f"{case.number}-{case.revisions.count() + 1:02d}"
        if dossier.slip is not None:
            dossier.slip.closed_at = now
            dossier.slip.save(update_fields=["closed_at"])
        return {"receipt": case.receipt}

    return effect


def submit(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Hand the declaration in (T02): self layer and revision frozen, receipt written, home federation holds it."""
    return perform(case=case, name="submit", actor=actor, now=now, effect=_hand_in(now))


def resubmit(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Hand the mended declaration in again (T08); it goes to the tier that returned it."""
    return perform(case=case, name="resubmit", actor=actor, now=now, effect=_hand_in(now))


@transaction.atomic
def withdraw(*, case: Declaration, actor: Seat, now: datetime, reason: str) -> Declaration:
    """Take the declaration back (T11); a place on the list becomes free. Locks the list before the case."""
    if case.state == State.SHORTLISTED:
        lock_list(case)
    return perform(case=case, name="withdraw", actor=actor, now=now, reason=reason, effect=leave_list)


def reopen_self_layer(dossier: Dossier) -> None:
    """Open the self-assessment again for the items of a return."""
    sheet = dossier.book.layer(Layer.SELF)
    if sheet is not None:
        unlock_assessment(assessment=sheet.assessment)
