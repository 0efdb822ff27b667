"""How totals spread, of one unit or of the nation, from the kept bands: no case is read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from declarations.bands import line_of, step_of
from declarations.models import Cycle, TotalBand
from scoring.engine import figure
from scoring.queries import programme_of
from sihao.accounts.models import Organisation


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


def spread_of(cycle: Cycle, unit: Organisation | None = None) -> Spread:
    """Return the spread of a unit's totals, or of all: the unit's own where it listed the case, else the chamber's."""
    kept = TotalBand.objects.filter(cycle=cycle, number__gt=0)
    kept = kept.filter(unit=unit) if unit is not None else kept
    bands: Counter[Decimal] = Counter()
    own = below = 0
    summed = kept.values_list("low", "below", "own").annotate(Sum("number")).order_by("low")
    for low, is_below, is_own, number in summed:
        bands[low] += number
        own += number if is_own else 0
        below += number if is_below else 0
    programme = programme_of(cycle.programme)
    return Spread(bands, own, below, line_of(programme), programme.total, step_of(programme.total))
