"""The roster of federations as rows of a file: what one row holds, how the file is read and written."""

import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path

from django.conf import settings

from sihao.accounts.roles import Level

FIXTURE: Path = settings.BASE_DIR / "fixtures" / "federations.json"
NATIONAL_CODE = "100000"


@dataclass(frozen=True)
class Federation:
    """One federation; ``parent`` and ``successor`` are codes, ``internal`` codes are ours and not GB/T 2260's."""

    code: str
    level: Level
    region: str
    name: str
    parent: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str = ""
    internal: bool = False
    formerly: str = ""


def read_federations(path: Path = FIXTURE) -> list[Federation]:
    """Return the rows of the file, superiors before inferiors as they are written."""
    return [_parse(row) for row in json.loads(path.read_text(encoding="utf-8"))["rows"]]


def write_federations(federations: Iterable[Federation], path: Path = FIXTURE, *, source: str) -> None:
    """Write the file, one row a line so that a change of one node is a change of one line."""
    head = json.dumps(
        {"source": source, "columns": [field.name for field in fields(Federation)]}, ensure_ascii=False
    )
    rows = ",\n".join(json.dumps(_row(one), ensure_ascii=False, separators=(",", ":")) for one in federations)
    path.write_text(f'{head[:-1]}, "rows": [\n{rows}\n]}}\n', encoding="utf-8")


def _row(federation: Federation) -> list[object]:
    return [value.isoformat() if isinstance(value, date) else value for value in astuple(federation)]


def _parse(row: list[object]) -> Federation:
    values = dict(zip((field.name for field in fields(Federation)), row, strict=True))
    values["level"] = Level(values["level"])
    for name in ("valid_from", "valid_to"):
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    return Federation(**values)


def chain_paths(federations: Iterable[Federation]) -> dict[str, str]:
    """Return the chain of every code ("/100000/410000/411100/"); superiors must come before inferiors."""
    paths = {"": "/"}
    for one in federations:
        paths[one.code] = f"{paths[one.parent]}{one.code}/"
    del paths[""]
    return paths
