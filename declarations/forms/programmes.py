"""What is typed into a draft of a standard: rows of its sheets, a file, a cycle to try it on, a reason."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.http import QueryDict

from scoring.editing.edits import Edit
from scoring.editing.layout import SHEETS, Column
from scoring.editing.reading import Fault
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
PARENTS = {"groups": "section", "rows": "group"}


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
            typed = post[name][:LONGEST]
            rows.setdefault((found[1], found[2]), {})[found[3]] = "" if typed == UNSET else typed
    return [
        edit for (sheet, place), cells in rows.items() if (edit := _edit(sheet, place, cells)) is not None
    ]


def _edit(sheet: str, place: str, cells: Mapping[str, str]) -> Edit | None:
    if place.startswith("new"):
        typed = any(text.strip() for key, text in cells.items() if key != PARENTS.get(sheet))
        return Edit(sheet, None, cells) if typed else None
    if cells.get(DROP) and sheet != "head":
        return Edit(sheet, int(place), None)
    return Edit(sheet, int(place), {key: text for key, text in cells.items() if key != DROP})


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


def cells_of(
    sheet: str, place: str, row: Mapping[str, str], faults: Sequence[Fault] = (), *, closed: bool = False
) -> list[Cell]:
    """Return every column of a row as a field, with what is wrong in it."""
    return [_cell(f"{sheet}-{place}", column, row, faults, closed) for column in SHEETS[sheet].columns]


def _cell(prefix: str, column: Column, row: Mapping[str, str], faults: Sequence[Fault], closed: bool) -> Cell:
    options = FLAGS if column.kind == "flag" else tuple(column.words.values())
    options += (UNSET,) if options and not column.required else ()
    value = row.get(column.key, "")
    return Cell(
        id=f"{prefix}-{column.key}",
        name=f"{prefix}-{column.key}",
        label=column.title,
        kind=KINDS.get(column.kind, "choice" if column.words else "long_text" if column.wide else "text"),
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
