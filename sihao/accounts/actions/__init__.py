"""Writing people, seats and the tree; every act is atomic, checks its actor and leaves one trail entry.

``actor`` is the seat that acts, None the system itself (commands); an action that is not allowed raises ``Refused``.
"""

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from sihao.accounts.actions.writing import save_new
from sihao.accounts.federations import NATIONAL_CODE, Federation, chain_paths
from sihao.accounts.handover import HANDOVERS, LEAVINGS
from sihao.accounts.models import Organisation, Seat, User
from sihao.accounts.permissions import allowed, roles_fitting
from sihao.accounts.queries import active_seats_of, person_by_username
from sihao.accounts.refusals import Refusal, Refused
from sihao.accounts.roles import Kind, Role
from sihao.audit.events import Event
from sihao.audit.record import record

# ---- accounts


@transaction.atomic
def open_account(
    *,
    actor: Seat | None,
    username: str,
    name: str,
    now: datetime,
    mobile: str = "",
    email: str = "",
    password: str | None = None,
    must_change_password: bool = False,
) -> User:
    """Open an account; without a password it is entered by the activation link only. Leaves the right to the caller.

    Who may open one depends on the seat that comes with it: people use ``enrol``.
    """
    user = User(username=username, name=name, mobile=mobile, email=email, opened_at=now)
    user.must_change_password = must_change_password
    user.link_issued_at = None if password else now
    user.set_password(password)
    save_new(user)
    record(
        Event.ACCOUNT_OPENED, actor=actor, target=user, at=now, data={"holder": name, "username": username}
    )
    return user


@transaction.atomic
def enrol(
    *,
    actor: Seat | None,
    organisation: Organisation,
    role: Role,
    username: str,
    name: str,
    now: datetime,
    mobile: str = "",
    email: str = "",
    password: str | None = None,
) -> Seat:
    """Open an account and grant its first seat: two entries, or nothing."""
    user = open_account(
        actor=actor, username=username, name=name, now=now, mobile=mobile, email=email, password=password
    )
    return grant_seat(actor=actor, user=user, organisation=organisation, role=role, now=now)


@transaction.atomic
def close_account(*, actor: Seat | None, user: User, now: datetime, reason: str = "") -> None:
    """End every seat of the person and the account itself; open sessions end with their next request."""
    _demand_person(actor, user)
    held = list(active_seats_of(user))
    labels = [str(seat) for seat in held]
    for seat in held:
        seat.ended_at = now
        seat.save(update_fields=["ended_at"])
        _note_leaving(seat, now)
    user.is_active = False
    user.save(update_fields=["is_active"])
    data = {"holder": user.name, "seats": labels}
    record(Event.ACCOUNT_CLOSED, actor=actor, target=user, at=now, data=data, reason=reason)


@transaction.atomic
def change_password(*, user: User, new_password: str, now: datetime) -> None:
    """Set one's own password; every other session of the person ends. The form has checked its strength."""
    user.set_password(new_password)
    user.must_change_password = False
    user.link_issued_at = None
    user.save(update_fields=["password", "must_change_password", "link_issued_at"])
    record(Event.PASSWORD_CHANGED, actor=user, target=user, at=now)


@transaction.atomic
def reset_password(*, actor: Seat | None, user: User, now: datetime) -> None:
    """Take the password away, which ends the person's sessions; the link issued now is then the only way in."""
    _demand_person(actor, user)
    user.set_unusable_password()
    user.link_issued_at = now
    user.save(update_fields=["password", "link_issued_at"])
    record(Event.PASSWORD_RESET, actor=actor, target=user, at=now, data={"holder": user.name})


@transaction.atomic
def change_contact(*, actor: Seat | User | None, user: User, mobile: str, email: str, now: datetime) -> None:
    """Write somebody's telephone and e-mail address: one's own, or those of a person one answers for."""
    if actor is not None and actor.user_id != user.pk:
        _demand_person(actor, user)
    wanted = {"mobile": mobile, "email": email}
    changed = [name for name, value in wanted.items() if getattr(user, name) != value]
    if not changed:
        return
    user.mobile, user.email = mobile, email
    user.save(update_fields=changed)
    labels = "、".join(str(User._meta.get_field(name).verbose_name) for name in changed)
    record(Event.CONTACT_CHANGED, actor=actor, target=user, at=now, data={"holder": user.name, "what": labels})


# ---- signing in


def note_sign_in(*, user: User, now: datetime) -> None:
    """Leave the entry of a successful sign-in."""
    record(Event.SIGNED_IN, actor=user, target=user, at=now)


def note_refused_sign_in(*, username: str, why: str, now: datetime) -> None:
    """Leave the entry of a refused one; a sign-in name nobody has is not kept, people type passwords there."""
    target = person_by_username(username) or User(name="未知登录名")
    record(Event.SIGN_IN_REFUSED, actor=None, target=target, at=now, data={"why": why})


# ---- seats


@transaction.atomic
def grant_seat(
    *, actor: Seat | None, user: User, organisation: Organisation, role: Role, now: datetime, reason: str = ""
) -> Seat:
    """Give the person a capacity at the organisation; refuses one's own, a role that does not fit, a seat held."""
    seat = Seat(user=user, organisation=organisation, role=role, since=now)
    _demand_grant(actor, seat)
    if refusals := tuple(_why_not_seated(seat, now)):
        raise Refused(refusals)
    save_new(seat)
    record(Event.SEAT_GRANTED, actor=actor, target=seat, at=now, data=_seat_facts(seat), reason=reason)
    return seat


@transaction.atomic
def revoke_seat(
    *,
    actor: Seat | None,
    seat: Seat,
    now: datetime,
    reason: str = "",
    left_on: date | None = None,
    successor: User | None = None,
) -> Seat | None:
    """End the seat; it acts no more from the next request on. Refuses one's own and one that has ended.

    ``left_on`` is the day the person left, today without one. A successor holds the same role there, is granted it if
    not, and gets what is open; the successor's seat is returned.
    """
    locked = (
        Seat.objects.select_for_update(of=("self",)).select_related("user", "organisation").get(pk=seat.pk)
    )
    _demand_grant(actor, locked)
    left = left_on or timezone.localdate(now)
    if refusals := tuple(_why_not_ended(locked, left, successor, now)):
        raise Refused(refusals)
    locked.ended_at = seat.ended_at = now
    locked.left_on, locked.end_reason = left, reason
    locked.save(update_fields=["ended_at", "left_on", "end_reason"])
    data = _seat_facts(locked) | {"left_on": left}
    record(Event.SEAT_REVOKED, actor=actor, target=locked, at=now, data=data, reason=reason)
    _note_leaving(locked, now)
    return _hand_over(actor, locked, successor, now) if successor else None


def _note_leaving(left: Seat, now: datetime) -> None:
    for note in LEAVINGS:
        note(left, now)


def _hand_over(actor: Seat | None, left: Seat, successor: User, now: datetime) -> Seat:
    """Give what the seat had open to the successor's seat of the same role, granted if it is not held."""
    held = Seat.objects.filter(user=successor, organisation=left.organisation, role=left.role, ended_at=None).first()
    heir = held or grant_seat(
        actor=actor, user=successor, organisation=left.organisation, role=Role(left.role), now=now, reason="接任"
    )
    told = [part for give in HANDOVERS for part in give(left, heir, now)]
    data = {"holder": left.user.name, "successor": successor.name, "what": told}
    record(Event.SEAT_HANDED_OVER, actor=actor, target=left, at=now, data=data)
    return heir


def _why_not_ended(seat: Seat, left: date, successor: User | None, now: datetime) -> Iterable[Refusal]:
    if seat.ended_at is not None:
        yield Refusal("seat_ended", "该席位已经收回。")
        return
    if left > timezone.localdate(now):
        yield Refusal("leaves_later", "离任日期不能晚于今天；届时再办理。")
    if left < timezone.localdate(seat.since):
        yield Refusal("left_before", f"离任日期不能早于授予席位之日（{timezone.localdate(seat.since)}）。")
    if successor is not None and successor.pk == seat.user_id:
        yield Refusal("own_successor", "接任人不能是离任人自己。")


# ---- the tree


@transaction.atomic
def add_chamber(
    *, actor: Seat | None, home: Organisation, name: str, now: datetime, uscc: str = "", chamber_type: str = ""
) -> Organisation:
    """Register a chamber under its home federation, whose tier and region it takes."""
    if actor is not None and not allowed(actor, "accounts.add_chamber", home):
        raise Refused.because("not_in_jurisdiction", "只能在本级及下级工商联登记商会。")
    if home.is_chamber or not home.lives_at(now):
        raise Refused.because("home_not_living", "商会须登记在现有的工商联之下。")
    chamber = Organisation(
        kind=Kind.CHAMBER,
        level=home.level,
        name=name,
        region=home.region,
        uscc=uscc,
        chamber_type=chamber_type,
        parent=home,
        path=uuid.uuid4().hex,
    )
    save_new(chamber)
    chamber.path = f"{home.path}c{chamber.pk}/"
    chamber.save(update_fields=["path"])
    data = {"home": home.name, "name": name}
    record(Event.CHAMBER_ADDED, actor=actor, target=chamber, at=now, data=data)
    return chamber


@transaction.atomic
def complete_chamber(
    *, actor: Seat | None, chamber: Organisation, now: datetime, uscc: str = "", chamber_type: str = ""
) -> None:
    """Add what a registered chamber lacks; what is there stays as it is."""
    if actor is not None and not allowed(actor, "accounts.add_chamber", chamber.parent):
        raise Refused.because("not_in_jurisdiction", "只能补充本级及下级工商联的商会。")
    given = {"uscc": uscc, "chamber_type": chamber_type}
    lacking = [name for name, value in given.items() if value and not getattr(chamber, name)]
    if not lacking:
        return
    for name in lacking:
        setattr(chamber, name, given[name])
    chamber.save(update_fields=lacking)
    labels = "、".join(str(Organisation._meta.get_field(name).verbose_name) for name in lacking)
    data = {"name": chamber.name, "what": labels}
    record(Event.CHAMBER_COMPLETED, actor=actor, target=chamber, at=now, data=data)


ROSTER_FIELDS = [
    "level",
    "name",
    "region",
    "code",
    "internal",
    "formerly",
    "parent",
    "valid_from",
    "valid_to",
]


@transaction.atomic
def load_federations(*, federations: Iterable[Federation], now: datetime) -> int:
    """Insert or refresh the federations tier by tier and return how many; keys are kept, chambers are not touched."""
    rows = list(federations)
    paths = chain_paths(rows)
    known: dict[str, Organisation] = {"": None}
    for level in sorted({row.level for row in rows}):
        tier = [_organisation(row, paths[row.code], known[row.parent]) for row in rows if row.level == level]
        known |= {one.code: one for one in _upsert(tier)}
    _link_successors(rows, known)
    record(
        Event.FEDERATIONS_LOADED, actor=None, target=known[NATIONAL_CODE], at=now, data={"count": len(rows)}
    )
    return len(rows)


def _organisation(row: Federation, path: str, parent: Organisation | None) -> Organisation:
    return Organisation(
        kind=Kind.FEDERATION,
        level=row.level,
        name=row.name,
        region=row.region,
        code=row.code,
        internal=row.internal,
        formerly=row.formerly,
        parent=parent,
        path=path,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _upsert(tier: list[Organisation]) -> list[Organisation]:
    return Organisation.objects.bulk_create(
        tier, update_conflicts=True, unique_fields=["path"], update_fields=ROSTER_FIELDS
    )


def _link_successors(rows: list[Federation], known: dict[str, Organisation]) -> None:
    """Write the successors that differ from what is stored."""
    wanted = {known[row.code].pk: known[row.successor].pk for row in rows if row.successor}
    stored = dict(Organisation.objects.filter(kind=Kind.FEDERATION).values_list("pk", "successor_id"))
    changed = [
        Organisation(pk=pk, successor_id=wanted.get(pk))
        for pk, heir in stored.items()
        if heir != wanted.get(pk)
    ]
    Organisation.objects.bulk_update(changed, ["successor"], batch_size=200)


# ---- what is checked


def _demand_grant(actor: Seat | None, seat: Seat) -> None:
    if actor is None or allowed(actor, "accounts.grant_seat", seat):
        return
    if actor.user_id == seat.user_id:
        raise Refused.because("own_seat", "不能授予或收回自己的席位，请由上级或其他负责人办理。")
    raise Refused.because("not_in_jurisdiction", "当前身份不能在该机构授予或收回这一席位。")


def _demand_person(actor: Seat | None, user: User) -> None:
    if actor is not None and not allowed(actor, "accounts.manage_account", user):
        raise Refused.because("not_in_jurisdiction", "该人员的席位不全在您的管理范围内，不能办理其账号。")


def _why_not_seated(seat: Seat, now: datetime) -> Iterable[Refusal]:
    if not seat.user.is_active:
        yield Refusal("account_closed", "该账号已停用，不能授予席位。")
    if seat.role not in roles_fitting(seat.organisation):
        yield Refusal("role_does_not_fit", "该机构没有这一角色。")
    if not seat.organisation.lives_at(now):
        yield Refusal("organisation_abolished", "该机构已撤销或尚未设立，不能授予席位。")


def _seat_facts(seat: Seat) -> dict[str, str]:
    return {"holder": f"{seat.user.name}（{seat.organisation.name}）", "role": seat.get_role_display()}
