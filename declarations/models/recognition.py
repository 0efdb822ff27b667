"""From the verdict to the title."""

from django.db import models
from django.db.models import Q

from declarations.models.cycle import Cycle
from declarations.models.declaration import Declaration
from declarations.states import Outcome, TitleState
from sihao.accounts.models import Seat


class Agenda(models.Model):
    """The frozen list put before the chairman's meeting, and the meeting's record (notice 五（二）4)."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="agendas", verbose_name="周期")
    number = models.PositiveSmallIntegerField("次")
    digest = models.CharField("名单摘要值", max_length=64)
    frozen_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="提请人")
    frozen_at = models.DateTimeField("提请时间")
    meeting_on = models.DateField("会议日期", null=True)
    present = models.TextField("出席人员", blank=True)
    recused = models.TextField("回避人员", blank=True)
    minutes = models.TextField("会议纪要", blank=True)
    decided_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    decided_at = models.DateTimeField("登记时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "审议议程"
        constraints = [models.UniqueConstraint(fields=["cycle", "number"], name="agenda_number_once")]

    def __str__(self) -> str:
        return f"{self.cycle.name}第{self.number}次审议"


class AgendaItem(models.Model):
    """One case on an agenda with the meeting's word on it; the proposed word is the secretary's draft."""

    agenda = models.ForeignKey(Agenda, models.PROTECT, related_name="items", verbose_name="议程")
    declaration = models.ForeignKey(
        Declaration, models.PROTECT, related_name="agenda_items", verbose_name="申报"
    )
    place = models.PositiveIntegerField("次序")
    outcome = models.CharField("审议结果", max_length=14, choices=Outcome, blank=True)
    remark = models.TextField("说明", blank=True)
    proposed_outcome = models.CharField("拟登记结果", max_length=14, choices=Outcome, blank=True)
    proposed_remark = models.TextField("拟登记说明", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "议程事项"
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["agenda", "declaration"], name="agenda_item_once"),
            models.UniqueConstraint(fields=["agenda", "place"], name="agenda_place_once"),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.declaration}"


class Recognition(models.Model):
    """A title (认定): certificate number, name and unit as published; ``actions.titles`` alone writes its state.

    ``published_at`` is set when the publication it belongs to is complete: until then nobody outside sees it.
    """

    declaration = models.OneToOneField(
        Declaration, models.PROTECT, related_name="recognition", verbose_name="申报"
    )
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="recognitions", verbose_name="周期")
    serial = models.PositiveIntegerField("序号")
    number = models.CharField("证书编号", max_length=40, unique=True)
    name = models.CharField("商会名称", max_length=100)
    unit_name = models.CharField("推荐单位", max_length=100)
    unit_code = models.CharField("推荐单位代码", max_length=6)
    chamber_type = models.CharField("商会类型", max_length=40, blank=True)
    publication = models.ForeignKey(
        "declarations.Publication", models.PROTECT, null=True, related_name="recognitions", verbose_name="公布"
    )
    state = models.CharField("效力", max_length=14, choices=TitleState, default=TitleState.ACTIVE)
    recognised_at = models.DateTimeField("认定时间")
    published_at = models.DateTimeField("公布时间", null=True)
    revoked_at = models.DateTimeField("撤销时间", null=True)
    revoked_why = models.CharField("撤销事由", max_length=200, blank=True)
    barred_cycles = models.PositiveSmallIntegerField("撤销后不得申报的周期数", default=0)
    plaque_returned_at = models.DateTimeField("牌匾、证书收回时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "认定"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "serial"], name="recognition_serial_once"),
            models.CheckConstraint(condition=Q(state__in=TitleState.values), name="recognition_state_known"),
            models.CheckConstraint(
                condition=Q(state=TitleState.REVOKED, revoked_at__isnull=False)
                | (~Q(state=TitleState.REVOKED) & Q(revoked_at__isnull=True)),
                name="recognition_revoked_has_date",
            ),
        ]
        indexes = [
            models.Index(fields=["cycle", "unit_code", "serial"], name="recognition_by_unit"),
            models.Index(fields=["name"], name="recognition_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"

    @property
    def path(self) -> str:
        """The chain of the case, kept by the trail."""
        return self.declaration.path
