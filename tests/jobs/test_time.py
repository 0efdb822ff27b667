"""How long a job still takes, and until when its file is kept: both sides of each boundary."""

import os
import time
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from sihao import clock
from sihao.jobs import actions, results, tasks
from sihao.jobs.models import RESULTS_KEPT, Job, JobState
from sihao.jobs.views import words_for
from tests.jobs.conftest import NOW

SECOND = timedelta(seconds=1)


def running(**values):
    given = {"state": JobState.RUNNING, "paced_at": NOW, "done": 30, "total": 100, "paced_from": 10}
    return Job(**given | values)


# ---- time left


def test_the_rest_takes_as_long_as_this_attempt_took_for_each_piece():
    assert running().time_left(NOW + 20 * SECOND) == 70 * SECOND


@pytest.mark.parametrize(
    "unknown",
    [
        {"state": JobState.QUEUED},
        {"state": JobState.DONE},
        {"paced_at": None},
        {"done": 10},
        {"paced_at": NOW + 20 * SECOND},
    ],
)
def test_nothing_is_said_where_nothing_is_known(unknown):
    assert running(**unknown).time_left(NOW + 20 * SECOND) is None


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (None, ""),
        (0 * SECOND, "不到1分钟"),
        (59 * SECOND, "不到1分钟"),
        (60 * SECOND, "约1分钟"),
        (61 * SECOND, "约2分钟"),
        (timedelta(minutes=59), "约59分钟"),
        (timedelta(minutes=59, seconds=1), "约1小时"),
        (timedelta(minutes=61), "约1小时1分钟"),
    ],
)
def test_time_left_is_told_in_whole_minutes(left, words):
    assert words_for(left) == words


def test_what_an_earlier_attempt_kept_does_not_quicken_the_pace(still, owner, monkeypatch):
    monkeypatch.setattr(actions, "send", lambda key: None)
    job = actions.enqueue(still, owner=owner, at=NOW)
    first = actions.take(job.pk, worker="a", now=NOW)
    actions.report(job=first, done=0, total=100, now=NOW)
    actions.report(job=first, done=50, total=100, now=NOW + 50 * SECOND)
    again = NOW + timedelta(minutes=10)
    second = actions.take(job.pk, worker="b", now=again)
    assert (second.paced_at, second.paced_from) == (None, 0)
    actions.report(job=second, done=50, total=100, now=again)
    actions.report(job=second, done=60, total=100, now=again + 20 * SECOND)

    job.refresh_from_db()

    assert (job.paced_at, job.paced_from) == (again, 50)
    assert job.time_left(again + 20 * SECOND) == 80 * SECOND


def test_the_page_and_its_script_are_told_the_time_left(client, still, owner, monkeypatch):
    monkeypatch.setattr(actions, "send", lambda key: None)
    client.force_login(owner, backend="sihao.accounts.backends.SeatedBackend")
    job = actions.enqueue(still, owner=owner, at=clock.now())
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING,
        worker="a",
        lease_until=clock.now() + actions.LEASE,
        done=20,
        total=100,
        paced_at=clock.now() - timedelta(minutes=1),
    )

    page = client.get(reverse("jobs:detail", args=[job.number])).content.decode()
    told = client.get(reverse("jobs:status", args=[job.number])).json()

    assert "预计剩余约5分钟" in page
    assert "文件办好后保存7天。" in page
    assert told["left"] == "约5分钟"


# ---- the time of a file


@pytest.fixture
def fetched(client, kind, owner, storage_root):
    """A job with a file, its owner's browser, and where it was ordered."""

    def write(job, report):
        path = report.folder / "证书.zip"
        path.write_bytes(b"PK")
        return path

    client.force_login(owner, backend="sihao.accounts.backends.SeatedBackend")
    name = kind(write, back=lambda arguments: ("公布", "/work/publication/"))
    job = actions.enqueue(name, owner=owner, at=clock.now())
    tasks.run(job.pk)
    job.refresh_from_db()
    return job


@pytest.fixture
def storage_root(settings, tmp_path):
    settings.STORAGE_ROOT = tmp_path
    return tmp_path


def test_the_page_says_until_when_the_file_is_kept(client, fetched):
    Job.objects.update(finished_at=NOW)

    page = client.get(reverse("jobs:detail", args=[fetched.number])).content.decode()

    assert "<dt>保存至</dt><dd>2020年5月8日 09:00</dd>" in page


def test_a_file_past_its_time_is_swept_and_not_a_moment_before(fetched, storage_root):
    over = fetched.finished_at + RESULTS_KEPT

    assert actions.clear_results(now=over - SECOND) == 0
    assert (storage_root / fetched.result_file).exists()
    assert actions.clear_results(now=over) == 1
    assert not (storage_root / fetched.result_file).exists()
    fetched.refresh_from_db()
    assert (fetched.state, fetched.result_name, fetched.result_file) == ("done", "证书.zip", "")
    assert actions.clear_results(now=over) == 0


def test_the_sweep_of_the_house_clears_files(fetched, storage_root, settings):
    settings.CLOCK_SHIFT += RESULTS_KEPT + SECOND

    tasks.sweep()

    assert not (storage_root / fetched.result_file).exists()


def test_who_comes_too_late_reads_where_to_order_anew(client, fetched):
    Job.objects.update(finished_at=NOW, result_file="")

    answer = client.get(reverse("jobs:download", args=[fetched.number]), follow=True)
    page = answer.content.decode()

    assert answer.redirect_chain == [(reverse("jobs:detail", args=[fetched.number]), 302)]
    assert "文件保存到2020年5月8日 09:00，现已清理。需要时请到“公布”重新提交。" in page
    assert '<a class="btn btn-primary" href="/work/publication/">返回公布</a>' in page
    assert "下载文件" not in page
    assert "已清理" in client.get(reverse("jobs:list")).content.decode()


def test_a_file_that_no_job_has_goes_when_it_is_old(fetched, storage_root):
    folder = storage_root / "jobs" / "results"
    orphan, young = folder / f"{uuid.uuid4()}.zip", folder / f"{uuid.uuid4()}.zip"
    for path in (orphan, young):
        path.write_bytes(b"PK")
    old = time.time() - RESULTS_KEPT.total_seconds() - 1
    for path in (orphan, storage_root / fetched.result_file):
        os.utime(path, (old, old))

    actions.clear_results(now=clock.now())

    assert sorted(folder.iterdir()) == sorted([young, storage_root / fetched.result_file])


def test_only_so_many_files_are_looked_at_in_one_sweep(storage_root):
    folder = storage_root / "jobs" / "results"
    folder.mkdir(parents=True)
    for _ in range(3):
        (folder / f"{uuid.uuid4()}.zip").write_bytes(b"PK")

    assert len(results.old_files(untouched=-SECOND, most=2)) == 2
