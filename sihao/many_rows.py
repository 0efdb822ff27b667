"""Writing many rows of one table at once: what a form, a sheet or a layer of marks changes."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction


def insert(
    model: type[models.Model],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    meets: Sequence[str] = (),
    renews: Sequence[str] = (),
) -> None:
    """Write rows by the values of their columns, in as few statements as the database takes; they get new keys.

    ``names`` are attributes of the model, the key of a row by its column (``set_by_id``). A row that is there already
    by what it ``meets`` gets the values of what it ``renews``. Django's own ``bulk_create`` takes three times as long:
    it asks each value anew whether it is an expression.
    """
    read = list(zip(*rows, strict=True))
    if not read:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    fields = {field.attname: field for field in model._meta.concrete_fields}
    columns = [[*_stored(fields[name], values, connection)] for name, values in zip(names, read, strict=True)]
    lines = list(zip(*columns, strict=True))
    quoted = {name: connection.ops.quote_name(fields[name].column) for name in names}
    told = f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({', '.join(quoted.values())}) VALUES "  # noqa: S608 names of our own columns
    line = f"({', '.join(['%s'] * len(names))})"
    renewed = ", ".join(f"{quoted[name]} = EXCLUDED.{quoted[name]}" for name in renews)
    met = f" ON CONFLICT ({', '.join(quoted[name] for name in meets)}) DO UPDATE SET {renewed}" if meets else ""
    most = (connection.features.max_query_params or MOST_VALUES) // len(names)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for start in range(0, len(lines), most):
            some = lines[start : start + most]
            cursor.execute(told + ", ".join([line] * len(some)) + met, [value for one in some for value in one])


MOST_VALUES = 60_000
"""PostgreSQL takes 65,535 in one statement."""


def _stored(field: models.Field, values: Iterable[Any], connection: Any) -> Iterator[Any]:
    """Yield the values as the database takes them; those of the rows of one act are often the same."""
    known: dict[tuple[type, Any], Any] = {}
    for value in values:
        key = (type(value), value if isinstance(value, Hashable) else id(value))
        if key not in known:
            known[key] = field.get_db_prep_save(value, connection)
        yield known[key]
