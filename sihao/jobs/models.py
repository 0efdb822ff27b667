"""Work that outlives a request: one row a job, and the row is the truth."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class JobState(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued", "排队中"
    RUNNING = "running", "办理中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"
    CANCELLED = "cancelled", "已取消"


OPEN_STATES = (JobState.QUEUED, JobState.RUNNING)
CLOSED_STATES = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
RESULTS_KEPT = timedelta(days=7)
"""How long a finished file waits to be fetched."""


class Job(models.Model):
    """One piece of work: what, for whom, how far, and what came of it.

    A worker holds a job by lease: its name stands in ``worker`` and it renews ``lease_until`` with each report.
    Celery carries only the key of the row; a message that is lost, late or doubled changes nothing. ``paced_at`` and
    ``paced_from`` are the instant and the count of an attempt's first report: what was kept from before has no pace.
    """

    number = models.UUIDField("编号", default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("类别", max_length=60)
    label = models.CharField("名称", max_length=200)
    arguments = models.JSONField("参数", default=dict)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="jobs", verbose_name="提交人"
    )
    key = models.CharField("幂等键", max_length=200, null=True, blank=True, unique=True)
    state = models.CharField("状态", max_length=12, choices=JobState, default=JobState.QUEUED)
    done = models.PositiveIntegerField("已办", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    worker = models.CharField("承办进程", max_length=120, blank=True)
    heartbeat_at = models.DateTimeField("最近心跳", null=True, blank=True)
    lease_until = models.DateTimeField("占用至", null=True, blank=True)
    sent_at = models.DateTimeField("最近派发", null=True, blank=True)
    created_at = models.DateTimeField("提交时间")
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    paced_at = models.DateTimeField("计速时间", null=True, blank=True)
    paced_from = models.PositiveIntegerField("计速起点", default=0)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)
    result_name = models.CharField("文件名", max_length=200, blank=True)
    result_file = models.CharField("文件", max_length=200, blank=True)
    error = models.CharField("原因", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        indexes = [
            models.Index(fields=["owner", "-id"], name="job_by_owner"),
            models.Index(fields=["state", "id"], name="job_open", condition=Q(state__in=OPEN_STATES)),
            models.Index(fields=["finished_at"], name="job_with_file", condition=~Q(result_file="")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known"),
            models.CheckConstraint(condition=Q(total=0) | Q(done__lte=F("total")), name="job_done_within_total"),
            models.CheckConstraint(
                condition=~Q(state=JobState.RUNNING) | (~Q(worker="") & Q(lease_until__isnull=False)),
                name="job_running_is_leased",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=CLOSED_STATES) & Q(finished_at__isnull=True)
                | Q(state__in=CLOSED_STATES, finished_at__isnull=False),
                name="job_closed_has_end",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_open(self) -> bool:
        """Whether the job still waits or runs."""
        return self.state in OPEN_STATES

    @property
    def has_result(self) -> bool:
        """Whether there is a finished file to fetch."""
        return self.state == JobState.DONE and bool(self.result_file)

    @property
    def is_cleared(self) -> bool:
        """Whether there was a file and its time is over."""
        return self.state == JobState.DONE and bool(self.result_name) and not self.result_file

    @property
    def kept_until(self) -> datetime | None:
        """Return the end of the time for which the finished file is kept."""
        return self.finished_at + RESULTS_KEPT if self.finished_at and self.result_name else None

    def time_left(self, now: datetime) -> timedelta | None:
        """Return how long the rest takes at this attempt's pace; None while nothing can be said of it."""
        made = self.done - self.paced_from
        if self.state != JobState.RUNNING or self.paced_at is None or made <= 0 or now <= self.paced_at:
            return None
        return (now - self.paced_at) * (self.total - self.done) / made

    @property
    def percent(self) -> int:
        """Progress in whole per cent; 0 while the total is not known."""
        if self.state == JobState.DONE:
            return 100
        return self.done * 100 // self.total if self.total else 0
