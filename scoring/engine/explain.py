"""A verdict in Chinese sentences, the same on page, paper and sheet."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from .evaluate import GateFinding, Verdict
from .figures import figure, points
from .programme import Programme
from .rubric import Gate


def explain(programme: Programme, verdict: Verdict) -> list[str]:
    """The outcome, the points, and each gate with figure, limit, clause and the reading of its boundary."""
    gates = {gate.id: gate for gate in programme.rubric.gates}
    sentences = [_outcome(verdict), _total(programme, verdict), _sections(programme, verdict)]
    sentences += [_gate(programme, gates[finding.id], finding) for finding in verdict.gates]
    if verdict.on_boundary:
        sentences.append(f"总分{points(verdict.total)}恰在线上，须在汇总中列出。")
    if verdict.unmarked:
        rows = "、".join(verdict.unmarked)
        sentences.append(f"尚有{len(verdict.unmarked)}行未评分，暂按0分计：{rows}。")
    return sentences


def _outcome(verdict: Verdict) -> str:
    head = "暂时结论" if verdict.unmarked else "结论"
    failed = [finding.id for finding in verdict.gates if not finding.passed]
    if not failed:
        return f"{head}：{len(verdict.gates)}道门槛全部通过。"
    return f"{head}：{len(verdict.gates)}道门槛中有{len(failed)}道未通过（{'、'.join(failed)}）。"


def _total(programme: Programme, verdict: Verdict) -> str:
    told = f"总分{points(verdict.total)}（满分{points(programme.total)}）"
    most = sum((section.points for section in programme.rubric.sections if section.bonus), Decimal(0))
    if not most:
        return f"{told}。"
    rest = f"不含加分{points(verdict.total - verdict.bonus)}（满分{points(programme.total - most)}）"
    return f"{told}，其中加分{points(verdict.bonus)}（满分{points(most)}），{rest}。"


def _sections(programme: Programme, verdict: Verdict) -> str:
    parts = (
        f"{section.name}{points(verdict.sections[section.code])}（满分{points(section.points)}）"
        for section in programme.rubric.sections
    )
    return f"各部分得分：{'，'.join(parts)}。"


def _gate(programme: Programme, gate: Gate, finding: GateFinding) -> str:
    clause = f"{finding.clause}：" if finding.clause else ""
    outcome = "通过" if finding.passed else "未通过"
    told = FINDINGS[gate.kind](programme, gate, finding)
    return f"门槛{finding.id}〔{clause}{finding.text}〕{told}；{finding.reading}；{outcome}。"


def _told_total(programme: Programme, gate: Gate, finding: GateFinding) -> str:
    gap = finding.figure - finding.limit
    beside = f"，高出{points(gap)}" if gap > 0 else f"，差{points(-gap)}" if gap < 0 else ""
    return f"总分{points(finding.figure)}，分数线{points(finding.limit)}{beside}"


def _told_zero(programme: Programme, gate: Gate, finding: GateFinding) -> str:
    return _told_rows(programme, gate, finding, "为0分")


def _told_not_full(programme: Programme, gate: Gate, finding: GateFinding) -> str:
    return _told_rows(programme, gate, finding, "不是满分")


def _told_rows(programme: Programme, gate: Gate, finding: GateFinding, what: str) -> str:
    rows = f"（{'、'.join(finding.rows)}）" if finding.rows else ""
    label = programme.mark_label(gate.mark)
    return f"{label}{what}的有{figure(finding.figure)}项{rows}，限{figure(finding.limit)}项"


FINDINGS: Mapping[str, Callable[[Programme, Gate, GateFinding], str]] = {
    "min_total": _told_total,
    "any_zero": _told_zero,
    "max_not_full": _told_not_full,
}
