"""Lower tiers look again, at named rows alone, before the tier that waits for the case (features B17, T07)."""

from django.db import models
from django.db.models import F, Q

from declarations.models.declaration import Declaration
from declarations.models.review import ReturnSlip
from declarations.states import DeltaState, RoundCause
from sihao.accounts.models import Organisation, Seat


class DeltaRound(models.Model):
    """One pass of a case through lower tiers, from below upward, to the tier that waits for it (``target``).

    It is written also when every tier is skipped: the history tells who was, and why.
    """

    declaration = models.ForeignKey(
        Declaration, models.PROTECT, related_name="delta_rounds", verbose_name="申报"
    )
    cause = models.CharField("起因", max_length=12, choices=RoundCause)
    slip = models.OneToOneField(
        ReturnSlip, models.PROTECT, null=True, related_name="delta_round", verbose_name="退回单"
    )
    target = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="核对后交给")
    words = models.TextField("说明", blank=True)
    opened_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="发起人")
    opened_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "变动核对"
        constraints = [
            models.UniqueConstraint(
                fields=["declaration"], condition=Q(ended_at__isnull=True), name="delta_round_one_open"
            ),
            models.CheckConstraint(
                condition=Q(cause=RoundCause.RESUBMITTED, slip__isnull=False)
                | Q(cause=RoundCause.SENT_DOWN, slip__isnull=True),
                name="delta_round_has_its_cause",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("opened_at")),
                name="delta_round_ends_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_display()}后核对"


class DeltaTask(models.Model):
    """One tier's part of a round; ``note`` says why it was skipped or dropped.

    ``opinion`` says that the tier's opinion is to be given anew whether or not a mark changes.
    """

    round = models.ForeignKey(DeltaRound, models.CASCADE, related_name="tasks", verbose_name="核对")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="核对单位")
    place = models.PositiveSmallIntegerField("次序")
    state = models.CharField("状态", max_length=8, choices=DeltaState)
    opinion = models.BooleanField("重写审核意见", default=False)
    note = models.CharField("说明", max_length=200, blank=True)
    opened_at = models.DateTimeField("开始时间", null=True)
    ended_at = models.DateTimeField("办结时间", null=True)
    done_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="核对人")

    class Meta:
        verbose_name = verbose_name_plural = "核对任务"
        ordering = ["round", "place"]
        constraints = [
            models.UniqueConstraint(fields=["round", "organisation"], name="delta_task_once_a_tier"),
            models.UniqueConstraint(fields=["round", "place"], name="delta_task_place_once"),
            models.UniqueConstraint(
                fields=["round"], condition=Q(state=DeltaState.OPEN), name="delta_task_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state=DeltaState.WAITING, opened_at__isnull=True, ended_at__isnull=True)
                | Q(state=DeltaState.OPEN, opened_at__isnull=False, ended_at__isnull=True)
                | Q(
                    state=DeltaState.DONE,
                    opened_at__isnull=False,
                    ended_at__isnull=False,
                    done_by__isnull=False,
                )
                | (
                    Q(state__in=[DeltaState.SKIPPED, DeltaState.DROPPED], ended_at__isnull=False)
                    & ~Q(note="")
                ),
                name="delta_task_fits_its_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}{self.get_state_display()}"

    @property
    def kind(self) -> str:
        """The badge of its state."""
        return {DeltaState.DONE: "success", DeltaState.OPEN: "info", DeltaState.DROPPED: "warning"}.get(
            DeltaState(self.state), "neutral"
        )


class DeltaRow(models.Model):
    """One row that a tier looks at again: why, what its mark was, and when it was settled."""

    task = models.ForeignKey(DeltaTask, models.CASCADE, related_name="rows", verbose_name="核对任务")
    code = models.CharField("指标", max_length=20)
    causes = models.JSONField("变动内容", default=list)
    text = models.TextField("要求", blank=True)
    before = models.DecimalField("原得分", max_digits=6, decimal_places=2, null=True)
    settled_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="核对人")
    settled_at = models.DateTimeField("核对时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "核对指标"
        constraints = [
            models.UniqueConstraint(fields=["task", "code"], name="delta_row_once"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="delta_row_settled_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.code
