"""What goes out once a list is decided: the publication line by line, packs for the provinces, stories."""

from django.db import models
from django.db.models import Q

from declarations.models.cycle import Cycle
from declarations.models.declaration import Declaration
from declarations.models.recognition import Recognition
from declarations.states import StoryState
from sihao.accounts.models import Organisation, Seat


class Publication(models.Model):
    """One publication of titles (认定并公布): its lines are settled one by one, and it is seen when all are.

    A worker that dies leaves it open; whoever takes the job up again goes on with the lines that are left.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="publications", verbose_name="周期")
    number = models.PositiveSmallIntegerField("次")
    digest = models.CharField("待公布名单摘要值", max_length=64)
    begun_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="公布人")
    begun_at = models.DateTimeField("开始时间")
    completed_at = models.DateTimeField("公布时间", null=True)
    published = models.PositiveIntegerField("公布家数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "公布"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="publication_number_once"),
            models.UniqueConstraint(
                fields=["cycle"], condition=Q(completed_at__isnull=True), name="publication_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cycle.name}第{self.number}次公布"


class PublicationLine(models.Model):
    """One case of a publication: recognised, or left out with the reason."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="lines", verbose_name="公布")
    declaration = models.ForeignKey(
        Declaration, models.PROTECT, related_name="publication_lines", verbose_name="申报"
    )
    place = models.PositiveIntegerField("次序")
    settled_at = models.DateTimeField("办理时间", null=True)
    refusal = models.TextField("未公布的原因", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "公布名单"
        constraints = [
            models.UniqueConstraint(fields=["publication", "declaration"], name="publication_line_once"),
            models.UniqueConstraint(fields=["publication", "place"], name="publication_place_once"),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.declaration}"


class FeedbackPack(models.Model):
    """What a recommending unit reads of its own chambers' results (分数结果反馈); a file of the store.

    ``basis`` is the digest of what it holds: a pack whose basis has changed is made anew as the next edition.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="feedback_packs", verbose_name="周期")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="推荐单位")
    edition = models.PositiveSmallIntegerField("版次")
    basis = models.CharField("内容摘要值", max_length=64)
    cases = models.PositiveIntegerField("件数")
    name = models.CharField("文件名", max_length=160)
    digest = models.CharField("文件摘要值", max_length=64)
    stored = models.CharField("存放位置", max_length=120)
    size = models.PositiveBigIntegerField("字节数")
    made_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = verbose_name_plural = "反馈材料"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "unit", "edition"], name="feedback_edition_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """The unit's chain, kept by the trail."""
        return self.unit.path


class Story(models.Model):
    """The story (事迹) of a recognised chamber on the public site: edited by the department, released by its head.

    The picture is kept as it was drawn anew: upright, and with nothing in it that was not picture.
    """

    recognition = models.OneToOneField(Recognition, models.PROTECT, related_name="story", verbose_name="认定")
    title = models.CharField("标题", max_length=60)
    text = models.TextField("事迹")
    state = models.CharField("状态", max_length=10, choices=StoryState, default=StoryState.DRAFT)
    version = models.PositiveIntegerField("版本", default=1)
    kind = models.CharField("图片类型", max_length=10, blank=True)
    digest = models.CharField("图片摘要值", max_length=64, blank=True)
    stored = models.CharField("图片存放位置", max_length=120, blank=True)
    caption = models.CharField("图片说明", max_length=80, blank=True)
    edited_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="编辑人")
    edited_at = models.DateTimeField("编辑时间")
    released_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="发布人")
    released_at = models.DateTimeField("发布时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "事迹"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=StoryState.values), name="story_state_known"),
            models.CheckConstraint(
                condition=~Q(state=StoryState.RELEASED) | Q(released_at__isnull=False, released_by__isnull=False),
                name="story_released_by_a_person",
            ),
            models.CheckConstraint(
                condition=Q(digest="") | ~Q(caption=""),
                name="story_picture_has_words",
                violation_error_message="请写明图片说明。",
            ),
        ]
        indexes = [
            models.Index(fields=["-released_at", "-id"], condition=Q(state=StoryState.RELEASED), name="story_released")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def path(self) -> str:
        """The chain of the case, kept by the trail."""
        return self.recognition.declaration.path
