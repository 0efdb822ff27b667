"""A review as posted: rows, parts of the opinion, rows to confirm; nothing is judged and nothing thrown away."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from zlib import crc32

from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from declarations.forms.application import BLANK_MARKER, GROUP_MARKER, THEIRS_MARKER, clean_text
from declarations.states import Stance
from scoring.actions import Entered
from scoring.engine import Programme

TIER_PARTS = ("points", "reason")
OPINION = "opinion"
WAS = "_was-"


def print_of(value: object) -> str:
    """Return a short print of a value as drawn, by which a plain post tells what was changed."""
    plain = "\n".join(line.rstrip() for line in str(value).strip().splitlines())
    return f"{crc32(plain.encode(errors='replace')):08x}"


def typed_rows(programme: Programme, data: QueryDict) -> dict[str, Entered]:
    """Return marks and reasons of the rows that were posted, without what the writer yields to somebody else."""
    yielded = set(data.getlist(THEIRS_MARKER))
    entries: dict[str, Entered] = {}
    for item in programme.rubric.items():
        posted = {part: data.get(f"{part}-{item.id}") for part in TIER_PARTS if f"{item.id}/{part}" not in yielded}
        parts = {part: clean_text(text) for part, text in posted.items() if text is not None}
        if parts:
            entries[item.id] = Entered(**parts)
    return entries


def typed_opinion(data: QueryDict) -> dict[str, object]:
    """Return the parts of the opinion that were posted and changed; an unknown conclusion is none."""
    whole = OPINION in data.getlist(GROUP_MARKER)
    emptied = set(" ".join(data.getlist(BLANK_MARKER)).split())
    yielded = set(data.getlist(THEIRS_MARKER))
    found: dict[str, object] = {}
    for part, read in READERS.items():
        name = f"{OPINION}_{part}"
        if name in yielded or not (whole or name in data or name in emptied):
            continue
        value = read(data.get(name, ""))
        if data.get(WAS + name) != print_of(value):
            found[part] = value
    return found


def _stance(text: str) -> str:
    return text if text in Stance.values else ""


READERS = {
    "stance": _stance,
    "text": clean_text,
    "authentic": lambda text: text == "true",
}


def rows_to_confirm(data: QueryDict) -> dict[str, Decimal]:
    """Return the rows that were ticked, each with the mark that was drawn; what is no mark is left out."""
    found: dict[str, Decimal] = {}
    for text in data.getlist("row"):
        code, _, points = text.partition(":")
        try:
            found[code] = Decimal(points[:12])
        except InvalidOperation:
            continue
    return found


def seen_until(data: Mapping[str, str], now: datetime) -> datetime:
    """Return up to which instant the page that was acknowledged had looked; never later than now."""
    try:
        drawn = parse_datetime(data.get("drawn", ""))
    except ValueError:
        drawn = None
    return min(drawn, now) if drawn is not None and drawn.tzinfo is not None else now
