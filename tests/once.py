"""A step of a test's world is walked once from one state of the database; after that its rows are put back.

Many tests stand on the same ground and take the same steps: a world is made, a case brought to its unit, a list sent
up. The first to come there walks the step by the program's own actions; what it wrote is kept, and whoever takes the
same step with the same words from the same state of the database is given the same rows, files, instant and result.
Steps are the functions of ``stages``, every action that a test calls itself, and what is marked ``@once``.

The state is followed by the statements that change it: every write leads to a state that nobody can come back to,
unless by a step of this kind, or by the savepoint that a test rolls back to. A test that changes the program
(``monkeypatch``), or counts its statements, walks every step itself from then on.
"""

import importlib
import inspect
import pickle
import pkgutil
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import wraps
from pathlib import Path
from random import Random
from threading import current_thread, main_thread
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from django.conf import UserSettingsHolder, settings
from django.db import DatabaseError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.test import TransactionTestCase

from declarations import actions
from declarations.demo import stages
from declarations.demo.stages import World

TESTS = str(Path(__file__).parent)
STEPS = (
    "file_case", "fresh", "to_unit", "shortlist", "hold_meeting", "seal", "send_up", "accept", "answer_yes",
    "pass_preliminary", "flag", "offer", "assign", "score", "sign_marks", "sign", "decide",
)
PLAIN = (str, bytes, int, float, Decimal, date, timedelta, UUID, type(None))
OF_EACH_TEST = {"STORAGE_ROOT", "MEDIA_ROOT"}
SAVEPOINT = re.compile(r"\s*(SAVEPOINT|ROLLBACK TO SAVEPOINT|RELEASE SAVEPOINT) (.+)")
READS = re.compile(r"\s*(SELECT|BEGIN|PRAGMA|EXPLAIN|SET|SHOW|LOCK|ANALYZE)\b", re.IGNORECASE)
WRITES = re.compile(r'\s*(?:INSERT INTO|INSERT OR IGNORE INTO|UPDATE|DELETE FROM) "?(\w+)', re.IGNORECASE)


class State:
    """What the database holds, as far as one can come back to it; with the steps that were walked from here."""

    __slots__ = ("__weakref__", "after", "lasting")

    def __init__(self, *, lasting: bool = False) -> None:
        self.after: dict[str, Walked] = {}
        self.lasting = lasting


@dataclass(frozen=True)
class Walked:
    """What a step did: the state it led to, rows and files, what waits for the commit, and all that it gave back."""

    state: State
    rows: bytes
    files: Mapping[str, bytes]
    later: list[Callable[[], None]]
    result: bytes


class Unnameable(Exception):
    """An argument has no value that could be compared."""


class Book:
    """The state of the test database now, the one at each savepoint, and the step that is being walked."""

    def __init__(self) -> None:
        self.empty = self.state = self.begun = State(lasting=True)
        self.saved: dict[str, State] = {}
        self.before: dict[str, dict[Any, Any]] | None = None
        self.off = False

    def note(self, sql: object) -> None:
        """Follow a statement before it is executed."""
        text = sql if isinstance(sql, str) else str(sql)
        if READS.match(text):
            return
        if found := SAVEPOINT.match(text):
            self._savepoint(*found.groups())
            return
        self.state = State()
        if self.before is None:
            return
        table = WRITES.match(text)
        if table is None or current_thread() is not main_thread():
            self.before = None
        elif table[1] not in self.before:
            self.before[table[1]] = rows_of(table[1])

    def _savepoint(self, act: str, name: str) -> None:
        if act == "SAVEPOINT":
            self.saved[name] = self.state
        elif act.startswith("ROLLBACK"):
            self.state = self.saved.get(name) or State()
        else:
            self.saved.pop(name, None)

    def lasts(self) -> bool:
        """Return whether somebody may come back to the state."""
        return self.state.lasting or any(one is self.state for one in self.saved.values())


BOOK = Book()


def install() -> None:
    """Follow what every connection writes, begins and takes back, and what a test does to the program."""
    for name in STEPS:
        setattr(stages, name, once(getattr(stages, name)))
    for module in modules_of(actions):
        for name, action in list(vars(module).items()):
            if inspect.isfunction(action) and not name.startswith("_") and _is_action(action):
                setattr(module, name, once(action, called_in=TESTS))
    execute, many = CursorWrapper.execute, CursorWrapper.executemany
    rollback, autocommit = BaseDatabaseWrapper.rollback, BaseDatabaseWrapper.set_autocommit

    def executing(self: CursorWrapper, sql: Any, params: Any = None) -> Any:
        BOOK.note(sql)
        return execute(self, sql, params)

    def executing_many(self: CursorWrapper, sql: Any, param_list: Any) -> Any:
        BOOK.note(sql)
        return many(self, sql, param_list)

    def rolling_back(self: BaseDatabaseWrapper) -> None:
        rollback(self)
        BOOK.state = BOOK.begun if current_thread() is main_thread() else State()
        BOOK.saved.clear()

    def committing(self: BaseDatabaseWrapper, value: bool, *rest: Any, **words: Any) -> None:
        if not value and current_thread() is main_thread():
            BOOK.begun = BOOK.state
        autocommit(self, value, *rest, **words)

    patching, undoing = pytest.MonkeyPatch.setattr, pytest.MonkeyPatch.undo

    def patched(self: pytest.MonkeyPatch, *args: Any, **words: Any) -> None:
        BOOK.off = True
        patching(self, *args, **words)

    def undone(self: pytest.MonkeyPatch) -> None:
        BOOK.off = False
        undoing(self)

    pytest.MonkeyPatch.setattr, pytest.MonkeyPatch.undo = patched, undone
    clearing = TransactionTestCase._fixture_teardown

    def cleared(self: TransactionTestCase) -> None:
        clearing(self)
        emptied()

    TransactionTestCase._fixture_teardown = cleared
    CursorWrapper.execute, CursorWrapper.executemany = executing, executing_many
    BaseDatabaseWrapper.rollback, BaseDatabaseWrapper.set_autocommit = rolling_back, committing


def modules_of(package: ModuleType) -> list[ModuleType]:
    """Return the modules of a package, with those of packages in it."""
    names = (found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))
    return [importlib.import_module(name) for name in names]


def _is_action(action: Callable[..., Any]) -> bool:
    return action.__module__.startswith(actions.__name__) and "now" in inspect.signature(action).parameters


def emptied() -> None:
    """Note that the tables are empty."""
    BOOK.state = BOOK.empty


def once(step: Callable[..., Any], called_in: str = "") -> Callable[..., Any]:
    """Walk a step once from one state with the same arguments; put its rows when it is asked for again.

    A step within a step is walked as part of it; so is one that is not called in the folder that is named.
    """
    signature = inspect.signature(step)

    @wraps(step)
    def walked(*args: Any, **words: Any) -> Any:
        if BOOK.off or BOOK.before is not None or not connection.in_atomic_block or connection.force_debug_cursor:
            return step(*args, **words)
        if called_in and not sys._getframe(1).f_code.co_filename.startswith(called_in):
            return step(*args, **words)
        if connection.needs_rollback or not BOOK.lasts():
            return step(*args, **words)
        bound = signature.bind(*args, **words)
        given = list(bound.arguments.values())
        try:
            key = repr((step.__module__, step.__qualname__, named(bound.arguments), _settings()))
        except Unnameable:
            return step(*args, **words)
        found = BOOK.state.after.get(key)
        if found is None:
            return _walk(step, args, words, key, given)
        try:
            return _put(found, given)
        except DatabaseError:  # rows that cannot come all at once, such as two that change places
            del BOOK.state.after[key]
            return step(*args, **words)

    return walked


def named(value: Any) -> Any:
    """Return what tells a value from others; of a row its columns, of a world its clock, its chances and its people."""
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, Model):
        return value._meta.label, [
            (field.attname, value.__dict__[field.attname])
            for field in value._meta.concrete_fields
            if field.attname in value.__dict__
        ]
    if isinstance(value, Random):
        return hash(value.getstate())
    if isinstance(value, Mapping):
        return [(named(key), named(one)) for key, one in value.items()]
    if isinstance(value, list | tuple):
        return [named(one) for one in value]
    if is_dataclass(value):
        return type(value).__qualname__, [named(getattr(value, field.name)) for field in fields(value)]
    raise Unnameable


def _settings() -> list[tuple[str, str]]:
    """Return the settings that are changed just now."""
    found, layer = {}, settings._wrapped
    while isinstance(layer, UserSettingsHolder):
        found = {name: repr(value) for name, value in vars(layer).items() if name.isupper()} | found
        layer = layer.default_settings
    return sorted((name, value) for name, value in found.items() if name not in OF_EACH_TEST)


def _walk(step: Callable[..., Any], args: Any, words: Any, key: str, given: list[Any]) -> Any:
    started, BOOK.before, files, waiting = BOOK.state, {}, _files(), len(connection.run_on_commit)
    try:
        result = step(*args, **words)
    finally:
        before, BOOK.before = BOOK.before, None
    if before is None:  # written in a way that cannot be followed
        return result
    changes = [(table, *_changes(rows, rows_of(table))) for table, rows in before.items()]
    root = Path(settings.STORAGE_ROOT)
    kept = {name: (root / name).read_bytes() for name in _files() - files}
    if before:
        BOOK.state = State(lasting=True)
    with suppress(pickle.PicklingError, AttributeError, TypeError):
        back = pickle.dumps((result, [_inner(one) for one in given]), pickle.HIGHEST_PROTOCOL)
        rows = pickle.dumps(changes, pickle.HIGHEST_PROTOCOL)
        later = [act for _, act, _ in connection.run_on_commit[waiting:]]
        started.after[key] = Walked(BOOK.state, rows, kept, later, back)
    return result


def _put(found: Walked, given: list[Any]) -> Any:
    with connection.connection.cursor() if connection.vendor == "postgresql" else _Lent() as cursor:
        cursor.execute("SAVEPOINT once")
        try:
            for table, gone, changed, new in pickle.loads(found.rows):  # noqa: S301 our own
                PUT[connection.vendor](cursor, table, gone, changed, new)
        except Exception as error:
            cursor.execute("ROLLBACK TO SAVEPOINT once")
            raise DatabaseError from error
        finally:
            cursor.execute("RELEASE SAVEPOINT once")
    for name, content in found.files.items():
        path = Path(settings.STORAGE_ROOT) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for act in found.later:
        transaction.on_commit(act)
    result, inner = pickle.loads(found.result)  # noqa: S301 our own
    for one, was in zip(given, inner, strict=True):
        _restore(one, was)
    BOOK.state = found.state
    return result


def _inner(value: Any) -> Any:
    """Return what a step may have changed of an argument: columns of a row, clock and chances of a world."""
    if isinstance(value, World):
        return value.clock.at, value.rng.getstate()
    if isinstance(value, Model):
        return {
            field.attname: value.__dict__[field.attname]
            for field in value._meta.concrete_fields
            if field.attname in value.__dict__
        }
    return None


def _restore(value: Any, was: Any) -> None:
    if isinstance(value, World):
        value.clock.at = was[0]
        value.rng.setstate(was[1])
    elif isinstance(value, Model):
        for name, column in was.items():
            if value.__dict__.get(name) != column:
                setattr(value, name, column)


def _files() -> set[str]:
    root = Path(settings.STORAGE_ROOT)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


# ---- rows


def _changes(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> tuple[list[Any], list[Any], list[Any]]:
    """Return the keys that are gone, and the rows that changed and that are new."""
    gone = [key for key in before if key not in after]
    changed = [row for key, row in after.items() if key in before and before[key] != row]
    return gone, changed, [row for key, row in after.items() if key not in before]


class _Lent:
    """The cursor of SQLite, as a context like that of PostgreSQL."""

    def __enter__(self) -> Any:
        return connection.connection.cursor()

    def __exit__(self, *raised: object) -> None:
        return None


_columns: dict[str, tuple[str, list[str]]] = {}


def columns_of(cursor: Any, table: str) -> tuple[str, list[str]]:
    """Return the key of a table, and its columns."""
    if table not in _columns:
        if connection.vendor == "sqlite":
            told = [(row[1], row[5]) for row in cursor.execute(f'PRAGMA table_info("{table}")').fetchall()]
        else:
            cursor.execute(
                "SELECT attname, attnum = ANY(coalesce(conkey, '{}')) FROM pg_attribute LEFT JOIN pg_constraint"
                " ON conrelid = attrelid AND contype = 'p' WHERE attrelid = %s::regclass AND attnum > 0"
                " AND NOT attisdropped ORDER BY attnum",
                [table],
            )
            told = cursor.fetchall()
        (key,) = [name for name, is_key in told if is_key]
        _columns[table] = key, [name for name, _ in told]
    return _columns[table]


def rows_of(table: str) -> dict[Any, Any]:
    """Return the rows of a table by their key, as the database itself writes them."""
    if connection.vendor == "sqlite":
        cursor = connection.connection.cursor()
        key, columns = columns_of(cursor, table)
        # A bare column would be turned into a Python value by its declared type.
        told = ", ".join(f'coalesce("{name}", NULL)' for name in columns)
        place = columns.index(key)
        return {row[place]: row for row in cursor.execute(f'SELECT {told} FROM "{table}"')}  # noqa: S608
    with connection.connection.cursor() as cursor:
        key, _ = columns_of(cursor, table)
        cursor.execute(f'SELECT one."{key}", one::text FROM "{table}" one')  # noqa: S608
        return dict(cursor.fetchall())


def _put_sqlite(cursor: Any, table: str, gone: list[Any], changed: list[Any], new: list[Any]) -> None:
    key, columns = columns_of(cursor, table)
    if gone:
        cursor.executemany(f'DELETE FROM "{table}" WHERE "{key}" = ?', [(one,) for one in gone])  # noqa: S608
    if changed:
        sets, place = ", ".join(f'"{name}" = ?' for name in columns), columns.index(key)
        rows = [(*row, row[place]) for row in changed]
        cursor.executemany(f'UPDATE "{table}" SET {sets} WHERE "{key}" = ?', rows)  # noqa: S608
    if new:
        names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
        cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', new)  # noqa: S608


def _put_postgresql(cursor: Any, table: str, gone: list[Any], changed: list[Any], new: list[Any]) -> None:
    key, columns = columns_of(cursor, table)
    if gone:
        cursor.execute(f'DELETE FROM "{table}" WHERE "{key}" = ANY(%s)', [gone])  # noqa: S608
    if changed:
        names = ", ".join(f'"{name}"' for name in columns)
        values = ", ".join(f'other."{name}"' for name in columns)
        cursor.execute(
            f'UPDATE "{table}" one SET ({names}) = ROW({values})'  # noqa: S608
            f' FROM unnest(%s::text[]::"{table}"[]) other WHERE one."{key}" = other."{key}"',
            [changed],
        )
    if new:
        cursor.execute(f'INSERT INTO "{table}" SELECT * FROM unnest(%s::text[]::"{table}"[])', [new])  # noqa: S608


PUT = {"sqlite": _put_sqlite, "postgresql": _put_postgresql}
