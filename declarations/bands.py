"""Bands of totals: where a total falls in the plot of totals, twenty bands to a programme's maximum."""

from decimal import Decimal

from declarations.states import State
from scoring.engine import Programme

BANDS = 20
UNCOUNTED = frozenset({State.DRAFT, State.WITHDRAWN, State.LAPSED})
"""States in which a total says nothing: not handed in, or taken back."""


def line_of(programme: Programme) -> Decimal:
    """Return the total that the first gate on the total asks for."""
    return next((gate.limit for gate in programme.rubric.gates if gate.kind == "min_total"), Decimal(0))


def step_of(maximum: Decimal) -> Decimal:
    """Return how wide a band is."""
    return maximum / BANDS


def band_of(total: Decimal, maximum: Decimal) -> Decimal:
    """Return the lower edge of the band [from, to) of a total; the last band includes the maximum."""
    step = step_of(maximum)
    return min(total // step, Decimal(BANDS - 1)) * step
