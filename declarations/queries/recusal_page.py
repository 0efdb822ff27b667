"""What the pages of recusal print: one's own declarations, those of an office, who steps back from a case."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from declarations.models import Declaration, Recusal, Tie
from declarations.queries.cases import cases_visible_to
from declarations.queries.dossier import Dossier
from declarations.queries.recusals import Staff, office_steps_back
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed

WITH_PEOPLE = ("user", "declared_by__user", "declared_by__organisation")


def ties_of_person(seat: Seat) -> QuerySet[Tie]:
    """Return what the person declared and what the house found, the newest first; no case is named."""
    return Tie.objects.filter(user=seat.user_id).select_related("organisation").order_by("-id")


def own_tie(seat: Seat, pk: int) -> Tie | None:
    """Return one of the person's own declarations."""
    return ties_of_person(seat).filter(pk=pk).first()


def _in_office(seat: Seat) -> Exists:
    held = Seat.objects.filter(organisation=seat.organisation_id, ended_at=None, user=OuterRef("user"))
    return Exists(held)


def ties_of_office(seat: Seat) -> QuerySet[Tie]:
    """Return what binds the people of the seat's office now."""
    rows = Tie.objects.filter(_in_office(seat), over_at=None).select_related("organisation", *WITH_PEOPLE)
    return rows.order_by("user__name", "id")


def office_tie(seat: Seat, pk: int) -> Tie | None:
    """Return one declaration of the office's people."""
    return ties_of_office(seat).filter(pk=pk).first()


def recusals_of_office(seat: Seat) -> QuerySet[Recusal]:
    """Return the single cases from which people of the office step back, as far as the viewer may see the case."""
    visible = cases_visible_to(seat).order_by().values("pk")
    rows = Recusal.objects.filter(_in_office(seat), ended_at=None, declaration__in=visible)
    return rows.select_related("declaration", "substitute__user", *WITH_PEOPLE).order_by("user__name", "id")


def recusal_on(case: Declaration, pk: int) -> Recusal | None:
    """Return one recusal by hand from a case."""
    rows = Recusal.objects.filter(declaration=case, ended_at=None, pk=pk)
    return rows.select_related("user", "declaration", "declared_by__organisation").first()


@dataclass(frozen=True)
class SteppingBack:
    """One person who steps back from a case: who, why, since when, in whose hands it is, and what may be lifted."""

    name: str
    office: str
    ground: str
    since: datetime | None
    substitute: str = ""
    recusal: int | None = None


@dataclass(frozen=True)
class RecusalCard:
    """Who steps back from a case, and who deals with it instead."""

    people: tuple[SteppingBack, ...]
    deals: tuple[str, ...]
    whole_office: str = ""


def recusal_card(seat: Seat, dossier: Dossier) -> RecusalCard:
    """Return who of the offices up to the viewer's own steps back from a case; two queries where anybody does."""
    case = dossier.case
    staff = [one for one in dossier.staff if one.seat.path.startswith(seat.path)]
    recused = [one for one in staff if one.recused]
    holder = str(case.holder) if office_steps_back(case, dossier.staff) else ""
    free = [one.seat.signature for one in staff if not one.recused and one.seat.organisation_id == case.holder_id]
    by_hand = _by_hand(case, recused)
    named = [by_hand[one].substitute for one in by_hand if by_hand[one].substitute is not None]
    deals = [one.signature for one in named] or free
    return RecusalCard(_people(seat, case, recused, by_hand), tuple(dict.fromkeys(deals)), holder)


def _by_hand(case: Declaration, recused: list[Staff]) -> dict[int, Recusal]:
    if not recused:
        return {}
    rows = Recusal.objects.filter(declaration=case, ended_at=None)
    named = rows.select_related("declared_by__user", "declared_by__organisation", "substitute__user")
    return {row.user_id: row for row in named}


def _people(
    seat: Seat, case: Declaration, recused: Iterable[Staff], by_hand: dict[int, Recusal]
) -> tuple[SteppingBack, ...]:
    listed = list(recused)
    keys = {key for one in listed for key in one.seat.people}
    ties = Tie.objects.filter(user__in=keys, organisation=case.applicant_id, over_at=None) if keys else ()
    tied = {tie.user_id: tie for tie in ties}
    return tuple(
        _stepping(seat, one, _of(one, by_hand), _of(one, tied)) for one in _once(listed)
    )


def _once(staff: Iterable[Staff]) -> list[Staff]:
    """Return each person once in each office, whatever seats the person holds there."""
    return list({(one.seat.people, one.seat.organisation_id): one for one in staff}.values())


def _of(one: Staff, by_person: dict[int, Recusal] | dict[int, Tie]) -> Recusal | Tie | None:
    return next((by_person[key] for key in one.seat.people if key in by_person), None)


def _stepping(seat: Seat, one: Staff, hand: Recusal | None, tie: Tie | None) -> SteppingBack:
    who, office = one.seat.signature, str(one.seat.organisation)
    if hand is not None:
        may_lift = hand.user_id not in seat.people and allowed(seat, "declarations.lift_recusal", hand)
        substitute = hand.substitute.signature if hand.substitute else ""
        return SteppingBack(who, office, hand.reason, hand.declared_at, substitute, hand.pk if may_lift else None)
    if tie is not None:
        return SteppingBack(who, office, tie.ground, tie.declared_at)
    return SteppingBack(who, office, "在申报单位任职", None)
