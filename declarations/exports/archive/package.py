"""The package of a cycle, part by part, in the order in which the parts are made."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from declarations.exports.archive.cases import CHUNK, Keeper, folder_of
from declarations.exports.archive.papers import (
    BEFORE,
    NOW,
    Issue,
    Press,
    house_parts,
    list_part,
    packs_part,
    register_part,
)
from declarations.exports.archive.rows import Names, rows_of, write_tables
from declarations.exports.archive.tables import CYCLE_FILES, Table
from declarations.exports.archive.told import dictionary, package_name, told
from declarations.exports.archive.trail import write_trail
from declarations.models import Cycle, Declaration
from declarations.queries.archive import Segment, archived_cases, lists_of, packs_of
from declarations.queries.replay import document_of, published_lines
from sihao.accounts.models import Seat
from sihao.documents.archive.building import TOLD, VERIFIER, Part, verifier
from sihao.ui.formats import beijing


@dataclass(frozen=True)
class Order:
    """What was ordered: of which cycle, by whom, when, with the files that were handed in, with the whole trail."""

    cycle: Cycle
    seat: Seat
    at: datetime
    evidence: bool
    whole: bool

    @property
    def name(self) -> str:
        """What the package is called."""
        return package_name(self.cycle, self.at)


def archive_parts(order: Order, segment: Segment, *, issue: Issue, beat: Callable[[], None]) -> Iterator[Part]:
    """Yield the parts; the cases' papers are printed one case after another, their rows read some cases at a time."""
    cycle, seat, names = order.cycle, order.seat, Names()
    keys = list(archived_cases(seat, cycle).values_list("pk", flat=True))
    trail = {"seat": seat, "cycle": cycle, "segment": segment, "whole": order.whole}
    yield Part("说明", partial(_opening, order, len(keys)))
    yield Part("周期", partial(_cycle_part, cycle, names))
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        yield Part(f"申报{start}", Keeper(partial(_cases, seat, chunk), names, order.evidence, beat))
    press = Press(seat, order.at, issue, beat)
    for key in keys:
        yield Part(f"文书{key}", partial(_papers, press, seat, key))
    for batch in lists_of(cycle):
        yield Part(f"名单{batch.pk}", partial(list_part, batch))
    yield from house_parts(press, cycle)
    yield Part("反馈材料", partial(packs_part, packs_of(cycle)))
    yield Part("文书登记", partial(register_part, cycle, order.at, names))
    yield Part("留痕", partial(_trail, trail))


def _opening(order: Order, cases: int, folder: Path) -> None:
    words = told(
        order.cycle,
        name=order.name,
        ordered=beijing(order.at),
        cases=cases,
        evidence=order.evidence,
        whole=order.whole,
        papers=(BEFORE, NOW),
    )
    _put(folder / TOLD, words)
    _put(folder / VERIFIER, verifier())
    write_tables(folder / "字段说明.json", dictionary())


def _cycle_part(cycle: Cycle, names: Names, folder: Path) -> None:
    for name, tables in CYCLE_FILES.items():
        write_tables(folder / name, {table.title: _rows(table, cycle, names) for table in tables})
    _put(folder / "一_周期" / "通知.txt", f"{cycle.notice_title}\n\n{cycle.notice_text}\n")
    _put(folder / "一_周期" / "认定标准.toml", cycle.programme.text)
    published = published_lines(cycle) if cycle.published_at is not None else ()
    (folder / "六_公布" / "认定名单.json").write_bytes(document_of(published))


def _rows(table: Table, cycle: Cycle, names: Names) -> Iterable[Mapping[str, Any]]:
    rows = table.model.objects.filter(table.only, **{table.home: cycle.pk})
    return rows_of(rows, names, table.without)


def _cases(seat: Seat, keys: Iterable[int]) -> list[Declaration]:
    return list(archived_cases(seat, None).filter(pk__in=keys))


def _papers(press: Press, seat: Seat, key: int, folder: Path) -> None:
    case = archived_cases(seat, None).get(pk=key)
    press.case(case, folder_of(case), folder)


def _trail(words: Mapping[str, Any], folder: Path) -> None:
    write_trail(folder, **words)


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
