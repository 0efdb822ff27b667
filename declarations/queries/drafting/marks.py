"""The self-assessment (附件5) as the page draws it: proposals, own marks, what would change the verdict."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from declarations.models import ReturnItem
from declarations.queries.checks import Found
from declarations.queries.drafting.evidence import evidence_counts
from declarations.queries.drafting.found import found_beside
from declarations.queries.drafting.places import is_open, returned_items
from declarations.queries.drafting.saved import NO_COLLISIONS, Collision
from declarations.queries.facts import Dossier
from scoring.engine import (
    Item,
    Proposal,
    ValueProblem,
    Verdict,
    figure,
    parse_mark,
    partial,
    rule_text,
)
from scoring.models import Mark
from sihao.ui.forms import ErrorLine

PARTS = ("points", "words", "reason")


@dataclass(frozen=True)
class SelfRow:
    """One row of the standard with the system's proposal, the chamber's mark as typed, its words and evidence."""

    item: Item
    sign: str
    flag: str
    standard: str
    proposal: Proposal
    value: str
    points: Decimal | None
    problem: str
    words: str
    reason: str
    collisions: tuple[Collision, ...]
    evidence: int
    disabled: bool
    returned: ReturnItem | None
    found: tuple[Found, ...]

    @property
    def above(self) -> bool:
        """Whether the own mark is above what the facts support, so that it must carry a reason."""
        proposed = self.proposal.points
        return self.points is not None and proposed is not None and self.points > proposed

    @property
    def differs(self) -> bool:
        """Whether the own mark is another than the proposed one."""
        proposed = self.proposal.points
        return self.points is not None and proposed is not None and self.points != proposed


@dataclass(frozen=True)
class SelfGroup:
    """One heading inside a section."""

    title: str
    clause: str
    points: Decimal
    rows: tuple[SelfRow, ...]


@dataclass(frozen=True)
class SelfSection:
    """One section with its rows, the sum of its marks, and how many rows are marked."""

    code: str
    title: str
    points: Decimal
    given: Decimal
    groups: tuple[SelfGroup, ...]
    done: int
    total: int

    @property
    def rows(self) -> tuple[SelfRow, ...]:
        """All rows of the section."""
        return tuple(row for group in self.groups for row in group.rows)


def own_marks(dossier: Dossier) -> dict[str, Mark]:
    """Return the chamber's own marks by row."""
    return dict(dossier.own_sheet.marks) if dossier.own_sheet is not None else {}


def self_sections(
    dossier: Dossier, collisions: Mapping[str, Collision] = NO_COLLISIONS
) -> list[SelfSection]:
    """Return the self-assessment by section; in a return only the rows it names are open.

    A part of a row that collided shows what was typed.
    """
    draw = _row_maker(dossier, collisions)
    sections = []
    for section in dossier.programme.rubric.sections:
        groups = tuple(
            SelfGroup(group.name, group.clause, group.points, tuple(draw(item) for item in group.items))
            for group in section.groups
        )
        rows = [row for group in groups for row in group.rows]
        given = [row.points for row in rows if row.points is not None]
        sums = (section.points, sum(given, Decimal(0)), groups, len(given), len(rows))
        sections.append(SelfSection(section.code, section.name, *sums))
    return sections


def _row_maker(dossier: Dossier, collisions: Mapping[str, Collision]) -> Callable[[Item], SelfRow]:
    proposed, marks, returned = dossier.proposals, own_marks(dossier), returned_items(dossier)
    symbols = {mark.id: mark.symbol for mark in dossier.programme.marks}
    evidence, found = evidence_counts(dossier), found_beside(dossier)

    def draw(item: Item) -> SelfRow:
        mark = marks.get(item.id)
        met = {part: collisions[f"{item.id}/{part}"] for part in PARTS if f"{item.id}/{part}" in collisions}
        value = str(met["points"].typed) if "points" in met else typed_mark(mark)
        points, problem = judged_mark(item, dossier.programme.step, value)
        return SelfRow(
            item=item,
            sign=symbols.get(item.mark or "", ""),
            flag=dossier.programme.mark_label(item.mark),
            standard=rule_text(item),
            proposal=proposed[item.id],
            value=value,
            points=points,
            problem=problem,
            words=_shown("words", mark, met),
            reason=_shown("reason", mark, met),
            collisions=tuple(met.values()),
            evidence=evidence.get(item.id, 0),
            disabled=not is_open(returned, item.id),
            returned=(returned or {}).get(item.id),
            found=tuple(found.get(item.id, ())),
        )

    return draw


def _shown(part: str, mark: Mark | None, met: Mapping[str, Collision]) -> str:
    if part in met:
        return str(met[part].typed)
    return str(getattr(mark, part)) if mark else ""


def typed_mark(mark: Mark | None) -> str:
    """Return a mark as it was typed."""
    if mark is None:
        return ""
    return mark.typed if mark.points is None else figure(mark.points)


def mark_problem(item: Item, step: Decimal, typed: object) -> str:
    """Return what is wrong with a mark as typed; a blank is no problem yet."""
    return judged_mark(item, step, typed)[1]


def judged_mark(item: Item, step: Decimal, typed: object) -> tuple[Decimal | None, str]:
    """Return a mark as typed and what is wrong with it."""
    if typed is None or not str(typed).strip():
        return None, ""
    try:
        return parse_mark(item, step, typed), ""
    except ValueProblem as problem:
        return None, f"{problem}。"


def seen_marks(dossier: Dossier) -> str:
    """Return the version of every row as the page draws it, for the save to be compared with."""
    versions = {code: mark.version for code, mark in own_marks(dossier).items()}
    return " ".join(f"{item.id}:{versions.get(item.id, 0)}" for item in dossier.programme.rubric.items())


def mark_errors(sections: Iterable[SelfSection]) -> list[ErrorLine]:
    """Return the marks that are none, each line leading to its row."""
    rows = (row for section in sections for row in section.rows)
    return [ErrorLine(f"mark-{row.item.id}", "", row.problem) for row in rows if row.problem]


def own_verdict(dossier: Dossier) -> tuple[Verdict, dict[str, Decimal]]:
    """Return the verdict on the own marks as they stand, and the marks."""
    points = {code: mark.points for code, mark in own_marks(dossier).items() if mark.points is not None}
    return partial(dossier.programme, points), points
