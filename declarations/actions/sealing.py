"""Papers of a list: the report's text, issuing what is to be sealed, bringing the scans back, judging them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction

from declarations import store
from declarations.actions.batch import demand, locked_for, refuse
from declarations.actions.draft.evidence import drop_unnamed, refusals_of_files
from declarations.actions.notify import tell
from declarations.actions.scans import take_away
from declarations.actions.second_person import Confirmed, Prepared, prepare
from declarations.listing import changes, told
from declarations.models import Batch, PaperScan, Pending, SealedPaper
from declarations.queries.batches import (
    BRINGING,
    PaperStanding,
    current_version,
    mark_of,
    papers_of,
    scan_of,
    version_numbered,
)
from declarations.queries.upward import lacking
from declarations.seals import SHORT, Judged, judge
from declarations.second_person import Paired
from declarations.states import BatchState, PaperKind, ScanState
from declarations.wording import placeholders
from sihao.accounts.models import Seat
from sihao.accounts.queries import active_seats_at
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.documents.sniff import Sniffed, inspect
from sihao.jobs.actions import enqueue
from sihao.jobs.models import Job

PRINT_PAPERS, READ_SCAN = "print_papers", "read_scan"
CLAUSE = "五（二）1"
SCANNABLE = frozenset({"pdf", "jpeg", "png"})
MOST_SCANS = 40
MOST_PAGES = 200
LEADERS = (Role.LEADER, Role.DEPARTMENT_HEAD)


# ---- the report


@transaction.atomic
def save_report(*, batch: Batch, text: str, basis: str, actor: Seat, now: datetime) -> Batch:
    """Write the text of the report; ``basis`` is the digest of the draft that it was written from."""
    batch = locked_for(batch, "declarations.prepare_batch", actor)
    demand(batch, BatchState.MEETING_HELD)
    _refuse_text(text)
    batch.report_text, batch.report_basis = text.strip(), basis
    batch.save(update_fields=["report_text", "report_basis"])
    return batch


def _refuse_text(text: str) -> None:
    if not text.strip():
        refuse("report_missing", "请写明推荐审核情况报告的内容。")
    if left := placeholders(text):
        refuse("report_unfinished", f"报告里还有待填的内容：{'、'.join(left)}。")


# ---- issuing


@transaction.atomic
def issue_papers(*, batch: Batch, actor: Seat, now: datetime) -> Job:
    """Issue the papers that are to be sealed, and order their printing.

    A paper that says the same as before stays, with its scans; a report written anew is the next edition.
    """
    batch = locked_for(batch, "declarations.prepare_batch", actor)
    demand(batch, BatchState.MEETING_HELD)
    _refuse_text(batch.report_text)
    version = current_version(batch)
    there = {one.kind: one.paper for one in papers_of(batch, None)}
    for kind in PaperKind:
        text = batch.report_text if kind == PaperKind.REPORT else ""
        old = there.get(kind)
        if old is not None and old.text == text:
            continue
        if old is not None:
            _replace(old, actor, now)
        edition = old.edition + 1 if old is not None else 1
        SealedPaper.objects.create(
            version=version, kind=kind, edition=edition, text=text, issued_by=actor, issued_at=now
        )
    record(Event.PAPERS_ISSUED, actor=actor, target=batch, at=now, data={"version": batch.version})
    return enqueue(
        PRINT_PAPERS, owner=actor.user, at=now, label=f"生成盖章材料：{batch}", batch=batch.pk, seat=actor.pk
    )


def _replace(paper: SealedPaper, actor: Seat, now: datetime) -> None:
    take_away(paper.scans.all(), actor=actor, now=now)
    paper.replaced_at = now
    paper.save(update_fields=["replaced_at"])


def note_printed(*, paper: SealedPaper, pages: int, stored: str) -> None:
    """Write down how many pages a paper has and where its PDF is kept."""
    SealedPaper.objects.filter(pk=paper.pk, pages__isnull=True).update(pages=pages, stored=stored)


# ---- scans


def bring_scan(
    *, batch: Batch, paper: SealedPaper, file: BinaryIO, name: str, actor: Seat, now: datetime
) -> PaperScan:
    """Take in the scan of a paper, judged as a file before anything is locked; its codes are read by a job."""
    with refusals_of_files():
        found = inspect(file, name, max_bytes=settings.EVIDENCE_MAX_BYTES)
    if found.kind not in SCANNABLE:
        refuse("not_a_scan", f"“{found.name}”不是扫描件。请上传PDF、JPEG或者PNG文件。")
    if (found.pages or 1) > MOST_PAGES:
        refuse("scan_too_long", f"“{found.name}”有{found.pages}页，每个扫描件最多{MOST_PAGES}页。")
    with _stored_or_gone(found.sha256):
        return _take_in(batch, paper, file, found, actor, now)


@contextmanager
def _stored_or_gone(digest: str) -> Iterator[None]:
    """Store a file and commit its row behind one door; where that fails, the file goes unless another row names it."""
    try:
        with store.storing():
            yield
    except BaseException:
        drop_unnamed([digest])
        raise


@transaction.atomic
def _take_in(
    batch: Batch, paper: SealedPaper, file: BinaryIO, found: Sniffed, actor: Seat, now: datetime
) -> PaperScan:
    batch = locked_for(batch, "declarations.prepare_batch", actor)
    demand(batch, *sorted(BRINGING))
    standing = next((one for one in papers_of(batch, None) if one.paper.pk == paper.pk), None)
    if standing is None or standing.paper.pages is None:
        refuse("paper_not_in_use", "这份材料已经重新生成，请刷新页面，按现稿打印、盖章。")
    if len(standing.in_use) >= MOST_SCANS:
        refuse("too_many_scans", f"每份材料最多上传{MOST_SCANS}个扫描件。")
    scan = _add(standing.paper, found, actor, now)
    store.keep(file, found.sha256)
    facts = {"paper": standing.kind.label, "file": scan.name}
    record(Event.SCAN_BROUGHT, actor=actor, target=scan, at=now, data=facts)
    enqueue(
        READ_SCAN, owner=actor.user, at=now, label=f"识读扫描件：{scan.name}", scan=scan.pk, batch=batch.pk,
        seat=actor.pk,
    )
    return scan


def _add(paper: SealedPaper, found: Sniffed, actor: Seat, now: datetime) -> PaperScan:
    try:
        with transaction.atomic():
            return PaperScan.objects.create(
                paper=paper,
                name=found.name,
                kind=found.kind,
                size=found.size,
                digest=found.sha256,
                stored=store.place_of(found.sha256),
                pages=found.pages or 1,
                brought_by=actor,
                brought_at=now,
            )
    except IntegrityError:
        raise Refused.because("scan_twice", f"“{found.name}”已经上传过。", CLAUSE) from None


@transaction.atomic
def judge_scan(*, scan: PaperScan, read: Sequence[Sequence[str]], actor: Seat, now: datetime) -> PaperScan:
    """Settle a scan by what its codes say: it shows pages of the paper, or is refused, or a second person looks."""
    batch = locked_for(scan.paper.version.batch, "declarations.prepare_batch", actor)
    found = scan_of(batch, scan.pk)
    if found is None or found.state != ScanState.READING or found.removed_at is not None:
        return scan
    standing = next((one for one in papers_of(batch, None) if one.paper.pk == found.paper_id), None)
    judged = judge(read, mark_of(batch, found.paper))
    found.read, found.settled_at = [list(texts) for texts in read], now
    found.covers, found.unread, found.pages = list(judged.covers), len(judged.unread), max(1, len(read))
    found.why = list(_why(batch, judged)) if standing else ["这份材料已经重新生成，请按现稿打印、盖章。"]
    found.state = _state(found, standing, judged)
    found.save()
    told_of = {"paper": found.paper.get_kind_display(), "outcome": found.get_state_display()}
    record(Event.SCAN_SETTLED, actor=actor, target=found, at=now, data=told_of, reason=" ".join(found.why))
    if found.state == ScanState.UNREAD:
        _ask_second_person(batch, found, standing, actor, now)
    return found


def _state(scan: PaperScan, standing: PaperStanding | None, judged: Judged) -> ScanState:
    if scan.why or standing is None:
        return ScanState.REFUSED
    missing = set(standing.missing) - set(judged.covers)
    return ScanState.UNREAD if judged.unread and missing else ScanState.MATCHED


def _why(batch: Batch, judged: Judged) -> Iterator[str]:
    """Say why a file is refused; of an outdated one, what has changed since."""
    yield from judged.complaints
    if judged.old is None:
        return
    version = version_numbered(batch, judged.old)
    if version is not None:
        found = changes(version.listing, batch.listing)
        yield f"第{judged.old}版以后的改动：{told(found)}。" if found else "两版名单内容相同，但须使用现行版本。"


def _ask_second_person(
    batch: Batch, scan: PaperScan, standing: PaperStanding, actor: Seat, now: datetime
) -> None:
    """Ask another person of the office to compare with the printed paper what the machine could not read."""
    covered = standing.covered | set(scan.covers)
    missing = [page for page in range(1, standing.paper.pages + 1) if page not in covered][: scan.unread]
    mark, pages = mark_of(batch, scan.paper), scan.paper.pages
    checks = "；".join(f"第{page}页 {mark.on(page, pages).check}" for page in missing)
    prepare(
        prepared=Prepared(
            act=Paired.CONFIRM_SCAN,
            subject=scan,
            title=f"核对《{standing.kind.label}》盖章扫描件",
            told=(
                ("扫描件", scan.name),
                ("须核对的页次", "、".join(f"第{page}页" for page in missing)),
                ("推荐单位", str(batch.unit)),
                ("名单版本", f"第{batch.version}版"),
                ("名单摘要值", batch.digest[:SHORT].upper()),
                ("打印件上的校验码", checks),
            ),
            payload={"pages": missing, "scan": scan.pk, "batch": batch.pk},
            basis=batch.digest,
            reason="扫描件上的二维码不能识读，请打开扫描件，核对页眉上的版本、摘要值和校验码，以及印章、签字。",
        ),
        cycle=batch.cycle,
        actor=scan.brought_by,
        now=now,
    )


def _confirm(pending: Pending, actor: Seat, now: datetime) -> PaperScan:
    """Do what the second person confirms: the pages that could not be read count as shown."""
    batch = locked_for(Batch.objects.get(pk=pending.payload["batch"]), "declarations.prepare_batch", actor)
    demand(batch, *sorted(BRINGING))
    scan = scan_of(batch, pending.subject_id)
    if scan is None or scan.state != ScanState.UNREAD or scan.removed_at is not None:
        refuse("scan_gone", "这个扫描件已经移除，无须核对。")
    scan.covers = sorted({*scan.covers, *pending.payload["pages"]})
    scan.state, scan.settled_at = ScanState.CONFIRMED, now
    scan.save(update_fields=["covers", "state", "settled_at"])
    facts = {"paper": scan.paper.get_kind_display(), "outcome": scan.get_state_display()}
    record(Event.SCAN_SETTLED, actor=actor, target=scan, at=now, data=facts)
    return scan


def _basis(pending: Pending) -> str:
    return Batch.objects.values_list("digest", flat=True).get(pk=pending.payload["batch"])


SCAN_CONFIRMATION = Confirmed(_confirm, _basis)


@transaction.atomic
def remove_scan(*, batch: Batch, scan: PaperScan, actor: Seat, now: datetime) -> PaperScan:
    """Take a scan away; another can be brought in its place."""
    batch = locked_for(batch, "declarations.prepare_batch", actor)
    demand(batch, *sorted(BRINGING))
    found = scan_of(batch, scan.pk)
    if found is None or found.removed_at is not None:
        refuse("scan_gone", "这个扫描件已经移除。")
    take_away(PaperScan.objects.filter(pk=found.pk), actor=actor, now=now)
    facts = {"paper": found.paper.get_kind_display(), "file": found.name}
    record(Event.SCAN_REMOVED, actor=actor, target=found, at=now, data=facts)
    return found


# ---- sealed


@transaction.atomic
def seal_batch(*, batch: Batch, actor: Seat, now: datetime) -> Batch:
    """Say that every sealed paper is there, and hand the list to who sends it up."""
    batch = locked_for(batch, "declarations.prepare_batch", actor)
    demand(batch, BatchState.MEETING_HELD)
    if found := lacking(batch):
        raise Refused(found)
    batch.state, batch.sealed_at = BatchState.SEALED, now
    batch.save(update_fields=["state", "sealed_at"])
    record(Event.BATCH_SEALED, actor=actor, target=batch, at=now, data={"digest": batch.digest})
    seats = [seat for seat in active_seats_at(batch.unit_id, LEADERS) if seat.user_id != batch.prepared_by.user_id]
    words = f"名单第{batch.version}版，共{len(batch.listing)}家，盖章材料已齐备。"
    tell(seats=seats, key=f"sealed:{batch.pk}:{batch.version}", title="推荐名单待上报", body=words, now=now)
    return batch


@transaction.atomic
def unseal_batch(*, batch: Batch, actor: Seat, now: datetime) -> Batch:
    """Open the sealed papers again, to exchange a scan or to write the report anew."""
    batch = locked_for(batch, "declarations.prepare_batch", actor)
    demand(batch, BatchState.SEALED)
    batch.state, batch.sealed_at = BatchState.MEETING_HELD, None
    batch.save(update_fields=["state", "sealed_at"])
    record(Event.BATCH_SEALED, actor=actor, target=batch, at=now, data={"opened": True})
    return batch
