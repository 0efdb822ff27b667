"""What every test stands on: a storage folder of its own, and the database that was asked for."""

import gc
import os
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from tests import emptying, tables

# A busy machine is no fault of what is generated. The gate tries the same examples every time; a search for new ones is
# asked for by name (`--hypothesis-profile=search`).
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("house", settings.get_profile("search"), derandomize=True)
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run on SQLite when PostgreSQL was asked for: the server is started by ``tests.postgres``."""
    if os.environ.get("TEST_DB") == "postgres" and not os.environ.get("DATABASE_URL"):
        raise pytest.UsageError("TEST_DB=postgres: run `python -m tests.postgres pytest …`, which starts the server")
    emptying.install()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let a kept world be checked once; the applications are ready now."""
    from tests import kept

    kept.install()


ASKING = {"db", "transactional_db", "django_db_setup"}
"""Fixtures that stand for a database."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks a database: the rest is the same on every one, so that PostgreSQL does not repeat it."""
    for item in items:
        if item.get_closest_marker("django_db") or ASKING & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Take what was imported and collected out of the collector's sight: it stays until the end anyway."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Let tables that are there already stay: on SQLite they may have been copied."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def empty_tables() -> bool:
    """Copy the empty tables of an earlier run, if there are any; the folder of the database is this run's alone."""
    return connection.vendor == "sqlite" and tables.take(Path(connection.settings_dict["TEST"]["NAME"]))


@pytest.fixture(scope="session")
def django_db_setup(empty_tables: bool, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Make the tables, and keep them for later runs."""
    if connection.vendor == "sqlite" and not empty_tables:
        with django_db_blocker.unblock():
            connection.ensure_connection()
            tables.leave(connection.connection)


@pytest.fixture(autouse=True)
def storage_root(settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Point the storage at a folder of this test alone; it is made when something is first stored."""
    root = tmp_path_factory.getbasetemp() / f"storage-{uuid.uuid4().hex}"
    settings.STORAGE_ROOT = settings.MEDIA_ROOT = root
    return root


@pytest.fixture(scope="module")
def browser() -> Any:
    """Return the browser of this run: two at a time in one process would break each other."""
    from tests.browser import kept

    return kept()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Put the browser away before a test that drives none: it has the loop of the thread for itself."""
    if item.get_closest_marker("e2e") is None:
        put_browser_away()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave no browser behind."""
    put_browser_away()


def put_browser_away() -> None:
    """End the browser, if this run has one."""
    if "tests.browser" in sys.modules:
        sys.modules["tests.browser"].put_away()
