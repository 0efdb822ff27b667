"""What is typed into a draft of a standard: rows of its sheets, a file, a cycle to try it on, a reason."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.http import QueryDict

from declarations.workflow import procedure_named, procedure_title, procedure_titles
from scoring.editing.edits import HANGING, PARENTS, Edit
from scoring.editing.layout import SHEETS, Column
from scoring.editing.reading import Fault
from scoring.editing.writing import Content
from scoring.engine import ItemSpec, Programme
from sihao.ui.forms import HouseForm

CELL = re.compile(r"([a-z]{4,8})-(\d{1,4}|new\d{0,4})-([a-z0-9_]{1,20})")
LONGEST = 8000
MOST_CELLS = 1000
DROP = "drop"
KINDS = {
    "rule": "long_text",
    "list": "long_text",
    "inline": "long_text",
    "more": "long_text",
    "flag": "choice",
}
FLAGS = ("是", "否")
UNSET = "不填"
"""The choice of nothing, where nothing need be chosen."""
GAP = "　"
"""Stands between the code and the name of a heading to choose."""
PLACE, MOVE = "place", "move"


class BringForm(HouseForm, forms.Form):
    """A workbook or a programme file."""

    submit_label = "上传并检查"

    file = forms.FileField(
        label="填好的工作簿，或者标准文件",
        help_text="XLSX工作簿或者TOML标准文件，不超过2 MB。有一处不对就不收，并逐行列出怎样改。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.toml"}),
    )


class TrialForm(HouseForm, forms.Form):
    """The earlier cycle whose declarations a draft is tried on."""

    submit_label = "试算"

    cycle = forms.TypedChoiceField(label="按哪个周期的申报试算", coerce=int)

    def __init__(self, cycles: Iterable[tuple[int, str]], *args: object, **kwargs: object) -> None:
        """Take the cycles to choose from."""
        super().__init__(*args, **kwargs)
        self.fields["cycle"].choices = list(cycles)


class SendBackForm(HouseForm, forms.Form):
    """Why a draft goes back; who proposed it need not say."""

    submit_label = "退回修改"
    submit_kind = "secondary"

    reason = forms.CharField(
        label="退回的理由", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


def edits_of(post: QueryDict) -> list[Edit]:
    """Return the rows that were posted: written, added, or taken out; a new row in which nothing was typed is none."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for name in [*post][:MOST_CELLS]:
        found = CELL.fullmatch(name)
        if found and found[1] in SHEETS:
            rows.setdefault((found[1], found[2]), {})[found[3]] = _typed(found[1], found[3], post[name][:LONGEST])
    return [
        edit for (sheet, place), cells in rows.items() if (edit := _edit(sheet, place, cells)) is not None
    ]


def _typed(sheet: str, key: str, text: str) -> str:
    """Return what a choice stands for: nothing, the code of a heading, the name of a procedure; else the text."""
    if text == UNSET:
        return ""
    if key == PARENTS.get(sheet):
        return text.split(GAP, maxsplit=1)[0]
    return procedure_named(text) if (sheet, key) == ("head", "workflow") else text


def _edit(sheet: str, place: str, cells: Mapping[str, str]) -> Edit | None:
    if place.startswith("new"):
        typed = any(text.strip() for key, text in cells.items() if key != PARENTS.get(sheet))
        return Edit(sheet, None, cells) if typed else None
    if cells.get(DROP) and sheet != "head":
        return Edit(sheet, int(place), None)
    values = {key: text for key, text in cells.items() if key not in {DROP, PLACE, MOVE}}
    return Edit(sheet, int(place), values, to=cells.get(MOVE) or cells.get(PLACE, "").strip())


def seen_of(post: QueryDict) -> int:
    """Return the version of the draft that the writer had before his eyes."""
    typed = post.get("seen", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else 0


@dataclass(frozen=True)
class Cell:
    """One column of a row as a field that the house draws."""

    id: str
    name: str
    label: str
    kind: str
    value: str
    options: tuple[str, ...]
    help: str
    required: bool
    error: str
    disabled: bool = False


def headings_of(content: Content, sheet: str) -> tuple[str, ...]:
    """Return what a row of a sheet may stand under, code and name, to be chosen from; nothing where it stands alone."""
    above = next((above for above, (below, _) in HANGING.items() if below == sheet), None)
    rows = content[above] if above else []
    return tuple(f"{code}{GAP}{row.get('name', '')}" for row in rows if (code := row.get("code", "").strip()))


def cells_of(
    sheet: str,
    place: str,
    row: Mapping[str, str],
    faults: Sequence[Fault] = (),
    *,
    headings: tuple[str, ...] = (),
    closed: bool = False,
) -> list[Cell]:
    """Return every column of a row as a field, with what is wrong in it; its heading is chosen from those there are."""
    chosen = {PARENTS.get(sheet, ""): headings} if headings else {}
    chosen |= {"workflow": procedure_titles()} if sheet == "head" else {}
    return [
        _cell(f"{sheet}-{place}", column, row, faults, closed, chosen.get(column.key, ()))
        for column in SHEETS[sheet].columns
    ]


def _shown(value: str, options: Sequence[str]) -> str:
    """Return the choice that a stored value is shown as."""
    return next((one for one in options if value and one.split(GAP)[0] == value), procedure_title(value))


def _cell(
    prefix: str, column: Column, row: Mapping[str, str], faults: Sequence[Fault], closed: bool, chosen: tuple[str, ...]
) -> Cell:
    options = chosen or (FLAGS if column.kind == "flag" else tuple(column.words.values()))
    value = row.get(column.key, "")
    value = _shown(value, options) if chosen else value
    options = (value, *options) if chosen and value and value not in options else options
    options += (UNSET,) if options and not column.required else ()
    return Cell(
        id=f"{prefix}-{column.key}",
        name=f"{prefix}-{column.key}",
        label=column.title,
        kind=KINDS.get(column.kind, "choice" if options else "long_text" if column.wide else "text"),
        value=value or (UNSET if options and not column.required else ""),
        options=options,
        help=column.help,
        required=column.required,
        error="；".join(fault.message for fault in faults if fault.key == column.key),
        disabled=closed,
    )


@dataclass(frozen=True)
class AskedField:
    """One field of the application form, as those who declare will see it."""

    id: str
    name: str
    label: str
    kind: str
    options: tuple[str, ...]
    unit: str
    help: str
    example: str
    clause: str
    required: bool
    columns: tuple[Mapping[str, object], ...]
    number: str
    disabled: bool = True
    rows: tuple[object, ...] = ()


def _asked_column(column: ItemSpec) -> Mapping[str, object]:
    return {"name": column.id, "label": column.label, "kind": column.kind, "options": column.options}


def asked_fields(programme: Programme) -> list[tuple[str, list[AskedField]]]:
    """Return the application form of a standard, heading by heading, with nothing to be typed."""
    return [
        (
            heading,
            [
                AskedField(
                    id=f"asked-{spec.id}",
                    name="",
                    label=spec.label,
                    kind=spec.kind,
                    options=spec.options,
                    unit=spec.unit,
                    help=spec.help,
                    example=spec.example,
                    clause=spec.clause,
                    required=spec.required,
                    columns=tuple(map(_asked_column, spec.item)),
                    number=programme.numbers[spec.id],
                )
                for spec in specs
            ],
        )
        for heading, specs in programme.field_groups()
    ]
