"""Published programmes and the ledger of marks, layer by layer."""

from django.db import models
from django.db.models import F, Q

from sihao.accounts.models import Organisation, Seat
from sihao.prepared import Read


class Layer(models.TextChoices):
    """Whose marks these are; no layer ever overwrites another."""

    SELF = "self", "自评"
    COUNTY = "county", "县级审核"
    CITY = "city", "市级审核"
    PROVINCE = "province", "省级审核"
    PRELIMINARY = "preliminary", "初审"
    EXPERT = "expert", "专家评分"
    AGREED = "agreed", "专家组商定"
    CORRECTED = "corrected", "更正"


class ProgrammeVersion(Read):
    """A programme as published: the frozen text of its file and the text's SHA-256.

    ``owner`` is the office that published it; none means the nation's, as the files that come with the house are.
    """

    slug = models.SlugField("代号", max_length=60)
    title = models.CharField("标准名称", max_length=120)
    text = models.TextField("标准文件")
    digest = models.CharField("摘要值", max_length=64)
    published_at = models.DateTimeField("发布时间")
    owner = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="programmes", verbose_name="发布单位"
    )

    class Meta:
        verbose_name = verbose_name_plural = "认定标准"
        constraints = [models.UniqueConstraint(fields=["slug", "digest"], name="programme_version_once")]

    def __str__(self) -> str:
        return self.title


class Ledger(Read):
    """The mark book of one case under one programme."""

    programme = models.ForeignKey(ProgrammeVersion, models.PROTECT, related_name="ledgers", verbose_name="认定标准")

    class Meta:
        verbose_name = verbose_name_plural = "评分台账"

    def __str__(self) -> str:
        return f"评分台账{self.pk}"


class Assessment(Read):
    """One layer of a ledger; an expert's layer belongs to that expert alone.

    ``digest`` is that of the other columns as they were written last (``scoring.digests``).
    """

    ledger = models.ForeignKey(Ledger, models.PROTECT, related_name="assessments", verbose_name="台账")
    layer = models.CharField("评分层", max_length=12, choices=Layer)
    assessor = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="assessments", verbose_name="专家")
    version = models.PositiveSmallIntegerField("版本", default=1)
    total = models.DecimalField("总分", max_digits=6, decimal_places=2, default=0)
    locked_at = models.DateTimeField("固定时间", null=True)
    digest = models.CharField("摘要值", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "评分层"
        constraints = [
            models.CheckConstraint(condition=Q(layer__in=Layer.values), name="assessment_layer_known"),
            models.CheckConstraint(
                condition=Q(layer=Layer.EXPERT, assessor__isnull=False)
                | (~Q(layer=Layer.EXPERT) & Q(assessor__isnull=True)),
                name="assessment_expert_has_assessor",
            ),
            models.UniqueConstraint(
                fields=["ledger", "layer", "version"],
                condition=Q(assessor__isnull=True),
                name="assessment_layer_once",
            ),
            models.UniqueConstraint(
                fields=["ledger", "assessor", "version"],
                condition=Q(assessor__isnull=False),
                name="assessment_expert_once",
            ),
        ]

    def __str__(self) -> str:
        return self.get_layer_display()


class Mark(Read):
    """One row's mark in one layer, in points; ``typed`` keeps what was entered when it is not a mark.

    ``version`` grows by one with each change, so that two people who write at once meet visibly.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="marks", verbose_name="评分层")
    code = models.CharField("指标", max_length=20)
    points = models.DecimalField("得分", max_digits=6, decimal_places=2, null=True)
    maximum = models.DecimalField("满分", max_digits=6, decimal_places=2)
    typed = models.TextField("原样输入", blank=True)
    words = models.TextField("实际情况说明", blank=True)
    reason = models.TextField("理由（扣分原因）", blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    set_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="评分人")
    set_at = models.DateTimeField("评分时间")

    class Meta:
        verbose_name = verbose_name_plural = "得分"
        constraints = [
            models.UniqueConstraint(fields=["assessment", "code"], name="mark_once_a_layer"),
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(points__gte=0, points__lte=F("maximum")),
                name="mark_between_zero_and_maximum",
                violation_error_message="得分不能为负，也不能超过该项满分。",
            ),
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(typed=""), name="mark_is_a_mark_or_as_typed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.points}/{self.maximum}"


class MarkVersion(Read):
    """What a row held from one change to the next; written with every change, never altered.

    ``digest`` is that of the line as it was written (``scoring.digests``).
    """

    assessment = models.ForeignKey(
        Assessment, models.PROTECT, related_name="mark_versions", verbose_name="评分层"
    )
    code = models.CharField("指标", max_length=20)
    version = models.PositiveIntegerField("版本")
    points = models.DecimalField("得分", max_digits=6, decimal_places=2, null=True)
    typed = models.TextField("原样输入", blank=True)
    words = models.TextField("实际情况说明", blank=True)
    reason = models.TextField("理由（扣分原因）", blank=True)
    set_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="评分人")
    set_at = models.DateTimeField("评分时间")
    digest = models.CharField("摘要值", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "得分修改记录"
        constraints = [
            models.UniqueConstraint(fields=["assessment", "code", "version"], name="mark_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.code}（第{self.version}版）"
