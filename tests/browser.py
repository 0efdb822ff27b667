"""The browser that tests drive: Debian's Chromium without a screen; its headless shell costs half as much."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
from playwright.sync_api import Browser, Error, expect, sync_playwright

PATIENCE = 20_000  # milliseconds: what has come by then on a busy machine costs nothing where it comes at once
PROGRAMS = ("chromium-headless-shell", "chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


_running: list[tuple[ExitStack, Browser]] = []


@contextmanager
def started() -> Iterator[Browser]:
    """Start the browser and end it with the block."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.fail("chromium is not installed: make test installs it")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


def kept() -> Browser:
    """Return the browser of this run, started by who first asks for it.

    Its loop runs in the thread of the tests, where Django would refuse its database; the loop itself asks none.
    """
    if not _running:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        stack = ExitStack()
        _running.append((stack, stack.enter_context(started())))
    return _running[0][1]


def put_away() -> None:
    """End the browser, if there is one, and its loop with it."""
    while _running:
        stack, _ = _running.pop()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        with suppress(Error):  # Ctrl-C has ended it already
            stack.close()
