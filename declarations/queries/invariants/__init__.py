"""The invariants of the house (features d.7); importing this registers them all."""

from declarations.queries.invariants import cases, lists, marks, panel, results
from declarations.queries.invariants.registry import (
    INVARIANTS,
    Breach,
    Gate,
    Invariant,
    Result,
    Scope,
    before,
    look,
)

ROOMS = (cases, lists, marks, panel, results)

__all__ = ["INVARIANTS", "ROOMS", "Breach", "Gate", "Invariant", "Result", "Scope", "before", "look"]
