"""What an outcome may be corrected to: where the case stood before it, by the trail."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from declarations.models import Batch, Cycle, Declaration, DeltaRound
from declarations.queries.deadlines import Deadlines
from declarations.states import WITHDRAWABLE, BatchState, DeltaState, State
from sihao.accounts.models import Organisation
from sihao.audit.events import Event
from sihao.audit.models import Entry
from sihao.audit.queries import trail_of

CORRECTABLE = frozenset(
    {
        State.DISQUALIFIED,
        State.NOT_ELIGIBLE,
        State.NOT_APPROVED,
        State.NOT_FORWARDED,
        State.WITHDRAWN,
        State.LAPSED,
    }
)
"""Every end but recognition, which is undone by revocation alone (d.6)."""
BELOW = frozenset({State.NOT_FORWARDED, State.WITHDRAWN, State.LAPSED})
"""Ends below the national tier: everybody on the way knows them, and a deadline of the cycle concerns what follows."""
RANKED = (Event.SHORTLISTED, Event.RESERVED, Event.PROMOTED, Event.DEMOTED)
LOOKED_AT = 50


def ended_below(state: State, before: State | None) -> bool:
    """Return whether an outcome is one below the national tier: a case may be withdrawn there, or above it (T15)."""
    return state in BELOW and before not in WITHDRAWABLE


@dataclass(frozen=True)
class Before:
    """Where a case stood before its outcome: the state, who had it by name, and since when the outcome stands."""

    state: State
    holder: str
    until: datetime | None


def before_outcome(case: Declaration) -> Before | None:
    """Return where a case stood before it ended; None where the trail does not say.

    A case that ended without ever having been handed in stood as a draft.
    """
    moves = trail_of(case).filter(data__state__isnull=False).order_by("-id").values_list("data", "at")
    until = None
    for data, at in moves[:LOOKED_AT]:
        if data["state"] != case.state:
            known = data["state"] in State.values
            return Before(State(data["state"]), str(data.get("to", "")), until) if known else None
        until = at
    return Before(State.DRAFT, case.applicant_name, until) if case.state in {State.WITHDRAWN, State.LAPSED} else None


def stood_in(case: Declaration) -> State | None:
    """Return the state in which a case stood before it ended; None where the trail does not say."""
    before = before_outcome(case)
    return before.state if before is not None else None


def reviewer_before(case: Declaration) -> Organisation:
    """Return the tier that takes a case up again: who held it before the outcome.

    Where the outcome broke off a round of lower tiers, it is the tier that waited for it.
    """
    before = before_outcome(case)
    offices = list(Organisation.objects.filter(pk__in=case.route))
    if before is None:
        return case.home
    broken = DeltaRound.objects.filter(declaration=case, ended_at=before.until, tasks__state=DeltaState.DROPPED)
    if found := broken.select_related("target").first():
        return found.target
    return next((office for office in offices if str(office) == before.holder), case.home)


def was_a_reserve(case: Declaration) -> bool:
    """Return whether a case was a reserve of its unit when it last stood on the list."""
    last = trail_of(case).filter(event__in=RANKED).order_by("-id").values_list("event", flat=True).first()
    return last in {Event.RESERVED, Event.DEMOTED}


def is_over(cycle: Cycle) -> bool:
    """Return whether a later cycle of the same procedure has published its list."""
    later = Cycle.objects.filter(workflow=cycle.workflow, opens_at__gt=cycle.opens_at, published_at__isnull=False)
    return later.exists()


def correctable(case: Declaration, closes: Deadlines) -> dict[str, object]:
    """Return what the guards ask of a correction."""
    before = stood_in(case)
    found: dict[str, object] = {"stood_in": before, "cycle_over": is_over(case.cycle)}
    if before is None:
        return found
    if not ended_below(State(case.state), before):
        return found | ({"declared_again": _other_number(case)} if case.state == State.WITHDRAWN else {})
    until = closes.submission if before == State.DRAFT else closes.province
    mine = Batch.objects.filter(cycle_id=case.cycle_id, unit_id=case.unit_id)
    state = mine.values_list("state", flat=True).first()
    return found | {
        "back_until": timezone.localtime(until),
        "declared_again": _other_number(case),
        "batch_state": BatchState(state) if state else None,
    }


def _other_number(case: Declaration) -> str:
    """Return the number of another case of the chamber in the cycle, which a withdrawn one would stand beside."""
    others = Declaration.objects.filter(cycle_id=case.cycle_id, applicant_id=case.applicant_id)
    return others.exclude(pk=case.pk).exclude(state=State.WITHDRAWN).values_list("number", flat=True).first() or ""


def has_been_replaced(case: Declaration) -> bool:
    """Return whether a reserve has taken the place of a case that was disqualified or withdrawn."""
    moved = Entry.objects.filter(event=Event.MOVED_UP, data__replaced_number=case.number)
    return case.cycle.refills and moved.exists()
