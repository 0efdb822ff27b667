"""Emptying a test database on SQLite: the trail refuses DELETE there, so its refusal is taken away and put back."""

from typing import Any

from django.db.backends.sqlite3.base import DatabaseOperations  # operations alone cannot be imported first

from sihao.audit.migrations._append_only import DAILY_HEAD, ENTRY, LINK, refusing, releasing

KEPT = (ENTRY, LINK, DAILY_HEAD)
_sql_flush = DatabaseOperations.sql_flush


def sql_flush(self: DatabaseOperations, style: Any, tables: list[str], **words: Any) -> list[str]:
    """Return Django's statements between two of ours."""
    before = [statement for table in KEPT for statement in releasing(table, "sqlite")]
    after = [statement for table in KEPT for statement in refusing(table, "sqlite")]
    found = _sql_flush(self, style, tables, **words)
    return [*before, *found, *after] if found else []


def install() -> None:
    """Let every test database be emptied so."""
    DatabaseOperations.sql_flush = sql_flush
