"""How far several readers agree: Krippendorff's α, computed with whatever readings there are.

Krippendorff: Content Analysis, An Introduction to Its Methods, 2nd ed., 2004, ch. 11: α = 1 − Do/De from the matrix of
coincidences; units with one reading pair with nothing and are left out. Above .800 he calls data reliable, from .667
fit for tentative conclusions. A diagnosis: no mark is read from here.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

RELIABLE, TENTATIVE = 0.8, 0.667
ENOUGH = 2

Value = int | float
Counts = Mapping[Value, float]


@dataclass(frozen=True)
class Agreement:
    """``alpha`` is None where all values are one: then there is nothing to tell chance from agreement by."""

    alpha: float | None
    units: int
    readings: int
    alike: int

    @property
    def share_alike(self) -> float | None:
        """The share of the units on which all readers agree."""
        return self.alike / self.units if self.units else None


def agreement(units: Iterable[Sequence[Value]], metric: str = "nominal") -> Agreement:
    """Return how far the readings of each unit agree; ``metric`` is "nominal", "ordinal" or "interval"."""
    kept = Counter(tuple(sorted(values)) for values in units if len(values) >= ENOUGH)
    together: Counter[tuple[Value, Value]] = Counter()
    counts: Counter[Value] = Counter()
    for values, times in kept.items():
        share = 2 * times / (len(values) - 1)
        for low, high in combinations(values, 2):
            together[low, high] += share  # type: ignore[assignment] weights, not whole numbers
        for value in values:
            counts[value] += times
    number = sum(counts.values())
    apart = METRICS[metric](counts)
    observed = sum(weight * apart(low, high) for (low, high), weight in together.items())
    expected = 2 * sum(
        counts[low] * counts[high] * apart(low, high) for low, high in combinations(sorted(counts), 2)
    )
    return Agreement(
        alpha=1 - (number - 1) * observed / expected if expected else None,
        units=sum(kept.values()),
        readings=number,
        alike=sum(times for values, times in kept.items() if values[0] == values[-1]),
    )


Distance = Callable[[Value, Value], float]


def _nominal(counts: Counts) -> Distance:
    return lambda one, other: float(one != other)


def _ordinal(counts: Counts) -> Distance:
    """Return the distance by ranks: all values between two, those themselves by half."""
    ranks: dict[Value, float] = {}
    before = 0.0
    for value in sorted(counts):
        ranks[value] = before + counts[value] / 2
        before += counts[value]
    return lambda one, other: (ranks[one] - ranks[other]) ** 2


def _interval(counts: Counts) -> Distance:
    return lambda one, other: float(one - other) ** 2


METRICS: Mapping[str, Callable[[Counts], Distance]] = MappingProxyType(
    {"nominal": _nominal, "ordinal": _ordinal, "interval": _interval}
)
