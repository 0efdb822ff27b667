"""A chamber that asks to withdraw after its unit's list went up (T15): three persons, none of it in the notice."""

from django.db import models
from django.db.models import Q

from declarations.models.declaration import Declaration
from declarations.states import WithdrawalOutcome
from sihao.accounts.models import Seat

SETTLED = Q(settled_at__isnull=False, settled_by__isnull=False)
# A check that comes to NULL holds: whether there is a word is asked beside what it says.
NOT_OPPOSED = Q(agreed__isnull=True) | Q(agreed__isnull=False, agreed=True)


class WithdrawalRequest(models.Model):
    """The president's request, what the unit's leader says to it, and what the department makes of it.

    Open while ``outcome`` is empty; a unit that does not agree closes it. The case stays as it is until it is accepted.
    """

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="withdrawals", verbose_name="申报")
    reason = models.TextField("撤回理由")
    asked_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    unit_due = models.DateTimeField("推荐单位办理期限")
    agreed = models.BooleanField("推荐单位是否同意", null=True)
    unit_words = models.TextField("推荐单位意见", blank=True)
    unit_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="推荐单位办理人")
    unit_at = models.DateTimeField("推荐单位办理时间", null=True)
    settle_due = models.DateTimeField("会员部办理期限", null=True)
    outcome = models.CharField("结果", max_length=8, choices=WithdrawalOutcome, blank=True)
    words = models.TextField("办结说明", blank=True)
    settled_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="办结人")
    settled_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "撤回申请"
        constraints = [
            models.UniqueConstraint(fields=["declaration"], condition=Q(outcome=""), name="withdrawal_one_open"),
            models.CheckConstraint(condition=~Q(reason=""), name="withdrawal_has_reason"),
            models.CheckConstraint(
                condition=Q(agreed__isnull=True, unit_by__isnull=True, unit_at__isnull=True)
                | Q(agreed__isnull=False, unit_by__isnull=False, unit_at__isnull=False),
                name="withdrawal_unit_whole",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", settled_by__isnull=True, settled_at__isnull=True) & NOT_OPPOSED
                | SETTLED & Q(outcome=WithdrawalOutcome.OPPOSED, agreed__isnull=False, agreed=False) & ~Q(unit_words="")
                | SETTLED & Q(outcome=WithdrawalOutcome.ACCEPTED, agreed__isnull=False, agreed=True)
                | SETTLED & Q(outcome=WithdrawalOutcome.REFUSED) & NOT_OPPOSED & ~Q(words=""),
                name="withdrawal_settled_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.get_outcome_display() or ("推荐单位已同意" if self.agreed else "待推荐单位提出意见")
