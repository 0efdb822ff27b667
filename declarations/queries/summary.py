"""Rows of the summary list (附件3) and who may have it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from declarations.models import Answer, Batch, Cycle, Declaration
from declarations.queries.pages import spelled
from declarations.queries.recusals import without_recused
from declarations.states import GONE_UP, State
from scoring.engine import FieldSpec, Programme
from sihao.accounts.models import Seat
from sihao.accounts.roles import DEPARTMENT_ROLES, TIER_ROLES, Role

CHUNK = 200
SENT_UP = frozenset(
    {
        State.RECOMMENDED,
        State.PRELIMINARY_REVIEW,
        State.DISQUALIFIED,
        State.EXPERT_REVIEW,
        State.NOT_ELIGIBLE,
        State.PROPOSED,
        State.APPROVED,
        State.NOT_APPROVED,
        State.NOTICE,
        State.OBJECTION_HOLD,
        State.RECOGNISED,
    }
)


@dataclass(frozen=True)
class Entry:
    """One case as the summary list prints it: what the case itself knows, and its answers as text by field."""

    place: int
    case: Declaration
    answers: Mapping[str, str]


def batches_to_export(seat: Seat) -> QuerySet[Batch]:
    """Return the lists whose summary a seat may have: its own, and for the nation those that have gone up."""
    lists = Batch.objects.select_related("unit", "cycle", "cycle__programme").defer("cycle__programme__text")
    if seat.role in TIER_ROLES:
        return lists.filter(unit_id=seat.organisation_id)
    own = lists.filter(unit_id=seat.organisation_id) if seat.role in DEPARTMENT_ROLES else lists.none()
    if seat.role in DEPARTMENT_ROLES | {Role.SUPERVISION}:
        return own | lists.filter(state__in=sorted(GONE_UP))
    return lists.none()


def columns_of(programme: Programme) -> list[tuple[str, str]]:
    """Return each column's title with the field that fills it: the one named in the file, or that of the same label."""
    by_label = {spec.label: spec.id for spec in programme.fields}
    return [(title, programme.annex3_fields.get(title, by_label.get(title, ""))) for title in programme.annex3_columns]


def cases_of_batch(batch: Batch, seat: Seat | None) -> QuerySet[Declaration]:
    """Return the cases of one list in order of rank, but those the seat's people step back from; None reads all."""
    listed = batch.cases.filter(is_reserve=False)
    cases = without_recused(listed, seat) if seat is not None else listed
    return _with_answers(cases, batch.cycle).order_by("rank", "id")


def cases_sent_up(cycle: Cycle, seat: Seat) -> QuerySet[Declaration]:
    """Return every case that was sent up in a cycle, unit by unit, but those the seat's people step back from."""
    cases = without_recused(Declaration.objects.filter(cycle=cycle, state__in=sorted(SENT_UP)), seat)
    return _with_answers(cases, cycle).order_by("unit__code", "rank", "id")


def _with_answers(cases: QuerySet[Declaration], cycle: Cycle) -> QuerySet[Declaration]:
    named = Answer.objects.only("declaration_id", "field", "value")
    return cases.select_related("home", "unit", "applicant").prefetch_related(Prefetch("answers", queryset=named))


def entries(cases: QuerySet[Declaration], programme: Programme) -> Iterator[Entry]:
    """Yield the rows in order, a few hundred at a time, so that the memory does not grow with the list."""
    specs = {spec.id: spec for spec in programme.fields}
    for place, case in enumerate(cases.iterator(chunk_size=CHUNK), start=1):
        known = (answer for answer in case.answers.all() if answer.field in specs)
        yield Entry(place, case, {one.field: _text(specs[one.field], one.value) for one in known})


def _text(spec: FieldSpec, value: object) -> str:
    """Return an answer for a cell: figures stand without their unit, which the column's head names."""
    text = spelled(spec, value)
    return text.removesuffix(spec.unit) if spec.unit else text
