"""Every return of a case as its page shows it: what was asked and answered, old beside new, what the tier says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from declarations.models import DeltaRound, ReturnItem, ReturnSlip
from declarations.queries.drafting.receipt import HANDING_IN
from declarations.queries.facts import Dossier, own_answered_items
from declarations.queries.side_by_side import Beside, beside
from declarations.rules import NATIONAL_READERS
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.roles import CHAMBER_ROLES, TIER_ROLES


@dataclass(frozen=True)
class Line:
    """One item of a return; ``beside`` is None until it is handed in again."""

    item: ReturnItem
    url: str
    beside: Beside | None
    settling: bool
    chosen: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Returned:
    """One return with its items, and the round of lower tiers that followed it."""

    number: int
    slip: ReturnSlip
    lines: tuple[Line, ...]
    round: DeltaRound | None
    internal: bool

    @property
    def settling(self) -> bool:
        """Whether the viewer has to say of its items whether they are mended."""
        return any(line.settling for line in self.lines)

    @property
    def left(self) -> int:
        """How many items nobody has compared yet."""
        return sum(line.settling and line.item.settled_at is None for line in self.lines)


Pair = tuple[dict[str, Any], dict[str, Any] | None]
Typed = Mapping[int, tuple[str, str]]
"""Outcome and remark as they were chosen and typed, by item."""


def returns_of(seat: Seat, dossier: Dossier, typed: Typed) -> list[Returned]:
    """Return every return of a case, the newest first; two queries for the frozen copies, however many there are."""
    contents = _contents(dossier)
    mine = _settled_by(seat, dossier)
    rounds = (
        {one.slip_id: one for one in dossier.rounds if one.slip_id is not None} if shows_rounds(seat) else {}
    )
    found = [
        Returned(
            number,
            slip,
            tuple(
                _line(dossier, item, contents[slip.pk], typed, settling=item.pk in mine)
                for item in slip.items.all()
            ),
            rounds.get(slip.pk),
            shows_rounds(seat),
        )
        for number, slip in enumerate(dossier.slips, start=1)
    ]
    return found[::-1]


def shows_rounds(seat: Seat) -> bool:
    """Whether a viewer reads what tiers do among themselves: everybody but the chamber."""
    return seat.role in TIER_ROLES | NATIONAL_READERS


def shows_declines(seat: Seat) -> bool:
    """Whether a viewer reads the reasons of a 不予推荐: the chamber and everybody who judges it, experts not."""
    return seat.role in CHAMBER_ROLES | TIER_ROLES | NATIONAL_READERS


def _settled_by(seat: Seat, dossier: Dossier) -> set[int]:
    if not allowed(seat, "declarations.settle_return", dossier.case):
        return set()
    return {item.pk for item in own_answered_items(dossier)}


def item_url(dossier: Dossier, item: str) -> str:
    """Return where a row or field stands on the case's page."""
    kind = "row" if item in {row.id for row in dossier.programme.rubric.items()} else "answer"
    return f"{reverse('declarations:case', args=[dossier.case.pk])}#{kind}-{item}"


def _line(dossier: Dossier, item: ReturnItem, copies: Pair, typed: Typed, *, settling: bool) -> Line:
    before, after = copies
    pair = beside(dossier.programme, item.item, before, after) if after is not None else None
    chosen, remark = typed.get(item.pk, (item.outcome, item.remark))
    return Line(item, item_url(dossier, item.item), pair, settling, chosen, remark)


def _contents(dossier: Dossier) -> dict[int, Pair]:
    """Return what was handed in before and after each return."""
    handed = list(
        dossier.case.revisions.filter(transition__in=HANDING_IN).order_by("number").values("pk", "frozen_at")
    )
    pairs = {slip.pk: (_last(handed, slip), _first(handed, slip)) for slip in dossier.slips}
    wanted = {pk for pair in pairs.values() for pk in pair if pk is not None}
    contents = (
        dict(dossier.case.revisions.filter(pk__in=wanted).values_list("pk", "content")) if wanted else {}
    )
    return {
        slip: (contents.get(before, {}), contents.get(after) if after is not None else None)
        for slip, (before, after) in pairs.items()
    }


def _last(handed: Iterable[dict[str, Any]], slip: ReturnSlip) -> int | None:
    """Return the copy that the tier had before it as it returned the case."""
    earlier = [one["pk"] for one in handed if one["frozen_at"] <= slip.returned_at]
    return earlier[-1] if earlier else None


def _first(handed: Iterable[dict[str, Any]], slip: ReturnSlip) -> int | None:
    """Return the copy with which the return was answered."""
    if slip.closed_at is None:
        return None
    return next((one["pk"] for one in handed if one["frozen_at"] >= slip.closed_at), None)
