"""Reading a sheet of marks that was filled in offline: rows by their code, and what could not be taken, by cell."""

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from declarations.queries.drafting.places import is_open, returned_items
from declarations.queries.drafting.sheets import CODE, SEAL, SEAL_PLACE, SELF_SHEET, SheetKind
from declarations.queries.facts import Dossier
from declarations.stamps import BadStamp, IssuedRow, Stamp, opened
from scoring.engine import Item, ValueProblem, figure, parse_mark
from sihao.accounts.refusals import Refusal, Refused
from sihao.documents.cells import clean
from sihao.documents.reader import Expected, Reading, Row, read_parts

SEALS = (Expected(SEAL_PLACE, "int", "place"), Expected(SEAL, key="text"))
MOST_TOLD = 200
SHOWN_CODE = 20
AGAIN = "请重新下载工作簿，把填写的内容复制过去。"


@dataclass
class Filled:
    """What came back: the stamp, the cells filled in by row and part, and in words what could not be taken."""

    stamp: Stamp
    parts: tuple[str, ...]
    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    @property
    def downloaded(self) -> dict[str, dict[str, str]]:
        """The cells as the workbook was given out."""
        return {code: {part: row.part(part) for part in self.parts} for code, row in self.stamp.rows.items()}

    @property
    def versions(self) -> dict[str, int]:
        """The version of each row as the workbook was given out."""
        return {code: row.version for code, row in self.stamp.rows.items()}


def read_filled(file: BinaryIO, name: str, dossier: Dossier, kind: SheetKind = SELF_SHEET) -> Filled:
    """Return what was filled in; cells that cannot be taken are told and left out, all others can be compared.

    What a return leaves open binds the self-assessment alone.

    Raises ``Refused`` for what is no workbook of this case, programme and form.
    """
    asked = (Expected(CODE, key="code"), *(Expected(title, key=part) for part, title in kind.filled.items()))
    rows, seals = read_parts(file, (asked, SEALS), name=name)
    if not rows.columns:
        raise Refused(tuple(Refusal("sheet_unreadable", clean(str(error))) for error in rows.errors))
    filled = Filled(_stamp(seals), tuple(kind.filled))
    _refuse_foreign(filled.stamp, dossier, kind)
    _Taking(filled, rows, dossier, kind).take()
    return filled


def _stamp(seals: Reading) -> Stamp:
    parts = sorted((row.values["place"] or 0, str(row.values["text"] or "")) for row in seals.rows)
    if seals.errors or not parts:
        sentence = f"工作簿里没有“请勿改动”表，或者其中内容不全，无法确认它从哪一件申报发出。{AGAIN}"
        raise Refused((Refusal("stamp_missing", sentence),))
    try:
        return opened("".join(text for _, text in parts))
    except BadStamp:
        sentence = f"工作簿“请勿改动”表里的内容被改动过，不能确认它从哪一件申报发出。{AGAIN}"
        raise Refused((Refusal("stamp_forged", sentence),)) from None


def _refuse_foreign(stamp: Stamp, dossier: Dossier, kind: SheetKind) -> None:
    case, refusals = dossier.case, []
    if stamp.number != case.number:
        sentence = f"这份工作簿是受理编号{stamp.number}的{kind.name}，本件是{case.number}。请上传从本件下载的工作簿。"
        refusals.append(Refusal("other_case", sentence))
    elif stamp.whose != kind.whose:
        sentence = f"这份工作簿不是从您的{kind.name}下载的。请上传本人从本件下载的工作簿。"
        refusals.append(Refusal("other_sheet", sentence))
    if stamp.programme != case.cycle.programme.digest:
        sentence = (
            f"这份工作簿按另一版认定标准（摘要{stamp.programme[:12]}）发出，"
            f"本件按{dossier.programme.title}（摘要{case.cycle.programme.digest[:12]}）。{AGAIN}"
        )
        refusals.append(Refusal("other_programme", sentence))
    if refusals:
        raise Refused(tuple(refusals))


class _Taking:
    """Taking the rows of a sheet one by one, wherever they were moved to."""

    def __init__(self, filled: Filled, reading: Reading, dossier: Dossier, kind: SheetKind) -> None:
        self.filled, self.reading, self.dossier = filled, reading, dossier
        self.items: Mapping[str, Item] = {item.id: item for item in dossier.programme.rubric.items()}
        self.returned = None if kind.whose else returned_items(dossier)
        self.untold = 0

    def take(self) -> None:
        """Take every row, and say what could not be taken."""
        for error in self.reading.errors:
            self._tell(error.message, error.cell)
        rows = sorted([*self.reading.rows, *self.reading.faulty], key=lambda row: row.number)
        coded = [(_code(row), row) for row in rows if any(value is not None for value in row.values.values())]
        counts = Counter(code for code, _ in coded)
        for code, row in coded:
            self._take_row(code, row, counts[code])
        self._tell_missing({code for code, _ in coded})
        if self.untold:
            self.filled.told.append(f"另有{self.untold}处没有列出。")

    def _take_row(self, code: str, row: Row, count: int) -> None:
        if not code:
            self._tell(f"缺少{CODE}，本行没有读取。", self._cell("code", row))
        elif code not in self.items:
            self._tell(f"没有“{code[:SHOWN_CODE]}”这项指标，本行没有读取。", self._cell("code", row))
        elif count > 1:
            self._tell(f"{code}出现了{count}次，各行都没有读取。请只保留一行。", self._cell("code", row))
        else:
            self.filled.rows[code] = self._parts(self.items[code], row)

    def _parts(self, item: Item, row: Row) -> dict[str, str]:
        """Return the cells of a row that were changed and can be taken."""
        issued = self.filled.stamp.rows.get(item.id, IssuedRow())
        changed = {
            part: text
            for part in self.filled.parts
            if part in row.values and not _untouched(text := _text(row.values[part]), issued.part(part))
        }
        if changed and not is_open(self.returned, item.id):
            for part in changed:
                self._tell(f"{item.id}不在退回修改的事项内，填写的内容没有读取。", self._cell(part, row))
            return {}
        if changed.get("points"):
            try:
                changed["points"] = figure(parse_mark(item, self.dossier.programme.step, changed["points"]))
            except ValueProblem as problem:
                self._tell(f"{problem}。", self._cell("points", row))
                del changed["points"]
        return changed

    def _tell_missing(self, found: set[str]) -> None:
        missing = [code for code in self.items if code not in found]
        if missing:
            self._tell(f"缺少{len(missing)}项指标，保持现在的内容：{'、'.join(missing)}。")

    def _tell(self, message: str, cell: str = "") -> None:
        if len(self.filled.told) >= MOST_TOLD:
            self.untold += 1
            return
        place = f"{self.reading.sheet} {cell}" if cell else self.reading.sheet
        self.filled.told.append(clean(f"{place}：{message}"))

    def _cell(self, part: str, row: Row) -> str:
        return f"{self.reading.columns[part]}{row.number}"


def _code(row: Row) -> str:
    return unicodedata.normalize("NFKC", _text(row.values.get("code"))).strip()


def _text(value: Any) -> str:
    """Return a cell as it was typed, of white space alone as blank."""
    text = clean(str(value)) if value is not None else ""
    return text if text.strip() else ""


def _untouched(text: str, issued: str) -> bool:
    """Return whether a cell holds what it was given out with, as a sheet can hold it."""
    return text == _text(issued)
