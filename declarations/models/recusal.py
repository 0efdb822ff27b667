"""Who steps back from which case (回避): ties to a declaring body, and single cases by hand."""

from django.db import models
from django.db.models import F, Q

from declarations.models.declaration import Declaration
from sihao.accounts.models import Organisation, Seat, User


class TieKind(models.TextChoices):
    """What ties a person to a body."""

    POST = "post", "任职"
    KINSHIP = "kinship", "亲属关系"
    SEAT = "seat", "曾在本系统任职"


class Kinship(models.TextChoices):
    """The relations that bind (公务员法第七十四条)."""

    SPOUSE = "spouse", "夫妻"
    LINEAL = "lineal", "直系血亲"
    COLLATERAL = "collateral", "三代以内旁系血亲"
    IN_LAW = "in_law", "近姻亲"


class TieOver(models.TextChoices):
    """Why a tie binds no more."""

    LAPSED = "lapsed", "离任已满两年"
    STRUCK = "struck", "已更正"


class Tie(models.Model):
    """What ties a person to a body that may declare; while ``over_at`` is empty the person finds nothing of its cases.

    A post that was left binds for two years, until ``binds_until``, and then lapses by the clock; kinship and a present
    post have no end of their own. A body that is not registered yet is kept by its name and found when it is.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="ties", verbose_name="人员")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="ties", verbose_name="申报单位"
    )
    name = models.CharField("单位名称", max_length=100)
    kind = models.CharField("类别", max_length=8, choices=TieKind)
    post = models.CharField("职务", max_length=50, blank=True)
    since = models.DateField("任职起", null=True)
    left_on = models.DateField("离任日期", null=True)
    binds_until = models.DateField("回避至", null=True)
    relation = models.CharField("关系", max_length=12, choices=Kinship, blank=True)
    relative = models.CharField("亲属姓名", max_length=50, blank=True)
    declared_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="申报人")
    declared_at = models.DateTimeField("申报时间")
    over_at = models.DateTimeField("解除时间", null=True)
    over_why = models.CharField("解除原因", max_length=8, choices=TieOver, blank=True)
    struck_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="更正人")
    struck_reason = models.CharField("更正理由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "回避申报"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=TieKind.values), name="tie_kind_known"),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True, binds_until__isnull=True)
                | Q(left_on__isnull=False, binds_until__gt=F("left_on")),
                name="tie_left_has_its_term",
            ),
            models.CheckConstraint(
                condition=~Q(kind=TieKind.KINSHIP) | Q(relation__in=Kinship.values), name="tie_kinship_has_relation"
            ),
            models.CheckConstraint(
                condition=Q(over_at__isnull=True, over_why="") | Q(over_at__isnull=False) & ~Q(over_why=""),
                name="tie_over_has_its_why",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "organisation"], condition=Q(over_at__isnull=True), name="tie_of_person"),
            models.Index(fields=["organisation", "user"], condition=Q(over_at__isnull=True), name="tie_to_body"),
            models.Index(fields=["binds_until"], condition=Q(over_at__isnull=True), name="tie_by_term"),
        ]

    def __str__(self) -> str:
        return f"{self.user.name}与{self.name}"

    @property
    def path(self) -> str:
        """The body's chain, kept by the trail; who is tied to it reads nothing of it there."""
        return self.organisation.path if self.organisation is not None else ""

    @property
    def ground(self) -> str:
        """Why the person steps back, in words that name no case."""
        if self.kind == TieKind.KINSHIP:
            return f"亲属关系（{self.get_relation_display()}）"
        if self.left_on is not None:
            return "曾任职，离任不满两年"
        return "现任职务"


class Recusal(models.Model):
    """One person who steps back from one case, declared by hand: by the person or by a superior, with the reason."""

    user = models.ForeignKey(User, models.PROTECT, related_name="recusals", verbose_name="回避人")
    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="recusals", verbose_name="申报")
    reason = models.CharField("理由", max_length=300)
    declared_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="声明人")
    declared_at = models.DateTimeField("声明时间")
    substitute = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="接办人")
    ended_at = models.DateTimeField("解除时间", null=True)
    ended_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="解除人")
    end_reason = models.CharField("解除理由", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "回避"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "declaration"],
                condition=Q(ended_at__isnull=True),
                name="recusal_once",
                violation_error_message="已登记回避，不必重复登记。",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="recusal_has_a_reason"),
        ]
        indexes = [
            models.Index(
                fields=["declaration", "user"], condition=Q(ended_at__isnull=True), name="recusal_of_case"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user.name}回避"
