"""How an office's places are shared out: units, counts, weights, the formula's figures, what was set instead."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.db.models import Q, QuerySet
from django.utils import timezone

from declarations.apportionment import Apportionment, CannotShare, Claim, Share, apportion
from declarations.digests import digest_of
from declarations.models import (
    Batch,
    ChamberCount,
    CountSheet,
    Cycle,
    ForwardLimit,
    PlaceOverride,
    Quota,
    QuotaPlan,
    Region,
)
from declarations.queries.annex_two import public_name
from declarations.queries.cycles import quota_of
from declarations.states import BatchState
from sihao.accounts.models import Organisation
from sihao.accounts.queries import lives_on
from sihao.accounts.roles import Kind, Level

DIGITS = Decimal("0.0001")


def is_national(owner: Organisation) -> bool:
    """Return whether the owner shares the nation's places out."""
    return owner.level == Level.NATIONAL


def units_of(owner: Organisation, now: datetime) -> list[Organisation]:
    """Return those among whom an owner shares out, by code: the tier beneath; with the nation 直属商会 at the end."""
    beneath = Q(parent_id=owner.pk, kind=Kind.FEDERATION)
    alive = Organisation.objects.filter(lives_on(timezone.localdate(now)))
    units = alive.filter(beneath | Q(pk=owner.pk) if is_national(owner) else beneath)
    return sorted(units, key=lambda unit: (unit.level == Level.NATIONAL, unit.code))


def plan_of(cycle: Cycle, owner: Organisation) -> QuotaPlan:
    """Return an owner's plan, or one as it would begin: the cycle's total, the unit's own places, or its limit."""
    found = QuotaPlan.objects.filter(cycle=cycle, owner=owner).select_related("adopted_by__user").first()
    if found is not None:
        return found
    return QuotaPlan(cycle=cycle, owner=owner, total=own_places(cycle, owner) or 0)


def own_places(cycle: Cycle, owner: Organisation) -> int | None:
    """Return how many places an owner has itself: the nation the cycle's, a province its quota, a city its limit."""
    if is_national(owner):
        return cycle.places_total
    own = quota_of(cycle, owner) or ForwardLimit.objects.filter(cycle=cycle, organisation=owner).first()
    return own.places if own is not None else None


def regions_of(cycle: Cycle) -> list[Region]:
    """Return the regions of a cycle with their weights."""
    return list(Region.objects.filter(cycle=cycle))


def counts_of(cycle: Cycle, units: Iterable[Organisation]) -> dict[int, ChamberCount]:
    """Return the counts by organisation."""
    rows = ChamberCount.objects.filter(cycle=cycle, organisation__in=[unit.pk for unit in units])
    return {row.organisation_id: row for row in rows.select_related("written_by__user")}


def has_recommended(cycle: Cycle) -> bool:
    """Return whether a list of the cycle was sent up: from then on totals and weights stand still."""
    sent = (BatchState.UPLOADED, BatchState.ACCEPTED)
    return Batch.objects.filter(cycle=cycle, state__in=sent).exists()


# ---- the table


@dataclass(frozen=True)
class PlanRow:
    """One unit of the table; figures are None where nothing can be computed or nothing stands."""

    unit: Organisation
    name: str
    region: str
    weight: Decimal
    count: ChamberCount | None
    share: Share | None
    override: PlaceOverride | None
    present: int | None
    used: int

    @property
    def size(self) -> int | None:
        """Return the chambers counted."""
        return self.count.number if self.count is not None else None

    @property
    def computed(self) -> int | None:
        """Return the formula's places."""
        return self.share.places if self.share is not None else None

    @property
    def proposed(self) -> int | None:
        """Return the places to adopt: those set by a person, or the formula's."""
        return self.override.places if self.override is not None else self.computed

    @property
    def difference(self) -> int | None:
        """Return how many places more or fewer than now."""
        return None if self.proposed is None or self.present is None else self.proposed - self.present

    @property
    def signed(self) -> str:
        """Return the difference with its sign."""
        return "—" if self.difference is None else "0" if not self.difference else f"{self.difference:+d}"

    @property
    def against_formula(self) -> str:
        """Say how far the places set by a person are from the formula's."""
        if self.override is None or self.computed is None:
            return ""
        more = self.override.places - self.computed
        if not more:
            return f"与公式的{self.computed}个相同"
        return f"公式为{self.computed}个，" + (f"多{more}个" if more > 0 else f"少{-more}个")

    @property
    def exact(self) -> str:
        """Return H with four decimals."""
        return four_digits(self.share.exact) if self.share is not None else "—"

    @property
    def fraction(self) -> str:
        """Return the fraction of H with four decimals."""
        return four_digits(self.share.fraction) if self.share is not None else "—"

    @property
    def how(self) -> str:
        """Say in words how the figure came about."""
        share = self.share
        if share is None:
            return ""
        if share.fixed:
            return f"应得{self.exact}，不足保底数，按保底数{share.places}个"
        if share.extra:
            return f"整数部分{share.whole}，小数部分第{share.rank}大，再得1个"
        return f"整数部分{share.whole}，小数部分第{share.rank}大，不再得"


def four_digits(number: Fraction) -> str:
    """Return an exact number with four decimals, halves away from zero."""
    return f"{(Decimal(number.numerator) / Decimal(number.denominator)).quantize(DIGITS, ROUND_HALF_UP):f}"


@dataclass(frozen=True)
class PlanTable:
    """A plan with everything that its page shows and its adoption rests on."""

    plan: QuotaPlan
    rows: Sequence[PlanRow]
    regions: Sequence[Region]
    sharing: Apportionment | None
    problem: str

    @property
    def national(self) -> bool:
        """Whether these are the nation's places."""
        return is_national(self.plan.owner)

    @property
    def missing(self) -> list[str]:
        """Return the units without a count."""
        return [row.name for row in self.rows if row.count is None]

    @property
    def size(self) -> int:
        """Return the chambers counted in all."""
        return sum(row.size or 0 for row in self.rows)

    @property
    def computed(self) -> int:
        """Return the sum of the formula's places."""
        return sum(row.computed or 0 for row in self.rows)

    @property
    def proposed(self) -> int:
        """Return the sum of the places to adopt."""
        return sum(row.proposed or 0 for row in self.rows)

    @property
    def present(self) -> int | None:
        """Return the sum of the places as they are; None before there are any."""
        known = [row.present for row in self.rows if row.present is not None]
        return sum(known) if known else None

    @property
    def surplus(self) -> int:
        """Return how many places more than the total are proposed."""
        return self.proposed - self.plan.total

    @property
    def ready(self) -> bool:
        """Whether every unit has a proposed figure."""
        return bool(self.rows) and all(row.proposed is not None for row in self.rows)

    @property
    def changes(self) -> int:
        """Return for how many units the adoption changes something."""
        return sum(row.proposed != row.present for row in self.rows)

    @property
    def three_per_cent(self) -> str:
        """Return what the notice's share of all chambers comes to."""
        exact = f"{(self.plan.cycle.places_share * self.size).normalize():f}"
        return f"商会总数{self.size}个，按{self.share_words}为{exact}个。"

    @property
    def share_words(self) -> str:
        """Return the share of all chambers that the notice names."""
        return f"{(self.plan.cycle.places_share * 100).normalize():f}%"

    @property
    def basis(self) -> str:
        """Return the digest of what an adoption rests on: if it changes, what was prepared is prepared again."""
        figures = [
            (row.unit.code, row.size, str(row.weight), row.proposed, row.override.reason if row.override else "")
            for row in self.rows
        ]
        return digest_of([self.plan.total, self.plan.floor, self.plan.hard, figures])

    def snapshot(self) -> list[dict[str, object]]:
        """Return what is kept of the adoption, unit by unit."""
        return [
            {
                "code": row.unit.code,
                "name": row.name,
                "region": row.region,
                "weight": str(row.weight),
                "size": row.size,
                "exact": str(row.share.exact) if row.share else None,
                "computed": row.computed,
                "places": row.proposed,
                "reason": row.override.reason if row.override else "",
            }
            for row in self.rows
        ]


def plan_table(plan: QuotaPlan, now: datetime) -> PlanTable:
    """Return the table of a plan; a fixed number of queries whatever the number of units."""
    units = units_of(plan.owner, now)
    regions = regions_of(plan.cycle) if is_national(plan.owner) else []
    by_code = {code: region for region in regions for code in region.codes}
    counts = counts_of(plan.cycle, units)
    sharing, problem = _shared(plan, units, counts, by_code)
    shares = {share.claim.code: share for share in sharing.shares} if sharing else {}
    overrides = {row.organisation_id: row for row in plan.overrides.all()} if plan.pk else {}
    present = _present(plan, units)
    rows = [
        PlanRow(
            unit=unit,
            name=public_name(unit),
            region=by_code[unit.code].name if unit.code in by_code else "",
            weight=_weight(by_code, unit),
            count=counts.get(unit.pk),
            share=shares.get(unit.code),
            override=overrides.get(unit.pk),
            present=present[unit.pk].places if unit.pk in present else None,
            used=present[unit.pk].used if unit.pk in present else 0,
        )
        for unit in units
    ]
    return PlanTable(plan, rows, regions, sharing, problem)


def _weight(by_code: Mapping[str, Region], unit: Organisation) -> Decimal:
    return by_code[unit.code].weight if unit.code in by_code else Decimal(1)


def _present(plan: QuotaPlan, units: Sequence[Organisation]) -> dict[int, Quota | ForwardLimit]:
    """Return what the units have now."""
    kept = Quota if is_national(plan.owner) else ForwardLimit
    rows: QuerySet[Quota | ForwardLimit] = kept.objects.filter(cycle=plan.cycle, organisation__in=units)
    return {row.organisation_id: row for row in rows}


def _shared(
    plan: QuotaPlan,
    units: Sequence[Organisation],
    counts: Mapping[int, ChamberCount],
    by_code: Mapping[str, Region],
) -> tuple[Apportionment | None, str]:
    """Return the sharing, or why there is none."""
    lacking = [public_name(unit) for unit in units if unit.pk not in counts]
    if lacking:
        shown = "、".join(lacking[:6]) + (f"等{len(lacking)}个单位" if len(lacking) > 6 else "")
        return None, f"尚缺商会统计：{shown}。"
    claims = [Claim(unit.code, counts[unit.pk].number, _weight(by_code, unit)) for unit in units]
    try:
        return apportion(plan.total, claims, plan.floor), ""
    except CannotShare as problem:
        return None, str(problem)


# ---- counts that were brought


def sheet_visible(cycle: Cycle, owner: Organisation, pk: int) -> CountSheet | None:
    """Return an uploaded sheet of the office."""
    rows = CountSheet.objects.filter(cycle=cycle, owner=owner, pk=pk)
    return rows.select_related("brought_by__user", "cycle", "owner").first()


def sheets_waiting(cycle: Cycle, owner: Organisation) -> list[CountSheet]:
    """Return the office's sheets that were not confirmed, newest first."""
    rows = CountSheet.objects.filter(cycle=cycle, owner=owner, written_at=None)
    return list(rows.select_related("brought_by__user").order_by("-id")[:10])


@dataclass(frozen=True)
class CountLine:
    """One unit of an uploaded sheet: what stands now, and what would be written."""

    name: str
    code: str
    now: int | None
    then: int

    @property
    def changed(self) -> bool:
        """Whether writing would change something."""
        return self.now != self.then


def count_lines(sheet: CountSheet, now: datetime) -> tuple[list[CountLine], list[str]]:
    """Return what a sheet would write, by code, and the units it does not name."""
    units = units_of(sheet.owner, now)
    counts = counts_of(sheet.cycle, units)
    lines = [
        CountLine(public_name(unit), unit.code, _number(counts.get(unit.pk)), sheet.numbers[unit.code])
        for unit in units
        if unit.code in sheet.numbers
    ]
    return lines, [public_name(unit) for unit in units if unit.code not in sheet.numbers]


def _number(count: ChamberCount | None) -> int | None:
    return count.number if count is not None else None

