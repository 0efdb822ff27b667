"""Runs of the scoring module: what is ready for one, what was run, what a recomputation changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.http import Http404

from declarations.models import (
    Agenda,
    Consultation,
    Cycle,
    Declaration,
    ExpertReview,
    Recomputation,
    ScoreRun,
    ThirdReading,
)
from declarations.queries.cases import cases_visible_to
from declarations.queries.facts import FEWEST_READERS, THREE, Dossier, dossier_of
from declarations.queries.pages import Judgement, strip_of
from declarations.queries.recusals import hidden_from, without_recused
from declarations.states import SHEETS_COUNTED, SHEETS_LIVE, State, Subject
from scoring.engine import Programme, explain, figure, partial, what_would_change
from scoring.models import Assessment, Layer, ProgrammeVersion
from scoring.queries import Book, Sheet, parsed
from scoring.rereading import readings_of
from sihao.accounts.models import Seat

SIGN_READY = "declarations.sign_ready"
TRY_OUT = "declarations.try_recomputation"
RECOMPUTE = "declarations.recompute"
JUDGED = (State.PROPOSED, State.NOT_ELIGIBLE)
SETTLED_FROM = (Layer.EXPERT, Layer.AGREED, Layer.CORRECTED)
CHUNK = 50
WORDS = {True: "达到认定条件", False: "不能参与认定"}


# ---- what is ready


def in_review(seat: Seat, cycle: Cycle) -> QuerySet[Declaration]:
    """Return the cases before the experts, with how many sheets are live and confirmed; nothing that is recused."""
    live = Count("expert_reviews", filter=Q(expert_reviews__state__in=sorted(SHEETS_LIVE)), distinct=True)
    confirmed = Count("expert_reviews", filter=Q(expert_reviews__state__in=sorted(SHEETS_COUNTED)), distinct=True)
    third = When(Exists(ThirdReading.objects.filter(declaration=OuterRef("pk"))), then=Value(THREE))
    needed = Greatest(F("cycle__readers"), Case(third, default=Value(FEWEST_READERS)))
    open_talks = Consultation.objects.filter(declaration=OuterRef("pk"), closed_at__isnull=True)
    flagged = open_talks.filter(subject=Subject.DISQUALIFICATION)
    agreed = Assessment.objects.filter(ledger=OuterRef("ledger"), layer=Layer.AGREED, marks__points__isnull=False)
    cases = cases_visible_to(seat).filter(cycle=cycle, state=State.EXPERT_REVIEW)
    return cases.annotate(
        live=live, confirmed=confirmed, needed=needed, flagged=Exists(flagged), agreed=Exists(agreed)
    )


def ready(cases: QuerySet[Declaration]) -> QuerySet[Declaration]:
    """Return those whose sheets are all in and whose marked rows are agreed; the step itself checks every row."""
    whole = Q(live__gte=F("needed"), confirmed=F("live"), agreed=True, flagged=False)
    return cases.filter(whole)


def why_waiting(case: Declaration) -> str:
    """Return in words what a case before the experts waits for."""
    if case.flagged:
        return "已提出取消认定资格，须先办结"
    if case.live < case.needed:
        return f"应有{case.needed}名专家，现有{case.live}名"
    if case.confirmed < case.live:
        return f"已确认评分{case.confirmed}/{case.live}份"
    return "" if case.agreed else "专家组尚未商定否决项和基础达标项"


# ---- what was run


def runs_of(seat: Seat, cycle: Cycle) -> QuerySet[ScoreRun]:
    """Return the current runs of a cycle, but of cases from which the seat's people step back."""
    runs = ScoreRun.objects.filter(declaration__cycle=cycle, current=True)
    return without_recused(runs, seat, "declaration")


def boundary_runs(seat: Seat, cycle: Cycle, kind: str = "") -> QuerySet[ScoreRun]:
    """Return the current runs that lie near a gate, with their cases and units."""
    runs = runs_of(seat, cycle).filter(**({"nearness": kind} if kind else {})).exclude(nearness="")
    return runs.select_related("declaration__unit", "declaration__home").defer(
        "inputs", "basis", "explanation"
    )


def boundary_counts(seat: Seat, cycle: Cycle) -> dict[str, int]:
    """Return how many current runs there are of each nearness, "" among them (one query)."""
    return dict(runs_of(seat, cycle).order_by().values_list("nearness").annotate(Count("pk")))


@dataclass(frozen=True)
class RunTold:
    """One run of a case as its page tells it, with the verdict of its own programme."""

    run: ScoreRun
    judgement: Judgement
    sheets: Sequence[Mapping[str, object]]
    method: str


def told_runs(case: Declaration) -> list[RunTold]:
    """Return every run of a case, the newest first, judged as it was (two queries)."""
    runs = list(
        case.score_runs.select_related("run_by__user", "recomputation__ordered_by__user").order_by("-number")
    )
    programmes = programmes_of({run.programme_digest for run in runs})
    return [_told(run, programmes[run.programme_digest]) for run in runs]


def _told(run: ScoreRun, programme: Programme) -> RunTold:
    verdict = partial(programme, {code: Decimal(points) for code, points in run.inputs.items()})
    strip = strip_of(programme, verdict, f"第{run.number}次评分")
    sheets = run.basis.get("sheets", [])
    return RunTold(
        run,
        Judgement("复审", strip, tuple(run.explanation)),
        sheets,
        METHOD_WORDS.get(run.basis.get("method"), "—"),
    )


def programmes_of(digests: Iterable[str]) -> dict[str, Programme]:
    """Return published programmes by digest (one query)."""
    versions = ProgrammeVersion.objects.filter(digest__in=digests).values_list("digest", "text")
    return {digest: parsed(text) for digest, text in versions}


def changes_of(programme: Programme, points: Mapping[str, Decimal]) -> list[str]:
    """Return what would change a failed verdict, in sentences: the smallest set of rows."""
    verdict = partial(programme, points)
    return [change.sentence for change in what_would_change(programme, points, verdict)]


def explained(programme: Programme, points: Mapping[str, Decimal]) -> list[str]:
    """Return the verdict in sentences."""
    return list(explain(programme, partial(programme, points)))


# ---- recomputing


def judged_cases(cycle: Cycle) -> QuerySet[Declaration]:
    """Return the cases that have a verdict and are not yet decided, in a fixed order."""
    cases = Declaration.objects.filter(cycle=cycle, state__in=JUDGED).select_related(
        "cycle", "unit", "ledger"
    )
    return cases.defer("cycle__notice_text").order_by("pk")


def is_before_meeting(cycle: Cycle) -> bool:
    """Return whether no list of the cycle was put before the meeting yet."""
    return not Agenda.objects.filter(cycle=cycle).exists()


def steps_back_from_judged(seat: Seat, cycle: Cycle) -> bool:
    """Return whether the seat's people step back from a case that a recomputation of all would touch."""
    return judged_cases(cycle).filter(hidden_from(seat)).exists()


def recomputations_of(cycle: Cycle) -> QuerySet[Recomputation]:
    """Return the recomputations of a cycle, the newest first."""
    named = Recomputation.objects.filter(cycle=cycle).select_related(
        "ordered_by__user", "declaration__unit", "cycle"
    )
    return named.order_by("-id")


def recomputations_told(seat: Seat, cycle: Cycle) -> QuerySet[Recomputation]:
    """Return those that a seat may read: nothing of a case from which its people step back."""
    return recomputations_of(cycle).exclude(hidden_from(seat, "declaration"))


def recomputation_in(seat: Seat, cycle: Cycle, pk: int) -> Recomputation:
    """Return one recomputation, or answer 404."""
    found = recomputations_told(seat, cycle).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def recomputation_named(pk: int) -> Recomputation:
    """Return a recomputation by key, for its job."""
    return Recomputation.objects.select_related("cycle__programme").defer("cycle__notice_text").get(pk=pk)


def changes_told(seat: Seat, recomputation: Recomputation) -> list[Mapping[str, object]]:
    """Return what changed, case by case, without the cases from which the seat's people step back (one query)."""
    keys = [change["case"] for change in recomputation.changes]
    hidden = set(Declaration.objects.filter(hidden_from(seat), pk__in=keys).values_list("pk", flat=True))
    return [change for change in recomputation.changes if change["case"] not in hidden]


def digest_pairs(cycle: Cycle) -> list[list[int]]:
    """Return which run each judged case stands by: what a trial rests on."""
    runs = ScoreRun.objects.filter(declaration__cycle=cycle, declaration__state__in=JUDGED, current=True)
    return [list(pair) for pair in runs.order_by("declaration_id").values_list("declaration_id", "pk")]


def parameters_of(cycle: Cycle, programme: Programme) -> dict[str, object]:
    """Return the parameters that a recomputation may correct, as they are."""
    return {
        "programme": cycle.programme.digest,
        "readings": readings_of(programme),
        "method": cycle.panel_method,
    }


def parameter_words(programme: Programme, parameters: Mapping[str, object]) -> list[str]:
    """Return parameters in words: the reading of each limit, and how marks are settled."""
    limits = {gate.id: gate.limit for gate in programme.rubric.gates}
    readings = dict(parameters.get("readings", {}))  # type: ignore[call-overload] a mapping in JSON
    told = [f"总分恰为{figure(limits[gate])}分{'达线' if on else '不达线'}" for gate, on in readings.items()]
    return [*told, METHOD_WORDS.get(str(parameters.get("method")), "")]


METHOD_WORDS = {"median": "一般指标取中位数", "trimmed_mean": "一般指标去掉最高分和最低分后取平均"}


def dossiers_in_chunks(cases: QuerySet[Declaration], programme: Programme) -> Iterator[Dossier]:
    """Yield dossiers that hold what settling asks for: reviews and marks, read for many cases at once."""
    keys = list(cases.values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        chunk = list(cases.filter(pk__in=keys[start : start + CHUNK]))
        reviews, books = _reviews(chunk), _books(chunk)
        for case in chunk:
            dossier = dossier_of(case)
            parts = {
                "programme": programme,
                "reviews": reviews.get(case.pk, ()),
                "book": books[case.ledger_id],
            }
            vars(dossier).update(parts)
            yield dossier


def _reviews(cases: Iterable[Declaration]) -> dict[int, tuple[ExpertReview, ...]]:
    found: dict[int, tuple[ExpertReview, ...]] = {}
    for review in ExpertReview.objects.filter(declaration__in=cases).order_by("id"):
        found[review.declaration_id] = (*found.get(review.declaration_id, ()), review)
    return found


def _books(cases: Sequence[Declaration]) -> dict[int, Book]:
    ledgers = [case.ledger_id for case in cases]
    layers = Assessment.objects.filter(ledger__in=ledgers, layer__in=SETTLED_FROM).order_by("id")
    sheets: dict[int, list[Sheet]] = {ledger: [] for ledger in ledgers}
    for one in layers.prefetch_related("marks"):
        sheets[one.ledger_id].append(Sheet(one, {mark.code: mark for mark in one.marks.all()}))
    return {ledger: Book(tuple(found)) for ledger, found in sheets.items()}


@dataclass(frozen=True)
class WaitingLine:
    """One case before the experts, and what it waits for ("" when it is ready)."""

    case: Declaration
    waits: str


def waiting_lines(cases: Iterable[Declaration]) -> list[WaitingLine]:
    """Return the cases with what each waits for."""
    return [WaitingLine(case, why_waiting(case)) for case in cases]


def rows_to_correct(programme: Programme, points: Mapping[str, Decimal]) -> list[tuple[str, str]]:
    """Return every settled row with its mark, to choose from."""
    return [
        (item.id, f"{item.id} {item.name[:28]}（现得{figure(points[item.id])}/{figure(item.points)}）")
        for item in programme.rubric.items()
        if item.id in points
    ]
