"""The published list found again (B19): from rules, ledger, assignments and what the trail says was decided.

Nothing of ``Recognition`` is read for it, nor the verdicts as they are kept: a case stands on the list because its
marks come to a verdict that passes, the meeting approved it, its notice was over, and the trail tells the state it
stood in; its place follows from unit and rank, its number from its place, its name from what was frozen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from django.db.models import Max, Q

from declarations.digests import canonical, digest_of
from declarations.models import (
    AgendaItem,
    Cycle,
    Declaration,
    NoticeEntry,
    Objection,
    Publication,
    Recognition,
    Revision,
    ScoreRun,
)
from declarations.queries.meeting_page import UNIT_ORDER
from declarations.queries.rerun import rerun
from declarations.states import Outcome
from declarations.workflow import WORKFLOWS
from sihao.audit.events import Event
from sihao.audit.models import Entry

Line = tuple[str, str]
"""One line of the published list: certificate number and name."""


@dataclass(frozen=True)
class Replay:
    """What came of it: the list as rebuilt and as published, its digest as told, and the first thing that differs."""

    rebuilt: tuple[Line, ...]
    published: tuple[Line, ...]
    told: str
    fault: str = ""

    @property
    def identical(self) -> bool:
        """Whether the rebuilt list is, byte for byte, the one that was published."""
        return not self.fault

    @property
    def digest(self) -> str:
        """The digest of the rebuilt list."""
        return digest_of_list(self.rebuilt)


def document_of(lines: Iterable[Line]) -> bytes:
    """Return the published list as bytes: canonical JSON of number and name, in the order of the numbers."""
    return canonical([list(line) for line in lines]).encode()


def digest_of_list(lines: Iterable[Line]) -> str:
    """Return the digest of those bytes."""
    return digest_of([list(line) for line in lines])


def published_lines(cycle: Cycle, at: datetime | None = None) -> tuple[Line, ...]:
    """Return the list as it is published, or was at an instant."""
    titles = Recognition.objects.filter(cycle=cycle, published_at__isnull=False)
    titles = titles.filter(published_at__lte=at) if at is not None else titles
    return tuple(titles.order_by("serial").values_list("number", "name"))


def replay(cycle: Cycle, at: datetime) -> Replay | None:
    """Rebuild the list as of an instant and compare; None when nothing was published by then."""
    publications = Publication.objects.filter(cycle=cycle, completed_at__lte=at, published__gt=0).order_by("number")
    rebuilt: list[Line] = []
    faults: dict[int, str] = {}
    for publication in publications:
        entitled, wrong = _entitled(cycle, publication)
        faults |= {len(rebuilt) + place: words for place, words in wrong.items()}
        rebuilt += _numbered(cycle, publication, entitled, len(rebuilt))
    if not publications:
        return None
    published, told = published_lines(cycle, at), _told(cycle, at)
    return Replay(tuple(rebuilt), published, told, _first_fault(cycle, at, rebuilt, published, told, faults))


def _told(cycle: Cycle, at: datetime) -> str:
    """Return the digest of the list as the trail told it when it was published last."""
    entries = Entry.objects.filter(event=Event.LIST_PUBLISHED, target_kind="cycle", target_id=str(cycle.pk), at__lte=at)
    last = entries.order_by("-pk").first()
    return last.data["digest"] if last else ""


def _entitled(cycle: Cycle, publication: Publication) -> tuple[list[Declaration], dict[int, str]]:
    """Return the cases that could be published when a publication began, in order, and what is wrong with which."""
    at = publication.begun_at
    standing = _standing(cycle, at)
    left_out = publication.lines.exclude(refusal="").values_list("declaration_id", flat=True)
    cases = Declaration.objects.filter(pk__in=standing).exclude(pk__in=list(left_out)).select_related("unit")
    cases = cases.filter(_approved(at)).exclude(_objected(at)).order_by(*UNIT_ORDER)
    over = _notice_over(at) | _without_notice(cycle, publication)
    waiting = [case for case in cases if case.pk in over]
    runs = _runs(waiting, at)
    again = {one.run.declaration_id: one for one in rerun(runs)}
    entitled = [case for case in waiting if case.pk in again and again[case.pk].passes]
    wrong = {place: again[case.pk].fault for place, case in enumerate(entitled, start=1) if again[case.pk].fault}
    return entitled, wrong


def _standing(cycle: Cycle, at: datetime) -> dict[int, str]:
    """Return the cases that stood, by the trail, in a state from which one is recognised when a publication began."""
    sources = WORKFLOWS[cycle.workflow].transition("recognise").sources
    keys = Declaration.objects.filter(cycle=cycle).values_list("pk", flat=True)
    steps = Entry.objects.filter(target_kind="declaration", data__has_key="state", at__lte=at)
    steps = steps.exclude(event=Event.RECOGNISED, at=at).order_by()
    last = steps.values("target_id").annotate(last=Max("pk")).values("last")
    told = Entry.objects.filter(pk__in=last, data__state__in=sorted(sources)).values_list("target_id", "data")
    known = set(keys)
    return {int(key): data["state"] for key, data in told if int(key) in known}


def _approved(at: datetime) -> Q:
    items = AgendaItem.objects.filter(outcome=Outcome.APPROVED, agenda__decided_at__lte=at)
    return Q(pk__in=items.values("declaration_id"))


def _objected(at: datetime) -> Q:
    """Return the condition that an objection to a case was not settled at an instant."""
    unsettled = Q(settled_at__isnull=True) | Q(settled_at__gt=at)
    return Q(pk__in=Objection.objects.filter(unsettled, received_at__lte=at).values("declaration_id"))


def _notice_over(at: datetime) -> set[int]:
    """Return the cases whose last notice was over at an instant."""
    entries = NoticeEntry.objects.filter(notice__opened_at__lte=at).order_by().values("declaration_id")
    over = entries.annotate(closes=Max("notice__closes_at")).filter(closes__lte=at)
    return set(over.values_list("declaration_id", flat=True))


def _without_notice(cycle: Cycle, publication: Publication) -> set[int]:
    """Return the cases that needed no notice; whether a cycle has one can be changed between two publications."""
    if not cycle.public_notice:
        return set(Declaration.objects.filter(cycle=cycle, notice_entries__isnull=True).values_list("pk", flat=True))
    lines = publication.lines.filter(declaration__notice_entries__isnull=True)
    return set(lines.values_list("declaration_id", flat=True))


def _runs(cases: Iterable[Declaration], at: datetime) -> list[ScoreRun]:
    """Return the run by which each case stood."""
    runs = ScoreRun.objects.filter(declaration__in=[case.pk for case in cases], run_at__lte=at).order_by("number")
    return list({run.declaration_id: run for run in runs}.values())


def _numbered(cycle: Cycle, publication: Publication, cases: list[Declaration], before: int) -> list[Line]:
    names = _names(cases, publication.begun_at)
    return [
        (f"{cycle.certificate_prefix}{serial:04d}", names.get(case.pk, ""))
        for serial, case in enumerate(cases, start=before + 1)
    ]


def _names(cases: list[Declaration], at: datetime) -> dict[int, str]:
    """Return the names as they were frozen last before a publication began."""
    frozen = Revision.objects.filter(declaration__in=[case.pk for case in cases], frozen_at__lte=at)
    last = frozen.exclude(transition="recognise").order_by().values("declaration_id").annotate(last=Max("number"))
    numbers = {row["declaration_id"]: row["last"] for row in last}
    rows = frozen.values_list("declaration_id", "number", "content__applicant")
    return {case: name for case, number, name in rows if numbers.get(case) == number}


def _first_fault(
    cycle: Cycle, at: datetime, rebuilt: list[Line], published: tuple[Line, ...], told: str, faults: dict[int, str]
) -> str:
    """Return in words the first line that differs, or the digest that does; "" where nothing does."""
    for place, (ours, theirs) in enumerate(zip_longest(rebuilt, published), start=1):
        if ours != theirs:
            return f"第{place}行：重建为“{_words(ours)}”，公布的是“{_words(theirs)}”"
        if place in faults:
            return f"第{place}行（{_words(ours)}）：{faults[place]}"
    if digest_of_list(rebuilt) != told:
        return "各行相同，摘要值与公布时留痕记载的不同"
    if cycle.published_at is not None and cycle.published_at <= at and cycle.published_digest != told:
        return "各行相同，公开页的摘要值与公布时留痕记载的不同"
    return ""


def _words(line: Line | None) -> str:
    return " ".join(line) if line else "没有这一行"
