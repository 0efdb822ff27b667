"""What a tier may send back to the chamber, and why not."""

from datetime import datetime

from declarations.guards import Act
from declarations.queries.facts import COMMITMENT, Dossier, facts_of
from declarations.queries.mending import with_ways
from declarations.workflow import WORKFLOWS
from scoring.engine import Programme
from sihao.accounts.models import Seat
from sihao.accounts.refusals import Refusal


def return_refusals(seat: Seat, dossier: Dossier, now: datetime) -> tuple[Refusal, ...]:
    """Return why the case cannot be returned as it stands."""
    return step_refusals(seat, dossier, now, "return_for_correction")


def step_refusals(seat: Seat, dossier: Dossier, now: datetime, name: str) -> tuple[Refusal, ...]:
    """Return why a step that has a page of its own is closed as the case stands."""
    step = WORKFLOWS[dossier.case.cycle.workflow].transition(name)
    if dossier.case.state not in step.sources:
        sentence = f"本件现为“{dossier.case.get_state_display()}”，不能{step.label}。"
        return (Refusal("state", sentence, step.clause),)
    refusals = step.closed_because(facts_of(dossier, now), Act(actor=seat.user_id, people=seat.people))
    return with_ways(refusals, seat, dossier.case)


Choices = list[tuple[str, str]]


def mendable(programme: Programme) -> list[tuple[str, Choices]]:
    """Return what may be returned, grouped: the rows by section, then the fields of the form by heading."""
    rows = [
        (f"自评表：{section.name}", [(item.id, mend_label(programme, item.id)) for item in section.items()])
        for section in programme.rubric.sections
    ]
    fields = [
        (f"申报表：{title}", [(spec.id, spec.label) for spec in specs if spec.id != COMMITMENT])
        for title, specs in programme.field_groups()
    ]
    return rows + [(title, choices) for title, choices in fields if choices]


def mend_label(programme: Programme, item: str) -> str:
    """Return the name of a row (with its code) or of a field."""
    names = {spec.id: spec.label for spec in programme.fields}
    names |= {row.id: f"{row.id} {row.name}" for row in programme.rubric.items()}
    return names[item][:200]
