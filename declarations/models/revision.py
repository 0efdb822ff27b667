"""What was handed in, frozen."""

from django.db import models

from declarations.models.declaration import Declaration
from sihao.accounts.models import Seat


class Revision(models.Model):
    """A numbered, digested copy of the case at a step upward: answers, marks of the frozen layer, evidence."""

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="revisions", verbose_name="申报")
    number = models.PositiveSmallIntegerField("版本号")
    transition = models.CharField("步骤", max_length=30)
    content = models.JSONField("内容")
    digest = models.CharField("摘要值", max_length=64)
    frozen_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="办理人")
    frozen_at = models.DateTimeField("固定时间")

    class Meta:
        verbose_name = verbose_name_plural = "固定版本"
        constraints = [models.UniqueConstraint(fields=["declaration", "number"], name="revision_number_once")]

    def __str__(self) -> str:
        return f"{self.declaration} 第{self.number}版"
