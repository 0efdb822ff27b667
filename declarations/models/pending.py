"""An act that one person prepared and a second one of the same office confirms."""

from django.db import models
from django.db.models import F, Q

from declarations.models.cycle import Cycle
from declarations.models.declaration import Declaration
from declarations.second_person import Paired, PendingState
from sihao.accounts.models import Organisation, Seat, User


class Pending(models.Model):
    """One prepared act (待第二人确认); what it does is written when it is prepared and never altered.

    ``payload`` is what the act is done with, ``told`` the pairs that the second person reads, ``basis`` a digest of
    what it rests on: the act is refused when that has changed. ``subject_id`` names the row it is about; an act on a
    case names the case too, so that it is hidden from whoever must step back from that. Opening a cycle has none yet.
    """

    act = models.CharField("事项", max_length=24, choices=Paired)
    cycle = models.ForeignKey(Cycle, models.PROTECT, null=True, related_name="pending", verbose_name="周期")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="pending", verbose_name="办理单位")
    subject_id = models.PositiveBigIntegerField("对象")
    declaration = models.ForeignKey(
        Declaration, models.PROTECT, null=True, related_name="pending", verbose_name="申报"
    )
    title = models.CharField("标题", max_length=160)
    told = models.JSONField("内容", default=list)
    payload = models.JSONField("办理数据", default=dict)
    basis = models.CharField("依据摘要值", max_length=64, blank=True)
    reason = models.TextField("理由", blank=True)
    state = models.CharField("状态", max_length=12, choices=PendingState, default=PendingState.WAITING)
    prepared_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="拟办席位")
    preparer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="拟办人")
    prepared_at = models.DateTimeField("拟办时间")
    settled_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="办结席位")
    settler = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="办结人")
    settled_at = models.DateTimeField("办结时间", null=True)
    words = models.TextField("办结说明", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "待第二人确认"
        constraints = [
            models.UniqueConstraint(
                fields=["act", "subject_id"], condition=Q(state=PendingState.WAITING), name="pending_one_waiting"
            ),
            models.CheckConstraint(
                condition=~Q(state=PendingState.CONFIRMED) | ~Q(settler=F("preparer")),
                name="pending_second_person",
                violation_error_message="拟办人不能自己确认，请由本单位另一人办理。",
            ),
            models.CheckConstraint(
                condition=Q(state=PendingState.WAITING, settled_at__isnull=True)
                | ~Q(state=PendingState.WAITING) & Q(settled_at__isnull=False),
                name="pending_settled_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation"], condition=Q(state=PendingState.WAITING), name="pending_waiting")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def path(self) -> str:
        """The office's chain, kept by the trail."""
        return self.organisation.path
