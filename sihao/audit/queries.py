"""Reading the trail, and whether its chain holds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import models
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from sihao.audit.canonical import GENESIS, differing
from sihao.audit.models import Chain, DailyHead, Entry, Link

PAGE = 1000


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


# ---- the chain


def unsealed(since: int = 0) -> QuerySet[Entry]:
    """Return the entries with a key above ``since`` that are not sealed yet, in the order of their keys."""
    return Entry.objects.filter(pk__gt=since, link__isnull=True).order_by("pk")


def chain_end() -> Chain | None:
    """Return where the chain ends now; None before the first seal."""
    return Chain.objects.filter(pk=1, sequence__gt=0).first()


def daily_heads() -> QuerySet[DailyHead]:
    """Return the seals of the days, the newest first."""
    return DailyHead.objects.order_by("-day")


def heads_text(heads: Iterable[DailyHead], title: str) -> str:
    """Return the seals of the days as text to keep elsewhere, the oldest first; ``verify_trail --heads`` reads it."""
    days = sorted(heads, key=lambda head: head.day)
    lines = [f"{one.day} {one.sequence} {one.hash} {one.seal}" for one in days]
    return "\n".join([f"# {title}", "# 日期 序号 算法 封存值", *lines, ""])


@dataclass(frozen=True)
class Head:
    """A published seal: of which day, at which place, the seal."""

    day: str
    sequence: int
    seal: str


@dataclass(frozen=True)
class Break:
    """Where the chain is broken first: at which place, of which entry (None when it is gone), what differs."""

    sequence: int
    entry: Entry | None
    what: str

    @property
    def sentence(self) -> str:
        """The break in one Chinese sentence, without names."""
        if self.entry is None:
            return f"第{self.sequence}条留痕：{self.what}。"
        event, at = self.entry.get_event_display(), timezone.localtime(self.entry.at)
        return f"第{self.sequence}条留痕（{event}，{at:%Y-%m-%d %H:%M:%S}，条目{self.entry.pk}）：{self.what}。"


@dataclass(frozen=True)
class Verified:
    """What came of verifying: how many entries hold, the seal at their end, and the first break."""

    number: int
    seal: str
    broken: Break | None = None


def verify(*, heads: Iterable[Head] = (), progress: Callable[[int, int], None] | None = None) -> Verified:
    """Follow the chain from its beginning and stop at the first break.

    Every entry is spelled and sealed anew; the sequence has no gap; the end is the one that was written down; every
    day's published seal, and those handed in (``heads``, kept elsewhere), stand at their place. Reads a page at a
    time and seals nothing; what is sealed meanwhile is left to the next look (the end is read after the last link, so
    it is never behind that). Raises ``HashMissing``.
    """
    published = _published(heads)
    last = Link.objects.aggregate(last=Max("sequence"))["last"] or 0
    end = Chain.objects.filter(pk=1).first() or Chain()
    number, seal, at = 0, GENESIS, None
    for links in _pages(max(last, end.sequence)):
        entries = Entry.objects.in_bulk([link.entry_id for link in links])
        for link in links:
            what = _fault(link, entries.get(link.entry_id), number, seal, published)
            if what:
                gone = number + 1 != link.sequence
                return Verified(number, seal, Break(number + 1, None if gone else entries.get(link.entry_id), what))
            number, seal, at = link.sequence, link.seal, link.at
        if progress is not None:
            progress(number, max(end.sequence, number))
    return Verified(number, seal, _fault_of_end(end, number, seal, at, published))


def _pages(until: int) -> Iterator[list[Link]]:
    after, known = 0, Link.objects.filter(sequence__lte=until).order_by("sequence")
    while links := list(known.filter(sequence__gt=after)[:PAGE]):
        yield links
        after = links[-1].sequence


@dataclass(frozen=True)
class _Told:
    """A seal that was written down elsewhere: where, which, and what else is said there (day, hash, instant)."""

    where: str
    seal: str
    others: tuple[date, str, datetime] | None = None

    def fault(self, link: Link) -> str:
        """Return what a link differs in from what was written down; "" for nothing."""
        if link.seal != self.seal:
            return f"封存值与{self.where}封存值不同"
        if self.others in (None, (timezone.localdate(link.at), link.hash, link.at)):
            return ""
        return f"日期、算法或者封存时间与{self.where}记录不同"


def _published(heads: Iterable[Head]) -> dict[int, list[_Told]]:
    """Return the published seals by their place in the chain."""
    found: dict[int, list[_Told]] = {}
    for one in DailyHead.objects.all():
        told = _Told(f"{one.day}公布的", one.seal, (one.day, one.hash, one.at))
        found.setdefault(one.sequence, []).append(told)
    for head in heads:
        found.setdefault(head.sequence, []).append(_Told(f"所提供的{head.day}", head.seal))
    return found


def _fault(
    link: Link,
    entry: Entry | None,
    number: int,
    seal: str,
    published: Mapping[int, list[_Told]],
) -> str:
    """Return what is wrong with the next link of the chain, "" when nothing is."""
    if link.sequence != number + 1:
        last = link.sequence - 1
        return "封存记录缺失" if last == number + 1 else f"封存记录缺失，直至第{last}条"
    if entry is None:
        return f"条目{link.entry_id}已不存在"
    spelling = entry.spelling
    if changed := differing(spelling.marks(), link.marks):
        return f"与封存时不同的是{'、'.join(changed)}"
    if spelling.seal(sequence=link.sequence, previous=seal, name=link.hash, at=link.at) != link.seal:
        return "封存值与内容和上一条的封存值不符"
    return next(filter(None, (told.fault(link) for told in published.get(link.sequence, ()))), "")


def _fault_of_end(
    end: Chain, number: int, seal: str, at: datetime | None, published: Mapping[int, list[_Told]]
) -> Break | None:
    """Return what is missing behind the last link."""
    known = max([end.sequence, *published])
    if known > number:
        return Break(number + 1, None, f"末尾的封存记录缺失，曾封存至第{known}条")
    if (end.sequence, end.seal, end.at) != (number, seal, at):
        return Break(number, None, "链尾记录与最后一条封存值不同")
    return None
