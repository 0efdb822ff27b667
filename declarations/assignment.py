"""Which expert reads which case: a flow, solved to the optimum and repeatable from its inputs and seed.

Every case gets as many readers as it wants, never one who is barred. Loads are level: of any two readers who are free
to take more, one has at most ``spread`` cases more than the other, and nobody more than the own maximum. Among all such
assignments the one with the most matching specialities is taken; what is still equal is settled by
SHA-256(seed|case|reader). The constraints are those of a flow from cases to readers, so the linear programme has a
whole-numbered optimum at a vertex, which the simplex method of HiGHS finds. ``assignment_check`` checks the result
without any of this.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

import highspy
import numpy as np

CHANCES = 1024
HALF = 0.5


class Bar(StrEnum):
    """Why a reader may not have a case."""

    PROVINCE = "province"
    TIE = "tie"
    RECUSED = "recused"
    HELD = "held"
    AWAY = "away"

    @property
    def words(self) -> str:
        """The bar as it is told."""
        return BAR_WORDS[self]


BAR_WORDS: Mapping[Bar, str] = {
    Bar.PROVINCE: "与申报单位同省",
    Bar.TIE: "有任职或者亲属关系",
    Bar.RECUSED: "已登记回避",
    Bar.HELD: "已经或者曾经分派本件",
    Bar.AWAY: "不在可评审时间",
}


@dataclass(frozen=True)
class Wanting:
    """A case that still wants readers; ``kind`` is the speciality that would match, empty where none is known."""

    key: int
    number: str
    wants: int
    kind: str = ""


@dataclass(frozen=True)
class Reader:
    """Somebody who may read: what the person knows, has already, and takes at most (None: no limit of the own)."""

    key: int
    kinds: frozenset[str] = frozenset()
    load: int = 0
    most: int | None = None

    def clamped(self, load: int) -> int:
        """Return a load as far as the reader can have it: never less than now, never more than the maximum."""
        return max(self.load, load if self.most is None else min(load, self.most))


@dataclass(frozen=True)
class Task:
    """Everything an assignment rests on; the order of cases and readers does not matter."""

    cases: tuple[Wanting, ...]
    readers: tuple[Reader, ...]
    bars: Mapping[tuple[int, int], Bar]
    seed: str
    spread: int = 1

    @property
    def wanted(self) -> int:
        """How many sheets are wanted in all."""
        return sum(case.wants for case in self.cases)


@dataclass(frozen=True)
class Pair:
    """One case given to one reader; ``matched`` is None where the case has no speciality to match."""

    case: int
    reader: int
    matched: bool | None


@dataclass(frozen=True)
class Assignment:
    """Who reads what, and what each reader has then; ``width`` is how far loads were allowed to differ."""

    pairs: tuple[Pair, ...]
    loads: Mapping[int, int]
    width: int

    @property
    def matched(self) -> int:
        """How many pairs match by speciality."""
        return sum(pair.matched is True for pair in self.pairs)


@dataclass(frozen=True)
class Lack:
    """A case that stays short of readers: how many are missing, how many are free for it, who is barred by what."""

    case: int
    wants: int
    missing: int
    free: int
    barred: Mapping[Bar, int]

    @property
    def by_maximum(self) -> bool:
        """Whether enough readers were free for it and only their maximum stands against it."""
        return self.free >= self.wants


@dataclass(frozen=True)
class Shortage:
    """Why there is no assignment: the cases that lack readers, or else how far loads would have to differ at least."""

    lacking: tuple[Lack, ...]
    wanted: int
    room: int | None
    least_spread: int | None = None
    narrow: Mapping[int, int] | None = None

    @property
    def missing(self) -> int:
        """How many sheets find no reader."""
        return sum(lack.missing for lack in self.lacking)


def assign(task: Task) -> Assignment | Shortage:
    """Return the assignment, or what stands against there being one."""
    if not task.wanted:
        return Assignment((), {reader.key: reader.load for reader in task.readers}, 0)
    net = _Net(task)
    if not net.hopeless:
        level = level_of(task)
        for width in range(1, task.spread + 1):
            for base in range(level, level - width, -1):
                if (chosen := net.solve(base, width)) is not None:
                    return net.told(chosen, width)
    return net.shortage()


def level_of(task: Task) -> int:
    """Return the highest whole load that every reader could have, as far as each can, without more than is wanted."""
    total = task.wanted + sum(reader.load for reader in task.readers)
    level = 0
    while level < total and sum(reader.clamped(level + 1) for reader in task.readers) <= total:
        level += 1
    return level


def chance(seed: str, number: str, reader: int) -> int:
    """Return what settles between pairs that are equal otherwise: below 1024, from the seed, the case, the reader."""
    return int.from_bytes(sha256(f"{seed}|{number}|{reader}".encode()).digest()[:4]) % CHANCES


def match(case: Wanting, reader: Reader) -> bool | None:
    """Return whether a reader knows the kind of a case; None where it has none."""
    return case.kind in reader.kinds if case.kind else None


class _Net:
    """The flow network of a task: a column for each pair that is allowed, a row for each case and each reader."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.cases = sorted((case for case in task.cases if case.wants > 0), key=lambda case: case.number)
        self.readers = sorted(task.readers, key=lambda reader: reader.key)
        self.pairs = [
            (row, place)
            for row, case in enumerate(self.cases)
            for place, reader in enumerate(self.readers)
            if (case.key, reader.key) not in task.bars
        ]
        self.free = Counter(row for row, _ in self.pairs)

    @property
    def hopeless(self) -> bool:
        """Whether some case has too few free readers, or all readers together too little room: no need to solve."""
        room = self._room()
        return any(self.free[row] < case.wants for row, case in enumerate(self.cases)) or (
            room is not None and room < self.task.wanted
        )

    def _room(self) -> int | None:
        if any(reader.most is None for reader in self.readers):
            return None
        return sum(max(0, (reader.most or 0) - reader.load) for reader in self.readers)

    def solve(self, base: int, width: int) -> list[int] | None:
        """Return the columns chosen when every load is from ``base`` to ``base + width``; None if that cannot be."""
        low = [reader.clamped(base) - reader.load for reader in self.readers]
        high = [reader.clamped(base + width) - reader.load for reader in self.readers]
        wants = [case.wants for case in self.cases]
        solution = _optimum(self._costs(), self._columns(), [*wants, *low], [*wants, *high])
        return None if solution is None else [int(column) for column in np.flatnonzero(solution > HALF)]

    def _costs(self) -> np.ndarray:
        """A mismatch outweighs every chance together."""
        heavy = self.task.wanted * CHANCES
        return np.array([self._cost(row, place, heavy) for row, place in self.pairs], dtype=np.float64)

    def _cost(self, row: int, place: int, heavy: int) -> int:
        case, reader = self.cases[row], self.readers[place]
        return heavy * (match(case, reader) is False) + chance(self.task.seed, case.number, reader.key)

    def _columns(self) -> np.ndarray:
        """The two rows of each column."""
        pairs = np.array(self.pairs, dtype=np.int32).reshape(-1, 2)
        return pairs + np.array([0, len(self.cases)], dtype=np.int32)

    def told(self, chosen: Sequence[int], width: int) -> Assignment:
        """Return the chosen columns as pairs with the loads they make."""
        found = [(self.cases[row], self.readers[place]) for row, place in (self.pairs[column] for column in chosen)]
        given = Counter(reader.key for _, reader in found)
        loads = {reader.key: reader.load + given[reader.key] for reader in self.readers}
        pairs = tuple(Pair(case.key, reader.key, match(case, reader)) for case, reader in found)
        return Assignment(pairs, loads, width)

    # ---- when there is none

    def shortage(self) -> Shortage:
        """Return which cases stay short when as many sheets as can be find a reader; if none, what is uneven."""
        gaps = self._gaps()
        lacking = tuple(self._lack(row, gap) for row, gap in sorted(gaps.items()))
        if lacking:
            return Shortage(lacking, self.task.wanted, self._room())
        level = level_of(self.task)
        reach = Counter(place for _, place in self.pairs)
        narrow = {
            reader.key: reader.load + reach[place]
            for place, reader in enumerate(self.readers)
            if reader.load + reach[place] < reader.clamped(level)
        }
        return Shortage((), self.task.wanted, self._room(), self._least_spread(level), narrow)

    def _gaps(self) -> dict[int, int]:
        """Return how many readers each case lacks, by row: a column more for each case takes what nobody can."""
        number, rows = len(self.cases), len(self.cases) + len(self.readers)
        slack = np.column_stack([np.arange(number), np.full(number, rows)]).astype(np.int32)
        costs = np.concatenate([self._chances(), np.full(number, self.task.wanted * CHANCES, dtype=np.float64)])
        wants = [case.wants for case in self.cases]
        high = [reader.clamped(self.task.wanted + reader.load) - reader.load for reader in self.readers]
        most = np.concatenate([np.ones(len(self.pairs)), np.array(wants, dtype=np.float64)])
        low, up = [*wants, *([0] * len(high)), 0], [*wants, *high, self.task.wanted]
        solution = _optimum(costs, np.concatenate([self._columns(), slack]), low, up, most)
        left = solution[len(self.pairs) :] if solution is not None else np.array(wants)
        return {row: round(float(gap)) for row, gap in enumerate(left) if gap > HALF}

    def _chances(self) -> np.ndarray:
        chances = (chance(self.task.seed, self.cases[row].number, self.readers[at].key) for row, at in self.pairs)
        return np.fromiter(chances, dtype=np.float64, count=len(self.pairs))

    def _lack(self, row: int, missing: int) -> Lack:
        case = self.cases[row]
        bars = (self.task.bars.get((case.key, reader.key)) for reader in self.readers)
        return Lack(case.key, case.wants, missing, self.free[row], Counter(bar for bar in bars if bar is not None))

    def _least_spread(self, level: int) -> int | None:
        """Return by how much loads have to differ at least, given the bars; widths are tried by halving."""
        low, high = self.task.spread, self.task.spread + 1
        while not self._fits(level, high):
            low, high = high, high * 2
            if low > self.task.wanted:
                return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._fits(level, middle) else (middle, high)
        return high

    def _fits(self, level: int, width: int) -> bool:
        return any(self.solve(base, width) is not None for base in self._bases(level, width))

    @staticmethod
    def _bases(level: int, width: int) -> Iterator[int]:
        """Yield the lowest loads worth trying: the widest room above first, then ever lower."""
        yield from range(level, max(-1, level - width), -1)


def _optimum(
    costs: np.ndarray,
    columns: np.ndarray,
    low: Sequence[int],
    high: Sequence[int],
    most: np.ndarray | None = None,
) -> np.ndarray | None:
    """Return the cheapest whole-numbered solution, or None where there is none; one thread, no chance of its own.

    Every column stands in two rows with 1 and takes from 0 to 1, or to its ``most``.
    """
    number = len(costs)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = number, len(low)
    model.col_cost_, model.col_lower_ = costs, np.zeros(number)
    model.col_upper_ = np.ones(number) if most is None else most
    model.row_lower_, model.row_upper_ = np.array(low, dtype=np.float64), np.array(high, dtype=np.float64)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.arange(0, 2 * number + 1, 2, dtype=np.int32)
    model.a_matrix_.index_ = columns.astype(np.int32).ravel()
    model.a_matrix_.value_ = np.ones(2 * number)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 0)
    solver.setOptionValue("solver", "simplex")
    solver.passModel(model)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.array(solver.getSolution().col_value)


def solver_version() -> str:
    """Return the name and version of the solver, to be kept beside what it found."""
    return f"HiGHS {highspy.Highs().version()}"
