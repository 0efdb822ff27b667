"""A programme that a federation runs: its cycles, each federation's stages, findings, distance, and what went up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from declarations.models import (
    CampaignPaper,
    CampaignTarget,
    Circular,
    Cycle,
    Declaration,
    InspectionFinding,
    Recognition,
    SentUp,
    StageRecord,
)
from declarations.queries.cases import cases_visible_to
from declarations.queries.recusals import binds, hidden_from, without_recused_bodies
from declarations.states import FindingState, State, UpwardState
from declarations.workflow import WORKFLOWS
from scoring.engine import Item, Programme, Stage
from scoring.models import Layer, Mark, ProgrammeVersion
from scoring.queries import programme_of
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.queries import lives_on, path_range
from sihao.accounts.roles import Kind, Level

PEOPLE = ("recorded_by__user", "organisation")
SETTLERS = ("found_by__user", "rectified_by__user", "settled_by__user", "organisation")


# ---- cycles


def campaigns_for(seat: Seat) -> QuerySet[Cycle]:
    """Return the cycles that a seat's federation runs, takes part in, or stands above, the newest first."""
    here = seat.organisation
    mine = path_range(here.path, "decider__path") | Q(decider=here.parent_id)
    cycles = Cycle.objects.filter(mine, decider__isnull=False).select_related("decider__parent", "programme")
    return cycles.defer("programme__text", "notice_text").order_by("-opens_at", "-id")


def campaign_for(seat: Seat, pk: int) -> Cycle:
    """Return one of them, or answer 404."""
    found = campaigns_for(seat).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def own_programmes(office: Organisation) -> list[ProgrammeVersion]:
    """Return the newest version of each programme that the federation decides by itself: the nation's and its own."""
    its = Q(owner=None) | Q(owner=office) | Q(owner__level=Level.NATIONAL)
    newest = {one.slug: one for one in ProgrammeVersion.objects.filter(its).defer("text").order_by("id")}
    return [one for one in newest.values() if _decided_at(programme_of(one)) == office.level]


def _decided_at(programme: Programme) -> Level | None:
    workflow = WORKFLOWS.get(programme.workflow)
    return workflow.decided_at if workflow is not None else None


def offices_of(cycle: Cycle, seat: Seat | None = None) -> list[Organisation]:
    """Return the federations that take part, in the order of their codes; a federation below sees itself alone.

    One from which the seat's person steps back is not there, before it has applied and after.
    """
    day = timezone.localdate(cycle.submission_closes)
    below = Organisation.objects.filter(lives_on(day), parent=cycle.decider_id, kind=Kind.FEDERATION)
    if seat is not None and seat.organisation.level == Level.COUNTY:
        below = below.filter(pk=seat.organisation_id)
    if seat is not None:
        below = without_recused_bodies(below, seat, "pk")
    return list(below.order_by("code"))


def office_in(cycle: Cycle, seat: Seat, pk: int) -> Organisation:
    """Return one of the federations that take part as the seat may see it, or answer 404."""
    found = next((one for one in offices_of(cycle, seat) if one.pk == pk), None)
    if found is None:
        raise Http404
    return found


def recorded_in(cycle: Cycle, stage: Stage) -> tuple[str, ...]:
    """Return the deliverables of a stage that a federation puts on record; the others the house itself holds."""
    return tuple(matter for matter in stage.deliver if matter not in WORKFLOWS[cycle.workflow].inside)


def stage_of_matter(cycle: Cycle, matter: str) -> Stage | None:
    """Return the stage in which the deliverable is put on record."""
    stages = programme_of(cycle.programme).stages
    return next((stage for stage in stages if matter in recorded_in(cycle, stage)), None)


def applied(cycle: Cycle, organisation: Organisation) -> bool:
    """Return whether a federation has handed its application in and not taken it back."""
    cases = Declaration.objects.filter(cycle=cycle, applicant=organisation, submitted_at__isnull=False)
    return cases.exclude(state=State.WITHDRAWN).exists()


# ---- one federation's room


@dataclass(frozen=True)
class StageRoom:
    """One stage as a federation has gone it: what is asked, what is on record, whether that was in time."""

    stage: Stage
    records: tuple[StageRecord, ...]
    missing: tuple[str, ...]
    kind: str


def records_of(cycle: Cycle, organisation: Organisation) -> list[StageRecord]:
    """Return what a federation has on record, oldest first, with the papers."""
    found = StageRecord.objects.filter(cycle=cycle, organisation=organisation, withdrawn_at__isnull=True)
    return list(found.select_related(*PEOPLE).prefetch_related("papers").order_by("held_on", "id"))


def stage_rooms(cycle: Cycle, records: Iterable[StageRecord], today: date) -> list[StageRoom]:
    """Return the stages of the programme with the records in each."""
    held = list(records)
    rooms = []
    for stage in programme_of(cycle.programme).stages:
        mine = tuple(one for one in held if one.stage == stage.id)
        there = {one.matter for one in mine}
        kind = "done" if today > stage.end else "current" if today >= stage.start else "future"
        missing = tuple(one for one in recorded_in(cycle, stage) if one not in there)
        rooms.append(StageRoom(stage, mine, missing, kind))
    return rooms


def matters_of(cycle: Cycle) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what may be put on record, stage by stage, for a choice."""
    stages = ((stage.name, recorded_in(cycle, stage)) for stage in programme_of(cycle.programme).stages)
    return [(name, [(matter, matter) for matter in matters]) for name, matters in stages if matters]


def record_of(cycle: Cycle, organisation: Organisation, pk: int) -> StageRecord:
    """Return one record that stands, or answer 404."""
    found = StageRecord.objects.filter(cycle=cycle, organisation=organisation, withdrawn_at__isnull=True, pk=pk).first()
    if found is None:
        raise Http404
    return found


def findings_of(cycle: Cycle, organisation: Organisation) -> list[InspectionFinding]:
    """Return what the inspection found of a federation, open ones first, the most urgent first."""
    found = InspectionFinding.objects.filter(cycle=cycle, organisation=organisation).select_related(*SETTLERS)
    order = {FindingState.OPEN: 0, FindingState.RECTIFIED: 1, FindingState.CLOSED: 2}
    rows = found.prefetch_related("papers").order_by("due_on", "id")
    return sorted(rows, key=lambda one: order[FindingState(one.state)])


def finding_of(cycle: Cycle, organisation: Organisation, pk: int) -> InspectionFinding:
    """Return one finding, or answer 404."""
    found = InspectionFinding.objects.filter(cycle=cycle, organisation=organisation, pk=pk).first()
    if found is None:
        raise Http404
    return found


def paper_of(cycle: Cycle, organisation: Organisation, pk: int) -> CampaignPaper:
    """Return one paper of a federation's records and findings, or answer 404."""
    own = Q(record__cycle=cycle, record__organisation=organisation, record__withdrawn_at__isnull=True)
    own |= Q(finding__cycle=cycle, finding__organisation=organisation)
    found = CampaignPaper.objects.filter(own, pk=pk).first()
    if found is None:
        raise Http404
    return found


def case_of(cycle: Cycle, seat: Seat, organisation: Organisation) -> Declaration | None:
    """Return a federation's application as the seat may see it."""
    return cases_of(cycle, seat).filter(applicant=organisation).first()


def cases_of(cycle: Cycle, seat: Seat) -> QuerySet[Declaration]:
    """Return the applications of a cycle that a seat may see, but for those that were taken back."""
    cases = cases_visible_to(seat).filter(cycle=cycle).exclude(state=State.WITHDRAWN)
    return cases.select_related("sent_up", "sent_up__sent_by__user", "sent_up__answered_by__user")


# ---- how far each federation is from each row


@dataclass(frozen=True)
class Gap:
    """How far one federation is from one row: what it has of what, and whether the inspection found something."""

    office: Organisation
    points: Decimal | None
    maximum: Decimal
    open_findings: int = 0

    @property
    def missing(self) -> Decimal | None:
        """How many points are lacking; None before there is a mark."""
        return None if self.points is None else self.maximum - self.points

    @property
    def words(self) -> str:
        """What the cell says."""
        if self.missing is None:
            return "未评"
        return "达标" if self.missing == 0 else f"差{self.missing.normalize():f}分"


@dataclass(frozen=True)
class Column:
    """One federation: where it stood, whose marks these are, its sum, and its distance to each row."""

    office: Organisation
    target: CampaignTarget | None
    source: str
    total: Decimal | None
    lacking: Decimal | None
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class DistanceRow:
    """One row of the standard with every federation's distance to it."""

    item: Item
    cells: tuple[Gap, ...]


@dataclass(frozen=True)
class Distance:
    """The table: federations across, rows of the standard down."""

    columns: tuple[Column, ...]
    rows: tuple[DistanceRow, ...]
    threshold: Decimal | None


LAYERS = (Layer.SELF, Layer.CITY)


def targets_of(cycle: Cycle) -> dict[int, CampaignTarget]:
    """Return where each federation stood before, by its key."""
    return {one.organisation_id: one for one in CampaignTarget.objects.filter(cycle=cycle)}


def distance_of(cycle: Cycle, seat: Seat) -> Distance:
    """Return how far each federation is from each row: by the decider's marks, else by its own; six queries."""
    programme = programme_of(cycle.programme)
    items = tuple(programme.rubric.items())
    gates = [gate for gate in programme.rubric.gates if gate.kind == "min_total"]
    threshold = gates[0].limit if gates else None
    offices, targets = offices_of(cycle, seat), targets_of(cycle)
    cases = {case.applicant_id: case for case in cases_of(cycle, seat)}
    marks = _marks(case.ledger_id for case in cases.values())
    counts = _open_counts(cycle)
    columns = []
    for office in offices:
        case = cases.get(office.pk)
        layer, points = _newest(marks, case.ledger_id) if case is not None else (None, {})
        gaps = tuple(
            Gap(office, points.get(item.id), item.points, counts.get((office.pk, item.id), 0)) for item in items
        )
        total = sum(points.values(), Decimal(0)) if points else None
        lacking = max(threshold - total, Decimal(0)) if threshold is not None and total is not None else None
        columns.append(Column(office, targets.get(office.pk), layer or "", total, lacking, gaps))
    rows = tuple(
        DistanceRow(item, tuple(column.gaps[place] for column in columns)) for place, item in enumerate(items)
    )
    return Distance(tuple(columns), rows, threshold)


def _marks(ledgers: Iterable[int]) -> dict[tuple[int, str], dict[str, Decimal]]:
    """Return the marks of the self-assessment and of the decider, by ledger and layer."""
    rows = Mark.objects.filter(
        assessment__ledger__in=list(ledgers), assessment__layer__in=LAYERS, points__isnull=False
    ).order_by("assessment__version")
    found: dict[tuple[int, str], dict[str, Decimal]] = {}
    for ledger, layer, code, points in rows.values_list("assessment__ledger", "assessment__layer", "code", "points"):
        found.setdefault((ledger, layer), {})[code] = points
    return found


def _newest(marks: dict[tuple[int, str], dict[str, Decimal]], ledger: int) -> tuple[str, dict[str, Decimal]]:
    for layer, words in ((Layer.CITY, "市级考评"), (Layer.SELF, "自查")):
        if points := marks.get((ledger, layer)):
            return words, points
    return "", {}


def _open_counts(cycle: Cycle) -> dict[tuple[int, str], int]:
    rows = InspectionFinding.objects.filter(cycle=cycle).exclude(state=FindingState.CLOSED)
    found: dict[tuple[int, str], int] = {}
    for office, code in rows.values_list("organisation", "code"):
        found[office, code] = found.get((office, code), 0) + 1
    return found


# ---- the overview


@dataclass(frozen=True)
class StageCell:
    """One stage of one federation: what is on record of what is asked, or by which act of the house it goes.

    ``kind`` is records, findings (配合督查) or case (考评认定): what the house itself holds is not put on record.
    """

    name: str
    kind: str
    done: int = 0
    asked: int = 0


@dataclass(frozen=True)
class OfficeLine:
    """One federation of the overview: how far each stage is on record, its findings, its application."""

    office: Organisation
    target: CampaignTarget | None
    stages: tuple[StageCell, ...]
    open_findings: int
    findings: int
    case: Declaration | None


FINDINGS, CASE, RECORDS = "findings", "case", "records"


def stages_told(cycle: Cycle) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return the stages of a programme in its order, each with how it goes and what is asked; none is left out.

    A programme without a stage for the inspection or for the decision has a column for each all the same.
    """
    inspected = WORKFLOWS[cycle.workflow].inside[:1]
    told = []
    for stage in programme_of(cycle.programme).stages:
        matters = recorded_in(cycle, stage)
        kind = RECORDS if matters else FINDINGS if set(inspected) & set(stage.deliver) else CASE
        told.append((stage.name, kind, matters))
    kinds = {kind for _, kind, _ in told}
    return told + [(name, kind, ()) for kind, name in ((FINDINGS, "督查问题"), (CASE, "申请")) if kind not in kinds]


def overview_of(cycle: Cycle, seat: Seat) -> list[OfficeLine]:
    """Return every federation with how far it is; a fixed number of queries."""
    asked, targets = stages_told(cycle), targets_of(cycle)
    records = StageRecord.objects.filter(cycle=cycle, withdrawn_at__isnull=True)
    filed = set(records.values_list("organisation", "matter"))
    found: dict[int, list[str]] = {}
    for office, state in InspectionFinding.objects.filter(cycle=cycle).values_list("organisation", "state"):
        found.setdefault(office, []).append(state)
    cases = {case.applicant_id: case for case in cases_of(cycle, seat)}
    return [
        OfficeLine(
            office,
            targets.get(office.pk),
            tuple(
                StageCell(name, kind, sum((office.pk, one) in filed for one in matters), len(matters))
                for name, kind, matters in asked
            ),
            sum(state != FindingState.CLOSED for state in found.get(office.pk, [])),
            len(found.get(office.pk, [])),
            cases.get(office.pk),
        )
        for office in offices_of(cycle, seat)
    ]


# ---- ranked, and sent on


@dataclass(frozen=True)
class Ranked:
    """One recognised case at its place by the score; equal scores share a place."""

    place: int
    case: Declaration
    sent: SentUp | None

    @property
    def may_go(self) -> bool:
        """Whether it may be sent on now."""
        return self.sent is None or self.sent.state == "returned"


def ranked(cycle: Cycle, seat: Seat) -> list[Ranked]:
    """Return the recognised cases of a cycle by score, the best first; equal scores share a place."""
    cases = cases_of(cycle, seat).filter(state=State.RECOGNISED).order_by("-final_total", "applicant__code")
    rows: list[Ranked] = []
    for number, case in enumerate(cases, start=1):
        shared = bool(rows) and rows[-1].case.final_total == case.final_total
        rows.append(Ranked(rows[-1].place if shared else number, case, getattr(case, "sent_up", None)))
    return rows


SETTLED = (State.RECOGNISED, State.NOT_ELIGIBLE)


def unsettled(cycle: Cycle, now: datetime) -> int:
    """Return for how many federations it is not settled how they fare.

    Until applications close that is each one whose case is not ended; afterwards each whose case is under way.
    """
    cases = Declaration.objects.filter(cycle=cycle)
    if now < cycle.submission_closes:
        ended = set(cases.filter(state__in=SETTLED).values_list("applicant_id", flat=True))
        return sum(office.pk not in ended for office in offices_of(cycle))
    return cases.filter(state__in=(State.LOCAL_REVIEW, State.RETURNED)).count()


def circular_of(cycle: Cycle) -> Circular | None:
    """Return the circular of a cycle, once it is given out."""
    return Circular.objects.filter(cycle=cycle).select_related("issued_by__user").first()


def list_open_to(seat: Seat, cycle: Cycle) -> bool:
    """Return whether a seat may have the list of a cycle: its own federation always, the others once it is given out.

    It is whole or it is not handed out: not to one who steps back from a case of it.
    """
    named = Declaration.objects.filter(cycle=cycle, state=State.RECOGNISED)
    if seat.organisation_id != cycle.decider_id and not Circular.objects.filter(cycle=cycle).exists():
        return False
    return named.exists() and not (binds(seat) and named.filter(hidden_from(seat)).exists())


def listed_titles(cycle: Cycle) -> list[Recognition]:
    """Return the titles of a cycle, the highest score first, each with its case and what went up of it."""
    titles = cycle.recognitions.select_related("declaration__sent_up")
    return list(titles.order_by("-declaration__final_total", "declaration__applicant__code"))


def sent_to(seat: Seat) -> QuerySet[SentUp]:
    """Return what the federations below sent to a seat's federation, waiting ones first."""
    found = SentUp.objects.filter(
        declaration__in=cases_visible_to(seat).select_related(None).order_by().values("pk"),
        declaration__unit__parent=seat.organisation_id,
    )
    people = ("sent_by__user", "answered_by__user", "declaration__cycle", "declaration__unit")
    return found.select_related(*people).defer("declaration__cycle__notice_text").order_by("-id")


def sent_to_one(seat: Seat, pk: int) -> SentUp:
    """Return one of them by the case's key, or answer 404."""
    found = sent_to(seat).filter(declaration=pk).first()
    if found is None:
        raise Http404
    return found


# ---- what waits for a seat


def waiting_findings(seat: Seat) -> QuerySet[InspectionFinding]:
    """Return the findings that a seat's federation has to put right, or to look at again, the most urgent first."""
    here = seat.organisation_id
    mine = Q(organisation=here, state=FindingState.OPEN) | Q(cycle__decider=here, state=FindingState.RECTIFIED)
    found = InspectionFinding.objects.filter(mine).select_related("cycle", "organisation")
    return without_recused_bodies(found.defer("cycle__notice_text"), seat).order_by("due_on", "id")


def waiting_above(seat: Seat) -> QuerySet[SentUp]:
    """Return what was sent up and waits for a seat's federation, the oldest first."""
    return sent_to(seat).filter(state=UpwardState.SENT).order_by("id")
