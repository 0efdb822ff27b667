"""The papers of an archive: those of a case, of a list, of the cycle, each as PDF, with what is known of its issue."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from shutil import copyfileobj
from typing import Any

from declarations import store
from declarations.exports.archive.rows import Names, rows_of, write_tables
from declarations.exports.papers.catalog import CasePaper, case_papers
from declarations.exports.papers.files import file_of
from declarations.exports.papers.shelf import HousePaper, house_paper, shelf
from declarations.exports.sealed_papers import printed
from declarations.models import Batch, Cycle, Declaration, FeedbackPack, IssuedPaper, PaperScan, SealedPaper
from declarations.papers import kept_paper
from declarations.queries.archive import (
    issued_before,
    issued_papers,
    revocations_of,
    settled_objections,
    visits_of,
)
from declarations.queries.dossier import dossier_of
from declarations.states import ScanState
from sihao.accounts.models import Seat
from sihao.audit.canonical import instant
from sihao.documents.archive.building import Part
from sihao.documents.paper import Paper
from sihao.documents.sniff import safe_name

PAPERS, INDEX = "文书", "文书目录.json"
LISTS, REGISTER = "三_推荐名单", "九_文书登记/文书登记.json"
ROOMS = {
    "quotas": "一_周期",
    "visits": LISTS,
    "agenda": "四_审议",
    "minutes": "四_审议",
    "notice": "五_公示和异议",
    "answer": "五_公示和异议",
    "circular": "六_公布",
    "plaques": "六_公布",
    "revocation": "六_公布",
    "feedback": "七_反馈",
}
BEFORE, NOW = "此前已取用", "归档时生成"

Issue = Callable[..., Paper]


@dataclass(frozen=True)
class Press:
    """Prints papers for a seat as of the order: ``issue`` gives each its standing, ``beat`` holds the job."""

    seat: Seat
    ordered: datetime
    issue: Issue
    beat: Callable[[], None]

    def case(self, case: Declaration, place: str, folder: Path) -> None:
        """Print the papers of a case and of its visits."""
        visits = [house_paper(self.seat, case.cycle, f"visit-{key}") for key in visits_of(case)]
        found = [*case_papers(self.seat, dossier_of(case)), *(one for one in visits if one is not None)]
        self.put(found, case, folder / place)

    def put(self, papers: Iterable[CasePaper], home: Declaration | Cycle, folder: Path) -> None:
        """Print the papers that are no drafts, and write which they are."""
        rows = [self._one(place, one, home, folder) for place, one in enumerate(_final(papers), start=1)]
        known = issued_before(self.ordered, [row["check_code"] for row in rows])
        for row in rows:
            since = known.get(row["check_code"])
            row |= {"made": BEFORE if since else NOW, "first_issued_at": instant(since) if since else None}
        write_tables(folder / INDEX, {"文书": rows})

    def _one(self, place: int, one: CasePaper, home: Declaration | Cycle, folder: Path) -> dict[str, Any]:
        of = one.of if isinstance(one, HousePaper) else home
        paper = self.issue(
            paper=one.make(), kind=one.kind, of=of, is_draft=False, version=one.edition, subject=one.subject
        )
        file = safe_name(f"{place:02d}_{one.title}.pdf")
        path = folder / PAPERS / file
        path.parent.mkdir(parents=True, exist_ok=True)
        with file_of(paper, "pdf") as source, path.open("wb") as target:
            copyfileobj(source, target)
        self.beat()
        stands = paper.standing
        return {
            "file": f"{PAPERS}/{file}",
            "title": one.title,
            "kind": one.kind.value,
            "version": stands.version,
            "digest": stands.digest,
            "check_code": stands.check.replace("-", ""),
        }


def _final(papers: Iterable[CasePaper]) -> Iterator[CasePaper]:
    return (one for one in papers if not one.is_draft)


def house_parts(press: Press, cycle: Cycle) -> Iterator[Part]:
    """Yield the papers of the cycle, of its objections and of its revocations, by the room they belong to."""
    keys = [f"answer-{key}" for key in settled_objections(press.seat, cycle)]
    keys += [f"revocation-{key}" for key in revocations_of(press.seat, cycle)]
    others = (house_paper(press.seat, cycle, key) for key in keys)
    rooms: dict[str, list[HousePaper]] = {}
    for one in _final((*shelf(press.seat, cycle), *(one for one in others if one is not None))):
        rooms.setdefault(ROOMS[one.slug.rpartition("-")[0] or one.slug], []).append(one)
    for room, papers in sorted(rooms.items()):
        yield Part(f"{room}文书", partial(_room, press, papers, cycle, room))


def _room(press: Press, papers: list[HousePaper], cycle: Cycle, room: str, folder: Path) -> None:
    press.put(papers, cycle, folder / room)


# ---- what is kept as it was made


def list_part(batch: Batch, folder: Path) -> None:
    """Put in every paper of a list that was printed to be sealed, and the scans that came back."""
    place = folder / LISTS / safe_name(f"{batch.unit.code}_{batch.unit.name}")
    papers = SealedPaper.objects.filter(version__batch=batch, pages__isnull=False).select_related("version")
    place.mkdir(parents=True)
    for paper in papers.order_by("version__number", "id"):
        name = f"名单第{paper.version.number}版_{paper.get_kind_display()}_第{paper.edition}稿"
        path = place / safe_name(f"{name}.pdf")
        with kept_paper(paper.stored, lambda paper=paper: printed(batch, paper)[0]) as source:
            path.write_bytes(source.read())
    scans = PaperScan.objects.filter(paper__version__batch=batch).exclude(state=ScanState.REFUSED).order_by("id")
    for place_of, scan in enumerate(scans, start=1):
        if store.size_of(scan.stored) is not None:
            with store.fetch(scan.stored) as file:
                (place / safe_name(f"扫描件{place_of:02d}_{scan.name}")).symlink_to(file.name)


def packs_part(packs: Iterable[FeedbackPack], folder: Path) -> None:
    """Put in every edition of the feedback packs as it was made."""
    place = folder / "七_反馈" / "反馈材料"
    place.mkdir(parents=True)
    for pack in packs:
        if store.size_of(pack.stored) is not None:
            name = safe_name(f"{pack.unit.code}_第{pack.edition}版_{pack.name}")
            with store.fetch(pack.stored) as file:
                (place / name).symlink_to(file.name)


def register_part(cycle: Cycle, ordered: datetime, names: Names, folder: Path) -> None:
    """Write every paper that was taken out before the order, older editions among them, by its check code."""
    rows = rows_of(issued_papers(cycle, ordered), names)
    write_tables(folder / REGISTER, {str(IssuedPaper._meta.verbose_name): rows})
