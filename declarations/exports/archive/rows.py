"""Rows of the database as JSON that can be read without it: every column, and the names of whom keys stand for."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import ForeignKey, Model, QuerySet

from declarations.models import Declaration
from sihao.accounts.models import Organisation, Seat
from sihao.audit.canonical import instant

PAGE = 500
NEVER = frozenset({"stored", "token"})
"""Columns that mean nothing outside the house: where a file lies, what a form was sent with."""

Rows = Iterable[Mapping[str, Any]]


class Names:
    """What seats, bodies and cases are called, read a page of rows at a time and remembered."""

    def __init__(self) -> None:
        self._known: dict[type[Model], dict[int, str]] = {Seat: {}, Organisation: {}, Declaration: {}}

    def learn(self, rows: Sequence[Model]) -> None:
        """Read the names that the rows need and nobody has asked for; three queries at most."""
        wanted: dict[type[Model], set[int]] = {model: set() for model in self._known}
        for row in rows:
            for field in row._meta.concrete_fields:
                if field.related_model in wanted:
                    wanted[field.related_model].add(getattr(row, field.attname))
        for model, keys in wanted.items():
            if missing := keys - self._known[model].keys() - {None}:
                self._known[model] |= _NAMED[model](missing)

    def of(self, model: type[Model], key: int) -> str | None:
        """Return a name; None for a model whose rows have none."""
        return self._known[model].get(key, "") if model in self._known else None


def _seats(keys: Iterable[int]) -> dict[int, str]:
    found = Seat.objects.filter(pk__in=keys).select_related("user", "organisation")
    return {seat.pk: str(seat) for seat in found}


def _organisations(keys: Iterable[int]) -> dict[int, str]:
    return dict(Organisation.objects.filter(pk__in=keys).values_list("pk", "name"))


def _cases(keys: Iterable[int]) -> dict[int, str]:
    return dict(Declaration.objects.filter(pk__in=keys).values_list("pk", "number"))


_NAMED = {Seat: _seats, Organisation: _organisations, Declaration: _cases}


def row_of(row: Model, names: Names, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return a row with every column but those that are left out."""
    left_out = NEVER | without | row.get_deferred_fields()
    fields = [field for field in row._meta.concrete_fields if not {field.name, field.attname} & left_out]
    return {field.name: _told(row, field, names) for field in fields}


def _told(row: Model, field: Any, names: Names) -> Any:
    value = getattr(row, field.attname)
    if not isinstance(field, ForeignKey) or value is None:
        return plain(value)
    name = names.of(field.related_model, value)
    called = "number" if field.related_model is Declaration else "name"
    return value if name is None else {"id": value, called: name}


def plain(value: Any) -> Any:
    """Return a value as JSON has it: instants in UTC to the microsecond, decimals by their digits."""
    if isinstance(value, datetime):
        return instant(value)
    return str(value) if isinstance(value, (date, Decimal, UUID)) else value


def paged(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """Yield the rows a page at a time, by their keys."""
    after, known = 0, rows.order_by("pk")
    while page := list(known.filter(pk__gt=after)[:PAGE]):
        yield page
        after = page[-1].pk


def rows_of(rows: QuerySet[Any], names: Names, without: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """Yield the rows as they are written, a page read at a time."""
    for page in paged(rows):
        names.learn(page)
        for row in page:
            yield row_of(row, names, without)


def write_tables(path: Path, tables: Mapping[str, Rows]) -> None:
    """Write tables as one JSON object, a row to a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for place, (title, rows) in enumerate(tables.items()):
            file.write(f"{',' if place else '{'}\n{json.dumps(title, ensure_ascii=False)}: [")
            for number, row in enumerate(rows):
                spelled = json.dumps(row, ensure_ascii=False, sort_keys=True)
                file.write(f"{',' if number else ''}\n {spelled}")
            file.write("\n]")
        file.write("\n}\n")
