"""The one spelling of a trail entry (RFC 8785) and the digests that chain it.

An entry is spelled as a JSON object with the members of ``PARTS``, ``hash``, ``sealed`` and ``sequence``, by the JSON
Canonicalization Scheme of RFC 8785. The seal of the n-th entry is ``h(n) = H(h(n-1) + spelling)``: the seal before it
in lower-case hexadecimal digits, followed by the spelling in UTF-8; ``h(0)`` is sixty-four zeros. ``H`` is SHA-256, or
SM3 where that is asked.
"""

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785
from django.db.models import TextChoices

SAFE = 2**53 - 1
"""The greatest whole number that every reader of JSON reads exactly (RFC 8785, 3.2.2.3 and appendix D)."""
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
GENESIS = "0" * 64
SHORT = 8


class Hash(TextChoices):
    """The hash functions an entry may be sealed with; both give 256 bits."""

    SHA256 = "sha256", "SHA-256"
    SM3 = "sm3", "SM3"


class HashMissing(Exception):
    """This machine cannot compute the hash function that is asked for; the text is for the user."""


PARTS: Mapping[str, str] = {
    "id": "条目编号",
    "event": "事项",
    "at": "时间",
    "actor": "办理人",
    "target": "对象",
    "path": "所在链条",
    "data": "内容",
    "reason": "理由",
}
"""The members that come from the entry itself, and what each is called."""


def digest(name: str, content: bytes) -> str:
    """Return the digest in hexadecimal; raises ``HashMissing`` where this machine's OpenSSL lacks the function."""
    try:
        return hashlib.new(name, content, usedforsecurity=False).hexdigest()
    except ValueError:
        label = Hash(name).label if name in Hash.values else name
        words = f"本机的OpenSSL不提供{label}算法，不能封存或核对用它封存的留痕。请安装提供该算法的OpenSSL。"
        raise HashMissing(words) from None


def demand(name: str) -> None:
    """Raise ``HashMissing`` unless the hash function is one of ours and this machine computes it."""
    if name not in Hash.values:
        raise HashMissing(f"留痕封存算法只能是sha256或者sm3，不能是{name}。")
    digest(name, b"")


def spelled(value: Any) -> bytes:
    """Return the canonical spelling of a JSON value.

    What RFC 8785 cannot spell is spelled as a string first, as its appendix D advises: whole numbers beyond 2^53-1 by
    their digits; half of a surrogate pair by its escape; what is no number by its name.
    """
    return rfc8785.dumps(_spellable(value))


def _spellable(value: Any) -> Any:
    if isinstance(value, str):
        return LONE_SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", value)
    if isinstance(value, Mapping):
        return {_spellable(str(name)): _spellable(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_spellable(one) for one in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > SAFE:
        return str(value)
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def instant(at: datetime) -> str:
    """Return an instant as it is spelled: UTC, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class Spelling:
    """An entry's parts, each in its canonical spelling; an object's spelling is that of its members in order."""

    parts: Mapping[str, bytes]

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> "Spelling":
        """Spell every part."""
        return cls({part: spelled(members[part]) for part in PARTS})

    def placed(self, *, sequence: int, name: str, at: datetime) -> bytes:
        """Return the entry as it is spelled at its place in the chain, with what it is sealed with and when."""
        own = {"hash": name, "sealed": instant(at), "sequence": sequence}
        members = {**self.parts, **{member: spelled(value) for member, value in own.items()}}
        return b"{%s}" % b",".join(b'"%s":%s' % (member.encode(), members[member]) for member in sorted(members))

    def seal(self, *, sequence: int, previous: str, name: str, at: datetime) -> str:
        """Return the seal that the entry is given at an instant at its place in the chain, behind the seal before."""
        return digest(name, previous.encode() + self.placed(sequence=sequence, name=name, at=at))

    def marks(self) -> str:
        """Return a short mark of each part, joined: by it a change can be told; the seal alone proves it."""
        return "".join(hashlib.sha256(one).hexdigest()[:SHORT] for one in self.parts.values())


def differing(ours: str, theirs: str) -> list[str]:
    """Return what the parts are called whose marks differ."""
    pairs = ((ours[at : at + SHORT], theirs[at : at + SHORT]) for at in range(0, SHORT * len(PARTS), SHORT))
    return [label for label, (one, other) in zip(PARTS.values(), pairs, strict=True) if one != other]
