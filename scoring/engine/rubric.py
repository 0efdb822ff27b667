"""The standard as data: its sections, groups and rows, their marks, the gates, the steps of the procedure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from .marking import Rule, standard

MARKS = ("veto", "baseline")
"""Names of the two marks a row may carry: 否决项 and 基础达标项."""

GATE_KINDS = ("min_total", "any_zero", "max_not_full")
AUTO = ("full", "assist", "manual")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One row of the standard; `fields` are the ids of the answers it is judged by."""

    id: str
    name: str
    points: Decimal
    rule: Rule
    auto: str
    mark: str | None = None
    mark_reason: str = ""
    basis: str = ""
    fields: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    note: str = ""
    verify_by: str = ""


@dataclass(frozen=True)
class Group:
    code: str
    name: str
    clause: str
    points: Decimal
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Section:
    code: str
    name: str
    points: Decimal
    bonus: bool
    groups: tuple[Group, ...]

    def items(self) -> tuple[Item, ...]:
        return tuple(item for group in self.groups for item in group.items)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A threshold that decides. `limit` is points for `min_total`, else a number of rows that carry `mark`.

    `boundary_passes` says whether a total of exactly the limit passes.
    """

    id: str
    text: str
    clause: str
    kind: str
    limit: Decimal
    mark: str | None = None
    boundary_passes: bool = True
    note: str = ""


@dataclass(frozen=True)
class Rubric:
    sections: tuple[Section, ...]
    gates: tuple[Gate, ...]

    @cached_property
    def _items(self) -> Mapping[str, Item]:
        return {item.id: item for section in self.sections for item in section.items()}

    @cached_property
    def _sections(self) -> Mapping[str, Section]:
        return {item.id: section for section in self.sections for item in section.items()}

    def items(self) -> tuple[Item, ...]:
        """All rows in the order of the file."""
        return tuple(self._items.values())

    def marked(self, mark: str) -> tuple[Item, ...]:
        return tuple(item for item in self._items.values() if item.mark == mark)

    def item(self, item_id: str) -> Item:
        """Raises KeyError for a row that does not exist."""
        return self._items[item_id]

    def section_of(self, item_id: str) -> Section:
        """Raises KeyError for a row that does not exist."""
        return self._sections[item_id]


@dataclass(frozen=True)
class MarkSpec:
    """How a mark is printed: veto, *, 否决项."""

    id: str
    symbol: str
    label: str
    count: int


@dataclass(frozen=True)
class Stage:
    id: str
    name: str
    start: date
    end: date
    deliver: tuple[str, ...]


def rule_text(item: Item) -> str:
    """The scoring standard of a row in plain Chinese, made from its rule."""
    return f"{standard(item.rule)}。"
