"""Writing the trail: the only door to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from django.db import models

from sihao.audit.events import SENTENCES, Event
from sihao.audit.models import Entry

SYSTEM = "系统"
LABEL = 200


class Actor(Protocol):
    """A seat, or a user without one: whoever acts; its ``str()`` is kept as the label of that day."""

    user_id: int


def record(
    event: Event,
    *,
    actor: Actor | None,
    target: models.Model,
    at: datetime,
    data: Mapping[str, Any] | None = None,
    reason: str = "",
) -> Entry:
    """Append one entry and return it; ``actor`` None is the system itself, a target without a key is nobody known.

    Raises ``ValueError`` for an event that is not in the table and ``KeyError`` for a fact its sentence needs.
    """
    sentence = SENTENCES[Event(event)]
    facts = dict(data or {})
    for name in sentence.needs:
        facts[name]
    return Entry.objects.create(
        event=event,
        at=at,
        actor_id=actor.user_id if actor else None,
        actor_label=str(actor)[:LABEL] if actor else SYSTEM,
        target_kind=target._meta.model_name,
        target_id="" if target.pk is None else str(target.pk),
        target_label=str(target)[:LABEL],
        path=getattr(target, "path", ""),
        data=facts,
        reason=reason,
    )


def tell(entry: Entry) -> str:
    """Return the entry as one Chinese sentence."""
    return entry.sentence
