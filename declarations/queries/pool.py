"""The pool of experts and the proposed assignments, as their pages print them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from declarations.assignment import Bar
from declarations.models import AssignmentPlan, Cycle, Declaration, PanelMember, PlannedPair, PoolSheet
from declarations.queries.assigning import kinds_of, lacking_readers, loads_in, pool_of
from declarations.queries.recusals import without_recused
from declarations.states import PlanState
from declarations.working_days import official
from sihao.accounts.models import Organisation, Seat, User
from sihao.accounts.queries import active_seats_at, federations, national_node
from sihao.accounts.roles import EXPERT_ROLES, Level

# ---- the pool


@dataclass(frozen=True)
class PoolLine:
    """One expert as the pool lists the person: the entry, if there is one, and how many live sheets there are."""

    seat: Seat
    member: PanelMember | None
    load: int

    @property
    def term(self) -> str:
        """When the person can read."""
        if self.member is None or not (self.member.available_from or self.member.available_until):
            return "不限"
        begins, ends = self.member.available_from, self.member.available_until
        return f"{_day(begins) if begins else '即日'}至{_day(ends) if ends else '不限'}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def pool_lines(cycle: Cycle) -> list[PoolLine]:
    """Return everybody who holds an expert's seat, those of the pool first; four queries."""
    members = {member.seat_id: member for member in pool_of(cycle)}
    loads = loads_in(cycle)
    seats = active_seats_at(national_node().pk, EXPERT_ROLES).select_related("user", "organisation")
    lines = [PoolLine(seat, members.get(seat.pk), loads[seat.user_id]) for seat in seats]
    return sorted(lines, key=lambda line: (line.member is None, line.seat.user.name, line.seat.pk))


def expert_seat(pk: int) -> Seat | None:
    """Return an expert's seat in office."""
    seats = active_seats_at(national_node().pk, EXPERT_ROLES).select_related("user", "organisation")
    return seats.filter(pk=pk).first()


def member_of(cycle: Cycle, seat: Seat) -> PanelMember | None:
    """Return what the cycle's pool keeps of an expert."""
    return PanelMember.objects.filter(cycle=cycle, seat=seat).select_related("province", "written_by__user").first()


def provinces(day: date) -> QuerySet[Organisation]:
    """Return the provincial federations that exist on a day."""
    return federations(day).filter(level=Level.PROVINCE)


@dataclass(frozen=True)
class Known:
    """What a sheet of experts is checked against: provinces by each name they are called, accounts by sign-in name."""

    provinces: Mapping[str, str]
    people: Mapping[str, User]


def known_for_pool(day: date) -> Known:
    """Return it; two queries."""
    codes: dict[str, str] = {}
    for province in provinces(day):
        names = {province.name, province.region, province.region.removesuffix("省").removesuffix("市"), province.code}
        codes |= dict.fromkeys(filter(None, names), province.code)
    return Known(codes, {person.username: person for person in User.objects.only("username", "name", "is_active")})


@dataclass(frozen=True)
class SheetLine:
    """One row of an uploaded sheet: what it says, and what writing it would do."""

    row: Mapping[str, object]
    province: str
    act: str


def sheet_lines(sheet: PoolSheet) -> list[SheetLine]:
    """Return the rows of a sheet as they would be written; three queries."""
    names = dict(Organisation.objects.filter(level=Level.PROVINCE, kind="federation").values_list("code", "region"))
    usernames = [row["username"] for row in sheet.rows]
    people = set(User.objects.filter(username__in=usernames).values_list("username", flat=True))
    members = PanelMember.objects.filter(cycle=sheet.cycle, seat__user__username__in=usernames)
    held = set(members.values_list("seat__user__username", flat=True))
    return [SheetLine(row, names.get(row["province"], "无"), _act(row["username"], people, held)) for row in sheet.rows]


def _act(username: str, people: set[str], held: set[str]) -> str:
    if username in held:
        return "更新"
    return "登记" if username in people else "开设账号并登记"


def sheets_waiting(cycle: Cycle) -> list[PoolSheet]:
    """Return the sheets that were uploaded and not yet confirmed, newest first."""
    waiting = PoolSheet.objects.filter(cycle=cycle, written_at=None).select_related("brought_by__user")
    return list(waiting.defer("rows", "faults").order_by("-id")[:5])


def sheet_in(cycle: Cycle, pk: int) -> PoolSheet | None:
    """Return an uploaded sheet of the cycle."""
    return PoolSheet.objects.filter(cycle=cycle, pk=pk).select_related("cycle", "brought_by__user").first()


# ---- proposed assignments


def plans_of(cycle: Cycle) -> QuerySet[AssignmentPlan]:
    """Return the cycle's plans, newest first."""
    people = ("proposed_by__user", "deployed_by__user", "cycle")
    plans = AssignmentPlan.objects.filter(cycle=cycle).select_related(*people)
    return plans.defer("cycle__notice_text").order_by("-number")


def plan_named(pk: int) -> AssignmentPlan:
    """Return a plan by its key, for its jobs."""
    return AssignmentPlan.objects.select_related("cycle", "proposed_by__organisation").get(pk=pk)


def plan_in(cycle: Cycle, pk: int) -> AssignmentPlan | None:
    """Return one of the cycle's plans."""
    return plans_of(cycle).filter(pk=pk).first()


@dataclass(frozen=True)
class Start:
    """What a new plan begins from: how many cases want readers, from how many experts, and the usual parameters."""

    cases: int
    experts: int
    readers: int
    spread: int
    begins: date
    ends: date


def start_of(cycle: Cycle, now: datetime) -> Start:
    """Return it; two queries."""
    today = timezone.localdate(now)
    ends = timezone.localdate(official().after(now, cycle.reading_days) - timedelta(microseconds=1))
    pool = pool_of(cycle).filter(draws=True).count()
    return Start(
        lacking_readers(cycle, cycle.readers).count(), pool, cycle.readers, cycle.load_spread, today, ends
    )


@dataclass(frozen=True)
class LoadLine:
    """How many cases one expert has before and after a plan, and how many of the new ones match."""

    name: str
    employer: str
    before: int
    after: int
    matched: int
    unmatched: int
    key: int


def load_lines(plan: AssignmentPlan) -> list[LoadLine]:
    """Return the experts of a plan, by name; three queries."""
    keys = [key for key, _, _ in plan.loads]
    members = {one.seat_id: one for one in PanelMember.objects.filter(cycle=plan.cycle_id, seat__in=keys)}
    seats = {one.pk: one for one in Seat.objects.filter(pk__in=keys).select_related("user")}
    said = Counter(plan.pairs.order_by().values_list("expert_id", "matched"))
    lines = [
        LoadLine(
            seats[key].user.name,
            members[key].employer if key in members else "",
            before,
            after,
            said[key, True],
            said[key, False],
            key,
        )
        for key, before, after in plan.loads
        if key in seats
    ]
    return sorted(lines, key=lambda line: (line.name, line.key))


def pairs_of(plan: AssignmentPlan, seat: Seat, expert: int | None = None) -> QuerySet[PlannedPair]:
    """Return the pairs of a plan, by case; nothing of a case from which the viewer steps back."""
    pairs = without_recused(plan.pairs.all(), seat, "declaration")
    pairs = pairs.filter(expert=expert) if expert is not None else pairs
    return pairs.select_related("declaration__unit", "declaration__applicant", "expert__user")


@dataclass(frozen=True)
class PairLine:
    """One pair with why it is allowed: every constraint it keeps, in words."""

    pair: PlannedPair
    kind: str
    load: int
    member: PanelMember | None

    @property
    def why(self) -> str:
        """Why the pair is allowed."""
        member = self.member
        where = "全国性单位，无同省关系"
        if member is not None and member.province is not None:
            where = f"在{member.province.region}工作，不与申报单位同省"
        most = f"，不超过本人最多{member.most}件" if member and member.most else ""
        return f"{where}；无任职、亲属关系，未登记回避；评审期间可以评审；共{self.load}件{most}"

    @property
    def matched(self) -> str:
        """Whether the speciality matches, in a word."""
        return {True: "相符", False: "不符", None: "未填类型"}[self.pair.matched]


def pair_lines(plan: AssignmentPlan, pairs: list[PlannedPair]) -> list[PairLine]:
    """Return pairs with what explains them; two queries for a page."""
    seats = {pair.expert_id for pair in pairs}
    members = PanelMember.objects.filter(cycle=plan.cycle_id, seat__in=seats).select_related("province")
    by_seat = {one.seat_id: one for one in members}
    kinds = kinds_of({pair.declaration_id: pair.declaration for pair in pairs}.values())
    loads = {key: after for key, _, after in plan.loads}
    return [
        PairLine(pair, kinds[pair.declaration_id], loads.get(pair.expert_id, 0), by_seat.get(pair.expert_id))
        for pair in pairs
    ]


@dataclass(frozen=True)
class ShortLine:
    """One case that stays short of readers, and why."""

    case: Declaration
    missing: int
    why: str


@dataclass(frozen=True)
class ShortageTold:
    """Why a plan could not be made, in words."""

    lines: tuple[ShortLine, ...]
    sentences: tuple[str, ...]


def shortage_of(plan: AssignmentPlan, seat: Seat) -> ShortageTold | None:
    """Return what is short, case by case; nothing of a case from which the viewer steps back."""
    told = plan.shortage
    if plan.state != PlanState.SHORT:
        return None
    lacking = {one["case"]: one for one in told["lacking"]}
    cases = without_recused(Declaration.objects.filter(pk__in=lacking), seat, "pk").select_related("unit")
    lines = (
        ShortLine(case, lacking[case.pk]["missing"], _why_short(lacking[case.pk]))
        for case in cases.order_by("number")
    )
    return ShortageTold(tuple(lines), tuple(_sentences(told)))


def _why_short(lack: Mapping[str, Any]) -> str:
    barred = lack["barred"]
    told = "、".join(f"{Bar(name).words}{number}人" for name, number in sorted(barred.items()))
    free = f"可以评审的{lack['free']}人"
    full = "，但已达到本人最多评审件数" if lack["by_maximum"] else ""
    return f"{free}{full}{f'；不能评审的：{told}' if told else ''}"


def _sentences(told: Mapping[str, Any]) -> list[str]:
    missing = sum(one["missing"] for one in told["lacking"])
    found = [f"共须{told['wanted']}份评分表"]
    if missing:
        found.append(f"{len(told['lacking'])}件还缺{missing}人次")
    if told["room"] is not None and missing:
        found.append(f"参加抽取的专家按本人最多评审件数还能承担{told['room']}件")
    if told["least_spread"]:
        found.append(f"每件都有人评审，但各专家件数至少相差{told['least_spread']}件，超过件数相差上限")
    if told["narrow"]:
        found.append(f"{len(told['narrow'])}名专家因回避可评审的件数偏少")
    return [f"{sentence}。" for sentence in found]


