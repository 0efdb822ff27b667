"""Messages in the house."""

from django.db import models
from django.db.models import Q

from declarations.models.declaration import Declaration
from sihao.accounts.models import Organisation, Seat
from sihao.prepared import Read


class Notice(Read):
    """One message to one seat; ``key`` makes the same event reach the same seat once.

    ``sender`` is the organisation whose step caused it, None for the clock and the house itself.
    """

    seat = models.ForeignKey(Seat, models.CASCADE, related_name="notices", verbose_name="收件席位")
    declaration = models.ForeignKey(
        Declaration, models.CASCADE, null=True, related_name="notices", verbose_name="申报"
    )
    sender = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="sent_notices", verbose_name="发出单位"
    )
    key = models.CharField("事由标识", max_length=100)
    title = models.CharField("标题", max_length=160)
    body = models.TextField("内容", blank=True)
    sent_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("阅读时间", null=True)
    mailed_at = models.DateTimeField("邮件发送时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        constraints = [models.UniqueConstraint(fields=["seat", "key"], name="notice_once_a_seat")]
        indexes = [
            models.Index(fields=["seat", "-id"], name="notice_of_seat"),
            models.Index(fields=["seat"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["sender", "-id"], condition=Q(sender__isnull=False), name="notice_of_sender"),
            models.Index(fields=["seat", "id"], condition=Q(mailed_at__isnull=True), name="notice_unmailed"),
        ]

    def __str__(self) -> str:
        return self.title
