"""The database's own refusal to change the trail; to be run again by every migration that rebuilds such a table."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ENTRY, LINK, DAILY_HEAD = "audit_entry", "audit_link", "audit_dailyhead"
FUNCTION = """
    CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
BYTE_ORDER = 'ALTER TABLE audit_entry ALTER COLUMN path TYPE varchar(100) COLLATE "{}"'


def refusing(table: str, vendor: str) -> list[str]:
    """Return the statements that make the database refuse UPDATE and DELETE of a table."""
    if vendor == "postgresql":
        made = f"""
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()
        """
        return [FUNCTION, *releasing(table, vendor), made]
    made = [
        f"""
            CREATE TRIGGER {table}_{name} BEFORE {act} ON {table}
            BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
        """
        for name, act in (("append_only", "UPDATE"), ("stays", "DELETE"))
    ]
    return [*releasing(table, vendor), *made]


def releasing(table: str, vendor: str) -> list[str]:
    """Return the statements that take the refusal away."""
    if vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}"]
    return [f"DROP TRIGGER IF EXISTS {table}_{name}" for name in ("append_only", "stays")]


def append_only(table: str) -> migrations.RunPython:
    """Return the operation that makes a table append-only, replacing an older refusal."""

    def protect(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
        for statement in refusing(table, editor.connection.vendor):
            editor.execute(statement, None)
        if table == ENTRY and editor.connection.vendor == "postgresql":
            editor.execute(BYTE_ORDER.format("C"))

    def release(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
        for statement in releasing(table, editor.connection.vendor):
            editor.execute(statement)
        if table == ENTRY and editor.connection.vendor == "postgresql":
            editor.execute(BYTE_ORDER.format("default"))

    return migrations.RunPython(protect, release, elidable=False)


APPEND_ONLY = append_only(ENTRY)
