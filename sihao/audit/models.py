"""The append-only trail (办理留痕)."""

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from sihao.audit.events import SENTENCES, Event


class TrailIsAppendOnly(RuntimeError):
    """Raised on every attempt to change or delete a trail entry."""


class EntryQuerySet(models.QuerySet["Entry"]):
    """Reads entries; refuses to change or delete them."""

    def update(self, **kwargs: Any) -> int:
        """Refuse."""
        raise TrailIsAppendOnly("办理留痕只能追加，不能修改。")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise TrailIsAppendOnly("办理留痕只能追加，不能删除。")


class Entry(models.Model):
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

    objects = EntryQuerySet.as_manager()

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert once; refuse every later write."""
        if self.pk is not None:
            raise TrailIsAppendOnly("办理留痕只能追加，不能修改。")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise TrailIsAppendOnly("办理留痕只能追加，不能删除。")

    @property
    def sentence(self) -> str:
        """The entry as one Chinese sentence; an event that this version no longer knows tells its plain name."""
        told = SENTENCES.get(self.event)
        return told.template.format_map(self.data | {"actor": self.actor_label}) if told else self.event
