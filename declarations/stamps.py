"""The stamp of a workbook that was given out: whose it is, of which version, and what stood in it; signed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core import signing

SALT = "declarations.self-assessment.workbook"
FORMAT = 1


class BadStamp(ValueError):
    """A stamp that the house did not write, or not in this form."""


@dataclass(frozen=True)
class IssuedRow:
    """One row of the self-assessment as it stood in the workbook, by the version it had; 0 is a row never written."""

    version: int = 0
    points: str = ""
    words: str = ""
    reason: str = ""

    def part(self, name: str) -> str:
        """Return one of the cells that the chamber fills in."""
        return str(getattr(self, name))


@dataclass(frozen=True)
class Stamp:
    """What a workbook carries with it: the case by its number, the digest of its programme, when, and the rows.

    ``whose`` names the sheet of marks where it is not the chamber's own.
    """

    number: str
    programme: str
    at: datetime
    rows: Mapping[str, IssuedRow]
    whose: str = ""


def sealed(stamp: Stamp) -> str:
    """Return a stamp as signed text."""
    told = {
        "format": FORMAT,
        "number": stamp.number,
        "programme": stamp.programme,
        "at": stamp.at.isoformat(),
        "rows": {code: asdict(row) for code, row in stamp.rows.items()},
        "whose": stamp.whose,
    }
    return signing.dumps(told, salt=SALT, compress=True)


def opened(text: str) -> Stamp:
    """Return the stamp of a signed text; raises ``BadStamp`` for one that was forged, cut or is of another form."""
    try:
        told: dict[str, Any] = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        raise BadStamp from None
    if told.get("format") != FORMAT:
        raise BadStamp
    rows = {code: IssuedRow(**row) for code, row in told["rows"].items()}
    return Stamp(told["number"], told["programme"], datetime.fromisoformat(told["at"]), rows, told.get("whose", ""))
