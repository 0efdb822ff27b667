"""Marks become a verdict: totals, and one finding for each gate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from .fields import ValueProblem
from .figures import figure
from .programme import Programme
from .rubric import Gate
from .sheet import ScoreSheet

ZERO = Decimal(0)


@dataclass(frozen=True)
class GateFinding:
    """One gate with its clause: the figure found, the limit, the rows concerned and the reading of the limit.

    Figure and limit are points for a gate on the total, else numbers of rows.
    """

    id: str
    text: str
    clause: str
    passed: bool
    figure: Decimal
    limit: Decimal
    rows: tuple[str, ...]
    reading: str


@dataclass(frozen=True)
class Verdict:
    """`total` includes `bonus`. `on_boundary`: the total is exactly a limit. `unmarked` rows counted as 0."""

    total: Decimal
    sections: Mapping[str, Decimal]
    bonus: Decimal
    eligible: bool
    gates: tuple[GateFinding, ...]
    veto_zero: tuple[str, ...]
    baseline_short: tuple[str, ...]
    on_boundary: bool
    unmarked: tuple[str, ...] = ()


def evaluate(programme: Programme, sheet: ScoreSheet) -> Verdict:
    """The verdict on a complete sheet. Raises ValueProblem when rows are missing or unknown."""
    verdict = partial(programme, sheet.marks)
    if verdict.unmarked:
        raise ValueProblem(f"未评分：{'、'.join(verdict.unmarked)}")
    return verdict


def partial(programme: Programme, marks: Mapping[str, Decimal]) -> Verdict:
    """The verdict as things stand: rows without a mark count 0. Raises ValueProblem for unknown rows."""
    items = programme.rubric.items()
    known = {item.id for item in items}
    if strange := [key for key in marks if key not in known]:
        raise ValueProblem(f"没有这些行：{'、'.join(strange)}")
    full = {item.id: marks.get(item.id, ZERO) for item in items}
    sections = {
        section.code: sum((full[item.id] for item in section.items()), ZERO)
        for section in programme.rubric.sections
    }
    gates = tuple(find(programme, gate, full) for gate in programme.rubric.gates)
    return Verdict(
        total=total_of(full),
        sections=sections,
        bonus=sum((sections[section.code] for section in programme.rubric.sections if section.bonus), ZERO),
        eligible=all(gate.passed for gate in gates),
        gates=gates,
        veto_zero=rows_at_zero(programme, "veto", full),
        baseline_short=rows_not_full(programme, "baseline", full),
        on_boundary=any(
            gate.kind == "min_total" and gate.limit == total_of(full) for gate in programme.rubric.gates
        ),
        unmarked=tuple(item.id for item in items if item.id not in marks),
    )


def total_of(marks: Mapping[str, Decimal]) -> Decimal:
    return sum(marks.values(), ZERO)


def rows_at_zero(programme: Programme, mark: str, marks: Mapping[str, Decimal]) -> tuple[str, ...]:
    return tuple(item.id for item in programme.rubric.marked(mark) if marks[item.id] == 0)


def rows_not_full(programme: Programme, mark: str, marks: Mapping[str, Decimal]) -> tuple[str, ...]:
    return tuple(item.id for item in programme.rubric.marked(mark) if marks[item.id] < item.points)


def find(programme: Programme, gate: Gate, marks: Mapping[str, Decimal]) -> GateFinding:
    """One gate against a mark for every row."""
    return FINDERS[gate.kind](programme, gate, marks)


def _min_total(programme: Programme, gate: Gate, marks: Mapping[str, Decimal]) -> GateFinding:
    total = total_of(marks)
    passed = total > gate.limit or (total == gate.limit and gate.boundary_passes)
    reading = f"恰为{figure(gate.limit)}分按{'达线' if gate.boundary_passes else '不达线'}处理"
    return GateFinding(gate.id, gate.text, gate.clause, passed, total, gate.limit, (), reading)


def _any_zero(programme: Programme, gate: Gate, marks: Mapping[str, Decimal]) -> GateFinding:
    return _by_rows(gate, rows_at_zero(programme, gate.mark or "", marks), "有一项为0分即不通过")


def _max_not_full(programme: Programme, gate: Gate, marks: Mapping[str, Decimal]) -> GateFinding:
    reading = f"恰为{figure(gate.limit)}项按通过处理"
    return _by_rows(gate, rows_not_full(programme, gate.mark or "", marks), reading)


def _by_rows(gate: Gate, rows: tuple[str, ...], reading: str) -> GateFinding:
    count = Decimal(len(rows))
    return GateFinding(gate.id, gate.text, gate.clause, count <= gate.limit, count, gate.limit, rows, reading)


FINDERS: Mapping[str, Callable[[Programme, Gate, Mapping[str, Decimal]], GateFinding]] = {
    "min_total": _min_total,
    "any_zero": _any_zero,
    "max_not_full": _max_not_full,
}
