"""A person's own jobs: the list, one job with its progress, cancelling, doing again, fetching the file."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from sihao import clock
from sihao.jobs import actions, registry, results
from sihao.jobs.models import RESULTS_KEPT, Job, JobState
from sihao.jobs.queries import job_of, page_of_jobs

MINUTE = timedelta(minutes=1)


def words_for(left: timedelta | None) -> str:
    """Return the time that is left in words, rounded up; "" where it is not known."""
    if left is None:
        return ""
    if left < MINUTE:
        return "不到1分钟"
    minutes = -(-left // MINUTE)
    hours, rest = divmod(minutes, 60)
    return f"约{minutes}分钟" if not hours else f"约{hours}小时{rest}分钟" if rest else f"约{hours}小时"


class JobView(LoginRequiredMixin, View):
    """Fetches the job of the person who asks; another's is not found, as if it were not there."""

    permission = "signed_in"

    def job(self) -> Job:
        """Return the job named in the address or answer 404."""
        try:
            return job_of(self.request.user.pk, self.kwargs["number"])
        except Job.DoesNotExist:
            raise Http404 from None


class JobList(LoginRequiredMixin, View):
    """What this person had put to work, newest first, paged by key."""

    permission = "signed_in"

    def get(self, request: HttpRequest) -> HttpResponse:
        before = request.GET.get("before", "")
        if before and not (before.isdecimal() and len(before) <= 18):
            raise Http404
        jobs, next_key = page_of_jobs(request.user.pk, int(before) if before else None)
        page = {
            "previous_url": request.path if before else "",
            "next_url": f"?before={next_key}" if next_key else "",
            "first_url": request.path if before else "",
        }
        return render(request, "jobs/list.html", {"jobs": jobs, "page": page, "days_kept": RESULTS_KEPT.days})


class JobPage(JobView):
    """One job: state, progress, reason of failure, and what can be done."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        job = self.job()
        context = {
            "job": job,
            "back": registry.way_back(job.kind, job.arguments),
            "told": registry.told_of(job) if job.state == JobState.DONE else (),
            "left": words_for(job.time_left(clock.now())),
            "days_kept": RESULTS_KEPT.days,
        }
        return render(request, "jobs/detail.html", context)


class JobStatus(JobView):
    """The same as JSON, for the page that renews itself."""

    def get(self, request: HttpRequest, **kwargs: Any) -> JsonResponse:
        job = self.job()
        answer = {
            "state": job.state,
            "label": job.get_state_display(),
            "done": job.done,
            "total": job.total,
            "percent": job.percent,
            "left": words_for(job.time_left(clock.now())),
            "open": job.is_open,
            "error": job.error,
            "file": reverse("jobs:download", args=[job.number]) if job.has_result else "",
        }
        return JsonResponse(answer, headers={"Cache-Control": "private, no-store"})


class JobCancel(JobView):
    """Cancels a job that is still open."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        job = self.job()
        try:
            actions.cancel(job=job, at=clock.now())
            messages.success(request, "任务已取消。")
        except actions.Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("jobs:detail", number=job.number)


class JobResume(JobView):
    """Puts a failed or cancelled job back into the queue."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        job = self.job()
        try:
            actions.resume(job=job, at=clock.now())
            messages.success(request, "任务已重新排队。")
        except actions.Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("jobs:detail", number=job.number)


class JobDownload(JobView):
    """Hands over the finished file, if the person may have it today; the job's page tells that its time is over."""

    def get(self, request: HttpRequest, **kwargs: Any) -> FileResponse | HttpResponse:
        job = self.job()
        if job.is_cleared:
            return redirect("jobs:detail", number=job.number)
        if not job.has_result:
            raise Http404
        if not registry.find(job.kind).permitted(request.user, job.arguments):
            raise PermissionDenied("您已没有查看这份文件的权限。")
        try:
            content = results.located(job.result_file).open("rb")
        except FileNotFoundError:
            raise Http404("文件已清理，请重新办理。") from None
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}
        return FileResponse(content, as_attachment=True, filename=job.result_name, headers=headers)
