"""Spot checks as their people see them: the visits of a seat, teams and who may be on one, the tasks they make."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, prefetch_related_objects
from django.http import Http404

from declarations.models import Cycle, Declaration, Visit, VisitMember, VisitPhoto
from declarations.queries.cases import WITH_NAMES
from declarations.queries.recusals import seats_free_for, without_recused
from declarations.states import ENDED, OPEN_VISIT, State, VisitFinding, VisitState
from declarations.visiting import day_of
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.queries import path_end, path_range, seat_of_values, values_of
from sihao.accounts.roles import DEPARTMENT_ROLES, TIER_ROLES, Kind, Level, Role
from sihao.prepared import Prepared

SHOWN = 50
NAMED = (
    "draw",
    "declaration__cycle__programme",
    "declaration__home",
    "declaration__unit",
    "declaration__applicant",
    "declaration__holder",
    "assigned_by__user",
    "submitted_by__user",
    "waived_by__user",
    "followed_by__user",
)
LEFT_OUT = ("draw__frame", "declaration__cycle__programme__text", "declaration__cycle__notice_text")
READ_BY_TEAM = frozenset({VisitState.ASSIGNED, VisitState.VISITED})


def _team() -> Prefetch:
    team = VisitMember.objects.select_related("seat__user", "seat__organisation", "person").order_by("id")
    return Prefetch("members", team)


def _named(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    return visits.select_related(*NAMED).defer(*LEFT_OUT).prefetch_related(_team())


def visits_open_to(seat: Seat) -> QuerySet[Visit]:
    """Return the visits a seat may see: the nation all, a team its own; none of a case that it steps back from."""
    national = seat.role in DEPARTMENT_ROLES | {Role.SUPERVISION}
    if not national and seat.role not in TIER_ROLES:
        return Visit.objects.none()
    own = Q() if national else Q(members__seat=seat)
    return without_recused(Visit.objects.filter(own), seat, "declaration")


def visit_for(seat: Seat, pk: int) -> Visit:
    """Return a visit with its case and team, fetched through the viewer, or answer 404."""
    found = _visit(seat.role).first(pk, *values_of(seat))
    if found is None:
        raise Http404
    prefetch_related_objects([found], _team())
    return found


@cache
def _visit(role: str) -> Prepared[Visit]:
    def rows(pk: int, *seat: Any) -> QuerySet[Visit]:
        return _named(visits_open_to(seat_of_values(role, *seat)).filter(pk=pk))

    return Prepared(rows, change=path_end)


def visit_rows(seat: Seat, cycle: Cycle, state: str = "") -> QuerySet[Visit]:
    """Return the visits of a cycle that the seat may see, in one state or all, for a list that goes on by key."""
    rows = visits_open_to(seat).filter(draw__cycle=cycle)
    return _named(rows.filter(state=state) if state in VisitState.values else rows)


def visit_chips(seat: Seat, cycle: Cycle, wanted: str, path: str) -> list[dict[str, object]]:
    """Return the states with how many visits are in each, as filters; one query."""
    rows = visits_open_to(seat).filter(draw__cycle=cycle).order_by()
    counts = dict(rows.values_list("state").annotate(number=Count("pk")))
    every = {"label": "全部", "url": path, "current": wanted not in VisitState.values, "count": sum(counts.values())}
    return [every] + [
        {"label": state.label, "url": f"{path}?state={state.value}", "current": wanted == state, "count": counts[state]}
        for state in VisitState
        if counts.get(state)
    ]


def case_on_visit(seat: Seat, pk: int) -> QuerySet[Declaration]:
    """Return the case with that key if the seat is to visit it or has its record before it; only to be looked at."""
    mine = Visit.objects.filter(members__seat=seat, state__in=sorted(READ_BY_TEAM))
    if seat.role not in TIER_ROLES:
        return Declaration.objects.none()
    cases = without_recused(Declaration.objects.filter(pk=pk, visits__in=mine), seat)
    return cases.select_related(*WITH_NAMES).defer("cycle__programme__text", "cycle__notice_text", "batch__listing")


def visited_by(seat: Seat, keys: Iterable[int]) -> frozenset[int]:
    """Return which of the cases, by key, the seat is to visit; no query for seats that visit none."""
    wanted = set(keys)
    if not wanted or seat.role not in TIER_ROLES:
        return frozenset()
    mine = VisitMember.objects.filter(
        seat=seat, visit__declaration__in=wanted, visit__state__in=sorted(READ_BY_TEAM)
    )
    return frozenset(without_recused(mine, seat, "visit__declaration").values_list("visit__declaration_id", flat=True))


def day_of_visit(visit: Visit) -> date | None:
    """Return the day of a visit, where it was typed and is one."""
    return day_of(visit.entries.filter(field="visited_on").values_list("value", flat=True).first() or "")


def photos_of(visit: Visit) -> list[VisitPhoto]:
    """Return the photographs of a visit that were not taken out again, in the order in which they came."""
    return list(visit.photos.filter(removed_at__isnull=True).select_related("added_by__user").order_by("id"))


def photo_of(visit: Visit, pk: int) -> VisitPhoto:
    """Return one of them, or answer 404."""
    found = visit.photos.filter(removed_at__isnull=True, pk=pk).first()
    if found is None:
        raise Http404
    return found


def record_of(visit: Visit) -> dict[str, str]:
    """Return the record as typed, by field."""
    return dict(visit.entries.values_list("field", "value"))


# ---- teams


@dataclass(frozen=True)
class Candidate:
    """One person who may be on a team: the seat, its province, how many open visits it has, whether it is chosen."""

    seat: Seat
    province: str
    load: int
    chosen: bool


def free_for_visit(case: Declaration) -> QuerySet[Seat]:
    """Return the seats that may visit a case: of federations of other provinces, without ties to it or its province."""
    province = case.applicant.province_path
    held = Seat.objects.filter(role__in=sorted(TIER_ROLES), ended_at__isnull=True, user__is_active=True)
    held = held.filter(organisation__kind=Kind.FEDERATION, organisation__level__gt=Level.NATIONAL)
    if case.applicant.level != Level.NATIONAL or case.unit.level != Level.NATIONAL:
        there = Seat.objects.filter(path_range(province, "organisation__path"), ended_at__isnull=True)
        held = held.exclude(user__in=there.values("user")).exclude(path_range(province, "organisation__path"))
    return seats_free_for(held, case).filter(stands_in_for__isnull=True)


def tied_to(case: Declaration, seats: Iterable[Seat]) -> list[Seat]:
    """Return which of the seats may not visit the case; one query."""
    chosen = list(seats)
    free = set(free_for_visit(case).filter(pk__in=[seat.pk for seat in chosen]).values_list("pk", flat=True))
    return [seat for seat in chosen if seat.pk not in free]


def candidates_for(visit: Visit, words: str, chosen: Iterable[int]) -> list[Candidate]:
    """Return whom to choose a team from: those chosen first, then those whose office or name has the words."""
    keys = set(chosen)
    free = free_for_visit(visit.declaration).select_related("user", "organisation")
    sought = Q(organisation__name__contains=words) | Q(user__name__contains=words) if words else Q()
    if words.isdecimal():
        sought |= Q(organisation__code__startswith=words)
    found = list(free.filter(pk__in=keys).order_by("pk"))
    found += free.filter(sought).exclude(pk__in=keys).order_by("organisation__path", "role", "pk")[:SHOWN]
    loads = _loads(found)
    provinces = _provinces(found)
    return [
        Candidate(seat, provinces.get(seat.organisation.province_path, ""), loads.get(seat.pk, 0), seat.pk in keys)
        for seat in found
    ]


def _loads(seats: Sequence[Seat]) -> Mapping[int, int]:
    rows = VisitMember.objects.filter(seat__in=seats, visit__state__in=sorted(OPEN_VISIT)).order_by()
    return dict(rows.values_list("seat").annotate(number=Count("pk")))


def _provinces(seats: Sequence[Seat]) -> Mapping[str, str]:
    paths = {seat.organisation.province_path for seat in seats}
    return dict(Organisation.objects.filter(path__in=paths).values_list("path", "region"))


def seats_chosen(keys: Iterable[int]) -> list[Seat]:
    """Return seats by their keys, with people and offices."""
    return list(Seat.objects.filter(pk__in=list(keys)).select_related("user", "organisation").order_by("pk"))


# ---- tasks


def _going(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    """Return the visits whose cases are not ended, with what a line of the worklist prints."""
    going = visits.exclude(declaration__state__in=sorted(ENDED))
    return going.select_related("declaration", "draw").defer("draw__frame")


def visits_to_make(seat: Seat) -> QuerySet[Visit]:
    """Return the visits that wait for the seat itself: to be made, or to be looked through and confirmed."""
    unsaid = VisitMember.objects.filter(seat=seat, confirmed_at__isnull=True)
    mine = Q(state=VisitState.ASSIGNED) | Q(state=VisitState.VISITED, pk__in=unsaid.values("visit"))
    return _going(visits_open_to(seat).filter(mine)).order_by("planned_on", "id")


def untrue_visits(seat: Seat, cycle: Cycle) -> QuerySet[Visit]:
    """Return the visits that found a case untrue and about which nothing was done."""
    rows = visits_open_to(seat).filter(draw__cycle=cycle, state=VisitState.CONFIRMED, finding=VisitFinding.UNTRUE)
    open_cases = [State.RECOMMENDED, State.PRELIMINARY_REVIEW, State.EXPERT_REVIEW]
    return _going(rows.filter(follow="", declaration__state__in=open_cases)).order_by("id")


def teamless(seat: Seat, cycle: Cycle) -> QuerySet[Visit]:
    """Return the visits that have no team yet."""
    rows = visits_open_to(seat).filter(draw__cycle=cycle, state=VisitState.DRAWN)
    return _going(rows).order_by("id")
