"""Reading the trail."""

from django.db import models
from django.db.models import QuerySet

from sihao.audit.models import Entry


def trail_of(target: models.Model) -> QuerySet[Entry]:
    """Return the entries about one object, oldest first."""
    return Entry.objects.filter(target_kind=target._meta.model_name, target_id=str(target.pk)).order_by("id")


def trail_by(user_id: int) -> QuerySet[Entry]:
    """Return what one person did, newest first."""
    return Entry.objects.filter(actor_id=user_id).order_by("-id")


def whole_trail() -> QuerySet[Entry]:
    """Return every entry, newest first (for the audit administrator and supervision)."""
    return Entry.objects.order_by("-id")
