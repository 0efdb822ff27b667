"""Rows of a paper's table: a thing with its number."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sihao.documents.table import Column


@dataclass(frozen=True)
class Numbered:
    """One thing with the number of its row."""

    number: int
    one: Any


def numbered(things: Iterable[object]) -> list[Numbered]:
    """Return things with their numbers from 1."""
    return [Numbered(number, one) for number, one in enumerate(things, start=1)]


NUMBER = Column("序号", "int", "number", width=5, align="center")
