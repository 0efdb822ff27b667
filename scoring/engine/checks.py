"""The logic checks of one declaration (逻辑校验): what blocks it, what must be explained, what is worth a look."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .crosscheck import Branch, CrossCheck
from .facts import Facts
from .programme import Programme
from .scope import FILES, ROWS, SECTIONS, Case, Scope, scopes
from .surroundings import NOTHING_KNOWN, OwnMark, Surroundings

BY_FACTS = {"row.proposed", "row.because"}
"""Words of a row after which its fields are to be looked at too."""


@dataclass(frozen=True)
class Finding:
    """What one check found: `severity` is block (阻断), explain (须说明) or hint (提示); `fields` and `rows` exist.

    `about` tells the findings of one check apart: the row, section, place or record it stands at, and which case of
    several it is; with `id` it names the finding, whatever its figures.
    """

    id: str
    severity: str
    message: str
    clause: str
    fields: tuple[str, ...]
    rows: tuple[str, ...]
    about: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        return f"{self.id}-{self.about}" if self.about else self.id


def check(
    programme: Programme,
    facts: Facts,
    marks: Mapping[str, OwnMark],
    surroundings: Surroundings = NOTHING_KNOWN,
) -> tuple[Finding, ...]:
    """All findings, in the order of the file; one check may give several. Never raises.

    A check is silent while something that it compares is not known: an answer missing or unread, no mark, a neutral
    default of the surroundings.
    """
    case = Case(
        rubric=programme.rubric,
        step=programme.step,
        period=(programme.period_start, programme.period_end),
        labels={spec.id: spec.label for spec in programme.fields},
        facts=facts,
        marks=marks,
        around=surroundings,
    )
    return tuple(finding for one in programme.checks for finding in _findings(one, case))


def _findings(one: CrossCheck, case: Case) -> Iterator[Finding]:
    for scope in scopes(case, one.each, one.rows) if one.branches else ():
        for number, branch in enumerate(one.branches, 1):
            if branch.when.holds(scope):
                fields, rows = _places(one, branch, scope)
                message = branch.message.filled(scope)
                about = _about(one, number, scope)
                yield Finding(one.id, one.severity, message, one.clause, fields, rows, about)


def _about(one: CrossCheck, number: int, scope: Scope) -> str:
    """Where a for-each stands, and which of several cases holds: what tells two findings of one check apart."""
    place = scope.code or (scope.section.code if scope.section else "")
    place = place or (str(scope.index + 1) if one.each else "")
    return "-".join(part for part in (place, str(number) if len(one.branches) > 1 else "") if part)


def _places(one: CrossCheck, branch: Branch, scope: Scope) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields and rows to look at: those of the branch, and the one that the for-each stands at."""
    if one.each == ROWS and scope.item:
        named = {term.name for term in (*branch.when.terms(), *branch.message.terms)}
        judged = scope.item.fields if named & BY_FACTS else ()
        return tuple(dict.fromkeys((*branch.fields, *judged))), (scope.item.id,)
    if one.each == SECTIONS and scope.section:
        return branch.fields, tuple(item.id for item in scope.section.items())
    if one.each == FILES:
        field = scope.code in scope.case.labels
        return ((scope.code,), ()) if field else ((), (scope.code,))
    return branch.fields, branch.rows
