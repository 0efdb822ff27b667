"""Taking scans of sealed papers away, with what waits for a second person because of them."""

from datetime import datetime

from django.db.models import QuerySet

from declarations.models import PaperScan, Pending
from declarations.second_person import Paired, PendingState
from sihao.accounts.models import Seat

TAKEN = "扫描件已移除，无须核对。"


def take_away(scans: QuerySet[PaperScan], *, actor: Seat, now: datetime) -> None:
    """Take scans away; the caller holds the lock of the list."""
    found = list(scans.filter(removed_at__isnull=True).values_list("pk", flat=True))
    PaperScan.objects.filter(pk__in=found).update(removed_at=now)
    waiting = Pending.objects.filter(act=Paired.CONFIRM_SCAN, subject_id__in=found, state=PendingState.WAITING)
    waiting.update(
        state=PendingState.TAKEN_BACK, settled_by=actor, settler=actor.user_id, settled_at=now, words=TAKEN
    )
