"""What becomes of a title after it was published: an inquiry that may revoke it, a chamber that gives it up."""

from django.db import models
from django.db.models import Q

from declarations.models.recognition import Recognition
from declarations.states import InquiryState, RevocationGround
from sihao.accounts.models import Seat

GOING_ON = (InquiryState.OPEN, InquiryState.PROPOSED, InquiryState.DECIDED)


class Inquiry(models.Model):
    """One inquiry into a title: ground, statement of the chamber, proposal, meeting, publication."""

    recognition = models.ForeignKey(Recognition, models.PROTECT, related_name="inquiries", verbose_name="认定")
    ground = models.CharField("事由", max_length=14, choices=RevocationGround)
    facts = models.TextField("具体情况")
    state = models.CharField("状态", max_length=10, choices=InquiryState, default=InquiryState.OPEN)
    opened_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="立项人")
    opened_at = models.DateTimeField("立项时间")
    statement_due = models.DateTimeField("陈述期限")
    statement = models.TextField("商会陈述", blank=True)
    stated_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="陈述人")
    stated_at = models.DateTimeField("陈述时间", null=True)
    proposal = models.TextField("处理建议", blank=True)
    proposed_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="提出人")
    proposed_at = models.DateTimeField("提出时间", null=True)
    meeting_on = models.DateField("会议日期", null=True)
    present = models.TextField("出席人员", blank=True)
    minutes = models.TextField("会议纪要", blank=True)
    decided_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    decided_at = models.DateTimeField("登记时间", null=True)
    ended_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="办结人")
    ended_at = models.DateTimeField("办结时间", null=True)
    end_reason = models.TextField("不予撤销的理由", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "认定核查"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=InquiryState.values), name="inquiry_state_known"),
            models.UniqueConstraint(
                fields=["recognition"], condition=Q(state__in=GOING_ON), name="inquiry_one_going_on"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[InquiryState.DECIDED, InquiryState.REVOKED])
                | (Q(meeting_on__isnull=False, decided_by__isnull=False) & ~Q(minutes="")),
                name="inquiry_revokes_by_a_meeting",
            ),
            models.CheckConstraint(
                condition=Q(state__in=GOING_ON, ended_at__isnull=True)
                | (~Q(state__in=GOING_ON) & Q(ended_at__isnull=False, ended_by__isnull=False)),
                name="inquiry_ended_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recognition.name}认定核查"

    @property
    def path(self) -> str:
        """The chain of the case, kept by the trail."""
        return self.recognition.declaration.path


class Relinquishment(models.Model):
    """A chamber's own wish to give its title up, accepted by the head of the department."""

    recognition = models.OneToOneField(
        Recognition, models.PROTECT, related_name="relinquishment", verbose_name="认定"
    )
    reason = models.TextField("理由")
    asked_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    accepted_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="同意人")
    accepted_at = models.DateTimeField("同意时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "放弃认定"

    def __str__(self) -> str:
        return f"{self.recognition.name}放弃认定"
