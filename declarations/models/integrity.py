"""What the integrity checks found, kept."""

from django.db import models
from django.db.models import Q

from sihao.accounts.models import Seat


class CheckCause(models.TextChoices):
    """Why the invariants were looked at."""

    NIGHTLY = "nightly", "每日检查"
    ORDERED = "ordered", "人工检查"


class IntegrityCheck(models.Model):
    """One look at all invariants; ``results`` holds of each its number, how many breaches and the first of them.

    An invariant that could not be looked at has the reason in ``error``. Nothing of what cases contain is kept here.
    """

    cause = models.CharField("事由", max_length=8, choices=CheckCause)
    ordered_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="检查人")
    begun_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间")
    results = models.JSONField("结果")
    failing = models.PositiveSmallIntegerField("不成立的条数")

    class Meta:
        verbose_name = verbose_name_plural = "完整性检查"
        constraints = [
            models.CheckConstraint(condition=Q(cause__in=CheckCause.values), name="integrity_check_cause_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_display()} {self.begun_at:%Y-%m-%d %H:%M}"
