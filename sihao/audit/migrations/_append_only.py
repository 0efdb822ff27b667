"""The database's own refusal to change the trail; to be run again by every migration that rebuilds the entry table."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# SQLite empties tables by DELETE when a test database is flushed, so only PostgreSQL (TRUNCATE) refuses DELETE too.
PROTECT = {
    "postgresql": (
        """
        CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'audit_entry is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$
        """,
        "DROP TRIGGER IF EXISTS audit_entry_append_only ON audit_entry",
        """
        CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
        FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()
        """,
        'ALTER TABLE audit_entry ALTER COLUMN path TYPE varchar(100) COLLATE "C"',
    ),
    "sqlite": (
        "DROP TRIGGER IF EXISTS audit_entry_append_only",
        """
        CREATE TRIGGER audit_entry_append_only BEFORE UPDATE ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END
        """,
    ),
}
RELEASE = {
    "postgresql": (
        "DROP TRIGGER IF EXISTS audit_entry_append_only ON audit_entry",
        "DROP FUNCTION IF EXISTS audit_entry_refuse()",
        'ALTER TABLE audit_entry ALTER COLUMN path TYPE varchar(100) COLLATE "default"',
    ),
    "sqlite": ("DROP TRIGGER IF EXISTS audit_entry_append_only",),
}


def protect(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    """Create the trigger, replacing an older one."""
    for statement in PROTECT[editor.connection.vendor]:
        editor.execute(statement)


def release(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    """Remove the trigger."""
    for statement in RELEASE[editor.connection.vendor]:
        editor.execute(statement)


APPEND_ONLY = migrations.RunPython(protect, release, elidable=False)
