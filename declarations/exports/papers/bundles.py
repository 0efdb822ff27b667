"""Papers by the hundred: what goes into a .zip of a list, of all certificates, of all feedback packs, by which name."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from shutil import copyfileobj, rmtree

from declarations.exports.papers.book import book_of
from declarations.exports.papers.files import file_of
from declarations.exports.papers.lists import paper_of_list
from declarations.exports.papers.titles import certificate_paper
from declarations.exports.sealed_papers import printed
from declarations.models import Batch, Declaration, FeedbackPack, Recognition, SealedPaper
from declarations.papers import kept_paper
from declarations.queries.batches import meeting_of, papers_of
from declarations.queries.dossier import dossier_of
from declarations.states import IssuedKind
from declarations.store import fetch
from sihao.accounts.models import Seat
from sihao.documents import workbook
from sihao.documents.bundle import Piece
from sihao.documents.paper import Paper
from sihao.documents.sniff import safe_name

Issue = Callable[..., Paper]
Progress = Callable[[int, int], None]


def list_pieces(
    seat: Seat, batch: Batch, cases: Iterable[Declaration], *, issued: Issue, beat: Callable[[], None]
) -> list[Piece]:
    """Return the sealed papers of a list, and the book of each of its cases in the list's order."""
    pieces = []
    for standing in papers_of(batch, meeting_of(batch)):
        if standing.paper.pages is not None:
            name = safe_name(standing.kind.label)
            pieces.append(Piece(f"{name}.pdf", partial(_sealed, batch, standing.paper)))
            pieces.append(Piece(f"{name}.xlsx", partial(_sheet, batch, standing.paper)))
    for place, case in enumerate(cases, start=1):
        folder = safe_name(f"{place:03d}_{case.applicant_name}_{case.number}")
        pieces.append(Piece(f"{folder}/申报书.pdf", partial(_book, seat, case, issued, beat)))
    return pieces


def _sealed(batch: Batch, paper: SealedPaper, path: Path) -> None:
    with kept_paper(paper.stored, lambda: printed(batch, paper)[0]) as source, path.open("wb") as target:
        copyfileobj(source, target)


def _sheet(batch: Batch, paper: SealedPaper, path: Path) -> None:
    made = BytesIO()
    workbook.write(paper_of_list(batch, paper), made)
    path.write_bytes(made.getvalue())


def _book(seat: Seat, case: Declaration, issued: Issue, beat: Callable[[], None], path: Path) -> None:
    """Bind the book of a case beside the path and move it there; what an attempt left half made goes first."""
    folder = path.with_name(f"{path.name}.d")
    rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        book = book_of(seat, dossier_of(case), folder, issued=partial(issued, case), report=lambda *_: beat())
        book.replace(path)
    finally:
        with suppress(OSError):
            rmtree(folder)


def certificate_pieces(titles: Iterable[Recognition], *, issued: Callable[..., Paper]) -> Iterator[Piece]:
    """Yield the certificate of each title, in a folder of its recommending unit."""
    for title in titles:
        folder = safe_name(f"{title.unit_code}_{title.unit_name}")
        name = safe_name(f"{title.number}_{title.name}.pdf")
        yield Piece(f"{folder}/{name}", partial(_certificate, title, issued))


def _certificate(title: Recognition, issued: Callable[..., Paper], path: Path) -> None:
    paper = issued(
        title.declaration, certificate_paper(title), kind=IssuedKind.CERTIFICATE, version=1, subject=title.pk
    )
    with file_of(paper, "pdf") as source, path.open("wb") as target:
        copyfileobj(source, target)


def feedback_pieces(packs: Iterable[FeedbackPack]) -> Iterator[Piece]:
    """Yield the newest feedback pack of each unit as it was made."""
    for pack in packs:
        yield Piece(f"{pack.unit.code}_{safe_name(pack.name)}", partial(_pack, pack))


def _pack(pack: FeedbackPack, path: Path) -> None:
    with fetch(pack.stored).file as source, path.open("wb") as target:
        copyfileobj(source, target)
