import logging
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from sihao import clock
from sihao.jobs import actions, results, tasks
from sihao.jobs.models import Job


@pytest.fixture
def put(owner):
    """Put a kind to work and run it; the job as it then stands."""

    def run(kind, times=1) -> Job:
        job = actions.enqueue(kind, owner=owner, at=clock.now(), rows=3)
        for _ in range(times):
            tasks.run(job.pk)
        job.refresh_from_db()
        return job

    return run


def write(job, report) -> Path:
    path = report.folder / "汇总表.txt"
    path.write_text(f"{job.arguments['rows']}行", encoding="utf-8")
    report(3, 3)
    return path


def test_run_ends_with_the_finished_file(kind, put):
    job = put(kind(write))

    assert (job.state, job.done, job.total, job.attempts) == ("done", 3, 3, 1)
    assert (job.result_name, job.result_file) == ("汇总表.txt", f"jobs/results/{job.number}.txt")
    assert results.located(job.result_file).read_text(encoding="utf-8") == "3行"


def test_run_leaves_nothing_but_the_result(kind, put, storage_root):
    job = put(kind(write))

    assert [p for p in storage_root.rglob("*") if p.is_file()] == [storage_root / job.result_file]


def test_run_without_a_file_is_done_too(still, put):
    job = put(still)

    assert (job.state, job.has_result, job.percent) == ("done", False, 100)


def test_run_delivered_twice_works_once(kind, put):
    calls = []

    job = put(kind(lambda job, report: calls.append(job.pk)), times=2)

    assert calls == [job.pk]


def test_run_by_celery_goes_through_the_queue_of_the_house(
    kind, owner, django_capture_on_commit_callbacks
):
    name = kind(write)

    with django_capture_on_commit_callbacks(execute=True):
        job = actions.enqueue(name, owner=owner, at=clock.now(), rows=1)

    job.refresh_from_db()
    assert job.state == "done"


def test_a_crash_is_tried_again_and_logged_and_ends_in_a_sentence(kind, put, caplog):
    def crash(job, report):
        raise ZeroDivisionError

    name = kind(crash)

    first = put(name)
    last = put(name, times=actions.MAX_ATTEMPTS + 1)

    assert (first.state, first.attempts, first.error) == ("queued", 1, "")
    assert (last.state, last.attempts, last.error) == ("failed", 3, actions.CRASHED)
    assert caplog.messages[-1] == f"job {last.pk} (sample) crashed at attempt 3"


def test_a_crash_that_passes_by_is_mended_by_the_next_try(kind, put):
    tries = []

    def shaky(job, report):
        tries.append(job.attempts)
        if len(tries) == 1:
            raise OSError

    job = put(kind(shaky), times=2)

    assert (job.state, tries) == ("done", [1, 2])


def test_a_known_reason_is_shown_and_not_tried_again(kind, put):
    def refuse(job, report):
        raise tasks.CannotBeDone("名单还没有公布，不能导出。")

    job = put(kind(refuse))

    assert (job.state, job.error, job.attempts) == ("failed", "名单还没有公布，不能导出。", 1)


def test_a_permission_that_was_lost_while_waiting_stops_the_work(kind, put):
    calls = []

    job = put(kind(lambda job, report: calls.append(job), permitted=lambda user, arguments: False))

    assert (job.state, job.error) == ("failed", "您已没有办理这项任务的权限。")
    assert calls == []


@pytest.mark.django_db
def test_work_of_the_system_asks_for_no_permission(kind):
    name = kind(lambda job, report: None, permitted=lambda user, arguments: False)
    job = actions.enqueue(name, owner=None, at=clock.now())

    tasks.run(job.pk)

    job.refresh_from_db()
    assert job.state == "done"


def test_a_job_cancelled_while_it_runs_stops_and_leaves_no_file(kind, put, storage_root):
    def cancelled(job, report):
        path = report.folder / "a.txt"
        path.write_text("half")
        actions.cancel(job=job, at=clock.now())
        report(1, 2)
        raise AssertionError

    job = put(kind(cancelled))

    assert job.state == "cancelled"
    assert [p for p in storage_root.rglob("*") if p.is_file()] == []


def test_a_job_cancelled_in_its_last_moment_leaves_no_file(kind, put, storage_root):
    def late(job, report):
        path = report.folder / "a.txt"
        path.write_text("whole")
        actions.cancel(job=job, at=clock.now())
        return path

    job = put(kind(late))

    assert (job.state, job.result_file) == ("cancelled", "")
    assert [p for p in storage_root.rglob("*") if p.is_file()] == []


def test_report_writes_at_most_twice_a_second_and_always_the_end(kind, put, django_assert_num_queries):
    seen = []

    def chatty(job, report):
        with django_assert_num_queries(2):
            for n in range(1, 101):
                report(n, 100)
        seen.append(Job.objects.get(pk=job.pk).done)

    put(kind(chatty))

    assert seen == [100]


def test_the_sweep_removes_folders_of_attempts_that_died(still, owner, settings):
    settings.CLOCK_SHIFT = timedelta(days=-2000)  # a rehearsal's clock is not the file system's
    old = time.time() - 24 * 3600
    dead, alive = results.scratch("dead"), results.scratch("alive")
    job = actions.enqueue(still, owner=owner, at=clock.now())
    actions.take(job.pk, worker="alive", now=clock.now())
    for folder in (dead, alive):
        os.utime(folder, (old, old))
    fresh = results.scratch("fresh")

    assert tasks.sweep() == 0
    assert [folder.exists() for folder in (dead, alive, fresh)] == [False, True, True]


def test_the_log_of_a_crash_names_no_person(kind, put, caplog, owner):
    def crash(job, report):
        raise ValueError

    with caplog.at_level(logging.DEBUG):
        put(kind(crash))

    assert owner.name not in caplog.text
    assert owner.username not in caplog.text
