"""What would change a failed verdict: the fewest rows that decide it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from .evaluate import GateFinding, Verdict
from .figures import figure, points
from .programme import Programme
from .rubric import Gate
from .sheet import ScoreSheet

ZERO = Decimal(0)
Gaps = Mapping[str, Decimal]
"""Points missing to full marks by row."""


@dataclass(frozen=True)
class Change:
    """What one failed gate asks for.

    `rows` at zero: every one must rise (`need` is None). Rows short of full marks: `need` of them must become full.
    Total: `need` points are missing, `rows` are the fewest further rows that hold them.
    """

    rows: tuple[str, ...]
    need: Decimal | None
    sentence: str


def what_would_change(
    programme: Programme, marks: ScoreSheet | Mapping[str, Decimal], verdict: Verdict
) -> list[Change]:
    """The smallest set of rows that decides a failed verdict, the total last; empty when nothing failed.

    No smaller set of rows can pass: the rows at zero must all move, then as many short rows as are too many (those
    with the widest gap first), and then the widest gaps that remain until the total is reached.
    """
    return _remedy(programme, marks, verdict)[0]


def smallest_set(
    programme: Programme, marks: ScoreSheet | Mapping[str, Decimal], verdict: Verdict
) -> tuple[str, ...]:
    """The rows of a smallest set that, raised to full marks, would pass a failed verdict; empty when nothing failed."""
    return _remedy(programme, marks, verdict)[1]


def _remedy(
    programme: Programme, marks: ScoreSheet | Mapping[str, Decimal], verdict: Verdict
) -> tuple[list[Change], tuple[str, ...]]:
    given = marks.marks if isinstance(marks, ScoreSheet) else marks
    gaps = {item.id: item.points - given.get(item.id, ZERO) for item in programme.rubric.items()}
    gates = {gate.id: gate for gate in programme.rubric.gates}
    failed = [(gates[finding.id], finding) for finding in verdict.gates if not finding.passed]
    moved: dict[str, None] = {}
    changes = list(_row_changes(programme, failed, gaps, moved))
    further: dict[str, None] = {}
    for gate, finding in failed:
        if gate.kind == "min_total":
            changes.append(_more_points(programme, gate, finding, gaps, moved))
            further |= dict.fromkeys(changes[-1].rows)
    return changes, (*moved, *further)


def _row_changes(
    programme: Programme, failed: list[tuple[Gate, GateFinding]], gaps: Gaps, moved: dict[str, None]
) -> Iterator[Change]:
    for gate, finding in failed:
        label = programme.mark_label(gate.mark)
        if gate.kind == "any_zero":
            moved |= dict.fromkeys(finding.rows)
            yield Change(finding.rows, None, f"{label}{_rows(finding.rows)}须高于0分。")
        if gate.kind == "max_not_full":
            need = int(finding.figure - finding.limit)
            first = _widest(gaps, finding.rows)[:need]
            moved |= dict.fromkeys(first)
            yield Change(finding.rows, Decimal(need), _fill_sentence(label, finding, need, first, gaps))


def _fill_sentence(label: str, finding: GateFinding, need: int, first: list[str], gaps: Gaps) -> str:
    return (
        f"{label}不是满分的有{figure(finding.figure)}项，限{figure(finding.limit)}项："
        f"{_rows(finding.rows)}中至少{need}项须评满分，分差最大的是{_with_gaps(first, gaps)}。"
    )


def _more_points(
    programme: Programme, gate: Gate, finding: GateFinding, gaps: Gaps, moved: dict[str, None]
) -> Change:
    """The points missing, and the fewest rows that hold them beside those that have to move anyway."""
    need = gate.limit - finding.figure + (0 if gate.boundary_passes else programme.step)
    left = need - sum((gaps[row] for row in moved), ZERO)
    rest = _widest(gaps, [row for row in gaps if row not in moved])
    held = accumulate((gaps[row] for row in rest), initial=ZERO)
    rows = rest[: sum(points_held < left for points_held in held)]
    return Change(tuple(rows), need, _points_sentence(need, left, rows, gaps, moved))


def _points_sentence(
    need: Decimal, left: Decimal, rows: list[str], gaps: Gaps, moved: dict[str, None]
) -> str:
    head = f"总分至少还差{points(need)}"
    if not rows:
        return f"{head}：上述{_rows(moved)}补至满分即可补足。"
    if not moved:
        return f"{head}：最少涉及{len(rows)}行，{_with_gaps(rows, gaps)}。"
    rest = f"上述{_rows(moved)}补至满分后仍差{points(left)}"
    return f"{head}：{rest}，最少再涉及{len(rows)}行，{_with_gaps(rows, gaps)}。"


def _widest(gaps: Gaps, rows: tuple[str, ...] | list[str]) -> list[str]:
    return sorted(rows, key=lambda row: -gaps[row])


def _rows(rows: tuple[str, ...] | dict[str, None]) -> str:
    return "、".join(rows)


def _with_gaps(rows: list[str], gaps: Gaps) -> str:
    return "、".join(f"{row}（尚可加{points(gaps[row])}）" for row in rows)
