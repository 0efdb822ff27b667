"""The application form and the self-assessment as posted, turned into keywords of one action."""

import re
from collections.abc import Callable, Mapping

from django.http import QueryDict

from declarations.queries.drafting import CONFIRM
from scoring.actions import Entered
from scoring.engine import FieldSpec, Programme

GROUP_MARKER = "_group"
BLANK_MARKER = "_blank"
THEIRS_MARKER = "_theirs"
SEEN = re.compile(r"(?P<name>[0-9A-Za-z_.\-]{1,60}):(?P<version>[0-9]{1,9})", re.ASCII)
PLACE = re.compile(r"[0-9a-z_]{1,60}|group-[0-9]{1,3}", re.ASCII)
MOST_SEEN = 1000
NUL = "\x00"
LONGEST_INDEX = 4


def typed_answers(programme: Programme, data: QueryDict) -> dict[str, object]:
    """Return what was typed, by field, of the groups that were posted; nothing is judged and nothing thrown away.

    A field that was not drawn is left out. Boxes without a tick post nothing: they are empty when their group's
    marker came along, or when they are named as emptied. What the writer yields to somebody else is left out.
    """
    yielded = set(data.getlist(THEIRS_MARKER))
    groups, emptied = set(data.getlist(GROUP_MARKER)), set(" ".join(data.getlist(BLANK_MARKER)).split())
    typed: dict[str, object] = {}
    for number, (_, specs) in enumerate(programme.field_groups()):
        for spec in specs:
            posted = str(number) in groups or spec.id in emptied
            found = READERS.get(spec.kind, _line)(spec, data, posted)
            if found is not None and spec.id not in yielded:
                typed[spec.id] = found
    return typed


def _line(spec: FieldSpec, data: QueryDict, posted: bool) -> str | None:
    return clean_text(data[spec.id]) if spec.id in data else None


def _ticks(spec: FieldSpec, data: QueryDict, posted: bool) -> list[str] | None:
    if spec.id not in data and not posted:
        return None
    return [text for one in data.getlist(spec.id) if (text := clean_text(one)).strip()]


def _records(spec: FieldSpec, data: QueryDict, posted: bool) -> list[dict[str, str]] | None:
    """Return the rows in their order, without blank ones; only cells of the field's own columns are read."""
    if f"{spec.id}-rows" not in data:
        return None
    columns = {column.id for column in spec.item}
    shape = re.compile(rf"{re.escape(spec.id)}-([0-9]{{1,{LONGEST_INDEX}}})-(.+)")
    rows: dict[int, dict[str, str]] = {}
    for name in data:
        cell = shape.fullmatch(name)
        if cell and cell[2] in columns:
            rows.setdefault(int(cell[1]), {})[cell[2]] = clean_text(data[name])
    return [rows[number] for number in sorted(rows) if any(text.strip() for text in rows[number].values())]


Reader = Callable[[FieldSpec, QueryDict, bool], object | None]
READERS: Mapping[str, Reader] = {"multi": _ticks, "list": _records}


def typed_marks(programme: Programme, data: QueryDict) -> dict[str, Entered]:
    """Return marks, words and reasons as typed, for the rows that were posted, without what the writer yields."""
    yielded = set(data.getlist(THEIRS_MARKER))
    entries: dict[str, Entered] = {}
    for item in programme.rubric.items():
        parts = {
            part: None if f"{item.id}/{part}" in yielded else _optional(data.get(f"{part}-{item.id}"))
            for part in ("points", "words", "reason")
        }
        if any(text is not None for text in parts.values()):
            entries[item.id] = Entered(**parts)
    return entries


def seen_versions(data: QueryDict) -> dict[str, int] | None:
    """Return the version of each field or row that the writer had before his eyes; None where the page told none."""
    told = data.getlist("_seen")
    if not told:
        return None
    words = " ".join(told).split()[:MOST_SEEN]
    found = filter(None, map(SEEN.fullmatch, words))
    return {match["name"]: int(match["version"]) for match in found}


def asks_to_confirm(data: QueryDict) -> bool:
    """Return whether the button was pressed that confirms answers taken over from the last cycle."""
    return data.get("_then", "").startswith(CONFIRM)


def confirmed_fields(programme: Programme, data: QueryDict) -> list[str]:
    """Return the fields that the pressed button confirms: one, or all of a group."""
    named = data.get("_then", "").removeprefix(CONFIRM)
    groups = {f"group-{number}": specs for number, (_, specs) in enumerate(programme.field_groups())}
    return [spec.id for spec in groups[named]] if named in groups else [named]


def place_confirmed(data: QueryDict) -> str:
    """Return the part of the page that the pressed button stands in."""
    named = data.get("_then", "").removeprefix(CONFIRM)
    if not PLACE.fullmatch(named):
        return ""
    return named if named.startswith("group-") else f"field-{named}-field"


def typed_explanations(data: QueryDict) -> dict[str, str]:
    """Return the chamber's word on each finding, by its key."""
    return {name.removeprefix("explain-"): clean_text(data[name]) for name in data if name.startswith("explain-")}


def typed_replies(data: QueryDict) -> dict[str, str]:
    """Return the chamber's word on each item of a return."""
    return {
        name.removeprefix("reply-"): clean_text(data[name]) for name in data if name.startswith("reply-")
    }


def _optional(text: str | None) -> str | None:
    return None if text is None else clean_text(text)


def clean_text(text: str) -> str:
    """Return the text with one kind of line end, without the character that no database keeps."""
    return text.replace(NUL, "").replace("\r\n", "\n").replace("\r", "\n")
