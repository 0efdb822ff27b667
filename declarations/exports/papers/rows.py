"""Rows of a paper's table: a thing with its number; the figures of a verdict; the columns that a standard needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from declarations.queries.pages import Strip
from scoring.engine import Programme
from sihao.documents.table import Column
from sihao.ui.formats import fraction


@dataclass(frozen=True)
class Numbered:
    """One thing with the number of its row."""

    number: int
    one: Any


def numbered(things: Iterable[object]) -> list[Numbered]:
    """Return things with their numbers from 1."""
    return [Numbered(number, one) for number, one in enumerate(things, start=1)]


NUMBER = Column("序号", "int", "number", width=5, align="center")

SIGN = "标记"


def figures_of(strip: Strip) -> list[tuple[str, str]]:
    """Return the figures of a verdict with their names: of rows and of a bonus that the standard has, and no others."""
    found = [("总分", fraction(strip.total, strip.maximum))]
    if strip.bonus_maximum:
        found.append(("其中加分", fraction(strip.bonus, strip.bonus_maximum)))
    if strip.veto_count:
        found.append(("否决项为0分", f"{strip.veto_zero}/{strip.veto_count}项"))
    if strip.baseline_count:
        found.append(("基础达标项未满分", f"{strip.baseline_short}/{strip.baseline_count}项"))
    return found


def columns_in(programme: Programme, titles: Iterable[str]) -> list[str]:
    """Return the columns that a table of the standard has: no 标记 where no row carries a sign."""
    return [title for title in titles if title != SIGN or programme.signs]
