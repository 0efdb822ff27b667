"""The board of a unit as its page shows it: order, places, what waits, totals, the list's way, the next acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from declarations.models import Batch, Cycle, Quota
from declarations.queries.board import Order, order_of
from declarations.queries.cycles import counts_for, told_quotas
from declarations.queries.lists_page import ListAct, Stage, acts_on, batches_visible_to, stages_of
from declarations.queries.totals import Spread, spread_of
from declarations.states import BatchState, State
from scoring.queries import programme_of
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.permissions import allowed


@dataclass(frozen=True)
class Board:
    """A unit's list with reserves, places, totals, way and acts."""

    unit: Organisation
    batch: Batch | None
    quota: Quota | None
    order: Order
    spread: Spread
    maximum: Decimal
    waiting: int
    refills: bool
    stages: Sequence[Stage]
    acts: Sequence[ListAct]
    may_order: bool
    may_take_out: bool

    @property
    def quota_words(self) -> str:
        """Return the places left in words."""
        return f"已用名额（剩余{self.quota.places - self.quota.told_used}个）" if self.quota is not None else ""

    @property
    def told(self) -> list[tuple[str, str]]:
        """Return the list's state and figures as pairs to print."""
        state = self.batch.get_state_display() if self.batch is not None else BatchState.OPEN.label
        return [("名单", state), ("待审核", f"{self.waiting}件"), ("备选", f"{len(self.order.reserves)}家")]

    @property
    def reserve_words(self) -> str:
        """Say what becomes of reserves (B11)."""
        if self.refills:
            return "备选不占名额，不随名单上报；上报后有被取消认定资格的，由备选按次序递补。"
        return "备选不占名额，不随名单上报；上报后有被取消认定资格的，不递补。"


def board_of(seat: Seat, cycle: Cycle, now: datetime) -> Board:
    """Return the board of the seat's unit; a fixed number of queries whatever is on it."""
    unit = seat.organisation
    batch = batches_visible_to(seat).filter(cycle=cycle, unit=unit).defer("listing").first()
    order = order_of(seat, cycle, batch)
    is_open = batch is not None and batch.state == BatchState.OPEN and not order.partial
    counts = counts_for(seat, cycle)
    return Board(
        unit=unit,
        batch=batch,
        quota=told_quotas(seat, cycle).filter(organisation=unit).first(),
        order=order,
        spread=spread_of(seat, cycle, unit),
        maximum=programme_of(cycle.programme).total,
        waiting=counts.get(State.LOCAL_REVIEW, 0) + counts.get(State.RETURNED, 0),
        refills=cycle.refills,
        stages=stages_of(batch),
        acts=acts_on(seat, batch, len(order.listed), now) if batch is not None else (),
        may_order=is_open and allowed(seat, "declarations.prepare_batch", batch),
        may_take_out=is_open and allowed(seat, "declarations.shortlist", batch),
    )


def below_board(seat: Seat, cycle: Cycle) -> list[tuple[str, int]]:
    """Return how many cases of a jurisdiction without places stand in each state, from the kept counts."""
    counts = counts_for(seat, cycle)
    counts.pop(State.DRAFT, None)
    return [(state.label, counts[state]) for state in State if state in counts]
