"""A served demo world for browser tests: built once by the demo command, copied for each test, served by ``up``."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "TEST_DB"}}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "sihao.settings.dev",
        "SIHAO_DATA": str(folder),
        "PYTHONUTF8": "1",
    }


def manage(folder: Path, *command: str) -> None:
    subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *command],
        cwd=ROOT,
        env=environment(folder),
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def told(folder: Path, code: str) -> str:
    """Return what some code prints that is run on the data of a world."""
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "-v0", "-c", code]
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "text": True}
    return subprocess.run(command, cwd=ROOT, env=environment(folder), check=True, **streams).stdout


# The commands of `make demo` in one process: starting Python three times would take longer than they do.
GROUND = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("load_federations")
call_command("load_programmes")
"""


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay the ground of every demo world: tables, federations, programmes."""
    folder = tmp_path_factory.mktemp("ground")
    manage(folder, "shell", "-v0", "-c", GROUND)
    return folder


def demo_world(ground: Path, folder: Path, chambers: int, *more: str) -> Path:
    """Build a demo world as ``make demo`` does: the four chambers that have accounts, and some more."""
    shutil.copytree(ground, folder, dirs_exist_ok=True)
    manage(folder, "demo", "--chambers", str(chambers), *more)
    return folder


@pytest.fixture(scope="session")
def demo_folder(ground: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the demo world with the four chambers that have accounts, all of them drafts."""
    return demo_world(ground, tmp_path_factory.mktemp("demo"), 0)


@dataclass
class Site:
    """A served copy of the demo world."""

    folder: Path
    port: int
    process: subprocess.Popen

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


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


def serve(folder: Path) -> Site:
    port = free_port()
    return Site(folder, port, started(folder, port))


def started(folder: Path, port: int) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "up", "--port", str(port)],
        cwd=ROOT,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + PATIENCE
    while not answers(port):
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            pytest.fail("the site did not start")
        time.sleep(0.1)
    return process


def days_later(site: Site, days: int) -> None:
    """Let days pass at a site: it reads its clock when it starts, so it is started again at the same address."""
    site.process.kill()
    site.process.wait()
    move_clock(site.folder, days * 24 * 3600)
    site.process = started(site.folder, site.port)


def move_clock(folder: Path, seconds: int) -> None:
    """Set the rehearsal's clock of a world on by some seconds."""
    file = folder / "rehearsal.json"
    shift = json.loads(file.read_text())["shift_seconds"]
    file.write_text(json.dumps({"shift_seconds": shift + seconds}))


@contextmanager
def served_copy(demo_folder: Path, folder: Path, prepare: Callable[[Path], None] | None = None) -> Iterator[Site]:
    """Serve a copy of the demo world, prepared by a function of its folder; killed in the end, as it keeps nothing."""
    shutil.copytree(demo_folder, folder)
    if prepare:
        prepare(folder)
    one = serve(folder)
    try:
        yield one
    finally:
        one.process.kill()
        one.process.wait()


@pytest.fixture
def site(demo_folder: Path, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Return a function that serves a copy of the demo world, prepared by a function of its folder."""
    with ExitStack() as running:

        def start(prepare: Callable[[Path], None] | None = None) -> Site:
            folder = tmp_path / f"world{uuid.uuid4().hex}"
            return running.enter_context(served_copy(demo_folder, folder, prepare))

        yield start


@dataclass
class Visitor:
    """One person at a browser of their own."""

    page: Page
    url: str
    faults: list[str]

    def go(self, path: str) -> None:
        """Go to an address; again where the page was just leaving by itself, as one that follows a job does."""
        try:
            self.page.goto(self.url + path)
        except Error as error:
            if "ERR_ABORTED" not in str(error):
                raise
            self.page.goto(self.url + path)

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
    contexts = []

    def sign_in(site: Site, username: str, password: str = "Sihao-demo-2020") -> Visitor:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("response", lambda answer: faults.append(answer.url) if answer.status >= 500 else None)
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
