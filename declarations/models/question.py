"""Questions on a case (询问), asked and answered without returning it."""

from django.db import models
from django.db.models import F, Q

from declarations.models.declaration import Declaration
from declarations.models.kept import KeptFile
from sihao.accounts.models import Organisation, Seat


class Question(models.Model):
    """What the office that holds a case asks of the chamber or of a tier below it, until when.

    ``item`` is the row or field it is about, if it is about one; ``answered_at`` is set with the first answer.
    """

    declaration = models.ForeignKey(
        Declaration, models.PROTECT, related_name="questions", verbose_name="申报"
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="询问单位")
    addressee = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="答复单位")
    item = models.CharField("指标或字段", max_length=60, blank=True)
    label = models.CharField("名称", max_length=200, blank=True)
    text = models.TextField("询问内容")
    due_at = models.DateTimeField("答复期限")
    asked_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="询问人")
    asked_at = models.DateTimeField("询问时间")
    answered_at = models.DateTimeField("首次答复时间", null=True)
    closed_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="办结人")
    closed_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "询问"
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="question_has_words"),
            models.CheckConstraint(condition=Q(due_at__gt=F("asked_at")), name="question_due_later"),
            models.CheckConstraint(
                condition=~Q(organisation=F("addressee")),
                name="question_to_another_office",
                violation_error_message="不能向本单位询问。",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="question_closed_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["addressee", "due_at"],
                condition=Q(answered_at__isnull=True, closed_at__isnull=True),
                name="question_to_answer",
            ),
            models.Index(
                fields=["organisation", "due_at"], condition=Q(closed_at__isnull=True), name="question_asked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}询问"


class Reply(models.Model):
    """One answer to a question; it changes nothing of what was handed in."""

    question = models.ForeignKey(Question, models.PROTECT, related_name="replies", verbose_name="询问")
    text = models.TextField("答复")
    replied_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="答复人")
    replied_at = models.DateTimeField("答复时间")

    class Meta:
        verbose_name = verbose_name_plural = "答复"
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="reply_has_words")]

    def __str__(self) -> str:
        return f"{self.replied_by}答复"


class Annex(KeptFile):
    """One file brought with an answer; an annex of the case, never part of a revision."""

    reply = models.ForeignKey(Reply, models.PROTECT, related_name="annexes", verbose_name="答复")

    class Meta:
        verbose_name = verbose_name_plural = "答复附件"
        constraints = [models.UniqueConstraint(fields=["reply", "digest"], name="annex_once_a_reply")]
        indexes = [models.Index(fields=["digest"], name="annex_by_digest")]
