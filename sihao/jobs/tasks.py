"""The Celery tasks: do one job by its key, and find lost ones."""

import logging
import os
import socket
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from celery import shared_task

from sihao import clock
from sihao.jobs import actions, registry, results
from sihao.jobs.models import Job

logger = logging.getLogger(__name__)

REPORT_EVERY = timedelta(seconds=0.5)
NOT_PERMITTED = "您已没有办理这项任务的权限。"


class CannotBeDone(Exception):
    """Raised by a work function that knows why it cannot go on; the text is for the user, there is no second try."""


class Report:
    """What a work function tells: ``report(done, total)``; it must speak at least every two minutes.

    ``folder`` is where the function may write; what it returns must lie there. Raises ``actions.Cancelled`` or
    ``actions.NotHeld`` when the work is to stop: let it through.
    """

    def __init__(self, job: Job, now: Callable[[], datetime]) -> None:
        self.folder = results.scratch(job.worker)
        self.number = job.number
        self._job = job
        self._now = now
        self._last: datetime | None = None

    @property
    def parts(self) -> Path:
        """Return the folder for what the next attempt at the job, should there be one, need not make again."""
        return results.parts(self.number)

    def __call__(self, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` are ready; written at most twice a second, and always at the end."""
        now = self._now()
        if self._last and now - self._last < REPORT_EVERY and done < total:
            return
        actions.report(job=self._job, done=done, total=total, now=now)
        self._last = now


@shared_task(name=actions.RUN_TASK)
def run(job_id: int) -> None:
    """Do one job; doing nothing is right when it is closed, cancelled or in other hands."""
    worker = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex}"
    job = actions.take(job_id, worker=worker, now=clock.now())
    if job is None:
        return
    try:
        _do(job)
    except actions.NotHeld as stop:
        logger.info("job %s stopped: %s", job_id, type(stop).__name__)
    finally:
        results.drop_scratch(worker)


def _do(job: Job) -> None:
    try:
        work = registry.find(job.kind)
        if job.owner and not work.permitted(job.owner, job.arguments):
            raise CannotBeDone(NOT_PERMITTED)
        path = work.function(job, Report(job, clock.now))
        _finish(job, path)
    except actions.NotHeld:
        raise
    except CannotBeDone as reason:
        actions.fail(job=job, now=clock.now(), error=str(reason))
    except Exception:  # whatever a work function raises must end in the row, where the user and the next try find it
        logger.exception("job %s (%s) crashed at attempt %s", job.pk, job.kind, job.attempts)
        actions.fail(job=job, now=clock.now(), again=True)


def _finish(job: Job, path: Path | None) -> None:
    if path is None:
        actions.finish(job=job, now=clock.now())
        return
    kept = results.keep(job.number, path)
    try:
        actions.finish(job=job, now=clock.now(), result_name=path.name, result_file=kept)
        results.drop_parts(job.number)
    except actions.Cancelled:
        results.drop(kept)
        raise


@shared_task(name="sihao.jobs.tasks.sweep")
def sweep() -> int:
    """Send lost jobs again (every half minute by the static schedule)."""
    return actions.sweep(now=clock.now())
