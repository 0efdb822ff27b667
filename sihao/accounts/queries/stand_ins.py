"""Who stands in for whom: an office's appointments, whom one may appoint, and what the clock has to turn."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from sihao.accounts.models import Organisation, Seat, StandIn, User
from sihao.accounts.permissions import STOOD_IN_FOR
from sihao.accounts.queries import organisations_named
from sihao.accounts.roles import Kind

WITH_PEOPLE = ("absent__user", "absent__organisation", "substitute", "appointed_by__user", "ended_by__user")


def stand_ins_at(organisation: Organisation) -> QuerySet[StandIn]:
    """Return the appointments of an office, the newest first."""
    return StandIn.objects.filter(absent__organisation=organisation).select_related(*WITH_PEOPLE).order_by("-id")


def stand_in_within(viewer: Seat, pk: int) -> StandIn | None:
    """Return an appointment at the viewer's organisation or beneath it."""
    beneath = StandIn.objects.filter(absent__organisation__path__startswith=viewer.path)
    return beneath.select_related(*WITH_PEOPLE).filter(pk=pk).first()


def seats_to_stand_in_for(organisation: Organisation) -> QuerySet[Seat]:
    """Return the seats of an office for which somebody may stand in and nobody does yet."""
    appointed = StandIn.objects.filter(absent=OuterRef("pk"), ended_at=None)
    held = Seat.objects.filter(
        ~Exists(appointed), organisation=organisation, ended_at=None, stands_in_for=None, role__in=sorted(STOOD_IN_FOR)
    )
    return held.select_related("user", "organisation").order_by("id")


def people_at(organisation: Organisation) -> QuerySet[User]:
    """Return the people who hold a seat of their own at an office, by name."""
    held = Seat.objects.filter(organisation=organisation, ended_at=None, stands_in_for=None, user=OuterRef("pk"))
    return User.objects.filter(Exists(held), is_active=True).order_by("name", "id")


def substitutes_at(office: Organisation, appointer: Seat) -> QuerySet[User]:
    """Return the people of an office whom the seat may appoint: everybody but its own person."""
    return people_at(office).exclude(pk__in=appointer.people)


def offices_named(within: Organisation, words: str, now: datetime) -> QuerySet[Organisation]:
    """Return the federations of the subtree that exist today and whose name, region or code has the words."""
    return organisations_named(within, words, now).filter(kind=Kind.FEDERATION)


def standing_in_for(person: int) -> QuerySet[StandIn]:
    """Return who stands in for a person now or soon."""
    return StandIn.objects.filter(absent__user=person, ended_at=None).select_related(*WITH_PEOPLE).order_by("id")


def works_beside(absent: Seat, person: User) -> bool:
    """Return whether the person holds a seat of one's own at the absent officer's office."""
    return people_at(absent.organisation).filter(pk=person.pk).exists()


def stand_ins_to_begin(now: datetime) -> QuerySet[StandIn]:
    """Return those whose time has come and that have not begun."""
    return StandIn.objects.filter(ended_at=None, seat=None, since__lte=now, until__gt=now).order_by("id")


def stand_ins_to_end(now: datetime) -> QuerySet[StandIn]:
    """Return those whose time is over, and those one of whose seats or people is gone."""
    gone = Q(absent__ended_at__isnull=False) | Q(seat__ended_at__isnull=False) | Q(substitute__is_active=False)
    return StandIn.objects.filter(Q(until__lte=now) | gone, ended_at=None).order_by("id")
