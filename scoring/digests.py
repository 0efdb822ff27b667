"""Digests of the ledger: of one line of a mark's history (what was written, by whom, when), and of a layer's head."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any


def digest_of_mark(line: Any) -> str:
    """Return the SHA-256 of a line (a mark or one of its versions) in one spelling, in hexadecimal."""
    points = None if line.points is None else f"{line.points:.2f}"
    at = _instant(line.set_at)
    parts = [line.assessment_id, line.code, line.version, points, line.typed, line.words, line.reason]
    return sha256(json.dumps([*parts, line.set_by_id, at]).encode()).hexdigest()


def digest_of_layer(layer: Any) -> str:
    """Return the SHA-256 of a layer's head: of which ledger, whose, which version, its total, since when frozen."""
    frozen = None if layer.locked_at is None else _instant(layer.locked_at)
    parts = [layer.ledger_id, layer.layer, layer.assessor_id, layer.version, f"{layer.total:.2f}", frozen]
    return sha256(json.dumps(parts).encode()).hexdigest()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
