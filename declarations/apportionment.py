"""Places shared out in closed form: by size and weight, largest remainder, with a floor (notice 四). Exact, no floats.

H_i = N·w_i·s_i / Σ_j w_j·s_j; every unit has ⌊H_i⌋, the places that remain go to the largest fractions, ties to the
larger s and then to the lower code. A floor m fixes the units that come out below m at m; the rest of the places is
shared out among the others again, until nobody is below.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor


class CannotShare(ValueError):
    """The places cannot be shared out; the text says why, for people."""


@dataclass(frozen=True)
class Claim:
    """What one unit brings: its code, its size s (chambers counted) and its weight w."""

    code: str
    size: int
    weight: Decimal = Decimal(1)

    @property
    def weighed(self) -> Fraction:
        """Return w·s."""
        return Fraction(self.weight) * self.size


@dataclass(frozen=True)
class Share:
    """How one unit's places came about.

    ``exact`` is H of the round that gave the unit its places. ``rank`` is the place of the fraction among all of that
    round (1 is the largest), ``extra`` whether it won one of the remaining places; a unit ``fixed`` at the floor has
    neither.
    """

    claim: Claim
    exact: Fraction
    whole: int
    fraction: Fraction
    rank: int | None
    extra: bool
    fixed: bool
    places: int
    round: int


@dataclass(frozen=True)
class Apportionment:
    """All shares in the order of the codes, with what they rest on."""

    total: int
    floor: int
    rounds: int
    remaining: int
    """How many places went by fraction in the last round."""
    shares: tuple[Share, ...]

    @property
    def places(self) -> dict[str, int]:
        """Return the places by code."""
        return {share.claim.code: share.places for share in self.shares}

    @property
    def size(self) -> int:
        """Return how large all units are together."""
        return sum(share.claim.size for share in self.shares)


def apportion(total: int, claims: Iterable[Claim], least: int = 0) -> Apportionment:
    """Share ``total`` places out; the sum is always the total. Raises ``CannotShare`` where no such sharing exists."""
    units = sorted(claims, key=lambda claim: claim.code)
    _refuse_impossible(total, units, least)
    fixed: dict[str, Share] = {}
    number = 0
    while True:
        number += 1
        left = [claim for claim in units if claim.code not in fixed]
        shares = _round(total - least * len(fixed), left, number)
        below = [share for share in shares if share.places < least]
        if not below:
            break
        fixed |= {share.claim.code: _at_floor(share, least) for share in below}
    found = fixed | {share.claim.code: share for share in shares}
    remaining = sum(share.extra for share in shares)
    return Apportionment(total, least, number, remaining, tuple(found[claim.code] for claim in units))


def _refuse_impossible(total: int, units: Sequence[Claim], least: int) -> None:
    if not units:
        raise CannotShare("没有可以分配名额的单位。")
    if total < 0 or least < 0:
        raise CannotShare("名额总数和保底数不能小于0。")
    if len({claim.code for claim in units}) != len(units):
        raise CannotShare("同一单位出现了两次。")
    if any(claim.size < 0 or claim.weight <= 0 for claim in units):
        raise CannotShare("商会数不能小于0，权重须大于0。")
    if least * len(units) > total:
        need = least * len(units)
        raise CannotShare(f"{len(units)}个单位每个至少{least}个，共需{need}个，超过名额总数{total}个。请降低保底数。")
    if not any(claim.size for claim in units):
        raise CannotShare("各单位商会数都是0，不能按比例分配。")


def _round(total: int, units: Sequence[Claim], number: int) -> list[Share]:
    """Share out by largest remainder, without a floor."""
    weighed = [claim.weighed for claim in units]
    whole_weight = sum(weighed)
    exact = [total * one / whole_weight for one in weighed]
    whole = [floor(one) for one in exact]
    order = sorted(
        range(len(units)), key=lambda at: (whole[at] - exact[at], -units[at].size, units[at].code)
    )
    rank = {at: place for place, at in enumerate(order, start=1)}
    remaining = total - sum(whole)
    return [
        Share(
            claim=claim,
            exact=exact[at],
            whole=whole[at],
            fraction=exact[at] - whole[at],
            rank=rank[at],
            extra=rank[at] <= remaining,
            fixed=False,
            places=whole[at] + (rank[at] <= remaining),
            round=number,
        )
        for at, claim in enumerate(units)
    ]


def _at_floor(share: Share, least: int) -> Share:
    return Share(share.claim, share.exact, share.whole, share.fraction, None, False, True, least, share.round)
