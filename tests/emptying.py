"""Emptying a test database: only the tables that have rows; what Django itself keeps there stays.

The trail refuses DELETE, so its refusal is taken away and put back (SQLite), or no trigger fires (PostgreSQL).
"""

from django.db import connection, transaction
from django.test import TransactionTestCase

from sihao.audit.migrations._append_only import DAILY_HEAD, ENTRY, LINK, refusing, releasing

KEPT = (ENTRY, LINK, DAILY_HEAD)
OF_DJANGO = {"django_content_type", "auth_permission", "django_migrations"}


def tables_with_rows() -> list[str]:
    """Return the tables of all models that hold a row."""
    names = sorted(set(connection.introspection.django_table_names(include_views=False)) - OF_DJANGO)
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in names)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [name for (name,) in cursor.fetchall()]


def empty() -> None:
    """Delete every row that a test has written."""
    found = tables_with_rows()
    on_sqlite = connection.vendor == "sqlite"
    with connection.constraint_checks_disabled(), transaction.atomic(), connection.cursor() as cursor:
        before = [one for table in KEPT for one in releasing(table, "sqlite")] if on_sqlite else []
        after = [one for table in KEPT for one in refusing(table, "sqlite")] if on_sqlite else []
        if not on_sqlite:
            before = ["SET LOCAL session_replication_role = replica"]
        for statement in (*before, *(f'DELETE FROM "{table}"' for table in found), *after):  # noqa: S608
            cursor.execute(statement)


def install() -> None:
    """Let every test that commits be cleared up so."""

    def emptied(self: TransactionTestCase) -> None:
        empty()

    TransactionTestCase._fixture_teardown = emptied
