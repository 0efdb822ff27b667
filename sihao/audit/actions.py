"""Sealing the trail: a pass behind the acts, never part of one."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from sihao.audit.canonical import demand
from sihao.audit.models import Chain, DailyHead, Entry, Link
from sihao.audit.queries import unsealed

PAGE = 500
LATE = timedelta(hours=1)
"""How long an act may take to be committed after its entry got its key, and still be found by the short look."""


def seal(*, now: datetime, most: int | None = None, thorough: bool = False) -> int:
    """Seal entries that are committed and not sealed yet, in the order of their keys; return how many.

    Page by page, each in a short transaction of its own; one sealer at a time, another one finds nothing to do (with
    ``thorough`` it waits). An act that is committed late is sealed when it is seen, so the sequence never has a gap.
    The usual look begins where everything was sealed an hour ago; a ``thorough`` one looks at all. The first pass of
    a new day writes down where the chain stood when the day before ended. Raises ``HashMissing``.
    """
    _end_day(now=now)
    since = 0 if thorough else _sealed_until(now - LATE)
    sealed = 0
    while (most is None or sealed < most) and unsealed(since).exists():
        number = _seal_page(now, since, thorough)
        if not number:
            break
        sealed += number
    return sealed


def _sealed_until(at: datetime) -> int:
    """Return the key up to which everything was sealed by an instant, but for what was committed late."""
    last = Link.objects.filter(at__lt=at).order_by("-at", "-sequence").values_list("entry_id", flat=True).first()
    return last or 0


@transaction.atomic
def _seal_page(now: datetime, since: int, wait: bool) -> int:
    chain = _held(wait)
    if chain is None:
        return 0
    links = [_link(entry, chain, now) for entry in unsealed(since)[:PAGE]]
    Link.objects.bulk_create(links)
    chain.save()
    return len(links)


def _held(wait: bool) -> Chain | None:
    """Return the chain, held until the transaction ends; None while another sealer holds it."""
    if not Chain.objects.filter(pk=1).exists():
        Chain.objects.bulk_create([Chain(pk=1)], ignore_conflicts=True)
    return Chain.objects.select_for_update(skip_locked=not wait).filter(pk=1).first()


def _link(entry: Entry, chain: Chain, now: datetime) -> Link:
    """Return the entry's seal and move the chain's end on to it."""
    spelling, place, name = entry.spelling, chain.sequence + 1, chain.hash
    chain.seal = spelling.seal(sequence=place, previous=chain.seal, name=name, at=now)
    chain.sequence, chain.at = place, now
    return Link(sequence=place, entry=entry, hash=name, seal=chain.seal, marks=spelling.marks(), at=now)


@transaction.atomic
def _end_day(*, now: datetime) -> None:
    """Write down where the chain stood when its last day ended, once that day is over."""
    last = Link.objects.order_by("-sequence").first()
    if last is None or timezone.localdate(last.at) >= timezone.localdate(now):
        return
    day = timezone.localdate(last.at)
    facts = {"sequence": last.sequence, "hash": last.hash, "seal": last.seal, "at": last.at}
    if not DailyHead.objects.filter(day=day).exists():
        DailyHead.objects.bulk_create([DailyHead(day=day, **facts)], ignore_conflicts=True)


@transaction.atomic
def choose_hash(*, name: str) -> None:
    """Have entries sealed with another hash function from now on; what is sealed stays. Raises ``HashMissing``."""
    demand(name)
    _held(wait=True)
    Chain.objects.filter(pk=1).exclude(hash=name).update(hash=name)
