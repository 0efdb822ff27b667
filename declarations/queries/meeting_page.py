"""What the meeting's and the publication's pages print, and what their jobs read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404
from django.urls import reverse

from declarations.models import Agenda, AgendaItem, Cycle, Declaration, Recognition
from declarations.queries.recusals import binds, hidden_from, without_recused
from declarations.queries.second_person import somebody_confirms
from declarations.second_person import Paired
from declarations.states import Outcome, State
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal
from sihao.jobs.models import OPEN_STATES, Job

FREEZE_AGENDA = "declarations.freeze_agenda"
DECIDE = "declarations.decide"
PUBLISH = "declarations.publish"

UNIT_ORDER = ("unit__code", "rank", "id")


def open_job(kind: str, **ids: int) -> Job | None:
    """Return the job of a kind on these objects that still waits or runs."""
    named = {f"arguments__{name}": pk for name, pk in ids.items()}
    return Job.objects.filter(kind=kind, state__in=OPEN_STATES, **named).order_by("id").first()


def cycle_named(pk: int) -> Cycle:
    """Return a cycle by key."""
    return Cycle.objects.select_related("programme").defer("programme__text", "notice_text").get(pk=pk)


def agenda_named(pk: int) -> Agenda:
    """Return an agenda by key."""
    return Agenda.objects.select_related("cycle").defer("cycle__notice_text").get(pk=pk)


def seat_named(pk: int) -> Seat | None:
    """Return a seat by key, with its person and body."""
    return Seat.objects.select_related("user", "organisation").filter(pk=pk).first()


# ---- the agenda


def waiting_cases(cycle: Cycle) -> QuerySet[Declaration]:
    """Return the proposed cases that are on no open agenda, by unit and rank."""
    cases = Declaration.objects.filter(cycle=cycle, state=State.PROPOSED).select_related("unit", "cycle")
    return cases.defer("cycle__notice_text").exclude(agenda_items__outcome="").order_by(*UNIT_ORDER)


def listing_of(cases: Iterable[Declaration]) -> list[dict[str, str]]:
    """Return the list as it is digested: number, name and total of each case in order."""
    return [{"number": case.number, "name": case.applicant_name, "total": str(case.final_total)} for case in cases]


def agendas_of(cycle: Cycle, seat: Seat) -> QuerySet[Agenda]:
    """Return the cycle's agendas with how many cases each has and how many are decided which way.

    Without the cases that the seat's people step back from.
    """
    told = ~hidden_from(seat, "items__declaration") if binds(seat) else Q()
    return (
        Agenda.objects.filter(cycle=cycle)
        .select_related("cycle", "frozen_by__user", "decided_by__user")
        .defer("cycle__notice_text")
        .annotate(
            number_of_items=Count("items", filter=Q(items__isnull=False) & told),
            approved=Count("items", filter=Q(items__outcome=Outcome.APPROVED) & told),
        )
    )


def agenda_in(cycle: Cycle, pk: int, seat: Seat) -> Agenda:
    """Return one of the cycle's agendas, or answer 404."""
    agenda = agendas_of(cycle, seat).filter(pk=pk).first()
    if agenda is None:
        raise Http404
    return agenda


def items_of(agenda: Agenda, seat: Seat) -> QuerySet[AgendaItem]:
    """Return what is on an agenda, with the cases and their units; nothing of what the seat's people step back from."""
    return without_recused(agenda.items.select_related("declaration__unit"), seat, "declaration")


def outcome_counts(agenda: Agenda, seat: Seat) -> list[tuple[str, int]]:
    """Return how many cases have which drafted or registered outcome, in words (one query)."""
    name = "outcome" if agenda.decided_at is not None else "proposed_outcome"
    counted = dict(items_of(agenda, seat).order_by().values_list(name).annotate(number=Count("id")))
    told = [(outcome.label, counted.get(outcome.value, 0)) for outcome in Outcome]
    return told + ([("尚未选择", counted[""])] if counted.get("") else [])


def proposed_outcomes(agenda: Agenda) -> dict[int, tuple[str, str]]:
    """Return the drafted outcomes by item; an item without one is left out."""
    rows = agenda.items.exclude(proposed_outcome="").values_list("pk", "proposed_outcome", "proposed_remark")
    return {pk: (outcome, remark) for pk, outcome, remark in rows}


def minutes_of(agenda: Agenda) -> tuple[date | None, str, str, str]:
    """Return the record of the meeting: date, attendance, recusals, minutes."""
    return agenda.meeting_on, agenda.present, agenda.recused, agenda.minutes


@dataclass(frozen=True)
class ItemLine:
    """One case of an agenda as its page draws it."""

    item: AgendaItem
    outcome: str
    remark: str


def item_lines(items: Iterable[AgendaItem], typed: Mapping[int, tuple[str, str]]) -> list[ItemLine]:
    """Return the cases with their drafted outcomes; what was typed stands before what was kept."""
    return [ItemLine(one, *typed.get(one.pk, (one.proposed_outcome, one.proposed_remark))) for one in items]


# ---- the publication


def approved_cases(cycle: Cycle) -> QuerySet[Declaration]:
    """Return the approved cases in the order of the list: by unit and rank."""
    cases = Declaration.objects.filter(cycle=cycle, state=State.APPROVED).select_related("unit", "cycle")
    return cases.defer("cycle__notice_text").order_by(*UNIT_ORDER)


@dataclass(frozen=True)
class PublicationPlan:
    """What publishing will do: how many titles, which certificate numbers, how many were given before."""

    waiting: int
    first: str
    last: str
    published: int


def publication_plan(cycle: Cycle, waiting: int) -> PublicationPlan:
    """Return what publishing will do with so many approved cases (one query)."""
    published = Recognition.objects.filter(cycle=cycle).aggregate(last=Max("serial"))["last"] or 0
    first, last = (f"{cycle.certificate_prefix}{published + place:04d}" for place in (1, max(waiting, 1)))
    return PublicationPlan(waiting, first, last, published)


def recognition_of(case: Declaration) -> Recognition | None:
    """Return the title a case won, if it was published."""
    return Recognition.objects.filter(declaration=case).first()


@dataclass(frozen=True)
class Deed:
    """One grave act of the publication page, with what it will do to whom."""

    label: str
    url: str
    confirm: str
    kind: str = "primary"
    refusals: tuple[Refusal, ...] = ()


def publication_acts(seat: Seat, cycle: Cycle, plan: PublicationPlan, counts: Mapping[State, int]) -> list[Deed]:
    """Return publishing and releasing, as far as they are the seat's, each with its confirmation or why it is closed.

    By two persons, publishing is prepared by one and confirmed by the head.
    """
    two, head = Paired.PUBLISH in cycle.two_persons, allowed(seat, "declarations.publish")
    if not (head or (two and allowed(seat, "declarations.prepare_publication"))):
        return []
    first = "由会员部负责人确认后，" if two else ""
    numbers = plan.first if plan.waiting == 1 else f"{plan.first}至{plan.last}"
    publish = Deed(
        "提请公布名单" if two else "公布名单",
        reverse("declarations:publish"),
        f"{first}{plan.waiting}家商会将认定为{cycle.honour}，证书编号{numbers}，同时通知这些商会，"
        "认定名单和证书查验对社会公开。公布后不能撤回。",
        refusals=_publish_refusals(seat, plan, two=two),
    )
    others = counts.get(State.NOT_APPROVED, 0) + counts.get(State.NOT_ELIGIBLE, 0)
    release = Deed(
        "公开其他结果",
        reverse("declarations:release"),
        f"公开后，省级工商联和申报商会可以看到各件的结果，包括不能参与认定和审议未通过的{others}件。公开后不能撤回。",
        "secondary",
        _release_refusals(cycle),
    )
    return [publish, release] if head else [publish]


def _publish_refusals(seat: Seat, plan: PublicationPlan, *, two: bool) -> tuple[Refusal, ...]:
    if not plan.waiting:
        return (Refusal("nothing_to_publish", "没有审议通过、待公布的对象。", "六"),)
    if two and not somebody_confirms(seat, Paired.PUBLISH):
        return (Refusal("no_second_person", "公布名单由两人办理：由会员部经办人提请，由您确认。", "两人办理"),)
    return ()


def _release_refusals(cycle: Cycle) -> tuple[Refusal, ...]:
    if cycle.published_at is None:
        return (Refusal("not_published", "名单公布后才能公开其他结果。", "六"),)
    if cycle.released_at is not None:
        return (Refusal("already_released", "结果已经公开。", "六"),)
    return ()
