"""From the agenda to the published list (notice 五（二）4 and 六)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from declarations.actions.transition import perform
from declarations.digests import digest_of
from declarations.models import Agenda, AgendaItem, Cycle, Declaration, Recognition
from declarations.queries.facts import Dossier
from declarations.states import Outcome, State
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record

CLAUSE = "五（二）4"
STEP_OF = {Outcome.APPROVED: "approve", Outcome.NOT_APPROVED: "reject", Outcome.HELD_OVER: "hold_over"}


@dataclass(frozen=True)
class Minutes:
    """The record of the chairman's meeting."""

    on: date
    present: str
    recused: str
    text: str


def _refuse(code: str, sentence: str, clause: str = CLAUSE) -> None:
    raise Refused((Refusal(code, sentence, clause),))


@transaction.atomic
def freeze_agenda(*, cycle: Cycle, actor: Seat, now: datetime) -> Agenda:
    """Put every proposed case that is on no open agenda before the meeting, as one frozen list (T26)."""
    if not allowed(actor, "declarations.agenda"):
        _refuse("not_permitted", "由会员部负责人提请审议。")
    waiting = _waiting(cycle)
    if not waiting:
        _refuse("agenda_empty", "没有待提请审议的拟认定对象。")
    listing = [{"number": case.number, "name": case.applicant_name, "total": str(case.final_total)} for case in waiting]
    number = (Agenda.objects.filter(cycle=cycle).aggregate(last=Max("number"))["last"] or 0) + 1
    agenda = Agenda.objects.create(
        cycle=cycle, number=number, digest=digest_of(listing), frozen_by=actor, frozen_at=now
    )
    for place, case in enumerate(waiting, start=1):
        _put(agenda, case, place, actor, now)
    return agenda


def _waiting(cycle: Cycle) -> list[Declaration]:
    cases = Declaration.objects.filter(cycle=cycle, state=State.PROPOSED).select_related("unit", "cycle")
    waiting = cases.exclude(agenda_items__outcome="")
    return list(waiting.order_by("unit__code", "rank", "pk"))


def _put(agenda: Agenda, case: Declaration, place: int, actor: Seat, now: datetime) -> None:
    def effect(dossier: Dossier) -> dict[str, object]:
        AgendaItem.objects.create(agenda=agenda, declaration=dossier.case, place=place)
        return {"digest": agenda.digest}

    perform(case=case, name="put_on_agenda", actor=actor, now=now, effect=effect)


@transaction.atomic
def decide(
    *,
    agenda: Agenda,
    minutes: Minutes,
    outcomes: Mapping[int, tuple[Outcome, str]],
    actor: Seat,
    now: datetime,
) -> Agenda:
    """Write down what the meeting decided on each case of the agenda (T27); nothing is shown to anybody yet.

    ``outcomes`` maps the agenda item's key to outcome and remark; every item must have one.
    """
    agenda = Agenda.objects.select_for_update().get(pk=agenda.pk)
    _refuse_decision(agenda, minutes, outcomes, actor)
    agenda.meeting_on, agenda.present, agenda.recused = minutes.on, minutes.present, minutes.recused
    agenda.minutes, agenda.decided_by, agenda.decided_at = minutes.text, actor, now
    agenda.save()
    for item in agenda.items.select_related("declaration").order_by("place"):
        outcome, remark = outcomes[item.pk]
        _decide(item, Outcome(outcome), remark, actor, now)
    return agenda


def _refuse_decision(
    agenda: Agenda, minutes: Minutes, outcomes: Mapping[int, tuple[Outcome, str]], actor: Seat
) -> None:
    if not allowed(actor, "declarations.decide"):
        _refuse("not_permitted", "由主席办公会议秘书登记审议结果。")
    if agenda.decided_at is not None:
        _refuse("already_decided", "本次审议结果已经登记。")
    if not (minutes.present.strip() and minutes.text.strip()):
        _refuse("minutes_missing", "请登记出席人员和会议纪要。")
    if set(outcomes) != set(agenda.items.values_list("pk", flat=True)):
        _refuse("outcomes_missing", "请为名单上的每一件选择审议结果。")


def _decide(item: AgendaItem, outcome: Outcome, remark: str, actor: Seat, now: datetime) -> None:
    def effect(dossier: Dossier) -> None:
        item.outcome, item.remark = outcome, remark
        item.save(update_fields=["outcome", "remark"])

    perform(
        case=item.declaration, name=STEP_OF[outcome], actor=actor, now=now, reason=remark, effect=effect
    )


@transaction.atomic
def publish_list(*, cycle: Cycle, actor: Seat, now: datetime) -> Cycle:
    """Publish the list (T30): every approved case is recognised and gets its certificate number."""
    cycle = Cycle.objects.select_for_update(of=("self",)).get(pk=cycle.pk)
    if not allowed(actor, "declarations.publish"):
        _refuse("not_permitted", "由会员部负责人公布名单。", "六")
    approved = Declaration.objects.filter(cycle=cycle, state=State.APPROVED).select_related("unit", "cycle")
    cases = list(approved.order_by("unit__code", "rank", "pk"))
    if not cases:
        _refuse("nothing_to_publish", "没有审议通过、待公布的对象。", "六")
    serial = Recognition.objects.filter(cycle=cycle).aggregate(last=Max("serial"))["last"] or 0
    for offset, case in enumerate(cases, start=1):
        _recognise(case, serial + offset, actor, now)
    names = list(cycle.recognitions.order_by("serial").values_list("number", "name"))
    cycle.published_at, cycle.published_digest = now, digest_of([list(pair) for pair in names])
    cycle.save(update_fields=["published_at", "published_digest"])
    data = {"digest": cycle.published_digest, "number": len(cases)}
    record(Event.LIST_PUBLISHED, actor=actor, target=cycle, at=now, data=data)
    return cycle


def _recognise(case: Declaration, serial: int, actor: Seat, now: datetime) -> None:
    number = f"{case.cycle.certificate_prefix}{serial:04d}"

    def effect(dossier: Dossier) -> dict[str, object]:
        kind = dossier.answers.get("chamber_type")
        Recognition.objects.create(
            declaration=dossier.case,
            cycle=dossier.case.cycle,
            serial=serial,
            number=number,
            name=dossier.case.applicant_name,
            unit_name=dossier.case.unit.name,
            unit_code=dossier.case.unit.code,
            chamber_type=str(kind.value) if kind and kind.value else "",
            recognised_at=now,
        )
        return {"number": number}

    perform(case=case, name="recognise", actor=actor, now=now, effect=effect)


@transaction.atomic
def release_results(*, cycle: Cycle, actor: Seat, now: datetime) -> Cycle:
    """Make the other outcomes visible to provinces and chambers (T31); with the list or after it, never before."""
    cycle = Cycle.objects.select_for_update(of=("self",)).get(pk=cycle.pk)
    if not allowed(actor, "declarations.publish"):
        _refuse("not_permitted", "由会员部负责人公开结果。", "六")
    if cycle.published_at is None:
        _refuse("not_published", "名单公布后才能公开其他结果。", "六")
    if cycle.released_at is not None:
        _refuse("already_released", "结果已经公开。", "六")
    cycle.released_at = now
    cycle.save(update_fields=["released_at"])
    record(Event.RESULTS_RELEASED, actor=actor, target=cycle, at=now)
    return cycle
