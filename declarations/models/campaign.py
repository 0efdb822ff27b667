"""A programme that a federation runs for those beneath it: stages, inspection, targets, and what it sends up."""

from datetime import datetime, time, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from declarations.models.cycle import Cycle
from declarations.models.declaration import Declaration
from declarations.models.kept import KeptFile
from declarations.states import FindingState, Standing, UpwardState
from sihao.accounts.models import Organisation, Seat


class StageRecord(models.Model):
    """One thing done in a stage: which deliverable of the programme, for whom, on what day, in words, with papers.

    ``stage`` and ``matter`` name a stage of the programme and one of its deliverables, in the programme's own words.
    ``about`` names the body whose plan it is where it is not the federation's own (a chamber of a sub-district).
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="stage_records", verbose_name="周期")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    stage = models.CharField("步骤", max_length=20)
    matter = models.CharField("事项", max_length=60)
    about = models.CharField("所属商会", max_length=100, blank=True)
    held_on = models.DateField("日期")
    text = models.TextField("内容")
    recorded_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")
    withdrawn_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="撤回人")
    withdrawn_at = models.DateTimeField("撤回时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "步骤记录"
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="stage_record_has_words"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="stage_record_withdrawn_whole",
            ),
        ]
        indexes = [models.Index(fields=["cycle", "organisation", "stage"], name="stage_record_of_office")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.matter}"

    @property
    def path(self) -> str:
        """The chain of the office, kept by the trail."""
        return self.organisation.path


class InspectionFinding(models.Model):
    """What an inspection (督查) found of one row of the standard, until when it is to be put right, and that it was.

    What is handed in as put right and is not goes back open with the reason; each step stands in the trail.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="inspection_findings", verbose_name="周期")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="被督查单位")
    code = models.CharField("指标", max_length=20)
    text = models.TextField("问题")
    due_on = models.DateField("整改期限")
    state = models.CharField("状态", max_length=10, choices=FindingState, default=FindingState.OPEN)
    found_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="督查人")
    found_at = models.DateTimeField("督查时间")
    rectified = models.TextField("整改情况", blank=True)
    rectified_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="整改人")
    rectified_at = models.DateTimeField("整改时间", null=True)
    remark = models.TextField("核查意见", blank=True)
    settled_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="核查人")
    settled_at = models.DateTimeField("核查时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "督查问题"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=FindingState.values), name="inspection_finding_state_known"),
            models.CheckConstraint(condition=~Q(text=""), name="inspection_finding_has_words"),
            models.CheckConstraint(
                condition=Q(state=FindingState.OPEN)
                | (Q(rectified_by__isnull=False, rectified_at__isnull=False) & ~Q(rectified="")),
                name="inspection_finding_rectified_in_words",
            ),
            models.CheckConstraint(
                condition=~Q(state=FindingState.CLOSED) | Q(settled_by__isnull=False, settled_at__isnull=False),
                name="inspection_finding_closed_by_a_person",
            ),
        ]
        indexes = [models.Index(fields=["cycle", "organisation", "state"], name="inspection_of_office")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.code}"

    @property
    def due_at(self) -> datetime:
        """The end of the day until which it is to be put right."""
        return timezone.make_aware(datetime.combine(self.due_on + timedelta(days=1), time.min))

    @property
    def path(self) -> str:
        """The chain of the office, kept by the trail."""
        return self.organisation.path


class CampaignPaper(KeptFile):
    """One paper of a record, or of what was put right: a file of the store."""

    record = models.ForeignKey(StageRecord, models.PROTECT, null=True, related_name="papers", verbose_name="步骤记录")
    finding = models.ForeignKey(
        InspectionFinding, models.PROTECT, null=True, related_name="papers", verbose_name="督查问题"
    )

    class Meta:
        verbose_name = verbose_name_plural = "步骤材料"
        constraints = [
            models.CheckConstraint(
                condition=Q(record__isnull=False, finding__isnull=True)
                | Q(record__isnull=True, finding__isnull=False),
                name="campaign_paper_of_one",
            ),
        ]
        indexes = [models.Index(fields=["digest"], name="campaign_paper_by_digest")]


class CampaignTarget(models.Model):
    """Where a federation stood before the cycle, and until which year it is to meet the standard."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="targets", verbose_name="周期")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    standing = models.CharField("以往情况", max_length=10, choices=Standing)
    before_year = models.PositiveSmallIntegerField("几年前完成", null=True)
    set_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="设定人")
    set_at = models.DateTimeField("设定时间")

    class Meta:
        verbose_name = verbose_name_plural = "工作目标"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "organisation"], name="campaign_target_once"),
            models.CheckConstraint(condition=Q(standing__in=Standing.values), name="campaign_target_standing_known"),
            models.CheckConstraint(
                condition=Q(standing=Standing.PLANNED, before_year__isnull=False)
                | (~Q(standing=Standing.PLANNED) & Q(before_year__isnull=True)),
                name="campaign_target_year_of_a_plan",
                violation_error_message="计划完成的须写明年份，其他情况不写。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.words}"

    @property
    def words(self) -> str:
        """What it says: 已验收达标, 已申报, 计划2017年前完成."""
        return f"计划{self.before_year}年前完成" if self.standing == Standing.PLANNED else self.get_standing_display()

    @property
    def path(self) -> str:
        """The chain of the office, kept by the trail."""
        return self.organisation.path


class SentUp(models.Model):
    """A recognised case that its decider sent on to the level above as one of the best (择优上报)."""

    declaration = models.OneToOneField(Declaration, models.PROTECT, related_name="sent_up", verbose_name="申报")
    place = models.PositiveSmallIntegerField("位次")
    reason = models.TextField("上报理由")
    state = models.CharField("状态", max_length=10, choices=UpwardState, default=UpwardState.SENT)
    sent_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="上报人")
    sent_at = models.DateTimeField("上报时间")
    answer = models.TextField("意见", blank=True)
    answered_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="办理人")
    answered_at = models.DateTimeField("办理时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "择优上报"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=UpwardState.values), name="sent_up_state_known"),
            models.CheckConstraint(condition=~Q(reason="") & Q(place__gte=1), name="sent_up_with_reason"),
            models.CheckConstraint(
                condition=Q(state=UpwardState.SENT, answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(state=UpwardState.SENT) & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="sent_up_answered_by_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(state=UpwardState.RETURNED) | ~Q(answer=""), name="sent_up_returned_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.declaration} {self.get_state_display()}"


class Circular(models.Model):
    """The list of such a cycle as its federation gave it out (认定通报): the number of the document and its date.

    The list is fixed with it: nothing more is decided in the cycle afterwards. ``digest`` is of the list.
    """

    cycle = models.OneToOneField(Cycle, models.PROTECT, related_name="circular", verbose_name="周期")
    number = models.CharField("发文字号", max_length=60)
    dated_on = models.DateField("成文日期")
    count = models.PositiveSmallIntegerField("单位数")
    digest = models.CharField("名单摘要值", max_length=64)
    issued_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="签发人")
    issued_at = models.DateTimeField("印发时间")

    class Meta:
        verbose_name = verbose_name_plural = "认定通报"
        constraints = [
            models.CheckConstraint(condition=~Q(number="") & Q(count__gte=1), name="circular_has_number_and_list"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def path(self) -> str:
        """The chain of the federation, kept by the trail."""
        return self.cycle.decider.path
