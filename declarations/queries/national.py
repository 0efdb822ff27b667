"""What the department sees: how far the cycle has come, and what the machine found in a case."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from declarations.models import Attachment, Cycle
from declarations.models.cycle import CountScope
from declarations.queries.annex_two import public_name
from declarations.queries.cycles import corrected, quotas_of
from declarations.queries.facts import COMMITMENT, Dossier
from declarations.queries.pages import Judgement, strip_of
from declarations.queries.proofs import (
    outside_period,
    proof_label,
    spelled_date,
    taken_outside,
    used_elsewhere,
)
from declarations.states import State
from scoring.engine import Programme, Proposal, explain, figure, partial
from scoring.models import Layer
from scoring.queries import Sheet
from sihao.accounts.models import Seat

# ---- the overview

RECOGNISED = frozenset({State.RECOGNISED})
APPROVED = RECOGNISED | {State.APPROVED, State.NOTICE, State.OBJECTION_HOLD}
PROPOSED = APPROVED | {State.PROPOSED, State.NOT_APPROVED}
PASSED = PROPOSED | {State.EXPERT_REVIEW, State.NOT_ELIGIBLE}
TAKEN_UP = PASSED | {State.PRELIMINARY_REVIEW, State.DISQUALIFIED}
SENT_UP = TAKEN_UP | {State.RECOMMENDED}
LISTED = SENT_UP | {State.SHORTLISTED}
HANDED_IN = LISTED | {State.LOCAL_REVIEW, State.RETURNED, State.NOT_FORWARDED}

# A case counts for every stage that it reached; one that was disqualified reached the preliminary review.
STAGES = (
    ("提交申报", HANDED_IN),
    ("列入拟推荐", LISTED),
    ("推荐上报", SENT_UP),
    ("进入初审", TAKEN_UP),
    ("进入专家复审", PASSED),
    ("拟认定", PROPOSED),
    ("审议通过", APPROVED),
    ("认定", RECOGNISED),
)
COLUMNS = (
    ("审核中", frozenset({State.LOCAL_REVIEW, State.RETURNED})),
    ("拟推荐", frozenset({State.SHORTLISTED})),
    ("已上报", frozenset({State.RECOMMENDED})),
    ("初审", frozenset({State.PRELIMINARY_REVIEW})),
    ("复审", frozenset({State.EXPERT_REVIEW})),
    ("拟认定", frozenset({State.PROPOSED})),
    ("审议通过", frozenset({State.APPROVED, State.NOTICE, State.OBJECTION_HOLD})),
    ("已认定", RECOGNISED),
    ("未通过", frozenset({State.NOT_FORWARDED, State.DISQUALIFIED, State.NOT_ELIGIBLE, State.NOT_APPROVED})),
)


def _reached(counts: Mapping[State, int], states: Iterable[State]) -> int:
    return sum(counts.get(state, 0) for state in states)


@dataclass(frozen=True)
class Funnel:
    """How many cases reached each stage, and the sentence that says it."""

    rows: tuple[tuple[str, int], ...]
    sentence: str


def funnel_of(counts: Mapping[State, int]) -> Funnel:
    """Return the stages with their kept counts."""
    rows = tuple((label, _reached(counts, states)) for label, states in STAGES)
    reached = dict(rows)
    sentence = (
        f"已提交申报{reached['提交申报']}件，推荐上报{reached['推荐上报']}件，"
        f"专家复审后拟认定{reached['拟认定']}件，认定{reached['认定']}件。"
    )
    return Funnel(rows, sentence)


@dataclass(frozen=True)
class UnitRow:
    """One recommending unit: its places, how many cases it sent up, and its cases by stage."""

    code: str
    name: str
    places: int
    sent: int
    cells: tuple[int, ...]
    total: int


def unit_rows(seat: Seat, cycle: Cycle) -> tuple[UnitRow, ...]:
    """Return every unit with its kept counts as the seat may read them (two queries: the places and the counts)."""
    counts: dict[int, Counter[State]] = {}
    kept = corrected(seat, cycle, Q(scope=CountScope.UNIT), Q(), "organisation_id", "state")
    for (unit, state), number in kept.items():
        counts.setdefault(unit, Counter())[State(state)] += number
    return tuple(
        _unit_row(quota.organisation.code, public_name(quota.organisation), quota.places, mine)
        for quota in quotas_of(cycle)
        for mine in [counts.get(quota.organisation_id, Counter())]
    )


def _unit_row(code: str, name: str, places: int, counts: Mapping[State, int]) -> UnitRow:
    cells = tuple(_reached(counts, states) for _, states in COLUMNS)
    return UnitRow(code, name, places, _reached(counts, SENT_UP), cells, sum(cells))


def totals_of(rows: Iterable[UnitRow]) -> UnitRow:
    """Return the foot of the table."""
    listed = list(rows)
    cells = tuple(sum(column) for column in zip(*(row.cells for row in listed), strict=True))
    cells = cells or tuple(0 for _ in COLUMNS)
    places, sent = sum(row.places for row in listed), sum(row.sent for row in listed)
    return UnitRow("", "合计", places, sent, cells, sum(cells))



# ---- the preliminary review


@dataclass(frozen=True)
class Finding:
    """What the machine found on one question; nothing found is said too."""

    title: str
    kind: str
    word: str
    lines: tuple[str, ...] = ()


def findings_of(dossier: Dossier) -> tuple[Finding, ...]:
    """Return what is missing, faulty, unproven, told in words alone, and marked above what the facts support."""
    unproven, in_words = _without_evidence(dossier)
    return (
        _finding("必填项未填", _missing(dossier), "danger"),
        _finding("填写有误", _faulty(dossier), "danger"),
        _finding("自评得分大于0，无佐证材料、无说明", unproven, "danger"),
        _finding("自评得分大于0，仅有文字说明", in_words, "info"),
        _finding("得分高于申报数据所支持的", _overstated(dossier), "warning"),
    )


def dated_outside(dossier: Dossier) -> Finding:
    """Return which evidence is dated outside the period that is judged (B16)."""
    programme = dossier.programme
    lines = (
        f"{proof_label(programme, piece.row)}《{piece.name}》：{said}"
        for piece in dossier.evidence
        for said in (_dated(programme, piece), taken_outside(programme, piece))
        if said
    )
    return _finding("佐证材料日期不在评价期内", lines, "warning")


def _dated(programme: Programme, piece: Attachment) -> str:
    why = outside_period(programme, piece.dated)
    return f"材料日期{spelled_date(piece.dated)}{why}" if piece.dated is not None and why else ""


def _finding(title: str, lines: Iterable[str], kind: str) -> Finding:
    found = tuple(lines)
    return Finding(title, kind if found else "success", f"{len(found)}项" if found else "未发现", found)


def _missing(dossier: Dossier) -> list[str]:
    typed = dossier.facts_typed
    asked = (spec for spec in dossier.programme.fields if spec.required and spec.id != COMMITMENT)
    return [spec.label for spec in asked if spec.id not in typed]


def _faulty(dossier: Dossier) -> list[str]:
    labels = {spec.id: spec.label for spec in dossier.programme.fields}
    faulty = (answer for answer in dossier.answers.values() if answer.problem)
    return [f"{labels.get(answer.field, answer.field)}：{answer.problem}" for answer in faulty]


def _named(dossier: Dossier, code: str) -> str:
    return f"{code}{dossier.programme.rubric.item(code).name}"


def _without_evidence(dossier: Dossier) -> tuple[list[str], list[str]]:
    """Return the rows claimed without evidence: those that say nothing either, and those with words alone."""
    sheet, proven = dossier.book.layer(Layer.SELF), dossier.proven_rows
    bare: list[str] = []
    in_words: list[str] = []
    for item in dossier.programme.rubric.items():
        mark = sheet.marks.get(item.id) if sheet else None
        if mark is not None and mark.points and item.id not in proven:
            (in_words if mark.words.strip() else bare).append(_named(dossier, item.id))
    return bare, in_words


def _overstated(dossier: Dossier) -> list[str]:
    sheets = [("自评", dossier.book.layer(Layer.SELF)), ("推荐单位审核", dossier.book.layer(Layer.PROVINCE))]
    found = []
    for code, proposal in dossier.proposals.items():
        told = [told for name, sheet in sheets if (told := _above(dossier, name, sheet, code, proposal))]
        if told:
            found.append(f"{_named(dossier, code)}：{'，'.join(told)}；{proposal.because}。")
    return found


def _above(dossier: Dossier, name: str, sheet: Sheet | None, code: str, proposal: Proposal) -> str:
    given = sheet.points.get(code) if sheet else None
    if given is None or proposal.points is None or given <= proposal.points:
        return ""
    return f"{name}{figure(given)}/{figure(dossier.programme.rubric.item(code).points)}"


def shared_evidence(seat: Seat, dossier: Dossier) -> Finding:
    """Return which piece another declaration that was handed in uses too, as far as the viewer may see that one."""
    shared, programme = used_elsewhere(seat, dossier), dossier.programme
    lines = (
        f"{proof_label(programme, piece.row)}《{piece.name}》：{shared[piece.digest].sentence}"
        for piece in dossier.evidence
        if piece.digest in shared
    )
    return _finding("与其他申报使用同一佐证材料", lines, "warning")


SPOKEN = {True: "yes", False: "no"}


def answers_typed(dossier: Dossier) -> dict[str, str]:
    """Return the department's answers as its form holds them."""
    review = dossier.preliminary
    if review is None:
        return {}
    asked = {"complete": review.complete, "logical": review.logical, "true": review.true}
    return {name: SPOKEN.get(answer, "") for name, answer in asked.items()} | {"remarks": review.remarks}


def unit_judgement(dossier: Dossier) -> Judgement | None:
    """Return the verdict on the recommending unit's marks."""
    sheet = dossier.book.layer(Layer.PROVINCE)
    if sheet is None or not sheet.points:
        return None
    verdict = partial(dossier.programme, sheet.points)
    strip = strip_of(dossier.programme, verdict, "按推荐单位审核得分")
    return Judgement("推荐单位审核", strip, tuple(explain(dossier.programme, verdict)))
