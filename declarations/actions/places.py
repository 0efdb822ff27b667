"""Sharing places out: parameters, counts, single units set otherwise, adoption (by two where the cycle says so)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from declarations.actions.forwarding import set_limit
from declarations.actions.quota import set_quota
from declarations.actions.second_person import Confirmed, Prepared, needs_two, prepare
from declarations.models import ChamberCount, CountSheet, Cycle, Pending, PlaceOverride, QuotaPlan, Region
from declarations.queries.places import (
    PlanRow,
    PlanTable,
    has_recommended,
    is_national,
    plan_of,
    plan_table,
    units_of,
)
from declarations.second_person import Paired
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record

CLAUSE = "四"
BY_HAND = "手工录入"


def _refuse(code: str, sentence: str, clause: str = CLAUSE) -> None:
    raise Refused((Refusal(code, sentence, clause),))


def _permit(actor: Seat, permission: str, plan: QuotaPlan) -> None:
    if plan.owner_id != actor.organisation_id or not allowed(actor, permission, plan):
        _refuse("not_permitted", "您的席位无权办理名额分配。", "")


def _locked_plan(cycle: Cycle, actor: Seat) -> QuotaPlan:
    """Return the plan of the actor's office, begun if it is not there and locked for the rest of the transaction."""
    begun = plan_of(cycle, actor.organisation)
    _permit(actor, "declarations.plan_places", begun)
    if begun.pk is None:
        key = {"cycle": cycle, "owner": actor.organisation}
        begun, _ = QuotaPlan.objects.get_or_create(**key, defaults={"total": begun.total})
    rows = QuotaPlan.objects.select_for_update(of=("self",)).select_related("cycle", "owner")
    return rows.get(pk=begun.pk)


# ---- the parameters


@dataclass(frozen=True)
class Parameters:
    """What an office decides before the formula: total, floor, how limits below it work, weights by region key."""

    total: int
    floor: int
    hard: bool = False
    weights: Mapping[int, Decimal] = field(default_factory=dict)


@transaction.atomic
def set_parameters(*, cycle: Cycle, parameters: Parameters, actor: Seat, now: datetime) -> QuotaPlan:
    """Write the parameters of the actor's office; the nation's stand still once a list was sent up."""
    plan = _locked_plan(cycle, actor)
    if is_national(plan.owner) and has_recommended(cycle):
        _refuse("already_recommended", "已有推荐名单上报，名额总数、保底数和地区权重不能再改；单个单位可按理由调整。")
    plan.total, plan.floor = parameters.total, parameters.floor
    plan.hard = parameters.hard and not is_national(plan.owner)
    plan.save(update_fields=["total", "floor", "hard"])
    told = [f"总数{plan.total}", f"保底数{plan.floor}"]
    told += _write_weights(plan, parameters.weights) if is_national(plan.owner) else _words_of(plan)
    record(Event.PLAN_SET, actor=actor, target=plan, at=now, data={"what": "，".join(told)})
    return plan


def _write_weights(plan: QuotaPlan, weights: Mapping[int, Decimal]) -> list[str]:
    regions = list(Region.objects.select_for_update().filter(cycle=plan.cycle))
    for region in regions:
        region.weight = weights.get(region.pk, region.weight)
        if region.weight <= 0:
            _refuse("weight_not_positive", f"{region.name}的权重须大于0。")
    Region.objects.bulk_update(regions, ["weight"])
    return [f"{region.name}权重{region.weight.normalize():f}" for region in regions]


def _words_of(plan: QuotaPlan) -> list[str]:
    return ["额满不能再报" if plan.hard else "额满只作提醒"]


# ---- the counts


@dataclass(frozen=True)
class Source:
    """Where counts come from: the name of the file with its digest, or that they were typed."""

    name: str
    digest: str = ""


@dataclass(frozen=True)
class Brought:
    """A sheet of counts as it was read: chambers by unit code, and the rows that could not be read, by cell."""

    name: str
    digest: str
    numbers: Mapping[str, int]
    faults: list[str] = field(default_factory=list)


@transaction.atomic
def bring_counts(*, cycle: Cycle, brought: Brought, actor: Seat, now: datetime) -> CountSheet:
    """Keep a sheet that was read, to be looked through; the same seat's earlier one that waits makes room."""
    plan = _locked_plan(cycle, actor)
    CountSheet.objects.filter(cycle=cycle, owner=plan.owner, brought_by=actor, written_at=None).delete()
    return CountSheet.objects.create(
        cycle=cycle,
        owner=plan.owner,
        name=brought.name,
        digest=brought.digest,
        numbers=dict(brought.numbers),
        faults=brought.faults,
        brought_by=actor,
        brought_at=now,
    )


@transaction.atomic
def write_counts(*, sheet: CountSheet, actor: Seat, now: datetime) -> int:
    """Write the good rows of a sheet that was looked through, once; return how many."""
    plan = _locked_plan(sheet.cycle, actor)
    waiting = _waiting(sheet, plan)
    if not waiting.numbers:
        _refuse("counts_empty", "表中没有可以写入的行，请改好后重新上传。")
    source = Source(waiting.name, waiting.digest)
    number = write_numbers(plan=plan, numbers=waiting.numbers, source=source, actor=actor, now=now)
    waiting.written_at = now
    waiting.save(update_fields=["written_at"])
    return number


@transaction.atomic
def enter_counts(*, cycle: Cycle, numbers: Mapping[str, int], actor: Seat, now: datetime) -> int:
    """Write counts typed by hand; return how many changed."""
    plan = _locked_plan(cycle, actor)
    return write_numbers(plan=plan, numbers=numbers, source=Source(BY_HAND), actor=actor, now=now)


@transaction.atomic
def discard_counts(*, sheet: CountSheet, actor: Seat) -> None:
    """Give up a sheet that was not confirmed."""
    _waiting(sheet, _locked_plan(sheet.cycle, actor)).delete()


def _waiting(sheet: CountSheet, plan: QuotaPlan) -> CountSheet:
    found = CountSheet.objects.select_for_update().filter(pk=sheet.pk, owner=plan.owner).first()
    if found is None:
        _refuse("sheet_gone", "这份统计表已被放弃或被新上传的代替，请重新上传。", "")
    if found.written_at is not None:
        _refuse("sheet_written", "这份统计表已经写入，不能再次写入。", "")
    return found


def write_numbers(
    *, plan: QuotaPlan, numbers: Mapping[str, int], source: Source, actor: Seat | None, now: datetime
) -> int:
    """Write the counts that differ from what stands, for units of the plan; return how many those are."""
    units = {unit.code: unit for unit in units_of(plan.owner, now)}
    known = dict(ChamberCount.objects.filter(cycle=plan.cycle).values_list("organisation__code", "number"))
    rows = [
        ChamberCount(
            cycle=plan.cycle,
            organisation=units[code],
            number=number,
            source=source.name[:160],
            digest=source.digest,
            written_by=actor,
            written_at=now,
        )
        for code, number in sorted(numbers.items())
        if code in units and known.get(code) != number
    ]
    ChamberCount.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["cycle", "organisation"],
        update_fields=["number", "source", "digest", "written_by", "written_at"],
    )
    told: dict[str, object] = {"count": len(rows), "source": source.name, "digest": source.digest}
    told["numbers"] = {row.organisation.code: row.number for row in rows}
    record(Event.COUNTS_WRITTEN, actor=actor, target=plan, at=now, data=told)
    return len(rows)


# ---- single units


@transaction.atomic
def override(
    *, cycle: Cycle, unit: Organisation, places: int, reason: str, actor: Seat, now: datetime
) -> PlaceOverride:
    """Set a unit's places instead of the formula's, with the reason."""
    plan = _locked_plan(cycle, actor)
    if not reason.strip():
        _refuse("reason_missing", "请写明调整的理由。", "")
    if unit.pk not in {one.pk for one in units_of(plan.owner, now)}:
        _refuse("not_a_unit", f"{unit}不在本次分配的单位内。", "")
    values = {"places": places, "reason": reason, "set_by": actor, "set_at": now}
    found, _ = PlaceOverride.objects.update_or_create(plan=plan, organisation=unit, defaults=values)
    data = {"unit": str(unit), "what": f"{places}个", "places": places}
    record(Event.PLACES_OVERRIDDEN, actor=actor, target=plan, at=now, data=data, reason=reason)
    return found


@transaction.atomic
def drop_override(*, cycle: Cycle, unit: Organisation, actor: Seat, now: datetime) -> None:
    """Let a unit have the formula's places again."""
    plan = _locked_plan(cycle, actor)
    if PlaceOverride.objects.filter(plan=plan, organisation=unit).delete()[0]:
        data = {"unit": str(unit), "what": "按公式计算"}
        record(Event.PLACES_OVERRIDDEN, actor=actor, target=plan, at=now, data=data)


@transaction.atomic
def override_all(
    *, cycle: Cycle, places: Mapping[str, int], reason: str, actor: Seat, now: datetime
) -> int:
    """Set the places of all units as an official table has them, by code, with one reason; return how many changed.

    Where the table has what the formula has, the formula stands. Refuses where the sum is not the total.
    """
    plan = _locked_plan(cycle, actor)
    if not reason.strip():
        _refuse("reason_missing", "请写明调整的理由。", "")
    rows = {row.unit.code: row for row in plan_table(plan, now).rows}
    wanted = {code: number for code, number in places.items() if code in rows}
    total = sum(wanted.get(code, row.proposed or 0) for code, row in rows.items())
    if total != plan.total:
        _refuse("sum", f"各单位合计{total}个，应为{plan.total}个。请核对后再保存。")
    changed = 0
    for code, number in sorted(wanted.items()):
        row = rows[code]
        if number == row.proposed:
            continue
        changed += 1
        if number == row.computed:
            drop_override(cycle=cycle, unit=row.unit, actor=actor, now=now)
        else:
            override(cycle=cycle, unit=row.unit, places=number, reason=reason, actor=actor, now=now)
    return changed


# ---- adoption


def act_of(plan: QuotaPlan) -> Paired:
    """Return which act the adoption of a plan is."""
    return Paired.ADOPT_QUOTAS if is_national(plan.owner) else Paired.ADOPT_LIMITS


@transaction.atomic
def adopt(*, cycle: Cycle, actor: Seat, now: datetime) -> QuotaPlan | Pending:
    """Adopt the plan of the actor's office, or prepare its adoption for the second person where the cycle asks two.

    Refuses where the sum is not the total, a figure is missing, or a unit would have fewer places than it has used.
    """
    plan = _locked_plan(cycle, actor)
    table = plan_table(plan, now)
    if refusals := against(table):
        raise Refused(refusals)
    if needs_two(cycle, act_of(plan)):
        return prepare(prepared=_prepared(table), cycle=cycle, actor=actor, now=now)
    if not allowed(actor, "declarations.adopt_places", plan):
        _refuse("not_leader", "名额分配由本单位负责人采用。", "")
    return _adopt(plan, table, actor, now)


def against(table: PlanTable) -> tuple[Refusal, ...]:
    """Return everything that stands against adopting a plan as it stands."""
    if not table.rows:
        return (Refusal("no_units", "本单位没有下级单位可以分配。", CLAUSE),)
    if not table.ready:
        return (Refusal("not_computed", table.problem or "还有单位没有名额。", CLAUSE),)
    found = []
    if table.surplus:
        word = f"多{table.surplus}个" if table.surplus > 0 else f"少{-table.surplus}个"
        sentence = f"各单位合计{table.proposed}个，应为{table.plan.total}个，{word}。请调整后再采用。"
        found.append(Refusal("sum", sentence, CLAUSE))
    found += [_below_used(row) for row in table.rows if _stops(table, row)]
    return tuple(found)


def _stops(table: PlanTable, row: PlanRow) -> bool:
    return (table.national or table.plan.hard) and row.proposed is not None and row.proposed < row.used


def _below_used(row: PlanRow) -> Refusal:
    return Refusal("below_used", f"{row.name}已用{row.used}个名额，不能改为{row.proposed}个。", CLAUSE)


def _prepared(table: PlanTable) -> Prepared:
    plan = table.plan
    kind = "推荐名额" if table.national else "报送名额"
    told = [
        ("名额总数", f"{plan.total}个"),
        ("单位", f"{len(table.rows)}个"),
        ("保底数", f"{plan.floor}个"),
        *([] if table.national else [("额满", "不能再报" if plan.hard else "只作提醒")]),
        *((region.name, f"权重{region.weight.normalize():f}") for region in table.regions),
        *((row.name, _told(row)) for row in table.rows),
    ]
    title = f"采用{kind}分配（共{plan.total}个）"
    return Prepared(act_of(plan), plan, title, told, {"places": table.snapshot()}, table.basis)


def _told(row: PlanRow) -> str:
    words = f"{row.proposed}个"
    if row.present is not None and row.difference:
        words += f"（原{row.present}个）"
    return f"{words}，按理由调整：{row.override.reason}" if row.override else words


def _adopt(plan: QuotaPlan, table: PlanTable, actor: Seat, now: datetime) -> QuotaPlan:
    """Write every unit's places, in the order of the codes, with one entry for each that changes."""
    for row in sorted(table.rows, key=lambda row: row.unit.code):
        if table.national and row.proposed != row.present:
            set_quota(cycle=plan.cycle, unit=row.unit, places=row.proposed, actor=actor, now=now)
        elif not table.national:
            set_limit(cycle=plan.cycle, unit=row.unit, places=row.proposed, hard=plan.hard, actor=actor, now=now)
    if table.national and plan.cycle.places_total != plan.total:
        Cycle.objects.filter(pk=plan.cycle_id).update(places_total=plan.total)
    plan.version += 1
    plan.adopted, plan.adopted_by, plan.adopted_at = table.snapshot(), actor, now
    plan.save(update_fields=["version", "adopted", "adopted_by", "adopted_at"])
    data = {"count": len(table.rows), "places": table.proposed, "version": plan.version}
    record(Event.PLACES_ADOPTED, actor=actor, target=plan, at=now, data=data)
    return plan


def _table_of(pending: Pending) -> PlanTable:
    rows = QuotaPlan.objects.select_for_update(of=("self",)).select_related("cycle", "owner")
    return plan_table(rows.get(pk=pending.subject_id), pending.prepared_at)


def _perform(pending: Pending, actor: Seat, now: datetime) -> QuotaPlan:
    table = _table_of(pending)
    if refusals := against(table):
        raise Refused(refusals)
    return _adopt(table.plan, table, actor, now)


ADOPTION = Confirmed(_perform, lambda pending: _table_of(pending).basis)
