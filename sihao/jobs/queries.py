"""Reading jobs."""

from uuid import UUID

from django.db.models import QuerySet

from sihao.jobs.models import Job, JobState

PAGE = 20


def jobs_of(user_id: int) -> QuerySet[Job]:
    """Return what one person had put to work, newest first."""
    return Job.objects.filter(owner_id=user_id).order_by("-id")


def page_of_jobs(user_id: int, before: int | None = None) -> tuple[list[Job], int | None]:
    """Return one page of a person's jobs older than the key ``before``, and the key of the next page or None."""
    jobs = jobs_of(user_id)
    if before is not None:
        jobs = jobs.filter(id__lt=before)
    page = list(jobs[: PAGE + 1])
    return page[:PAGE], page[PAGE - 1].pk if len(page) > PAGE else None


def job_of(user_id: int, number: UUID) -> Job:
    """Return one job of this person; raises ``Job.DoesNotExist`` for another's as for none."""
    return jobs_of(user_id).get(number=number)


def waiting(limit: int) -> QuerySet[Job]:
    """Return the jobs in the queue, oldest first."""
    return Job.objects.filter(state=JobState.QUEUED).order_by("id")[:limit]


def running() -> QuerySet[Job]:
    """Return the jobs somebody holds, or held until the process ended."""
    return Job.objects.filter(state=JobState.RUNNING)
