"""What a successor gets of a seat that ended: its unread messages and the cases on its desk.

What an organisation holds needs no handing over: it waits for the organisation, whoever sits there. Experts' sheets
stay with the expert, as assigning one asks about recusal.
"""

from collections.abc import Iterator
from datetime import datetime

from declarations.models import Declaration, Liaison, Notice
from declarations.queries.recusals import without_recused
from sihao.accounts.handover import register_handover
from sihao.accounts.models import Seat

COPIED = ("declaration_id", "key", "title", "body", "sent_at")


def give_to_successor(left: Seat, heir: Seat, now: datetime) -> Iterator[str]:
    """Give unread messages and desks to the successor, and tell how many."""
    unread = list(Notice.objects.filter(seat=left, read_at__isnull=True).order_by("id"))
    copies = [Notice(seat=heir, **{name: getattr(one, name) for name in COPIED}) for one in unread]
    Notice.objects.bulk_create(copies, ignore_conflicts=True)
    if unread:
        yield f"未读消息{len(unread)}条"
    if desks := without_recused(Declaration.objects.filter(desk=left), heir).update(desk=heir):
        yield f"经办的申报{desks}件"
    Declaration.objects.filter(desk=left).update(desk=None)
    Liaison.objects.filter(seat=left).update(seat=heir)


register_handover(give_to_successor)
