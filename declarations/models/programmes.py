"""Standards that are being drawn up: drafts as sheets, and what they would change for earlier declarations."""

from django.db import models
from django.db.models import Q

from declarations.models.cycle import Cycle
from scoring.models import ProgrammeVersion
from sihao.accounts.models import Organisation, Seat


class DraftState(models.TextChoices):
    """Where a draft stands."""

    EDITING = "editing", "起草中"
    PROPOSED = "proposed", "待确认发布"
    PUBLISHED = "published", "已发布"
    DROPPED = "dropped", "已放弃"


OPEN_DRAFTS = (DraftState.EDITING, DraftState.PROPOSED)


class ProgrammeDraft(models.Model):
    """A standard that an office draws up: its sheets as typed (``scoring.editing``), until two persons publish it.

    ``version`` grows with each save; ``basis`` is the published version it was copied from.
    """

    owner = models.ForeignKey(
        Organisation, models.PROTECT, related_name="programme_drafts", verbose_name="起草单位"
    )
    slug = models.CharField("代号", max_length=60, blank=True)
    title = models.CharField("标准名称", max_length=120, blank=True)
    content = models.JSONField("内容")
    state = models.CharField("状态", max_length=10, choices=DraftState, default=DraftState.EDITING)
    version = models.PositiveIntegerField("版本", default=1)
    basis = models.ForeignKey(
        ProgrammeVersion, models.PROTECT, null=True, related_name="copied_drafts", verbose_name="原标准"
    )
    source = models.CharField("来源", max_length=200)
    started_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="起草人")
    started_at = models.DateTimeField("起草时间")
    touched_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="最后修改人")
    touched_at = models.DateTimeField("最后修改时间")
    proposed_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="提请人")
    proposed_at = models.DateTimeField("提请时间", null=True)
    sent_back = models.TextField("退回理由", blank=True)
    published = models.ForeignKey(
        ProgrammeVersion, models.PROTECT, null=True, related_name="drafts", verbose_name="发布的标准"
    )
    ended_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="办结人")
    ended_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "标准草稿"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=DraftState.values), name="programme_draft_state_known"
            ),
            models.UniqueConstraint(
                fields=["owner", "slug"],
                condition=Q(state__in=OPEN_DRAFTS) & ~Q(slug=""),
                name="programme_draft_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[DraftState.PROPOSED, DraftState.PUBLISHED])
                | Q(proposed_by__isnull=False, proposed_at__isnull=False),
                name="programme_draft_proposed_by_a_person",
            ),
            models.CheckConstraint(
                condition=Q(state=DraftState.PUBLISHED, published__isnull=False, ended_at__isnull=False)
                | (~Q(state=DraftState.PUBLISHED) & Q(published__isnull=True)),
                name="programme_draft_published_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=DraftState.PUBLISHED) | ~Q(proposed_by=models.F("ended_by")),
                name="programme_draft_by_two_persons",
                violation_error_message="提请和确认发布须由两人办理。",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"标准草稿{self.pk}"

    @property
    def path(self) -> str:
        """Return the owner's place in the tree."""
        return self.owner.path


class ProgrammeTrial(models.Model):
    """What a draft would have changed in an earlier cycle: the text tried, and each case that would stand otherwise."""

    draft = models.ForeignKey(ProgrammeDraft, models.CASCADE, related_name="trials", verbose_name="标准草稿")
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="+", verbose_name="周期")
    version = models.PositiveIntegerField("草稿版本")
    text = models.TextField("试算的标准")
    cases = models.PositiveIntegerField("件数", default=0)
    changes = models.JSONField("变动", default=list)
    ordered_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="办理人")
    ordered_at = models.DateTimeField("提出时间")
    ended_at = models.DateTimeField("算完时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "标准试算"
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "cycle"],
                condition=Q(ended_at__isnull=True),
                name="programme_trial_one_going_on",
            )
        ]

    def __str__(self) -> str:
        return f"{self.draft}：按{self.cycle.name}试算"
