"""Letters that announce a decision: changed, released or voided by a person of the office that decided."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from declarations.actions.notify import draft_letter
from declarations.models import Cycle, DecisionLetter, Declaration, LetterState, Notice
from declarations.notices import HOLDER_ROLES, RESULTS, RESULTS_TO_CHAMBER, RESULTS_TO_UNIT
from declarations.queries.outbox import drafts_of
from declarations.queries.recusals import apart
from declarations.states import State
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import active_seats_of_all
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record

MOST = 2000
BATCH = 500
NOT_YOURS = Refusal("not_permitted", "决定通知由作出决定的单位办理。")
SETTLED = Refusal("letter_settled", "所选通知中有已经发出或作废的，请刷新页面后再办理。")


def _locked(letters: Iterable[int], actor: Seat) -> list[DecisionLetter]:
    """Return letters of the actor's office that wait, locked; refuses others' and settled ones."""
    if not allowed(actor, "declarations.letters"):
        raise Refused((NOT_YOURS,))
    wanted = set(letters)
    if not wanted:
        raise Refused.because("nothing_chosen", "请先选择要办理的通知。")
    if len(wanted) > MOST:
        raise Refused.because("too_many", f"一次最多办理{MOST}封，现选了{len(wanted)}封。")
    found = drafts_of(actor).filter(pk__in=wanted).select_related("declaration", "recipient").order_by("id")
    locked = list(found.select_for_update(of=("self",)))
    if len(locked) != len(wanted):
        raise Refused((SETTLED,))
    return locked


@transaction.atomic
def release(*, letters: Iterable[int], actor: Seat, now: datetime) -> list[DecisionLetter]:
    """Release letters: each reaches the seats of its recipient now. All or nothing.

    A letter whose case has moved on is not released: it would tell what is no longer so.
    """
    found = _locked(letters, actor)
    if stale := [letter for letter in found if letter.declaration.state != letter.state_of_case]:
        raise Refused(tuple(_stale(letter) for letter in stale[:5]))
    _deliver(found, actor, now)
    _settle(found, LetterState.RELEASED, actor, now)
    for letter in found:
        told = {"to": str(letter.recipient), "title": letter.title}
        record(Event.LETTER_RELEASED, actor=actor, target=letter, at=now, data=told)
    return found


def _stale(letter: DecisionLetter) -> Refusal:
    case = letter.declaration
    sentence = f"{case.applicant_name}的申报现为“{case.get_state_display()}”，《{letter.title}》不再适用，请作废。"
    return Refusal("letter_stale", sentence)


def _deliver(letters: Sequence[DecisionLetter], actor: Seat, now: datetime) -> None:
    seats: dict[int, list[Seat]] = {}
    found = list(active_seats_of_all({letter.recipient_id for letter in letters}, HOLDER_ROLES))
    for seat in found:
        seats.setdefault(seat.organisation_id, []).append(seat)
    known = apart(found)
    notices = [
        Notice(
            seat=seat,
            declaration=letter.declaration,
            sender=actor.organisation,
            key=f"letter:{letter.pk}",
            title=letter.title,
            body=letter.body,
            sent_at=now,
        )
        for letter in letters
        for seat in seats.get(letter.recipient_id, ())
        if known.may_know(seat, letter.declaration_id, letter.declaration.applicant_id)
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=BATCH)


def _settle(
    letters: Sequence[DecisionLetter], state: LetterState, actor: Seat, now: datetime, reason: str = ""
) -> None:
    for letter in letters:
        letter.state, letter.settled_by, letter.settled_at, letter.reason = state, actor, now, reason
    fields = ["state", "settled_by", "settled_at", "reason"]
    DecisionLetter.objects.bulk_update(letters, fields, batch_size=BATCH)


@transaction.atomic
def void(*, letters: Iterable[int], reason: str, actor: Seat, now: datetime) -> list[DecisionLetter]:
    """Void letters that wait, with a reason; nobody gets them."""
    found = _locked(letters, actor)
    if not reason.strip():
        raise Refused.because("reason_missing", "请写明作废的理由。")
    _settle(found, LetterState.VOID, actor, now, reason.strip()[:200])
    for letter in found:
        told = {"to": str(letter.recipient), "title": letter.title}
        record(Event.LETTER_VOIDED, actor=actor, target=letter, at=now, data=told, reason=reason)
    return found


@transaction.atomic
def reword(*, letter: int, body: str, actor: Seat) -> DecisionLetter:
    """Change the words of a letter that waits; its title says what was decided and stays."""
    [found] = _locked([letter], actor)
    if not body.strip():
        raise Refused.because("body_missing", "请填写通知内容。")
    found.body = body.strip()
    found.save(update_fields=["body"])
    return found


def draft_results(*, cycle: Cycle, actor: Seat, now: datetime) -> None:
    """Draft what tells chamber and province of the outcomes that the release makes known (T31)."""
    states = [State.NOT_ELIGIBLE, State.NOT_APPROVED]
    cases = Declaration.objects.filter(cycle=cycle, state__in=states)
    for case in cases.select_related("cycle", "applicant", "unit", "holder").defer("cycle__notice_text").order_by("id"):
        state = State(case.state)
        for letter, to in ((RESULTS_TO_CHAMBER[state], case.applicant), (RESULTS_TO_UNIT[state], case.unit)):
            draft_letter(case=case, letter=letter, to=to, decision=RESULTS, actor=actor, now=now)
