"""Order within a number of places, ties broken by stated keys, each place explained."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .figures import figure, points


@dataclass(frozen=True)
class RankEntry:
    """One candidate: its total and, in the stated order, the figures that break a tie; higher is better."""

    key: str
    total: Decimal
    tiebreaks: tuple[Decimal, ...] = ()


@dataclass(frozen=True)
class Placed:
    """`within`: surely inside the places. `tied`: equal in every key with another; one such group may straddle."""

    key: str
    place: int
    within: bool
    tied: bool
    because: str


def rank(entries: Sequence[RankEntry], places: int, keys: Sequence[str] = ()) -> list[Placed]:
    """From the first place on; equal in every key share a place. `keys` names the tie-breakers in Chinese.

    A group that shares a place across the last one is not within: people decide. Entries of one call state the same
    tie-breakers, as many as `keys`; anything else, and a key used twice, raises ValueError.
    """
    if {len(entry.tiebreaks) for entry in entries} - {len(keys)}:
        raise ValueError("tiebreaks and keys differ in number")
    if len({entry.key for entry in entries}) != len(entries):
        raise ValueError("a key is used twice")
    ordered = sorted(entries, key=lambda entry: (_order(entry), entry.key))
    return [_placed(entry, ordered, places, keys) for entry in ordered]


def _order(entry: RankEntry) -> tuple[Decimal, ...]:
    return tuple(-value for value in (entry.total, *entry.tiebreaks))


def _placed(entry: RankEntry, ordered: list[RankEntry], places: int, keys: Sequence[str]) -> Placed:
    same = [other for other in ordered if _order(other) == _order(entry)]
    place = ordered.index(same[0]) + 1
    last = place + len(same) - 1
    reason = f"总分{points(entry.total)}{_broken(entry, ordered, keys)}，{_place_text(place, len(same))}"
    if place <= places < last:
        reason += f"，并列跨越{places}个名额，须集体研究"
    return Placed(entry.key, place, last <= places, len(same) > 1, reason)


def _place_text(place: int, sharing: int) -> str:
    return f"并列第{place}名（{sharing}家）" if sharing > 1 else f"第{place}名"


def _broken(entry: RankEntry, ordered: list[RankEntry], keys: Sequence[str]) -> str:
    """The tie-breakers that were looked at: as many as it takes to part the entry from all of equal total."""
    rivals = [other for other in ordered if other.total == entry.total and other.key != entry.key]
    told = ""
    for number, name in enumerate(keys):
        if not rivals:
            break
        told += f"，同分比较{name}{figure(entry.tiebreaks[number])}"
        rivals = [other for other in rivals if other.tiebreaks[number] == entry.tiebreaks[number]]
    return told
