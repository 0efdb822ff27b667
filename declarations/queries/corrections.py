"""What an outcome may be corrected to: where the case stood before it, by the trail."""

from declarations.models import Cycle, Declaration
from declarations.states import State
from sihao.audit.events import Event
from sihao.audit.models import Entry
from sihao.audit.queries import trail_of

CORRECTABLE = frozenset({State.DISQUALIFIED, State.NOT_ELIGIBLE, State.NOT_APPROVED})


def stood_in(case: Declaration) -> State | None:
    """Return the state in which a case stood before it ended; None where the trail does not say."""
    rows = trail_of(case).filter(data__state__isnull=False).order_by("-id").values_list("data", flat=True)
    before = (data["state"] for data in rows[:50] if data["state"] != case.state)
    found = next(before, None)
    return State(found) if found in State.values else None


def is_over(cycle: Cycle) -> bool:
    """Return whether a later cycle of the same procedure has published its list."""
    later = Cycle.objects.filter(workflow=cycle.workflow, opens_at__gt=cycle.opens_at, published_at__isnull=False)
    return later.exists()


def correctable(case: Declaration) -> dict[str, object]:
    """Return what the guards ask of a correction."""
    return {"stood_in": stood_in(case), "cycle_over": is_over(case.cycle)}


def has_been_replaced(case: Declaration) -> bool:
    """Return whether a reserve has taken the place of a case that was disqualified."""
    moved = Entry.objects.filter(event=Event.MOVED_UP, data__replaced_number=case.number)
    return case.cycle.refills and moved.exists()
