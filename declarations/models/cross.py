"""What the machine found in a case, alone and across cases: rows, computed when cases come up and when asked anew."""

from django.db import models
from django.db.models import Q

from declarations.models.cycle import Cycle
from declarations.models.declaration import Declaration
from declarations.states import CrossKind
from sihao.accounts.models import Seat


class Comparison(models.Model):
    """The last comparison of a cycle's cases: when, of how many, and what of each kind was found."""

    cycle = models.OneToOneField(Cycle, models.CASCADE, related_name="comparison", verbose_name="周期")
    at = models.DateTimeField("比对时间")
    cases = models.PositiveIntegerField("件数")
    found = models.JSONField("各类事项数", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "比对"

    def __str__(self) -> str:
        return f"{self.cycle}比对"


class CrossFinding(models.Model):
    """One thing that several cases have in common, or a figure among its peers; ``told`` is what a plot needs of it."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="cross_findings", verbose_name="周期")
    kind = models.CharField("类别", max_length=10, choices=CrossKind)
    key = models.CharField("标识", max_length=80)
    title = models.CharField("名称", max_length=200)
    told = models.JSONField("数据", default=dict)
    weight = models.PositiveIntegerField("次序", default=0)
    found_at = models.DateTimeField("首次发现时间")

    class Meta:
        verbose_name = verbose_name_plural = "跨件比对结果"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "kind", "key"], name="cross_finding_once"),
            models.CheckConstraint(condition=Q(kind__in=CrossKind.values), name="cross_finding_kind_known"),
        ]
        indexes = [models.Index(fields=["cycle", "kind", "-weight", "id"], name="cross_finding_by_weight")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.title}"


class CaseFinding(models.Model):
    """What a reviewer says a word on before a case passes: a hint of the checks, or the case's part across cases.

    The word belongs to the very sentence it was given on: when that changes, it has to be given again. The sentence
    names no other case, so that whoever steps back from one learns nothing of it here.
    """

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="case_findings", verbose_name="申报")
    key = models.CharField("标识", max_length=120)
    sentence = models.TextField("发现的情况")
    clause = models.CharField("依据", max_length=40, blank=True)
    cross = models.ForeignKey(
        CrossFinding, models.CASCADE, null=True, related_name="parts", verbose_name="跨件比对结果"
    )
    places = models.JSONField("所在", default=list)
    told = models.JSONField("数据", default=dict)
    found_at = models.DateTimeField("发现时间")
    word = models.TextField("核对说明", blank=True)
    noted_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="核对人")
    noted_at = models.DateTimeField("核对时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "初审核对事项"
        constraints = [
            models.UniqueConstraint(fields=["declaration", "key"], name="case_finding_once"),
            models.CheckConstraint(
                condition=Q(noted_at__isnull=True, noted_by__isnull=True, word="")
                | Q(noted_at__isnull=False, noted_by__isnull=False),
                name="case_finding_noted_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["declaration"], condition=Q(noted_at__isnull=True), name="case_finding_open"),
        ]

    def __str__(self) -> str:
        return self.sentence
