"""What the daily digest tells: who gets one, what is due, what was not mailed yet."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from declarations.models import Declaration, Notice
from declarations.queries.clock import CLOCKED
from declarations.states import State
from sihao.accounts.models import Mail, Seat, User
from sihao.accounts.roles import CHAMBER_ROLES, DEPARTMENT_ROLES, TIER_ROLES

HEARING = sorted(CHAMBER_ROLES | TIER_ROLES | DEPARTMENT_ROLES)


class DueCase(NamedTuple):
    """A case that its holder must finish soon or should have finished."""

    pk: int
    applicant_id: int
    holder_id: int
    applicant_name: str
    number: str
    state: str
    due_at: datetime

    @property
    def words(self) -> str:
        """The state in words."""
        return State(self.state).label


class Unmailed(NamedTuple):
    """An unread message that no digest told yet."""

    pk: int
    seat_id: int
    title: str
    sent_at: datetime
    case: int | None
    applicant_id: int | None


def people_with_mail(after: int) -> QuerySet[User]:
    """Return the people beyond a key who have an address and a seat that works on cases, with those seats."""
    held = Seat.objects.filter(ended_at=None, role__in=HEARING)
    people = User.objects.filter(Exists(held.filter(user=OuterRef("pk"))), is_active=True, pk__gt=after)
    seats = Prefetch("seats", held.select_related("organisation").order_by("id"), to_attr="held_seats")
    return people.exclude(email="").prefetch_related(seats).order_by("pk")


def lock_people(people: Iterable[int]) -> None:
    """Hold the rows of the people until the transaction ends, in the order of their keys."""
    list(User.objects.filter(pk__in=list(people)).order_by("pk").select_for_update().values_list("pk"))


def digests_laid(keys: Iterable[str]) -> set[str]:
    """Return which of these mails are there already."""
    return set(Mail.objects.filter(key__in=list(keys)).values_list("key", flat=True))


def due_at_organisations(holders: Iterable[int], now: datetime, until: datetime) -> list[DueCase]:
    """Return what the organisations hold and must finish until an instant, most urgent first; one query.

    A draft whose window is over is no longer due.
    """
    cases = Declaration.objects.filter(holder__in=set(holders), due_at__lte=until, state__in=sorted(CLOCKED))
    cases = cases.exclude(state=State.DRAFT, due_at__lte=now).order_by("due_at", "pk")
    return [DueCase(*row) for row in cases.values_list(*DueCase._fields)]


def unmailed_of(seats: Iterable[int], since: datetime) -> list[Unmailed]:
    """Return the unread messages of the seats that were not mailed, oldest first; one query."""
    notices = Notice.objects.filter(seat__in=list(seats), mailed_at__isnull=True, read_at__isnull=True)
    rows = notices.filter(sent_at__gte=since).order_by("pk")
    rows = rows.values_list("pk", "seat_id", "title", "sent_at", "declaration_id", "declaration__applicant_id")
    return [Unmailed(*row) for row in rows]
