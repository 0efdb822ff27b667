"""The digest of one line of a mark's history: what was written, by whom, when."""

import json
from datetime import UTC
from hashlib import sha256
from typing import Any


def digest_of_mark(line: Any) -> str:
    """Return the SHA-256 of a line (a mark or one of its versions) in one spelling, in hexadecimal."""
    points = None if line.points is None else f"{line.points:.2f}"
    at = line.set_at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [line.assessment_id, line.code, line.version, points, line.typed, line.words, line.reason]
    return sha256(json.dumps([*parts, line.set_by_id, at]).encode()).hexdigest()
