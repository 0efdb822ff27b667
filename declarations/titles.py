"""The life of a title as a table, and who is barred from the next ones. None of it is in the notice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from declarations.states import InquiryState, TitleState
from sihao.accounts.refusals import Refusal

CLAUSE = "通知未规定"
T, Q = TitleState, InquiryState


@dataclass(frozen=True)
class TitleMove:
    """One change of a title: from where, to where."""

    name: str
    label: str
    sources: frozenset[TitleState]
    target: TitleState


TITLE_MOVES = MappingProxyType(
    {
        move.name: move
        for move in (
            TitleMove("renew", "再次认定", frozenset({T.ACTIVE, T.EXPIRED}), T.RENEWED),
            TitleMove("expire", "到期", frozenset({T.ACTIVE}), T.EXPIRED),
            TitleMove("suspend", "暂停效力", frozenset({T.ACTIVE}), T.SUSPENDED),
            TitleMove("reinstate", "恢复效力", frozenset({T.SUSPENDED}), T.ACTIVE),
            TitleMove("lapse", "恢复并到期", frozenset({T.SUSPENDED}), T.EXPIRED),
            TitleMove("revoke", "撤销认定", frozenset({T.ACTIVE, T.SUSPENDED, T.EXPIRED, T.RENEWED}), T.REVOKED),
            TitleMove("relinquish", "放弃认定", frozenset({T.ACTIVE}), T.RELINQUISHED),
        )
    }
)
INQUIRED = frozenset({T.ACTIVE, T.EXPIRED, T.RENEWED})
"""Titles into which an inquiry may be opened."""


def refused(move: TitleMove, state: TitleState) -> Refusal | None:
    """Refuse a change that does not leave the state of the title."""
    if state in move.sources:
        return None
    return Refusal("title_state", f"证书效力现为“{state.label}”，不能办理“{move.label}”。", CLAUSE)


@dataclass(frozen=True)
class InquiryMove:
    """One step of an inquiry into a title."""

    name: str
    label: str
    sources: frozenset[InquiryState]
    target: InquiryState


INQUIRY_MOVES = MappingProxyType(
    {
        move.name: move
        for move in (
            InquiryMove("propose", "建议撤销认定", frozenset({Q.OPEN}), Q.PROPOSED),
            InquiryMove("decide", "登记决定撤销", frozenset({Q.PROPOSED}), Q.DECIDED),
            InquiryMove("revoke", "公布撤销认定", frozenset({Q.DECIDED}), Q.REVOKED),
            InquiryMove("close", "不予撤销", frozenset({Q.OPEN, Q.PROPOSED}), Q.CLOSED),
        )
    }
)


def inquiry_refused(move: InquiryMove, state: InquiryState) -> Refusal | None:
    """Refuse a step that does not leave the state of the inquiry."""
    if state in move.sources:
        return None
    return Refusal("inquiry_overtaken", f"本次核查现为“{state.label}”，不能办理“{move.label}”。", CLAUSE)


@dataclass(frozen=True)
class Bar:
    """A title that was revoked: when, and for how many cycles opened afterwards its chamber may not declare."""

    revoked_at: datetime
    cycles: int


def barred_by(bars: Iterable[Bar], openings: Iterable[datetime], asked: datetime) -> Bar | None:
    """Return what bars a chamber from the cycle opened at ``asked``, of all cycles' openings; None for nothing."""
    known = sorted(openings)
    for bar in bars:
        following = [opening for opening in known if bar.revoked_at < opening <= asked]
        if following and len(following) <= bar.cycles:
            return bar
    return None
