"""Everything that changes a job: putting it to work, holding it, reporting, ending it, finding it again."""

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from sihao.jobs import registry, results
from sihao.jobs.models import OPEN_STATES, RESULTS_KEPT, Job, JobState

logger = logging.getLogger(__name__)

RUN_TASK = "sihao.jobs.tasks.run"
LEASE = timedelta(minutes=2)
PATIENCE = timedelta(minutes=1)
MAX_ATTEMPTS = 3
MAX_SENT_A_SWEEP = 200
MAX_CLEARED_A_SWEEP = 200
SCRATCH_KEPT = timedelta(hours=1)
TURN = "turn:"
TURNS_KEPT = timedelta(days=7)

LOST = "办理过程多次中断，已停止。请稍后重新办理；仍不成功时请联系系统管理员。"
CRASHED = "办理时系统出错，错误已记录。请稍后重新办理；仍不成功时请联系系统管理员。"


class Refused(Exception):
    """The job is not in a state that allows the act; the text is for the user."""


class NotHeld(Exception):
    """The job is no longer this worker's: the lease ran out and somebody else may hold it."""


class Cancelled(NotHeld):
    """The job was cancelled while it ran."""


def enqueue(
    kind: str, *, owner: Any | None, at: datetime, label: str = "", key: str | None = None, **ids: Any
) -> Job:
    """Write a job in the caller's transaction and send its key once that is committed; return the job.

    ``owner`` None is the system. ``ids`` are what the function needs to find its data: keys and plain words, no
    contents. A second call with the same ``key`` returns the first one's job, whatever became of it; a key that
    belongs to one person must name that person.
    """
    work = registry.find(kind)
    values = {
        "kind": kind,
        "label": label or work.label,
        "arguments": ids,
        "owner": owner,
        "created_at": at,
        "sent_at": at,
    }
    if key is None:
        job, created = Job.objects.create(**values), True
    else:
        job, created = Job.objects.get_or_create(key=key, defaults=values)
    if created:
        _send_on_commit(job.pk)
    return job


def take_turn(kind: str, turn: str, *, at: datetime) -> Job | None:
    """Enqueue the system's own work of a turn ("" while none has come), once for each turn however often it is asked.

    For functions that ``also_sweep``: any number of sweepers may ask at once, the turn's key is unique. Returns the
    new job or None; finished turns are forgotten after a week.
    """
    key = f"{TURN}{kind}:{turn}"
    if not turn or Job.objects.filter(key=key).exists():
        return None
    past = Job.objects.filter(kind=kind, owner=None, key__startswith=TURN, finished_at__lt=at - TURNS_KEPT)
    past.filter(state=JobState.DONE).delete()
    with transaction.atomic():
        return enqueue(kind, owner=None, at=at, key=key)


def _send_on_commit(job_id: int) -> None:
    transaction.on_commit(partial(send, job_id), robust=True)


def send(job_id: int) -> None:
    """Hand the key to Celery; a broker that is down is logged and the job left to the sweeper."""
    try:
        application = import_string(settings.JOBS_CELERY)
        application.signature(RUN_TASK, args=[job_id]).apply_async(retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("job %s not sent, left to the sweeper: %s", job_id, type(error).__name__)
        Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(sent_at=None)


def take(job_id: int, *, worker: str, now: datetime) -> Job | None:
    """Lease the job to ``worker`` and return it; None when it is closed, held by another or tried too often.

    One conditional UPDATE decides: of any number of takers one wins.
    """
    free = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_until__lt=now)
    taken = Job.objects.filter(free, pk=job_id, attempts__lt=MAX_ATTEMPTS).update(
        state=JobState.RUNNING,
        worker=worker,
        attempts=F("attempts") + 1,
        heartbeat_at=now,
        lease_until=now + LEASE,
        started_at=Coalesce("started_at", now),
        done=0,
        paced_at=None,
        paced_from=0,
    )
    return Job.objects.get(pk=job_id) if taken else None


def report(*, job: Job, done: int, total: int, now: datetime) -> None:
    """Write the progress and renew the lease; raises ``Cancelled`` or ``NotHeld`` when the work is to stop.

    The first report of an attempt is where its pace is counted from.
    """
    pace = {} if job.paced_at else {"paced_at": now, "paced_from": min(done, total)}
    _change_held(job, done=min(done, total), total=total, heartbeat_at=now, lease_until=now + LEASE, **pace)
    job.paced_at = job.paced_at or now


def finish(*, job: Job, now: datetime, result_name: str = "", result_file: str = "") -> None:
    """Close the job as done; raises ``Cancelled`` or ``NotHeld`` when it is no longer this worker's."""
    _change_held(
        job,
        state=JobState.DONE,
        done=F("total"),
        finished_at=now,
        result_name=result_name,
        result_file=result_file,
        error="",
    )


def fail(*, job: Job, now: datetime, error: str = CRASHED, again: bool = False) -> None:
    """Close the job as failed with a sentence for the user; with ``again`` put it back while tries are left."""
    if again and job.attempts < MAX_ATTEMPTS:
        _change_held(job, state=JobState.QUEUED, worker="", lease_until=None, sent_at=None)
    else:
        _change_held(job, state=JobState.FAILED, finished_at=now, error=error)


def _change_held(job: Job, **values: Any) -> None:
    held = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, worker=job.worker)
    if held.update(**values):
        return
    if Job.objects.filter(pk=job.pk, state=JobState.CANCELLED).exists():
        raise Cancelled(job.pk)
    raise NotHeld(job.pk)


def cancel(*, job: Job, at: datetime) -> None:
    """Cancel a job that waits or runs; one that runs stops at its next report. Raises ``Refused`` when it is closed."""
    changed = Job.objects.filter(pk=job.pk, state__in=OPEN_STATES).update(
        state=JobState.CANCELLED, finished_at=at
    )
    if not changed:
        raise Refused("这项任务已经结束，不能取消。")


def resume(*, job: Job, at: datetime) -> None:
    """Put a failed or cancelled job back into the queue with all its tries; raises ``Refused`` for any other."""
    with transaction.atomic():
        changed = Job.objects.filter(pk=job.pk, state__in=(JobState.FAILED, JobState.CANCELLED)).update(
            state=JobState.QUEUED,
            attempts=0,
            done=0,
            worker="",
            lease_until=None,
            started_at=None,
            finished_at=None,
            sent_at=at,
            error="",
        )
        if not changed:
            raise Refused("只有未完成或已取消的任务可以重新办理。")
        _send_on_commit(job.pk)


def sweep(*, now: datetime, patience: timedelta = PATIENCE) -> int:
    """Find what was lost and send it again; return how many were sent.

    Lost are jobs whose lease ran out, jobs that were never sent, and jobs sent longer than ``patience`` ago that
    nobody took. Each is claimed by a conditional UPDATE, so any number of sweepers may run at once.
    """
    ran_out = Job.objects.filter(state=JobState.RUNNING, lease_until__lt=now)
    ran_out.filter(attempts__gte=MAX_ATTEMPTS).update(state=JobState.FAILED, finished_at=now, error=LOST)
    ran_out.update(state=JobState.QUEUED, worker="", lease_until=None, sent_at=None)

    unsent = Q(sent_at__isnull=True) | Q(sent_at__lte=now - patience)
    waiting = Job.objects.filter(unsent, state=JobState.QUEUED)
    sent = 0
    for job_id in list(waiting.order_by("id").values_list("pk", flat=True)[:MAX_SENT_A_SWEEP]):
        if waiting.filter(pk=job_id).update(sent_at=now):
            send(job_id)
            sent += 1

    held = Job.objects.filter(state=JobState.RUNNING).values_list("worker", flat=True)
    results.drop_abandoned(keep=held, untouched=SCRATCH_KEPT)
    still_open = Job.objects.filter(state__in=OPEN_STATES).values_list("number", flat=True)
    results.drop_old_parts(keep=still_open, untouched=SCRATCH_KEPT)
    clear_results(now=now)
    _sweep_apps(now)
    return sent


def clear_results(*, now: datetime) -> int:
    """Remove the finished files whose time is over, and those that no job has; return how many jobs lost theirs.

    The row forgets its file before the file goes, so that a page never offers what is not there.
    """
    over = Job.objects.filter(finished_at__lte=now - RESULTS_KEPT).exclude(result_file="")
    cleared = list(over.order_by("finished_at").values_list("pk", "result_file")[:MAX_CLEARED_A_SWEEP])
    Job.objects.filter(pk__in=[pk for pk, _ in cleared]).update(result_file="")
    for _, result_file in cleared:
        results.drop(result_file)
    old = results.old_files(untouched=RESULTS_KEPT, most=MAX_CLEARED_A_SWEEP)
    had = Q(state__in=OPEN_STATES) | ~Q(result_file="")
    wanted = Job.objects.filter(had, number__in=old).values_list("number", flat=True)
    for number in old.keys() - set(wanted):
        results.drop(old[number])
    return len(cleared)


def _sweep_apps(now: datetime) -> None:
    for sweep_app in registry.sweeps():
        try:
            sweep_app(now)
        except Exception:  # what one app cannot clear away must not keep lost jobs waiting
            logger.exception("%s failed", sweep_app.__qualname__)
