"""Which figures are out of line with those of peers, by the modified z-score of median and MAD; never a verdict.

Method: Iglewicz and Hoaglin, How to Detect and Handle Outliers (ASQC 1993). Counts and amounts are looked at as
logarithms, as chambers differ by factors and not by steps. The scale has a floor, so that one figure among many equal
ones is told only when it is several times as large or as small.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p
from statistics import median

LIMIT = 3.5
FEWEST = 8
"""Without so many peers nothing is said."""
CONSISTENT = 1.4826
FLOORS = {True: 0.4, False: 0.1}
"""The least scale of factors (about four times the figure at the limit) and of shares (35 points of a hundred)."""


@dataclass(frozen=True)
class Spread:
    """How the figures of peers spread: their number, their median, and how far each is from it in scales."""

    number: int
    median: float
    scores: Mapping[int, float]

    @property
    def out_of_line(self) -> dict[int, float]:
        """The figures beyond the limit, with their scores."""
        return {key: score for key, score in self.scores.items() if abs(score) > LIMIT}


def spread_of(values: Mapping[int, float], *, by_factor: bool) -> Spread | None:
    """Return how figures spread; None where they are too few, or negative where factors are asked for."""
    if len(values) < FEWEST or (by_factor and min(values.values()) < 0):
        return None
    seen = {key: log1p(value) if by_factor else value for key, value in values.items()}
    middle = median(seen.values())
    deviation = median(abs(value - middle) for value in seen.values())
    scale = max(deviation * CONSISTENT, FLOORS[by_factor])
    scores = {key: (value - middle) / scale for key, value in seen.items()}
    return Spread(len(values), median(values.values()), scores)


# ---- the plot: one dot a peer

WIDTH, BASE, SIDE, STEP, RADIUS = 640, 84, 20, 7, 3


@dataclass(frozen=True)
class Dot:
    """One peer's figure in the plot."""

    x: str
    y: str


@dataclass(frozen=True)
class Dots:
    """A plot ready to be drawn: the peers, the figure in question, the median, and what is written at the axis."""

    peers: tuple[Dot, ...]
    own: Dot
    median_x: str
    ticks: tuple[tuple[str, str], ...]


def dots_of(peers: Sequence[float], own: float, *, by_factor: bool) -> Dots:
    """Place each peer's figure on one axis; equal ones stand above each other."""
    every = [*peers, own]
    low, high = min(every), max(every)

    def seen(value: float) -> float:
        return log1p(max(value, 0)) if by_factor else value

    width = seen(high) - seen(low) or 1.0

    def at(value: float) -> float:
        return SIDE + (seen(value) - seen(low)) / width * (WIDTH - 2 * SIDE)

    columns = Counter(round(at(value) / STEP) for value in peers)
    step = min(STEP, (BASE - 2 * RADIUS) / max(max(columns.values(), default=1) - 1, 1))
    placed = (
        Dot(f"{column * STEP}", f"{BASE - RADIUS - place * step:.1f}")
        for column, number in sorted(columns.items())
        for place in range(number)
    )
    ticks = tuple((f"{at(value):.0f}", f"{value:g}") for value in dict.fromkeys((low, high)))
    return Dots(tuple(placed), Dot(f"{at(own):.1f}", f"{BASE - RADIUS}"), f"{at(median(every)):.1f}", ticks)
