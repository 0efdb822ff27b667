"""Clocks of the procedure: deadlines put off for one applicant or one unit, and which reminders went out."""

from django.db import models
from django.db.models import Q

from declarations.models.cycle import Cycle
from declarations.models.declaration import Declaration
from sihao.accounts.models import Organisation, Seat


class Deadline(models.TextChoices):
    """The deadlines of a cycle, staggered back from the national one."""

    SUBMISSION = "submission", "商会申报"
    COUNTY = "county", "县级审核"
    CITY = "city", "市级审核"
    PROVINCE = "province", "省级上报"


class Extension(models.Model):
    """A deadline put off for one applicant (a chamber) or for all cases of a unit (a federation), until an instant.

    It counts from the moment it is granted until it is ended or passes; two persons stand behind it where the cycle
    asks for two.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="extensions", verbose_name="周期")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="适用单位")
    deadline = models.CharField("期限", max_length=12, choices=Deadline)
    until = models.DateTimeField("延至")
    reason = models.TextField("理由")
    proposed_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="拟办人")
    confirmed_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="确认人")
    granted_at = models.DateTimeField("批准时间")
    ended_at = models.DateTimeField("终止时间", null=True)
    ended_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="终止人")
    end_reason = models.TextField("终止理由", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "延期"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="extension_has_a_reason"),
            models.CheckConstraint(condition=Q(until__gt=models.F("granted_at")), name="extension_ends_later"),
        ]
        indexes = [
            models.Index(
                fields=["cycle", "organisation"], condition=Q(ended_at__isnull=True), name="extension_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation}{self.get_deadline_display()}延期"

    @property
    def path(self) -> str:
        """The chain of the organisation it is for, kept by the trail."""
        return self.organisation.path


class ClockStep(models.Model):
    """One step of a case's clock that was announced: once for each holder, turn and term, whatever is repeated."""

    class Step(models.TextChoices):
        """At 80 % of the term a reminder, at 100 % overdue."""

        REMINDED = "reminded", "提醒"
        OVERDUE = "overdue", "逾期"

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="clock_steps", verbose_name="申报")
    holder = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="办理单位")
    since = models.DateTimeField("何时起办")
    due_at = models.DateTimeField("期限")
    step = models.CharField("环节", max_length=10, choices=Step)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "催办"
        constraints = [
            models.UniqueConstraint(
                fields=["declaration", "holder", "since", "due_at", "step"], name="clock_step_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.declaration_id}"
