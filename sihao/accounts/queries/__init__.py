"""Reading people, seats and the tree."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from sihao.accounts.models import Organisation, Seat, User
from sihao.accounts.roles import Kind, Level
from sihao.prepared import Prepared

Row = TypeVar("Row", bound=Model)


def one_of(rows: QuerySet[Row], pk: int) -> Row | None:
    """Return the row of that key as far as it is among those a viewer may have, or None."""
    return rows.filter(pk=pk).first()


def path_range(path: str, field: str = "path") -> Q:
    """Return the condition "at or beneath ``path``" as a range of one index; ``field`` may cross relations.

    Every path ends in "/", so the subtree is all that sorts from ``path`` up to the same text ending in the next
    character. The column must compare bytes: on PostgreSQL it needs the C collation.
    """
    return Q(**{f"{field}__gte": path, f"{field}__lt": path_end(path)})


def path_end(path: str) -> str:
    """Return the first text that sorts behind a path and all beneath it."""
    return f"{path[:-1]}0"


def organisations_under(organisation: Organisation) -> QuerySet[Organisation]:
    """Return the organisation and all beneath it, in the order of the tree."""
    return Organisation.objects.filter(path_range(organisation.path)).order_by("path")


def federations_under(organisation: Organisation, day: date) -> QuerySet[Organisation]:
    """Return the federations of a subtree that exist on that day, in the order of the tree."""
    return organisations_under(organisation).filter(lives_on(day), kind=Kind.FEDERATION)


def organisations_named(within: Organisation, words: str, now: datetime) -> QuerySet[Organisation]:
    """Return those of the subtree that exist today and whose name, region or code has the words; no words: all."""
    found = organisations_under(within).filter(lives_on(timezone.localdate(now))).select_related("parent")
    if words:
        found = found.filter(Q(name__contains=words) | Q(region__contains=words) | Q(code__startswith=words))
    return found


def organisation_within(viewer: Seat, pk: int) -> Organisation | None:
    """Return the organisation if it is the viewer's own or lies beneath it."""
    return organisations_under(viewer.organisation).select_related("parent").filter(pk=pk).first()


def seat_within(viewer: Seat, pk: int) -> Seat | None:
    """Return the seat if it is at the viewer's organisation or beneath it."""
    beneath = path_range(viewer.organisation.path, "organisation__path")
    return Seat.objects.filter(beneath, pk=pk).select_related("user", "organisation").first()


def person_within(viewer: Seat, pk: int) -> User | None:
    """Return the person if one of the person's seats is or was at the viewer's organisation or beneath it."""
    beneath = path_range(viewer.organisation.path, "organisation__path")
    return User.objects.filter(Exists(Seat.objects.filter(beneath, user=OuterRef("pk"))), pk=pk).first()


def lives_on(day: date) -> Q:
    """Return the condition that an organisation exists on that day."""
    return (Q(valid_from=None) | Q(valid_from__lte=day)) & (Q(valid_to=None) | Q(valid_to__gte=day))


def federations(day: date) -> QuerySet[Organisation]:
    """Return the federations that exist on that day, in the order of the tree."""
    return Organisation.objects.filter(lives_on(day), kind=Kind.FEDERATION).order_by("path")


def federation_of_code(code: str) -> Organisation:
    """Return the federation of a division code; raises ``Organisation.DoesNotExist``."""
    return Organisation.objects.get(code=code, kind=Kind.FEDERATION)


NATION = Prepared(lambda: Organisation.objects.filter(level=Level.NATIONAL, kind=Kind.FEDERATION))


def national_node() -> Organisation:
    """Return the national federation."""
    return NATION.get()


def superior_of(organisation: Organisation) -> Organisation | None:
    """Return the next federation above (a chamber's home); None above the national one."""
    return organisation.parent


CHAIN = Prepared(lambda paths: Organisation.objects.filter(path__in=paths))


def chain_of(organisation: Organisation) -> list[Organisation]:
    """Return the organisation and all above it, nearest first, up to the national one; one query."""
    parts = organisation.path.strip("/").split("/")
    paths = ["/" + "/".join(parts[:depth]) + "/" for depth in range(1, len(parts) + 1)]
    return sorted(CHAIN(tuple(paths)), key=lambda one: -len(one.path))


def chambers_called(words: str) -> list[Organisation]:
    """Return the chambers of exactly that name or unified social credit code, at most three."""
    same = Q(name=words) | Q(uscc=words)
    return list(Organisation.objects.filter(same, kind=Kind.CHAMBER).order_by("path")[:3]) if words else []


def home_of(organisation: Organisation) -> Organisation:
    """Return the federation a chamber belongs to; a federation is its own home."""
    return organisation.parent if organisation.is_chamber else organisation


def province_of(organisation: Organisation) -> Organisation:
    """Return the provincial unit above or at this node; the national federation for what hangs on it directly."""
    return Organisation.objects.get(path=organisation.province_path)


def within_jurisdiction(viewer: Seat, organisation: Organisation) -> bool:
    """Return whether the organisation is the viewer's own or lies beneath it."""
    return organisation.path.startswith(viewer.organisation.path)


def seats_of(user: User) -> QuerySet[Seat]:
    """Return every seat the person holds or held, newest first."""
    return user.seats.select_related("organisation").order_by("-since", "-id")


def active_seats_of(user: User) -> QuerySet[Seat]:
    """Return the seats the person holds now, oldest first."""
    return user.seats.filter(ended_at=None).select_related("organisation").order_by("since", "id")


HELD_SEATS = Prepared(
    lambda user: Seat.objects.filter(user_id=user, ended_at=None)
    .select_related("user", "organisation")
    .order_by("since", "id")
)


def values_of(seat: Seat) -> tuple[int, tuple[int, ...], int, str]:
    """Return what a query that is asked for a seat may depend on, beside its role."""
    return seat.pk, seat.people, seat.organisation_id, seat.organisation.path


def seat_of_values(role: str, pk: int, people: Sequence[int], organisation: int, path: str) -> Seat:
    """Return a seat of that role and those values, to put a query together for it; it is in no database."""
    person, *stands_in_for = people
    there = Organisation(pk=organisation, path=path)
    return Seat(pk=pk, role=role, user_id=person, stands_in_for_id=next(iter(stands_in_for), None), organisation=there)


def person_with_seats(user_id: int) -> User | None:
    """Return a person with the seats held now in ``held_seats``, oldest first; one query where there is a seat."""
    seats = HELD_SEATS(user_id)
    user = seats[0].user if seats else User.objects.filter(pk=user_id).first()
    if user is not None:
        user.held_seats = seats
    return user


def active_seats_at(organisation_id: int, roles: Iterable[str] = ()) -> QuerySet[Seat]:
    """Return the seats now held at the organisation (of those roles, if any are named), oldest first."""
    held = Seat.objects.filter(organisation_id=organisation_id, ended_at=None, user__is_active=True)
    if roles:
        held = held.filter(role__in=list(roles))
    return held.select_related("user", "organisation").order_by("id")


def colleagues_of(seat: Seat) -> QuerySet[User]:
    """Return the other people who hold a seat at the same organisation now, by name."""
    there = Seat.objects.filter(organisation=seat.organisation_id, ended_at=None, user=OuterRef("pk"))
    return User.objects.filter(Exists(there), is_active=True).exclude(pk=seat.user_id).order_by("name", "id")


def active_seats_of_all(organisations: Iterable[int], roles: Iterable[str]) -> QuerySet[Seat]:
    """Return the seats of those roles now held at any of the organisations, in one query."""
    held = Seat.objects.filter(organisation__in=set(organisations), ended_at=None, user__is_active=True)
    return held.filter(role__in=sorted(roles)).select_related("user", "organisation").order_by("organisation", "id")


def roster_of(organisation: Organisation, *, ended: bool) -> QuerySet[Seat]:
    """Return the seats held at the organisation now, or those that ended."""
    return organisation.seats.filter(ended_at__isnull=not ended).select_related("user")


def is_last_of_role(seat: Seat) -> bool:
    """Return whether nobody else who can sign in holds the role at the organisation."""
    there = Seat.objects.filter(organisation=seat.organisation_id, role=seat.role, ended_at=None)
    return not there.exclude(user=seat.user_id).filter(user__is_active=True).exists()


def rehearsal_seats() -> QuerySet[Seat]:
    """Return the seats whose sign-in names the page of a rehearsal shows: the first accounts that were opened."""
    first = User.objects.order_by("id").values("pk")[:24]
    return (
        Seat.objects.filter(user__in=first, ended_at=None)
        .select_related("user", "organisation")
        .order_by("user", "id")
    )


def person(username: str, name: str) -> User | None:
    """Return the person of that sign-in name and that name, both or nobody."""
    return User.objects.filter(username=username, name=name).first()


def person_by_username(username: str) -> User | None:
    """Return the person of that sign-in name."""
    return User.objects.filter(username=username).first()
