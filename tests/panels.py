"""A panel written straight into the tables: many cases before the experts, each read by several, by invented marks.

For what looks at a whole panel; how a case comes there is shown elsewhere, by the actions.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from declarations.actions.counting import recount
from declarations.demo.stages import World
from declarations.models import Declaration, ExpertReview
from declarations.sheets import pledge_digest
from declarations.states import SheetState, State
from scoring.engine import Item
from scoring.models import Assessment, Layer, Ledger, Mark
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_chamber, make_federation, make_seat, make_user

STEP = Decimal("0.5")


@dataclass(frozen=True)
class Planted:
    """The cases and the experts."""

    cases: Sequence[Declaration]
    experts: Sequence[Seat]


def plant(
    world: World,
    *,
    cases: int,
    experts: int,
    readers: int = 3,
    apart: Mapping[int, int] | None = None,
    lost: Mapping[int, int] | None = None,
    noise: int = 4,
    whole: bool = True,
    first: int = 0,
) -> Planted:
    """Return cases before the experts, their sheets confirmed and their marked rows agreed.

    ``apart`` says how many points an expert (by place) adds on every case, ``lost`` how many points short of full marks
    a case (by place) is; beside that every sheet differs by chance, up to ``noise`` half points. ``whole`` sheets have
    every row, others the marked ones and a total. ``first`` is the place of the first case, where some were planted.
    """
    rng = Random(7)
    seats = [_expert(number) for number in range(experts)]
    rubric = programme_of(world.cycle.programme).rubric
    planted = [_case(world, number) for number in range(first, first + cases)]
    sheets: list[tuple[Assessment, dict[str, Decimal]]] = []
    for number, case in enumerate(planted, start=first):
        short = (lost or {}).get(number, rng.randrange(20, 60))
        base = _marks(rubric.items(), short, rng)
        readings = [seats[(number * step + place) % experts] for step, place in _places(number, readers)]
        sheets += [(_layer(world, case, layer), base) for layer in (Layer.SELF, Layer.PROVINCE)]
        for seat in readings:
            extra = (apart or {}).get(seats.index(seat), 0)
            marks = _moved(rubric.items(), base, Decimal(extra) + STEP * rng.randint(-noise, noise))
            sheets.append((_layer(world, case, Layer.EXPERT, seat), marks))
        case.self_total = case.unit_total = sum(base.values(), Decimal(0))
        case.save(update_fields=["self_total", "unit_total"])
        recount(case, Counter())
        agreed = {item.id: base[item.id] for item in rubric.items() if item.mark}
        sheets.append((_layer(world, case, Layer.AGREED, locked=False), agreed))
    _write(world, sheets, rubric.items(), whole)
    return Planted(planted, seats)


def _places(number: int, readers: int) -> list[tuple[int, int]]:
    """Return for a case whose turn it is: one expert after the other, with a growing stride now and then."""
    return [(1, place * (1 + number % 2)) for place in range(readers)]


def _expert(number: int) -> Seat:
    if found := Seat.objects.filter(user__username=f"panel-{number}").first():
        return found
    user = make_user(f"panel-{number}", name=f"示例专家{number + 1}")
    return make_seat(Role.EXPERT, make_federation(worlds.NATION), user)


def _case(world: World, number: int) -> Declaration:
    node, nation = make_federation(worlds.PROVINCE), make_federation(worlds.NATION)
    chamber = make_chamber(node, uscc=f"51410000PANEL{number:04d}X", name=f"复审商会{number + 1:03d}")
    return Declaration.objects.create(
        cycle=world.cycle,
        applicant=chamber,
        applicant_name=chamber.name,
        number=f"PANEL-{number:04d}",
        home=node,
        unit=node,
        path=chamber.path,
        route=[node.pk],
        ledger=Ledger.objects.create(programme=world.cycle.programme),
        state=State.EXPERT_REVIEW,
        holder=nation,
        held_since=world.clock.at,
        started_at=world.clock.at,
        submitted_at=world.clock.at,
    )


def _layer(
    world: World, case: Declaration, layer: Layer, seat: Seat | None = None, *, locked: bool = True
) -> Assessment:
    at = world.clock.at
    one = Assessment.objects.create(
        ledger_id=case.ledger_id, layer=layer, assessor=seat, locked_at=at if locked else None
    )
    if seat is not None:
        ExpertReview.objects.create(
            declaration=case, expert=seat, state=SheetState.CONFIRMED, assessment=one, assigned_at=at, confirmed_at=at,
            accepted_at=at, pledge=pledge_digest(),
        )
    return one


def _marks(items: Sequence[Item], lost: int, rng: Random) -> dict[str, Decimal]:
    """Return full marks less so many points, taken off rows that carry no mark."""
    marks = {item.id: item.points for item in items}
    return _moved(items, marks, Decimal(-lost), start=rng.randrange(len(items)))


def _moved(
    items: Sequence[Item], marks: Mapping[str, Decimal], points: Decimal, start: int = 0
) -> dict[str, Decimal]:
    """Return marks moved by so many points in all, within each row, row after row; marked rows stay."""
    moved, left = dict(marks), points
    free = [item for item in [*items[start:], *items[:start]] if not item.mark]
    for item in free:
        room = item.points - moved[item.id] if left > 0 else -moved[item.id]
        step = min(left, room) if left > 0 else max(left, room)
        moved[item.id] += step
        left -= step
        if not left:
            break
    return moved


def _write(
    world: World, sheets: Sequence[tuple[Assessment, Mapping[str, Decimal]]], items: Sequence[Item], whole: bool
) -> None:
    full = {item.id: item.points for item in items}
    marked = {item.id for item in items if item.mark}
    for one, marks in sheets:
        one.total = sum(marks.values(), Decimal(0))
    Assessment.objects.bulk_update([one for one, _ in sheets], ["total"])
    Mark.objects.bulk_create(
        (
            Mark(assessment=one, code=code, points=points, maximum=full[code], set_at=world.clock.at)
            for one, marks in sheets
            for code, points in marks.items()
            if whole or code in marked
        ),
        batch_size=2000,
    )
