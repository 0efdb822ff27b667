"""How near a verdict lies to its gates: exactly on one, or one row away from turning."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from .evaluate import ZERO, GateFinding, Verdict, partial
from .figures import figure, points
from .programme import Programme
from .remedy import smallest_set
from .rubric import Gate

ON, BELOW, ABOVE = "on", "below", "above"
NAMED = 6


@dataclass(frozen=True)
class Near:
    """`kind`: on a gate, failed but for one row, or passed by less than one row holds.

    `rows` are those any one of which would turn the verdict; a row that is a veto turns every verdict at 0 and is not
    named for that.
    """

    kind: str
    rows: tuple[str, ...]
    sentences: tuple[str, ...]


def margin_of(programme: Programme, verdict: Verdict) -> Decimal:
    """The total beside the first limit on it; below 0 it falls short."""
    return verdict.total - next(
        (gate.limit for gate in programme.rubric.gates if gate.kind == "min_total"), ZERO
    )


def near(programme: Programme, marks: Mapping[str, Decimal], verdict: Verdict) -> Near | None:
    """Whether and how the verdict lies near a gate; None for one that a single row does not turn."""
    on = tuple(_on_gates(programme, verdict))
    rows, told = _above(programme, marks, verdict) if verdict.eligible else _below(programme, marks, verdict)
    if on:
        return Near(ON, rows, on + told)
    if rows:
        return Near(ABOVE if verdict.eligible else BELOW, rows, told)
    return None


def _on_gates(programme: Programme, verdict: Verdict) -> Iterator[str]:
    for gate, finding in _gates(programme, verdict):
        if finding.figure != gate.limit:
            continue
        if gate.kind == "min_total":
            yield f"总分{points(finding.figure)}，恰在线上，{finding.reading}。"
        if gate.kind == "max_not_full":
            label = programme.mark_label(gate.mark)
            yield f"{label}不是满分的有{figure(finding.figure)}项，恰为限数，{finding.reading}。"


def _gates(programme: Programme, verdict: Verdict) -> Iterator[tuple[Gate, GateFinding]]:
    gates = {gate.id: gate for gate in programme.rubric.gates}
    return ((gates[finding.id], finding) for finding in verdict.gates)


def _below(
    programme: Programme, marks: Mapping[str, Decimal], verdict: Verdict
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if len(smallest_set(programme, marks, verdict)) != 1:
        return (), ()
    short = (item for item in programme.rubric.items() if marks.get(item.id, ZERO) < item.points)
    rows = tuple(item.id for item in short if partial(programme, {**marks, item.id: item.points}).eligible)
    return rows, (f"{_one_of(rows)}补至满分即达到认定条件。",)


def _above(
    programme: Programme, marks: Mapping[str, Decimal], verdict: Verdict
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found: dict[str, None] = {}
    told = []
    for gate, finding in _gates(programme, verdict):
        if gate.kind == "min_total":
            left = finding.figure - gate.limit
            lost = left + programme.step if gate.boundary_passes else left
            rows = [item.id for item in programme.rubric.items() if marks.get(item.id, ZERO) >= lost]
            if rows:
                told.append(
                    f"总分高出分数线{points(left)}，{_one_of(tuple(rows))}少得{points(lost)}即不达线。"
                )
        else:
            full = [item for item in programme.rubric.marked(gate.mark or "") if item.id not in finding.rows]
            rows = (
                [item.id for item in full]
                if gate.kind == "max_not_full" and finding.figure == gate.limit
                else []
            )
            if rows:
                told.append(f"{_one_of(tuple(rows))}再不是满分即超过限数。")
        found |= dict.fromkeys(rows)
    return tuple(found), tuple(told)


def _one_of(rows: tuple[str, ...]) -> str:
    if len(rows) == 1:
        return rows[0]
    named = "、".join(rows[:NAMED])
    return f"{named}{f'等{len(rows)}行' if len(rows) > NAMED else ''}中任一行"
