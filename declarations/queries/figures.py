"""What the plots of the department and of supervision are made of: kept counts, or one query each however many cases.

Nothing of a case from which the seat's people step back. Means of fewer than ``FEWEST`` cases are withheld: they would
tell a single chamber's marks.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Avg, Count, F, Min, Q, QuerySet

from declarations.models import Cycle, Declaration, ScoreRun, SectionScore
from declarations.models.cycle import CountScope
from declarations.queries.annex_two import public_name
from declarations.queries.cases import cases_visible_to
from declarations.queries.clock import OVERDUE_STATES
from declarations.queries.cycles import corrected, quotas_of
from declarations.queries.national import LISTED, STAGES, funnel_of
from declarations.queries.recusals import without_recused
from declarations.queries.runs import runs_of
from declarations.states import State
from scoring.engine import Programme
from sihao.accounts.models import Organisation, Seat

FEWEST = 5
SLOW_SHOWN = 20
MARGIN = 25
CENT = Decimal("0.01")


@dataclass(frozen=True)
class UnitStages:
    """How many cases of a unit reached each stage."""

    code: str
    name: str
    reached: tuple[int, ...]


def stages_by_unit(seat: Seat, cycle: Cycle) -> list[UnitStages]:
    """Return every unit's funnel from the kept counts (two queries)."""
    counts: dict[object, Counter[State]] = {}
    kept = corrected(seat, cycle, Q(scope=CountScope.UNIT), Q(), "organisation_id", "state")
    for (unit, state), number in kept.items():
        counts.setdefault(unit, Counter())[State(state)] += number
    return [
        UnitStages(
            quota.organisation.code,
            public_name(quota.organisation),
            tuple(number for _, number in funnel_of(counts.get(quota.organisation_id, Counter())).rows),
        )
        for quota in quotas_of(cycle)
    ]


STAGE_NAMES = tuple(label for label, _ in STAGES)


def listed_cases(seat: Seat, cycle: Cycle) -> QuerySet[Declaration]:
    """Return the cases that their unit has listed or that came further: those that have the unit's marks."""
    cases = Declaration.objects.filter(cycle=cycle, state__in=sorted(LISTED), unit_total__isnull=False)
    return without_recused(cases, seat).order_by()


def totals_by_layer(seat: Seat, cycle: Cycle) -> dict[str, Counter[Decimal]]:
    """Return how many cases have each total, by the unit's marks and by the verdict (one query)."""
    rows = listed_cases(seat, cycle).values_list("unit_total", "final_total").annotate(Count("pk"))
    found: dict[str, Counter[Decimal]] = {"unit": Counter(), "final": Counter()}
    for unit, final, number in rows:
        found["unit"][unit] += number
        if final is not None:
            found["final"][final] += number
    return found


@dataclass(frozen=True)
class SectionFigures:
    """One section: how many cases have each sum, by the unit and by the verdict, and the means of all three layers.

    The means ``judged`` are of cases that have a verdict, so that they can be compared; None where there are too few.
    """

    code: str
    name: str
    maximum: Decimal
    unit: Counter[Decimal]
    final: Counter[Decimal]
    judged: tuple[Decimal, Decimal, Decimal] | None
    listed: tuple[Decimal, Decimal] | None


def sections_of(seat: Seat, cycle: Cycle, programme: Programme) -> list[SectionFigures]:
    """Return every section's figures from what is kept for each case (one query)."""
    states = {"declaration__cycle": cycle, "declaration__state__in": sorted(LISTED)}
    kept = without_recused(
        SectionScore.objects.filter(**states, unit_points__isnull=False), seat, "declaration"
    )
    given: dict[str, list[tuple[Decimal, Decimal, Decimal | None]]] = {}
    for section, *points in kept.values_list("section", "self_points", "unit_points", "final_points"):
        given.setdefault(section, []).append((points[0] or Decimal(0), points[1], points[2]))
    return [
        _section(section.code, section.name, section.points, given.get(section.code, []))
        for section in programme.rubric.sections
    ]


def _section(
    code: str, name: str, maximum: Decimal, given: Sequence[tuple[Decimal, Decimal, Decimal | None]]
) -> SectionFigures:
    judged = [(own, unit, final) for own, unit, final in given if final is not None]
    return SectionFigures(
        code=code,
        name=name,
        maximum=maximum,
        unit=Counter(unit for _, unit, _ in given),
        final=Counter(final for _, _, final in judged),
        judged=_means(judged),  # type: ignore[arg-type] three columns, three means
        listed=_means([(own, unit) for own, unit, _ in given]),  # type: ignore[arg-type] two
    )


def _means(rows: Sequence[tuple[Decimal, ...]]) -> tuple[Decimal, ...] | None:
    if len(rows) < FEWEST:
        return None
    return tuple(rounded(sum(column, Decimal(0)) / len(rows)) for column in zip(*rows, strict=True))


def rounded(value: object) -> Decimal:
    """Return a mean to two decimals, halves upward."""
    return Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Squeezed:
    """One unit: its cases' mean total by themselves and by the unit, and of those with a verdict all three.

    None where there are fewer than ``FEWEST`` cases.
    """

    name: str
    cases: int
    own: Decimal | None
    unit: Decimal | None
    judged: int
    judged_own: Decimal | None
    judged_unit: Decimal | None
    final: Decimal | None


def squeezed_by_unit(seat: Seat, cycle: Cycle) -> list[Squeezed]:
    """Return where points were lost, unit by unit, in the order of the division codes; the sum last (one query)."""
    judged = Q(final_total__isnull=False)
    rows = (
        listed_cases(seat, cycle)
        .values("unit_id", "unit__name", "unit__kind", "unit__level", "unit__code")
        .annotate(
            cases=Count("pk"),
            own=Avg("self_total"),
            by_unit=Avg("unit_total"),
            judged=Count("pk", filter=judged),
            judged_own=Avg("self_total", filter=judged),
            judged_unit=Avg("unit_total", filter=judged),
            final=Avg("final_total"),
        )
        .order_by("-unit__level", "unit__code")
    )
    found = list(rows)
    units = [_squeezed(_unit_name(row), [row]) for row in found]
    return [*units, _sum_of(found)] if len(found) > 1 else units


def _sum_of(rows: Sequence[Mapping[str, object]]) -> Squeezed:
    """Return the sum of all units; units too small to be told are left out of it where the rest would tell them."""
    whole = _squeezed("合计", rows)
    listed, judged = (
        _squeezed("合计", [row for row in rows if int(str(row[weight])) >= FEWEST])
        if _gives_away(rows, weight)
        else whole
        for weight in ("cases", "judged")
    )
    name = "合计" if listed is judged is whole else f"合计（不含不足{FEWEST}件的单位）"
    return Squeezed(
        name,
        listed.cases,
        listed.own,
        listed.unit,
        judged.judged,
        judged.judged_own,
        judged.judged_unit,
        judged.final,
    )


def _gives_away(rows: Sequence[Mapping[str, object]], weight: str) -> bool:
    """Return whether the sum less the units that are told would leave fewer cases than may be told."""
    return 0 < sum(number for row in rows if (number := int(str(row[weight]))) < FEWEST) < FEWEST


def _unit_name(row: Mapping[str, object]) -> str:
    names = ("name", "kind", "level", "code")
    return public_name(Organisation(**{name: row[f"unit__{name}"] for name in names}))


def _squeezed(name: str, rows: Sequence[Mapping[str, object]]) -> Squeezed:
    return Squeezed(
        name,
        sum(int(str(row["cases"])) for row in rows),
        *(_mean(rows, column, "cases") for column in ("own", "by_unit")),
        sum(int(str(row["judged"])) for row in rows),
        *(_mean(rows, column, "judged") for column in ("judged_own", "judged_unit", "final")),
    )


def _mean(rows: Sequence[Mapping[str, object]], column: str, weight: str) -> Decimal | None:
    """Return the mean over all cases of the rows; None where they are too few."""
    number = sum(int(str(row[weight])) for row in rows)
    if number < FEWEST:
        return None
    whole = sum(Decimal(str(row[column] or 0)) * int(str(row[weight])) for row in rows)
    return rounded(whole / number)


@dataclass(frozen=True)
class SlowHolder:
    """One holder: how many cases wait there, how many past their term, since when the oldest."""

    name: str
    held: int
    overdue: int
    since: datetime
    days: int


def slow_holders(seat: Seat, cycle: Cycle, now: datetime) -> list[SlowHolder]:
    """Return who lets cases lie past their term, those with most first (one query)."""
    late = Q(due_at__lte=now)
    cases = cases_visible_to(seat).filter(cycle=cycle, state__in=sorted(OVERDUE_STATES)).order_by()
    rows = (
        cases.values_list("holder_id", "holder__name")
        .annotate(held=Count("pk"), overdue=Count("pk", filter=late), since=Min("held_since", filter=late))
        .filter(overdue__gt=0)
        .order_by("-overdue", "since", "holder_id")[:SLOW_SHOWN]
    )
    return [
        SlowHolder(name, held, overdue, since, (now - since).days) for _, name, held, overdue, since in rows
    ]


def margins_of(seat: Seat, cycle: Cycle) -> dict[Decimal, int]:
    """Return how many verdicts lie how far from the line, near it (one query)."""
    near = runs_of(seat, cycle).filter(margin__gte=-MARGIN, margin__lte=MARGIN).order_by()
    return dict(near.values_list("margin").annotate(Count("pk")))


def has_verdicts(seat: Seat, cycle: Cycle) -> bool:
    """Return whether the seat may read a verdict."""
    return runs_of(seat, cycle).exists()


# ---- feedback to a unit (B23)


@dataclass(frozen=True)
class Feedback:
    """One chamber of a unit: its totals, and section by section the own, the unit's and the settled marks."""

    case: Declaration
    run: ScoreRun
    sections: Mapping[str, SectionScore]

    @property
    def lost(self) -> Decimal | None:
        """How many points the verdict took off the chamber's own total."""
        own = self.case.self_total
        return None if own is None else own - self.run.total


def feedback_of(unit: Organisation, cycle: Cycle) -> list[Feedback]:
    """Return the figures of a unit's own chambers, experts unnamed, by rank (two queries); for after the release."""
    runs = ScoreRun.objects.filter(declaration__cycle=cycle, declaration__unit=unit, current=True)
    listed = runs.select_related("declaration").order_by(F("declaration__rank").asc(nulls_last=True), "pk")
    kept: dict[int, dict[str, SectionScore]] = {}
    for score in SectionScore.objects.filter(declaration__cycle=cycle, declaration__unit=unit):
        kept.setdefault(score.declaration_id, {})[score.section] = score
    return [Feedback(run.declaration, run, kept.get(run.declaration_id, {})) for run in listed.defer("basis")]
