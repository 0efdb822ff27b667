"""Papers that were taken out of the house, known by the check code that stands on each of their pages."""

from django.db import models
from django.db.models import Q

from declarations.models.batch import Batch
from declarations.models.cycle import Cycle
from declarations.models.declaration import Declaration
from declarations.states import IssuedKind
from sihao.accounts.models import Seat


class IssuedPaper(models.Model):
    """One paper of one version as it was first taken out; the same paper taken out again is the same row.

    It is of a case, of a list or of a cycle. ``subject`` is what the version counts: the key of the opinion, return,
    sheet or title; of a case's own papers it is empty. What stands on the paper is not kept, its digest is.
    """

    check_code = models.CharField("校验码", max_length=12, unique=True)
    kind = models.CharField("文书", max_length=12, choices=IssuedKind)
    declaration = models.ForeignKey(
        Declaration, models.PROTECT, null=True, related_name="issued_papers", verbose_name="申报"
    )
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="issued_papers", verbose_name="推荐名单")
    cycle = models.ForeignKey(Cycle, models.PROTECT, null=True, related_name="issued_papers", verbose_name="周期")
    subject = models.PositiveBigIntegerField("事项", null=True)
    version = models.PositiveIntegerField("版本")
    is_draft = models.BooleanField("草稿", default=False)
    digest = models.CharField("摘要值", max_length=64)
    issued_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="首次取用人")
    issued_at = models.DateTimeField("首次取用时间")

    class Meta:
        verbose_name = verbose_name_plural = "文书"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=IssuedKind.values), name="issued_paper_kind_known"),
            models.CheckConstraint(
                condition=Q(declaration__isnull=True, batch__isnull=True)
                | Q(declaration__isnull=True, cycle__isnull=True)
                | Q(batch__isnull=True, cycle__isnull=True),
                name="issued_paper_of_one",
            ),
        ]
        indexes = [models.Index(fields=["cycle", "kind", "subject"], name="issued_paper_of_cycle")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.check_code}"
