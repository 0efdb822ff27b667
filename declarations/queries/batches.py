"""A unit's list read whole: what stands in it now, its versions, meeting, papers with their scans, receipts."""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import Prefetch

from declarations.digests import digest_of
from declarations.models import (
    Answer,
    Attachment,
    Batch,
    BatchReceipt,
    Declaration,
    ListVersion,
    Meeting,
    MeetingPoint,
    PaperScan,
    SealedPaper,
    SendBack,
)
from declarations.ordering import inverted, tied
from declarations.queries.board import standings
from declarations.queries.cycles import listed
from declarations.queries.facts import failing_sentences
from declarations.rules import layer_of
from declarations.seals import PaperMark
from declarations.states import BatchState, Duty, MeetingState, PaperKind, ScanState, State
from scoring.models import Mark
from scoring.queries import programme_of
from sihao.prepared import Prepared

FINGERPRINT = 16
BRINGING = frozenset({BatchState.MEETING_HELD, BatchState.SENT_BACK})
SETTLED = frozenset({ScanState.MATCHED, ScanState.CONFIRMED})


def batch_named(pk: int) -> Batch:
    """Return a list by its key."""
    people = ("unit", "cycle__programme", "prepared_by__user")
    return Batch.objects.select_related(*people).defer("cycle__notice_text").get(pk=pk)


# ---- what stands in the list


def listing_of(batch: Batch) -> list[dict[str, object]]:
    """Return the list as it stands: rank, number, name, code, total, tie, reason, a fingerprint of what it rests on.

    Six queries, however long the list is.
    """
    cases = list(listed(batch.cycle, batch.unit, reserve=False))
    order = standings(batch.cycle_id, batch.unit_id, reserve=False)
    prints, ties, against = fingerprints(cases), tied(order), inverted(order)
    return [
        {
            "rank": case.rank,
            "number": case.number,
            "name": case.applicant_name,
            "uscc": case.applicant.uscc,
            "total": str(case.unit_total),
            "tie": case.pk in ties,
            "reason": case.rank_reason if case.pk in against else "",
            "content": prints[case.pk],
        }
        for case in cases
    ]


def fingerprints(cases: Sequence[Declaration]) -> dict[int, str]:
    """Return for each case a digest of its answers, marks and evidence: what a meeting had before its eyes."""
    ids = [case.pk for case in cases]
    parts: dict[int, list[object]] = {pk: [] for pk in ids}
    answers = Answer.objects.filter(declaration__in=ids).order_by("declaration_id", "field")
    for pk, name, value in answers.values_list("declaration_id", "field", "value"):
        parts[pk].append([name, value])
    for pk, layer, code, points in _marks(ids):
        parts[pk].append([layer, code, None if points is None else str(points)])
    pieces = Attachment.objects.filter(declaration__in=ids, removed_at__isnull=True).order_by("row", "id")
    for pk, row, digest in pieces.values_list("declaration_id", "row", "digest"):
        parts[pk].append([row, digest])
    return {pk: digest_of(content)[:FINGERPRINT] for pk, content in parts.items()}


def _marks(ids: Sequence[int]) -> Iterable[tuple[int, str, str, Decimal | None]]:
    marks = Mark.objects.filter(assessment__ledger__declaration__in=ids)
    order = ("assessment__ledger__declaration", "assessment__layer", "assessment_id", "code")
    names = ("assessment__ledger__declaration", "assessment__layer", "code", "points")
    return marks.order_by(*order).values_list(*names)


def failing(batch: Batch) -> list[str]:
    """Return the names of the listed cases that fail a gate in the unit's own layer."""
    cases = list(listed(batch.cycle, batch.unit, reserve=False))
    programme, layer = programme_of(batch.cycle.programme), layer_of(batch.unit.level)
    points: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for pk, of_layer, code, mark in _marks([case.pk for case in cases]):
        if of_layer == layer and mark is not None:
            points[pk][code] = mark
    return [case.applicant_name for case in cases if failing_sentences(programme, points[case.pk])]


def states_of(batch: Batch) -> dict[State, list[str]]:
    """Return the names of the listed cases by the state they are in."""
    found: dict[State, list[str]] = defaultdict(list)
    cases = batch.cases.filter(is_reserve=False).order_by("rank", "id")
    for state, name in cases.values_list("state", "applicant_name"):
        found[State(state)].append(name)
    return dict(found)


# ---- versions


def current_version(batch: Batch) -> ListVersion | None:
    """Return the version that the list is now."""
    return batch.versions.filter(number=batch.version).first()


def version_numbered(batch: Batch, number: int) -> ListVersion | None:
    """Return one of the list's versions."""
    return batch.versions.filter(number=number).first()


# ---- the meeting


def meeting_of(batch: Batch) -> Meeting | None:
    """Return the meeting on the list as it was last frozen, with its people; one that no longer counts is none."""
    return MEETING.first(batch.pk)


AT_MEETING = ("agenda", "decided", "organisation", "cycle", "prepared_by__user", "concluded_by__user")
MEETING = Prepared(
    lambda batch: Meeting.objects.filter(agenda__batch=batch)
    .exclude(state=MeetingState.VOID)
    .select_related(*AT_MEETING)
    .defer("cycle__notice_text")
    .order_by("-id")[:1]
)


def points_of(meeting: Meeting) -> list[MeetingPoint]:
    """Return what was before the meeting, with who stood aside and the votes of its own."""
    points = meeting.points.prefetch_related("aside__attendee", "ballots__attendee")
    return list(points.order_by("place"))


# ---- papers and scans


@dataclass(frozen=True)
class PaperStanding:
    """A paper with its scans, and how far it is: which pages are there, which are missing, whether it is signed."""

    paper: SealedPaper
    scans: Sequence[PaperScan]
    signed_by_chair: bool = False

    @property
    def kind(self) -> PaperKind:
        """Return which paper it is."""
        return PaperKind(self.paper.kind)

    @cached_property
    def in_use(self) -> list[PaperScan]:
        """Return the scans that are neither refused nor taken away."""
        return [scan for scan in self.scans if scan.removed_at is None and scan.state != ScanState.REFUSED]

    @property
    def shown(self) -> Sequence[PaperScan]:
        """Return the scans a page lists: those refused only while others can be brought."""
        return self.scans if self.paper.version.batch.state in BRINGING else self.in_use

    @cached_property
    def covered(self) -> set[int]:
        """Return the pages that stand on checked scans."""
        return {page for scan in self.in_use if scan.state in SETTLED for page in scan.covers}

    @property
    def missing(self) -> list[int]:
        """Return the pages that no checked scan shows."""
        return [page for page in range(1, (self.paper.pages or 0) + 1) if page not in self.covered]

    @property
    def reading(self) -> bool:
        """Return whether a scan is still being read."""
        return any(scan.state == ScanState.READING for scan in self.in_use)

    @property
    def unread(self) -> bool:
        """Return whether a scan waits for a second person."""
        return any(scan.state == ScanState.UNREAD for scan in self.in_use)

    @property
    def complete(self) -> bool:
        """Return whether every page is there, or the minutes were signed in the system by who presided."""
        scanned = self.paper.pages is not None and not self.missing and not self.reading and not self.unread
        return scanned or (self.kind == PaperKind.MINUTES and self.signed_by_chair and not self.reading)

    @property
    def lack(self) -> str:
        """Return in words what is still to be done."""
        name = f"《{self.kind.label}》"
        if self.paper.pages is None:
            return f"{name}尚未生成打印件。"
        if self.reading:
            return f"{name}的扫描件正在识读。"
        if self.unread:
            return f"{name}的扫描件有二维码不能识读，须由第二人核对。"
        if not self.covered:
            signing = "由主持人在系统内签署，或者" if self.kind == PaperKind.MINUTES else ""
            how = "签字" if self.kind == PaperKind.MINUTES else "盖章"
            return f"{name}须{signing}上传{how}扫描件。"
        return f"{name}缺第{'、'.join(map(str, self.missing))}页的扫描件。"


def mark_of(batch: Batch, paper: SealedPaper) -> PaperMark:
    """Return what the codes on a paper say, but for the page."""
    return PaperMark(
        cycle=batch.cycle.slug,
        unit=batch.unit.code,
        version=paper.version.number,
        kind=PaperKind(paper.kind),
        edition=paper.edition,
        digest=paper.version.digest,
        pages=paper.pages or 1,
    )


def papers_of(batch: Batch, meeting: Meeting | None) -> list[PaperStanding]:
    """Return the papers in use of the list as it is now, with their scans."""
    scans = PaperScan.objects.filter(removed_at__isnull=True).select_related("brought_by__user")
    papers = SealedPaper.objects.filter(
        version__batch=batch, version__number=batch.version, replaced_at__isnull=True
    ).select_related("version__batch", "issued_by__user").defer("version__listing", "version__batch__listing")
    rows = papers.prefetch_related(Prefetch("scans", queryset=scans.order_by("id"))).order_by("id")
    signed = meeting is not None and chair_has_signed(meeting)
    by_kind = {paper.kind: PaperStanding(paper, list(paper.scans.all()), signed) for paper in rows}
    return [by_kind[kind] for kind in PaperKind if kind in by_kind]


def chair_has_signed(meeting: Meeting) -> bool:
    """Return whether who presided has signed the minutes as they are."""
    return meeting.signatures.filter(attendee__duty=Duty.CHAIR, digest=meeting.digest).exists()


def scan_of(batch: Batch, pk: int) -> PaperScan | None:
    """Return one scan of the list, also of an earlier version."""
    rows = PaperScan.objects.filter(paper__version__batch=batch, pk=pk)
    return rows.select_related("paper__version__batch__unit", "paper__version__batch__cycle").first()


# ---- upward and back


def receipts_of(batch: Batch) -> list[BatchReceipt]:
    """Return the receipts of a list, the newest first."""
    return list(batch.receipts.select_related("by__user", "by__organisation").order_by("-serial"))


def receipt_of(batch: Batch, serial: int) -> BatchReceipt | None:
    """Return one receipt of a list."""
    people = ("by__user", "by__organisation", "version")
    return batch.receipts.select_related(*people).defer("version__listing").filter(serial=serial).first()


def open_send_back(batch: Batch) -> SendBack | None:
    """Return what the department gave back and waits for."""
    rows = batch.send_backs.filter(closed_at__isnull=True).select_related("sent_by__user")
    return rows.prefetch_related("items").first()


@dataclass(frozen=True)
class Registration:
    """How many cases of a list have followed it."""

    done: int
    total: int

    @property
    def complete(self) -> bool:
        """Return whether every case has."""
        return self.done >= self.total


def registration(batch: Batch, goals: Container[State]) -> Registration:
    """Return how many listed cases are in one of the states."""
    done = sum(len(names) for state, names in states_of(batch).items() if state in goals)
    return Registration(min(done, len(batch.listing)), len(batch.listing))
