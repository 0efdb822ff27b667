"""When a seat last looked a case over."""

from django.db import models

from declarations.models.declaration import Declaration
from sihao.accounts.models import Seat


class Look(models.Model):
    """Up to which instant a seat has seen a case: what was changed after it is marked on the seat's review page."""

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="looks", verbose_name="申报")
    seat = models.ForeignKey(Seat, models.CASCADE, related_name="+", verbose_name="席位")
    at = models.DateTimeField("看到何时")

    class Meta:
        verbose_name = verbose_name_plural = "查看记录"
        constraints = [models.UniqueConstraint(fields=["declaration", "seat"], name="look_once_a_seat")]

    def __str__(self) -> str:
        return f"{self.seat}：{self.declaration}"
