from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from kombu.exceptions import OperationalError

from sihao.jobs import actions, registry
from sihao.jobs.models import Job, JobState

A_MOMENT = timedelta(seconds=1)


@pytest.fixture
def sent(monkeypatch):
    """The keys that were handed to Celery."""
    keys = []
    monkeypatch.setattr(actions, "send", keys.append)
    return keys


@pytest.fixture
def queued(still, sent, owner, now):
    return actions.enqueue(still, owner=owner, at=now, cycle=3)


def taken(job, now, worker="a") -> Job:
    held = actions.take(job.pk, worker=worker, now=now)
    assert held is not None
    return held


def state(job) -> str:
    job.refresh_from_db()
    return job.state


def test_enqueue_writes_the_row_and_sends_its_key_after_commit(
    still, sent, owner, now, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        job = actions.enqueue(still, owner=owner, at=now, cycle=3)
        assert sent == []

    assert (job.state, job.label, job.arguments, job.owner) == ("queued", "示例任务", {"cycle": 3}, owner)
    assert len(callbacks) == 1
    assert sent == [job.pk]


@pytest.mark.django_db(transaction=True)
def test_enqueue_sends_nothing_when_the_transaction_rolls_back(still, sent, owner, now):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.enqueue(still, owner=owner, at=now)
        raise ZeroDivisionError

    assert sent == []
    assert Job.objects.count() == 0


def test_enqueue_refuses_a_kind_nobody_registered(owner, now):
    with pytest.raises(LookupError, match="no function registered for the job kind 'nonsense'"):
        actions.enqueue("nonsense", owner=owner, at=now)


def test_enqueue_with_the_same_key_returns_the_first_job(
    still, sent, owner, now, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        first = actions.enqueue(still, owner=owner, at=now, key="list/3")
        second = actions.enqueue(still, owner=owner, at=now + A_MOMENT, key="list/3")

    assert second == first
    assert sent == [first.pk]


def test_key_is_unique_in_the_database(still, sent, owner, now):
    first = actions.enqueue(still, owner=owner, at=now, key="list/3")

    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind="sample", key=first.key, created_at=now)


def test_jobs_without_a_key_do_not_collide(still, sent, owner, now):
    first = actions.enqueue(still, owner=owner, at=now)
    second = actions.enqueue(still, owner=owner, at=now)

    assert first != second


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError("away"), ConnectionRefusedError()], ids=["kombu", "socket"])
def test_a_broker_that_is_down_breaks_nothing_and_leaves_the_job_to_the_sweeper(
    still, owner, now, monkeypatch, caplog, error
):
    class Broken:
        def signature(self, *_, **__):
            raise error

    monkeypatch.setattr(actions, "import_string", lambda path: Broken())

    job = actions.enqueue(still, owner=owner, at=now)

    job.refresh_from_db()
    assert (job.state, job.sent_at) == ("queued", None)
    assert caplog.messages == [f"job {job.pk} not sent, left to the sweeper: {type(error).__name__}"]


def test_take_leases_the_job_to_one_worker(queued, now):
    held = taken(queued, now)

    assert actions.take(queued.pk, worker="b", now=now + A_MOMENT) is None
    assert (held.state, held.worker, held.attempts) == ("running", "a", 1)
    assert (held.started_at, held.lease_until) == (now, now + actions.LEASE)


@pytest.mark.django_db(transaction=True)
def test_of_many_takers_at_once_one_wins(still, sent, owner, now):
    job = actions.enqueue(still, owner=owner, at=now)
    gate, won = Barrier(8), []

    def take(worker):
        gate.wait()
        try:
            if actions.take(job.pk, worker=worker, now=now):
                won.append(worker)
        finally:
            connection.close()

    takers = [Thread(target=take, args=(f"worker-{n}",)) for n in range(8)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()

    job.refresh_from_db()
    assert won == [job.worker]
    assert job.attempts == 1


def test_a_lease_that_ran_out_can_be_taken_by_another(queued, now):
    first = taken(queued, now)
    later = now + actions.LEASE + A_MOMENT

    second = taken(queued, later, "b")

    assert (second.worker, second.attempts, second.started_at) == ("b", 2, now)
    with pytest.raises(actions.NotHeld):
        actions.report(job=first, done=1, total=2, now=later)
    with pytest.raises(actions.NotHeld):
        actions.finish(job=first, now=later)


def test_report_writes_progress_and_renews_the_lease(queued, now):
    held = taken(queued, now)

    actions.report(job=held, done=3, total=10, now=now + A_MOMENT)

    held.refresh_from_db()
    assert (held.done, held.total, held.percent) == (3, 10, 30)
    assert (held.heartbeat_at, held.lease_until) == (now + A_MOMENT, now + A_MOMENT + actions.LEASE)


def test_finish_closes_the_job_with_its_file(queued, now):
    held = taken(queued, now)
    actions.report(job=held, done=9, total=10, now=now)

    actions.finish(job=held, now=now + A_MOMENT, result_name="附件3.xlsx", result_file="jobs/results/x.xlsx")

    held.refresh_from_db()
    assert (held.state, held.done, held.finished_at) == ("done", 10, now + A_MOMENT)
    assert (held.result_name, held.has_result) == ("附件3.xlsx", True)


def test_fail_tells_the_user_why(queued, now):
    held = taken(queued, now)

    actions.fail(job=held, now=now, error="名单还没有公布，不能导出。")

    held.refresh_from_db()
    assert (held.state, held.error, held.finished_at) == ("failed", "名单还没有公布，不能导出。", now)


def test_fail_again_puts_the_job_back_until_its_tries_are_spent(queued, now):
    states = []
    for _ in range(actions.MAX_ATTEMPTS):
        actions.fail(job=taken(queued, now), now=now, again=True)
        states.append(state(queued))

    assert states == ["queued", "queued", "failed"]
    assert queued.error == actions.CRASHED
    assert actions.take(queued.pk, worker="a", now=now) is None


def test_cancel_stops_a_job_that_waits(queued, now):
    actions.cancel(job=queued, at=now)

    assert state(queued) == "cancelled"
    assert actions.take(queued.pk, worker="a", now=now) is None


def test_cancel_stops_a_job_that_runs_at_its_next_report(queued, now):
    held = taken(queued, now)

    actions.cancel(job=queued, at=now)

    with pytest.raises(actions.Cancelled):
        actions.report(job=held, done=1, total=2, now=now)
    with pytest.raises(actions.Cancelled):
        actions.finish(job=held, now=now)


def test_cancel_refuses_a_closed_job(queued, now):
    actions.finish(job=taken(queued, now), now=now)

    with pytest.raises(actions.Refused, match="这项任务已经结束，不能取消。"):
        actions.cancel(job=queued, at=now)


def test_resume_gives_a_failed_job_all_its_tries_again(
    queued, sent, now, django_capture_on_commit_callbacks
):
    actions.fail(job=taken(queued, now), now=now)
    sent.clear()

    with django_capture_on_commit_callbacks(execute=True):
        actions.resume(job=queued, at=now + A_MOMENT)

    assert state(queued) == "queued"
    assert (queued.attempts, queued.error, queued.finished_at) == (0, "", None)
    assert sent == [queued.pk]


def test_resume_refuses_a_job_that_is_not_closed_badly(queued, now):
    with pytest.raises(actions.Refused, match="只有未完成或已取消的任务可以重新办理。"):
        actions.resume(job=queued, at=now)


def test_sweep_leaves_a_fresh_job_and_a_held_one_alone(queued, sent, still, owner, now):
    taken(actions.enqueue(still, owner=owner, at=now), now)

    assert actions.sweep(now=now + A_MOMENT) == 0
    assert sent == []


def test_sweep_sends_again_what_nobody_took(queued, sent, now):
    later = now + actions.PATIENCE

    assert actions.sweep(now=later) == 1
    assert actions.sweep(now=later + A_MOMENT) == 0
    assert sent == [queued.pk]


def test_sweep_finds_the_job_of_a_worker_that_died(queued, sent, now):
    taken(queued, now)
    later = now + actions.LEASE + A_MOMENT

    assert actions.sweep(now=later) == 1
    assert state(queued) == "queued"
    assert sent == [queued.pk]
    assert taken(queued, later, "b").attempts == 2


def test_sweep_gives_up_a_job_that_was_lost_too_often(queued, sent, now):
    for n in range(actions.MAX_ATTEMPTS):
        taken(queued, now + n * (actions.LEASE + A_MOMENT))

    assert actions.sweep(now=now + timedelta(days=1)) == 0
    assert state(queued) == "failed"
    assert queued.error == actions.LOST


def test_sweep_works_down_a_long_queue_in_portions(still, sent, owner, now, monkeypatch):
    monkeypatch.setattr(actions, "MAX_SENT_A_SWEEP", 2)
    jobs = [actions.enqueue(still, owner=owner, at=now) for _ in range(3)]
    later = now + actions.PATIENCE

    assert (actions.sweep(now=later), actions.sweep(now=later)) == (2, 1)
    assert sent == [job.pk for job in jobs]


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"state": "asleep"}, "job_state_known"),
        ({"done": 2, "total": 1}, "job_done_within_total"),
        ({"state": JobState.RUNNING}, "job_running_is_leased"),
        ({"state": JobState.DONE}, "job_closed_has_end"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_database_refuses_a_row_that_cannot_be(queued, wrong, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Job.objects.filter(pk=queued.pk).update(**wrong)


def test_a_sweep_clears_away_for_the_apps_and_outlives_what_fails(queued, sent, now, monkeypatch, caplog):
    asked = []

    def fails(at):
        asked.append(at)
        raise OSError

    monkeypatch.setattr(registry, "SWEEPS", {"one": fails, "two": asked.append})

    assert actions.sweep(now=now + actions.PATIENCE) == 1
    assert asked == [now + actions.PATIENCE] * 2
    assert [message.rpartition(".")[2] for message in caplog.messages] == ["fails failed"]
