import pytest
from django.test import Client
from django.urls import reverse

from sihao import clock
from sihao.jobs import actions, queries, tasks
from sihao.jobs.models import Job


@pytest.fixture
def officer(client, owner):
    """A browser signed in as the owner."""
    client.force_login(owner, backend="sihao.accounts.backends.SeatedBackend")
    return client


@pytest.fixture
def stranger(other):
    client = Client()
    client.force_login(other, backend="sihao.accounts.backends.SeatedBackend")
    return client


@pytest.fixture
def finished(kind, owner):
    """A job with a file; ``finished.allowed`` says whether its owner may still have it."""
    may = {"now": True}

    def write(job, report):
        path = report.folder / "附件3 汇总表.xlsx"
        path.write_bytes(b"PK-made")
        report(2, 2)
        return path

    job = actions.enqueue(kind(write, permitted=lambda user, arguments: may["now"]), owner=owner, at=clock.now())
    tasks.run(job.pk)
    job.refresh_from_db()
    job.may = may
    return job


@pytest.fixture
def waiting(still, owner):
    return actions.enqueue(still, owner=owner, at=clock.now())


def address(name, job) -> str:
    return reverse(f"jobs:{name}", args=[job.number])


def test_list_shows_ones_own_jobs_only(officer, waiting, still, other):
    actions.enqueue(still, owner=other, at=clock.now(), label="别人的任务")

    page = officer.get(reverse("jobs:list")).content.decode()

    assert "示例任务" in page
    assert "排队中" in page
    assert "别人的任务" not in page


def test_list_without_jobs_says_where_they_come_from(officer):
    assert "还没有后台任务" in officer.get(reverse("jobs:list")).content.decode()


def test_list_is_paged_by_key(officer, still, owner, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    jobs = [actions.enqueue(still, owner=owner, at=clock.now(), label=f"任务{n}") for n in range(5)]
    seen, next_url = [], reverse("jobs:list")

    while next_url:
        context = officer.get(next_url).context
        seen.append([job.label for job in context["jobs"]])
        next_url = context["page"]["next_url"] and reverse("jobs:list") + context["page"]["next_url"]

    assert seen == [["任务4", "任务3"], ["任务2", "任务1"], ["任务0"]]
    assert len(jobs) == 5


@pytest.mark.parametrize("before", ["x", "-1", "1" * 40, "²"])
def test_list_does_not_know_a_page_that_cannot_be(officer, before):
    assert officer.get(reverse("jobs:list"), {"before": before}).status_code == 404


def test_list_runs_the_same_queries_for_any_number_of_jobs(
    officer, still, owner, django_assert_num_queries, django_assert_max_num_queries
):
    actions.enqueue(still, owner=owner, at=clock.now())
    with django_assert_max_num_queries(12) as one:
        officer.get(reverse("jobs:list"))
    for _ in range(queries.PAGE + 1):
        actions.enqueue(still, owner=owner, at=clock.now())

    with django_assert_num_queries(len(one.captured_queries)):
        officer.get(reverse("jobs:list"))


def test_page_of_an_open_job_tells_the_script_where_to_ask(officer, waiting):
    page = officer.get(address("detail", waiting)).content.decode()

    assert f'data-job-url="{address("status", waiting)}"' in page
    assert "刷新进度" in page
    assert "取消任务" in page
    assert "下载文件" not in page


def test_page_of_a_finished_job_offers_the_file(officer, finished):
    page = officer.get(address("detail", finished)).content.decode()

    assert f'href="{address("download", finished)}"' in page
    assert "附件3 汇总表.xlsx" in page
    assert "data-job-url" not in page


def test_page_of_a_job_leads_back_to_where_it_was_ordered(officer, kind, owner):
    name = kind(lambda job, report: None, back=lambda arguments: ("推荐名单", f"/work/lists/{arguments['batch']}/"))
    job = actions.enqueue(name, owner=owner, at=clock.now(), batch=7)

    page = officer.get(address("detail", job)).content.decode()

    assert '<a class="btn btn-secondary" href="/work/lists/7/">返回推荐名单</a>' in page


def test_page_of_a_job_whose_kind_is_gone_leads_nowhere(officer, waiting):
    Job.objects.update(kind="gone")

    assert "返回" not in officer.get(address("detail", waiting)).content.decode()


def test_page_of_a_failed_job_says_why_and_offers_another_try(officer, kind, owner):
    def refuse(job, report):
        raise tasks.CannotBeDone("名单还没有公布，不能导出。")

    job = actions.enqueue(kind(refuse), owner=owner, at=clock.now())
    tasks.run(job.pk)

    page = officer.get(address("detail", job)).content.decode()

    assert "名单还没有公布，不能导出。" in page
    assert f'action="{address("resume", job)}"' in page


def test_status_tells_progress_as_json(officer, waiting):
    held = actions.take(waiting.pk, worker="a", now=clock.now())
    actions.report(job=held, done=3, total=10, now=clock.now())

    answer = officer.get(address("status", waiting))

    assert answer.json() == {
        "state": "running",
        "label": "办理中",
        "done": 3,
        "total": 10,
        "percent": 30,
        "left": "",
        "open": True,
        "error": "",
        "file": "",
    }
    assert answer["Cache-Control"] == "private, no-store"


def test_cancel_cancels_and_says_so(officer, waiting):
    page = officer.post(address("cancel", waiting), follow=True).content.decode()

    assert "任务已取消。" in page
    assert Job.objects.get().state == "cancelled"


def test_cancel_of_a_finished_job_says_why_not(officer, finished):
    page = officer.post(address("cancel", finished), follow=True).content.decode()

    assert "这项任务已经结束，不能取消。" in page
    assert Job.objects.get().state == "done"


def test_resume_queues_a_cancelled_job_again(officer, waiting):
    actions.cancel(job=waiting, at=clock.now())

    page = officer.post(address("resume", waiting), follow=True).content.decode()

    assert "任务已重新排队。" in page
    assert Job.objects.get().state == "queued"


def test_resume_of_a_finished_job_says_why_not(officer, finished):
    page = officer.post(address("resume", finished), follow=True).content.decode()

    assert "只有未完成或已取消的任务可以重新办理。" in page


@pytest.mark.parametrize("name", ["cancel", "resume"])
def test_an_act_is_not_done_by_a_link(officer, waiting, name):
    assert officer.get(address(name, waiting)).status_code == 405
    assert Job.objects.get().state == "queued"


def test_download_hands_over_the_file_to_keep_and_not_to_show(officer, finished):
    answer = officer.get(address("download", finished))

    assert b"".join(answer.streaming_content) == b"PK-made"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"


def test_download_asks_for_the_permission_again(officer, finished):
    finished.may["now"] = False

    assert officer.get(address("download", finished)).status_code == 403


def test_download_of_an_unfinished_job_is_not_found(officer, waiting):
    assert officer.get(address("download", waiting)).status_code == 404


def test_download_of_a_file_that_was_cleared_away_is_not_found(officer, finished, storage_root):
    (storage_root / finished.result_file).unlink()

    assert officer.get(address("download", finished)).status_code == 404


@pytest.mark.parametrize("name", ["detail", "status", "download"])
def test_anothers_job_is_not_found(stranger, finished, name):
    answer = stranger.get(address(name, finished))

    assert answer.status_code == 404
    assert finished.label not in answer.content.decode()


@pytest.mark.parametrize("name", ["cancel", "resume"])
def test_anothers_job_cannot_be_acted_on(stranger, waiting, name):
    assert stranger.post(address(name, waiting)).status_code == 404
    assert Job.objects.get().state == "queued"


@pytest.mark.parametrize("name", ["detail", "status", "download", "cancel", "resume"])
def test_a_visitor_is_sent_to_sign_in(client, finished, name):
    answer = client.get(address(name, finished))

    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('accounts:sign_in')}?next={address(name, finished)}"
