"""What must hold of the data at any time: the list of invariants, where each is asked, and what a breach is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from django.db.models import Model, Q, QuerySet

from declarations.models import Cycle, Declaration

PAGE = 500
MOST = 1000
"""More breaches of one invariant are not counted."""


class Gate(StrEnum):
    """The steps before which the data concerned are looked at."""

    UPLOAD = "T14"
    AGENDA = "T26"
    PUBLICATION = "T30"


@dataclass(frozen=True)
class Scope:
    """What is looked at: everything, a cycle, or the cases of one unit in it.

    A ``deep`` look also reads what takes minutes: every stored file, the whole history of marks. ``at`` is the instant
    of the look, for what has a term; without it no term is looked at.
    """

    cycle: Cycle | None = None
    unit: int | None = None
    deep: bool = False
    at: datetime | None = None

    def where(self, field: str = "") -> Q:
        """Return the condition that a row is concerned; ``field`` leads from it to its case ("" for a case)."""
        path = f"{field}__" if field else ""
        found = Q()
        if self.cycle is not None:
            found &= Q(**{f"{path}cycle": self.cycle.pk})
        return found & Q(**{f"{path}unit": self.unit}) if self.unit is not None else found

    def of_cycle(self, field: str = "cycle", unit: str = "") -> Q:
        """Return the condition for rows of a cycle (``field`` leads to it), and of the unit where one is named."""
        found = Q(**{field: self.cycle.pk}) if self.cycle is not None else Q()
        return found & Q(**{unit: self.unit}) if unit and self.unit is not None else found

    @property
    def cases(self) -> QuerySet[Declaration]:
        """Return the cases concerned."""
        return Declaration.objects.filter(self.where())


@dataclass(frozen=True)
class Breach:
    """One thing that does not hold: of which kind, with which key, what is wrong; never what a case contains.

    ``case`` is the key of the case it belongs to: it is not shown to whoever steps back from that.
    """

    kind: str
    key: str
    words: str
    case: int | None = None


Find = Callable[[Scope], Iterable[Breach]]


@dataclass(frozen=True)
class Invariant:
    """One invariant: its number and sentence (features d.7), what looks for breaches, before which steps."""

    number: int
    sentence: str
    find: Find
    gates: frozenset[Gate]


INVARIANTS: dict[int, Invariant] = {}


def invariant(number: int, sentence: str, *gates: Gate) -> Callable[[Find], Find]:
    """Register the function that looks for breaches of an invariant; a number is given once."""

    def register(find: Find) -> Find:
        if number in INVARIANTS:
            raise ValueError(f"invariant {number} registered twice")
        INVARIANTS[number] = Invariant(number, sentence, find, frozenset(gates))
        return find

    return register


def breach(row: Model, words: str, *, case: int | None = None) -> Breach:
    """Return a breach of a row, called as its table is."""
    return Breach(str(row._meta.verbose_name), str(row.pk), words, case)


def breaches(rows: QuerySet[Any], words: str, *, case: str = "") -> Iterator[Breach]:
    """Yield a breach for each row; ``case`` leads to the key of its case."""
    for row in rows.order_by("pk").values("pk", *([case] if case else []))[:MOST]:
        kind = str(rows.model._meta.verbose_name)
        yield Breach(kind, str(row["pk"]), words, row[case] if case else None)


def pages(rows: QuerySet[Any], size: int = PAGE) -> Iterator[list[Any]]:
    """Yield the rows by key, a page at a time: the memory does not grow with their number."""
    after = 0
    while page := list(rows.filter(pk__gt=after).order_by("pk")[:size]):
        yield page
        after = page[-1].pk


@dataclass(frozen=True)
class Result:
    """What came of one invariant: how many breaches (at most ``MOST``), and the first of them."""

    number: int
    count: int
    examples: tuple[Breach, ...] = ()


EXAMPLES = 20


def look(numbers: Iterable[int], scope: Scope) -> Iterator[Result]:
    """Yield what comes of each invariant, in the order given."""
    for number in numbers:
        found = list(islice(INVARIANTS[number].find(scope), MOST))
        yield Result(number, len(found), tuple(found[:EXAMPLES]))


def before(gate: Gate) -> list[int]:
    """Return the numbers of the invariants that are looked at before a step."""
    return sorted(number for number, one in INVARIANTS.items() if gate in one.gates)
