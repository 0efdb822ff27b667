"""The one clock of the house: real time, or real time shifted for a rehearsal (演练)."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """Return the present instant (aware, UTC); rehearsals shift it by ``settings.CLOCK_SHIFT``."""
    return timezone.now() + settings.CLOCK_SHIFT
