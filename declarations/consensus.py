"""What a group of readers agrees: one mark for each marked row, carried by more than half of those who read the case.

A reader whose own mark is the agreed one is for it; any other says so or keeps a dissent with a reason. What was said
counts while the agreed mark stays what it was said of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

Marks = Mapping[str, Decimal]


@dataclass(frozen=True)
class Voice:
    """What one reader said of an agreed mark."""

    points: Decimal
    agrees: bool
    reason: str = ""


@dataclass(frozen=True)
class Member:
    """One reader with the own marks, and what the reader said, by row."""

    key: int
    marks: Marks
    voices: Mapping[str, Voice]

    def stands(self, code: str, agreed: Decimal) -> bool | None:
        """Return whether the reader is for an agreed mark; None while the reader has not spoken of it."""
        if self.marks.get(code) == agreed:
            return True
        voice = self.voices.get(code)
        return voice.agrees if voice is not None and voice.points == agreed else None


@dataclass(frozen=True)
class RowStanding:
    """How an agreed mark stands among the readers."""

    code: str
    points: Decimal
    for_it: int
    against: int
    readers: int

    @property
    def carried(self) -> bool:
        """Whether more than half of all readers are for it."""
        return self.for_it * 2 > self.readers

    @property
    def silent(self) -> int:
        """How many readers with another mark have not spoken."""
        return self.readers - self.for_it - self.against

    @property
    def is_unanimous(self) -> bool:
        """Whether everybody is for it."""
        return self.for_it == self.readers


def standings(agreed: Marks, members: Sequence[Member]) -> tuple[RowStanding, ...]:
    """Return how each agreed mark stands, in the order of the marks."""
    return tuple(_standing(code, points, members) for code, points in agreed.items())


def _standing(code: str, points: Decimal, members: Sequence[Member]) -> RowStanding:
    said = [member.stands(code, points) for member in members]
    return RowStanding(code, points, said.count(True), said.count(False), len(members))


def not_carried(agreed: Marks, members: Sequence[Member]) -> tuple[str, ...]:
    """Return the rows whose agreed mark no majority carries."""
    return tuple(row.code for row in standings(agreed, members) if not row.carried)


def of_one_mind(codes: Sequence[str], members: Sequence[Member]) -> dict[str, Decimal]:
    """Return the rows on which all readers gave the same mark: these are agreed without a word."""
    found = {code: {member.marks.get(code) for member in members} for code in codes}
    return {code: mark for code, marks in found.items() if len(marks) == 1 and (mark := next(iter(marks))) is not None}
