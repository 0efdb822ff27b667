"""Where a federation decides itself: by the score it gave, then the best are sent on to the level above."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from declarations.actions.review import sign_layer
from declarations.actions.transition import perform
from declarations.digests import digest_of
from declarations.guards import NOT_IN_PLAN
from declarations.models import Circular, Cycle, Declaration, Recognition, SentUp
from declarations.queries.campaign import unsettled
from declarations.queries.facts import Dossier
from declarations.queries.recusals import hidden_from
from declarations.states import State, UpwardState
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.record import record


def decide_by_score(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Recognise a case whose score passes: the marks are frozen and the certificate gets the next number."""

    def effect(dossier: Dossier) -> dict[str, object]:
        found = dossier.case
        sign_layer(dossier, "认定", actor, now)
        _keep_total(dossier)
        title = _title(found, now)
        return {"number": title.number, "verb": found.cycle.verb, "total": str(found.final_total)}

    return perform(case=case, name="decide_by_score", actor=actor, now=now, effect=effect)


def end_below_score(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """End a case whose score does not pass, with the reason; the marks are frozen."""

    def effect(dossier: Dossier) -> dict[str, object]:
        sign_layer(dossier, "未达到认定分值", actor, now)
        _keep_total(dossier)
        return {"total": str(dossier.case.final_total)}

    return perform(case=case, name="end_below_score", actor=actor, now=now, reason=reason, effect=effect)


def _keep_total(dossier: Dossier) -> None:
    layer = dossier.holder_layer
    sheet = dossier.book.layer(layer) if layer is not None else None
    dossier.case.unit_total = dossier.case.final_total = sheet.total if sheet is not None else None


def _title(case: Declaration, now: datetime) -> Recognition:
    """Write the title under the cycle's lock: numbers are continuous."""
    cycle = Cycle.objects.select_for_update(of=("self",)).defer("notice_text").get(pk=case.cycle_id)
    serial = (cycle.recognitions.aggregate(last=Max("serial"))["last"] or 0) + 1
    return Recognition.objects.create(
        declaration=case,
        cycle=cycle,
        serial=serial,
        number=f"{cycle.certificate_prefix}{serial:04d}",
        name=case.applicant_name,
        unit_name=case.unit.name,
        unit_code=case.unit.code,
        recognised_at=now,
        published_at=now,
    )


# ---- the best go on to the level above


@dataclass(frozen=True)
class Chosen:
    """One of the best: which case, at which place, and why it is sent."""

    case: Declaration
    place: int
    reason: str


@transaction.atomic
def send_to_above(*, chosen: Sequence[Chosen], actor: Seat, now: datetime) -> int:
    """Send recognised cases to the level above, each with place and reason; all or none. Return how many.

    The list is looked at whole: one who must step back from a case of it leaves it to somebody else.
    """
    for cycle in {one.case.cycle_id: one.case.cycle for one in chosen}.values():
        _refuse_recused(cycle, actor)
    for one in chosen:
        _send(one, actor, now)
    return len(chosen)


def _send(one: Chosen, actor: Seat, now: datetime) -> None:
    def effect(dossier: Dossier) -> dict[str, object]:
        words = {"place": one.place, "reason": one.reason.strip(), "state": UpwardState.SENT}
        words |= {"sent_by": actor, "sent_at": now, "answer": "", "answered_by": None, "answered_at": None}
        SentUp.objects.update_or_create(declaration=dossier.case, defaults=words)
        return {"place": one.place, "above": str(dossier.case.unit.parent)}

    perform(case=one.case, name="send_to_above", actor=actor, now=now, reason=one.reason, effect=effect)


def confirm_above(*, case: Declaration, actor: Seat, now: datetime, reason: str = "") -> Declaration:
    """Confirm what the unit sent up."""
    return _answer(case, "confirm_above", UpwardState.CONFIRMED, reason, actor, now)


def return_from_above(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Send it back to the unit with the reason; the title that the unit gave stays."""
    return _answer(case, "return_from_above", UpwardState.RETURNED, reason, actor, now)


def _answer(
    case: Declaration, name: str, state: UpwardState, words: str, actor: Seat, now: datetime
) -> Declaration:
    def effect(dossier: Dossier) -> None:
        sent = SentUp.objects.select_for_update(of=("self",)).get(declaration=dossier.case)
        sent.state, sent.answer, sent.answered_by, sent.answered_at = state, words.strip(), actor, now
        sent.save()

    return perform(case=case, name=name, actor=actor, now=now, reason=words, effect=effect)


# ---- the list as it is given out


@transaction.atomic
def issue_circular(*, cycle: Cycle, number: str, dated_on: date, actor: Seat, now: datetime) -> Circular:
    """Give the list of a cycle out under a document number and a date; nothing is decided in it afterwards.

    Raises ``Refused`` while an application may still come or is under way, for an empty list, and the second time.
    """
    if not allowed(actor, "declarations.open_own") or cycle.decider_id != actor.organisation_id:
        raise Refused.because("not_permitted", "由组织单位分管领导印发。")
    locked = Cycle.objects.select_for_update(of=("self",)).defer("notice_text").get(pk=cycle.pk)
    _refuse_recused(locked, actor)
    titles = list(locked.recognitions.order_by("serial").values_list("number", "name"))
    _refuse_circular(locked, number, dated_on, bool(titles), now)
    made = Circular.objects.create(
        cycle=locked,
        number=number.strip(),
        dated_on=dated_on,
        count=len(titles),
        digest=digest_of([list(pair) for pair in titles]),
        issued_by=actor,
        issued_at=now,
    )
    told = {"document": made.number, "count": made.count, "digest": made.digest}
    record(Event.CIRCULAR_ISSUED, actor=actor, target=locked, at=now, data=told)
    return made


def _refuse_recused(cycle: Cycle, actor: Seat) -> None:
    if Declaration.objects.filter(hidden_from(actor), cycle=cycle, state=State.RECOGNISED).exists():
        raise Refused.because("recused_in_list", "名单中有您应当回避的单位，请由本单位其他人员办理。")


def _refuse_circular(cycle: Cycle, number: str, dated_on: date, listed: bool, now: datetime) -> None:
    if Circular.objects.filter(cycle=cycle).exists():
        raise Refused.because("circular_issued", f"本周期的名单已印发，文号{cycle.circular.number}。")
    if not number.strip():
        raise Refused.because("number_missing", "请填写发文字号。")
    if dated_on > timezone.localdate(now):
        raise Refused.because("dated_ahead", "成文日期不能晚于今日。")
    if not listed:
        raise Refused.because("list_empty", f"还没有{cycle.verb}的单位，没有名单可以印发。")
    if waiting := unsettled(cycle, now):
        raise Refused.because("cases_under_way", f"尚有{waiting}个单位的申请没有办结，办结后再印发名单。", NOT_IN_PLAN)
