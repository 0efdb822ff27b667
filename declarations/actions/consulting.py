"""Talking with the recommending unit (与省级工商联沟通): a thread with its term, words and files from both sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from declarations import store
from declarations.actions.draft.evidence import refusals_of_files, stored_or_gone
from declarations.actions.notify import send
from declarations.actions.questions import MOST_FILES, Brought
from declarations.actions.transition import lock, perform
from declarations.calendar import add_working_days
from declarations.models import CitedItem, Consultation, Declaration, Statement, StatementFile
from declarations.notices import HOLDER_ROLES, STATED
from declarations.queries.dossier import Dossier
from declarations.queries.recusals import seats_free_for
from declarations.states import Conclusion, Subject
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import active_seats_at, national_node
from sihao.accounts.refusals import Refusal, Refused
from sihao.accounts.roles import DEPARTMENT_ROLES
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.documents.sniff import Sniffed, inspect

CLAUSE = "五（二）3"
NOT_TALKING = Refusal("not_permitted", "由推荐单位分管领导答复。", CLAUSE)
NOTHING = Refusal("nothing_to_answer", "没有待答复的事项，或答复内容为空。", CLAUSE)


@dataclass(frozen=True)
class Cited:
    """A row or field that is talked about, and the evidence in words: which material, what of it."""

    item: str
    label: str
    text: str


def open_thread(
    *,
    dossier: Dossier,
    subject: Subject,
    text: str,
    items: Sequence[Cited],
    actor: Seat,
    now: datetime,
    ground: str = "",
) -> Consultation:
    """Write a thread with the term that the cycle gives for an answer; called in the effect of a step."""
    case = dossier.case
    thread = Consultation.objects.create(
        declaration=case,
        subject=subject,
        ground=ground,
        text=text.strip(),
        opened_by=actor,
        opened_at=now,
        due_at=add_working_days(now, case.cycle.answer_days),
    )
    CitedItem.objects.bulk_create(
        CitedItem(consultation=thread, item=one.item, label=one.label, text=one.text.strip()) for one in items
    )
    return thread


def close_thread(
    *, case: Declaration, outcome: Conclusion, actor: Seat, now: datetime, words: str = ""
) -> Consultation | None:
    """Close the thread of a case that is open; called in the effect of a step."""
    thread = case.consultations.filter(closed_at__isnull=True).first()
    if thread is not None:
        thread.outcome, thread.words, thread.closed_by, thread.closed_at = outcome, words, actor, now
        thread.save(update_fields=["outcome", "words", "closed_by", "closed_at"])
    return thread


# ---- a clarification (T17)


def ask_clarification(
    *, case: Declaration, reason: str, items: Sequence[Cited], actor: Seat, now: datetime
) -> Declaration:
    """Ask the recommending unit about the material, once; it holds the case until it answers or its term is over."""

    def effect(dossier: Dossier) -> None:
        words = {"text": reason, "items": items, "actor": actor, "now": now}
        open_thread(dossier=dossier, subject=Subject.CLARIFICATION, **words)

    details = {"items": items}
    told = {"case": case, "actor": actor, "now": now, "reason": reason}
    return perform(name="ask_clarification", details=details, effect=effect, **told)


def close_clarification(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Take the case back when the term is over without an answer."""

    def effect(dossier: Dossier) -> None:
        close_thread(case=dossier.case, outcome=Conclusion.UNANSWERED, actor=actor, now=now)

    return perform(case=case, name="close_clarification", actor=actor, now=now, effect=effect)


def answer_clarification(
    *, case: Declaration, text: str, actor: Seat, now: datetime, files: Sequence[Brought] = ()
) -> Declaration:
    """Answer a clarification with words and files as annexes: what was handed in stays, the department goes on."""
    found = inspected(files)

    def effect(dossier: Dossier) -> None:
        thread = dossier.consultation
        if thread is not None:
            _keep(thread, text, files, found, actor, now, of_unit=True)
            close_thread(case=dossier.case, outcome=Conclusion.ANSWERED, actor=actor, now=now)

    with stored_or_gone(*(one.sha256 for one in found)):
        words = {"case": case, "actor": actor, "now": now, "reason": text}
        return perform(name="answer_clarification", effect=effect, **words)


# ---- words on a proposed disqualification


def speak(
    *, case: Declaration, text: str, actor: Seat, now: datetime, files: Sequence[Brought] = ()
) -> Statement:
    """Say something on a proposed disqualification, with files; the unit's first words are its answer.

    Raises ``Refused`` for an empty text, where nothing is proposed, and for whoever is of neither side.
    """
    found = inspected(files)
    with stored_or_gone(*(one.sha256 for one in found)):
        return _speak(case, text, files, found, actor, now)


@transaction.atomic
def _speak(
    case: Declaration, text: str, files: Sequence[Brought], found: Sequence[Sniffed], actor: Seat, now: datetime
) -> Statement:
    locked = lock(case.pk, by=actor)
    of_unit = allowed(actor, "declarations.answer_proposal", locked)
    if not (of_unit or allowed(actor, "declarations.preliminary", locked)):
        raise Refused((NOT_TALKING,))
    thread = locked.consultations.filter(closed_at__isnull=True, subject=Subject.DISQUALIFICATION).first()
    if thread is None or not text.strip():
        raise Refused((NOTHING,))
    said = _keep(thread, text, files, found, actor, now, of_unit=of_unit)
    event = Event.DISQUALIFICATION_ANSWERED if of_unit else Event.DISQUALIFICATION_DISCUSSED
    record(event, actor=actor, target=locked, at=now, reason=text)
    _tell_others(locked, said, actor, now)
    return said


def _tell_others(case: Declaration, said: Statement, actor: Seat, now: datetime) -> None:
    """Let the other side know; of a chamber of the nation both sides are the department."""
    others = active_seats_at(national_node().pk, DEPARTMENT_ROLES)
    if not said.of_unit:
        others = active_seats_at(case.unit_id, HOLDER_ROLES)
    send(
        case=case,
        letter=STATED,
        seats=[seat for seat in seats_free_for(others, case) if seat.pk != actor.pk],
        step=f"said-{said.pk}",
        sender=actor.organisation,
        now=now,
        more={"office": str(actor.organisation), "text": said.text[:200]},
    )


def inspected(files: Sequence[Brought]) -> list[Sniffed]:
    """Return what the files are, each judged by its content; raises ``Refused`` for one that is not taken."""
    if len(files) > MOST_FILES:
        raise Refused.because("too_many_files", f"一次最多附{MOST_FILES}个文件。")
    with refusals_of_files():
        return [inspect(one.file, one.name, max_bytes=settings.EVIDENCE_MAX_BYTES) for one in files]


def _keep(
    thread: Consultation,
    text: str,
    files: Sequence[Brought],
    found: Sequence[Sniffed],
    actor: Seat,
    now: datetime,
    *,
    of_unit: bool,
) -> Statement:
    said = Statement.objects.create(consultation=thread, of_unit=of_unit, text=text.strip(), by=actor, at=now)
    for brought, file in {file.sha256: (one, file) for one, file in zip(files, found, strict=True)}.values():
        store.keep(brought.file, file.sha256)
        StatementFile.objects.create(
            statement=said,
            name=file.name,
            kind=file.kind,
            size=file.size,
            digest=file.sha256,
            stored=store.place_of(file.sha256),
        )
    if of_unit and thread.answered_at is None:
        thread.answered_at = now
        thread.save(update_fields=["answered_at"])
    return said
