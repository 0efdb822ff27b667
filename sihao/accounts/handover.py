"""What follows when somebody leaves: apps above register what is open, what a successor gets, what else is left."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class OpenWork:
    """Something open on a seat: what, how much of it, the first by name, and what becomes of it when the seat ends."""

    label: str
    amount: str
    becomes: str
    named: tuple[str, ...] = ()


Showing = Callable[[Any, Any], Iterable[OpenWork]]
"""Tells what is open on one seat, as far as another seat may know it."""

SHOWINGS: list[Showing] = []

Handover = Callable[[Any, Any, datetime], Iterable[str]]
"""Gives what one seat has open to another seat, and tells in words what it was."""

HANDOVERS: list[Handover] = []

Leaving = Callable[[Any, datetime], object]
"""Is told of a seat that has ended."""

LEAVINGS: list[Leaving] = []


def register_open_work(show: Showing) -> Showing:
    """Add what is open on a seat; a function is registered once."""
    if show not in SHOWINGS:
        SHOWINGS.append(show)
    return show


def open_work_of(seat: Any, viewer: Any) -> list[OpenWork]:
    """Return what is open on a seat, as far as the viewer may know it."""
    return [one for show in SHOWINGS for one in show(seat, viewer)]


def register_handover(give: Handover) -> Handover:
    """Add what is given to a successor; a function is registered once."""
    if give not in HANDOVERS:
        HANDOVERS.append(give)
    return give


def register_leaving(note: Leaving) -> Leaving:
    """Add what is told of a seat that ended; a function is registered once."""
    if note not in LEAVINGS:
        LEAVINGS.append(note)
    return note
