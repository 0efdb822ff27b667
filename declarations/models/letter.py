"""Letters that announce a decision: drafted with the decision, released by a person."""

from django.db import models
from django.db.models import Q

from declarations.models.declaration import Declaration
from sihao.accounts.models import Organisation, Seat


class LetterState(models.TextChoices):
    """Where a letter stands."""

    DRAFT = "draft", "待发出"
    RELEASED = "released", "已发出"
    VOID = "void", "已作废"


class DecisionLetter(models.Model):
    """One letter on one decision to one organisation; it reaches its seats only when a person releases it.

    ``key`` holds case, decision, turn and audience: one letter each, whatever is repeated. ``state_of_case`` is the
    state the letter announces: it is not released when the case has moved on.
    """

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="letters", verbose_name="申报")
    key = models.CharField("唯一标识", max_length=100, unique=True)
    decision = models.CharField("事由", max_length=40)
    state_of_case = models.CharField("所告知的状态", max_length=20)
    sender = models.ForeignKey(Organisation, models.PROTECT, related_name="sent_letters", verbose_name="发出单位")
    recipient = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="收件单位")
    title = models.CharField("标题", max_length=160)
    body = models.TextField("内容", blank=True)
    state = models.CharField("状态", max_length=10, choices=LetterState, default=LetterState.DRAFT)
    drafted_at = models.DateTimeField("起草时间")
    settled_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="办理人")
    settled_at = models.DateTimeField("办理时间", null=True)
    reason = models.CharField("作废理由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "决定通知"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=LetterState.values), name="letter_state_known"),
            models.CheckConstraint(
                condition=Q(state=LetterState.DRAFT, settled_at__isnull=True)
                | (~Q(state=LetterState.DRAFT) & Q(settled_at__isnull=False, settled_by__isnull=False)),
                name="letter_settled_by_a_person",
            ),
        ]
        indexes = [models.Index(fields=["sender", "state", "-id"], name="letter_of_sender")]

    def __str__(self) -> str:
        return self.title

    @property
    def path(self) -> str:
        """The chain of the case, kept by the trail."""
        return self.declaration.path
