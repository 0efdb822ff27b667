"""Lists and their filters."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Count, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from declarations.models import Cycle, Declaration, Notice
from declarations.queries.cases import case_list, cases_visible_to, shown_states
from declarations.queries.clock import is_overdue
from declarations.queries.cycles import counts_for, current_cycle, cycles_by_opening
from declarations.queries.recusals import without_recused
from declarations.queries.visits import visited_by
from declarations.states import OPEN, State
from sihao.accounts.models import Seat
from sihao.accounts.queries import path_end, seat_of_values, values_of
from sihao.prepared import Prepared


@dataclass(frozen=True)
class Narrowing:
    """What a list is narrowed by; empty parts do not narrow."""

    words: str = ""
    state: str = ""
    overdue: bool = False
    held: bool = False
    unit: str = ""


def case_rows(seat: Seat, cycle: Cycle, narrowing: Narrowing, now: datetime) -> QuerySet[Declaration]:
    """Return the cases of a cycle the seat may see, narrowed; a state the seat may not tell apart does not narrow."""
    known = shown_states(seat, cycle.released_at is not None)
    states = frozenset({State(narrowing.state)} & known) if narrowing.state else frozenset()
    cases = case_list(seat, words=narrowing.words, states=states).filter(cycle=cycle)
    cases = cases.filter(unit__code=narrowing.unit) if narrowing.unit else cases
    if narrowing.held:
        cases = cases.filter(holder=seat.organisation_id, state__in=sorted(OPEN))
    return cases.filter(is_overdue(now)) if narrowing.overdue else cases


def filter_chips(seat: Seat, cycle: Cycle, wanted: Narrowing, path: str) -> list[dict[str, object]]:
    """Return the state filters with their kept counts; narrowed to one unit they tell none."""
    known = shown_states(seat, cycle.released_at is not None)
    counts = {state: number for state, number in counts_for(seat, cycle).items() if state in known}
    counts.pop(State.DRAFT, None)
    everything = not (wanted.state or wanted.overdue or wanted.held)
    whole = "" if not wanted.unit else f"unit={wanted.unit}&"
    chips: list[dict[str, object]] = [
        {"label": "全部", "url": f"{path}?{whole}".rstrip("?&"), "current": everything},
        {"label": "本单位办理中", "url": f"{path}?{whole}held=1", "current": wanted.held},
        {"label": "逾期", "url": f"{path}?{whole}overdue=1", "current": wanted.overdue},
    ]
    return chips + [
        {
            "label": state.label,
            "url": f"{path}?{whole}state={state.value}",
            "current": wanted.state == state,
            "count": None if whole else number,
        }
        for state, number in sorted(counts.items(), key=lambda pair: list(State).index(pair[0]))
    ]


def notices_of(seat: Seat) -> QuerySet[Notice]:
    """Return the messages of a seat; those on cases from which its person steps back are not there."""
    return without_recused(Notice.objects.filter(seat=seat), seat, "declaration")


def own_notice(seat: Seat, pk: int) -> Notice:
    """Return one message of the seat, or answer 404."""
    notice = notices_of(seat).filter(pk=pk).first()
    if notice is None:
        raise Http404
    return notice


def cases_in_sight(seat: Seat, notices: Iterable[Notice]) -> frozenset[int]:
    """Return which of the cases that messages are about the seat may still see; one query."""
    keys = {notice.declaration_id for notice in notices if notice.declaration_id is not None}
    if not keys:
        return frozenset()
    seen = frozenset(cases_visible_to(seat).filter(pk__in=keys).order_by().values_list("pk", flat=True))
    return seen | visited_by(seat, keys - seen)


def cycle_and_unread(seat: Seat | None) -> tuple[Cycle | None, int]:
    """Return the current cycle and how many messages of a seat are unread: what every page prints, in one query."""
    if seat is None:
        return current_cycle(), 0
    cycle = _current_and_unread(seat.role).first(*values_of(seat))
    return (cycle, cycle.unread) if cycle is not None else (None, unread_count(seat))


@cache
def _current_and_unread(role: str) -> Prepared[Cycle]:
    return Prepared(
        lambda *seat: cycles_by_opening().annotate(unread=unread_by(seat_of_values(role, *seat)))[:1], change=path_end
    )


def case_and_unread(seat: Seat, pk: int) -> Declaration | None:
    """Return the case with that key if the seat may see it, and with it how many of the seat's messages are unread."""
    return _case_and_unread(seat.role).first(pk, *values_of(seat))


@cache
def _case_and_unread(role: str) -> Prepared[Declaration]:
    def rows(pk: int, *values: Any) -> QuerySet[Declaration]:
        seat = seat_of_values(role, *values)
        return cases_visible_to(seat).filter(pk=pk).annotate(unread=unread_by(seat))

    return Prepared(rows, change=path_end)


def unread_by(seat: Seat) -> Coalesce:
    """Return the number of a seat's unread messages, to be asked along with another row."""
    mine = notices_of(seat).filter(read_at__isnull=True).order_by().values("seat")
    return Coalesce(Subquery(mine.annotate(number=Count("id")).values("number")), 0)


def unread_count(seat: Seat) -> int:
    """Return how many messages are unread; a small partial index answers it."""
    return notices_of(seat).filter(read_at__isnull=True).count()
