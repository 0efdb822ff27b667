"""A programme file's data onto sheets of texts."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from scoring.editing.layout import FIELDS, HEAD, SHEETS, Column
from scoring.editing.rulewords import Names, write_rule
from scoring.editing.toml import inline, lines_of

Texts = dict[str, str]
Content = dict[str, Any]
"""By sheet its rows, each a text by column; ``head`` is one row."""

GATE_LIMIT = {"min_total": "threshold", "max_not_full": "max_not_full"}


def content_of(data: Mapping[str, Any]) -> Content:
    """Return the sheets of a programme file; the loader must have accepted it."""
    names = Names({one["id"]: one["label"] for one in data.get("fields", [])})
    content: Content = {
        "head": _texts(HEAD.columns, _head(data), names),
        **{name: [] for name in SHEETS if name != "head"},
    }
    for section in data["sections"]:
        content["sections"].append(_row("sections", section, names))
        for group in section["groups"]:
            content["groups"].append(_row("groups", {**group, "section": section["code"]}, names))
            content["rows"] += [
                _row("rows", {"fields": [], **item, "group": group["code"]}, names) for item in group["items"]
            ]
    content["gates"] = [_row("gates", _gate(one), names) for one in data["gates"]]
    for name, key in (("fields", "fields"), ("checks", "cross_checks"), ("stages", "stages")):
        content[name] = [_row(name, one, names) for one in data.get(key, [])]
    return content


def _head(data: Mapping[str, Any]) -> Mapping[str, Any]:
    period, marks = data["period"], data.get("marks", {})
    return {
        **{key: value for key, value in data.items() if key not in {"period", "marks"}},
        **{f"period_{key}": value for key, value in period.items()},
        **{f"{mark}_{key}": value for mark, spec in marks.items() for key, value in spec.items()},
    }


def _gate(gate: Mapping[str, Any]) -> Mapping[str, Any]:
    limit = GATE_LIMIT.get(gate["type"], "")
    reading = gate.get("boundary_passes")
    told = {**gate, "limit": gate.get(limit, "")}
    return {**told, "boundary_passes": "" if reading is None else inline(reading)}


def _row(sheet: str, row: Mapping[str, Any], names: Names) -> Texts:
    return _texts(SHEETS[sheet].columns, row, names)


def _texts(columns: tuple[Column, ...], row: Mapping[str, Any], names: Names) -> Texts:
    known = {column.key for column in columns}
    more = {key: value for key, value in row.items() if key not in known}
    told = {"more": lines_of(more)} if "more" in known else {}
    return {
        column.key: told.get(column.key) or _text(column, row[column.key], names)
        for column in columns
        if column.key in row or told.get(column.key)
    }


def _text(column: Column, value: object, names: Names) -> str:
    match column.kind, value:
        case "rule", Mapping():
            return write_rule(value, names)
        case "choice", str():
            return column.words.get(value, value)
        case "list", list():
            plain = all(one.strip() == one and one and not set(one) & set("；;\n") for one in value)
            return "；".join(value) if plain and value and not value[0].startswith("[") else inline(value)
        case "inline", _:
            return inline(value)
        case _, bool():
            return "是" if value else "否"
        case _, Decimal():
            return f"{value:f}"
        case _, date():
            return value.isoformat()
    return str(value)


def labels(content: Content) -> Names:
    """Return the fields of the sheets by code and label."""
    rows = content.get(FIELDS.name, [])
    return Names(
        {row["id"].strip(): row.get("label", "").strip() for row in rows if row.get("id", "").strip()}
    )
