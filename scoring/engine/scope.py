"""Where a check stands: the declaration with what surrounds it, and one turn of a for-each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from .facts import Facts
from .marking import Proposal, apply
from .rubric import Item, Rubric, Section
from .surroundings import Evidence, OwnMark, Surroundings

ROWS = "rows"
SECTIONS = "sections"
FILES = "files"
"""What a check may be for each of, beside the records of a list."""

Record = Mapping[str, object]


@dataclass(frozen=True)
class Case:
    """One declaration as the checks see it; what is asked of it again and again is kept."""

    rubric: Rubric
    step: Decimal
    period: tuple[date, date]
    labels: Mapping[str, str]
    facts: Facts
    marks: Mapping[str, OwnMark]
    around: Surroundings

    @cached_property
    def rows(self) -> tuple["Scope", ...]:
        return tuple(Scope(self, item=item, code=item.id) for item in self.rubric.items())

    @cached_property
    def _proposals(self) -> dict[str, Proposal]:
        return {}

    def proposal(self, row: str) -> Proposal:
        """What the facts support for a row, found once."""
        if row not in self._proposals:
            self._proposals[row] = apply(self.rubric.item(row).rule, self.facts)
        return self._proposals[row]

    def mark(self, row: str) -> Decimal | None:
        own = self.marks.get(row)
        return own.points if own else None

    def evidence(self, code: str) -> Evidence | None:
        """What is hung on a row or field; None when nothing is known of evidence at all."""
        known = self.around.evidence
        return None if known is None else known.get(code, Evidence())

    def records(self, field: str) -> tuple[Record, ...]:
        value = self.facts.get(field)
        return tuple(one for one in value if isinstance(one, Mapping)) if isinstance(value, tuple) else ()


@dataclass(frozen=True)
class Scope:
    """A case, and of a for-each the one row, section, record or place of evidence that is looked at."""

    case: Case
    item: Item | None = None
    section: Section | None = None
    code: str = ""
    records: tuple[Record, ...] = ()
    index: int = 0


def scopes(case: Case, each: str, rows: tuple[str, ...]) -> tuple[Scope, ...]:
    """The turns of a for-each; `rows` narrows rows and places of evidence when it names any."""
    if not each:
        return (Scope(case),)
    if each == ROWS:
        return tuple(scope for scope in case.rows if scope.code in rows) if rows else case.rows
    if each == SECTIONS:
        return tuple(Scope(case, section=section) for section in case.rubric.sections)
    if each == FILES:
        return tuple(Scope(case, code=code) for code in _places(case) if not rows or code in rows)
    records = case.records(each)
    return tuple(Scope(case, records=records, index=index) for index in range(len(records)))


def _places(case: Case) -> tuple[str, ...]:
    """The rows, then the fields, that have evidence, in the order of the file; codes of neither are passed over."""
    known = case.around.evidence or {}
    codes = (*(item.id for item in case.rubric.items()), *case.labels)
    return tuple(code for code in codes if (files := known.get(code)) and files.count)
