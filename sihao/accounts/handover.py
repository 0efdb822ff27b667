"""What follows when somebody leaves: apps above register what a successor gets, and what else a seat leaves behind."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

Handover = Callable[[Any, Any, datetime], Iterable[str]]
"""Gives what one seat has open to another seat, and tells in words what it was."""

HANDOVERS: list[Handover] = []

Leaving = Callable[[Any, datetime], object]
"""Is told of a seat that has ended."""

LEAVINGS: list[Leaving] = []


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
