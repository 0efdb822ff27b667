"""How totals spread, of one unit or of the nation, from the kept bands: no case is read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from declarations.bands import UNCOUNTED, band_of, line_of, step_of
from declarations.models import Cycle, Declaration, TotalBand
from declarations.queries.recusals import binds, hidden_from
from scoring.engine import Programme, figure
from scoring.queries import programme_of
from sihao.accounts.models import Organisation, Seat

Bands = Counter[tuple[Decimal, bool, bool]]


@dataclass(frozen=True)
class Spread:
    """How many totals fall in each band, how many are the units' own, how many lie below the line."""

    bands: Mapping[Decimal, int]
    own: int
    below: int
    line: Decimal
    maximum: Decimal
    step: Decimal

    @property
    def number(self) -> int:
        """Return how many cases have a total."""
        return sum(self.bands.values())

    @property
    def told(self) -> str:
        """Return in one sentence what the plot shows."""
        others = self.number - self.own
        basis = f"{self.own}件按推荐单位审核得分，其余{others}件按自评得分"
        if not (self.own and others):
            basis = "均按推荐单位审核得分" if self.own else "均按自评得分"
        line = figure(self.line)
        below = f"低于{line}分的{self.below}件" if self.below else f"没有低于{line}分的"
        return f"{self.number}件申报的总分（{basis}），{below}。"


def spread_of(seat: Seat, cycle: Cycle, unit: Organisation | None = None) -> Spread:
    """Return the spread of a unit's totals, or of all: the unit's own where it listed the case, else the chamber's.

    Without the few cases that the seat's people step back from (two queries, whatever the number of cases).
    """
    programme = programme_of(cycle.programme)
    counts = _kept(cycle, unit)
    counts.subtract(_hidden(seat, cycle, unit, programme))
    bands: Counter[Decimal] = Counter()
    for (low, _, _), number in sorted(counts.items()):
        bands[low] += number
    own = sum(number for (_, _, is_own), number in counts.items() if is_own)
    below = sum(number for (_, is_below, _), number in counts.items() if is_below)
    return Spread(+bands, own, below, line_of(programme), programme.total, step_of(programme.total))


def _kept(cycle: Cycle, unit: Organisation | None) -> Bands:
    kept = TotalBand.objects.filter(cycle=cycle, number__gt=0)
    kept = kept.filter(unit=unit) if unit is not None else kept
    summed = kept.values_list("low", "below", "own").annotate(Sum("number")).order_by()
    return Counter({(low, below, own): number for low, below, own, number in summed})


def _hidden(seat: Seat, cycle: Cycle, unit: Organisation | None, programme: Programme) -> Bands:
    if not binds(seat):
        return Counter()
    cases = Declaration.objects.filter(hidden_from(seat), cycle=cycle).exclude(state__in=UNCOUNTED)
    cases = cases.filter(unit=unit) if unit is not None else cases
    pairs = cases.values_list("unit_total", "self_total")
    totals = [(theirs if own is None else own, own is not None) for own, theirs in pairs]
    return Counter(
        (band_of(total, programme.total), total < line_of(programme), own)
        for total, own in totals
        if total is not None
    )
