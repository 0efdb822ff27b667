"""The public notice before the list is published, and what the public says against a name on it (not in the notice)."""

from django.db import models
from django.db.models import F, Q

from declarations.models.cycle import Cycle
from declarations.models.declaration import Declaration
from declarations.models.kept import KeptFile
from declarations.states import ObjectionRefusal, ObjectionState
from sihao.accounts.models import Seat

FEWEST_DAYS = 5
OFFICERS = 2
UNSETTLED = (ObjectionState.RECEIVED, ObjectionState.ADMITTED, ObjectionState.INVESTIGATED)
UNDER_WAY = (ObjectionState.ADMITTED, ObjectionState.INVESTIGATED)


class PublicNotice(models.Model):
    """One public notice (公示): what the meeting approved, for some working days; names and units, never a score."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="public_notices", verbose_name="周期")
    number = models.PositiveSmallIntegerField("次")
    days = models.PositiveSmallIntegerField("公示期（工作日）")
    digest = models.CharField("名单摘要值", max_length=64)
    opened_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="发布人")
    opened_at = models.DateTimeField("开始时间")
    closes_at = models.DateTimeField("截止时间")

    class Meta:
        verbose_name = verbose_name_plural = "公示"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="public_notice_number_once"),
            models.CheckConstraint(condition=Q(days__gte=FEWEST_DAYS), name="public_notice_long_enough"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opened_at")), name="public_notice_closes_later"),
        ]

    def __str__(self) -> str:
        return f"{self.cycle.name}第{self.number}次公示"


class NoticeEntry(models.Model):
    """One name of a public notice, as it was announced."""

    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="entries", verbose_name="公示")
    declaration = models.ForeignKey(
        Declaration, models.PROTECT, related_name="notice_entries", verbose_name="申报"
    )
    place = models.PositiveIntegerField("次序")
    name = models.CharField("商会名称", max_length=100)
    unit_name = models.CharField("推荐单位", max_length=100)
    unit_code = models.CharField("推荐单位代码", max_length=6)

    class Meta:
        verbose_name = verbose_name_plural = "公示名单"
        constraints = [
            models.UniqueConstraint(fields=["notice", "declaration"], name="notice_entry_once"),
            models.UniqueConstraint(fields=["notice", "place"], name="notice_entry_place_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Objection(models.Model):
    """One named objection to one name; who objects stands in ``Objector`` and nowhere else.

    ``facts`` are the objector's own words, for the two named officers alone; everybody else reads ``summary``, which
    they wrote without a trace of who it was. ``receipt`` opens the public check and is told to nobody in the house.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="objections", verbose_name="周期")
    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="objections", verbose_name="公示")
    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="objections", verbose_name="申报")
    number = models.PositiveIntegerField("序号")
    receipt = models.CharField("回执编号", max_length=20, unique=True)
    token = models.UUIDField("表单编号", unique=True)
    facts = models.TextField("异议内容")
    state = models.CharField("状态", max_length=14, choices=ObjectionState, default=ObjectionState.RECEIVED)
    received_at = models.DateTimeField("登记时间")
    due_at = models.DateTimeField("答复期限")
    summary = models.TextField("核查事项", blank=True)
    refusal = models.CharField("不予受理的理由", max_length=20, choices=ObjectionRefusal, blank=True)
    admitted_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="受理人")
    admitted_at = models.DateTimeField("受理时间", null=True)
    officer = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="核查人")
    report_due = models.DateTimeField("推荐单位报告期限", null=True)
    report = models.TextField("推荐单位报告", blank=True)
    reported_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="报告人")
    reported_at = models.DateTimeField("报告时间", null=True)
    findings = models.TextField("核查情况", blank=True)
    investigated_at = models.DateTimeField("核查时间", null=True)
    answer = models.TextField("给异议人的答复", blank=True)
    settled_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="办结人")
    settled_at = models.DateTimeField("办结时间", null=True)
    flagged_at = models.DateTimeField("逾期提示时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "异议"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="objection_number_once"),
            models.CheckConstraint(condition=Q(state__in=ObjectionState.values), name="objection_state_known"),
            models.CheckConstraint(condition=Q(due_at__gt=F("received_at")), name="objection_due_later"),
            models.CheckConstraint(
                condition=Q(state__in=UNSETTLED, settled_at__isnull=True, settled_by__isnull=True)
                | (~Q(state__in=UNSETTLED) & Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(answer="")),
                name="objection_settled_whole",
            ),
            models.CheckConstraint(
                condition=Q(state=ObjectionState.REFUSED, refusal__in=ObjectionRefusal.values)
                | (~Q(state=ObjectionState.REFUSED) & Q(refusal="")),
                name="objection_refused_on_a_ground",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ObjectionState.RECEIVED, ObjectionState.REFUSED])
                | (Q(officer__isnull=False, admitted_at__isnull=False) & ~Q(summary="")),
                name="objection_admitted_whole",
            ),
        ]
        indexes = [models.Index(fields=["cycle", "state", "due_at"], name="objection_by_state")]

    def __str__(self) -> str:
        return f"对{self.declaration.applicant_name}的异议（第{self.number}件）"

    @property
    def path(self) -> str:
        """The chain of the case, kept by the trail."""
        return self.declaration.path


class Objector(models.Model):
    """Who objects: read by the two named officers alone, each time with an entry in the trail."""

    objection = models.OneToOneField(Objection, models.PROTECT, related_name="objector", verbose_name="异议")
    name = models.CharField("姓名或者单位名称", max_length=60)
    contact = models.CharField("联系方式", max_length=120)

    class Meta:
        verbose_name = verbose_name_plural = "异议人"

    def __str__(self) -> str:
        return "异议人"


class ObjectionPiece(KeptFile):
    """A piece of evidence brought with an objection; the named officers say which the inquiry may see."""

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="pieces", verbose_name="异议")
    shared = models.BooleanField("供核查使用", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "异议材料"
        constraints = [models.UniqueConstraint(fields=["objection", "digest"], name="objection_piece_once")]


class Tip(models.Model):
    """What somebody without a name says of a chamber on the notice: read, and of no effect on the procedure."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="tips", verbose_name="周期")
    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="tips", verbose_name="申报")
    token = models.UUIDField("表单编号", unique=True)
    facts = models.TextField("线索内容")
    received_at = models.DateTimeField("收到时间")
    read_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="阅看人")
    read_at = models.DateTimeField("阅看时间", null=True)
    remark = models.CharField("处理说明", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "匿名线索"
        indexes = [models.Index(fields=["cycle", "-id"], name="tip_of_cycle")]

    def __str__(self) -> str:
        return f"关于{self.declaration.applicant_name}的匿名线索"

    @property
    def path(self) -> str:
        """The chain of the case, kept by the trail."""
        return self.declaration.path


class Knock(models.Model):
    """One try at a public form, by a keyed digest of where it came from; kept for a day and tied to nothing."""

    source = models.CharField("来源", max_length=64)
    form = models.CharField("表单", max_length=12)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "公开表单的尝试"
        indexes = [
            models.Index(fields=["form", "source", "at"], name="knock_by_source"),
            models.Index(fields=["at"], name="knock_by_age"),
        ]

    def __str__(self) -> str:
        return self.form


class NamedOfficer(models.Model):
    """One of the two who register objections and may read who objects: named by the head, confirmed by another."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="named_officers", verbose_name="周期")
    place = models.PositiveSmallIntegerField("第几人")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="席位")
    named_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="指定人")
    confirmed_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="确认人")
    named_at = models.DateTimeField("指定时间")
    ended_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "异议登记人"
        constraints = [
            models.CheckConstraint(condition=Q(place__gte=1, place__lte=OFFICERS), name="named_officer_one_of_two"),
            models.UniqueConstraint(
                fields=["cycle", "place"], condition=Q(ended_at__isnull=True), name="named_officer_place_once"
            ),
            models.UniqueConstraint(
                fields=["cycle", "seat"], condition=Q(ended_at__isnull=True), name="named_officer_seat_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.seat)
