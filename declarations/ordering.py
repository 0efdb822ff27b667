"""An order of recommendation beside the totals: who ties, who stands against the points, who must say why.

五（二）1 leaves the order to the leading body; points are what it starts from, and where it departs from them the list
says why.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate


@dataclass(frozen=True)
class Standing:
    """One case on a list, in the order of the ranks: its key, its total, and the reason kept for its rank."""

    key: int
    total: Decimal
    reason: str = ""


def tied(order: Sequence[Standing]) -> frozenset[int]:
    """Return who has the same total as another one on the list."""
    totals = Counter(one.total for one in order)
    return frozenset(one.key for one in order if totals[one.total] > 1)


def inverted(order: Sequence[Standing]) -> frozenset[int]:
    """Return who stands before a higher total or behind a lower one."""
    totals = [one.total for one in order]
    lowest_before = list(accumulate(totals, min))
    highest_after = list(accumulate(reversed(totals), max))[::-1]
    pairs = zip(order, lowest_before, highest_after, strict=True)
    return frozenset(one.key for one, low, high in pairs if low < one.total or high > one.total)


def unexplained(order: Sequence[Standing]) -> tuple[int, ...]:
    """Return the fewest whose reason would explain the order, in the order of the ranks.

    A reason explains every departure that its case is part of: what is left without the cases that have one must fall
    from the highest total to the lowest. Of two neighbours the one with fewer points, which stands before, is asked.
    """
    silent = [one for one in order if not one.reason.strip()]
    falling = _longest_falling([one.total for one in silent])
    return tuple(one.key for place, one in enumerate(silent) if place not in falling)


def _longest_falling(totals: Sequence[Decimal]) -> frozenset[int]:
    """Return the places of a longest part that never rises; of equally long ones that with the higher totals."""
    ends: list[Decimal] = []
    last: list[int] = []
    before: list[int | None] = []
    for place, total in enumerate(totals):
        length = bisect_right(ends, -total)
        before.append(last[length - 1] if length else None)
        ends[length : length + 1], last[length : length + 1] = [-total], [place]
    found, at = set(), last[-1] if last else None
    while at is not None:
        found.add(at)
        at = before[at]
    return frozenset(found)


def by_total(order: Sequence[Standing]) -> list[int]:
    """Return the keys from the highest total to the lowest; equal totals keep the order they have."""
    return [one.key for one in sorted(order, key=lambda one: -one.total)]


class SameRankTwice(ValueError):
    """Two cases are wanted at one rank; ``rank`` says which."""

    def __init__(self, rank: int) -> None:
        super().__init__(rank)
        self.rank = rank


def placed(order: Sequence[int], wanted: dict[int, int]) -> list[int]:
    """Return the keys with those wanted at a rank standing there, the others around them as they stood.

    A rank beyond the end is the end; raises ``SameRankTwice`` where two are wanted at one rank.
    """
    last = len(order)
    ranks: dict[int, int] = {}
    for key, rank in sorted(wanted.items(), key=lambda pair: pair[1]):
        at = max(1, min(rank, last))
        if at in ranks:
            raise SameRankTwice(at)
        ranks[at] = key
    others = iter([key for key in order if key not in wanted])
    return [ranks[rank] if rank in ranks else next(others) for rank in range(1, last + 1)]
