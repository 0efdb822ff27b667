"""A programme as data: its standard, its form, its checks and its tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from .crosscheck import CrossCheck
from .fields import FieldSpec
from .figures import numeral
from .rubric import Item, MarkSpec, Rubric, Stage


@dataclass(frozen=True)
class Use:
    """A row of the standard that a field is judged by, with the clause of the notice it stands under."""

    item: Item
    clause: str


@dataclass(frozen=True)
class Likeness:
    """What tells cases alike or the same: the fields that make peers, and who presides (name, post, telephone)."""

    peers: tuple[str, ...] = ()
    person: str = ""
    person_label: str = ""
    post: str = ""
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Programme:
    """Everything a cycle is judged by. `total` includes the bonus sections; marks are multiples of `step`."""

    id: str
    title: str
    status: str
    status_label: str
    short_status: str
    source: str
    official: str
    workflow: str
    total: Decimal
    step: Decimal
    period_start: date
    period_end: date
    period_note: str
    rubric: Rubric
    fields: tuple[FieldSpec, ...]
    marks: tuple[MarkSpec, ...]
    checks: tuple[CrossCheck, ...]
    annex3_columns: tuple[str, ...]
    annex3_fields: Mapping[str, str]
    annex5_columns: tuple[str, ...]
    stages: tuple[Stage, ...]
    likeness: Likeness = Likeness()

    @cached_property
    def _fields(self) -> Mapping[str, FieldSpec]:
        return {spec.id: spec for spec in self.fields}

    def field(self, field_id: str) -> FieldSpec:
        """Raises KeyError for a field that does not exist."""
        return self._fields[field_id]

    def field_groups(self) -> tuple[tuple[str, tuple[FieldSpec, ...]], ...]:
        """The form's headings with their fields, in the order of the file."""
        names = dict.fromkeys(spec.group for spec in self.fields)
        return tuple((name, tuple(spec for spec in self.fields if spec.group == name)) for name in names)

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """By field id its number on the form, heading and place under it: 一（3）."""
        return {
            spec.id: f"{numeral(heading)}（{place}）"
            for heading, (_, specs) in enumerate(self.field_groups(), start=1)
            for place, spec in enumerate(specs, start=1)
        }

    @cached_property
    def uses(self) -> Mapping[str, tuple[Use, ...]]:
        """By field id the rows that are judged by it; a field that serves none is left out."""
        found: dict[str, tuple[Use, ...]] = {}
        for group in (group for section in self.rubric.sections for group in section.groups):
            for item in group.items:
                for name in item.fields:
                    found[name] = (*found.get(name, ()), Use(item, item.basis or group.clause))
        return found

    @cached_property
    def signs(self) -> tuple[MarkSpec, ...]:
        """The signs beside rows that this programme uses: one whose rows it has none of is nowhere explained."""
        return tuple(spec for spec in self.marks if spec.count)

    @property
    def legend(self) -> str:
        """What the signs beside its rows mean (*否决项，※基础达标项); empty where it has no such rows."""
        return "，".join(f"{spec.symbol}{spec.label}" for spec in self.signs)

    def mark_label(self, mark: str | None) -> str:
        return next((spec.label for spec in self.marks if spec.id == mark), "")
