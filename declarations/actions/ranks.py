"""Writing ranks: the list 1…n stays whole at every instant, and only the rows between two ranks are written.

Called under the lock of the unit's list; ``Batch.order_version`` says that somebody's page is no longer the order.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F, Max, QuerySet

from declarations.models import Batch, Declaration
from sihao.accounts.models import Seat

APART = 1_000_000
"""Ranks on their way stand this far behind, so that no two are ever equal."""


def mates_of(case: Declaration, *, reserve: bool) -> QuerySet[Declaration]:
    """Return the ranked cases of a case's unit: its list, or its reserves."""
    return Declaration.objects.filter(
        cycle_id=case.cycle_id, unit_id=case.unit_id, is_reserve=reserve, rank__isnull=False
    )


def length_of(case: Declaration, *, reserve: bool) -> int:
    """Return the last rank of the list or of the reserves."""
    return mates_of(case, reserve=reserve).aggregate(last=Max("rank"))["last"] or 0


def take_off(case: Declaration) -> int | None:
    """Take a case off its rank and return the rank; those behind move up by one."""
    left, case.rank = case.rank, None
    if left is not None:
        Declaration.objects.filter(pk=case.pk).update(rank=None)
        _shift(mates_of(case, reserve=case.is_reserve), left + 1, None, -1)
    return left


def put_in(case: Declaration, to: int | None = None) -> int:
    """Put a case without a rank into the list that it belongs to and return its rank; None or beyond is the end."""
    end = length_of(case, reserve=case.is_reserve) + 1
    case.rank = end if to is None else max(1, min(to, end))
    _shift(mates_of(case, reserve=case.is_reserve), case.rank, None, 1)
    Declaration.objects.filter(pk=case.pk).update(rank=case.rank, is_reserve=case.is_reserve)
    return case.rank


def move_to(case: Declaration, to: int) -> int:
    """Move a ranked case within its list and return its new rank; only those between are written."""
    end, was = length_of(case, reserve=case.is_reserve), case.rank or 1
    rank = max(1, min(to, end))
    if rank != was:
        mates = mates_of(case, reserve=case.is_reserve)
        Declaration.objects.filter(pk=case.pk).update(rank=None)
        if rank < was:
            _shift(mates, rank, was - 1, 1)
        else:
            _shift(mates, was + 1, rank, -1)
        Declaration.objects.filter(pk=case.pk).update(rank=rank)
    case.rank = rank
    return rank


def _shift(mates: QuerySet[Declaration], first: int, last: int | None, by: int) -> None:
    """Shift the ranks from the first to the last by one; the rank they come to is free."""
    upto = {} if last is None else {"rank__lte": last}
    if mates.filter(rank__gte=first, **upto).update(rank=F("rank") + APART + by):
        mates.filter(rank__gt=APART).update(rank=F("rank") - APART)


def write_ranks(ranks: Mapping[int, int]) -> None:
    """Write the ranks of those that change, which take each other's."""
    if ranks:
        Declaration.objects.filter(pk__in=ranks).update(rank=F("rank") + APART)
        Declaration.objects.bulk_update([Declaration(pk=pk, rank=rank) for pk, rank in ranks.items()], ["rank"])


def order_changed(case: Declaration, by: Seat | None, at: datetime | None) -> None:
    """Note that the order of a unit's list is another now; ``by`` None is a case that left it."""
    mine = Batch.objects.filter(cycle_id=case.cycle_id, unit_id=case.unit_id)
    mine.update(order_version=F("order_version") + 1, ordered_by=by, ordered_at=at)
