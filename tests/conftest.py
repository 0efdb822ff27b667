"""What every test stands on: a storage folder of its own, and the database that was asked for."""

import os
import uuid
from pathlib import Path

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run on SQLite when PostgreSQL was asked for: the server is started by ``tests.postgres``."""
    if os.environ.get("TEST_DB") == "postgres" and not os.environ.get("DATABASE_URL"):
        raise pytest.UsageError("TEST_DB=postgres: run `python -m tests.postgres pytest …`, which starts the server")


@pytest.fixture(autouse=True)
def storage_root(settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Point the storage at a folder of this test alone; it is made when something is first stored."""
    root = tmp_path_factory.getbasetemp() / f"storage-{uuid.uuid4().hex}"
    settings.STORAGE_ROOT = settings.MEDIA_ROOT = root
    return root
