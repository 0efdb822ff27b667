"""What a recommending unit reads of its own chambers' results: totals, sections, lost points; no expert is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Max, Prefetch, QuerySet

from declarations.models import Cycle, Declaration, FeedbackPack, ScoreRun
from declarations.queries.recusals import recused_in
from declarations.queries.summary import SENT_UP
from declarations.states import State
from scoring.engine import Item, Programme, partial
from scoring.queries import programme_of
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.roles import DEPARTMENT_ROLES, TIER_ROLES, Role


@dataclass(frozen=True)
class Lost:
    """One row of the standard in which a chamber lost points."""

    section: str
    item: Item
    points: Decimal

    @property
    def lost(self) -> Decimal:
        """How many points were lost."""
        return self.item.points - self.points


@dataclass(frozen=True)
class Result:
    """One chamber's result; without a run of the experts' marks there is no score."""

    place: int
    name: str
    number: str
    rank: int | None
    outcome: str
    certificate: str
    total: Decimal | None
    sections: Mapping[str, Decimal]
    lost: tuple[Lost, ...]

    @property
    def lost_points(self) -> Decimal | None:
        """How many points were lost in all."""
        return sum((row.lost for row in self.lost), Decimal(0)) if self.total is not None else None


def units_with_results(cycle: Cycle) -> list[Organisation]:
    """Return the units that sent cases up, by code."""
    sent = Declaration.objects.filter(cycle=cycle, state__in=sorted(SENT_UP)).values("unit")
    return list(Organisation.objects.filter(pk__in=sent).order_by("-level", "code"))


def results_of(cycle: Cycle, unit: Organisation) -> list[Result]:
    """Return the results of a unit's own chambers that were sent up, by rank; three queries."""
    programme = programme_of(cycle.programme)
    cases = Declaration.objects.filter(cycle=cycle, unit=unit, state__in=sorted(SENT_UP), is_reserve=False)
    runs = Prefetch("score_runs", ScoreRun.objects.filter(current=True).only("declaration", "inputs"))
    rows = cases.select_related("recognition").prefetch_related(runs).order_by("rank", "id")
    return [_result(programme, place, case) for place, case in enumerate(rows, start=1)]


def _result(programme: Programme, place: int, case: Declaration) -> Result:
    run = next(iter(case.score_runs.all()), None)
    points = {code: Decimal(value) for code, value in run.inputs.items()} if run is not None else {}
    verdict = partial(programme, points) if run is not None else None
    title = getattr(case, "recognition", None)
    return Result(
        place=place,
        name=case.applicant_name,
        number=case.number,
        rank=case.rank,
        outcome=State(case.state).label,
        certificate=title.number if title is not None else "",
        total=verdict.total if verdict is not None else None,
        sections=verdict.sections if verdict is not None else {},
        lost=_lost(programme, points) if run is not None else (),
    )


def _lost(programme: Programme, points: Mapping[str, Decimal]) -> tuple[Lost, ...]:
    return tuple(
        Lost(section.name, item, points.get(item.id, Decimal(0)))
        for section in programme.rubric.sections
        for item in section.items()
        if points.get(item.id, Decimal(0)) < item.points
    )


def packs_visible_to(seat: Seat, cycle: Cycle) -> QuerySet[FeedbackPack]:
    """Return the newest pack of each unit: a unit's own alone, for the nation all."""
    newest = FeedbackPack.objects.filter(cycle=cycle).order_by().values("unit").annotate(last=Max("pk"))
    rows = FeedbackPack.objects.filter(pk__in=newest.values("last")).select_related("unit", "cycle")
    if seat.role in TIER_ROLES:
        rows = rows.filter(unit=seat.organisation_id)
    elif seat.role not in DEPARTMENT_ROLES | {Role.SUPERVISION}:
        rows = rows.none()
    return rows.defer("cycle__notice_text").order_by("-unit__level", "unit__code")


def pack_of(seat: Seat, cycle: Cycle, unit: int) -> FeedbackPack | None:
    """Return the newest pack of a unit, if it is one the seat may have."""
    return packs_visible_to(seat, cycle).filter(unit=unit).first()


def holds_recused(seat: Seat, pack: FeedbackPack) -> bool:
    """Return whether a pack may hold a case from which the seat's people step back."""
    return Declaration.objects.filter(pk__in=recused_in(seat, pack.cycle_id), unit=pack.unit_id).exists()


def last_pack(cycle: Cycle, unit: Organisation) -> FeedbackPack | None:
    """Return the newest pack of a unit."""
    return FeedbackPack.objects.filter(cycle=cycle, unit=unit).order_by("-edition").first()
