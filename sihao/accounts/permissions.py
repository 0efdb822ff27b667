"""Who may: predicates with names, composed by & | ~, and the registry permission → predicate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from sihao.accounts.models import Organisation, Seat, StandIn, User
from sihao.accounts.queries import active_seats_of, path_range
from sihao.accounts.roles import (
    ADMIN_ROLES,
    CHAMBER_ROLES,
    NATIONAL_ROLES,
    TIER_ROLES,
    Kind,
    Level,
    Role,
)


@dataclass(frozen=True)
class Predicate:
    """A named question about a seat and an object; the name of a composed one is its formula."""

    name: str
    test: Callable[[Seat, Any], bool]

    def __call__(self, seat: Seat, obj: Any = None) -> bool:
        return self.test(seat, obj)

    def __and__(self, other: "Predicate") -> "Predicate":
        return Predicate(
            f"({self.name} & {other.name})", lambda seat, obj: self(seat, obj) and other(seat, obj)
        )

    def __or__(self, other: "Predicate") -> "Predicate":
        return Predicate(
            f"({self.name} | {other.name})", lambda seat, obj: self(seat, obj) or other(seat, obj)
        )

    def __invert__(self) -> "Predicate":
        return Predicate(f"~{self.name}", lambda seat, obj: not self(seat, obj))

    def __str__(self) -> str:
        return self.name


def predicate(test: Callable[[Seat, Any], bool]) -> Predicate:
    """Make a predicate of a function ``(seat, obj) -> bool``; its name is the function's."""
    return Predicate(test.__name__, test)


RULES: dict[str, Predicate] = {}


def register(rules: Mapping[str, Predicate]) -> None:
    """Add permissions to the registry; a name given twice raises ``ValueError``."""
    if twice := RULES.keys() & rules.keys():
        raise ValueError(f"permissions registered twice: {sorted(twice)}")
    RULES.update(rules)


def allowed(seat: Seat | None, permission: str, obj: Any = None) -> bool:
    """Return whether the seat may; nobody and an ended seat never may, an unknown permission raises ``KeyError``."""
    rule = RULES[permission]
    return seat is not None and seat_is_active(seat) and rule(seat, obj)


def has_role(*roles: Role) -> Predicate:
    """Return the predicate "the seat has one of these roles"."""
    return Predicate(f"has_role({', '.join(roles)})", lambda seat, _: seat.role in roles)


def at_level(*levels: Level) -> Predicate:
    """Return the predicate "the seat's organisation is on one of these tiers"."""
    names = ", ".join(level.name for level in levels)
    return Predicate(f"at_level({names})", lambda seat, _: seat.organisation.level in levels)


@predicate
def seat_is_active(seat: Seat, _: Any) -> bool:
    """Whether the seat has not ended."""
    return seat.ended_at is None


@predicate
def own(seat: Seat, obj: Any) -> bool:
    """Whether the object (anything with a ``path``) is at the seat's very organisation."""
    return obj.path == seat.organisation.path


@predicate
def superior(seat: Seat, obj: Any) -> bool:
    """Whether the seat's organisation stands above the object (anything with a ``path``)."""
    return obj.path.startswith(seat.organisation.path) and obj.path != seat.organisation.path


@predicate
def is_federation(_: Seat, obj: Any) -> bool:
    """Whether the object is a federation."""
    return isinstance(obj, Organisation) and not obj.is_chamber


def roles_fitting(organisation: Organisation) -> frozenset[Role]:
    """Return the roles that exist at such an organisation."""
    if organisation.is_chamber:
        return CHAMBER_ROLES
    return NATIONAL_ROLES if organisation.level == Level.NATIONAL else TIER_ROLES


# Who grants what (features d.9); supervision is not appointed by those whom it supervises.
GRANTS: tuple[tuple[Predicate, frozenset[Role]], ...] = (
    (has_role(Role.CHAMBER_PRESIDENT) & own, CHAMBER_ROLES),
    (has_role(Role.LEADER) & (own | superior), CHAMBER_ROLES | TIER_ROLES),
    (
        has_role(Role.DEPARTMENT_HEAD) & (own | superior),
        CHAMBER_ROLES | TIER_ROLES | (NATIONAL_ROLES - ADMIN_ROLES - {Role.SUPERVISION}),
    ),
    (has_role(Role.SECURITY_ADMIN) & own, ADMIN_ROLES | {Role.SUPERVISION}),
)


def grantable_roles(seat: Seat, organisation: Organisation) -> frozenset[Role]:
    """Return the roles this seat may grant and end at the organisation."""
    granted = [roles for grantor, roles in GRANTS if grantor(seat, organisation)]
    return frozenset().union(*granted) & roles_fitting(organisation)


def grantable_seats(seat: Seat) -> Q:
    """Return the condition that a seat is one this seat may grant and end, as a filter of seats."""
    own = seat.organisation
    chamber, office = (
        Organisation(kind=kind, level=Level.COUNTY, path=f"{own.path}0/") for kind in (Kind.CHAMBER, Kind.FEDERATION)
    )
    beneath = path_range(own.path, "organisation__path") & ~Q(organisation=own)
    here = Q(organisation=own, role__in=sorted(grantable_roles(seat, own)))
    chambers = beneath & Q(organisation__kind=Kind.CHAMBER, role__in=sorted(grantable_roles(seat, chamber)))
    offices = beneath & Q(organisation__kind=Kind.FEDERATION, role__in=sorted(grantable_roles(seat, office)))
    return (here | chambers | offices) & ~Q(user=seat.user_id)


# For whom somebody may stand in: those who deal with cases for an office.
STOOD_IN_FOR = TIER_ROLES | {Role.DEPARTMENT_OFFICER, Role.DEPARTMENT_HEAD, Role.MEETING_SECRETARY}


@predicate
def is_stood_in_for(_: Seat, obj: Seat) -> bool:
    """Whether the seat is one for which somebody may stand in."""
    return obj.role in STOOD_IN_FOR


@predicate
def grants_some_role(seat: Seat, obj: Organisation) -> bool:
    """Whether the seat may grant a role at the organisation."""
    return bool(grantable_roles(seat, obj))


@predicate
def grants_this_seat(seat: Seat, obj: Seat) -> bool:
    """Whether the seat may grant or end that seat of somebody else; nobody grants himself."""
    return obj.user_id != seat.user_id and obj.role in grantable_roles(seat, obj.organisation)


@predicate
def answers_for_person(seat: Seat, obj: User) -> bool:
    """Whether every seat the other person holds is one that this seat may grant; who holds none is for the top."""
    held = list(active_seats_of(obj))
    if obj.pk == seat.user_id:
        return False
    if not held:
        return seat.role in {Role.DEPARTMENT_HEAD, Role.SECURITY_ADMIN}
    return all(one.role in grantable_roles(seat, one.organisation) for one in held)


@predicate
def signed_for_stand_in(seat: Seat, obj: StandIn) -> bool:
    """Whether the seat may end an appointment: who may appoint, or the absent person."""
    back = obj.absent.user_id == seat.user_id and seat.stands_in_for_id is None
    return back or (appoints & (own | superior))(seat, obj.absent)


appoints = has_role(Role.LEADER, Role.DEPARTMENT_HEAD, Role.SECURITY_ADMIN)
federation_staff = has_role(Role.OFFICER, Role.LEADER, Role.DEPARTMENT_OFFICER, Role.DEPARTMENT_HEAD)

register(
    {
        "accounts.manage_seats": grants_some_role,
        "accounts.grant_seat": grants_this_seat,
        "accounts.manage_account": answers_for_person,
        "accounts.browse_organisations": federation_staff,
        "accounts.add_chamber": federation_staff & (own | superior) & is_federation,
        "accounts.import_roster": federation_staff,
        "accounts.send_mail_again": has_role(Role.SYSTEM_ADMIN),
        "accounts.people": federation_staff | has_role(Role.CHAMBER_PRESIDENT, Role.SECURITY_ADMIN),
        "accounts.links": has_role(Role.CHAMBER_PRESIDENT, Role.LEADER, Role.DEPARTMENT_HEAD, Role.SECURITY_ADMIN),
        "accounts.appoint": appoints,
        "accounts.end_stand_in": signed_for_stand_in,
        "accounts.stand_ins": appoints & (own | superior) & is_federation,
        "accounts.stand_in": appoints & (own | superior) & is_stood_in_for,
        "accounts.read_trail": has_role(Role.AUDIT_ADMIN, Role.SUPERVISION),
    }
)
