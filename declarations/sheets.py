"""An expert's sheet as a table of steps: from the offer to the final sheet, who takes each, and what it asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from types import MappingProxyType

from declarations.states import SheetState
from sihao.audit.events import Event


class Hand(Enum):
    """Who takes a step of a sheet."""

    OWN = "own"
    GROUP_HEAD = "group_head"
    DEPARTMENT = "department"
    HOUSE = "house"


@dataclass(frozen=True)
class SheetStep:
    """One step: from where to where, by whom; ``closed`` is the sentence where the sheet does not stand there."""

    label: str
    sources: frozenset[SheetState]
    target: SheetState
    hands: frozenset[Hand]
    event: Event | None = None
    reasoned: bool = False
    closed: str = "评分表状态已改变，请刷新页面后再办理。"


S = SheetState
CONFIRMED_ALREADY = "评分已确认，不能再回避。"
STEPS: Mapping[str, SheetStep] = MappingProxyType(
    {
        "accept": SheetStep(
            "接受评审", frozenset({S.OFFERED}), S.ACCEPTED, frozenset({Hand.OWN}), Event.SHEET_ACCEPTED,
            closed="本件已接受，或者已不由您评审。",
        ),
        "decline": SheetStep(
            "不接受评审", frozenset({S.OFFERED}), S.DECLINED, frozenset({Hand.OWN}), Event.SHEET_DECLINED,
            reasoned=True, closed="接受以后不能再谢绝；有应当回避情形的，请申请回避。",
        ),
        "release": SheetStep(
            "收回分派", frozenset({S.OFFERED, S.ACCEPTED, S.DRAFT}), S.DECLINED, frozenset({Hand.DEPARTMENT}),
            Event.SHEET_RELEASED, reasoned=True, closed="评分已确认，不能收回。",
        ),
        "recuse": SheetStep(
            "回避", frozenset({S.OFFERED, S.ACCEPTED, S.DRAFT, S.REOPENED}), S.RECUSED,
            frozenset({Hand.OWN, Hand.DEPARTMENT}), Event.EXPERT_RECUSED, reasoned=True, closed=CONFIRMED_ALREADY,
        ),
        "step_back": SheetStep(
            "因任职或者亲属关系回避", frozenset({S.OFFERED, S.ACCEPTED, S.DRAFT, S.REOPENED, S.CONFIRMED}), S.RECUSED,
            frozenset({Hand.HOUSE}), Event.EXPERT_RECUSED, reasoned=True,
        ),
        "begin": SheetStep("开始评分", frozenset({S.ACCEPTED}), S.DRAFT, frozenset({Hand.OWN})),
        # Recorded by the step of the case, T22.
        "confirm": SheetStep(
            "确认评分", frozenset({S.ACCEPTED, S.DRAFT, S.REOPENED}), S.CONFIRMED, frozenset({Hand.OWN}),
            closed="评分已确认或已回避。",
        ),
        "reopen": SheetStep(
            "退回重新评分", frozenset({S.CONFIRMED, S.FINAL}), S.REOPENED, frozenset({Hand.GROUP_HEAD}),
            Event.SHEET_REOPENED,
            reasoned=True, closed="只有已确认的评分表可以退回重新评分。",
        ),
        # Recorded by the step of the case, T24.
        "finish": SheetStep("定稿", frozenset({S.CONFIRMED}), S.FINAL, frozenset({Hand.HOUSE})),
    }
)
"""Who declined or stepped back has left for good; a final sheet opens only where its case came back (T-R1)."""

PLEDGE = (
    "本人与申报单位及其负责人没有任职、亲属等应当回避的关系，不与申报单位及有关人员私下接触；"
    "独立、客观、公正评分，不受他人影响；不复制、不外传申报材料，不透露评审情况和评分。"
    "评审期间发现应当回避的情形，立即申请回避。"
)
"""What an expert signs before reading (公正和保密承诺); the words are ours, the notice has none."""


def pledge_digest() -> str:
    """Return the digest of the words that are signed now."""
    return sha256(PLEDGE.encode()).hexdigest()
