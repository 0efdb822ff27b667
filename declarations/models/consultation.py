"""The department and a recommending unit talking about a case in the preliminary review (notice 五（二）3)."""

from django.db import models
from django.db.models import F, Q

from declarations.models.cycle import Cycle
from declarations.models.declaration import Declaration
from declarations.models.kept import KeptFile
from declarations.states import Conclusion, Ground, Subject
from sihao.accounts.models import Organisation, Seat


class Consultation(models.Model):
    """One thread with its term: a clarification of material (T17), or a proposed disqualification (T19 to T21).

    ``answered_at`` is set with the unit's first answer. A proposal names exactly one of the three grounds; whoever
    closes it disqualifies or drops it.
    """

    declaration = models.ForeignKey(
        Declaration, models.PROTECT, related_name="consultations", verbose_name="申报"
    )
    subject = models.CharField("事项", max_length=16, choices=Subject)
    ground = models.CharField("取消资格事由", max_length=12, choices=Ground, blank=True)
    text = models.TextField("具体情况")
    opened_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="提出人")
    opened_at = models.DateTimeField("提出时间")
    due_at = models.DateTimeField("答复期限")
    answered_at = models.DateTimeField("首次答复时间", null=True)
    outcome = models.CharField("结果", max_length=16, choices=Conclusion, blank=True)
    words = models.TextField("办结说明", blank=True)
    closed_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="办结人")
    closed_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "沟通"
        constraints = [
            models.UniqueConstraint(
                fields=["declaration"], condition=Q(closed_at__isnull=True), name="consultation_one_open"
            ),
            models.UniqueConstraint(
                fields=["declaration"], condition=Q(subject=Subject.CLARIFICATION), name="clarification_once"
            ),
            models.CheckConstraint(
                condition=Q(subject=Subject.CLARIFICATION, ground="")
                | Q(subject=Subject.DISQUALIFICATION, ground__in=Ground.values),
                name="consultation_one_of_three_grounds",
                violation_error_message="取消认定资格须有且只有一类事由。",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="consultation_has_words"),
            models.CheckConstraint(condition=Q(due_at__gt=F("opened_at")), name="consultation_due_later"),
            models.CheckConstraint(
                condition=Q(outcome="", closed_at__isnull=True, closed_by__isnull=True)
                | Q(
                    subject=Subject.CLARIFICATION,
                    outcome__in=[Conclusion.ANSWERED, Conclusion.UNANSWERED],
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                )
                | Q(
                    subject=Subject.DISQUALIFICATION,
                    outcome__in=[Conclusion.DISQUALIFIED, Conclusion.DROPPED],
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                ),
                name="consultation_closed_whole",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(closed_at__isnull=True), name="consultation_waiting")]

    def __str__(self) -> str:
        return self.get_subject_display()

    @property
    def is_proposal(self) -> bool:
        """Whether it is about disqualifying the case."""
        return self.subject == Subject.DISQUALIFICATION


class CitedItem(models.Model):
    """One row or field that a consultation is about, and the evidence: which material, what of it."""

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="items", verbose_name="沟通")
    item = models.CharField("指标或字段", max_length=60)
    label = models.CharField("名称", max_length=200)
    text = models.TextField("依据")

    class Meta:
        verbose_name = verbose_name_plural = "涉及事项"
        constraints = [
            models.UniqueConstraint(fields=["consultation", "item"], name="cited_item_once"),
            models.CheckConstraint(condition=~Q(text=""), name="cited_item_has_evidence"),
        ]

    def __str__(self) -> str:
        return self.label


class Statement(models.Model):
    """What one side says; ``of_unit`` tells the unit's answers from the department's words."""

    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="statements", verbose_name="沟通")
    of_unit = models.BooleanField("推荐单位答复")
    text = models.TextField("内容")
    by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="填写人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "沟通内容"
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="statement_has_words")]

    def __str__(self) -> str:
        return f"{self.by}：{self.text[:40]}"


class StatementFile(KeptFile):
    """One file brought with a statement: an annex of the case, never part of a revision."""

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="files", verbose_name="沟通内容")

    class Meta:
        verbose_name = verbose_name_plural = "沟通附件"
        constraints = [models.UniqueConstraint(fields=["statement", "digest"], name="statement_file_once")]
        indexes = [models.Index(fields=["digest"], name="statement_file_by_digest")]


class Liaison(models.Model):
    """Which officer of the department looks after a unit (联系单位): its cases go to another one's desk (T16)."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="liaisons", verbose_name="周期")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="推荐单位")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="liaisons", verbose_name="联系人")

    class Meta:
        verbose_name = verbose_name_plural = "联系单位"
        constraints = [models.UniqueConstraint(fields=["cycle", "unit"], name="liaison_one_a_unit")]

    def __str__(self) -> str:
        return f"{self.unit}：{self.seat}"
