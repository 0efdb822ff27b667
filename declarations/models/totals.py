"""How the totals of a unit's cases spread: kept in the transaction that moves a case."""

from django.db import models

from declarations.models.cycle import Cycle
from sihao.accounts.models import Organisation


class TotalBand(models.Model):
    """How many cases of a unit have a total in a band; plots are sums of these, no case is read for them.

    ``below`` says whether the totals lie below the line, ``own`` whether they are the unit's or the chambers' own.
    """

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="+", verbose_name="周期")
    unit = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name="推荐单位")
    low = models.DecimalField("分段下限", max_digits=6, decimal_places=2)
    below = models.BooleanField("低于分数线")
    own = models.BooleanField("本级审核得分")
    number = models.PositiveIntegerField("件数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "总分分布"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "unit", "low", "below", "own"], name="total_band_once")
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.low} {self.number}"
