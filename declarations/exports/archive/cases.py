"""The cases of an archive, some at a time: their rows, every frozen revision, the files that were handed in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import F

from declarations import store
from declarations.digests import canonical
from declarations.exports.archive.rows import Names, paged, row_of, write_tables
from declarations.exports.archive.tables import CASE_FILES, KEPT_FILES, Table
from declarations.models import Declaration, Revision
from sihao.documents.sniff import safe_name

CASES, INDEX = "二_申报", "目录.json"
REVISIONS, FILES, FILE_INDEX = "固定版本", "佐证材料", "材料目录.json"
CHUNK = 50
NAME = 30


def folder_of(case: Declaration) -> str:
    """Return the folder of a case in the package."""
    return f"{CASES}/{safe_name(f'{case.number}_{case.applicant_name[:NAME]}')}"


@dataclass(frozen=True)
class Keeper:
    """Writes the data of some cases; ``evidence`` says whether the files handed in are put in too."""

    cases: Callable[[], Sequence[Declaration]]
    names: Names
    evidence: bool
    beat: Callable[[], None]

    def __call__(self, folder: Path) -> None:
        """Write them, with as many queries as there are tables, however many cases there are."""
        cases = self.cases()
        places = {case.pk: folder / folder_of(case) for case in cases}
        for name, tables in CASE_FILES.items():
            found = {table.title: _by_case(table, places, self.names) for table in tables}
            for key, place in places.items():
                write_tables(place / name, {title: rows.get(key, []) for title, rows in found.items()})
            self.beat()
        _write_revisions(places, self.names, self.beat)
        _write_files(places, self.names, self.beat, evidence=self.evidence)


def _by_case(table: Table, cases: Iterable[int], names: Names) -> dict[int, list[dict[str, Any]]]:
    """Return the rows of a table by the case they are of."""
    rows = table.model.objects.filter(table.only, **{f"{table.home}__in": list(cases)})
    found: dict[int, list[dict[str, Any]]] = {}
    for page in paged(rows.annotate(case_key=F(table.home))):
        names.learn(page)
        for row in page:
            found.setdefault(row.case_key, []).append(row_of(row, names, table.without))
    return found


def _write_revisions(places: Mapping[int, Path], names: Names, beat: Callable[[], None]) -> None:
    """Write every revision as the very bytes its digest is over, and of each case which there are."""
    listed: dict[int, list[dict[str, Any]]] = {key: [] for key in places}
    for page in paged(Revision.objects.filter(declaration__in=list(places))):
        names.learn(page)
        for revision in page:
            file = f"第{revision.number}版.json"
            path = places[revision.declaration_id] / REVISIONS / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(canonical(revision.content).encode())
            facts = row_of(revision, names, frozenset({"content"}))
            listed[revision.declaration_id].append(facts | {"file": file})
        beat()
    for key, place in places.items():
        write_tables(place / REVISIONS / INDEX, {"固定版本": listed[key]})


def _write_files(places: Mapping[int, Path], names: Names, beat: Callable[[], None], *, evidence: bool) -> None:
    """List what was handed in; with ``evidence`` lead to what is kept of it, for the package to read."""
    listed: dict[int, list[dict[str, Any]]] = {key: [] for key in places}
    for table in KEPT_FILES:
        rows = table.model.objects.filter(**{f"{table.home}__in": list(places)})
        for page in paged(rows.annotate(case_key=F(table.home))):
            names.learn(page)
            for row in page:
                mine = listed[row.case_key]
                file = ""
                if evidence and store.size_of(row.stored) is not None:
                    file = f"{FILES}/{len(mine) + 1:03d}_{safe_name(row.name)}"
                    _lead(places[row.case_key] / file, row.stored)
                mine.append({"category": table.title, **row_of(row, names), "file": file})
            beat()
    for key, place in places.items():
        write_tables(place / FILE_INDEX, {"材料": listed[key]})


def _lead(path: Path, stored: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with store.fetch(stored) as file:
        path.symlink_to(file.name)
