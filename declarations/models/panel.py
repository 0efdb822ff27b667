"""The experts: who may be drawn, which assignment was proposed, the third reader, what a group agrees."""

from django.db import models
from django.db.models import F, Q

from declarations.models.cycle import Cycle
from declarations.models.declaration import Attachment, Declaration
from declarations.models.review import ExpertReview
from declarations.states import PlanState
from sihao.accounts.models import Organisation, Seat


class PanelMember(models.Model):
    """An expert of a cycle's pool: what the person knows, where the person works, when and how much can be read.

    ``province`` is where the employer is; empty for a national body, which ties nobody to a province.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="panel_members", verbose_name="周期")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="panel_members", verbose_name="专家")
    kinds = models.JSONField("专长", default=list)
    province = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="工作所在省"
    )
    employer = models.CharField("工作单位", max_length=100)
    available_from = models.DateField("可评审起", null=True, blank=True)
    available_until = models.DateField("可评审止", null=True, blank=True)
    most = models.PositiveSmallIntegerField("最多评审件数", null=True, blank=True)
    draws = models.BooleanField("参加抽取", default=True)
    written_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    written_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "专家库"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "seat"], name="panel_member_once_a_cycle"),
            models.CheckConstraint(
                condition=Q(available_from__isnull=True)
                | Q(available_until__isnull=True)
                | Q(available_until__gte=F("available_from")),
                name="panel_member_dates_ordered",
                violation_error_message="可评审止不能早于可评审起。",
            ),
            models.CheckConstraint(
                condition=Q(most__isnull=True) | Q(most__gte=1),
                name="panel_member_reads_something",
                violation_error_message="最多评审件数至少为1；不参加评审的，请取消“参加抽取”。",
            ),
        ]

    def __str__(self) -> str:
        return self.seat.user.name

    @property
    def path(self) -> str:
        """The chain of the national node, kept by the trail."""
        return self.seat.organisation.path


class PoolSheet(models.Model):
    """An uploaded sheet of experts, read and not yet written: it is looked through and confirmed once."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="+", verbose_name="周期")
    name = models.CharField("文件名", max_length=160)
    digest = models.CharField("摘要值", max_length=64)
    rows = models.JSONField("内容", default=list)
    faults = models.JSONField("有误的行", default=list)
    brought_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="上传人")
    brought_at = models.DateTimeField("上传时间")
    written_at = models.DateTimeField("写入时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "上传的专家名单"

    def __str__(self) -> str:
        return self.name


class AssignmentPlan(models.Model):
    """A proposed assignment of experts: what it rests on, what came of it; it takes effect by an act of its own.

    ``inputs`` is the digest of cases, experts and bars as they stood; ``digest`` that of the pairs. Where there was no
    assignment, ``shortage`` says why.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="assignment_plans", verbose_name="周期")
    number = models.PositiveSmallIntegerField("次")
    state = models.CharField("状态", max_length=10, choices=PlanState, default=PlanState.COMPUTING)
    seed = models.CharField("种子", max_length=64)
    readers = models.PositiveSmallIntegerField("每件专家数")
    spread = models.PositiveSmallIntegerField("件数相差上限")
    begins = models.DateField("评审起")
    ends = models.DateField("评审止")
    inputs = models.CharField("输入摘要值", max_length=64, blank=True)
    digest = models.CharField("结果摘要值", max_length=64, blank=True)
    solver = models.CharField("求解程序", max_length=40, blank=True)
    cases = models.PositiveIntegerField("件数", default=0)
    matched = models.PositiveIntegerField("专长相符", default=0)
    loads = models.JSONField("各专家件数", default=list)
    shortage = models.JSONField("不足", default=dict)
    proposed_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="拟定人")
    proposed_at = models.DateTimeField("拟定时间")
    deployed_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="确认人")
    deployed_at = models.DateTimeField("生效时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "专家分派方案"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="assignment_plan_number"),
            models.UniqueConstraint(
                fields=["cycle"],
                condition=Q(state__in=[PlanState.COMPUTING, PlanState.PROPOSED, PlanState.DEPLOYING]),
                name="assignment_plan_one_open",
                violation_error_message="已有一个分派方案尚未办结。",
            ),
            models.CheckConstraint(condition=Q(state__in=PlanState.values), name="assignment_plan_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=[PlanState.DEPLOYING, PlanState.DEPLOYED])
                | Q(deployed_by__isnull=False, deployed_at__isnull=False),
                name="assignment_plan_deployed_by_somebody",
            ),
            models.CheckConstraint(condition=Q(ends__gte=F("begins")), name="assignment_plan_dates_ordered"),
        ]

    def __str__(self) -> str:
        return f"第{self.number}次专家分派"

    @property
    def path(self) -> str:
        """The chain of the national node, kept by the trail."""
        return self.proposed_by.organisation.path


class PlannedPair(models.Model):
    """One case given to one expert by a plan; ``matched`` is empty where the case has no speciality to match."""

    plan = models.ForeignKey(AssignmentPlan, models.CASCADE, related_name="pairs", verbose_name="方案")
    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="+", verbose_name="申报")
    expert = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="专家")
    matched = models.BooleanField("专长相符", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "拟分派"
        constraints = [
            models.UniqueConstraint(fields=["plan", "declaration", "expert"], name="planned_pair_once"),
        ]

    def __str__(self) -> str:
        return f"{self.declaration}：{self.expert.user.name}"


class ThirdReading(models.Model):
    """That a case needs a third reader, and why; once asked it stays asked. Without ``asked_by`` the rule asked."""

    declaration = models.OneToOneField(
        Declaration, models.PROTECT, related_name="third_reading", verbose_name="申报"
    )
    reason = models.TextField("理由")
    asked_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="提出人")
    asked_at = models.DateTimeField("提出时间")

    class Meta:
        verbose_name = verbose_name_plural = "第三名专家"
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="third_reading_has_a_reason")]

    def __str__(self) -> str:
        return f"{self.declaration}第三名专家"


class Consensus(models.Model):
    """Who reports what a group of readers agrees on a case (rapporteur); nobody else writes the agreed marks."""

    declaration = models.OneToOneField(Declaration, models.PROTECT, related_name="consensus", verbose_name="申报")
    rapporteur = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="主评人")
    named_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="指定人")
    named_at = models.DateTimeField("指定时间")

    class Meta:
        verbose_name = verbose_name_plural = "专家组商定"

    def __str__(self) -> str:
        return f"{self.declaration}商定"


class ConsensusVoice(models.Model):
    """What a reader says of an agreed mark that is not the own one; it counts while that mark stays what it was."""

    review = models.ForeignKey(ExpertReview, models.PROTECT, related_name="voices", verbose_name="评分表")
    code = models.CharField("指标", max_length=20)
    points = models.DecimalField("商定得分", max_digits=6, decimal_places=2)
    agrees = models.BooleanField("同意")
    reason = models.CharField("理由", max_length=300, blank=True)
    said_at = models.DateTimeField("表态时间")

    class Meta:
        verbose_name = verbose_name_plural = "商定表态"
        constraints = [
            models.UniqueConstraint(fields=["review", "code"], name="consensus_voice_once_a_row"),
            models.CheckConstraint(
                condition=Q(agrees=True) | ~Q(reason=""),
                name="consensus_dissent_has_a_reason",
                violation_error_message="保留意见须写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}{'同意' if self.agrees else '保留意见'}"


class AgreedProof(models.Model):
    """One named piece of evidence for an agreed mark: a file of the case, or a source in words."""

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="agreed_proofs", verbose_name="申报")
    code = models.CharField("指标", max_length=20)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+", verbose_name="佐证材料")
    source = models.CharField("其他依据", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "商定依据"
        constraints = [
            models.UniqueConstraint(
                fields=["declaration", "code", "attachment"],
                condition=Q(attachment__isnull=False),
                name="agreed_proof_file_once",
            ),
            models.UniqueConstraint(
                fields=["declaration", "code"], condition=Q(attachment__isnull=True), name="agreed_proof_source_once"
            ),
            models.CheckConstraint(
                condition=Q(attachment__isnull=False, source="") | Q(attachment__isnull=True) & ~Q(source=""),
                name="agreed_proof_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.source or str(self.attachment)
