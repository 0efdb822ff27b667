"""The one process of the embedded default, started as a user starts it."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from sihao.jobs.worker import SWEEP_EVERY
from tests import tables

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """A running ``manage.py up`` on a data folder of its own, watched through its database file and its port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen | None = None

    def manage(self, *command: str) -> list[str]:
        return [sys.executable, "-X", "utf8", str(ROOT / "manage.py"), *command]

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "TEST_DB"}}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "tests.jobs.sample_settings",
            "SIHAO_DATA": str(self.folder),
            "PYTHONUNBUFFERED": "1",
        }

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.manage("up", "--port", str(self.port)),
            cwd=ROOT,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self.until(self.answers, "the site answers")

    def answers(self) -> bool:
        try:
            return self.get("/static/css/tokens.css")[0] == 200
        except ConnectionError:
            return False

    def get(self, path: str) -> tuple[int, bytes]:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()

    def stop(self, how: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(how)
        output, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, output

    def close(self) -> None:
        """End a process that still runs, whatever the test left undone."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.communicate()

    def until(self, holds, what: str):
        """Wait until it holds and return what it gave; a process that died in between fails at once."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                pytest.fail(f"up ended: {self.process.communicate()[0]}")
            found = holds()
            if found:
                return found
            time.sleep(0.1)
        return pytest.fail(f"not in {PATIENCE} s: {what}")

    @property
    def database(self) -> Path:
        return self.folder / "sihao.sqlite3"

    def ask(self, statement: str, *words: object) -> list[sqlite3.Row]:
        """Let the site's database do a statement, as another process would."""
        with closing(sqlite3.connect(self.database, timeout=20)) as database, database:
            database.row_factory = sqlite3.Row
            return database.execute(statement, words).fetchall()

    def forget_sessions(self) -> None:
        """Let the tables be those of a time when there were no sessions."""
        self.ask("DROP TABLE django_session")
        self.ask("DELETE FROM django_migrations WHERE app = 'sessions'")

    def put_job(self, *, lines: int, pause: float, kind: str = "sample") -> str:
        """Write a job as another process would whose message was lost; return its number."""
        number = uuid.uuid4().hex
        row = {
            "number": number,
            "kind": kind,
            "label": "示例任务",
            "arguments": json.dumps({"lines": lines, "pause": pause}),
            "state": "queued",
            "created_at": "2020-05-01 01:00:00",
        }
        blank = ("worker", "result_name", "result_file", "error")
        row |= dict.fromkeys(blank, "") | dict.fromkeys(("done", "total", "attempts", "paced_from"), 0)
        names, places = ", ".join(row), ", ".join("?" * len(row))
        self.ask(f"INSERT INTO jobs_job ({names}) VALUES ({places})", *row.values())  # noqa: S608 constant names
        return number

    def job(self, number: str) -> dict:
        found = self.ask("SELECT * FROM jobs_job WHERE ? IN (number, key)", number)
        return dict(found[0]) if found else {"state": "absent"}

    def job_in(self, number: str, state: str) -> dict:
        def holds() -> dict | None:
            job = self.job(number)
            return job if job["state"] == state else None

        return self.until(holds, f"job {state}: {self.job(number)}")


@pytest.fixture
def site(tmp_path, django_db_setup):
    """A site on the empty tables of the test run; none of them where these were not kept."""
    with closing(Site(tmp_path)) as running:
        tables.take(running.database)
        yield running


def test_up_brings_its_tables_up_to_date_serves_and_works_until_the_keyboard_interrupts_it(site):
    (site.folder / "rehearsal.json").write_text('{"shift_seconds": -3600}')
    site.forget_sessions()
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        site.ask("SELECT * FROM django_session")
    waiting, first = site.put_job(lines=3, pause=0), site.put_job(kind="chain", lines=1, pause=0)

    site.start()

    assert site.ask("SELECT * FROM django_session") == []
    job = site.job_in(waiting, "done")
    assert (job["done"], job["total"], job["attempts"], job["result_name"]) == (3, 3, 1, "示例.txt")
    assert (site.folder / "files" / job["result_file"]).read_text(encoding="utf-8") == "第1行\n第2行\n第3行\n"
    site.job_in(first, "done")
    before = time.monotonic()
    site.job_in("chained", "done")
    assert time.monotonic() - before < SWEEP_EVERY / 2, "its own pages' work waits for no sweep"
    status, output = site.stop(signal.SIGINT)
    assert status == 0
    assert f"已启动，请在浏览器打开： http://127.0.0.1:{site.port}/" in output
    assert "绝不可对外提供服务" in output, "a rehearsal is told"
    assert output.splitlines()[-1] == "已停止。"
    assert "Traceback" not in output


def test_up_killed_in_the_middle_of_a_job_does_it_again_after_the_restart(site):
    number = site.put_job(lines=1000, pause=0.05)
    site.start()
    site.job_in(number, "running")
    site.stop(signal.SIGKILL)
    # Two minutes later: the lease is over and the rest of the work is short.
    site.ask(
        "UPDATE jobs_job SET lease_until = '2020-05-01 01:00:00', arguments = ?", json.dumps({"lines": 2, "pause": 0})
    )

    site.start()

    job = site.job_in(number, "done")
    assert (job["attempts"], job["done"], job["total"]) == (2, 2, 2)
    assert (site.folder / "files" / job["result_file"]).read_text(encoding="utf-8") == "第1行\n第2行\n"
    assert_a_second_one_says_that_the_port_is_taken(site)
    status, output = site.stop(signal.SIGTERM)
    assert (status, "绝不可对外提供服务" in output, "Traceback" in output) == (0, False, False)


def assert_a_second_one_says_that_the_port_is_taken(site):
    finished = subprocess.run(
        site.manage("up", "--port", str(site.port)),
        cwd=ROOT,
        env=site.environment(),
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    assert finished.returncode == 1
    assert f"端口 {site.port} 不能使用" in finished.stderr
    assert "Traceback" not in finished.stderr
