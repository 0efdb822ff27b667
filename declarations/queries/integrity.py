"""What the page of the integrity checks prints: every invariant with what came of it, never what a case contains."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from declarations.models import IntegrityCheck
from declarations.queries.cases import cases_visible_to
from declarations.queries.invariants import INVARIANTS
from sihao.accounts.models import Seat


@dataclass(frozen=True)
class Found:
    """One breach in words, and the case it is found in, where the reader may open that."""

    words: str
    case: int | None = None
    number: str = ""


@dataclass(frozen=True)
class Line:
    """One invariant: its sentence, what came of it, the breaches the reader may know of, the steps it stands before."""

    number: int
    sentence: str
    count: int
    error: str
    found: tuple[Found, ...]
    gates: str

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not (self.count or self.error)


@dataclass(frozen=True)
class CheckPage:
    """A check with all its lines."""

    check: IntegrityCheck
    lines: tuple[Line, ...]

    @property
    def failing(self) -> list[Line]:
        """The lines that do not hold."""
        return [line for line in self.lines if not line.holds]


GATE_WORDS: Mapping[str, str] = {"T14": "上报", "T26": "提请审议", "T30": "公布"}


def checks() -> QuerySet[IntegrityCheck]:
    """Return the checks, the newest first, without what they found."""
    return IntegrityCheck.objects.defer("results").select_related("ordered_by__user", "ordered_by__organisation")


def check_page(seat: Seat, pk: int | None = None) -> CheckPage | None:
    """Return a check, the last one where none is named, as the seat may read it; three queries at most.

    Whoever may open cases reads in which one a breach was found, but for those the seat's people step back from;
    others read how many there are and of which kind.
    """
    found = IntegrityCheck.objects.select_related("ordered_by__user", "ordered_by__organisation").order_by("-id")
    check = (found.filter(pk=pk) if pk is not None else found).first()
    if check is None:
        return None
    numbers = _numbers(seat, check.results)
    return CheckPage(check, tuple(_line(one, numbers) for one in check.results if one["number"] in INVARIANTS))


def _numbers(seat: Seat, results: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """Return the numbers of the cases that breaches were found in and the seat may open."""
    keys = {first["case"] for one in results for first in one["examples"] if first["case"] is not None}
    return dict(cases_visible_to(seat).filter(pk__in=keys).values_list("pk", "number")) if keys else {}


def _line(one: Mapping[str, Any], numbers: Mapping[int, str]) -> Line:
    known = INVARIANTS[one["number"]]
    gates = "、".join(GATE_WORDS[gate] for gate in sorted(known.gates))
    found = tuple(_found(first, numbers) for first in one["examples"] if first["case"] in {None, *numbers})
    return Line(known.number, known.sentence, one["count"], one["error"], found, gates)


def _found(first: Mapping[str, Any], numbers: Mapping[int, str]) -> Found:
    words = f"{first['kind']}{first['key']}：{first['words']}"
    return Found(words, first["case"], numbers.get(first["case"], ""))
