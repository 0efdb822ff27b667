"""The append-only trail (办理留痕)."""

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from sihao.audit.canonical import GENESIS, Hash, Spelling, instant
from sihao.audit.events import SENTENCES, Event


class TrailIsAppendOnly(RuntimeError):
    """Raised on every attempt to change or delete a trail entry."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Reads rows; refuses to change or delete them."""

    def update(self, **kwargs: Any) -> int:
        """Refuse."""
        raise TrailIsAppendOnly("办理留痕只能追加，不能修改。")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise TrailIsAppendOnly("办理留痕只能追加，不能删除。")


class AppendOnly(models.Model):
    """A row that is written once."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert once; refuse every later write."""
        if not self._state.adding:
            raise TrailIsAppendOnly("办理留痕只能追加，不能修改。")
        super().save(*args, force_insert=True, **{name: one for name, one in kwargs.items() if name != "force_insert"})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise TrailIsAppendOnly("办理留痕只能追加，不能删除。")


class Entry(AppendOnly):
    """One act: who, in which capacity, on what, when, why; labels are kept as they were on that day."""

    event = models.CharField("事项", max_length=40, choices=Event)
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_label = models.CharField("办理人", max_length=200)
    target_kind = models.CharField("对象类别", max_length=40)
    target_id = models.CharField("对象编号", max_length=40)
    target_label = models.CharField("对象", max_length=200)
    path = models.CharField("所在链条", max_length=100, blank=True)
    data = models.JSONField("内容", default=dict, encoder=DjangoJSONEncoder)
    reason = models.TextField("理由", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "留痕"
        constraints = [models.CheckConstraint(condition=Q(event__in=Event.values), name="entry_event_known")]
        indexes = [
            models.Index(fields=["target_kind", "target_id", "id"], name="entry_of_target"),
            models.Index(fields=["actor", "id"], name="entry_by_actor"),
            models.Index(fields=["event", "id"], name="entry_of_event"),
            models.Index(fields=["at", "id"], name="entry_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_event_display()} {self.target_label}"

    @property
    def sentence(self) -> str:
        """The entry as one Chinese sentence; an event that this version no longer knows tells its plain name."""
        told = SENTENCES.get(self.event)
        return told.template.format_map(self.data | {"actor": self.actor_label}) if told else self.event

    @property
    def spelling(self) -> Spelling:
        """The entry as it is sealed."""
        return Spelling.of(
            {
                "id": self.pk,
                "event": self.event,
                "at": instant(self.at),
                "actor": {"id": self.actor_id, "label": self.actor_label},
                "target": {"id": self.target_id, "kind": self.target_kind, "label": self.target_label},
                "path": self.path,
                "data": self.data,
                "reason": self.reason,
            }
        )


class Chain(models.Model):
    """Where the chain ends, and which hash function the next seal is made with.

    Its one row is what sealers hold, one at a time; no act of the house ever waits for it.
    """

    sequence = models.PositiveBigIntegerField("末条序号", default=0)
    seal = models.CharField("末条封存值", max_length=64, default=GENESIS)
    at = models.DateTimeField("末次封存时间", null=True)
    hash = models.CharField("今后的算法", max_length=8, choices=Hash, default=Hash.SHA256)

    class Meta:
        verbose_name = verbose_name_plural = "留痕链"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="chain_is_one"),
            models.CheckConstraint(condition=Q(hash__in=Hash.values), name="chain_hash_known"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.seal}"


class Link(AppendOnly):
    """The seal of one entry at its place in the chain; ``marks`` are short digests of the entry's parts."""

    sequence = models.PositiveBigIntegerField("序号", primary_key=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="link", verbose_name="留痕")
    hash = models.CharField("算法", max_length=8, choices=Hash)
    seal = models.CharField("封存值", max_length=64)
    marks = models.CharField("各部分标记", max_length=64)
    at = models.DateTimeField("封存时间")

    class Meta:
        verbose_name = verbose_name_plural = "封存"
        constraints = [
            models.CheckConstraint(condition=Q(sequence__gte=1), name="link_from_one"),
            models.CheckConstraint(condition=Q(hash__in=Hash.values), name="link_hash_known"),
        ]
        indexes = [models.Index(fields=["at", "sequence"], name="link_by_time")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.seal}"


class DailyHead(AppendOnly):
    """Where the chain stood at the end of a day in Beijing on which something was sealed; published."""

    day = models.DateField("日期", unique=True)
    sequence = models.PositiveBigIntegerField("序号")
    hash = models.CharField("算法", max_length=8, choices=Hash)
    seal = models.CharField("封存值", max_length=64)
    at = models.DateTimeField("封存时间")

    class Meta:
        verbose_name = verbose_name_plural = "每日封存值"
        constraints = [models.CheckConstraint(condition=Q(hash__in=Hash.values), name="daily_head_hash_known")]

    def __str__(self) -> str:
        return f"{self.day} {self.sequence} {self.seal}"
