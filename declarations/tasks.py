"""What the worker does for the declarations: keys in, one action called; a refusal ends in its sentence."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone

from declarations import store
from declarations.actions import (
    assigning,
    cross,
    digest,
    feedback,
    integrity,
    preliminary,
    programmes,
    publication,
    publish,
    reading,
    recomputing,
    sealing,
    upward,
    verdicts,
)
from declarations.actions import clock as clock_actions
from declarations.actions.archiving import ARCHIVE, note_archived
from declarations.actions.draft.uploads import sweep_store, sweep_uploads
from declarations.actions.exporting import BOOK, CERTIFICATES, LIST_BUNDLE, NATIONAL_SUMMARY, PACKS
from declarations.actions.issuing import issue
from declarations.actions.objecting import flag_overdue, forget_knocks
from declarations.actions.ties import lapse_ties
from declarations.exports.archive.package import Order, archive_parts
from declarations.exports.feedback import basis_of, pack_tables
from declarations.exports.papers.book import book_of
from declarations.exports.papers.bundles import certificate_pieces, feedback_pieces, list_pieces
from declarations.exports.sealed_papers import printed
from declarations.exports.summary_list import summary_of_cycle
from declarations.models import CheckCause, Declaration
from declarations.papers import kept_paper
from declarations.queries.archive import may_have_archive, segment_until, told_of_job
from declarations.queries.batches import batch_named, meeting_of, papers_of, scan_of
from declarations.queries.bundles import bundled_list, bundled_titles, listed_cases
from declarations.queries.cases import cases_visible_to
from declarations.queries.dossier import dossier_of
from declarations.queries.feedback import results_of, units_with_results
from declarations.queries.issued import numbers_of
from declarations.queries.meeting_page import (
    DECIDE,
    FREEZE_AGENDA,
    PUBLISH,
    agenda_named,
    cycle_named,
    seat_named,
)
from declarations.queries.pool import plan_named
from declarations.queries.programmes import TRY_PROGRAMME, trial_named
from declarations.queries.recusals import reads_all_but
from declarations.queries.runs import RECOMPUTE, SIGN_READY, TRY_OUT, recomputation_named
from declarations.queries.shelf import may_have_titles, packs_for
from declarations.queries.summary import cases_sent_up
from declarations.rules import is_editable
from declarations.states import IssuedKind, ScanState
from declarations.store import SHARDS
from declarations.working_days import official
from sihao import clock
from sihao.accounts.models import Seat, User
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused
from sihao.audit.actions import seal
from sihao.audit.canonical import instant
from sihao.documents import bundle, codes
from sihao.documents.archive import building as archive
from sihao.documents.bundle import Piece
from sihao.documents.paper import Paper
from sihao.documents.pdf import CannotPrint
from sihao.documents.sniff import safe_name
from sihao.documents.xlsx import write
from sihao.jobs.actions import take_turn
from sihao.jobs.models import Job
from sihao.jobs.registry import Told, Way, also_sweep, work
from sihao.jobs.tasks import CannotBeDone, Report
from sihao.ui.formats import beijing


def from_seat(permission: str) -> Callable[[User, Mapping[str, Any]], bool]:
    """Return the check that the person still holds the seat of the order and may do it from there."""

    def permitted(user: User, arguments: Mapping[str, Any]) -> bool:
        seat = seat_named(arguments["seat"])
        return seat is not None and seat.user_id == user.pk and allowed(seat, permission)

    return permitted


def reading_all(permission: str) -> Callable[[User, Mapping[str, Any]], bool]:
    """Return the check that the person may also read of every case that was in the file when it was ordered."""
    may = from_seat(permission)

    def permitted(user: User, arguments: Mapping[str, Any]) -> bool:
        cycle, without = arguments.get("cycle"), arguments.get("without", ())
        return may(user, arguments) and reads_all_but(seat_named(arguments["seat"]), cycle, without)

    return permitted


def from_office(user: User, arguments: Mapping[str, Any]) -> bool:
    """Return whether the person still holds the seat from which a list's job was ordered."""
    seat = seat_named(arguments["seat"])
    return seat is not None and seat.user_id == user.pk and allowed(seat, "declarations.board")


def to_page(words: str, name: str, argument: str = "") -> Callable[[Mapping[str, Any]], Way | None]:
    """Return what leads back to a page of the house, of the thing that one of the job's arguments names."""

    def back(arguments: Mapping[str, Any]) -> Way | None:
        return words, reverse(f"declarations:{name}", args=[arguments[argument]] if argument else [])

    return back


TO_LIST = to_page("推荐名单", "batch", "batch")


@contextmanager
def refusals_end_it() -> Iterator[None]:
    """Turn a refusal into the job's reason; nothing was done then, and there is no second try."""
    try:
        yield
    except Refused as refused:
        raise CannotBeDone(str(refused)) from refused


def _order(job: Job, report: Report) -> dict[str, Any]:
    """Return who ordered, when, and how to tell progress: the same for every one of these jobs."""
    actor = seat_named(job.arguments["seat"])
    return {"actor": actor, "now": clock.now(), "ordered_at": job.created_at, "progress": report}


@work(
    FREEZE_AGENDA,
    label="提请主席办公会议审议",
    permitted=from_seat("declarations.agenda"),
    back=to_page("审议议程", "agendas"),
)
def freeze_agenda(job: Job, report: Report) -> None:
    """Freeze the agenda of a cycle."""
    with refusals_end_it():
        publish.freeze_agenda(cycle=cycle_named(job.arguments["cycle"]), **_order(job, report))


@work(
    DECIDE,
    label="登记审议结果",
    permitted=from_seat("declarations.decide"),
    back=to_page("审议名单", "agenda", "agenda"),
)
def decide(job: Job, report: Report) -> None:
    """Register the drafted outcomes of an agenda."""
    with refusals_end_it():
        publish.decide_as_drafted(agenda=agenda_named(job.arguments["agenda"]), **_order(job, report))


@work(PUBLISH, label="公布认定名单", permitted=from_seat("declarations.publish"), back=to_page("公布", "publication"))
def publish_list(job: Job, report: Report) -> None:
    """Publish the list of a cycle."""
    with refusals_end_it():
        listing, as_of = job.arguments.get("listing", ""), job.arguments.get("as_of")
        upon = {"listing": listing, "as_of": datetime.fromisoformat(as_of) if as_of else None}
        publication.publish_list(cycle=cycle_named(job.arguments["cycle"]), **upon, **_order(job, report))


@work(
    publication.ANNOUNCE,
    label="发布公示",
    permitted=from_seat("declarations.publish"),
    back=to_page("公布", "publication"),
)
def open_notice(job: Job, report: Report) -> None:
    """Open the public notice of a cycle's approved list."""
    with refusals_end_it():
        listing = job.arguments.get("listing", "")
        publication.open_notice(cycle=cycle_named(job.arguments["cycle"]), listing=listing, **_order(job, report))


@work(
    feedback.MAKE_PACKS,
    label="生成反馈材料",
    permitted=from_seat("declarations.make_feedback"),
    back=to_page("反馈材料", "feedback"),
)
def make_packs(job: Job, report: Report) -> None:
    """Make the feedback pack of every unit whose results have changed, unit by unit."""
    cycle, now = cycle_named(job.arguments["cycle"]), clock.now()
    units = units_with_results(cycle)
    for done, unit in enumerate(units):
        report(done, len(units))
        results = results_of(cycle, unit)
        basis = basis_of(results)
        if feedback.is_current(cycle, unit, basis):
            continue
        overview, lost = pack_tables(cycle, unit, results)
        file = BytesIO()
        write(overview, file, at=job.created_at, others=[lost])
        file.seek(0)
        feedback.keep_pack(cycle=cycle, unit=unit, basis=basis, cases=len(results), file=file, now=now)
    feedback.note_made(cycle=cycle, units=len(units), actor=seat_named(job.arguments["seat"]), now=now)


@work(
    SIGN_READY,
    label="签署复审结论",
    permitted=from_seat("declarations.sign_verdict"),
    back=to_page("复审结论", "verdicts"),
)
def sign_ready(job: Job, report: Report) -> None:
    """Sign every case that is ready, each in a transaction of its own."""
    actor = seat_named(job.arguments["seat"])
    cycle = cycle_named(job.arguments["cycle"])
    refused = verdicts.sign_ready(cycle=cycle, actor=actor, now=clock.now(), progress=report)
    if refused:
        raise CannotBeDone(f"其余已签署；没有签署的{len(refused)}件：{'；'.join(refused)}"[:500])


TO_RECOMPUTATION = to_page("重新计算", "recomputation", "recomputation")


@work(TRY_OUT, label="试算复审结论", permitted=from_seat("declarations.recompute"), back=TO_RECOMPUTATION)
def try_recomputation(job: Job, report: Report) -> None:
    """Work out what corrected parameters would change."""
    with refusals_end_it():
        recomputing.try_out(recomputation=recomputation_named(job.arguments["recomputation"]), progress=report)


@work(RECOMPUTE, label="重新计算复审结论", permitted=from_seat("declarations.recompute"), back=TO_RECOMPUTATION)
def recompute(job: Job, report: Report) -> None:
    """Let corrected parameters take effect for all, or for none."""
    with refusals_end_it():
        recomputing.recompute_all(
            recomputation=recomputation_named(job.arguments["recomputation"]),
            actor=seat_named(job.arguments["seat"]),
            now=clock.now(),
            progress=report,
        )


@work(
    TRY_PROGRAMME,
    label="试算标准草稿",
    permitted=from_seat("declarations.programmes"),
    back=to_page("标准试算", "programme_trial", "draft"),
)
def try_programme(job: Job, report: Report) -> None:
    """Work out what a draft of a standard would have changed in an earlier cycle."""
    with refusals_end_it():
        trial, seat = trial_named(job.arguments["trial"]), seat_named(job.arguments["seat"])
        programmes.try_programme(trial=trial, actor=seat, now=clock.now(), progress=report)


@work(
    NATIONAL_SUMMARY,
    label="导出推荐名单汇总表",
    permitted=reading_all("declarations.department_reading"),
    back=to_page("各省上报", "batches"),
)
def national_summary(job: Job, report: Report) -> Path:
    """Write the whole summary list of a cycle as a spreadsheet."""
    cycle, seat = cycle_named(job.arguments["cycle"]), seat_named(job.arguments["seat"])
    table = summary_of_cycle(cycle, seat)
    path = report.folder / f"{cycle.name}推荐名单汇总表.xlsx"
    with path.open("wb") as file:
        write(replace(table, rows=counted(table.rows, cases_sent_up(cycle, seat).count(), report)), file)
    return path


# ---- experts


@work(
    assigning.PROPOSE,
    label="拟定专家分派方案",
    permitted=from_seat("declarations.assign_experts"),
    back=to_page("专家分派方案", "assignment", "plan"),
)
def propose_assignment(job: Job, report: Report) -> None:
    """Solve a plan and keep what comes of it."""
    with refusals_end_it():
        assigning.compute(plan=plan_named(job.arguments["plan"]), now=clock.now())


@work(
    assigning.DEPLOY,
    label="专家分派方案生效",
    permitted=from_seat("declarations.deploy_assignment"),
    back=to_page("专家分派方案", "assignment", "plan"),
)
def deploy_assignment(job: Job, report: Report) -> None:
    """Offer every sheet of a plan that was confirmed."""
    with refusals_end_it():
        plan, actor = plan_named(job.arguments["plan"]), seat_named(job.arguments["seat"])
        assigning.deploy(plan=plan, actor=actor, progress=report)
def may_have_book(user: User, arguments: Mapping[str, Any]) -> bool:
    """Whether the person still holds the seat of the order and may still read the case from there."""
    seat = seat_named(arguments["seat"])
    held = seat is not None and seat.user_id == user.pk and allowed(seat, "declarations.cases")
    return held and cases_visible_to(seat).filter(pk=arguments["case"]).exists()


@work(BOOK, label="申报书", permitted=may_have_book, back=to_page("文书", "case_papers", "case"))
def declaration_book(job: Job, report: Report) -> Path:
    """Bind the book of a case as the seat may read it."""
    seat = seat_named(job.arguments["seat"])
    case = cases_visible_to(seat).filter(pk=job.arguments["case"]).first()
    if case is None:
        raise CannotBeDone("这件申报现在不能查看。")
    standing = {
        "kind": IssuedKind.BOOK,
        "of": case,
        "version": numbers_of(case).frozen,
        "is_draft": is_editable(seat, case),
        "actor": seat,
        "now": clock.now(),
    }
    issued = partial(_issued, standing)
    try:
        return book_of(seat, dossier_of(case), report.folder, issued=issued, report=report)
    except CannotPrint as problem:
        raise CannotBeDone(str(problem)) from problem


def _issued(standing: Mapping[str, Any], paper: Paper) -> Paper:
    return issue(paper=paper, **standing)


# ---- papers by the hundred


def _issued_by(seat: Seat) -> Callable[..., Paper]:
    """Return what gives a case's paper its standing."""

    def issued(case: Declaration, paper: Paper, **more: Any) -> Paper:
        words = {"kind": IssuedKind.BOOK, "version": None} | more
        if words["version"] is None:
            words["version"] = numbers_of(case).frozen
        draft = words["kind"] == IssuedKind.BOOK and is_editable(seat, case)
        return issue(paper=paper, of=case, is_draft=draft, actor=seat, now=clock.now(), **words)

    return issued


class _Pulse:
    """Progress that a long piece repeats while it is made, so that the job is held."""

    def __init__(self, report: Report) -> None:
        self._report, self._stands = report, (0, 0)

    def __call__(self, done: int, total: int) -> None:
        """Tell the progress."""
        self._stands = (done, total)
        self._report(done, total)

    def beat(self) -> None:
        """Tell it again."""
        self._report(*self._stands)


def _bundle(
    job: Job, report: Report, name: str, told: str, pieces: Iterable[Piece], pulse: _Pulse | None = None
) -> Path:
    """Make the pieces that an earlier attempt did not keep, and pack them; the order's own instant is on all."""
    every, path = list(pieces), report.folder / safe_name(f"{name}.zip")
    try:
        bundle.gather(every, report.parts, pulse or report)
    except CannotPrint as problem:
        raise CannotBeDone(str(problem)) from problem
    words = f"{name}，{beijing(job.created_at)}提交，共{len(every)}个文件。{told}"
    bundle.pack(every, report.parts, path, told=words, at=job.created_at)
    report(len(every) + 1, len(every) + 1)
    return path


def may_have_list_bundle(user: User, arguments: Mapping[str, Any]) -> bool:
    """Whether the person still holds the seat of the order and reads the list as a whole."""
    seat = seat_named(arguments["seat"])
    return seat is not None and seat.user_id == user.pk and bundled_list(seat, arguments["batch"]) is not None


@work(LIST_BUNDLE, label="名单全部文书", permitted=may_have_list_bundle, back=TO_LIST)
def list_bundle(job: Job, report: Report) -> Path:
    """Pack the papers of a list and the book of each of its cases."""
    seat = seat_named(job.arguments["seat"])
    batch = bundled_list(seat, job.arguments["batch"])
    if batch is None:
        raise CannotBeDone("名单现在不能查看。")
    pulse = _Pulse(report)
    pieces = list_pieces(seat, batch, listed_cases(seat, batch), issued=_issued_by(seat), beat=pulse.beat)
    told = "盖章材料在最外层，每件申报一个文件夹，内为装订成册的申报书，次序与名单相同。"
    name = f"{batch.unit}_{batch.cycle.name}_名单第{batch.version}版"
    return _bundle(job, report, name, told, pieces, pulse)


def may_have_certificates(user: User, arguments: Mapping[str, Any]) -> bool:
    """Whether the person still holds the seat of the order and reads of every title."""
    seat = seat_named(arguments["seat"])
    held = seat is not None and seat.user_id == user.pk
    return held and may_have_titles(seat, cycle_named(arguments["cycle"]))


@work(CERTIFICATES, label="全部证书", permitted=may_have_certificates, back=to_page("公布", "publication"))
def certificate_bundle(job: Job, report: Report) -> Path:
    """Pack the certificate of every title that was published."""
    seat, cycle = seat_named(job.arguments["seat"]), cycle_named(job.arguments["cycle"])
    titles = bundled_titles(seat, cycle)
    if titles is None:
        raise CannotBeDone("名单尚未公布，或者其中有您应当回避的申报。")
    pieces = certificate_pieces(titles, issued=_issued_by(seat))
    return _bundle(job, report, f"{cycle.name}_证书", "证书按推荐单位分文件夹，文件名为证书编号和商会名称。", pieces)


@work(
    PACKS,
    label="全部反馈材料",
    permitted=reading_all("declarations.make_feedback"),
    back=to_page("反馈材料", "feedback"),
)
def feedback_bundle(job: Job, report: Report) -> Path:
    """Pack the newest feedback pack of every unit; those that hold a case to step back from are left out."""
    seat, cycle = seat_named(job.arguments["seat"]), cycle_named(job.arguments["cycle"])
    packs = packs_for(seat, cycle)
    if not packs:
        raise CannotBeDone("还没有反馈材料。")
    return _bundle(job, report, f"{cycle.name}_反馈材料", "每个推荐单位一份，为最近一版。", feedback_pieces(packs))


def may_archive(user: User, arguments: Mapping[str, Any]) -> bool:
    """Whether the person still holds the seat of the order and may have all that is in the package."""
    seat = seat_named(arguments["seat"])
    held = seat is not None and seat.user_id == user.pk
    if held and arguments["whole"] and not allowed(seat, "accounts.read_trail"):
        return False
    return held and may_have_archive(seat, cycle_named(arguments["cycle"]), clock.now())


def archive_told(job: Job) -> Told:
    """Return what the job's page says of the package: the digest by which it is known."""
    entry = told_of_job(cycle_named(job.arguments["cycle"]), str(job.number))
    if entry is None:
        return ()
    size = f"{entry.data['files']}个文件，共{filesizeformat(entry.data['size'])}"
    return (("清单摘要值（SHA-256）", entry.data["digest"]), ("内容", size))


@work(
    ARCHIVE,
    label="归档包",
    permitted=may_archive,
    back=to_page("归档", "archive_of", "cycle"),
    told=archive_told,
)
def archive_cycle(job: Job, report: Report) -> Path:
    """Make the archive package of a cycle, part by part, and write the digest of its manifest into the trail."""
    seat, cycle = seat_named(job.arguments["seat"]), cycle_named(job.arguments["cycle"])
    seal(now=clock.now(), thorough=True)
    segment = segment_until(cycle, job.arguments["entry"])
    if segment is None:
        raise CannotBeDone("留痕尚未封存完毕，请稍后重新办理。")
    pulse, choice = _Pulse(report), {name: job.arguments[name] for name in ("evidence", "whole")}
    order = Order(cycle=cycle, seat=seat, at=job.created_at, **choice)
    put = partial(issue, actor=seat, now=job.created_at)
    parts = list(archive_parts(order, segment, issue=put, beat=pulse.beat))
    path = report.folder / safe_name(f"{order.name}.zip")
    try:
        archive.gather(parts, report.parts, pulse)
    except CannotPrint as problem:
        raise CannotBeDone(str(problem)) from problem
    facts = {"name": order.name, "ordered_at": instant(job.created_at)}
    packed = archive.pack(parts, report.parts, path, facts=facts, at=job.created_at, beat=pulse.beat)
    note_archived(cycle=cycle, job=job, actor=seat, now=clock.now(), **vars(packed))
    report(len(parts) + 1, len(parts) + 1)
    return path


# ---- lists


def _on_list(job: Job, report: Report) -> dict[str, Any]:
    """Return the list that a job is about, who ordered it, and how to tell progress."""
    return {
        "batch": batch_named(job.arguments["batch"]),
        "actor": seat_named(job.arguments["seat"]),
        "progress": report,
    }


@work(upward.RECOMMEND, label="登记推荐名单", permitted=from_office, back=TO_LIST)
def recommend_listed(job: Job, report: Report) -> None:
    """Let the cases of a list that was sent up follow it; the receipt's instant is theirs."""
    with refusals_end_it():
        upward.recommend_listed(now=job.created_at, **_on_list(job, report))


@work(upward.TAKE_BACK, label="撤回推荐名单", permitted=from_office, back=TO_LIST)
def take_back_listed(job: Job, report: Report) -> None:
    """Let the cases of a recalled list follow it."""
    with refusals_end_it():
        reason = job.arguments["reason"]
        upward.take_back_listed(now=job.created_at, reason=reason, **_on_list(job, report))


@work(upward.TAKE_UP, label="开始初审", permitted=from_office, back=TO_LIST)
def take_up_listed(job: Job, report: Report) -> None:
    """Open the preliminary review of the cases of an accepted list."""
    with refusals_end_it():
        upward.take_up_listed(now=job.created_at, **_on_list(job, report))


# ---- the preliminary review

MAY_REVIEW = from_seat("declarations.preliminary")


@work(cross.COMPARE, label="跨件比对", permitted=MAY_REVIEW, back=to_page("跨件比对", "cross"))
def compare_cases(job: Job, report: Report) -> None:
    """Compare the cases of a cycle and keep what is found."""
    cycle, seat = cycle_named(job.arguments["cycle"]), seat_named(job.arguments["seat"])
    cross.compare(cycle=cycle, actor=seat, now=clock.now(), progress=report)


@work(preliminary.LISTED, label="批量通过初审", permitted=MAY_REVIEW, back=to_page("初审", "preliminaries"))
def pass_listed(job: Job, report: Report) -> None:
    """Pass the chosen cases one by one; a case that was passed before an interruption is not passed again."""
    seat, cases = seat_named(job.arguments["seat"]), job.arguments["cases"]
    told = {"key": f"passed:{job.number}", "progress": report}
    preliminary.pass_listed(cases=cases, actor=seat, now=clock.now(), **told)


# ---- papers


@work(sealing.PRINT_PAPERS, label="生成盖章材料", permitted=from_office, back=TO_LIST)
def print_papers(job: Job, report: Report) -> None:
    """Print the papers of a list that are not printed yet."""
    batch = batch_named(job.arguments["batch"])
    papers = [one.paper for one in papers_of(batch, meeting_of(batch)) if one.paper.pages is None]
    for done, paper in enumerate(papers):
        report(done, len(papers))
        try:
            content, pages = printed(batch, paper)
        except CannotPrint as problem:
            raise CannotBeDone(str(problem)) from problem
        stored = sha256(content).hexdigest()
        kept_paper(stored, partial(bytes, content)).close()
        sealing.note_printed(paper=paper, pages=pages, stored=stored)


@work(sealing.READ_SCAN, label="识读扫描件", permitted=from_office, back=TO_LIST)
def read_scan(job: Job, report: Report) -> None:
    """Read the codes of a scan and settle it by them; one whose pages cannot be drawn has none."""
    batch = batch_named(job.arguments["batch"])
    scan = scan_of(batch, job.arguments["scan"])
    if scan is None or scan.state != ScanState.READING:
        return
    with store.fetch(scan.stored) as file, refusals_end_it():
        try:
            read = codes.read(file, report)
        except codes.Unreadable:
            read = [[] for _ in range(scan.pages)]
        sealing.judge_scan(scan=scan, read=read, actor=seat_named(job.arguments["seat"]), now=clock.now())


def counted(rows: Iterable[object], total: int, report: Report) -> Iterator[object]:
    """Yield the rows, telling the progress on the way."""
    for done, row in enumerate(rows, start=1):
        yield row
        report(done, total)


SWEEP_EVERY = 30
"""Seconds between two sweeps: each looks at one part of the store, so that all of it is seen every two hours."""


@also_sweep
def sweep_files(now: datetime) -> None:
    """Clear away broken uploads, and stored files that a crash left without a row."""
    sweep_uploads(now=now)
    sweep_store((SHARDS[int(now.timestamp() // SWEEP_EVERY) % len(SHARDS)],))


@also_sweep
def read_new_evidence(now: datetime) -> None:
    """Have evidence read that came since the last sweep."""
    reading.order_reading(now=now)


@work(reading.READ, label="读取佐证材料", permitted=lambda user, arguments: False)
def read_evidence(job: Job, report: Report) -> None:
    """Read what new evidence holds, and find what is alike."""
    reading.read_evidence(now=clock.now(), progress=report)


CLOCK, DIGEST = "clock", "daily_digest"
STRIKES_EVERY = 30 * 60
DIGEST_AT = 8
CHECKED_AT = 2
SEALED_A_SWEEP = 20_000
"""More entries are left to the next sweep, half a minute later."""


def half_hour(now: datetime) -> str:
    """Return the half hour of an instant: the turns of the clock."""
    return str(int(now.timestamp() // STRIKES_EVERY))


def morning(now: datetime) -> str:
    """Return the working day in Beijing from eight o'clock on: the turns of the digest; "" at any other time."""
    local = timezone.localtime(now)
    due = local.hour >= DIGEST_AT and official().includes(local.date())
    return str(local.date()) if due else ""


def night(now: datetime) -> str:
    """Return the day in Beijing from two o'clock on: the turns of the integrity check; "" before."""
    local = timezone.localtime(now)
    return str(local.date()) if local.hour >= CHECKED_AT else ""


@also_sweep
def seal_trail(now: datetime) -> None:
    """Seal what was committed to the trail since the last sweep; no act ever waits for it."""
    seal(now=now, most=SEALED_A_SWEEP)


@also_sweep
def take_turns(now: datetime) -> None:
    """Have the clock strike every half hour, the data checked every night and the digest written every morning.

    Whoever sweeps first starts it.
    """
    lapse_ties(now=now)
    forget_knocks(now=now)
    take_turn(CLOCK, half_hour(now), at=now)
    take_turn(DIGEST, morning(now), at=now)
    take_turn(integrity.CHECK, night(now), at=now)


@work(CLOCK, label="催办", permitted=lambda user, arguments: False)
def strike_clock(job: Job, report: Report) -> None:
    """Remind, call overdue, and end what was not handed in before the last deadline."""
    clock_actions.strike(now=clock.now(), progress=report)
    clock_actions.lapse(now=clock.now(), progress=report)
    flag_overdue(now=clock.now())


@work(DIGEST, label="每日摘要", permitted=lambda user, arguments: False)
def daily_digest(job: Job, report: Report) -> None:
    """Write today's digests; they are sent by a job of their own."""
    digest.write_digests(now=clock.now(), progress=report)


def may_check(user: User, arguments: Mapping[str, Any]) -> bool:
    """Return whether a person who ordered a check may still do so; the nightly one is nobody's."""
    return "seat" in arguments and from_seat("declarations.check_integrity")(user, arguments)


@work(integrity.CHECK, label="数据完整性检查", permitted=may_check, back=to_page("数据完整性", "integrity"))
def check_invariants(job: Job, report: Report) -> None:
    """Look at every invariant and keep what came of it."""
    seat = seat_named(job.arguments["seat"]) if "seat" in job.arguments else None
    cause = CheckCause.ORDERED if seat is not None else CheckCause.NIGHTLY
    integrity.check_invariants(cause=cause, clock=clock.now, actor=seat, progress=report)
