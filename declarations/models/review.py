"""What the tiers, the department and the experts write about a case."""

from django.db import models
from django.db.models import F, Q

from declarations.models.declaration import Declaration
from declarations.states import (
    SHEETS_COUNTED,
    SHEETS_SIGNED,
    DeclineReason,
    ItemOutcome,
    ReturnReason,
    SecondLook,
    SheetOrigin,
    SheetState,
    Stance,
)
from scoring.models import Assessment
from sihao.accounts.models import Organisation, Seat
from sihao.prepared import Read


class Endorsement(Read):
    """A tier's opinion (审核意见); ``signed_at`` is set by the step that sends the case on.

    ``stance`` is what its officer concludes, ``conclusion`` what the step that signed it was. Until then ``versions``
    counts the changes of each part, so that two people who write at once meet visibly.
    """

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="endorsements", verbose_name="申报")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="审核单位")
    round = models.PositiveSmallIntegerField("次", default=1)
    text = models.TextField("审核意见", blank=True)
    stance = models.CharField("本级结论", max_length=10, choices=Stance, blank=True)
    authentic = models.BooleanField("已核对材料真实性", default=False)
    versions = models.JSONField("各部分版本", default=dict)
    conclusion = models.CharField("结论", max_length=40, blank=True)
    written_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="填写人")
    written_at = models.DateTimeField("填写时间")
    signed_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="签批人")
    signed_at = models.DateTimeField("签批时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "审核意见"
        constraints = [
            models.UniqueConstraint(fields=["declaration", "organisation", "round"], name="endorsement_once_a_round"),
            models.CheckConstraint(condition=Q(stance__in=["", *Stance.values]), name="endorsement_stance_known"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}审核意见"


class ReturnSlip(Read):
    """One return for correction (退回修改): who, until when; its items say what."""

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="return_slips", verbose_name="申报")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="退回单位")
    returned_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="退回人")
    returned_at = models.DateTimeField("退回时间")
    due_at = models.DateTimeField("修改期限")
    closed_at = models.DateTimeField("重新提交时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "退回单"
        constraints = [
            models.UniqueConstraint(
                fields=["declaration"], condition=Q(closed_at__isnull=True), name="return_slip_one_open"
            ),
            models.CheckConstraint(
                condition=Q(due_at__gt=F("returned_at")),
                name="return_slip_due_later",
                violation_error_message="修改期限须晚于退回时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}退回"


class ReturnItem(Read):
    """One row or field to mend, with its reason.

    ``answer`` is the chamber's word on it, ``outcome`` what the tier says once it has compared old and new.
    """

    slip = models.ForeignKey(ReturnSlip, models.CASCADE, related_name="items", verbose_name="退回单")
    item = models.CharField("指标或字段", max_length=60)
    label = models.CharField("名称", max_length=200)
    reason = models.CharField("原因", max_length=12, choices=ReturnReason)
    text = models.TextField("说明")
    answer = models.TextField("修改说明", blank=True)
    outcome = models.CharField("核对结果", max_length=10, choices=ItemOutcome, blank=True)
    remark = models.TextField("核对说明", blank=True)
    settled_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="核对人")
    settled_at = models.DateTimeField("核对时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "退回事项"
        constraints = [
            models.UniqueConstraint(fields=["slip", "item"], name="return_item_once"),
            models.CheckConstraint(
                condition=~Q(text=""), name="return_item_has_words", violation_error_message="请写明需要怎样修改。"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at__isnull=True, settled_by__isnull=True)
                | Q(outcome__in=ItemOutcome.values, settled_at__isnull=False, settled_by__isnull=False),
                name="return_item_settled_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Decline(models.Model):
    """One tier's 不予推荐 with its first reasons, and the one second look that the chamber may ask of that tier."""

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="declines", verbose_name="申报")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="办理单位")
    code = models.CharField("原因", max_length=12, choices=DeclineReason)
    reason = models.TextField("理由")
    declined_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="办理人")
    declined_at = models.DateTimeField("不予推荐时间")
    asked_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请复核时间", null=True)
    plea = models.TextField("复核理由", blank=True)
    outcome = models.CharField("复核结果", max_length=10, choices=SecondLook, blank=True)
    words = models.TextField("复核说明", blank=True)
    settled_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="复核人")
    settled_at = models.DateTimeField("复核时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "不予推荐"
        constraints = [
            models.UniqueConstraint(
                fields=["declaration", "organisation"],
                condition=Q(asked_at__isnull=False),
                name="second_look_once_a_tier",
                violation_error_message="每一级只能申请复核一次。",
            ),
            models.CheckConstraint(
                condition=Q(asked_at__isnull=True, asked_by__isnull=True)
                | (Q(asked_at__isnull=False, asked_by__isnull=False) & ~Q(plea="")),
                name="second_look_asked_whole",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at__isnull=True, settled_by__isnull=True)
                | (
                    Q(outcome__in=SecondLook.values, asked_at__isnull=False)
                    & Q(settled_at__isnull=False, settled_by__isnull=False)
                ),
                name="second_look_settled_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation"],
                condition=Q(asked_at__isnull=False, settled_at__isnull=True),
                name="second_look_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation}不予推荐"


class PreliminaryReview(models.Model):
    """The department's three answers (notice 五（二）3)."""

    declaration = models.OneToOneField(
        Declaration, models.PROTECT, related_name="preliminary", verbose_name="申报"
    )
    complete = models.BooleanField("材料是否齐全", null=True)
    logical = models.BooleanField("内容逻辑是否通顺", null=True)
    true = models.BooleanField("材料与事实是否相符", null=True)
    remarks = models.TextField("审核说明", blank=True)
    answered_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="初审人")
    answered_at = models.DateTimeField("初审时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "初审"

    def __str__(self) -> str:
        return f"{self.declaration} 初审"


class ExpertReview(Read):
    """One expert's sheet on one case; only confirmed sheets count. Its state has one writer, ``actions.sheets``.

    ``pledge`` is the digest of the words on impartiality and confidentiality that were signed at ``accepted_at``;
    ``reason`` why a third reader was called, ``left_reason`` why an offer was not taken or was taken back.
    """

    declaration = models.ForeignKey(
        Declaration, models.PROTECT, related_name="expert_reviews", verbose_name="申报"
    )
    expert = models.ForeignKey(Seat, models.PROTECT, related_name="expert_reviews", verbose_name="专家")
    state = models.CharField("状态", max_length=10, choices=SheetState, default=SheetState.OFFERED)
    origin = models.CharField("分派方式", max_length=8, choices=SheetOrigin, default=SheetOrigin.BY_HAND)
    reason = models.TextField("分派理由", blank=True)
    assessment = models.OneToOneField(
        Assessment, models.PROTECT, related_name="expert_review", verbose_name="评分"
    )
    comment = models.TextField("评审意见", blank=True)
    recusal_reason = models.TextField("回避理由", blank=True)
    left_reason = models.TextField("未接受或收回的理由", blank=True)
    assigned_at = models.DateTimeField("分派时间")
    accepted_at = models.DateTimeField("接受时间", null=True)
    pledge = models.CharField("承诺摘要值", max_length=64, blank=True)
    confirmed_at = models.DateTimeField("确认时间", null=True)
    reopened_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="退回重评人")
    reopened_at = models.DateTimeField("退回重评时间", null=True)
    reopen_reason = models.TextField("退回重评理由", blank=True)
    reopenings = models.PositiveSmallIntegerField("退回重评次数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "专家评审"
        constraints = [
            models.UniqueConstraint(fields=["declaration", "expert"], name="expert_review_once"),
            models.CheckConstraint(condition=Q(state__in=SheetState.values), name="expert_review_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(SHEETS_SIGNED)) | (Q(accepted_at__isnull=False) & ~Q(pledge="")),
                name="expert_review_signed_before_reading",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(SHEETS_COUNTED)) | Q(confirmed_at__isnull=False),
                name="expert_review_counts_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(state=SheetState.DECLINED) | ~Q(left_reason=""), name="expert_review_left_with_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state=SheetState.RECUSED) | ~Q(recusal_reason=""), name="expert_review_recused_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(reopenings=0) | (Q(reopened_at__isnull=False) & ~Q(reopen_reason="")),
                name="expert_review_reopened_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(origin=SheetOrigin.THIRD) | ~Q(reason=""), name="expert_review_third_has_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["expert", "state", "declaration"], name="expert_queue")]

    def __str__(self) -> str:
        return f"{self.expert}：{self.declaration}"
