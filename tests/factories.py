"""Rows for tests: each function makes one thing with defaults, and what it stands on."""

import itertools
from datetime import UTC, datetime

from sihao.accounts.models import Organisation, Seat, User
from sihao.accounts.roles import Kind, Level, Role
from sihao.prepared import Prepared

# ---- people and organisations

NOW = datetime(2020, 9, 1, 2, 0, tzinfo=UTC)
PASSWORD = "Correct-horse-2020"

_numbers = itertools.count(1)


def make_user(username: str = "", *, password: str = "", **fields: object) -> User:
    """Make a person; without a password nobody can sign in as this person."""
    number = next(_numbers)
    fields.setdefault("name", f"人员{number}")
    user = User(username=username or f"user{number}", **{"opened_at": NOW, **fields})
    user.set_password(password or None)
    user.save()
    return user


FEDERATION = Prepared(lambda code: Organisation.objects.filter(code=code, kind=Kind.FEDERATION))


def make_federation(
    code: str = "100000", parent: Organisation | None = None, **fields: object
) -> Organisation:
    """Make the federation of a code, or return the one there is; its superiors come with it.

    411122 hangs on 411100, this on 410000, this on 100000; ``parent`` names another superior.
    """
    if found := FEDERATION.first(code):
        return found
    superior = parent or (make_federation(_superior_code(code)) if code != "100000" else None)
    fields.setdefault("name", f"{code}工商业联合会")
    fields.setdefault("region", code)
    return Organisation.objects.create(
        kind=Kind.FEDERATION,
        level=_level(code),
        code=code,
        parent=superior,
        path=f"{superior.path if superior else '/'}{code}/",
        **fields,
    )


def make_chamber(home: Organisation | None = None, **fields: object) -> Organisation:
    """Make a chamber under its home federation (a county's without one)."""
    home = home or make_federation("411122")
    number = next(_numbers)
    fields.setdefault("name", f"示例商会{number}")
    chamber = Organisation.objects.create(
        kind=Kind.CHAMBER, level=home.level, region=home.region, parent=home, path=f"new{number}", **fields
    )
    chamber.path = f"{home.path}c{chamber.pk}/"
    chamber.save(update_fields=["path"])
    return chamber


def make_seat(
    role: Role = Role.OFFICER,
    organisation: Organisation | None = None,
    user: User | None = None,
    **fields: object,
) -> Seat:
    """Make a seat that is held now; the organisation is one the role fits."""
    organisation = organisation or _fitting(role)
    return Seat.objects.create(
        user=user or make_user(), organisation=organisation, role=role, **{"since": NOW, **fields}
    )


def make_seats(count: int, organisation: Organisation, role: Role = Role.OFFICER, **fields: object) -> list[Seat]:
    """Make so many people with a seat each, at once: for lists that are long."""
    users = User.objects.bulk_create(
        User(username=f"user{number}", name=f"人员{number}", opened_at=NOW, password="!none")
        for number in itertools.islice(_numbers, count)
    )
    facts = {"organisation": organisation, "role": role, "since": NOW, **fields}
    return Seat.objects.bulk_create(Seat(user=user, **facts) for user in users)


def make_chambers(count: int, home: Organisation) -> list[Organisation]:
    """Make so many chambers under their home federation, at once: for lists that are long."""
    facts = {"kind": Kind.CHAMBER, "level": home.level, "region": home.region, "parent": home}
    return Organisation.objects.bulk_create(
        Organisation(name=f"示例商会{number}", path=f"{home.path}many{number}/", **facts)
        for number in itertools.islice(_numbers, count)
    )


def _fitting(role: Role) -> Organisation:
    if role in {Role.CHAMBER_FILLER, Role.CHAMBER_PRESIDENT}:
        return make_chamber()
    return make_federation("411122" if role in {Role.OFFICER, Role.LEADER} else "100000")


def _level(code: str) -> Level:
    if code == "100000":
        return Level.NATIONAL
    if code.endswith("0000"):
        return Level.PROVINCE
    return Level.CITY if code.endswith("00") else Level.COUNTY


def _superior_code(code: str) -> str:
    above = {Level.PROVINCE: "100000", Level.CITY: f"{code[:2]}0000", Level.COUNTY: f"{code[:4]}00"}
    return above[_level(code)]
