"""What a roster would do: each row judged against the house as it stands, and nothing written."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q, QuerySet
from django.utils import timezone
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as NotValid

from sihao.accounts.entries import AT_ONCE, CHAMBERS, COLUMNS, PEOPLE, RosterRow, rows_kept
from sihao.accounts.models import Organisation, RosterImport, Seat, User
from sihao.accounts.permissions import grantable_roles, roles_fitting
from sihao.accounts.queries import lives_on, organisations_under
from sihao.accounts.roles import ChamberType, Kind, Level, Role

NEW_CHAMBER, COMPLETED = "新商会", "补充商会信息"
NEW_ACCOUNT, KNOWN_PERSON, NEW_SEAT = "新账号", "已有人员", "新席位"
UNCHANGED = "已有，不变"
USERNAME, MOBILE = re.compile(r"[A-Za-z0-9._-]{3,64}"), re.compile(r"1\d{10}")
USCC_LENGTH, NAME_LENGTH, PERSON_LENGTH = 18, 100, 50


@dataclass
class Planned:
    """One row: what it names, what would be done, what stands against it, and what should be looked at."""

    row: RosterRow
    name: str
    place: str = ""
    acts: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    home: Organisation | None = None
    body: Organisation | None = None
    person: User | None = None
    role: Role | None = None
    username: str = ""

    @property
    def writes(self) -> bool:
        """Whether the row would write anything."""
        return not self.errors and self.acts not in ([], [UNCHANGED], [KNOWN_PERSON, UNCHANGED])


@dataclass(frozen=True)
class Plan:
    """All rows of a roster as they would be carried out."""

    rows: list[Planned]
    digest: str

    @property
    def faulty(self) -> list[Planned]:
        """The rows that cannot be written."""
        return [row for row in self.rows if row.errors]

    @property
    def counts(self) -> dict[str, int]:
        """How many chambers, accounts and seats would be new, and how many rows change nothing."""
        acts = [act for row in self.rows for act in row.acts if not row.errors]
        return {
            "chambers": acts.count(NEW_CHAMBER),
            "completed": acts.count(COMPLETED),
            "accounts": acts.count(NEW_ACCOUNT),
            "seats": acts.count(NEW_SEAT),
            "unchanged": acts.count(UNCHANGED),
        }

    @property
    def is_long(self) -> bool:
        """Whether it is carried out as a job."""
        return len(self.rows) > AT_ONCE

    @property
    def writes(self) -> bool:
        """Whether there is anything to write."""
        return any(row.writes for row in self.rows)


def imports_of(viewer: Seat) -> QuerySet[RosterImport]:
    """Return the rosters that were uploaded for the viewer's own organisation, newest first."""
    found = RosterImport.objects.filter(organisation=viewer.organisation_id).order_by("-id")
    return found.select_related("brought_by__user", "written_by__user")


def plan_of(roster: RosterImport, viewer: Seat, now: datetime) -> Plan:
    """Return what the roster would do if this seat confirmed it now; a fixed number of queries."""
    rows = rows_kept(roster.rows)
    planning = _Planning(viewer, roster.columns, _Surroundings.of(viewer, rows, now))
    planned = [planning.plan(row) for row in rows]
    told = [[one.row.sheet, one.row.number, one.acts, one.errors] for one in planned]
    return Plan(planned, sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest())


@dataclass
class _Surroundings:
    """What is known of the bodies and people that the rows name."""

    federations: dict[str, list[Organisation]]
    bodies: dict[str, list[Organisation]]
    by_code: dict[str, Organisation]
    taken: dict[str, int]
    people: dict[str, User]
    held: set[tuple[int, int, str]]

    @classmethod
    def of(cls, viewer: Seat, rows: list[RosterRow], now: datetime) -> "_Surroundings":
        """Read it: bodies of the jurisdiction, codes in use anywhere, people by sign-in name, seats held."""
        named = _values(rows, "name", "body", "home", "code", "uscc")
        living = organisations_under(viewer.organisation).filter(lives_on(timezone.localdate(now)))
        named_so = Q(name__in=named) | Q(code__in=named, kind=Kind.FEDERATION) | Q(uscc__in=named - {""})
        found = list(living.filter(named_so).select_related("parent"))
        people = {one.username: one for one in User.objects.filter(username__in=_values(rows, "username", "mobile"))}
        held = Seat.objects.filter(user__in=people.values(), organisation__in=found, ended_at=None)
        federations, bodies = defaultdict(list), defaultdict(list)
        for one in found:
            bodies[one.name].append(one)
            if not one.is_chamber:
                federations[one.name].append(one)
        codes = {one.code: one for one in found if one.code} | {one.uscc: one for one in found if one.uscc}
        usccs = Organisation.objects.filter(uscc__in=_values(rows, "uscc"))
        return cls(
            federations,
            bodies,
            codes,
            dict(usccs.values_list("uscc", "pk")),
            people,
            set(held.values_list("user_id", "organisation_id", "role")),
        )


def _values(rows: Iterable[RosterRow], *keys: str) -> set[str]:
    return {value for row in rows for key in keys if (value := row.values.get(key, ""))}


class _Planning:
    """Judges row after row; what an earlier row would make is there for a later one."""

    def __init__(self, viewer: Seat, columns: dict[str, dict[str, str]], known: _Surroundings) -> None:
        self.viewer, self.columns, self.known = viewer, columns, known
        self.chambers: dict[tuple[str, str], int] = {}
        self.new: dict[tuple[str, str], Organisation] = {}
        self.codes: dict[str, int] = {}
        self.accounts: dict[str, tuple[int, str]] = {}
        self.seats: dict[tuple[str, str, str], int] = {}

    def plan(self, row: RosterRow) -> Planned:
        """Return the row with what it would do and all that stands against it."""
        one = Planned(row, row.values.get("name") or row.values.get("person", ""))
        for fault in row.faults:
            self.fault(one, fault.key, fault.message)
        {CHAMBERS: self._chamber, PEOPLE: self._person}[row.sheet](one)
        return one

    def fault(self, one: Planned, key: str, message: str) -> None:
        """Note what is wrong with a cell, once for each cell."""
        title = next((asked.title for asked in COLUMNS[one.row.sheet] if asked.key == key), "")
        place = f"“{title}”（{self.columns.get(one.row.sheet, {}).get(key, '')}{one.row.number}）"
        if not any(error.startswith(place) for error in one.errors):
            one.errors.append(f"{place}：{message}")

    # ---- chambers

    def _chamber(self, one: Planned) -> None:
        value = one.row.values.get
        one.home = self._home(one, value("home", ""))
        if one.home is not None:
            one.place = one.home.name
            self._check_level(one, one.home)
        if value("type") and value("type") not in ChamberType.values:
            self.fault(one, "type", f"应为{'、'.join(ChamberType.values)}之一，现为“{value('type')}”。")
        if len(one.name) > NAME_LENGTH:
            self.fault(one, "name", f"不超过{NAME_LENGTH}字，现为{len(one.name)}字。")
        self._check_code(one, value("uscc", ""))
        if one.home is not None and one.name:
            self._settle_chamber(one, one.home)

    def _home(self, one: Planned, text: str) -> Organisation | None:
        if not text:
            return None
        found = self.known.federations.get(text) or []
        if text in self.known.by_code and not self.known.by_code[text].is_chamber:
            found = [self.known.by_code[text]]
        if len(found) == 1:
            return found[0]
        many = f"有{len(found)}个同名的工商联，请填写六位行政区划代码。"
        none = f"没有找到本级及下级工商联“{text}”，请按“工商联名录”表填写名称或代码。"
        self.fault(one, "home", many if found else none)
        return None

    def _check_level(self, one: Planned, home: Organisation) -> None:
        told, is_so = one.row.values.get("level", ""), Level(home.level).label
        if told and told != is_so:
            self.fault(one, "level", f"所在地工商联为{is_so}，商会层级应填“{is_so}”，现为“{told}”。")

    def _check_code(self, one: Planned, code: str) -> None:
        if not code:
            return
        if len(code) > USCC_LENGTH:
            self.fault(one, "uscc", f"应为{USCC_LENGTH}位，现为{len(code)}位。")
        elif not _is_uscc(code):
            one.warnings.append(f"统一社会信用代码{code}的长度或校验位不符，请核对；可以先导入。")
        if code in self.codes:
            self.fault(one, "uscc", f"与第{self.codes[code]}行的代码相同。")
        self.codes.setdefault(code, one.row.number)

    def _settle_chamber(self, one: Planned, home: Organisation) -> None:
        """Find the chamber among those registered, or note a new one."""
        code = one.row.values.get("uscc", "")
        if (one.name, home.path) in self.chambers:
            self.fault(one, "name", f"与第{self.chambers[one.name, home.path]}行重复。")
            return
        self.chambers[one.name, home.path] = one.row.number
        same = [body for body in self.known.bodies.get(one.name, ()) if body.is_chamber and body.parent_id == home.pk]
        if not same:
            path = f"{home.path}c-{one.row.number}/"
            made = Organisation(
                kind=Kind.CHAMBER, level=home.level, name=one.name, uscc=code, parent=home, path=path
            )
            self.new[one.name, home.path] = made
        by_code = self.known.by_code.get(code) if code else None
        if by_code is not None and by_code not in same:
            self.fault(one, "uscc", f"该代码已登记为{by_code.name}（{by_code.parent}）。")
        elif by_code is None and code in self.known.taken:
            self.fault(one, "uscc", "该代码已由其他机构使用，请核对。")
        elif same:
            self._complete(one, by_code or same[0])
        else:
            one.acts.append(NEW_CHAMBER)

    def _complete(self, one: Planned, body: Organisation) -> None:
        """Leave a chamber that is registered as it is; what it lacks is added, what differs is told."""
        one.body = body
        given = {"uscc": one.row.values.get("uscc", ""), "chamber_type": one.row.values.get("type", "")}
        lacking = [name for name, value in given.items() if value and not getattr(body, name)]
        differing = [value for name, value in given.items() if value and getattr(body, name) not in {"", value}]
        if differing:
            one.warnings.append(f"已登记的内容与表中不同，不作更改：{'、'.join(differing)}。")
        one.acts.append(COMPLETED if lacking else UNCHANGED)

    # ---- people

    def _person(self, one: Planned) -> None:
        body = self._body(one)
        self._check_contact(one)
        self._settle_account(one)
        if len(one.name) > PERSON_LENGTH:
            self.fault(one, "person", f"不超过{PERSON_LENGTH}字，现为{len(one.name)}字。")
        if body is not None:
            one.place = body.name
            self._settle_role(one, body)
            self._settle_seat(one, body)

    def _body(self, one: Planned) -> Organisation | None:
        """Return the body the row names: one that is there, or one that the file would make."""
        name, code = one.row.values.get("body", ""), one.row.values.get("code", "")
        if code and (body := self._coded(code)):
            one.body = body if body.pk else None
            if name and body.name != name:
                self.fault(one, "body", f"单位代码{code}对应的单位是“{body.name}”，与单位名称不符。")
                return None
            return body
        if code:
            self.fault(one, "code", f"本级及下级没有代码为{code}的单位。")
            return None
        found = [*self.known.bodies.get(name, ()), *self._planned_chambers(name)]
        if len(found) == 1:
            one.body = found[0] if found[0].pk else None
            return found[0]
        many = f"有{len(found)}个同名的单位，请填写单位代码。"
        none = f"本级及下级没有“{name}”。商会须先登记，或在“商会”表里填写。"
        if name:
            self.fault(one, "body", many if found else none)
        return None

    def _coded(self, code: str) -> Organisation | None:
        made = next((chamber for chamber in self.new.values() if chamber.uscc == code), None)
        return self.known.by_code.get(code) or made

    def _planned_chambers(self, name: str) -> list[Organisation]:
        return [chamber for (called, _), chamber in self.new.items() if called == name]

    def _check_contact(self, one: Planned) -> None:
        mobile, email = one.row.values.get("mobile", ""), one.row.values.get("email", "")
        if mobile and not MOBILE.fullmatch(mobile):
            self.fault(one, "mobile", f"应为11位手机号码，现为“{mobile}”。")
        if email and not _is_email(email):
            self.fault(one, "email", f"不是有效的电子邮箱：“{email}”。")

    def _settle_account(self, one: Planned) -> None:
        typed = one.row.values.get("username", "")
        one.username = typed or one.row.values.get("mobile", "")
        if not one.username:
            self.fault(one, "username", "登录名和手机至少填写一项。")
        elif typed and not USERNAME.fullmatch(typed):
            self.fault(one, "username", f"应为3至64位字母、数字或 . _ -，现为“{typed}”。")
        elif known := self.known.people.get(one.username):
            self._known(one, known)
        elif one.username in self.accounts:
            number, name = self.accounts[one.username]
            if name != one.name:
                self.fault(one, "username", f"与第{number}行（{name}）的登录名相同，姓名不同。")
        else:
            self.accounts[one.username] = (one.row.number, one.name)
            one.acts.append(NEW_ACCOUNT)

    def _known(self, one: Planned, person: User) -> None:
        """Take somebody who has an account, if sign-in name and name agree."""
        if person.name != one.name:
            self.fault(one, "username", f"登录名{one.username}已由他人使用，或者姓名与账号不一致。")
        elif not person.is_active:
            self.fault(one, "username", f"登录名{one.username}的账号已停用。")
        elif person.pk == self.viewer.user_id:
            self.fault(one, "username", "不能给自己授予席位。")
        else:
            one.person = person
            one.acts.append(KNOWN_PERSON)

    def _settle_role(self, one: Planned, body: Organisation) -> None:
        told = one.row.values.get("role", "")
        fitting = [role for role in Role if role in roles_fitting(body)]
        one.role = next((role for role in fitting if role.label == told), None)
        if not told:
            return
        if one.role is None:
            labels = "、".join(f"“{role.label}”" for role in fitting)
            self.fault(one, "role", f"{body.name}的角色应为{labels}之一，现为“{told}”。")
        elif one.role not in grantable_roles(self.viewer, body):
            self.fault(one, "role", f"当前身份不能在{body.name}授予“{told}”席位。")

    def _settle_seat(self, one: Planned, body: Organisation) -> None:
        if one.role is None or not one.username:
            return
        place = (one.username, body.path, one.role.value)
        if place in self.seats:
            self.fault(one, "role", f"与第{self.seats[place]}行重复。")
            return
        self.seats[place] = one.row.number
        held = one.person is not None and body.pk and (one.person.pk, body.pk, one.role.value) in self.known.held
        one.acts.append(UNCHANGED if held else NEW_SEAT)


def _is_uscc(code: str) -> bool:
    return _passes(uscc.validate, code, NotValid)


def _is_email(text: str) -> bool:
    return _passes(validate_email, text, ValidationError)


def _passes(check: Callable[[str], object], text: str, fails: type[Exception]) -> bool:
    try:
        check(text)
    except fails:
        return False
    return True


def usernames_in(roster: RosterImport) -> set[str]:
    """Return the sign-in names of the people that a roster names."""
    rows = (row.values for row in rows_kept(roster.rows) if row.sheet == PEOPLE)
    return {values.get("username") or values.get("mobile", "") for values in rows}


def named_in(roster: RosterImport, people: QuerySet[User]) -> QuerySet[User]:
    """Return those of the people that a roster names."""
    return people.filter(username__in=usernames_in(roster))


def seat_named(pk: int) -> Seat | None:
    """Return a seat by its key."""
    return Seat.objects.select_related("user", "organisation").filter(pk=pk).first()


def roster_named(pk: int) -> RosterImport | None:
    """Return an uploaded roster by its key."""
    return RosterImport.objects.filter(pk=pk).first()
