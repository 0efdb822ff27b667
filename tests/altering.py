"""A database client to whom no rule of the house is sacred: alters one column of one row, whatever its kind."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, connection, models, transaction

from sihao.audit.migrations._append_only import DAILY_HEAD, ENTRY, LINK, releasing

PROTECTED = (ENTRY, LINK, DAILY_HEAD)
ROWS = 20
CENT = Decimal("0.01")


def release(table: str) -> None:
    """Take away the database's own refusal to change a table of the trail."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in releasing(table, connection.vendor) if table in PROTECTED else ():
            cursor.execute(statement)


def alter(model: type[models.Model], name: str, rows: int = ROWS) -> bool:
    """Alter one column of one row in which the database takes another value; tell whether there is one.

    The least change: another last character, one more, a microsecond, a cent, another key that exists.
    """
    release(model._meta.db_table)
    field = model._meta.get_field(name)
    for row in models.QuerySet(model).order_by(f"-{field.attname}", "pk")[:rows]:
        for value in others(field, getattr(row, field.attname)):
            if _written(model, row.pk, field, value):
                return True
    return False


def _written(model: type[models.Model], pk: Any, field: models.Field, value: Any) -> bool:
    """Write past model and manager; False where a constraint of the database refuses it."""
    try:
        with transaction.atomic():
            models.QuerySet(model).filter(pk=pk).update(**{field.attname: value})
            connection.check_constraints(None if field.primary_key else [model._meta.db_table])
    except DatabaseError:
        return False
    return True


def others(field: models.Field, value: Any) -> Iterator[Any]:
    """Yield values near a column's own, the nearest first."""
    if field.is_relation:
        known = field.target_field.model._base_manager.exclude(pk=value).order_by("-pk")
        yield from known.values_list("pk", flat=True)[:5]
    elif field.choices:
        yield from (one for one, _ in field.flatchoices if one != value)
    elif isinstance(field, models.JSONField):
        yield near(value)
    elif value is None:
        yield {"DateTimeField": datetime.fromisoformat("2020-10-01T00:00:00+08:00")}.get(field.get_internal_type(), 1)
    else:
        yield near(value)
        yield near(near(near(value)))
        if isinstance(value, (int, Decimal)):
            yield value - CENT if isinstance(value, Decimal) else value + 1000


def near(value: Any) -> Any:
    """Return a value that differs by as little as its kind allows, of a list or an object in its first part."""
    match value:
        case str():
            return f"{value[:-1]}{chr(ord(value[-1]) ^ 1)}" if value else "x"
        case bool():
            return not value
        case datetime():
            return value + timedelta(microseconds=1)
        case date():
            return value + timedelta(days=1)
        case Decimal():
            return value + CENT
        case int() | float():
            return value + 1
        case None:
            return 0
        case list():
            return [near(value[0]), *value[1:]] if value else [0]
        case dict():
            first = next(iter(value), None)
            return value | {first: near(value[first])} if first is not None else {"x": 0}
    raise TypeError(type(value))
