"""A case: one chamber in one cycle, with its answers and evidence."""

from django.db import models
from django.db.models import Q

from declarations.models.batch import Batch
from declarations.models.cycle import Cycle
from declarations.models.kept import KeptFile
from declarations.states import ENDED, State
from scoring.models import Ledger
from sihao.accounts.models import Organisation, Seat
from sihao.prepared import Read


class Declaration(Read):
    """One case with one state and one holder; ``state`` is written by ``actions.transition`` alone.

    ``path`` is the applicant's chain in the tree, so that a jurisdiction is a range of one index.
    ``unit`` is the recommending unit, which holds the quota: the province, or the national node for 直属商会.
    ``awaited_by`` is set while lower tiers look at named rows alone (a round): the tier that the case goes to then.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="declarations", verbose_name="周期")
    applicant = models.ForeignKey(Organisation, models.PROTECT, related_name="declarations", verbose_name="申报单位")
    applicant_name = models.CharField("申报单位名称", max_length=100)
    number = models.CharField("受理编号", max_length=30, unique=True)
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="所在地工商联")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="推荐单位")
    path = models.CharField("链条", max_length=100)
    route = models.JSONField("审核路线", default=list)
    ledger = models.OneToOneField(Ledger, models.PROTECT, related_name="declaration", verbose_name="评分台账")

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT)
    holder = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="held_cases", verbose_name="现由谁办理"
    )
    held_since = models.DateTimeField("何时起")
    due_at = models.DateTimeField("办理期限", null=True)
    remind_at = models.DateTimeField("催办时间", null=True)
    is_extended = models.BooleanField("已延期", default=False)
    version = models.PositiveIntegerField("版本", default=0)

    started_at = models.DateTimeField("开始时间")
    submitted_at = models.DateTimeField("提交时间", null=True)
    receipt = models.CharField("回执编号", max_length=40, blank=True)
    returned_by = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name="退回单位"
    )
    awaited_by = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name="核对后交给"
    )
    rank = models.PositiveIntegerField("推荐排序", null=True)
    rank_reason = models.CharField("排序理由", max_length=300, blank=True)
    is_reserve = models.BooleanField("备选", default=False)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="cases", verbose_name="推荐名单")
    desk = models.ForeignKey(
        Seat, models.PROTECT, null=True, related_name="desk_cases", verbose_name="初审经办人"
    )

    self_total = models.DecimalField("自评得分", max_digits=6, decimal_places=2, null=True)
    unit_total = models.DecimalField("推荐单位审核得分", max_digits=6, decimal_places=2, null=True)
    final_total = models.DecimalField("复审得分", max_digits=6, decimal_places=2, null=True)

    class Meta:
        verbose_name = verbose_name_plural = "申报"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="declaration_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=sorted(ENDED), holder__isnull=True)
                | (~Q(state__in=sorted(ENDED)) & Q(holder__isnull=False)),
                name="declaration_holder_fits_state",
            ),
            models.UniqueConstraint(
                fields=["cycle", "applicant"],
                condition=~Q(state=State.WITHDRAWN),
                name="declaration_one_a_cycle",
                violation_error_message="本周期内该商会已有申报。",
            ),
            models.UniqueConstraint(
                fields=["cycle", "unit", "is_reserve", "rank"],
                condition=Q(rank__isnull=False),
                name="declaration_rank_unique",
                violation_error_message="推荐排序不能重复。",
            ),
            models.CheckConstraint(
                condition=Q(rank__isnull=True) | Q(rank__gte=1), name="declaration_rank_from_one"
            ),
            models.CheckConstraint(
                condition=Q(awaited_by__isnull=True) | Q(state=State.LOCAL_REVIEW),
                name="declaration_awaited_in_review",
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "due_at", "id"], name="declaration_worklist"),
            models.Index(fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="declaration_by_term"),
            models.Index(
                fields=["remind_at", "id"], condition=Q(remind_at__isnull=False), name="declaration_by_reminder"
            ),
            models.Index(fields=["path", "id"], name="declaration_by_path"),
            models.Index(fields=["cycle", "state", "id"], name="declaration_by_state"),
            models.Index(fields=["unit", "state", "rank"], name="declaration_by_unit"),
            models.Index(fields=["applicant_name", "id"], name="declaration_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.applicant_name}（{self.number}）"

    @property
    def place(self) -> Organisation:
        """The federation of the applicant's place: a chamber's home, a federation itself."""
        return self.home if self.applicant.is_chamber else self.applicant


class Answer(Read):
    """One field of the application form as it was typed; ``problem`` says why it is not yet an answer.

    ``version`` grows by one with each change, so that two people who write at once meet visibly. ``carried`` says that
    the answer was taken over from the last cycle and nobody has confirmed or changed it yet.
    """

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="answers", verbose_name="申报")
    field = models.CharField("字段", max_length=60)
    value = models.JSONField("内容", null=True)
    problem = models.CharField("问题", max_length=300, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    carried = models.BooleanField("上期沿用未确认", default=False)
    set_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="填写人")
    set_at = models.DateTimeField("填写时间")

    class Meta:
        verbose_name = verbose_name_plural = "申报表内容"
        constraints = [models.UniqueConstraint(fields=["declaration", "field"], name="answer_once_a_field")]

    def __str__(self) -> str:
        return f"{self.field}={self.value}"


class AnswerVersion(models.Model):
    """What a field held from one change to the next; written with every change, never altered."""

    declaration = models.ForeignKey(
        Declaration, models.CASCADE, related_name="answer_versions", verbose_name="申报"
    )
    field = models.CharField("字段", max_length=60)
    version = models.PositiveIntegerField("版本")
    value = models.JSONField("内容", null=True)
    set_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="填写人")
    set_at = models.DateTimeField("填写时间")

    class Meta:
        verbose_name = verbose_name_plural = "申报表修改记录"
        constraints = [
            models.UniqueConstraint(fields=["declaration", "field", "version"], name="answer_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.field}（第{self.version}版）"


class Explanation(models.Model):
    """The chamber's word on one thing that the checks ask it to explain.

    ``finding`` is the key of what was found, ``sentence`` what it said then: when the figures change, the sentence
    changes, and the word has to be given again.
    """

    declaration = models.ForeignKey(
        Declaration, models.CASCADE, related_name="explanations", verbose_name="申报"
    )
    finding = models.CharField("核对事项", max_length=120)
    sentence = models.TextField("所说明的情况")
    text = models.TextField("说明")
    set_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="填写人")
    set_at = models.DateTimeField("填写时间")

    class Meta:
        verbose_name = verbose_name_plural = "核对事项的说明"
        constraints = [
            models.UniqueConstraint(fields=["declaration", "finding"], name="explanation_once_a_finding")
        ]

    def __str__(self) -> str:
        return f"{self.finding}：{self.text}"


class Attachment(KeptFile):
    """One piece of evidence for one row or field; the file is stored by digest and never served by its path.

    ``pages`` and ``dated`` are the chamber's hints for the reader: where to look, and of what date the material is.
    """

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="attachments", verbose_name="申报")
    row = models.CharField("所证事项", max_length=60)
    pages = models.CharField("页码提示", max_length=40, blank=True)
    dated = models.DateField("材料日期", null=True)
    added_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="上传人")
    added_at = models.DateTimeField("上传时间")
    removed_at = models.DateTimeField("移除时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "佐证材料"
        constraints = [
            models.UniqueConstraint(
                fields=["declaration", "row", "digest"],
                condition=Q(removed_at__isnull=True),
                name="attachment_once_a_row",
                violation_error_message="这一项已经上传过同一个文件。",
            )
        ]
        indexes = [models.Index(fields=["digest"], name="attachment_by_digest")]


class Upload(models.Model):
    """A file on its way in, piece by piece; it becomes evidence when its last byte is there, or is swept away.

    How it ended is kept for a day, for a client whose line broke before it heard. A photograph of a visit comes the
    same way: then ``visit`` names it, and what came of it is a ``photo``.
    """

    token = models.UUIDField("编号", unique=True)
    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="uploads", verbose_name="申报")
    row = models.CharField("所证事项", max_length=60)
    name = models.CharField("文件名", max_length=255)
    pages = models.CharField("页码提示", max_length=40, blank=True)
    dated = models.DateField("材料日期", null=True)
    size = models.PositiveBigIntegerField("字节数")
    received = models.PositiveBigIntegerField("已收到字节数", default=0)
    started_by = models.ForeignKey(Seat, models.CASCADE, related_name="+", verbose_name="上传人")
    started_at = models.DateTimeField("开始时间")
    touched_at = models.DateTimeField("最近一次收到的时间")
    piece = models.ForeignKey(Attachment, models.CASCADE, null=True, related_name="+", verbose_name="佐证材料")
    visit = models.ForeignKey(
        "declarations.Visit", models.CASCADE, null=True, related_name="uploads", verbose_name="实地抽查"
    )
    photo = models.ForeignKey(
        "declarations.VisitPhoto", models.CASCADE, null=True, related_name="+", verbose_name="走访照片"
    )
    refusal = models.CharField("没有收下的原因", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "上传中的文件"
        constraints = [
            models.CheckConstraint(condition=Q(received__lte=models.F("size")), name="upload_within_its_size"),
            models.CheckConstraint(
                condition=Q(visit__isnull=True, photo__isnull=True) | Q(visit__isnull=False, piece__isnull=True),
                name="upload_of_case_or_visit",
            ),
        ]
        indexes = [models.Index(fields=["touched_at"], name="upload_by_age")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether it has neither become evidence or a photograph nor been refused."""
        return self.piece_id is None and self.photo_id is None and not self.refusal


class FilledSheet(models.Model):
    """An uploaded workbook of marks, read and not yet written: whoever brought it compares and confirms.

    It is the chamber's self-assessment, or with ``review`` an expert's own sheet. ``downloaded`` holds the rows as the
    workbook was given out, ``filled`` as it came back; ``versions`` the version of each row when it was given out.
    """

    declaration = models.ForeignKey(
        Declaration, models.CASCADE, related_name="filled_sheets", verbose_name="申报"
    )
    review = models.ForeignKey(
        "declarations.ExpertReview", models.CASCADE, null=True, related_name="filled_sheets", verbose_name="评分表"
    )
    name = models.CharField("文件名", max_length=160)
    downloaded = models.JSONField("下载时")
    filled = models.JSONField("填写后")
    versions = models.JSONField("下载时的版本")
    brought_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="上传人")
    brought_at = models.DateTimeField("上传时间")
    written_at = models.DateTimeField("写入时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "离线填写的自评表"

    def __str__(self) -> str:
        return self.name
