"""The order of a unit's list and its reserves: ranks with totals and reasons, and what stands against freezing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from declarations.models import Batch, Cycle, Declaration
from declarations.ordering import Standing, inverted, tied, unexplained
from declarations.queries.recusals import recused_flag
from sihao.accounts.models import Seat
from sihao.accounts.refusals import Refusal

CLAUSE = "五（二）1"
SHOWN = 6


def ranked(cycle: int, unit: int, *, reserve: bool) -> QuerySet[Declaration]:
    """Return the ranked cases of a unit's list, or of its reserves, in order; keys and ranks alone."""
    cases = Declaration.objects.filter(cycle=cycle, unit=unit, is_reserve=reserve, rank__isnull=False)
    return cases.order_by("rank").only("id", "rank")


def standings(cycle: int, unit: int, *, reserve: bool) -> list[Standing]:
    """Return the order of a unit's list, or of its reserves, with totals and reasons."""
    cases = ranked(cycle, unit, reserve=reserve).values_list("pk", "unit_total", "rank_reason")
    return [Standing(pk, total or Decimal(0), reason) for pk, total, reason in cases]


def unexplained_refusals(batch: Batch) -> tuple[Refusal, ...]:
    """Return why a list cannot be frozen: ranks against the totals for which nobody said why. It names no case."""
    order = standings(batch.cycle_id, batch.unit_id, reserve=False)
    silent = set(unexplained(order))
    ranks = [f"第{rank}位" for rank, one in enumerate(order, start=1) if one.key in silent]
    if not ranks:
        return ()
    shown = "、".join(ranks[:SHOWN]) + (f"等{len(ranks)}家" if len(ranks) > SHOWN else "")
    return (Refusal("order_unreasoned", f"拟推荐{shown}排序与得分不一致，须写明理由后才能固定名单。", CLAUSE),)


# ---- as the board shows it


@dataclass(frozen=True)
class Row:
    """One case on the board; ``up`` and ``down`` are the ranks its two buttons lead to (None where there is none).

    ``tie``: another has the same total. ``ask``: a reason is still to be given. ``against``: it stands against the
    totals, so that its reason counts.
    """

    pk: int
    rank: int
    name: str
    number: str
    home: str
    self_total: Decimal | None
    unit_total: Decimal | None
    reason: str
    tie: bool
    ask: bool
    against: bool
    up: int | None
    down: int | None

    @property
    def told(self) -> bool:
        """Whether its reason is printed."""
        return self.against and bool(self.reason)


@dataclass(frozen=True)
class Order:
    """Both lists of a unit as a seat reads them, and which order this is.

    ``partial``: the seat's people step back from a case of it; they read the others in order and order nothing.
    """

    version: int
    listed: tuple[Row, ...]
    reserves: tuple[Row, ...]
    partial: bool = False

    @property
    def lacking(self) -> int:
        """Return how many of the list still need a reason."""
        return sum(row.ask for row in self.listed)

    def facing(self, key: int) -> list[Row]:
        """Return those before a case with fewer points and those behind it with more."""
        rows = self.listed if any(row.pk == key for row in self.listed) else self.reserves
        own = next((row for row in rows if row.pk == key), None)
        if own is None:
            return []
        return [row for row in rows if row.unit_total is not None and own.unit_total is not None and _crosses(own, row)]

    @property
    def told(self) -> dict[str, object]:
        """Return the order as the board's script takes it: for each case its key, rank and what is to be marked."""
        return {
            "version": self.version,
            "lacking": self.lacking,
            "listed": [_told(row) for row in self.listed],
            "reserves": [_told(row) for row in self.reserves],
        }


def _crosses(own: Row, other: Row) -> bool:
    """Return whether two cases stand the other way round than their totals."""
    return (other.rank - own.rank) * (other.unit_total - own.unit_total) > 0


def _told(row: Row) -> dict[str, object]:
    return {"key": row.pk, "rank": row.rank, "tie": row.tie, "ask": row.ask, "told": row.told, "reason": row.reason}


FIELDS = ("pk", "rank", "applicant_name", "number", "home__name", "self_total", "unit_total", "rank_reason")


def order_now(seat: Seat, cycle: Cycle) -> Order:
    """Return the order of the seat's unit as it is at this moment; two queries whatever is on it."""
    return order_of(seat, cycle, Batch.objects.filter(cycle=cycle, unit=seat.organisation_id).defer("listing").first())


def order_of(seat: Seat, cycle: Cycle, batch: Batch | None) -> Order:
    """Return the order of the seat's unit; one query whatever is on it."""
    cases = Declaration.objects.filter(cycle=cycle, unit_id=seat.organisation_id, rank__isnull=False)
    rows = cases.annotate(hidden=recused_flag(seat)).order_by("is_reserve", "rank")
    every = list(rows.values_list(*FIELDS, "is_reserve", "hidden"))
    found = [one[:-1] for one in every if not one[-1]]
    partial = len(found) < len(every)
    listed = [one[:-1] for one in found if not one[-1]]
    reserves = [one[:-1] for one in found if one[-1]]
    if partial:
        listed, reserves = _renumbered(listed), _renumbered(reserves)
    version = batch.order_version if batch else 0
    return Order(version, _rows(listed, asked=True), _rows(reserves, asked=False), partial)


def _renumbered(found: list[tuple]) -> list[tuple]:
    """Return the rows without the gap that a case which is not told would leave."""
    return [(one[0], rank, *one[2:]) for rank, one in enumerate(found, start=1)]


def _rows(found: Sequence[tuple], *, asked: bool) -> tuple[Row, ...]:
    """Return the rows of one list; reserves go nowhere by their totals, so nobody is asked why."""
    order = [Standing(pk, total or Decimal(0), reason) for pk, _, _, _, _, _, total, reason in found]
    ties, against = tied(order), inverted(order)
    silent = set(unexplained(order)) if asked else set()
    ranks = [one[1] for one in found]
    before, behind = [None, *ranks], [*ranks[1:], None]
    return tuple(
        Row(
            *one,
            tie=one[0] in ties,
            ask=one[0] in silent,
            against=one[0] in against,
            up=up,
            down=down,
        )
        for one, up, down in zip(found, before, behind, strict=False)
    )
