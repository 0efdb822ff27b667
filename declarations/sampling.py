"""Drawing the cases of a spot check so that anybody can draw them again: stratified, in proportion, by hash.

Stratified random sampling as GB/T 10111—2008 (clause 8) has it, within a stratum by permanent random numbers:
every case has the number SHA-256("seed|case number"), and of each stratum those with the lowest numbers are drawn. How
many a stratum has is its share by largest remainder (``apportionment``), ties to the larger and then to the lower key.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby

from declarations.apportionment import Claim, Share, apportion

SEPARATOR = "|"
METHOD = "分层随机抽样（GB/T 10111—2008第8章），层内采用永久随机数法，各层件数按比例以最大余数法分配"


class CannotDraw(ValueError):
    """The cases cannot be drawn; the text says why, for people."""


@dataclass(frozen=True, order=True)
class Unit:
    """One case of the list that is drawn from: its number, and the three marks that place it in a stratum."""

    number: str
    region: str
    level: str
    type: str

    @property
    def stratum(self) -> str:
        """Return the key of the stratum."""
        return SEPARATOR.join((self.region, self.level, self.type))

    @property
    def line(self) -> str:
        """Return the unit as the line that the list's digest is made of."""
        return SEPARATOR.join((self.number, self.region, self.level, self.type))


@dataclass(frozen=True)
class Ticket:
    """One case with its random number, its place in its stratum (1 is the lowest number), and whether it is drawn."""

    unit: Unit
    random: str
    place: int
    drawn: bool


@dataclass(frozen=True)
class Stratum:
    """One stratum: its share of the cases, and its tickets in the order of their random numbers."""

    share: Share
    tickets: tuple[Ticket, ...]

    @property
    def key(self) -> str:
        """Return region, level and type joined."""
        return self.share.claim.code

    @property
    def size(self) -> int:
        """Return how many cases it has."""
        return self.share.claim.size

    @property
    def cases(self) -> int:
        """Return how many of them are drawn."""
        return self.share.places


@dataclass(frozen=True)
class Sample:
    """A whole draw: what it rests on, and what came of it."""

    seed: str
    cases: int
    strata: tuple[Stratum, ...]

    @property
    def tickets(self) -> tuple[Ticket, ...]:
        """Return every case of the list, stratum by stratum."""
        return tuple(ticket for stratum in self.strata for ticket in stratum.tickets)

    @property
    def drawn(self) -> tuple[Ticket, ...]:
        """Return the drawn cases, stratum by stratum."""
        return tuple(ticket for ticket in self.tickets if ticket.drawn)

    @property
    def numbers(self) -> list[str]:
        """Return the numbers of the drawn cases in ascending order."""
        return sorted(ticket.unit.number for ticket in self.drawn)


def random_number(seed: str, number: str) -> str:
    """Return the random number of a case: SHA-256 of "seed|number" in UTF-8, as 64 hexadecimal figures."""
    return sha256(f"{seed}{SEPARATOR}{number}".encode()).hexdigest()


def list_digest(units: Iterable[Unit]) -> str:
    """Return the digest of a list: SHA-256 of its lines in ascending order of the numbers, each ended by LF."""
    return sha256("".join(f"{unit.line}\n" for unit in sorted(units)).encode()).hexdigest()


def outcome_digest(numbers: Iterable[str]) -> str:
    """Return the digest of an outcome: SHA-256 of the drawn numbers in ascending order, each ended by LF."""
    return sha256("".join(f"{number}\n" for number in sorted(numbers)).encode()).hexdigest()


def draw(seed: str, cases: int, units: Iterable[Unit]) -> Sample:
    """Draw so many cases of a list; the order of the list changes nothing. Raises ``CannotDraw``."""
    listed = sorted(units)
    _refuse_impossible(seed, cases, listed)
    ordered = sorted(listed, key=lambda unit: unit.stratum)
    groups = {key: list(group) for key, group in groupby(ordered, key=lambda unit: unit.stratum)}
    shared = apportion(cases, [Claim(key, len(group)) for key, group in groups.items()])
    return Sample(seed, cases, tuple(_stratum(seed, share, groups[share.claim.code]) for share in shared.shares))


def _stratum(seed: str, share: Share, units: Sequence[Unit]) -> Stratum:
    ordered = sorted((random_number(seed, unit.number), unit) for unit in units)
    return Stratum(
        share,
        tuple(Ticket(unit, random, place, place <= share.places) for place, (random, unit) in enumerate(ordered, 1)),
    )


def _refuse_impossible(seed: str, cases: int, units: Sequence[Unit]) -> None:
    if not seed.strip():
        raise CannotDraw("没有种子，不能抽取。")
    if cases < 1:
        raise CannotDraw("抽取件数至少为1件。")
    if len({unit.number for unit in units}) != len(units):
        raise CannotDraw("同一受理编号出现了两次。")
    if cases > len(units):
        raise CannotDraw(f"可抽取的推荐对象只有{len(units)}件，不足{cases}件。")
