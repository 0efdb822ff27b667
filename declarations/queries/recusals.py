"""Recusal (回避): which cases a person finds nothing of, and who steps back from a case.

One set, ``recused_keys``, is all there is: cases are fetched without it, counts are corrected by it, messages and the
trail leave it out. It starts from the few ties and recusals of a person, each found by an index, and is read once a
query however many rows the query looks at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from declarations.models import Declaration, Recusal, Tie
from sihao.accounts.models import Seat
from sihao.accounts.queries import active_seats_at
from sihao.accounts.queries.withheld import withhold
from sihao.accounts.refusals import Refusal
from sihao.accounts.roles import CHAMBER_ROLES, DEPARTMENT_ROLES, TIER_ROLES
from sihao.prepared import Prepared


def recused_keys(people: Iterable[int], acting_for: int = 0) -> RawSQL:
    """Return the keys of the cases from which any of the people steps back: by hand, by a tie, by a seat held there.

    A seat at the very body for which they act now (``acting_for``) is none: there they act for the applicant.
    """
    named = (*people, acting_for)
    sql, places = _compiled(len(named) - 1)
    return RawSQL(sql, tuple(named[place] for place in places))  # noqa: S611 Django's own SQL of the query below


@cache
def _compiled(number: int) -> tuple[str, tuple[int, ...]]:
    """Return the SQL for so many people, and which of them stands where: put together once, for every query asks it."""
    return _recused(range(number), number).query.sql_with_params()


def _recused(people: Sequence[int], acting_for: int) -> QuerySet[Any]:
    ties = Tie.objects.filter(user__in=people, over_at__isnull=True, organisation__isnull=False)
    seats = Seat.objects.filter(user__in=people, ended_at__isnull=True).exclude(organisation=acting_for)
    by_hand = Recusal.objects.filter(user__in=people, ended_at__isnull=True).order_by().values("declaration_id")
    tied = Declaration.objects.filter(applicant__in=ties.values("organisation_id")).order_by().values("pk")
    seated = Declaration.objects.filter(applicant__in=seats.values("organisation_id")).order_by().values("pk")
    return by_hand.union(tied, seated)


def binds(seat: Seat) -> bool:
    """Return whether recusal concerns the seat: it binds all who may judge, not a chamber's own people."""
    return seat.role not in CHAMBER_ROLES


def _keys(seat: Seat) -> RawSQL:
    return recused_keys(seat.people, seat.organisation_id)


def hidden_from(seat: Seat, field: str = "pk") -> Q:
    """Return the condition that a case (``field`` leads to its key) is one the seat's people step back from."""
    return Q(**{f"{field}__in": _keys(seat)}) if binds(seat) else Q(pk__in=())


def without_recused(rows: QuerySet[Any], seat: Seat, field: str = "pk") -> QuerySet[Any]:
    """Return the rows without those of cases that the seat's people step back from; rows of no case stay."""
    return rows.exclude(**{f"{field}__in": _keys(seat)}) if binds(seat) else rows


def without_recused_bodies(rows: QuerySet[Any], seat: Seat, field: str = "organisation") -> QuerySet[Any]:
    """Return the rows without those of a body (``field`` leads to its key) from which the seat's people step back.

    A tie or a seat there is enough: what is told of the body may come before its case. By hand it is the body whose
    case it is.
    """
    if not binds(seat):
        return rows
    ties = Tie.objects.filter(user__in=seat.people, over_at__isnull=True, organisation__isnull=False)
    seats = Seat.objects.filter(user__in=seat.people, ended_at__isnull=True).exclude(organisation=seat.organisation_id)
    of_cases = Declaration.objects.filter(hidden_from(seat)).order_by().values("applicant_id")
    apart = Q(**{f"{field}__in": ties.values("organisation_id")})
    apart |= Q(**{f"{field}__in": seats.values("organisation_id")})
    return rows.exclude(apart | Q(**{f"{field}__in": of_cases}))


def recused_flag(seat: Seat, field: str = "pk") -> Case:
    """Return the annotation that tells whether a row is of a case that the seat's people step back from."""
    if not binds(seat):
        return Case(default=Value(False), output_field=BooleanField())
    return flag_of(seat.people, seat.organisation_id, field)


def flag_of(people: Iterable[int], acting_for: int, field: str = "pk") -> Case:
    """Return the same annotation of people who act for a body and whom recusal concerns."""
    hidden = When(**{f"{field}__in": recused_keys(people, acting_for)}, then=Value(True))
    return Case(hidden, default=Value(False), output_field=BooleanField())


def is_recused(seat: Seat, case: Declaration) -> bool:
    """Return whether the seat's people step back from a case; one query."""
    return binds(seat) and Declaration.objects.filter(hidden_from(seat), pk=case.pk).exists()


def people_recused(case: Declaration) -> QuerySet[Any]:
    """Return the keys of everybody who steps back from a case, its own chamber's people among them."""
    by_hand = Recusal.objects.filter(declaration=case, ended_at__isnull=True).order_by().values("user_id")
    ties = Tie.objects.filter(organisation=case.applicant_id, over_at__isnull=True).order_by().values("user_id")
    seats = Seat.objects.filter(organisation=case.applicant_id, ended_at__isnull=True).order_by().values("user_id")
    return by_hand.union(ties, seats)


def recused_people(case: Declaration) -> set[int]:
    """Return the keys of everybody who steps back from a case, read at once."""
    return {row["user_id"] for row in people_recused(case)}


def seats_free_for(seats: QuerySet[Seat], case: Declaration) -> QuerySet[Seat]:
    """Return the seats whose people may know of the case; the applicant's own stay for its own case."""
    recused = people_recused(case)
    judging = ~Q(role__in=sorted(CHAMBER_ROLES)) & ~Q(organisation=case.applicant_id)
    bound = judging & (Q(user__in=recused) | Q(stands_in_for__in=recused))
    return seats.exclude(bound)


def told_at(organisation: int, roles: Iterable[str], case: Declaration) -> list[Seat]:
    """Return the seats of those roles at an organisation whose people may know of a case, oldest first."""
    return TOLD_AT(organisation, tuple(sorted(roles)), case.pk, case.applicant_id)


TOLD_AT = Prepared(
    lambda organisation, roles, case, applicant: seats_free_for(
        active_seats_at(organisation, roles), Declaration(pk=case, applicant_id=applicant)
    )
)


@dataclass(frozen=True)
class Apart:
    """Who of several people steps back from what, read at once: for passes over many cases and many seats."""

    cases: frozenset[tuple[int, int]]
    bodies: frozenset[tuple[int, int]]

    def may_know(self, seat: Seat, case: int, applicant: int) -> bool:
        """Return whether the seat may hear of a case (by key) of an applicant (by key); no query."""
        if not binds(seat):
            return True
        if seat.organisation_id == applicant:
            return not any((one, case) in self.cases for one in seat.people)
        return not any((one, case) in self.cases or (one, applicant) in self.bodies for one in seat.people)


def apart(seats: Iterable[Seat]) -> Apart:
    """Return from what the people of the seats step back, as ``recused_keys`` has it; three queries."""
    people = {one for seat in seats for one in seat.people}
    by_hand = Recusal.objects.filter(user__in=people, ended_at__isnull=True).values_list("user_id", "declaration_id")
    ties = Tie.objects.filter(user__in=people, over_at__isnull=True, organisation__isnull=False)
    held = Seat.objects.filter(user__in=people, ended_at__isnull=True)
    bodies = [*ties.values_list("user_id", "organisation_id"), *held.values_list("user_id", "organisation_id")]
    return Apart(frozenset(by_hand), frozenset(bodies))


# ---- lists

NOT_WHOLE = Refusal("list_recused", "名单内有您应当回避的申报，名单由本单位其他人办理。", "回避")


def hides_of_list(seat: Seat, cycle_id: int, unit_id: int) -> bool:
    """Return whether a unit's list, or its reserves, has a case from which the seat's people step back."""
    ranked = Declaration.objects.filter(cycle=cycle_id, unit=unit_id, rank__isnull=False)
    return binds(seat) and ranked.filter(hidden_from(seat)).exists()


def places_hidden(seat: Seat) -> Coalesce:
    """Return the annotation of a quota: how many of its places are taken by cases the seat's people step back from."""
    taken = Declaration.objects.filter(
        hidden_from(seat), unit=OuterRef("organisation"), cycle=OuterRef("cycle"), rank__isnull=False, is_reserve=False
    )
    counted = taken.order_by().values("unit").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


def recused_in(seat: Seat, cycle_id: int | None) -> list[int]:
    """Return the keys of the cases of a cycle from which the seat's people step back."""
    cases = Declaration.objects.filter(hidden_from(seat), cycle=cycle_id)
    return list(cases.order_by("pk").values_list("pk", flat=True))


def reads_all_but(seat: Seat, cycle_id: int | None, without: Iterable[int]) -> bool:
    """Return whether the seat steps back from nothing that a file may hold which was made without some cases."""
    return set(recused_in(seat, cycle_id)) <= set(without)


# ---- the offices of a case


@dataclass(frozen=True)
class Staff:
    """One seat of an office that deals with a case, and whether its person steps back from it."""

    seat: Seat
    recused: bool


def staff_of(case: Declaration) -> tuple[Staff, ...]:
    """Return who is in the offices of the case's route and at its holder, with who steps back; one query."""
    offices = {*case.route, case.holder_id} - {None, case.applicant_id}
    found = IN_OFFICE(case.pk, case.applicant_id, tuple(offices)) if offices else []
    return tuple(Staff(seat, seat.recused) for seat in found)


def _in_office(case: int, applicant: int, offices: Sequence[int]) -> QuerySet[Seat]:
    recused = people_recused(Declaration(pk=case, applicant_id=applicant))
    bound = Q(user__in=recused) | Q(stands_in_for__in=recused)
    flag = Case(When(bound, then=Value(True)), default=Value(False), output_field=BooleanField())
    roles = sorted(TIER_ROLES | DEPARTMENT_ROLES)
    held = Seat.objects.filter(organisation__in=offices, role__in=roles, ended_at__isnull=True, user__is_active=True)
    return held.annotate(recused=flag).select_related("user", "organisation").order_by("-organisation__level", "id")


IN_OFFICE = Prepared(_in_office)


def office_steps_back(case: Declaration, staff: Iterable[Staff] | None = None) -> bool:
    """Return whether the holding office has people and all of them step back from the case."""
    known = staff_of(case) if staff is None else staff
    here = [one.recused for one in known if one.seat.organisation_id == case.holder_id]
    return bool(here) and all(here)


def superior_staff(case: Declaration) -> list[Seat]:
    """Return who is in the office where the case would go next, without those who step back."""
    route = list(case.route)
    place = route.index(case.holder_id) + 1 if case.holder_id in route else len(route)
    above = route[place] if place < len(route) else None
    return [one.seat for one in staff_of(case) if one.seat.organisation_id == above and not one.recused]


@withhold
def of_recused_cases(seat: Seat) -> Q:
    """Return the condition that a trail entry is about a body whose case the seat's people step back from."""
    hidden = Declaration.objects.filter(hidden_from(seat))
    return Q(path__in=hidden.values("path")) if binds(seat) else Q(pk__in=())
