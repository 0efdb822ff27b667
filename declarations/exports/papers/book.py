"""The declaration book (申报书): cover, contents, 附件4, 附件5 and every piece of evidence, in one PDF."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from declarations import store
from declarations.exports.papers.application import (
    application_paper,
    case_captions,
    draft_mark,
    evidence_table,
    self_assessment_paper,
)
from declarations.models import Attachment
from declarations.queries.facts import Dossier
from declarations.queries.proof_numbers import Proof, numbered_evidence
from sihao.accounts.models import Seat
from sihao.documents import binding
from sihao.documents.paper import KeyValues, Listing, Paper
from sihao.documents.table import Column, Table
from sihao.ui.formats import beijing
from sihao.ui.papers import OFFICIAL, paper_of
from sihao.ui.press import laid_out

FRAMES = (*OFFICIAL, "css/frames.css")
COVER = ("css/cover.css",)
EVIDENCE = "佐证材料"
FIRST = 3
"""The page on which the contents begin: behind the cover and its back."""
Issue = Callable[[Paper], Paper]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Placed:
    """One piece of evidence with its place in the book; ``why`` says why its pages are not in it."""

    proof: Proof
    page: int
    pages: int
    why: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the contents."""

    title: str
    page: int
    told: str = ""


def cover_paper(seat: Seat, dossier: Dossier) -> Paper:
    """Return the cover, whose digest is that of everything in the book: both annexes and every file."""
    case, proofs = dossier.case, numbered_evidence(dossier)
    forms = (application_paper(seat, dossier), self_assessment_paper(seat, dossier))
    pairs = [
        ("申报单位", case.applicant_name),
        ("受理编号", case.number),
        ("所在地工商联", str(case.home)),
        ("推荐单位", str(case.unit)),
        ("提交时间", beijing(case.submitted_at) or "尚未提交"),
        ("佐证材料", f"{len(proofs)}份"),
        ("申报表摘要值", forms[0].digest[:16].upper()),
        ("自评表摘要值", forms[1].digest[:16].upper()),
    ]
    listing = Listing(evidence_table(proofs), caption=EVIDENCE, size=9)
    return Paper(
        f"{case.cycle.honour}申报书",
        (KeyValues(tuple(pairs)), *((listing,) if proofs else ())),
        captions=case_captions(dossier),
        watermark=draft_mark(seat, dossier),
    )


def book_of(seat: Seat, dossier: Dossier, folder: Path, *, issued: Issue, report: Progress) -> Path:
    """Write the book to the folder and return its path; a file that cannot be set is named in it.

    ``issued`` gives each paper its standing. One piece of evidence is in memory at a time.
    """
    proofs = numbered_evidence(dossier)
    steps = len(proofs) + 4
    contents = binding.count(laid_out(_contents([Line("", 0)] * (len(proofs) + 2))).pdf())
    at = FIRST + binding.even(contents)
    chapters, lines = [], []
    papers = {
        "附件4　申报表": application_paper(seat, dossier),
        "附件5　自评表": self_assessment_paper(seat, dossier),
    }
    for done, (title, paper) in enumerate(papers.items(), start=1):
        path = folder / f"part-{done}.pdf"
        content = laid_out(issued(paper), begins=at).pdf()
        path.write_bytes(content)
        chapters.append(binding.Chapter(title, path))
        lines.append(Line(title, at))
        at += binding.even(binding.count(content))
        report(done, steps)
    for done, placed in enumerate(_placed(proofs, at), start=3):
        chapters.append(_set(placed, folder, right=placed.proof.number == 1))
        lines.append(_line(placed))
        report(done, steps)
    front = _front(folder, issued(cover_paper(seat, dossier)), _contents(lines))
    path = folder / f"申报书_{dossier.case.number}.pdf"
    binding.bind([*front, *chapters], path, title=f"{dossier.case.applicant_name}申报书")
    report(steps, steps)
    return path


def _placed(proofs: list[Proof], at: int) -> Iterator[Placed]:
    for proof in proofs:
        pages, why = _pages_of(proof.piece)
        yield Placed(proof, at, pages, why)
        at += pages


def _pages_of(piece: Attachment) -> tuple[int, str]:
    """Return how many pages a piece takes, and why it is one page that only names it."""
    try:
        with _file(piece) as file:
            return binding.pages_of(file, piece.kind), ""
    except binding.CannotBind as problem:
        return 1, str(problem)


def _file(piece: Attachment) -> BinaryIO:
    try:
        return store.fetch(piece.stored).file
    except FileNotFoundError as problem:
        raise binding.CannotBind("文件不在存放处，请告知系统管理员") from problem


def _set(placed: Placed, folder: Path, *, right: bool) -> binding.Chapter:
    """Write a piece's pages into their frames, or the one page that names it."""
    path = folder / f"proof-{placed.proof.number}.pdf"
    piece = placed.proof.piece
    try:
        if not placed.why:
            with _file(piece) as file:
                binding.set_into(_frames(placed, placed.pages), file, piece.kind, path)
    except binding.CannotBind as problem:
        path.write_bytes(_frames(placed, placed.pages, str(problem)))
    if placed.why:
        path.write_bytes(_frames(placed, 1, placed.why))
    return binding.Chapter(f"{placed.proof.number}　{piece.name}", path, EVIDENCE, right)


def _frames(placed: Placed, pages: int, told: str = "") -> bytes:
    piece = placed.proof.piece
    lines = (
        [f"类型：{piece.kind.upper()}，{piece.size}字节", f"摘要值（SHA-256）：{piece.digest}"]
        if told
        else []
    )
    context = {
        "number": placed.proof.number,
        "proves": placed.proof.proves,
        "name": piece.name,
        "pages": range(placed.page, placed.page + pages),
        "told": f"本份材料没有装入：{told}。" if told else "",
        "lines": lines,
    }
    return paper_of("print/frames.html", context, styles=FRAMES).pdf()


def _line(placed: Placed) -> Line:
    proof = placed.proof
    return Line(f"{EVIDENCE}{proof.number}　{proof.piece.name}", placed.page, placed.why or proof.proves)


def _contents(lines: list[Line]) -> Paper:
    table = Table(
        "目录",
        [
            Column("内容", key="title", width=40),
            Column("所证事项", key="told", width=36),
            Column("页码", "int", "page", width=7),
        ],
        lines,
    )
    return Paper("目　录", (Listing(table, size=10.5),))


def _front(folder: Path, cover: Paper, contents: Paper) -> list[binding.Chapter]:
    first = Paper(
        cover.title,
        tuple(block for block in cover.blocks if not isinstance(block, Listing)),
        captions=cover.captions,
        watermark=cover.watermark,
        standing=cover.standing,
    )
    (folder / "cover.pdf").write_bytes(laid_out(first, COVER).pdf())
    (folder / "contents.pdf").write_bytes(laid_out(contents, begins=FIRST).pdf())
    return [binding.Chapter("封面", folder / "cover.pdf"), binding.Chapter("目录", folder / "contents.pdf")]
