"""Writing TOML: what ``tomllib`` reads, in the spelling of a programme file."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

BARE = re.compile(r"[A-Za-z0-9_-]+")
TABLES = ("gates", "stages", "fields", "sections", "cross_checks")
"""What stands as an array of tables of its own; whatever else is a table stands in its line."""

NESTED = {"sections": "groups", "sections.groups": "items"}


class NotToml(ValueError):
    """A text that is no TOML."""


def dumps(data: Mapping[str, Any]) -> str:
    """Return the data as a TOML text; what ``tomllib`` makes of it (figures as Decimal) equals the data."""
    lines = [f"{_key(name)} = {inline(value)}" for name, value in data.items() if name not in TABLES]
    for name in (name for name in data if name in TABLES):
        lines += _tables(name, data[name])
    return "\n".join([*lines, ""])


def _tables(path: str, rows: list[Mapping[str, Any]]) -> Iterator[str]:
    inner = NESTED.get(path)
    for row in rows:
        yield from ("", f"[[{path}]]")
        yield from (f"{_key(name)} = {inline(value)}" for name, value in row.items() if name != inner)
        if inner in row:
            yield from _tables(f"{path}.{inner}", row[inner])


def inline(value: object) -> str:
    """Return a value as it stands in one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case int() | Decimal():
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        case date():
            return value.isoformat()
        case list() | tuple():
            return f"[{', '.join(map(inline, value))}]"
        case Mapping():
            return "{" + ", ".join(f"{_key(name)} = {inline(one)}" for name, one in value.items()) + "}"
    raise TypeError(f"no TOML for {type(value)}")


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else inline(name)


def lines_of(data: Mapping[str, Any]) -> str:
    """Return a few keys, one a line."""
    return "\n".join(f"{_key(name)} = {inline(value)}" for name, value in data.items())


def parse(text: str) -> dict[str, Any]:
    """Return the data of a text. Raises ``NotToml`` with what is wrong."""
    try:
        return tomllib.loads(text.replace("\r\n", "\n"), parse_float=Decimal)
    except RecursionError:
        raise NotToml("嵌套过深") from None
    except (ValueError, ArithmeticError) as error:
        raise NotToml(str(error)[:80]) from None


def parse_inline(text: str) -> object:
    """Return the value that a one-line text spells. Raises ``NotToml``."""
    data = parse(f"x = {text.strip()}")
    if set(data) != {"x"}:
        raise NotToml("只应有一个值")
    return data["x"]
