"""What a successor gets when somebody leaves: apps above register here what is open on a seat."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

Handover = Callable[[Any, Any, datetime], Iterable[str]]
"""Gives what one seat has open to another seat, and tells in words what it was."""

HANDOVERS: list[Handover] = []


def register_handover(give: Handover) -> Handover:
    """Add what is given to a successor; a function is registered once."""
    if give not in HANDOVERS:
        HANDOVERS.append(give)
    return give
