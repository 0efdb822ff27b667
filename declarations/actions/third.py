"""The third reader: called by the rule as soon as two confirmed sheets lie apart, or by the department."""

from datetime import datetime

from django.db import transaction

from declarations.actions.notify import tell
from declarations.actions.sheets import offer, refuse
from declarations.actions.transition import lock
from declarations.models import Declaration, ExpertReview, ThirdReading
from declarations.queries.assigning import next_reader
from declarations.queries.facts import dossier_of, readers_needed, third_reason
from declarations.queries.recusals import seats_free_for
from declarations.rules import in_expert_review
from declarations.states import SHEETS_LIVE, SheetOrigin
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import active_seats_at, national_node
from sihao.accounts.roles import DEPARTMENT_ROLES
from sihao.audit.events import Event
from sihao.audit.record import record

NOBODY = "专家库中没有可以评审本件的专家，请会员部补充专家后分派。"


def call_third(*, case: Declaration, now: datetime) -> ExpertReview | None:
    """Call a third reader where the rule asks for one and none is there (T23); return the sheet that was offered.

    Called under the lock of the case, whenever a sheet is confirmed or a reader leaves. Where nobody can be called the
    need stays, and the department is told.
    """
    dossier = dossier_of(case)
    reason = third_reason(dossier)
    if not reason:
        return None
    if dossier.third is None:
        ThirdReading.objects.create(declaration=case, reason=reason, asked_at=now)
        record(Event.THIRD_ASKED, actor=None, target=case, at=now, data={"why": reason}, reason=reason)
    live = sum(review.state in SHEETS_LIVE for review in dossier.reviews)
    return _fill(case, reason, now) if live < readers_needed(dossier) else None


def _fill(case: Declaration, reason: str, now: datetime) -> ExpertReview | None:
    found = next_reader(case, now)
    if found is None:
        seats = seats_free_for(active_seats_at(national_node().pk, DEPARTMENT_ROLES), case)
        tell(
            seats=seats,
            key=f"no-third:{case.pk}:{case.version}",
            title=f"{case.applicant_name}须有第三名专家，现无人可派",
            body=f"受理编号{case.number}。{reason}。{NOBODY}",
            now=now,
            case=case,
        )
        return None
    words = f"{reason}。由无须回避、现有件数最少（{found.load}件）的专家评审。"
    review = offer(case=case, expert=found.seat, now=now, actor=None, origin=SheetOrigin.THIRD, reason=words)
    tell_offered(expert=found.seat, count=1, key=f"third:{review.pk}", now=now)
    return review


def tell_offered(*, expert: Seat, count: int, key: str, now: datetime) -> None:
    """Tell an expert that cases wait to be taken; no case is named before the pledge is signed."""
    body = "请在待办中作出公正和保密承诺，接受评审，或者说明不能评审、应当回避的理由。"
    tell(seats=[expert], key=key, title=f"请您评审{count}件申报", body=body, now=now)


@transaction.atomic
def ask_third(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> ExpertReview | None:
    """Ask for a third reader by hand, with the reason; the rule's own is kept where it has spoken already."""
    locked = lock(case.pk, by=actor)
    if not (allowed(actor, "declarations.ask_third", locked) and in_expert_review(actor, locked)):
        refuse("not_permitted", "本件不在专家复审环节，或者您的席位无权增加专家。")
    words = reason.strip()
    if not words:
        refuse("reason_missing", "请写明增加第三名专家的理由。")
    if ThirdReading.objects.filter(declaration=locked).exists():
        refuse("third_asked_already", "本件已增加第三名专家。")
    ThirdReading.objects.create(declaration=locked, reason=words, asked_by=actor, asked_at=now)
    record(Event.THIRD_ASKED, actor=actor, target=locked, at=now, data={"why": words}, reason=words)
    return call_third(case=locked, now=now)
