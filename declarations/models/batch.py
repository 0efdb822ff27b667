"""A unit's recommendation list in a cycle, decided by its leading body and sent upward as a whole."""

from django.db import models
from django.db.models import F, Q

from declarations.models.cycle import Cycle
from declarations.states import BatchState
from sihao.accounts.models import Organisation, Seat


class Batch(models.Model):
    """The list (名单), the record of the meeting that decided it, and its way upward (notice 五（二）1).

    ``order_version`` grows with every change of the ranks that somebody may have before the eyes.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="batches", verbose_name="周期")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="batches", verbose_name="推荐单位")
    state = models.CharField("状态", max_length=14, choices=BatchState, default=BatchState.OPEN)
    version = models.PositiveSmallIntegerField("名单版本", default=0)
    listing = models.JSONField("固定的名单", default=list)
    digest = models.CharField("名单摘要值", max_length=64, blank=True)
    frozen_at = models.DateTimeField("固定时间", null=True)
    prepared_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="拟定人")
    meeting_on = models.DateField("集体研究日期", null=True)
    meeting_name = models.CharField("会议名称", max_length=100, blank=True)
    present = models.TextField("出席人员", blank=True)
    recused = models.TextField("回避人员", blank=True)
    minutes = models.TextField("研究意见", blank=True)
    meeting_digest = models.CharField("会议审定名单的摘要值", max_length=64, blank=True)
    uploaded_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="上报人")
    uploaded_at = models.DateTimeField("上报时间", null=True)
    receipt = models.CharField("回执编号", max_length=40, blank=True)
    accepted_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="接收人")
    accepted_at = models.DateTimeField("接收时间", null=True)
    order_version = models.PositiveIntegerField("次序版本", default=0)
    ordered_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="次序调整人")
    ordered_at = models.DateTimeField("次序调整时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "推荐名单"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "unit"], name="batch_one_a_unit"),
            models.CheckConstraint(
                condition=Q(uploaded_by__isnull=True) | ~Q(uploaded_by=F("prepared_by")),
                name="batch_second_person",
                violation_error_message="拟定名单和上报名单须由两人办理。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}推荐名单"

    @property
    def path(self) -> str:
        """The unit's chain, kept by the trail."""
        return self.unit.path
