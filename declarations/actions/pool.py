"""The pool of experts: one entered or changed by hand, many from a sheet that was looked through first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from declarations.actions.sheets import refuse
from declarations.models import Cycle, PanelMember, PoolSheet
from sihao.accounts.actions import grant_seat, open_account
from sihao.accounts.models import Organisation, Seat, User
from sihao.accounts.permissions import allowed, grantable_roles
from sihao.accounts.queries import national_node
from sihao.accounts.roles import EXPERT_ROLES, ChamberType, Role
from sihao.audit.events import Event
from sihao.audit.record import record

PROVINCES_ASKED = "工作所在省须选省级工商联；全国性单位不选。"


@dataclass(frozen=True)
class Profile:
    """What the pool keeps of an expert."""

    employer: str
    province: Organisation | None = None
    kinds: Sequence[str] = ()
    available_from: date | None = None
    available_until: date | None = None
    most: int | None = None
    draws: bool = True


@dataclass(frozen=True)
class Newcomer:
    """Somebody without an account yet: how the person signs in and is reached."""

    username: str
    name: str
    mobile: str = ""
    email: str = ""


def _demand(actor: Seat) -> None:
    if not allowed(actor, "declarations.write_pool"):
        refuse("not_permitted", "专家库由会员部登记。")


@transaction.atomic
def write_member(*, cycle: Cycle, seat: Seat, profile: Profile, actor: Seat, now: datetime) -> PanelMember:
    """Enter an expert in the cycle's pool, or change what the pool keeps of the person."""
    _demand(actor)
    if seat.role not in EXPERT_ROLES or seat.ended_at is not None:
        refuse("not_an_expert", f"{seat.user.name}不是在任评审专家。")
    _refuse_profile(profile)
    kept = {
        "employer": profile.employer.strip()[:100],
        "province": profile.province,
        "kinds": [kind for kind in ChamberType.values if kind in profile.kinds],
        "available_from": profile.available_from,
        "available_until": profile.available_until,
        "most": profile.most,
        "draws": profile.draws,
    }
    told = {"written_by": actor, "written_at": now}
    member, new = PanelMember.objects.get_or_create(cycle=cycle, seat=seat, defaults=kept | told)
    if not new and _same(member, kept):
        return member
    for name, value in (kept | told).items():
        setattr(member, name, value)
    member.save()
    record(Event.POOL_CHANGED, actor=actor, target=member, at=now, data={"expert": seat.user.name})
    return member


def _same(member: PanelMember, kept: Mapping[str, object]) -> bool:
    return all(getattr(member, name) == value for name, value in kept.items())


def _refuse_profile(profile: Profile) -> None:
    if not profile.employer.strip():
        refuse("employer_missing", "请填写工作单位。")
    if profile.province is not None and profile.province.level != 1:
        refuse("province_wrong", PROVINCES_ASKED)
    begins, ends = profile.available_from, profile.available_until
    if begins is not None and ends is not None and ends < begins:
        refuse("dates_turned", "可评审止不能早于可评审起。")
    if profile.most is not None and profile.most < 1:
        refuse("most_out", "最多评审件数至少为1；不参加评审的，请取消“参加抽取”。")


@dataclass(frozen=True)
class Brought:
    """A sheet of experts as it was read: good rows as they are kept, and what is wrong with the others."""

    name: str
    digest: str
    rows: Sequence[Mapping[str, object]]
    faults: Sequence[str]


@transaction.atomic
def bring_pool(*, cycle: Cycle, brought: Brought, actor: Seat, now: datetime) -> PoolSheet:
    """Keep a sheet that was read, to be looked through; the same seat's earlier one that waits makes room."""
    _demand(actor)
    PoolSheet.objects.filter(cycle=cycle, brought_by=actor, written_at=None).delete()
    return PoolSheet.objects.create(
        cycle=cycle,
        name=brought.name[:160],
        digest=brought.digest,
        rows=[dict(row) for row in brought.rows],
        faults=list(brought.faults),
        brought_by=actor,
        brought_at=now,
    )


@transaction.atomic
def write_pool(*, sheet: PoolSheet, actor: Seat, now: datetime) -> int:
    """Write every row of a sheet that was looked through, once; return how many. One that has faults is not written."""
    _demand(actor)
    waiting = _waiting(sheet)
    if waiting.faults:
        refuse("rows_faulty", f"有{len(waiting.faults)}处不能写入，全部没有写入。请改正后重新上传。", "")
    if not waiting.rows:
        refuse("pool_empty", "表中没有可以写入的行，请改好后重新上传。", "")
    provinces = {one.code: one for one in Organisation.objects.filter(level=1, kind="federation")}
    for row in waiting.rows:
        seat = _seat_of(row, actor, now)
        write_member(cycle=waiting.cycle, seat=seat, profile=_profile(row, provinces), actor=actor, now=now)
    waiting.written_at = now
    waiting.save(update_fields=["written_at"])
    data = {"file": waiting.name, "count": len(waiting.rows)}
    record(Event.POOL_IMPORTED, actor=actor, target=waiting.cycle, at=now, data=data)
    return len(waiting.rows)


def _waiting(sheet: PoolSheet) -> PoolSheet:
    found = PoolSheet.objects.select_for_update(of=("self",)).select_related("cycle").filter(pk=sheet.pk).first()
    if found is None:
        refuse("sheet_gone", "这份名单已被放弃或被新上传的代替，请重新上传。", "")
    if found.written_at is not None:
        refuse("sheet_written", "这份名单已经写入，不能再次写入。", "")
    return found


def _profile(row: Mapping[str, object], provinces: Mapping[str, Organisation]) -> Profile:
    begins, ends = (date.fromisoformat(str(row[name])) if row.get(name) else None for name in ("begins", "ends"))
    return Profile(
        employer=str(row["employer"]),
        province=provinces.get(str(row.get("province") or "")),
        kinds=list(row.get("kinds") or ()),  # type: ignore[call-overload] a list of words as it was read
        available_from=begins,
        available_until=ends,
        most=int(str(row["most"])) if row.get("most") else None,
    )


def _seat_of(row: Mapping[str, object], actor: Seat, now: datetime) -> Seat:
    """Return the person's expert seat; who has none is given one, with an account where there is none."""
    nation, username = national_node(), str(row["username"])
    person = User.objects.filter(username=username).first()
    held = person and person.seats.filter(
        organisation=nation, role__in=sorted(EXPERT_ROLES), ended_at__isnull=True, stands_in_for__isnull=True
    ).select_related("user", "organisation").order_by("id").first()
    if held:
        return held
    if Role.EXPERT not in grantable_roles(actor, nation):
        refuse("seat_missing", f"{row['name']}还没有评审专家席位，须由会员部负责人导入。")
    if person is None:
        contact = {"mobile": str(row.get("mobile") or ""), "email": str(row.get("email") or "")}
        person = open_account(username=username, name=str(row["name"]), actor=actor, now=now, **contact)
    return grant_seat(user=person, organisation=nation, role=Role.EXPERT, actor=actor, now=now, reason="专家名单导入")


@transaction.atomic
def discard_pool(*, sheet: PoolSheet, actor: Seat) -> None:
    """Give up a sheet that was not confirmed."""
    _demand(actor)
    _waiting(sheet).delete()
