"""The chairman's meeting: the frozen agenda, its record, what it decided of each case (notice 五（二）4)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from declarations.actions.integrity import refuse_broken
from declarations.actions.letters import draft_results
from declarations.actions.transition import perform
from declarations.digests import digest_of
from declarations.models import Agenda, AgendaItem, Cycle, Declaration
from declarations.queries.facts import Dossier
from declarations.queries.invariants import Gate
from declarations.queries.meeting_page import (
    DECIDE,
    FREEZE_AGENDA,
    listing_of,
    minutes_of,
    open_job,
    proposed_outcomes,
    waiting_cases,
)
from declarations.queries.recusals import binds, hidden_from
from declarations.states import Outcome
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.jobs.actions import enqueue
from sihao.jobs.models import Job

CLAUSE = "五（二）4"
STEP_OF = {Outcome.APPROVED: "approve", Outcome.NOT_APPROVED: "reject", Outcome.HELD_OVER: "hold_over"}
REPORTED_EVERY = 25
Progress = Callable[[int, int], None]
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Minutes:
    """The record of the chairman's meeting."""

    on: date
    present: str
    recused: str
    text: str


def _refuse(code: str, sentence: str, clause: str = CLAUSE) -> None:
    raise Refused((Refusal(code, sentence, clause),))


def _told(things: Iterable[Thing], total: int, progress: Progress | None) -> Iterable[Thing]:
    """Pass the things on, and say every now and then how many are done."""
    for done, thing in enumerate(things):
        if progress is not None and done % REPORTED_EVERY == 0:
            progress(done, total)
        yield thing


def _locked_cycle(cycle: Cycle) -> Cycle:
    return Cycle.objects.select_for_update(of=("self",)).get(pk=cycle.pk)


# ---- the agenda


def refuse_agenda(*, cycle: Cycle, actor: Seat) -> None:
    """Raise ``Refused`` unless the person may put cases before the meeting and there are some."""
    if not allowed(actor, "declarations.agenda"):
        _refuse("not_permitted", "由会员部负责人提请审议。")
    if not waiting_cases(cycle).exists():
        _refuse("agenda_empty", "没有待提请审议的拟认定对象。")


def freeze_agenda(
    *,
    cycle: Cycle,
    actor: Seat,
    now: datetime,
    progress: Progress | None = None,
    ordered_at: datetime | None = None,
) -> Agenda:
    """Put every proposed case that is on no open agenda before the meeting, as one frozen list (T26).

    All or nothing. An order that was carried out already (``ordered_at``) returns its agenda and changes nothing.
    The long look at the data comes before the transaction, so that nobody waits for it at a lock and its progress is
    seen; what is written then becomes visible at once, in the end.
    """
    if done := _carried_out(cycle, ordered_at):
        return done
    refuse_agenda(cycle=cycle, actor=actor)
    refuse_broken(gate=Gate.AGENDA, cycle=cycle, beat=_beat(waiting_cases(cycle).count(), progress))
    return _freeze(cycle, actor, now, progress, ordered_at)


def _carried_out(cycle: Cycle, ordered_at: datetime | None) -> Agenda | None:
    """Return the agenda that an order has made already."""
    return cycle.agendas.filter(frozen_at__gte=ordered_at).first() if ordered_at is not None else None


def _beat(total: int, progress: Progress | None) -> Callable[[], None] | None:
    """Say how many cases there are, none of them done, again and again; visible, as no transaction is open."""
    if progress is None:
        return None
    progress(0, total)
    return lambda: progress(0, total)


@transaction.atomic
def _freeze(
    cycle: Cycle, actor: Seat, now: datetime, progress: Progress | None, ordered_at: datetime | None
) -> Agenda:
    """Write the agenda whole: under the cycle's lock, after asking once more what may have changed meanwhile."""
    cycle = _locked_cycle(cycle)
    if done := _carried_out(cycle, ordered_at):
        return done
    refuse_agenda(cycle=cycle, actor=actor)
    waiting = list(waiting_cases(cycle))
    number = (Agenda.objects.filter(cycle=cycle).aggregate(last=Max("number"))["last"] or 0) + 1
    digest = digest_of(listing_of(waiting))
    agenda = Agenda.objects.create(cycle=cycle, number=number, digest=digest, frozen_by=actor, frozen_at=now)
    for place, case in enumerate(_told(waiting, len(waiting), progress), start=1):
        _put(agenda, case, place, actor, now)
    return agenda


def order_agenda(*, cycle: Cycle, actor: Seat, now: datetime) -> Job:
    """Have the list frozen in the background; one order at a time, a second one returns the first."""
    refuse_agenda(cycle=cycle, actor=actor)
    return _order(FREEZE_AGENDA, actor, now, cycle=cycle.pk)


def _order(kind: str, actor: Seat, now: datetime, **ids: int) -> Job:
    with transaction.atomic():
        return open_job(kind, **ids) or enqueue(kind, owner=actor.user, at=now, seat=actor.pk, **ids)


def _put(agenda: Agenda, case: Declaration, place: int, actor: Seat, now: datetime) -> None:
    def effect(dossier: Dossier) -> dict[str, object]:
        AgendaItem.objects.create(agenda=agenda, declaration=dossier.case, place=place)
        return {"digest": agenda.digest}

    perform(case=case, name="put_on_agenda", actor=actor, now=now, effect=effect)


def reopen_decision(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Put a case whose public notice brought a valid objection before the meeting again (T29), with the reason."""
    return perform(case=case, name="to_meeting_again", actor=actor, now=now, reason=reason)


# ---- the meeting


@transaction.atomic
def draft_meeting(
    *,
    agenda: Agenda,
    on: date | None,
    present: str,
    recused: str,
    text: str,
    outcomes: Mapping[int, tuple[str, str]],
    actor: Seat,
) -> Agenda:
    """Keep the secretary's draft of the record and of some outcomes; it decides nothing."""
    agenda = _open_agenda(agenda, actor)
    agenda.meeting_on, agenda.present, agenda.recused, agenda.minutes = on, present, recused, text
    agenda.save(update_fields=["meeting_on", "present", "recused", "minutes"])
    items = list(agenda.items.filter(pk__in=outcomes))
    for item in items:
        item.proposed_outcome, item.proposed_remark = outcomes[item.pk]
    AgendaItem.objects.bulk_update(items, ["proposed_outcome", "proposed_remark"])
    return agenda


@transaction.atomic
def draft_all_approved(*, agenda: Agenda, actor: Seat) -> int:
    """Draft “审议通过” for every case of the agenda; return how many."""
    agenda = _open_agenda(agenda, actor)
    return agenda.items.update(proposed_outcome=Outcome.APPROVED)


def _open_agenda(agenda: Agenda, actor: Seat) -> Agenda:
    agenda = Agenda.objects.select_for_update(of=("self",)).get(pk=agenda.pk)
    if not allowed(actor, "declarations.decide"):
        _refuse("not_permitted", "由主席办公会议秘书登记审议结果。")
    if agenda.decided_at is not None:
        _refuse("already_decided", "本次审议结果已经登记。")
    if open_job(DECIDE, agenda=agenda.pk):
        _refuse("being_decided", "审议结果正在登记，请稍后查看。")
    return agenda


def order_decision(*, agenda: Agenda, actor: Seat, now: datetime) -> Job:
    """Have the drafted outcomes registered in the background; refuses at once what would be refused then."""
    if job := open_job(DECIDE, agenda=agenda.pk):
        return job
    with transaction.atomic():
        agenda = _open_agenda(agenda, actor)
        minutes = _minutes(agenda)
        if minutes.on > timezone.localdate(now):
            _refuse("meeting_ahead", "会议日期不能晚于今天。")
        _refuse_decision(agenda, minutes, proposed_outcomes(agenda), actor)
        return _order(DECIDE, actor, now, agenda=agenda.pk)


def _minutes(agenda: Agenda) -> Minutes:
    on, present, recused, text = minutes_of(agenda)
    if on is None:
        _refuse("date_missing", "请填写会议日期。")
    return Minutes(on=on, present=present, recused=recused, text=text)


def decide_as_drafted(
    *, agenda: Agenda, actor: Seat, now: datetime, progress: Progress | None = None, ordered_at: datetime | None = None
) -> Agenda:
    """Register the drafted record and outcomes; an order that was carried out already changes nothing.

    How many cases there are is told before the transaction, which becomes visible as a whole.
    """
    if progress is not None:
        progress(0, agenda.items.count())
    return _decide_as_drafted(agenda, actor, now, progress, ordered_at)


@transaction.atomic
def _decide_as_drafted(
    agenda: Agenda, actor: Seat, now: datetime, progress: Progress | None, ordered_at: datetime | None
) -> Agenda:
    agenda = Agenda.objects.select_for_update(of=("self",)).get(pk=agenda.pk)
    if ordered_at is not None and agenda.decided_at is not None and agenda.decided_at >= ordered_at:
        return agenda
    outcomes = {pk: (Outcome(outcome), remark) for pk, (outcome, remark) in proposed_outcomes(agenda).items()}
    return decide(
        agenda=agenda, minutes=_minutes(agenda), outcomes=outcomes, actor=actor, now=now, progress=progress
    )


@transaction.atomic
def decide(
    *,
    agenda: Agenda,
    minutes: Minutes,
    outcomes: Mapping[int, tuple[Outcome, str]],
    actor: Seat,
    now: datetime,
    progress: Progress | None = None,
) -> Agenda:
    """Write down what the meeting decided on each case of the agenda (T27); nothing is shown to anybody yet.

    ``outcomes`` maps the agenda item's key to outcome and remark; every item must have one. All or nothing.
    """
    agenda = Agenda.objects.select_for_update(of=("self",)).get(pk=agenda.pk)
    _refuse_decision(agenda, minutes, outcomes, actor)
    agenda.meeting_on, agenda.present, agenda.recused = minutes.on, minutes.present, minutes.recused
    agenda.minutes, agenda.decided_by, agenda.decided_at = minutes.text, actor, now
    agenda.save()
    items = list(agenda.items.select_related("declaration").order_by("place"))
    for item in _told(items, len(items), progress):
        outcome, remark = outcomes[item.pk]
        _decide(item, Outcome(outcome), remark, actor, now)
    if agenda.cycle.released_at is not None:
        draft_results(cycle=agenda.cycle, actor=actor, now=now)
    return agenda


def _refuse_decision(
    agenda: Agenda, minutes: Minutes, outcomes: Mapping[int, tuple[str, str]], actor: Seat
) -> None:
    if not allowed(actor, "declarations.decide"):
        _refuse("not_permitted", "由主席办公会议秘书登记审议结果。")
    if binds(actor) and agenda.items.filter(hidden_from(actor, "declaration")).exists():
        _refuse("recused", "议程内有您应当回避的申报，审议结果由另一位秘书登记。", "回避")
    if agenda.decided_at is not None:
        _refuse("already_decided", "本次审议结果已经登记。")
    if not (minutes.present.strip() and minutes.text.strip()):
        _refuse("minutes_missing", "请登记出席人员和会议纪要。")
    if set(outcomes) != set(agenda.items.values_list("pk", flat=True)):
        _refuse("outcomes_missing", "请为名单上的每一件选择审议结果。")
    places = dict(agenda.items.values_list("pk", "place"))
    silent = sorted(
        places[pk] for pk, (outcome, remark) in outcomes.items() if outcome != Outcome.APPROVED and not remark.strip()
    )
    if silent:
        named = "、".join(f"第{place}件" for place in silent[:6]) + (f"等{len(silent)}件" if len(silent) > 6 else "")
        _refuse("remark_missing", f"审议未通过或再议的须写明说明：{named}。")
    if digest_of(listing_of(item.declaration for item in _listed(agenda))) != agenda.digest:
        _refuse("agenda_changed", "名单与提请审议时不一致，不能登记审议结果。")


def _listed(agenda: Agenda) -> Iterable[AgendaItem]:
    return agenda.items.select_related("declaration").order_by("place")


def _decide(item: AgendaItem, outcome: Outcome, remark: str, actor: Seat, now: datetime) -> None:
    def effect(dossier: Dossier) -> None:
        item.outcome, item.remark = outcome, remark
        item.save(update_fields=["outcome", "remark"])

    perform(
        case=item.declaration, name=STEP_OF[outcome], actor=actor, now=now, reason=remark, effect=effect
    )
