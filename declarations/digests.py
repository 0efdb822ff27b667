"""Digests over what is frozen: canonical JSON, SHA-256."""

import json
from hashlib import sha256
from typing import Any


def canonical(content: Any) -> str:
    """Return the one spelling of a JSON value: sorted keys, no spaces, characters as they are."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(content: Any) -> str:
    """Return the SHA-256 of the canonical spelling, in hexadecimal."""
    return sha256(canonical(content).encode()).hexdigest()
