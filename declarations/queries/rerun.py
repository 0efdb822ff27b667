"""Verdicts found again from what they rest on: the rules, the ledger and the assignments as they stood at the time."""

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from decimal import Decimal

from declarations.models import Declaration, ExpertReview, ScoreRun
from declarations.queries.facts import dossier_of, settled_points
from declarations.queries.runs import SETTLED_FROM, programmes_of
from declarations.states import SHEETS_GONE, SheetState
from scoring.engine import Programme, Verdict, partial
from scoring.models import Assessment, MarkVersion
from scoring.queries import Book, Sheet

CHUNK = 50
GONE = sorted(SHEETS_GONE)


@dataclass(frozen=True)
class Rerun:
    """A run, the marks that the ledger of its time comes to, and the verdict on them; None where they are not whole."""

    run: ScoreRun
    points: Mapping[str, Decimal] | None
    verdict: Verdict | None

    @property
    def passes(self) -> bool:
        """Whether the verdict found again passes every gate."""
        return self.verdict is not None and self.verdict.eligible

    @property
    def fault(self) -> str:
        """What differs from the run as it is kept, "" when nothing does."""
        if self.points is None or self.verdict is None:
            return "台账、分派不足以得出评分结果"
        kept = {code: Decimal(value) for code, value in self.run.inputs.items()}
        codes = sorted(self.points.keys() | kept.keys())
        if differing := [code for code in codes if self.points.get(code) != kept.get(code)]:
            return f"由台账重算的得分与评分结果不同：{'、'.join(differing[:6])}"
        found = (self.verdict.total, self.verdict.bonus, self.verdict.eligible)
        return "" if found == (self.run.total, self.run.bonus, self.run.eligible) else "结论与重算的不同"


def rerun(runs: Iterable[ScoreRun]) -> Iterator[Rerun]:
    """Make each run again, at its own instant; reads a chunk of cases at a time. The runs' cases are read along."""
    chunk: list[ScoreRun] = []
    for run in runs:
        chunk.append(run)
        if len(chunk) == CHUNK:
            yield from _rerun(chunk)
            chunk = []
    yield from _rerun(chunk)


def _rerun(runs: list[ScoreRun]) -> Iterator[Rerun]:
    if not runs:
        return
    cases = Declaration.objects.select_related("cycle__programme").defer("cycle__programme__text", "cycle__notice_text")
    by_key = cases.in_bulk({run.declaration_id for run in runs})
    programmes = programmes_of({run.programme_digest for run in runs})
    reviews, lines = _reviews(by_key), _lines(case.ledger_id for case in by_key.values())
    for run in runs:
        case, programme = by_key[run.declaration_id], programmes.get(run.programme_digest)
        if programme is None:
            yield Rerun(run, None, None)
            continue
        book = _book(lines.get(case.ledger_id, ()), run)
        points = _points(case, run, programme, reviews.get(case.pk, ()), book)
        yield Rerun(run, points, None if points is None else partial(programme, points))


def _points(
    case: Declaration, run: ScoreRun, programme: Programme, reviews: Iterable[ExpertReview], book: Book
) -> Mapping[str, Decimal] | None:
    """Settle the marks as the cycle's method of the time has it."""
    then = copy(case)
    then.cycle = copy(case.cycle)
    then.cycle.panel_method = run.basis.get("method", case.cycle.panel_method)
    counted = tuple(_as_confirmed(one) for one in reviews if one.confirmed_at and one.confirmed_at <= run.run_at)
    dossier = dossier_of(then)
    vars(dossier).update({"programme": programme, "reviews": counted, "book": book})
    return settled_points(dossier)


def _as_confirmed(review: ExpertReview) -> ExpertReview:
    then = copy(review)
    then.state = SheetState.CONFIRMED
    return then


def _reviews(cases: Iterable[int]) -> dict[int, list[ExpertReview]]:
    found: dict[int, list[ExpertReview]] = {}
    for review in ExpertReview.objects.filter(declaration__in=list(cases)).exclude(state__in=GONE).order_by("id"):
        found.setdefault(review.declaration_id, []).append(review)
    return found


Layers = list[tuple[Assessment, list[MarkVersion]]]


def _lines(ledgers: Iterable[int]) -> dict[int, Layers]:
    """Return the layers that verdicts rest on, each with its whole history, by ledger; two queries."""
    found: dict[int, Layers] = {}
    layers = Assessment.objects.filter(ledger__in=list(ledgers), layer__in=SETTLED_FROM).order_by("id")
    for one in layers.prefetch_related("mark_versions"):
        history = sorted(one.mark_versions.all(), key=lambda line: (line.version, line.pk))
        found.setdefault(one.ledger_id, []).append((one, history))
    return found


def _book(layers: Iterable[tuple[Assessment, list[MarkVersion]]], run: ScoreRun) -> Book:
    """Return the ledger as it stood when the run was made."""
    sheets = []
    for layer, history in layers:
        marks = {line.code: line for line in history if line.set_at <= run.run_at}
        if marks:
            sheets.append(Sheet(layer, marks))  # type: ignore[arg-type] a line of history is read like a mark
    return Book(tuple(sheets))
