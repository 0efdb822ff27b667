"""A named objection as a small machine: its table, its terms, its receipt. None of it is in the notice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from declarations.states import ObjectionState
from sihao.accounts.refusals import Refusal
from sihao.audit.events import Event

CLAUSE = "通知未规定"
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
RECEIPT_LENGTH = 10
S = ObjectionState


@dataclass(frozen=True)
class Move:
    """One step of an objection: from where, to where, and what it leaves in the trail."""

    name: str
    label: str
    source: ObjectionState
    target: ObjectionState
    event: Event


MOVES = MappingProxyType(
    {
        move.name: move
        for move in (
            Move("admit", "受理", S.RECEIVED, S.ADMITTED, Event.OBJECTION_ADMITTED),
            Move("refuse", "不予受理", S.RECEIVED, S.REFUSED, Event.OBJECTION_REFUSED),
            Move("investigate", "登记核查情况", S.ADMITTED, S.INVESTIGATED, Event.OBJECTION_INVESTIGATED),
            Move("uphold", "异议成立", S.INVESTIGATED, S.UPHELD, Event.OBJECTION_UPHELD),
            Move("dismiss", "异议不成立", S.INVESTIGATED, S.DISMISSED, Event.OBJECTION_DISMISSED),
        )
    }
)
OPEN = frozenset({S.RECEIVED, S.ADMITTED, S.INVESTIGATED})
PUBLIC_WORDS = MappingProxyType(
    {
        S.RECEIVED: "已收到，正在研究是否受理。",
        S.ADMITTED: "已受理，正在核查。所涉商会暂缓公布，名单其他商会不受影响。",
        S.INVESTIGATED: "已完成核查，正在研究结论。",
        S.REFUSED: "不予受理。",
        S.UPHELD: "异议成立。",
        S.DISMISSED: "异议不成立。",
    }
)
"""What the objector reads at the check by receipt number."""


def moves_from(state: ObjectionState) -> list[Move]:
    """Return the steps that leave a state, in the order of the table."""
    return [move for move in MOVES.values() if move.source == state]


def overtaken(move: Move, state: ObjectionState) -> Refusal | None:
    """Refuse a step that does not leave the state."""
    if state == move.source:
        return None
    return Refusal("objection_overtaken", f"本件异议现为“{state.label}”，不能办理“{move.label}”。", CLAUSE)


class Chances(Protocol):
    """What chooses a receipt's signs."""

    def choice(self, options: str) -> str:
        """Return one of them."""


def new_receipt(chances: Chances) -> str:
    """Return a receipt number that nobody guesses: ten signs that are told apart on paper."""
    signs = "".join(chances.choice(ALPHABET) for _ in range(RECEIPT_LENGTH))
    return f"YY-{signs[:5]}-{signs[5:]}"


def answer_due(received_at: datetime, days: int) -> datetime:
    """Return the end (24:00 of the same clock) of the n-th day after the day of receipt."""
    midnight = received_at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=days + 1)


def is_overdue(state: ObjectionState, due_at: datetime, now: datetime) -> bool:
    """Return whether the answer is late: whoever waits still waits after the last day."""
    return state in OPEN and now >= due_at


@dataclass(frozen=True)
class Limit:
    """How often a public form may be tried: by one source and by all, within a span."""

    span: timedelta
    of_one: int
    of_all: int


LIMITS = MappingProxyType(
    {
        "object": (Limit(timedelta(hours=1), 6, 200), Limit(timedelta(days=1), 20, 2000)),
        "check": (Limit(timedelta(hours=1), 30, 2000),),
    }
)
KEPT = max(limit.span for limits in LIMITS.values() for limit in limits)


def too_often(form: str, tried: Sequence[tuple[int, int]]) -> Refusal | None:
    """Refuse a try where one source, or all of them, have used up a limit; ``tried`` counts both for each limit."""
    for limit, (one, everybody) in zip(LIMITS[form], tried, strict=True):
        if one >= limit.of_one or everybody >= limit.of_all:
            return Refusal("too_often", "提交过于频繁，请过一段时间再试；也可以书面寄送全国工商联会员部。")
    return None


def report_lacks(reported_at: datetime | None, report_due: datetime | None, now: datetime) -> Refusal | None:
    """Refuse to close the inquiry while the unit may still report."""
    if reported_at is not None or report_due is None or now >= report_due:
        return None
    words = f"推荐单位尚未报告，等待至{report_due.month}月{report_due.day}日{report_due:%H:%M}。"
    return Refusal("report_awaited", words, CLAUSE)
