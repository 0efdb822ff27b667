"""A throw-away PostgreSQL server: ``python -m tests.postgres pytest …`` runs a program beside one and stops it after.

The server listens on a socket in a temporary folder only, syncs nothing to disk and is gone with that folder.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")


def program(name: str) -> str:
    """Return where a server program is: on the search path, or in the newest of Debian's version folders."""
    found = shutil.which(name)
    if found:
        return found
    folders = sorted(DEBIAN.glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    for folder in folders:
        if (folder / name).exists():
            return str(folder / name)
    raise SystemExit(f"{name} not found: install postgresql (see .ci/setup)")


@contextmanager
def server() -> Iterator[str]:
    """Start a server, yield its address (DATABASE_URL) and stop it whatever happens.

    PostgreSQL refuses to run as root, so root hands it to ``nobody``.
    """
    account = {}
    with tempfile.TemporaryDirectory(prefix="sihao-pg-") as folder:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        data = f"{folder}/data"

        def run(*command: str) -> None:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **account)

        run(program("initdb"), "-D", data, "-U", "sihao", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"-c listen_addresses= -k {folder} -F -c full_page_writes=off -c synchronous_commit=off"
        options += " -c max_connections=260"  # two hundred people at once, each on a connection of their own
        # Vacuum sees none of the rows that a test rolls back, counts a table empty, and the planner believes it:
        # with the rows of a later test there the same statement then takes an hour instead of milliseconds.
        options += " -c autovacuum=off"
        options += " -c statement_timeout=300s"  # a statement that waits for ever is an error that names it
        options += " -c jit=off"  # without statistics every plan looks dear enough to be compiled, and none is
        control = program("pg_ctl")
        run(control, "-w", "-D", data, "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql://sihao@/postgres?host={folder}"
        finally:
            run(control, "-w", "-D", data, "-m", "immediate", "stop")


def main(command: list[str]) -> int:
    """Run the command with DATABASE_URL set and return its exit status; "pytest" is this environment's own."""
    if command[:1] == ["pytest"]:
        command = [sys.executable, "-m", *command]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with server() as url:
        return subprocess.run(
            command, check=False, env=os.environ | {"DATABASE_URL": url, "TEST_DB": "postgres"}
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
