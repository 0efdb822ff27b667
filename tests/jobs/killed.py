"""A worker that is killed in the middle: a process of its own with connections of its own, ended by SIGKILL.

The act is stopped where the test says, not by chance: the child tells its parent that it is there and waits to die.
"""

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connections

from sihao import clock
from sihao.jobs import actions, registry, tasks
from sihao.jobs.models import Job

PATIENCE = 60


class Trap:
    """The place at which the worker is stopped: ``here()`` is called there, the n-th call never returns."""

    def __init__(self, at: int) -> None:
        self._left = at
        self._reached, self._telling = os.pipe()

    def here(self) -> None:
        """Go on, or tell the parent and wait to be killed."""
        self._left -= 1
        if not self._left:
            os.write(self._telling, b"x")
            time.sleep(PATIENCE)

    def wait(self) -> bool:
        """Return whether the child came to the place; it did not when it ended before."""
        os.close(self._telling)
        try:
            return os.read(self._reached, 1) == b"x"
        finally:
            os.close(self._reached)


def kill_worker(job: Job, trap: Trap, setting: Callable[[], object]) -> None:
    """Let a worker take the job and kill it in the trap; ``setting`` lays the trap, in the worker alone."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            setting()
            tasks.run(job.pk)
        finally:
            os._exit(0)
    try:
        assert trap.wait(), "the worker ended before it came to the place"
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    job.refresh_from_db()
    assert job.state == "running", f"the job was {job.state} when its worker was killed"


@contextmanager
def later(**span: float):
    """Let the clock of the house stand later."""
    before = settings.CLOCK_SHIFT
    settings.CLOCK_SHIFT = before + timedelta(**span)
    try:
        yield
    finally:
        settings.CLOCK_SHIFT = before


def restarted(job: Job, **span: float) -> Job:
    """Start again: the sweeper finds what was lost once the lease is over; return the job as it stands then."""
    of_apps = dict(registry.SWEEPS)
    registry.SWEEPS.clear()
    try:
        with later(**span or {"minutes": 3}):
            actions.sweep(now=clock.now(), patience=timedelta(0))
    finally:
        registry.SWEEPS.update(of_apps)
    job.refresh_from_db()
    return job


class Wire(BaseEmailBackend):
    """A mail server that writes each address it takes to a file; the trap lies before or behind the taking."""

    taken = Path()
    before: Callable[[], None] = staticmethod(lambda: None)
    behind: Callable[[], None] = staticmethod(lambda: None)

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """Take the messages."""
        for message in messages:
            Wire.before()
            with Wire.taken.open("a") as file:
                file.write(f"{message.to[0]}\n")
                file.flush()
                os.fsync(file.fileno())
            Wire.behind()
        return len(messages)
