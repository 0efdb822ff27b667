"""Several experts' sheets become one, and when a third expert is needed."""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from .evaluate import evaluate
from .fields import ValueProblem
from .figures import points
from .programme import Programme
from .sheet import ScoreSheet, parse_mark

CENT = Decimal("0.01")
TRIM_FROM = 5


def settle(
    programme: Programme, sheets: Sequence[ScoreSheet], agreed: Mapping[str, Decimal], method: str = "median"
) -> ScoreSheet:
    """One sheet: rows that carry a mark as the group agreed, the others by `method` (`median` or `trimmed_mean`).

    Settled marks are rounded half up to 0.01 and may lie between the steps of a single reviewer; agreed marks keep
    to the step. Raises ValueProblem without sheets, for an unknown method, for `trimmed_mean` of fewer than five
    sheets, and for agreed marks that are missing, refused or not of a marked row.
    """
    if not sheets:
        raise ValueProblem("没有评分表")
    if method not in METHODS:
        raise ValueProblem(f"没有“{method}”这种合分办法，可用：{'、'.join(METHODS)}")
    _check_agreed(programme, agreed)
    combine = METHODS[method]
    marks = {
        item.id: parse_mark(item, programme.step, agreed[item.id])
        if item.mark
        else _rounded(combine([sheet.marks[item.id] for sheet in sheets]))
        for item in programme.rubric.items()
    }
    return ScoreSheet(marks)


def _check_agreed(programme: Programme, agreed: Mapping[str, Decimal]) -> None:
    marked = [item.id for item in programme.rubric.items() if item.mark]
    if missing := [row for row in marked if row not in agreed]:
        raise ValueProblem(f"否决项和基础达标项须由评审组共同认定，尚缺：{'、'.join(missing)}")
    if strange := [row for row in agreed if row not in marked]:
        raise ValueProblem(f"只有否决项和基础达标项由评审组共同认定，不应有：{'、'.join(strange)}")


def _median(marks: list[Decimal]) -> Decimal:
    """The middle mark; of an even number the mean of the two middle ones."""
    ordered = sorted(marks)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _trimmed_mean(marks: list[Decimal]) -> Decimal:
    """The mean without the highest and the lowest mark."""
    if len(marks) < TRIM_FROM:
        raise ValueProblem(f"去掉最高最低分取平均至少要{TRIM_FROM}张评分表，现有{len(marks)}张")
    kept = sorted(marks)[1:-1]
    return sum(kept, Decimal(0)) / len(kept)


def _rounded(mark: Decimal) -> Decimal:
    return mark.quantize(CENT, ROUND_HALF_UP)


METHODS: Mapping[str, Callable[[list[Decimal]], Decimal]] = {"median": _median, "trimmed_mean": _trimmed_mean}


def needs_third(
    programme: Programme, first: ScoreSheet, second: ScoreSheet, spread: Decimal = Decimal(25)
) -> str | None:
    """Why two sheets call for a third: other verdicts, totals more than `spread` apart, a marked row apart."""
    one, other = evaluate(programme, first), evaluate(programme, second)
    reasons = []
    if one.eligible != other.eligible:
        reasons.append(f"两份评分结论不同（{_said(one.eligible)}、{_said(other.eligible)}）")
    if abs(one.total - other.total) > spread:
        reasons.append(f"总分相差{points(abs(one.total - other.total))}，超过{points(spread)}")
    items = programme.rubric.items()
    if apart := [item.id for item in items if item.mark and first.marks[item.id] != second.marks[item.id]]:
        reasons.append(f"否决项或基础达标项评分不同（{'、'.join(apart)}）")
    return "；".join(reasons) or None


def _said(eligible: bool) -> str:
    return "通过" if eligible else "未通过"
