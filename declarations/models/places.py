"""How places are shared out: regions and weights, chambers counted, plans, limits for the tiers below."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from declarations.models.cycle import Cycle
from declarations.models.declaration import Declaration
from sihao.accounts.models import Organisation, Seat


class Region(models.Model):
    """A group of units with one weight (notice 四: 兼顾东、中、西部和东北地区); ``codes`` are the units in it."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="regions", verbose_name="周期")
    place = models.PositiveSmallIntegerField("次序")
    name = models.CharField("地区", max_length=20)
    weight = models.DecimalField(
        "权重", max_digits=6, decimal_places=3, default=Decimal(1), validators=[MinValueValidator(Decimal("0.001"))]
    )
    codes = models.JSONField("单位代码", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "地区权重"
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "place"], name="region_place_once"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="region_weight_positive"),
        ]

    def __str__(self) -> str:
        return self.name


class ChamberCount(models.Model):
    """How many chambers an organisation counted at the cycle's date; where the figure comes from and who wrote it."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="chamber_counts", verbose_name="周期")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    number = models.PositiveIntegerField("商会数")
    source = models.CharField("来源", max_length=160)
    digest = models.CharField("来源文件摘要值", max_length=64, blank=True)
    written_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="写入人")
    written_at = models.DateTimeField("写入时间")

    class Meta:
        verbose_name = verbose_name_plural = "商会统计"
        constraints = [models.UniqueConstraint(fields=["cycle", "organisation"], name="chamber_count_once")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.number}"


class CountSheet(models.Model):
    """An uploaded sheet of counts, read and not yet written: it is looked through and confirmed once."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="+", verbose_name="周期")
    owner = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name="分配单位")
    name = models.CharField("文件名", max_length=160)
    digest = models.CharField("摘要值", max_length=64)
    numbers = models.JSONField("商会数", default=dict)
    faults = models.JSONField("有误的行", default=list)
    brought_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="上传人")
    brought_at = models.DateTimeField("上传时间")
    written_at = models.DateTimeField("写入时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "上传的商会统计"

    def __str__(self) -> str:
        return self.name


class QuotaPlan(models.Model):
    """How an office shares places out among those directly beneath it: the nation its quota, a tier its limits.

    ``hard`` says that a limit below a province stops forwarding; a soft one warns. ``adopted`` is what was adopted
    last, unit by unit with how it came about; nothing rests on a plan before that.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="plans", verbose_name="周期")
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="分配单位")
    total = models.PositiveIntegerField("名额总数")
    floor = models.PositiveSmallIntegerField("保底数", default=0)
    hard = models.BooleanField("额满不能再报", default=False)
    version = models.PositiveSmallIntegerField("版本", default=0)
    adopted = models.JSONField("采用的分配", default=list)
    adopted_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="采用人")
    adopted_at = models.DateTimeField("采用时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "名额分配"
        constraints = [models.UniqueConstraint(fields=["cycle", "owner"], name="quota_plan_one_an_owner")]

    def __str__(self) -> str:
        return f"{self.owner}名额分配"

    @property
    def path(self) -> str:
        """The owner's chain, kept by the trail."""
        return self.owner.path


class PlaceOverride(models.Model):
    """A unit's places as a person sets them instead of the formula, with the reason."""

    plan = models.ForeignKey(QuotaPlan, models.CASCADE, related_name="overrides", verbose_name="名额分配")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    places = models.PositiveIntegerField("名额")
    reason = models.TextField("理由")
    set_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="调整人")
    set_at = models.DateTimeField("调整时间")

    class Meta:
        verbose_name = verbose_name_plural = "单位名额调整"
        constraints = [models.UniqueConstraint(fields=["plan", "organisation"], name="place_override_once_a_unit")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.places}"


class ForwardLimit(models.Model):
    """How many cases a federation below a province may forward; ``used`` moves only with the cases forwarded."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="limits", verbose_name="周期")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="limits", verbose_name="报送单位")
    places = models.PositiveIntegerField("报送名额")
    hard = models.BooleanField("额满不能再报", default=False)
    used = models.PositiveIntegerField("已报", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "报送名额"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "organisation"], name="forward_limit_one_a_unit"),
            models.CheckConstraint(
                condition=Q(hard=False) | Q(used__lte=F("places")),
                name="forward_limit_not_exceeded",
                violation_error_message="已报件数不能超过报送名额。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.used}/{self.places}"

    @property
    def path(self) -> str:
        """The organisation's chain, kept by the trail."""
        return self.organisation.path


class ForwardedPlace(models.Model):
    """A place of a limit that a case holds, from being forwarded until it is returned, declined or withdrawn."""

    limit = models.ForeignKey(ForwardLimit, models.CASCADE, related_name="held", verbose_name="报送名额")
    declaration = models.ForeignKey(
        Declaration, models.CASCADE, related_name="forwarded_places", verbose_name="申报"
    )

    class Meta:
        verbose_name = verbose_name_plural = "占用的报送名额"
        constraints = [models.UniqueConstraint(fields=["limit", "declaration"], name="forwarded_place_once")]

    def __str__(self) -> str:
        return f"{self.limit}：{self.declaration}"
