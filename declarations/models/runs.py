"""Runs of the scoring module: what a verdict rests on, what a later run changed, and how the sections stand."""

from django.db import models
from django.db.models import F, Q

from declarations.models.cycle import Cycle
from declarations.models.declaration import Declaration
from sihao.accounts.models import Seat


class Nearness(models.TextChoices):
    """How near a verdict lies to its gates (the engine's words)."""

    ON = "on", "恰在线上"
    BELOW = "below", "未达条件，一行之差"
    ABOVE = "above", "达到条件，一行之差"


class RunCause(models.TextChoices):
    """Why verdicts are computed again (T25)."""

    ITEM = "item", "更正指标得分"
    PARAMETER = "parameter", "更正评分参数"


class RecomputationState(models.TextChoices):
    """Where a recomputation stands; one of a single case is done at once."""

    TRYING = "trying", "正在试算"
    TRIED = "tried", "已试算，待确认"
    RUNNING = "running", "正在重算"
    DONE = "done", "已重算"
    DROPPED = "dropped", "未采用"


OPEN_RECOMPUTATIONS = (RecomputationState.TRYING, RecomputationState.TRIED, RecomputationState.RUNNING)


class Recomputation(models.Model):
    """One recomputation (T25): the cause, by whom, the parameters before and after, and every verdict it changed.

    ``changes`` lists, case by case, what changed: key, number, name, unit, and before and after as total and verdict.
    ``basis`` is the digest of the runs that were looked at in the trial.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="recomputations", verbose_name="周期")
    number = models.PositiveIntegerField("次")
    cause = models.CharField("事由", max_length=10, choices=RunCause)
    state = models.CharField("状态", max_length=10, choices=RecomputationState)
    declaration = models.ForeignKey(
        Declaration, models.PROTECT, null=True, related_name="recomputations", verbose_name="申报"
    )
    reason = models.TextField("理由")
    before = models.JSONField("原参数", default=dict)
    after = models.JSONField("新参数", default=dict)
    cases = models.PositiveIntegerField("件数", default=0)
    changes = models.JSONField("变动", default=list)
    basis = models.CharField("试算依据摘要值", max_length=64, blank=True)
    ordered_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="办理人")
    ordered_at = models.DateTimeField("提出时间")
    ended_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "重新计算"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="recomputation_number_once"),
            models.UniqueConstraint(
                fields=["cycle"], condition=Q(state__in=OPEN_RECOMPUTATIONS), name="recomputation_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="recomputation_has_reason", violation_error_message="请写明理由。"
            ),
            models.CheckConstraint(
                condition=Q(cause=RunCause.ITEM, declaration__isnull=False)
                | Q(cause=RunCause.PARAMETER, declaration__isnull=True),
                name="recomputation_of_a_case_or_all",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_RECOMPUTATIONS, ended_at__isnull=True)
                | (~Q(state__in=OPEN_RECOMPUTATIONS) & Q(ended_at__isnull=False)),
                name="recomputation_ended_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}次重新计算"


class ScoreRun(models.Model):
    """One run of the scoring module: rule version, inputs and verdict, kept for ever.

    ``inputs`` are the settled marks, ``basis`` what they were settled from: the method, each counted sheet and the
    agreed and corrected rows with their digests. ``current`` is the case's last run; ``margin`` the total beside the
    line, ``rows`` those any one of which would turn the verdict, ``changes`` the smallest set that would.
    """

    declaration = models.ForeignKey(
        Declaration, models.PROTECT, related_name="score_runs", verbose_name="申报"
    )
    number = models.PositiveSmallIntegerField("次", default=1)
    programme_digest = models.CharField("标准摘要值", max_length=64)
    inputs = models.JSONField("各项得分")
    inputs_digest = models.CharField("得分摘要值", max_length=64)
    basis = models.JSONField("取分依据", default=dict)
    total = models.DecimalField("总分", max_digits=6, decimal_places=2)
    bonus = models.DecimalField("加分", max_digits=6, decimal_places=2)
    eligible = models.BooleanField("能否参与认定")
    explanation = models.JSONField("理由")
    current = models.BooleanField("现行", default=True)
    margin = models.DecimalField("与分数线之差", max_digits=6, decimal_places=2, null=True)
    nearness = models.CharField("临界", max_length=6, choices=Nearness, blank=True)
    rows = models.JSONField("一行之差的指标", default=list)
    changes = models.JSONField("影响结论的最少项目", default=list)
    recomputation = models.ForeignKey(
        Recomputation, models.PROTECT, null=True, related_name="runs", verbose_name="重新计算"
    )
    run_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="签署人")
    run_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "评分结果"
        constraints = [
            models.UniqueConstraint(fields=["declaration", "number"], name="score_run_number_once"),
            models.UniqueConstraint(fields=["declaration"], condition=Q(current=True), name="score_run_one_current"),
            models.CheckConstraint(condition=Q(nearness__in=["", *Nearness.values]), name="score_run_nearness_known"),
        ]
        indexes = [
            models.Index(fields=["nearness", "margin", "id"], condition=Q(current=True), name="score_run_boundary")
        ]

    def __str__(self) -> str:
        return f"{self.declaration} {self.total}"


class SectionScore(models.Model):
    """What a case was given in one section, by itself, by its unit and in the verdict: kept for plots and feedback."""

    declaration = models.ForeignKey(
        Declaration, models.CASCADE, related_name="section_scores", verbose_name="申报"
    )
    section = models.CharField("部分", max_length=10)
    maximum = models.DecimalField("满分", max_digits=6, decimal_places=2)
    self_points = models.DecimalField("自评得分", max_digits=6, decimal_places=2, null=True)
    unit_points = models.DecimalField("推荐单位审核得分", max_digits=6, decimal_places=2, null=True)
    final_points = models.DecimalField("复审得分", max_digits=6, decimal_places=2, null=True)

    class Meta:
        verbose_name = verbose_name_plural = "各部分得分"
        constraints = [
            models.UniqueConstraint(fields=["declaration", "section"], name="section_score_once"),
            models.CheckConstraint(
                condition=(Q(self_points__isnull=True) | Q(self_points__lte=F("maximum")))
                & (Q(unit_points__isnull=True) | Q(unit_points__lte=F("maximum")))
                & (Q(final_points__isnull=True) | Q(final_points__lte=F("maximum"))),
                name="section_score_within_maximum",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.declaration} {self.section}"
