"""The small machine of a spot check as a table, and what a visit's record must hold before it is handed in. No Django.

That visits hold a case, that a team has two members from another province, and what a record holds, is ours: the notice
(五（二）2) asks for visits and a report and leaves the rest to a plan of its own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from declarations.states import VisitFinding, VisitState
from scoring.engine import Item, ValueProblem, parse_mark
from sihao.accounts.refusals import Refusal
from sihao.audit.events import Event

CLAUSE = "五（二）2"
OURS = "通知未规定"


@dataclass(frozen=True)
class VisitStep:
    """One step of a visit: from where, to where, who; ``target`` None means that the state stays."""

    name: str
    label: str
    sources: frozenset[VisitState]
    target: VisitState | None
    permission: str
    event: Event


def _from(*states: VisitState) -> frozenset[VisitState]:
    return frozenset(states)


S = VisitState
STEPS = {
    step.name: step
    for step in (
        VisitStep(
            "assign", "组成调研组", _from(S.DRAWN, S.ASSIGNED, S.VISITED), S.ASSIGNED, "declarations.assign_visit",
            Event.VISIT_ASSIGNED,
        ),
        VisitStep(
            "submit", "提交走访记录", _from(S.ASSIGNED), S.VISITED, "declarations.record_visit",
            Event.VISIT_SUBMITTED,
        ),
        VisitStep(
            "send_back", "退回补正", _from(S.VISITED), S.ASSIGNED, "declarations.record_visit",
            Event.VISIT_SENT_BACK,
        ),
        VisitStep(
            "agree", "核对无误", _from(S.VISITED), None, "declarations.record_visit", Event.VISIT_AGREED,
        ),
        VisitStep(
            "conclude", "核定", _from(S.VISITED), S.CONFIRMED, "declarations.record_visit", Event.VISIT_CONFIRMED,
        ),
        VisitStep(
            "leave", "成员回避", _from(S.ASSIGNED, S.VISITED), S.DRAWN, "declarations.record_visit",
            Event.VISIT_ASSIGNED,
        ),
        VisitStep(
            "waive", "免于走访", _from(S.DRAWN, S.ASSIGNED, S.VISITED), S.WAIVED, "declarations.waive_visit",
            Event.VISIT_WAIVED,
        ),
    )
}

# ---- the record


@dataclass(frozen=True)
class RecordField:
    """One field of the record beside the rows."""

    id: str
    label: str
    kind: str
    required: bool = True
    help: str = ""


RECORD = (
    RecordField("visited_on", "走访日期", "date"),
    RecordField("place", "走访地点", "text", help="商会秘书处或者会员企业的名称、地址"),
    RecordField("received_by", "商会参加人员", "text", help="姓名和职务"),
    RecordField("interviews", "访谈记录", "long_text", help="访谈对象、问答要点，一人一段"),
    RecordField("materials", "查阅的材料", "long_text", required=False, help="会议记录、账册、名册等原件"),
    RecordField("overview", "总体情况和建议", "long_text", required=False, help="可供学习借鉴的做法和需要改进的地方"),
)
LONGEST = 5000
LONGEST_LINE = 200
ROW_PART = re.compile(r"(found|mark|note)-([0-9A-Za-z.]{1,20})", re.ASCII)
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def longest(field: str) -> int:
    """Return how many characters a field of the record takes."""
    short = {one.id for one in RECORD if one.kind != "long_text"}
    return LONGEST_LINE if field in short or field.startswith(("found-", "mark-")) else LONGEST


def problem_of(field: str, value: str, items: Mapping[str, Item], step: Decimal) -> str:
    """Return what is wrong with a field as typed; a blank one is not wrong."""
    if not value.strip():
        return ""
    if field == "visited_on":
        return "" if day_of(value) else "日期请写成2020-11-05这样的年月日。"
    part = ROW_PART.fullmatch(field)
    if part and part[1] == "mark":
        return mark_problem(items[part[2]], step, value)
    if part and part[1] == "found" and value not in VisitFinding.values:
        return "请在所列结论中选择。"
    return ""


def day_of(text: str) -> date | None:
    """Return a day as it was typed, or None where it is none."""
    try:
        return date.fromisoformat(text.strip()) if ISO_DAY.fullmatch(text.strip()) else None
    except ValueError:
        return None


def mark_problem(item: Item, step: Decimal, value: str) -> str:
    """Return why a text is no mark of the row; "" for one that is."""
    try:
        parse_mark(item, step, value)
    except ValueProblem as problem:
        return f"{problem}。"
    return ""


@dataclass(frozen=True)
class RowFinding:
    """What a visit found of one row: its finding, the mark proposed for a minor difference, and in words why."""

    item: Item
    finding: VisitFinding
    mark: Decimal | None
    note: str

    @property
    def name(self) -> str:
        """Return code and name of the row."""
        return f"{self.item.id}{self.item.name}"


def findings_of(record: Mapping[str, str], items: Sequence[Item], step: Decimal) -> tuple[RowFinding, ...]:
    """Return the rows of which the record says something, in the order of the standard."""
    found = []
    for item in items:
        said = record.get(f"found-{item.id}", "")
        if said not in VisitFinding.values:
            continue
        typed = record.get(f"mark-{item.id}", "")
        fits = said == VisitFinding.MINOR and typed.strip() and not mark_problem(item, step, typed)
        mark = parse_mark(item, step, typed) if fits else None
        found.append(RowFinding(item, VisitFinding(said), mark, record.get(f"note-{item.id}", "").strip()))
    return tuple(found)


def gravest(findings: Sequence[RowFinding]) -> VisitFinding:
    """Return the finding of the case: that of its gravest row."""
    order = list(VisitFinding)
    return max((one.finding for one in findings), key=order.index, default=VisitFinding.CONSISTENT)


@dataclass(frozen=True)
class Submission:
    """A record as it is handed in, and what it is judged by."""

    record: Mapping[str, str]
    items: Sequence[Item]
    step: Decimal
    standing: Mapping[str, Decimal]
    photos: int
    drawn_on: date
    today: date


def lacking(sent: Submission) -> tuple[Refusal, ...]:
    """Return everything that a record still lacks; empty where it may be handed in."""
    found = findings_of(sent.record, sent.items, sent.step)
    checks = (
        _blank_fields(sent.record),
        _day_out_of_range(sent),
        _key_rows_open(sent.items, found),
        *_rows_unsaid(sent, found),
        "" if sent.photos else "请至少上传一张走访照片。",
    )
    return tuple(Refusal("record_lacks", sentence, OURS) for sentence in checks if sentence)


def _blank_fields(record: Mapping[str, str]) -> str:
    blank = [one.label for one in RECORD if one.required and not record.get(one.id, "").strip()]
    return f"走访记录还有必填项未填：{'、'.join(blank)}。" if blank else ""


def _day_out_of_range(sent: Submission) -> str:
    typed = sent.record.get("visited_on", "")
    if not typed.strip():
        return ""
    day = day_of(typed)
    if day is None:
        return "走访日期请写成2020-11-05这样的年月日。"
    if day > sent.today:
        return "走访日期不能晚于今天。"
    return "走访日期不能早于抽取日期。" if day < sent.drawn_on else ""


def _key_rows_open(items: Sequence[Item], found: Sequence[RowFinding]) -> str:
    said = {one.item.id for one in found}
    left = [f"{item.id}{item.name}" for item in items if item.mark and item.id not in said]
    return f"否决项和基础达标项须逐项实地核对，尚缺：{_named(left)}。" if left else ""


def _rows_unsaid(sent: Submission, found: Sequence[RowFinding]) -> tuple[str, ...]:
    """Say which rows lack words or a mark; what is proposed must differ from what stands."""
    differing = [one for one in found if one.finding != VisitFinding.CONSISTENT]
    wordless = [one.name for one in differing if not one.note]
    minor = [one for one in differing if one.finding == VisitFinding.MINOR]
    markless = [one.name for one in minor if one.mark is None]
    same = [one.name for one in minor if one.mark is not None and one.mark == sent.standing.get(one.item.id)]
    return (
        f"轻微不符和不实的指标须写明情况：{_named(wordless)}。" if wordless else "",
        f"轻微不符的指标须填写建议得分：{_named(markless)}。" if markless else "",
        f"建议得分与推荐单位审核得分相同的，请改为一致或者改正得分：{_named(same)}。" if same else "",
    )


def _named(rows: Sequence[str], most: int = 6) -> str:
    shown = "、".join(rows[:most])
    return shown if len(rows) <= most else f"{shown}等{len(rows)}项"
