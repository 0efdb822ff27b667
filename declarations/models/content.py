"""What stored files hold, read once by a job, and which of them are alike."""

from django.db import models
from django.db.models import F, Q

from declarations.states import FileStanding, MarkKind


class FileContent(models.Model):
    """What was read of one stored file, however many cases use it: its words, how it looks, when it was taken.

    ``text`` is as much as is compared and shown. ``standing`` says whether something alike was met with, once the
    file was ``compared_at`` some instant.
    """

    digest = models.CharField("摘要值", max_length=64, unique=True)
    readable = models.BooleanField("可以读取", default=True)
    text = models.TextField("文字", blank=True)
    picture = models.CharField("画面差异值", max_length=32, blank=True)
    taken_at = models.DateTimeField("拍摄时间", null=True)
    standing = models.CharField("与其他文件", max_length=10, choices=FileStanding, default=FileStanding.ALONE)
    read_at = models.DateTimeField("读取时间")
    compared_at = models.DateTimeField("比对时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "佐证文件内容"
        constraints = [
            models.CheckConstraint(condition=Q(standing__in=FileStanding.values), name="content_standing_known"),
            models.CheckConstraint(
                condition=Q(readable=True) | Q(text="", picture=""), name="content_unreadable_says_nothing"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(compared_at__isnull=True), name="content_not_compared"),
        ]

    def __str__(self) -> str:
        return self.digest


class FileMark(models.Model):
    """One value by which a file is looked up: a fingerprint of its text, or a band of its picture."""

    content = models.ForeignKey(FileContent, models.CASCADE, related_name="marks", verbose_name="文件")
    kind = models.CharField("类别", max_length=10, choices=MarkKind)
    value = models.BigIntegerField("值")

    class Meta:
        verbose_name = verbose_name_plural = "佐证文件特征"
        constraints = [
            models.UniqueConstraint(fields=["kind", "value", "content"], name="file_mark_once"),
            models.CheckConstraint(condition=Q(kind__in=MarkKind.values), name="file_mark_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class FileLikeness(models.Model):
    """Two stored files that are alike though not the same: ``bits`` of two pictures, the share of two texts."""

    first = models.ForeignKey(FileContent, models.CASCADE, related_name="alike_after", verbose_name="文件")
    second = models.ForeignKey(FileContent, models.CASCADE, related_name="alike_before", verbose_name="另一文件")
    shared = models.PositiveIntegerField("相同字数", default=0)
    share = models.FloatField("占较短一份", default=0)
    bits = models.PositiveSmallIntegerField("相差位数", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "近似的佐证文件"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="file_likeness_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="file_likeness_in_order"),
            models.CheckConstraint(
                condition=Q(bits__isnull=False, shared=0, share=0) | Q(bits__isnull=True, shared__gt=0, share__gt=0),
                name="file_likeness_of_one_sort",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id}—{self.second_id}"
