"""Questions on a case: asked, answered with annexes, closed; what was handed in stays as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from declarations import store
from declarations.actions.draft.evidence import refusals_of_files, stored_or_gone
from declarations.actions.notify import send
from declarations.actions.transition import lock, perform
from declarations.models import Annex, Declaration, Question, Reply
from declarations.notices import ANSWER, HOLDER_ROLES, QUESTION, Letter
from declarations.queries.dossier import Dossier
from declarations.queries.recusals import seats_free_for
from declarations.queries.rounds import tiers_below
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import active_seats_at
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.documents.sniff import Sniffed, inspect

MOST_OPEN = 10
MOST_FILES = 5
NOT_ASKED = Refusal("not_permitted", "这项询问不由本单位答复。")
NOT_ASKING = Refusal("not_permitted", "这项询问由提出询问的单位办结。")
CLOSED = Refusal("question_closed", "这项询问已经办结。")


@dataclass(frozen=True)
class About:
    """The row or field that a question is about; empty for the case as a whole."""

    item: str = ""
    label: str = ""


@dataclass(frozen=True)
class Brought:
    """A file as it was brought with an answer."""

    file: BinaryIO
    name: str


# ---- asking


def askable(case: Declaration, asker: Organisation) -> list[Organisation]:
    """Return whom the office that holds a case may ask: the chamber, then the tiers below, the nearest first."""
    return [case.applicant, *reversed(tiers_below(case, asker))]


def ask(
    *,
    case: Declaration,
    to: int,
    text: str,
    due: datetime,
    actor: Seat,
    now: datetime,
    about: About | None = None,
) -> Declaration:
    """Ask the chamber or a tier below, until a date; the case stays where it is."""
    about = about or About()

    def effect(dossier: Dossier) -> dict[str, object]:
        found = dossier.case
        whom = next((one for one in askable(found, actor.organisation) if one.pk == to), None)
        if whom is None:
            raise Refused((Refusal("not_askable", "只能询问申报商会和本件经过的下级工商联。"),))
        open_ones = found.questions.filter(organisation=actor.organisation, closed_at__isnull=True)
        if open_ones.count() >= MOST_OPEN:
            raise Refused.because("too_many_questions", f"未办结的询问已有{MOST_OPEN}项，请先办结。")
        Question.objects.create(
            declaration=found,
            organisation=actor.organisation,
            addressee=whom,
            item=about.item,
            label=about.label,
            text=text,
            due_at=due,
            asked_by=actor,
            asked_at=now,
        )
        _tell(found, QUESTION, whom, actor, now, due=_day(due), text=text)
        return {"whom": str(whom), "what": about.label or text[:60]}

    details = {"text": text, "due": timezone.localtime(due)}
    return perform(case=case, name="ask", actor=actor, now=now, details=details, effect=effect)


def _day(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.month}月{local.day}日{local:%H:%M}"


def _tell(
    case: Declaration, letter: Letter, to: Organisation, actor: Seat, now: datetime, **words: str
) -> None:
    """Write one message for each seat of the other side."""
    send(
        case=case,
        letter=letter,
        seats=seats_free_for(active_seats_at(to.pk, HOLDER_ROLES), case),
        step=f"question-{case.questions.count()}",
        sender=actor.organisation,
        now=now,
        more={"office": str(actor.organisation), **words},
    )


# ---- answering


def answer(
    *, question: Question, text: str, actor: Seat, now: datetime, files: Sequence[Brought] = ()
) -> Reply:
    """Answer a question, with files as annexes; each file is judged by its content before anything is locked.

    The office that asked hears of the first answer; an answer may be added to until the question is closed.
    """
    if not text.strip():
        raise Refused.because("answer_empty", "请写明答复。")
    if len(files) > MOST_FILES:
        raise Refused.because("too_many_files", f"一次答复最多附{MOST_FILES}个文件。")
    with refusals_of_files():
        found = [inspect(one.file, one.name, max_bytes=settings.EVIDENCE_MAX_BYTES) for one in files]
    with stored_or_gone(*(one.sha256 for one in found)):
        return _answer(question, text, list(zip(files, found, strict=True)), actor, now)


@transaction.atomic
def _answer(
    question: Question, text: str, files: list[tuple[Brought, Sniffed]], actor: Seat, now: datetime
) -> Reply:
    case = lock(question.declaration_id, by=actor)
    asked = case.questions.select_related("organisation").get(pk=question.pk)
    if asked.addressee_id != actor.organisation_id or not allowed(actor, "declarations.answer", case):
        raise Refused((NOT_ASKED,))
    if asked.closed_at is not None:
        raise Refused((CLOSED,))
    reply = Reply.objects.create(question=asked, text=text.strip(), replied_by=actor, replied_at=now)
    for brought, file in {file.sha256: (brought, file) for brought, file in reversed(files)}.values():
        store.keep(brought.file, file.sha256)
        Annex.objects.create(
            reply=reply,
            name=file.name,
            kind=file.kind,
            size=file.size,
            digest=file.sha256,
            stored=store.place_of(file.sha256),
        )
    if asked.answered_at is None:
        asked.answered_at = now
        asked.save(update_fields=["answered_at"])
        _tell(case, ANSWER, asked.organisation, actor, now, text=text.strip()[:200])
    told = {"what": asked.label or asked.text[:60], "files": [file.name for _, file in files]}
    record(Event.QUESTION_ANSWERED, actor=actor, target=case, at=now, data=told)
    return reply


@transaction.atomic
def close(*, question: Question, actor: Seat, now: datetime) -> Question:
    """Close a question, answered or not, by the office that asked it."""
    case = lock(question.declaration_id, by=actor)
    asked = case.questions.get(pk=question.pk)
    if asked.organisation_id != actor.organisation_id or not allowed(
        actor, "declarations.close_question", case
    ):
        raise Refused((NOT_ASKING,))
    if asked.closed_at is not None:
        raise Refused((CLOSED,))
    asked.closed_by, asked.closed_at = actor, now
    asked.save(update_fields=["closed_by", "closed_at"])
    told = {"what": asked.label or asked.text[:60]}
    record(Event.QUESTION_CLOSED, actor=actor, target=case, at=now, data=told)
    return asked
