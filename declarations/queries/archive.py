"""What the archive package of a cycle holds, who may have it, and what stands against making it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.apps import apps
from django.db.models import Count, Model, Q, QuerySet, Sum

from declarations.models import (
    Attachment,
    Batch,
    Cycle,
    Declaration,
    FeedbackPack,
    Inquiry,
    IssuedPaper,
    Publication,
    Revision,
)
from declarations.models.announcement import UNSETTLED
from declarations.queries.cases import cases_visible_to
from declarations.queries.cycles import cycles_by_opening
from declarations.queries.objections import objections_visible_to
from declarations.queries.recusals import recused_in
from declarations.states import OPEN, InquiryState
from scoring.models import ProgrammeVersion
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries.withheld import trail_for
from sihao.accounts.refusals import Refusal
from sihao.audit.canonical import GENESIS
from sihao.audit.events import Event
from sihao.audit.models import DailyHead, Entry, Link

PAGE = 1000
MOST = 20
NOT_IN_NOTICE = "通知未规定"
NOT_OVER = Refusal(
    "cycle_not_over", "本周期的名单尚未公布，各件也没有全部办结，公布或者办结后才能归档。", NOT_IN_NOTICE
)
UNDER_WAY = Refusal("publishing", "名单正在公布，公布完成后才能归档。", NOT_IN_NOTICE)
ASIDE = Refusal("archive_recused", "本周期有您应当回避的申报，归档由本部门其他有权限的人员办理。", "回避")


def archivable_cycles() -> QuerySet[Cycle]:
    """Return the nation's cycles, the newest first."""
    return cycles_by_opening()


def archivable_cycle(pk: int | None) -> Cycle | None:
    """Return one of them, the newest where none is named."""
    cycles = archivable_cycles()
    return (cycles.filter(pk=pk) if pk is not None else cycles).first()


def archive_refusals(seat: Seat, cycle: Cycle, now: datetime) -> tuple[Refusal, ...]:
    """Return what stands against making the package of a cycle for a seat: three queries."""
    found = []
    if cycle.published_at is None and not _is_closed(cycle, now):
        found.append(NOT_OVER)
    if Publication.objects.filter(cycle=cycle, completed_at__isnull=True).exists():
        found.append(UNDER_WAY)
    if recused_in(seat, cycle.pk):
        found.append(ASIDE)
    return tuple(found)


def _is_closed(cycle: Cycle, now: datetime) -> bool:
    waiting = Declaration.objects.filter(cycle=cycle, state__in=sorted(OPEN), submitted_at__isnull=False)
    return cycle.province_closes <= now and not waiting.exists()


def may_have_archive(seat: Seat | None, cycle: Cycle, now: datetime) -> bool:
    """Return whether a seat may have the package of a cycle today."""
    return (
        seat is not None and allowed(seat, "declarations.archive", cycle) and not archive_refusals(seat, cycle, now)
    )


def archived_cases(seat: Seat, cycle: Cycle | None) -> QuerySet[Declaration]:
    """Return the cases that were ever handed in, of a cycle or of all, in the order of their numbers."""
    cases = cases_visible_to(seat).filter(submitted_at__isnull=False).order_by("number")
    return cases.filter(cycle=cycle) if cycle is not None else cases


@dataclass(frozen=True)
class Made:
    """A package that was made before, as the trail tells it."""

    at: datetime
    by: str
    files: int
    size: int
    digest: str
    evidence: bool


@dataclass(frozen=True)
class ArchivePage:
    """What the page says: how much there is, what stands against it, and the packages that were made."""

    cases: int
    revisions: int
    files: int
    size: int
    refusals: tuple[Refusal, ...]
    made: list[Made]


def archive_page(seat: Seat, cycle: Cycle, now: datetime) -> ArchivePage:
    """Return what a package of the cycle would hold; a fixed number of queries."""
    cases = archived_cases(seat, cycle).select_related(None).order_by().values("pk")
    revisions = Revision.objects.filter(declaration__in=cases).count()
    handed = Attachment.objects.filter(declaration__in=cases).aggregate(files=Count("pk"), size=Sum("size"))
    refusals = archive_refusals(seat, cycle, now)
    return ArchivePage(
        cases.count(), revisions, handed["files"], handed["size"] or 0, refusals, packages_of(cycle)
    )


def packages_of(cycle: Cycle) -> list[Made]:
    """Return the packages of a cycle that were made, the newest first."""
    entries = _told(cycle).order_by("-pk")[:MOST]
    return [
        Made(one.at, one.actor_label, one.data["files"], one.data["size"], one.data["digest"], one.data["evidence"])
        for one in entries
    ]


def _told(cycle: Cycle) -> QuerySet[Entry]:
    return Entry.objects.filter(event=Event.ARCHIVED, target_kind="cycle", target_id=str(cycle.pk))


def told_of_job(cycle: Cycle, number: str) -> Entry | None:
    """Return the entry of the package that a job made."""
    return _told(cycle).filter(data__job=number).order_by("pk").first()


def issued_before(at: datetime, codes: Iterable[str]) -> Mapping[str, datetime]:
    """Return since when papers are out, by their check codes; those taken out later are not there."""
    rows = IssuedPaper.objects.filter(check_code__in=list(codes), issued_at__lt=at)
    return dict(rows.values_list("check_code", "issued_at"))


def issued_papers(cycle: Cycle, at: datetime) -> QuerySet[IssuedPaper]:
    """Return every paper of a cycle that was taken out before an instant."""
    mine = Q(cycle=cycle) | Q(declaration__cycle=cycle) | Q(batch__cycle=cycle)
    return IssuedPaper.objects.filter(mine, issued_at__lt=at)


# ---- the trail


@dataclass(frozen=True)
class Segment:
    """A piece of the chain: from its first place to its last, and the seal before the first."""

    first: int
    last: int
    before: str


def segment_until(cycle: Cycle, entry: int) -> Segment | None:
    """Return the chain from the first entry about a cycle to a given entry; None while that is not sealed."""
    last = Link.objects.filter(entry_id=entry).first()
    opened = Link.objects.filter(entry__target_kind="cycle", entry__target_id=str(cycle.pk)).order_by("sequence")
    first = opened.values_list("sequence", flat=True).first()
    if last is None or first is None:
        return None
    before = Link.objects.filter(sequence=first - 1).values_list("seal", flat=True).first()
    return Segment(first, last.sequence, before or GENESIS)


def heads_of(segment: Segment) -> QuerySet[DailyHead]:
    """Return the seals of the days that stand in a segment."""
    return DailyHead.objects.filter(sequence__gte=segment.first, sequence__lte=segment.last)


def linked(seat: Seat, cycle: Cycle, segment: Segment, *, whole: bool) -> Iterator[tuple[Link, bool]]:
    """Yield the links of a segment in order, each with whether its entry is told; a page read at a time.

    Told is what is about the cycle, with ``whole`` also what else the seat reads in the trail.
    """
    after = segment.first - 1
    known = Link.objects.filter(sequence__lte=segment.last).select_related("entry").order_by("sequence")
    while links := list(known.filter(sequence__gt=after)[:PAGE]):
        own = _of_cycle(cycle, [link.entry for link in links])
        if whole:
            keys = [link.entry_id for link in links]
            own |= set(trail_for(seat).filter(pk__in=keys).order_by().values_list("pk", flat=True))
        for link in links:
            yield link, link.entry_id in own
        after = links[-1].sequence


def _of_cycle(cycle: Cycle, entries: Iterable[Entry]) -> set[int]:
    """Return the keys of the entries that are about a cycle or something in it; a query for each kind of thing."""
    by_kind: dict[str, dict[str, list[int]]] = {}
    for entry in entries:
        by_kind.setdefault(entry.target_kind, {}).setdefault(entry.target_id, []).append(entry.pk)
    found: set[int] = set()
    for kind, named in by_kind.items():
        for key in _keys_in(cycle, kind, named):
            found.update(named[key])
    return found


def _keys_in(cycle: Cycle, kind: str, keys: Iterable[str]) -> set[str]:
    model, way = _way_to_cycle(kind)
    if model is None:
        return set()
    wanted = {key for key in keys if key.isdecimal()}
    if model is ProgrammeVersion:
        return wanted & {str(cycle.programme_id)}
    mine = model.objects.filter(pk__in=wanted, **{way: cycle.pk})
    return {str(key) for key in mine.values_list("pk", flat=True)}


@cache
def _way_to_cycle(kind: str) -> tuple[type[Model] | None, str]:
    """Return the model that entries call by a word, and the shortest way along its keys to the cycle."""
    model = apps.all_models["declarations"].get(kind)
    if kind == "programmeversion":
        return ProgrammeVersion, ""
    if model is None:
        return None, ""
    ways: list[tuple[type[Model], str]] = [(model, "")]
    seen = set()
    for one, way in ways:
        if one is Cycle:
            return model, f"{way}pk"
        seen.add(one)
        ways += [
            (field.related_model, f"{way}{field.name}__")
            for field in one._meta.concrete_fields
            if field.related_model is not None
            and field.related_model._meta.app_label == "declarations"
            and field.related_model not in seen
        ]
    return None, ""


# ---- papers beside those of a case and of the cycle


def visits_of(case: Declaration) -> list[int]:
    """Return the keys of a case's visits."""
    return list(case.visits.order_by("pk").values_list("pk", flat=True))


def settled_objections(seat: Seat, cycle: Cycle) -> list[int]:
    """Return the keys of a cycle's objections that were answered."""
    rows = objections_visible_to(seat).filter(cycle=cycle).exclude(state__in=sorted(UNSETTLED))
    return list(rows.order_by("number").values_list("pk", flat=True))


def revocations_of(seat: Seat, cycle: Cycle) -> list[int]:
    """Return the keys of the inquiries that ended with a title revoked."""
    rows = Inquiry.objects.filter(recognition__cycle=cycle, state=InquiryState.REVOKED)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def lists_of(cycle: Cycle) -> list[Batch]:
    """Return the lists of a cycle by unit."""
    rows = Batch.objects.filter(cycle=cycle).select_related("cycle", "unit").defer("cycle__notice_text", "listing")
    return list(rows.order_by("unit__code"))


def packs_of(cycle: Cycle) -> list[FeedbackPack]:
    """Return every edition of a cycle's feedback packs."""
    return list(FeedbackPack.objects.filter(cycle=cycle).select_related("unit").order_by("unit__code", "edition"))
