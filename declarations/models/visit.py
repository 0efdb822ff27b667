"""Spot checks (互学互促, notice 五（二）2): draws from a published seed, visits by teams, records, photographs."""

from django.db import models
from django.db.models import F, Q

from declarations.models.cycle import Cycle
from declarations.models.declaration import Declaration
from declarations.models.kept import KeptFile
from declarations.states import VisitFinding, VisitFollow, VisitState
from sihao.accounts.models import Seat, User


class SpotDraw(models.Model):
    """A draw: its seed and number of cases are published first, then it is drawn once, or voided with a reason.

    ``frame`` is the list that was drawn from, as it stood when it was drawn: number, region, level, type of each case.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="draws", verbose_name="周期")
    number = models.PositiveSmallIntegerField("批次")
    seed = models.CharField("种子", max_length=100)
    source = models.CharField("种子来源", max_length=200)
    cases = models.PositiveIntegerField("抽取件数")
    announced_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="公布人")
    announced_at = models.DateTimeField("公布时间")
    frame = models.JSONField("抽样清单", default=list)
    frame_digest = models.CharField("清单摘要值", max_length=64, blank=True)
    drawn_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="抽取人")
    drawn_at = models.DateTimeField("抽取时间", null=True)
    voided_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="作废人")
    voided_at = models.DateTimeField("作废时间", null=True)
    void_reason = models.CharField("作废理由", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "实地抽查抽样"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="draw_number_once"),
            models.UniqueConstraint(
                fields=["cycle"],
                condition=Q(drawn_at__isnull=True, voided_at__isnull=True),
                name="draw_one_announced",
                violation_error_message="已公布种子、尚未抽取的批次同时只能有一个。",
            ),
            models.CheckConstraint(condition=Q(cases__gte=1) & ~Q(seed=""), name="draw_has_seed_and_cases"),
            models.CheckConstraint(
                condition=Q(drawn_at__isnull=True, frame_digest="") | Q(drawn_at__isnull=False) & ~Q(frame_digest=""),
                name="draw_drawn_has_its_list",
            ),
            models.CheckConstraint(
                condition=Q(drawn_at__isnull=True) | Q(drawn_at__gte=F("announced_at")), name="draw_after_its_seed"
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, void_reason="")
                | Q(voided_at__isnull=False, drawn_at__isnull=True) & ~Q(void_reason=""),
                name="draw_voided_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"实地抽查第{self.number}批"

    @property
    def is_announced(self) -> bool:
        """Whether its seed is published and it is neither drawn nor voided."""
        return self.drawn_at is None and self.voided_at is None


class DrawRun(models.Model):
    """One computation of a draw: the first has effect, later ones check it, with its seed or with another."""

    draw = models.ForeignKey(SpotDraw, models.PROTECT, related_name="runs", verbose_name="抽样")
    number = models.PositiveSmallIntegerField("次")
    seed = models.CharField("种子", max_length=100)
    outcome = models.JSONField("抽中的受理编号", default=list)
    digest = models.CharField("结果摘要值", max_length=64)
    run_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="运算人")
    run_at = models.DateTimeField("运算时间")

    class Meta:
        verbose_name = verbose_name_plural = "抽样运算"
        constraints = [models.UniqueConstraint(fields=["draw", "number"], name="draw_run_once")]

    def __str__(self) -> str:
        return f"{self.draw}第{self.number}次运算"


class Visit(models.Model):
    """The spot check of one case; ``state`` is written by ``actions.visits`` alone.

    ``finding`` is that of the gravest row; ``follow`` what the department did about one that was untrue.
    """

    draw = models.ForeignKey(SpotDraw, models.PROTECT, related_name="visits", verbose_name="抽样")
    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="visits", verbose_name="申报")
    region = models.CharField("地区", max_length=20)
    level = models.CharField("层级", max_length=10)
    chamber_type = models.CharField("类型", max_length=20)
    random = models.CharField("随机数", max_length=64)
    place = models.PositiveIntegerField("层内次序")
    state = models.CharField("状态", max_length=10, choices=VisitState, default=VisitState.DRAWN)
    planned_on = models.DateField("拟走访日期", null=True)
    assigned_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="分派人")
    assigned_at = models.DateTimeField("分派时间", null=True)
    submitted_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="提交人")
    submitted_at = models.DateTimeField("提交时间", null=True)
    sent_back = models.CharField("退回补正理由", max_length=300, blank=True)
    finding = models.CharField("核定结论", max_length=10, choices=VisitFinding, blank=True)
    confirmed_at = models.DateTimeField("核定时间", null=True)
    waived_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="批准人")
    waived_at = models.DateTimeField("批准时间", null=True)
    waive_reason = models.CharField("免于走访理由", max_length=300, blank=True)
    follow = models.CharField("后续办理", max_length=10, choices=VisitFollow, blank=True)
    followed_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="后续办理人")
    followed_at = models.DateTimeField("后续办理时间", null=True)
    follow_reason = models.CharField("后续办理理由", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "实地抽查"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=VisitState.values), name="visit_state_known"),
            models.UniqueConstraint(
                fields=["declaration"],
                condition=~Q(state=VisitState.WAIVED),
                name="visit_one_a_case",
                violation_error_message="本件已列为实地抽查对象。",
            ),
            models.CheckConstraint(
                condition=Q(state=VisitState.CONFIRMED, finding__in=VisitFinding.values, confirmed_at__isnull=False)
                | ~Q(state=VisitState.CONFIRMED) & Q(finding="", confirmed_at__isnull=True),
                name="visit_confirmed_has_its_finding",
            ),
            models.CheckConstraint(
                condition=Q(state=VisitState.WAIVED, waived_at__isnull=False) & ~Q(waive_reason="")
                | ~Q(state=VisitState.WAIVED) & Q(waived_at__isnull=True, waive_reason=""),
                name="visit_waived_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[VisitState.VISITED, VisitState.CONFIRMED]) | Q(submitted_at__isnull=False),
                name="visit_visited_was_submitted",
            ),
            models.CheckConstraint(
                condition=Q(follow="", followed_at__isnull=True)
                | Q(follow__in=VisitFollow.values, followed_at__isnull=False, finding=VisitFinding.UNTRUE),
                name="visit_follow_of_untrue",
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="visit_by_state")]

    def __str__(self) -> str:
        return f"实地抽查：{self.declaration}"

    @property
    def stratum(self) -> str:
        """Return region, level and type as they are read."""
        return f"{self.region} · {self.level} · {self.chamber_type}"


class VisitMember(models.Model):
    """One person of a visit's team; ``confirmed_at`` is the person's own word on the record as it was handed in."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="members", verbose_name="实地抽查")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="visits", verbose_name="成员")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="人员")
    confirmed_at = models.DateTimeField("核定时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "调研组成员"
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "person"],
                name="visit_member_once",
                violation_error_message="同一人不能两次列入调研组。",
            )
        ]
        indexes = [models.Index(fields=["seat", "visit"], name="visit_of_member")]

    def __str__(self) -> str:
        return str(self.seat)


class VisitEntry(models.Model):
    """One field of a visit's record as it was typed; ``version`` grows with each change, so that two writers meet."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="entries", verbose_name="实地抽查")
    field = models.CharField("字段", max_length=60)
    value = models.TextField("内容", blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    set_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="填写人")
    set_at = models.DateTimeField("填写时间")

    class Meta:
        verbose_name = verbose_name_plural = "走访记录"
        constraints = [models.UniqueConstraint(fields=["visit", "field"], name="visit_entry_once_a_field")]

    def __str__(self) -> str:
        return self.field


class VisitPhoto(KeptFile):
    """One photograph of a visit: when it was taken, as the picture itself says, and when it came."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="photos", verbose_name="实地抽查")
    taken_at = models.DateTimeField("照片自带的拍摄时间", null=True)
    added_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="上传人")
    added_at = models.DateTimeField("上传时间")
    removed_at = models.DateTimeField("移除时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "走访照片"
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "digest"],
                condition=Q(removed_at__isnull=True),
                name="visit_photo_once",
                violation_error_message="这张照片已经上传过。",
            )
        ]
        indexes = [models.Index(fields=["digest"], name="visit_photo_by_digest")]


class VisitReport(models.Model):
    """The report on a cycle's visits (专题工作报告): drafted from the data, and as a person left it."""

    cycle = models.OneToOneField(Cycle, models.PROTECT, related_name="visit_report", verbose_name="周期")
    text = models.TextField("报告")
    basis = models.CharField("起草依据摘要值", max_length=64)
    written_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="填写人")
    written_at = models.DateTimeField("填写时间")

    class Meta:
        verbose_name = verbose_name_plural = "互学互促工作报告"

    def __str__(self) -> str:
        return f"{self.cycle}互学互促工作报告"
