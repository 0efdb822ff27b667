"""A unit's recommendation list in a cycle: its versions, the sealed papers, the way upward and back."""

from django.db import models
from django.db.models import Q

from declarations.models.cycle import Cycle
from declarations.states import BatchState, FormDefect, ListOrigin, PaperKind, ScanState
from sihao.accounts.models import Organisation, Seat
from sihao.prepared import Read

DIGEST = 64


class Batch(Read):
    """The list (名单) as it stands now, and where it is on its way upward (notice 五（二）1).

    ``version``, ``listing`` and ``digest`` are those of the newest ``ListVersion``; the meeting that decided it is the
    one that is not void. ``order_version`` grows with every change of the ranks that somebody may have before the eyes.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="batches", verbose_name="周期")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="batches", verbose_name="推荐单位")
    state = models.CharField("状态", max_length=14, choices=BatchState, default=BatchState.OPEN)
    version = models.PositiveSmallIntegerField("名单版本", default=0)
    listing = models.JSONField("固定的名单", default=list)
    digest = models.CharField("名单摘要值", max_length=DIGEST, blank=True)
    frozen_at = models.DateTimeField("固定时间", null=True)
    prepared_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="拟定人")
    report_text = models.TextField("推荐审核情况报告", blank=True)
    report_basis = models.CharField("报告起草时的摘要值", max_length=DIGEST, blank=True)
    sealed_at = models.DateTimeField("盖章材料齐备时间", null=True)
    uploaded_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="上报人")
    uploaded_at = models.DateTimeField("上报时间", null=True)
    receipt = models.CharField("回执编号", max_length=40, blank=True)
    accepted_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="接收人")
    accepted_at = models.DateTimeField("接收时间", null=True)
    order_version = models.PositiveIntegerField("次序版本", default=0)
    ordered_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="次序调整人")
    ordered_at = models.DateTimeField("次序调整时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "推荐名单"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "unit"], name="batch_one_a_unit"),
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="batch_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=[BatchState.UPLOADED, BatchState.SENT_BACK, BatchState.ACCEPTED])
                | Q(uploaded_at__isnull=False) & ~Q(receipt=""),
                name="batch_gone_up_has_receipt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}推荐名单"

    @property
    def path(self) -> str:
        """The unit's chain, kept by the trail."""
        return self.unit.path


class ListVersion(models.Model):
    """A list as it was frozen, or as the meeting left it; never altered, so that two versions can be compared."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="versions", verbose_name="推荐名单")
    number = models.PositiveSmallIntegerField("名单版本")
    origin = models.CharField("由来", max_length=8, choices=ListOrigin)
    listing = models.JSONField("名单")
    digest = models.CharField("名单摘要值", max_length=DIGEST)
    made_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="经办人")
    made_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "名单版本"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="list_version_number_once"),
            models.CheckConstraint(condition=~Q(digest=""), name="list_version_has_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.batch}第{self.number}版"


class SealedPaper(models.Model):
    """A paper of one version of the list that is printed, sealed or signed, scanned and brought back.

    ``edition`` tells a report that was written anew from the one before; ``text`` is what the report says. ``pages`` is
    known once the paper was printed; ``stored`` is the key under which the PDF is kept.
    """

    version = models.ForeignKey(ListVersion, models.PROTECT, related_name="papers", verbose_name="名单版本")
    kind = models.CharField("材料", max_length=8, choices=PaperKind)
    edition = models.PositiveSmallIntegerField("稿次", default=1)
    text = models.TextField("正文", blank=True)
    pages = models.PositiveSmallIntegerField("页数", null=True)
    stored = models.CharField("文件", max_length=DIGEST, blank=True)
    issued_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="生成人")
    issued_at = models.DateTimeField("生成时间")
    replaced_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "盖章材料"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "kind", "edition"], name="sealed_paper_edition_once"),
            models.UniqueConstraint(
                fields=["version", "kind"], condition=Q(replaced_at__isnull=True), name="sealed_paper_one_in_use"
            ),
            models.CheckConstraint(condition=Q(kind__in=PaperKind.values), name="sealed_paper_kind_known"),
            models.CheckConstraint(condition=Q(pages__isnull=True) | Q(pages__gte=1), name="sealed_paper_has_pages"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class PaperScan(models.Model):
    """A file with the scan of a sealed paper, or of some of its pages.

    ``read`` is what the codes said, page by page; ``covers`` the pages of the paper that the file shows; ``unread``
    how many of the file's pages had no code that could be read.
    """

    paper = models.ForeignKey(SealedPaper, models.PROTECT, related_name="scans", verbose_name="材料")
    state = models.CharField("状态", max_length=10, choices=ScanState, default=ScanState.READING)
    name = models.CharField("文件名", max_length=200)
    kind = models.CharField("类型", max_length=8)
    size = models.PositiveIntegerField("字节")
    digest = models.CharField("摘要值", max_length=DIGEST)
    stored = models.CharField("存放", max_length=200)
    pages = models.PositiveSmallIntegerField("页数")
    read = models.JSONField("识读结果", default=list)
    covers = models.JSONField("所载页次", default=list)
    unread = models.PositiveSmallIntegerField("未能识读的页数", default=0)
    why = models.JSONField("不符之处", default=list)
    brought_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="上传人")
    brought_at = models.DateTimeField("上传时间")
    settled_at = models.DateTimeField("核对时间", null=True)
    removed_at = models.DateTimeField("移除时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "盖章扫描件"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ScanState.values), name="paper_scan_state_known"),
            models.UniqueConstraint(
                fields=["paper", "digest"],
                condition=Q(removed_at__isnull=True) & ~Q(state=ScanState.REFUSED),
                name="paper_scan_once",
                violation_error_message="同一个文件已经上传过。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """The unit's chain, kept by the trail."""
        return self.paper.version.batch.path


class BatchReceipt(models.Model):
    """What the unit holds in its hands after sending its list up: written in the same transaction, never altered."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="receipts", verbose_name="推荐名单")
    serial = models.PositiveSmallIntegerField("次")
    number = models.CharField("回执编号", max_length=40, unique=True)
    version = models.ForeignKey(ListVersion, models.PROTECT, related_name="receipts", verbose_name="名单版本")
    digest = models.CharField("名单摘要值", max_length=DIGEST)
    cases = models.PositiveIntegerField("家数")
    scans = models.JSONField("盖章扫描件", default=list)
    by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="上报人")
    at = models.DateTimeField("上报时间")
    recalled_at = models.DateTimeField("撤回时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "上报回执"
        ordering = ["serial"]
        constraints = [models.UniqueConstraint(fields=["batch", "serial"], name="batch_receipt_serial_once")]

    def __str__(self) -> str:
        return self.number


class SendBack(models.Model):
    """A list that the department gave back for form: until when, and by which receipt it came again."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="send_backs", verbose_name="推荐名单")
    receipt = models.ForeignKey(BatchReceipt, models.PROTECT, related_name="send_backs", verbose_name="上报回执")
    sent_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="退回人")
    sent_at = models.DateTimeField("退回时间")
    due_at = models.DateTimeField("补正期限")
    closed_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "退回补正"
        constraints = [
            models.UniqueConstraint(
                fields=["batch"], condition=Q(closed_at__isnull=True), name="send_back_one_open"
            ),
            models.UniqueConstraint(fields=["receipt"], name="send_back_once_a_receipt"),
        ]

    def __str__(self) -> str:
        return f"{self.batch}退回补正"


class SendBackItem(models.Model):
    """One defect of form: of which paper, which, on which pages."""

    send_back = models.ForeignKey(SendBack, models.CASCADE, related_name="items", verbose_name="退回补正")
    paper = models.CharField("材料", max_length=8, choices=PaperKind)
    defect = models.CharField("问题", max_length=20, choices=FormDefect)
    pages = models.CharField("页次", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "补正事项"
        constraints = [
            models.UniqueConstraint(fields=["send_back", "paper", "defect"], name="send_back_item_once"),
            models.CheckConstraint(condition=Q(defect__in=FormDefect.values), name="send_back_item_is_form"),
        ]

    def __str__(self) -> str:
        where = f"（{self.pages}）" if self.pages else ""
        return f"《{self.get_paper_display()}》{self.get_defect_display()}{where}"
