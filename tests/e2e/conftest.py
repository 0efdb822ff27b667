"""A served demo world for browser tests: built once by the demo command, copied for each test, served by ``up``."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.browser import PATIENCE
from tests.tables import leave, take

ROOT = Path(__file__).resolve().parents[2]
START = 90.0


def environment() -> dict[str, str]:
    left = {"DATABASE_URL", "TEST_DB", "CELERY_BROKER_URL", "SIHAO_DATA"}
    kept = {name: value for name, value in os.environ.items() if name not in left}
    return kept | {"DJANGO_SETTINGS_MODULE": "tests.e2e.settings", "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}


class House:
    """The program, loaded once for all worlds: it starts commands on them at once."""

    def __init__(self, place: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "e2e" / "warm.py")],
            cwd=ROOT,
            env=environment() | {"SIHAO_DATA": str(place)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **order: object) -> int | None:
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def start(
        self, folder: Path, *command: str, out: str = os.devnull, errors: str = "", **options: object
    ) -> "Running":
        """Start one of the commands of ``manage.py`` on a world."""
        order = {"folder": str(folder), "command": command, "options": options, "out": out, "errors": errors}
        return Running(self, self.ask(**order))

    def do(self, folder: Path, *command: str, **options: object) -> None:
        """Carry a command out; a test fails where it does."""
        assert self.start(folder, *command, **options).wait() == 0, command

    def told(self, folder: Path, code: str) -> str:
        """Return what some code prints that is run on a world."""
        answer = folder / "told"
        self.do(folder, "shell", out=str(answer), command=code, verbosity=0, no_imports=True)
        return answer.read_text(encoding="utf-8")

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@dataclass
class Running:
    """A command that runs."""

    house: House
    pid: int

    def ended(self) -> bool:
        return self.house.ask(ended=self.pid, wait=False) is not None

    def wait(self) -> int | None:
        return self.house.ask(ended=self.pid, wait=True)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.wait()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with closing(House(tmp_path_factory.mktemp("house"))) as one:
        yield one


@pytest.fixture(scope="session")
def ground(house: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay the ground of every demo world: tables, federations, programmes."""
    folder = tmp_path_factory.mktemp("ground")
    database = folder / "sihao.sqlite3"
    if not take(database):
        house.do(folder, "migrate", verbosity=0)
        with closing(sqlite3.connect(database)) as made:
            leave(made)
    house.do(folder, "load_federations")
    house.do(folder, "load_programmes")
    return folder


def demo_world(house: House, ground: Path, folder: Path, chambers: int, **more: object) -> Path:
    """Build a demo world as ``make demo`` does: the four chambers that have accounts, and some more."""
    shutil.copytree(ground, folder, dirs_exist_ok=True)
    house.do(folder, "demo", chambers=chambers, **more)
    return folder


@pytest.fixture(scope="session")
def demo_folder(house: House, ground: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the demo world with the four chambers that have accounts, all of them drafts."""
    return demo_world(house, ground, tmp_path_factory.mktemp("demo"), 0)


@dataclass
class Site:
    """A served copy of the demo world."""

    folder: Path
    port: int
    process: Running

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def faults(self) -> list[str]:
        """Return what the site itself calls an error; each answer of 500 and more is one."""
        lines = (self.folder / "log").read_text(encoding="utf-8").splitlines()
        return [line for line in lines if re.match(r"\S+ \S+ (ERROR|CRITICAL) ", line)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    try:
        with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/help/")
            return connection.getresponse().status == 200
    except OSError:
        return False


def started(house: House, folder: Path, port: int) -> Running:
    process = house.start(folder, "up", errors=str(folder / "log"), port=port)
    end = time.monotonic() + START
    while not answers(port):
        if process.ended():
            pytest.fail("the site did not start")
        if time.monotonic() > end:
            process.kill()
            pytest.fail("the site does not answer")
        time.sleep(0.1)
    return process


def days_later(site: Site, days: int) -> None:
    """Let days pass at a site: it reads its clock when it starts, so it is started again at the same address."""
    site.process.kill()
    move_clock(site.folder, days * 24 * 3600)
    site.process = started(site.process.house, site.folder, site.port)


def move_clock(folder: Path, seconds: int) -> None:
    """Set the rehearsal's clock of a world on by some seconds."""
    file = folder / "rehearsal.json"
    shift = json.loads(file.read_text())["shift_seconds"]
    file.write_text(json.dumps({"shift_seconds": shift + seconds}))


Prepare = Callable[[Path], None]


@pytest.fixture(scope="session")
def served_copy(house: House) -> Callable[..., AbstractContextManager[Site]]:
    """Return what serves a copy of a world, prepared by a function of its folder, and in the end kills the site."""

    @contextmanager
    def serve(world: Path, folder: Path, prepare: Prepare | None = None) -> Iterator[Site]:
        shutil.copytree(world, folder)
        if prepare:
            prepare(folder)
        port = free_port()
        one = Site(folder, port, started(house, folder, port))
        try:
            yield one
        finally:
            one.process.kill()

    return serve


@pytest.fixture
def site(served_copy: Callable, demo_folder: Path, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Return a function that serves a copy of the demo world, prepared by a function of its folder."""
    with ExitStack() as running:

        def start(prepare: Prepare | None = None) -> Site:
            folder = tmp_path / f"world{uuid.uuid4().hex}"
            return running.enter_context(served_copy(demo_folder, folder, prepare))

        yield start


def change(folder: Path, statement: str) -> None:
    """Change the tables of a world that is not served yet."""
    with closing(sqlite3.connect(folder / "sihao.sqlite3")) as tables, tables:
        tables.execute(statement)


@dataclass
class Visitor:
    """One person at a browser of their own."""

    page: Page
    url: str
    faults: list[str]

    def go(self, path: str) -> None:
        """Go to an address."""
        self._insist(lambda: self.page.goto(self.url + path))

    def look_again(self) -> None:
        """Load the page anew."""
        self._insist(self.page.reload)

    @staticmethod
    def _insist(act: Callable[[], object]) -> None:
        """Do it again where the page was just leaving by itself, as one that follows a job does."""
        try:
            act()
        except Error as error:
            if "ERR_ABORTED" not in str(error):
                raise
            act()

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press the button or follow the link of that exact name; agree where the page asks again.

        Where something typed is still being saved it is waited for: the page itself would, and go on only then.
        """
        expect(self.page.locator("[data-draft-status]").filter(has_text="正在保存")).to_have_count(0, timeout=60_000)
        target = self.page.get_by_role("button", name=name, exact=True).or_(
            self.page.get_by_role("link", name=name, exact=True)
        )
        target.first.click()
        asked = self.page.locator(
            "dialog[open] [value='yes'], dialog[open] .btn-primary, dialog[open] .btn-danger"
        )
        if asked.count():
            asked.last.click()
        self.page.wait_for_load_state()

    def sees(self, words: str) -> bool:
        return words in self.page.locator("main").inner_text()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[Site, str], Visitor]]:
    """Return a function that signs an account in at a site, each in a browser of its own."""
    contexts: list[BrowserContext] = []
    sites: dict[str, Site] = {}

    def sign_in(site: Site, username: str, password: str = "Sihao-demo-2020") -> Visitor:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        sites[site.url] = site
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        visitor = Visitor(page, site.url, faults)
        if username:
            visitor.go("/account/sign-in/")
            page.fill("[name=username]", username)
            page.fill("[name=password]", password)
            page.locator("main button[type=submit]").click()
            page.wait_for_load_state()
        return visitor

    yield sign_in
    for context in contexts:
        context.close()
    assert [fault for site in sites.values() for fault in site.faults()] == []
