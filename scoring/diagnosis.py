"""How severely experts judge: a diagnosis that flags and never changes a mark.

The additive model y = μ + case + expert + e: cases as fixed effects, experts as random ones. The fit is where
alternating least squares come to rest, one sweep after the other over cases and experts; with the cases absorbed that
point is the solution of one equation an expert, so it is solved for at once. The two variances follow from the sums of
squares of the unshrunk fit (Henderson's method 3, as in Searle, Casella, McCulloch: Variance Components, 1992, ch. 5);
with their ratio λ = σ²(e) / σ²(expert) each expert's effect is shrunk by its number of cases: the best linear unbiased
predictor, Robinson: That BLUP is a good thing, Statistical Science 6, 1991. Severity as an effect of the judge beside
that of the case: Linacre: Many-Facet Rasch Measurement, 1989. Estimates are floats; no mark is read from here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, median, quantiles

TINY = 1e-9
"""Keeps the equations solvable where readings leave no noise at all."""
ERRORS_AWAY = 2.0
ENOUGH = 2

Reading = tuple[int, int, float]
"""Case, expert, total."""


@dataclass(frozen=True)
class Five:
    """Least, lower quartile, middle, upper quartile, greatest."""

    least: float
    lower: float
    middle: float
    upper: float
    most: float


@dataclass(frozen=True)
class Judge:
    """One expert beside the others who read the same cases; what is below 0 is severe, above it mild.

    ``effect`` is the shrunk estimate, counted from the middle expert of the same ``group``; ``error`` its standard
    error. ``apart`` holds, case by case, the own total less the mean of the other readers'.
    """

    expert: int
    cases: int
    effect: float
    error: float
    apart: tuple[float, ...]
    group: int
    flagged: bool

    @property
    def mean_apart(self) -> float:
        """The plain mean of the differences, not shrunk."""
        return fmean(self.apart)

    @property
    def spread(self) -> Five:
        """The differences in five figures."""
        if len(self.apart) < ENOUGH:
            return Five(*(self.apart * 5))
        lower, middle, upper = quantiles(self.apart, n=4, method="inclusive")
        return Five(min(self.apart), lower, middle, upper, max(self.apart))

    @property
    def is_severe(self) -> bool:
        """Whether the expert gives less than the panel."""
        return self.effect < 0


@dataclass(frozen=True)
class Severity:
    """The whole panel: its experts, the sharpest difference first, and what the estimate rests on.

    ``noise`` is the standard deviation of what the model leaves, ``between`` that of the experts. ``groups`` counts the
    parts of the panel that share no case: between them nothing can be compared.
    """

    judges: tuple[Judge, ...]
    readings: int
    cases: int
    noise: float
    between: float
    groups: int


def severity(readings: Iterable[Reading], *, limit: float, fewest: int) -> Severity:
    """Estimate every expert's severity.

    An expert is flagged whose shrunk effect is at least ``limit`` points and more than two standard errors away from
    the middle expert, and who has read at least ``fewest`` cases together with others. Cases with one reader say
    nothing and are left out.
    """
    panel = _Panel(readings)
    if not panel.readings:
        return Severity((), 0, 0, 0.0, 0.0, 0)
    groups = panel.groups()
    noise, between = panel.variances(panel.plain(groups), len(set(groups.values())))
    effects, errors = panel.shrunk(noise, between)
    middles = {
        group: median(effects[one] for one in groups if groups[one] == group)
        for group in set(groups.values())
    }
    apart = panel.apart()
    judges = []
    for expert in panel.of_expert:
        effect, error, cases = effects[expert] - middles[groups[expert]], errors[expert], len(apart[expert])
        flagged = cases >= fewest and abs(effect) >= limit and abs(effect) > ERRORS_AWAY * error
        judges.append(Judge(expert, cases, effect, error, apart[expert], groups[expert], flagged))
    judges.sort(key=lambda one: (-abs(one.effect), one.expert))
    counted = len(panel.of_case)
    return Severity(
        tuple(judges), len(panel.readings), counted, sqrt(noise), sqrt(between), len(set(groups.values()))
    )


class _Panel:
    """Who read what: totals by case and by expert, of cases with several readers."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        listed = sorted(set(readings))
        of_case: dict[int, list[tuple[int, float]]] = {}
        for case, expert, points in listed:
            of_case.setdefault(case, []).append((expert, points))
        self.of_case = {case: read for case, read in of_case.items() if len(read) >= ENOUGH}
        self.of_expert: dict[int, list[tuple[int, float]]] = {}
        for case, read in self.of_case.items():
            for expert, points in read:
                self.of_expert.setdefault(expert, []).append((case, points))
        self.readings = [(case, *one) for case, read in self.of_case.items() for one in read]

    def groups(self) -> dict[int, int]:
        """Return the experts by the part of the panel they belong to: linked by cases that they share."""
        found: dict[int, int] = {}
        for start in sorted(self.of_expert):
            ahead = [] if start in found else [start]
            number = len(set(found.values())) + 1
            while ahead:
                expert = ahead.pop()
                if expert in found:
                    continue
                found[expert] = number
                ahead += [other for case, _ in self.of_expert[expert] for other, _ in self.of_case[case]]
        return found

    def plain(self, groups: Mapping[int, int]) -> dict[int, float]:
        """Return the experts' effects, not shrunk; the first of each group stands at 0."""
        firsts = {
            number: min(one for one, group in groups.items() if group == number) for number in groups.values()
        }
        pins = {firsts[number]: 1.0 for number in groups.values()}
        inverse = inverted(self._equations(lambda expert: pins.get(expert, 0.0)))
        return self._solved(inverse)

    def shrunk(self, noise: float, between: float) -> tuple[dict[int, float], dict[int, float]]:
        """Return the best linear unbiased predictors of the experts' effects, and their standard errors."""
        if between <= 0:
            return dict.fromkeys(self.of_expert, 0.0), dict.fromkeys(self.of_expert, 0.0)
        ratio = noise / between
        inverse = inverted(self._equations(lambda expert: ratio + TINY))
        errors = {expert: sqrt(max(0.0, inverse[at][at] * noise)) for at, expert in enumerate(self.of_expert)}
        return self._solved(inverse), errors

    def _equations(self, added: Callable[[int], float]) -> list[list[float]]:
        """Return the mixed model's equations for the experts, the cases absorbed; ``added`` goes to the diagonal."""
        place = {expert: number for number, expert in enumerate(self.of_expert)}
        matrix = [[0.0] * len(place) for _ in place]
        for expert, read in self.of_expert.items():
            matrix[place[expert]][place[expert]] = len(read) + added(expert)
        for read in self.of_case.values():
            for one, _ in read:
                for other, _ in read:
                    matrix[place[one]][place[other]] -= 1 / len(read)
        return matrix

    def _solved(self, inverse: Sequence[Sequence[float]]) -> dict[int, float]:
        levels = self._levels(dict.fromkeys(self.of_expert, 0.0))
        right = [sum(points - levels[case] for case, points in read) for read in self.of_expert.values()]
        return {
            expert: sum(weight * value for weight, value in zip(inverse[at], right, strict=True))
            for at, expert in enumerate(self.of_expert)
        }

    def _levels(self, effects: Mapping[int, float]) -> dict[int, float]:
        return {
            case: sum([points - effects[expert] for expert, points in read]) / len(read)
            for case, read in self.of_case.items()
        }

    def _left(self, effects: Mapping[int, float]) -> float:
        """Return the sum of squares that cases and experts leave unexplained."""
        levels = self._levels(effects)
        return sum((points - levels[case] - effects[expert]) ** 2 for case, expert, points in self.readings)

    def variances(self, plain: Mapping[int, float], groups: int) -> tuple[float, float]:
        """Return σ²(e) and σ²(expert); 0 for one that the readings are too few to tell."""
        number, cases, free = len(self.readings), len(self.of_case), len(self.of_expert) - groups
        by_cases = self._left(dict.fromkeys(self.of_expert, 0.0))
        by_both = self._left(plain)
        degrees = number - cases - free
        if degrees <= 0:
            return 0.0, 0.0
        noise = by_both / degrees
        return noise, max(0.0, (by_cases - by_both - free * noise) / (number - cases))

    def apart(self) -> dict[int, tuple[float, ...]]:
        """Return by expert, case by case, the own total less the mean of the others'."""
        found: dict[int, list[float]] = {expert: [] for expert in self.of_expert}
        for read in self.of_case.values():
            whole = sum(points for _, points in read)
            for expert, points in read:
                found[expert].append(points - (whole - points) / (len(read) - 1))
        return {expert: tuple(apart) for expert, apart in found.items()}


def inverted(matrix: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the inverse of a symmetric positive definite matrix (Gauss and Jordan)."""
    size = len(matrix)
    rows = [[*row, *(float(at == here) for at in range(size))] for here, row in enumerate(matrix)]
    for here in range(size):
        pivot = rows[here][here]
        rows[here] = [value / pivot for value in rows[here]]
        for other in range(size):
            factor = rows[other][here]
            if other != here and factor:
                rows[other] = [
                    value - factor * lead for value, lead in zip(rows[other], rows[here], strict=True)
                ]
    return [row[size:] for row in rows]
