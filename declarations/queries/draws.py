"""Draws of spot checks: the list that is drawn from, what came of it, and that the kept draw can be computed again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404

from declarations.models import Answer, Cycle, Declaration, DrawRun, Region, SpotDraw, Visit
from declarations.queries.recusals import hidden_from, without_recused
from declarations.sampling import Sample, Stratum, Unit, draw
from declarations.states import OPEN_VISIT, State, VisitState
from sihao.accounts.models import Seat
from sihao.accounts.roles import ChamberType, Level

DRAWN_FROM = frozenset({State.RECOMMENDED, State.PRELIMINARY_REVIEW})
"""From when a case is recommended until it has passed the preliminary review."""
TYPE_FIELD = "chamber_type"
NO_REGION = "未划分地区"


@dataclass(frozen=True)
class Framed:
    """One case of the list with its key."""

    key: int
    unit: Unit


def frame_of(cycle: Cycle) -> list[Framed]:
    """Return the cases that may be drawn now, each in its stratum: not drawn yet, not waived (three queries).

    The region is that of the recommending unit in the cycle's file, the type the one that the chamber declared.
    """
    drawn = Visit.objects.filter(declaration=OuterRef("pk"))
    cases = Declaration.objects.filter(~Exists(drawn), cycle=cycle, state__in=sorted(DRAWN_FROM))
    rows = list(cases.order_by("number").values_list("pk", "number", "unit__code", "home__level"))
    regions = {code: region.name for region in Region.objects.filter(cycle=cycle) for code in region.codes}
    answers = Answer.objects.filter(field=TYPE_FIELD, declaration__in=cases.values("pk"))
    types = dict(answers.values_list("declaration_id", "value"))
    return [
        Framed(pk, Unit(number, regions.get(code, NO_REGION), Level(level).label, type_of(types.get(pk))))
        for pk, number, code, level in rows
    ]


def type_of(declared: object) -> str:
    """Return one of the types of the form; whatever else was declared counts as 其他."""
    return str(declared) if declared in ChamberType.values else ChamberType.OTHER.value


def kept_frame(rows: Iterable[Framed]) -> list[list[object]]:
    """Return the list as it is kept."""
    return [[one.key, one.unit.number, one.unit.region, one.unit.level, one.unit.type] for one in rows]


def frame_kept(found: SpotDraw) -> list[Framed]:
    """Return the list as it was drawn from."""
    return [Framed(int(key), Unit(*rest)) for key, *rest in found.frame]


def sample_of(found: SpotDraw, seed: str = "") -> Sample:
    """Compute a draw from its kept list, with its own seed or with another."""
    return draw(seed or found.seed, found.cases, [one.unit for one in frame_kept(found)])


def steps_back_from_some(seat: Seat, keys: Iterable[int]) -> bool:
    """Return whether the seat's people step back from any of the cases."""
    return Declaration.objects.filter(hidden_from(seat), pk__in=list(keys)).exists()


def may_be_drawn_from(found: SpotDraw) -> datetime:
    """Return when a draw may be made: so many hours after its seed was published."""
    return found.announced_at + timedelta(hours=found.cycle.draw_lead_hours)


# ---- pages


def draws_of(cycle: Cycle) -> QuerySet[SpotDraw]:
    """Return the draws of a cycle, the last first, with how many of their visits are open and how many there are."""
    open_ones = Count("visits", filter=Q(visits__state__in=sorted(OPEN_VISIT)))
    named = SpotDraw.objects.filter(cycle=cycle).select_related("cycle", "announced_by__user").defer("frame")
    told = named.annotate(open_visits=open_ones, all_visits=Count("visits"))
    return told.defer("frame", "cycle__notice_text").order_by("-number")


def draw_named(cycle: Cycle, pk: int) -> SpotDraw:
    """Return a draw of the cycle, or answer 404."""
    named = ("cycle", "announced_by__user", "drawn_by__user", "voided_by__user")
    found = SpotDraw.objects.filter(cycle=cycle, pk=pk).select_related(*named).defer("cycle__notice_text").first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class StratumLine:
    """One stratum as a line: its names, how many cases it has, its exact share, and how many are drawn."""

    names: Sequence[str]
    stratum: Stratum

    @property
    def exact(self) -> str:
        """Return the exact share with four decimals."""
        return f"{float(self.stratum.share.exact):.4f}"

    @property
    def how(self) -> str:
        """Say how the figure came about."""
        share = self.stratum.share
        return f"整数部分{share.whole}，余数第{share.rank}大" + ("，得1件" if share.extra else "")


@dataclass(frozen=True)
class DrawnLine:
    """One drawn case as the viewer may see it."""

    visit: Visit
    case: Declaration


@dataclass(frozen=True)
class DrawPage:
    """What the page of a draw shows; nothing of its list while the viewer steps back from a case on it."""

    draw: SpotDraw
    ready_at: datetime
    size: int
    strata: Sequence[StratumLine]
    drawn: Sequence[DrawnLine]
    runs: Sequence[DrawRun]
    whole: bool

    @property
    def example(self) -> str:
        """Return the number of the first case of the list, for the example of the algorithm; "" where there is none."""
        return str(self.draw.frame[0][1]) if self.draw.frame and self.whole else ""


def draw_page(seat: Seat, found: SpotDraw) -> DrawPage:
    """Return the page of a draw: before it is drawn, how many cases it would be drawn from now."""
    runs = list(found.runs.select_related("run_by__user").order_by("number"))
    if found.drawn_at is None:
        size = len(frame_of(found.cycle)) if found.is_announced else 0
        return DrawPage(found, may_be_drawn_from(found), size, (), (), runs, whole=True)
    whole = not steps_back_from_some(seat, (one.key for one in frame_kept(found)))
    lines = [StratumLine(one.key.split("|"), one) for one in sample_of(found).strata]
    visits = without_recused(found.visits.all(), seat, "declaration").select_related("declaration__home")
    ordered = visits.order_by("region", "level", "chamber_type", "place")
    drawn = [DrawnLine(visit, visit.declaration) for visit in ordered]
    return DrawPage(found, may_be_drawn_from(found), len(found.frame), lines, drawn, runs, whole)


def waiting_for_team(cycle: Cycle) -> int:
    """Return how many drawn cases have no team yet."""
    return Visit.objects.filter(draw__cycle=cycle, state=VisitState.DRAWN).count()


def drawn_keys(frame: Iterable[Framed], sample: Sample) -> Mapping[str, int]:
    """Return the keys of the drawn cases by number."""
    wanted = set(sample.numbers)
    return {one.unit.number: one.key for one in frame if one.unit.number in wanted}



# ---- what anybody may see


@dataclass(frozen=True)
class PublicDraw:
    """A draw as it is published: its seed and number, and the digests of list and outcome; no case, no count of any."""

    draw: SpotDraw
    outcome: str


def public_draws(cycle: Cycle) -> list[PublicDraw]:
    """Return the draws of a cycle as anybody may see them, the last first."""
    first = Subquery(DrawRun.objects.filter(draw=OuterRef("pk"), number=1).values("digest")[:1])
    rows = SpotDraw.objects.filter(cycle=cycle).defer("frame").annotate(outcome=first).order_by("-number")
    return [PublicDraw(row, row.outcome or "") for row in rows]
