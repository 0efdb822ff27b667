"""Sort chains byte by byte on PostgreSQL, so that a subtree is one range of the index whatever the server's locale."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ALTER = 'ALTER TABLE accounts_organisation ALTER COLUMN path TYPE varchar(100) COLLATE "{collation}"'


def sort_by_bytes(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    """Give the column the C collation; SQLite compares bytes already."""
    if editor.connection.vendor == "postgresql":
        editor.execute(ALTER.format(collation="C"))


def sort_by_locale(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    """Give the column the database's own collation back."""
    if editor.connection.vendor == "postgresql":
        editor.execute(ALTER.format(collation="default"))


class Migration(migrations.Migration):
    """After the tables."""

    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(sort_by_bytes, sort_by_locale, elidable=False)]
