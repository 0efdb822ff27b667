"""Public notices: what stands on them, which of it may be published now, how it goes on."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from declarations.models import Cycle, Declaration, NoticeEntry, Objection, PublicNotice
from declarations.models.announcement import UNSETTLED
from declarations.queries.meeting_page import UNIT_ORDER
from declarations.states import State
from sihao.prepared import Prepared


def last_entry(case: Declaration) -> NoticeEntry | None:
    """Return the line of a case on the last public notice that named it."""
    return LAST_ENTRY.first(case.pk)


LAST_ENTRY = Prepared(
    lambda case: NoticeEntry.objects.filter(declaration=case).select_related("notice").order_by("-id")[:1]
)


def states_of_objections(case: Declaration, notice_id: int) -> list[str]:
    """Return the states of the objections to a case on a notice."""
    return list(Objection.objects.filter(declaration=case, notice_id=notice_id).values_list("state", flat=True))


def open_notices(now: datetime) -> QuerySet[PublicNotice]:
    """Return the public notices that run now, the newest first."""
    running = PublicNotice.objects.filter(opened_at__lte=now, closes_at__gt=now).select_related("cycle")
    return running.defer("cycle__notice_text").order_by("-id")


def last_notice() -> PublicNotice | None:
    """Return the public notice that was opened last."""
    found = PublicNotice.objects.select_related("cycle").defer("cycle__notice_text")
    return found.order_by("-opened_at", "-id").first()


def notices_of_cycle(cycle: Cycle) -> list[PublicNotice]:
    """Return a cycle's public notices, the newest first."""
    return list(PublicNotice.objects.filter(cycle=cycle).select_related("opened_by__user").order_by("-number")[:20])


def entries_of(notice: PublicNotice) -> QuerySet[NoticeEntry]:
    """Return the names of a public notice in its order."""
    return NoticeEntry.objects.filter(notice=notice)


def entries_running(notices: Iterable[PublicNotice]) -> QuerySet[NoticeEntry]:
    """Return the names of the notices that run side by side, with their notice."""
    return NoticeEntry.objects.filter(notice__in=list(notices)).select_related("notice")


def entry_named(pk: int) -> NoticeEntry | None:
    """Return one name of a public notice."""
    named = ("declaration__cycle", "notice__cycle")
    return NoticeEntry.objects.select_related(*named).filter(pk=pk).first()


def entry_choices(notices: Iterable[PublicNotice]) -> list[tuple[int, str]]:
    """Return every name of the notices that may be objected to."""
    rows = NoticeEntry.objects.filter(notice__in=list(notices)).order_by("-notice_id", "place")
    return [(pk, f"{name}（{unit}）") for pk, name, unit in rows.values_list("pk", "name", "unit_name")]


def to_announce(cycle: Cycle) -> QuerySet[Declaration]:
    """Return the approved cases that wait for the public notice, by unit and rank."""
    cases = Declaration.objects.filter(cycle=cycle, state=State.APPROVED).select_related("unit", "cycle")
    return cases.defer("cycle__notice_text").order_by(*UNIT_ORDER)


def to_publish(cycle: Cycle, now: datetime) -> QuerySet[Declaration]:
    """Return the cases that may be published, by unit and rank.

    With a public notice: those whose notice was over at ``now``, without an objection that is not settled; where the
    cycle has none: those that the meeting approved.
    """
    cases = Declaration.objects.filter(cycle=cycle).annotate(notice_closes=Max("notice_entries__notice__closes_at"))
    over = Q(state=State.NOTICE, notice_closes__lte=now)
    ready = cases.filter(over if cycle.public_notice else over | Q(state=State.APPROVED))
    objected = Objection.objects.filter(declaration=OuterRef("pk"), state__in=UNSETTLED)
    found = ready.exclude(Exists(objected)).select_related("unit", "cycle")
    return found.defer("cycle__notice_text").order_by(*UNIT_ORDER)


def on_notice(cycle: Cycle, now: datetime) -> QuerySet[Declaration]:
    """Return the cases whose public notice runs at ``now``."""
    cases = Declaration.objects.filter(cycle=cycle, state=State.NOTICE)
    closes = Max("notice_entries__notice__closes_at")
    return cases.annotate(notice_closes=closes).filter(notice_closes__gt=now).order_by()


def not_yet_announced(notice: PublicNotice) -> Sequence[Declaration]:
    """Return the cases of a notice that do not stand on it in their state yet: a job goes on with these."""
    cases = Declaration.objects.filter(notice_entries__notice=notice, state=State.APPROVED)
    return list(cases.select_related("cycle").order_by("notice_entries__place"))
