"""Reading the trail."""

from datetime import date, datetime, time, timedelta

from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

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


def matching_trail(
    *, person: str = "", event: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[Entry]:
    """Return the entries of one person (sign-in name or name), one event, and whole days in Beijing, newest first."""
    found = whole_trail()
    if person:
        found = found.filter(Q(actor__username=person) | Q(actor__name=person))
    if event:
        found = found.filter(event=event)
    if since:
        found = found.filter(at__gte=_midnight(since))
    if until:
        found = found.filter(at__lt=_midnight(until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
