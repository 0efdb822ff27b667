"""Empty tables made once: every later run of the tests on SQLite copies them instead of migrating anew.

The copy lies among the temporary files under the digest of all migrations and of what runs them; whatever changes
there makes a new one. PostgreSQL migrates every time: its server lives for one run.
"""

import hashlib
import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[1]


def template() -> Path:
    """Return where the empty tables of these migrations lie, or will lie."""
    found = hashlib.sha256(f"{django.__version__} {sys.version}".encode())
    for path in sorted(ROOT.glob("**/migrations/*.py")):
        if ".venv" not in path.parts:
            found.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    user = os.getuid()
    return Path(tempfile.gettempdir()) / f"sihao-tables-{user}-{found.hexdigest()[:24]}.sqlite3"


def take(database: Path) -> bool:
    """Put the empty tables where a database is to be; return whether there were any."""
    made = template()
    if not made.exists() or made.stat().st_uid != os.getuid():
        return False
    shutil.copyfile(made, database)
    return True


def leave(connection: sqlite3.Connection) -> None:
    """Keep the empty tables of an open database for later runs; whole, or not at all."""
    made = template()
    part = made.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(part)) as copy:
        connection.backup(copy)
    part.replace(made)
