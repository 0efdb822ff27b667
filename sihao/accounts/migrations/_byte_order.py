"""Chains compare byte by byte: a jurisdiction is a range of an index, which a language's own order would break."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLES = ("accounts_organisation", "accounts_mail")
ALTER = 'ALTER TABLE {table} ALTER COLUMN path TYPE varchar(100) COLLATE "{collation}"'


def alter(editor: BaseDatabaseSchemaEditor, collation: str) -> None:
    """Change the columns' order on PostgreSQL; SQLite compares bytes already."""
    if editor.connection.vendor == "postgresql":
        for table in TABLES:
            editor.execute(ALTER.format(table=table, collation=collation))


def to_bytes(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    """Give the columns the C collation."""
    alter(editor, "C")


def back(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    """Give the columns the database's own collation again."""
    alter(editor, "default")


BYTE_ORDER = migrations.RunPython(to_bytes, back, elidable=False)
