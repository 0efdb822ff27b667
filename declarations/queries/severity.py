"""The diagnosis of the panel: what is read for it, and what its pages print. It flags and changes no mark."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Avg, Count, F, OuterRef, Q, QuerySet, Subquery
from django.http import Http404

from declarations.models import Cycle, ExpertReview
from declarations.queries.cases import in_sight
from declarations.queries.recusals import without_recused
from declarations.states import SHEETS_COUNTED, SHEETS_LIVE, State
from scoring.agreement import RELIABLE, TENTATIVE, Agreement, agreement
from scoring.diagnosis import Judge, Severity, severity
from scoring.engine import Item, Programme
from scoring.models import Mark
from scoring.queries import programme_of
from sihao.accounts.models import Seat

THIRD = 3


def counted_sheets(seat: Seat, cycle: Cycle) -> QuerySet[ExpertReview]:
    """Return the confirmed sheets of a cycle, but of cases from which the seat's people step back; drafts never."""
    sheets = ExpertReview.objects.filter(declaration__cycle=cycle, state__in=sorted(SHEETS_COUNTED))
    return without_recused(sheets, seat, "declaration").order_by()


def flag_limit(cycle: Cycle, programme: Programme) -> Decimal:
    """Return from how many points on an expert is flagged: the cycle's share of the total."""
    return (cycle.severity_share * programme.total).normalize()


@dataclass(frozen=True)
class JudgeLine:
    """One expert of the panel by name, with the estimate."""

    seat: Seat
    judge: Judge

    @property
    def words(self) -> str:
        """What the diagnosis says of the expert."""
        if self.judge.flagged:
            return "偏严，建议请第三名专家" if self.judge.is_severe else "偏宽，建议请第三名专家"
        return ""


@dataclass(frozen=True)
class RowAgreement:
    """How far the experts agree on one marked row: on what the gate asks of it, and on the points."""

    item: Item
    marked_as: str
    decided: Agreement
    points: Agreement


@dataclass(frozen=True)
class Diagnosis:
    """The panel: every expert's severity, and the agreement on the rows that decide."""

    severity: Severity
    lines: Sequence[JudgeLine]
    few: Sequence[JudgeLine]
    limit: Decimal
    fewest: int
    rows: Sequence[RowAgreement]
    veto: Agreement
    baseline: Agreement

    @property
    def flagged(self) -> list[JudgeLine]:
        """The experts that stand out."""
        return [line for line in self.lines if line.judge.flagged]


def diagnosis_of(seat: Seat, cycle: Cycle) -> Diagnosis:
    """Return the diagnosis as the confirmed sheets stand: three queries, however many sheets there are."""
    programme = programme_of(cycle.programme)
    limit, fewest = flag_limit(cycle, programme), cycle.severity_cases
    sheets = counted_sheets(seat, cycle).values_list("declaration_id", "expert_id", "assessment__total")
    readings = [(case, expert, float(total)) for case, expert, total in sheets]
    found = severity(readings, limit=float(limit), fewest=fewest)
    seats = {one.pk: one for one in _seats(judge.expert for judge in found.judges)}
    lines = [JudgeLine(seats[judge.expert], judge) for judge in found.judges]
    units = _units(seat, cycle, programme)
    rows = [_row(programme, item, units.get(item.id, [])) for item in programme.rubric.items() if item.mark]
    return Diagnosis(
        severity=found,
        lines=[line for line in lines if line.judge.cases >= fewest],
        few=[line for line in lines if line.judge.cases < fewest],
        limit=limit,
        fewest=fewest,
        rows=rows,
        veto=_pooled(programme, "veto", units),
        baseline=_pooled(programme, "baseline", units),
    )


def _seats(keys: Iterable[int]) -> QuerySet[Seat]:
    return Seat.objects.filter(pk__in=list(keys)).select_related("user", "organisation")


Units = dict[str, list[list[Decimal]]]


def _units(seat: Seat, cycle: Cycle, programme: Programme) -> Units:
    """Return by marked row, case by case, what the experts gave (one query; alike marks come counted)."""
    marked = [item.id for item in programme.rubric.items() if item.mark]
    marks = Mark.objects.filter(
        code__in=marked, points__isnull=False, assessment__expert_review__in=counted_sheets(seat, cycle)
    )
    case = "assessment__expert_review__declaration_id"
    found: dict[tuple[str, int], list[Decimal]] = {}
    for code, key, points, number in (
        marks.values_list("code", case, "points").annotate(Count("pk")).order_by()
    ):
        found.setdefault((code, key), []).extend([points] * number)
    units: Units = {}
    for (code, _), given in found.items():
        units.setdefault(code, []).append(given)
    return units


def _decided(item: Item, points: Decimal) -> int:
    """Return what the gates ask of a mark: of a veto whether it is 0, of a baseline row whether it is full."""
    return int(points == 0) if item.mark == "veto" else int(points == item.points)


def _row(programme: Programme, item: Item, units: Sequence[Sequence[Decimal]]) -> RowAgreement:
    return RowAgreement(
        item=item,
        marked_as=programme.mark_label(item.mark),
        decided=agreement([[_decided(item, points) for points in given] for given in units]),
        points=agreement([[float(points) for points in given] for given in units], "ordinal"),
    )


def _pooled(programme: Programme, mark: str, units: Units) -> Agreement:
    items = programme.rubric.marked(mark)
    given = [[_decided(item, points) for points in one] for item in items for one in units.get(item.id, [])]
    return agreement(given)


def alpha_words(found: Agreement) -> str:
    """Return in words what Krippendorff makes of an α; the line is his, not the notice's."""
    if found.alpha is None:
        return "各件结果相同，不能计算" if found.units else "尚无两份以上的评分"
    if found.alpha >= RELIABLE:
        return "一致性可靠"
    return "只宜作初步结论" if found.alpha >= TENTATIVE else "一致性不足"


# ---- one expert


@dataclass(frozen=True)
class ReadCase:
    """One case that the expert read: the own total, the others' mean, whether a third reader may still be asked for."""

    review: ExpertReview
    others: Decimal | None
    readers: int

    @property
    def apart(self) -> Decimal | None:
        """The own total less the others' mean."""
        return None if self.others is None else self.review.assessment.total - self.others

    @property
    def may_ask(self) -> bool:
        """Whether the case still stands before the experts."""
        return self.review.declaration.state == State.EXPERT_REVIEW

    @property
    def verb(self) -> str:
        """What the department may do: ask for a third reader, or for one more."""
        return "请第三名专家" if self.readers < THIRD else "增派一名专家"

    @property
    def place(self) -> str:
        """Where on the page of the case's experts that is done."""
        return "third" if self.readers < THIRD else "assign"


def expert_in(seat: Seat, cycle: Cycle, pk: int) -> Seat:
    """Return an expert who has confirmed a sheet that the seat may read, or answer 404."""
    if not counted_sheets(seat, cycle).filter(expert=pk).exists():
        raise Http404
    return _seats([pk]).get()


def cases_read_by(seat: Seat, cycle: Cycle, expert: Seat) -> list[ReadCase]:
    """Return what the expert read beside the others' mean, the furthest apart first (one query)."""
    others = ExpertReview.objects.filter(declaration=OuterRef("declaration"), state__in=sorted(SHEETS_COUNTED))
    others = others.exclude(expert=expert).order_by().values("declaration")
    live = Q(declaration__expert_reviews__state__in=sorted(SHEETS_LIVE))
    mine = counted_sheets(seat, cycle).filter(in_sight(seat), expert=expert)
    rows = mine.select_related("assessment", "declaration__unit", "declaration__cycle").annotate(
        others=Subquery(others.annotate(mean=Avg("assessment__total")).values("mean")),
        readers=Count("declaration__expert_reviews", filter=live, distinct=True),
        number=F("declaration__number"),
    )
    listed = [ReadCase(row, _mean(row.others), row.readers) for row in rows.order_by("number")]
    return sorted(listed, key=lambda one: (one.apart is None, -abs(one.apart or 0)))


def _mean(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.01"))
