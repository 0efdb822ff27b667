"""The application form and the self-assessment as posted, turned into keywords of one action."""

import re
from collections.abc import Callable, Mapping

from django.http import QueryDict

from scoring.actions import Entered
from scoring.engine import FieldSpec, Programme

GROUP_MARKER = "_group"
NUL = "\x00"
LONGEST_INDEX = 4


def typed_answers(programme: Programme, data: QueryDict) -> dict[str, object]:
    """Return what was typed, by field, of the groups that were posted; nothing is judged and nothing thrown away.

    A field that was not drawn is left out. Boxes without a tick post nothing: they are empty when their group's
    marker came along.
    """
    groups = set(data.getlist(GROUP_MARKER))
    typed: dict[str, object] = {}
    for number, (_, specs) in enumerate(programme.field_groups()):
        for spec in specs:
            found = READERS.get(spec.kind, _line)(spec, data, str(number) in groups)
            if found is not None:
                typed[spec.id] = found
    return typed


def _line(spec: FieldSpec, data: QueryDict, posted: bool) -> str | None:
    return clean_text(data[spec.id]) if spec.id in data else None


def _ticks(spec: FieldSpec, data: QueryDict, posted: bool) -> list[str] | None:
    if spec.id not in data and not posted:
        return None
    return [clean_text(one) for one in data.getlist(spec.id) if one.strip()]


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
    """Return marks and words as typed, for the rows that were posted."""
    entries: dict[str, Entered] = {}
    for item in programme.rubric.items():
        points, words = data.get(f"points-{item.id}"), data.get(f"words-{item.id}")
        if points is not None or words is not None:
            entries[item.id] = Entered(points=_optional(points), words=_optional(words))
    return entries


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
