"""What the meeting's and the publication's pages print, and what their jobs read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from declarations.models import Agenda, AgendaItem, Cycle, Declaration
from declarations.queries.recusals import binds, hidden_from, without_recused
from declarations.states import Outcome, State
from sihao.accounts.models import Seat
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
