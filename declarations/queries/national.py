"""What the department sees: how far the cycle has come, and what the machine found in a case."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import Q
from django.urls import reverse

from declarations.models import Cycle
from declarations.models.cycle import CountScope
from declarations.queries.checks import Found, found_for_review
from declarations.queries.cycles import corrected, quotas_of
from declarations.queries.facts import COMMITMENT, Dossier
from declarations.queries.pages import Judgement, strip_of
from declarations.queries.proofs import proof_label, used_elsewhere
from declarations.states import State
from scoring.engine import Proposal, explain, figure, partial
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
        _unit_row(quota.organisation.code, _unit_name(quota.organisation), quota.places, mine)
        for quota in quotas_of(cycle)
        for mine in [counts.get(quota.organisation_id, Counter())]
    )


def _unit_name(organisation: object) -> str:
    region = getattr(organisation, "region", "")
    return "直属商会" if getattr(organisation, "code", "") == DIRECT else region or str(organisation)


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


DIRECT = "100000"
# Column and line of each unit in the diagram. It is no map: squares side by side, no borders, no coast.
PLACES: Mapping[str, tuple[str, int, int]] = MappingProxyType(
    {
        "650000": ("新疆", 0, 0), "660000": ("兵团", 1, 0), "150000": ("内蒙古", 5, 0), "220000": ("吉林", 7, 0),
        "230000": ("黑龙江", 8, 0),
        "630000": ("青海", 1, 1), "620000": ("甘肃", 2, 1), "640000": ("宁夏", 3, 1), "140000": ("山西", 4, 1),
        "130000": ("河北", 5, 1), "110000": ("北京", 6, 1), "120000": ("天津", 7, 1), "210000": ("辽宁", 8, 1),
        "540000": ("西藏", 1, 2), "510000": ("四川", 2, 2), "610000": ("陕西", 3, 2), "410000": ("河南", 4, 2),
        "370000": ("山东", 5, 2), "320000": ("江苏", 6, 2), "310000": ("上海", 7, 2),
        "500000": ("重庆", 3, 3), "420000": ("湖北", 4, 3), "340000": ("安徽", 5, 3), "330000": ("浙江", 6, 3),
        "520000": ("贵州", 3, 4), "430000": ("湖南", 4, 4), "360000": ("江西", 5, 4), "350000": ("福建", 6, 4),
        "530000": ("云南", 2, 5), "450000": ("广西", 3, 5), "440000": ("广东", 4, 5), "460000": ("海南", 5, 5),
        DIRECT: ("直属", 8, 5),
    }
)  # fmt: skip
SIDE, STEP = 64, 68


@dataclass(frozen=True)
class Tile:
    """One square of the diagram: where it lies, its words, and how strongly it is filled."""

    x: int
    y: int
    middle: int
    name_y: int
    value_y: int
    name: str
    value: str
    fill: str


def tiles_of(rows: Iterable[UnitRow]) -> tuple[Tile, ...]:
    """Return the squares; the value is cases sent up of places, the fill says the same in four steps."""
    return tuple(_tile(row, *PLACES[row.code]) for row in rows if row.code in PLACES)


def _tile(row: UnitRow, name: str, column: int, line: int) -> Tile:
    x, y = column * STEP, line * STEP
    value = f"{row.sent}/{row.places}"
    return Tile(x, y, x + SIDE // 2, y + 27, y + 47, name, value, _fill(row.sent, row.places))


def _fill(sent: int, places: int) -> str:
    """Return how strong the fill is: nothing sent, some, half of the places, all of them."""
    if sent == 0:
        return "0.05"
    share = sent / places if places else 1
    return "0.42" if share >= 1 else "0.3" if share >= 0.5 else "0.18"


def tiles_sentence(rows: Iterable[UnitRow]) -> str:
    """Return in one sentence what the diagram shows."""
    listed = list(rows)
    active = sum(row.sent > 0 for row in listed)
    sent, places = sum(row.sent for row in listed), sum(row.places for row in listed)
    share = _percent(sent, places)
    return f"{len(listed)}个推荐单位中，已上报的有{active}个，共上报{sent}件，占名额{places}个的{share}。"


def _percent(part: int, whole: int) -> str:
    return f"{part * 1000 // whole / 10:g}%" if whole else "0%"


# ---- the preliminary review


@dataclass(frozen=True)
class Finding:
    """What the machine found on one question; nothing found is said too."""

    title: str
    kind: str
    word: str
    lines: tuple[str, ...] = ()


def findings_of(seat: Seat, dossier: Dossier) -> tuple[Finding, ...]:
    """Return what can be found without a person (one query for evidence that another case uses)."""
    unproven, in_words = _without_evidence(dossier)
    return (
        _finding("必填项未填", _missing(dossier), "danger"),
        _finding("填写有误", _faulty(dossier), "danger"),
        _finding("自评得分大于0，无佐证材料、无说明", unproven, "danger"),
        _finding("自评得分大于0，仅有文字说明", in_words, "info"),
        _finding("得分高于申报数据所支持的", _overstated(dossier), "warning"),
        _finding("与其他申报使用同一佐证材料", _shared_evidence(seat, dossier), "warning"),
    )


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


def _shared_evidence(seat: Seat, dossier: Dossier) -> list[str]:
    """Return which piece another declaration that was handed in uses too, as far as the viewer may see that one."""
    shared, programme = used_elsewhere(seat, dossier), dossier.programme
    return [
        f"{proof_label(programme, piece.row)}《{piece.name}》：{shared[piece.digest].sentence}"
        for piece in dossier.evidence
        if piece.digest in shared
    ]


def found_by_checks(dossier: Dossier) -> list[Found]:
    """Return what the checks of the programme find, with the chamber's words; the rows stand on the case page."""
    page = reverse("declarations:case", args=[dossier.case.pk])
    return found_for_review(dossier, lambda code: f"{page}#row-{code}")


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
