"""Reserves with a rule (B11): where the cycle says so, the first reserve takes the place of who is gone."""

from datetime import datetime

from declarations.actions.quota import give_back_place, take_place
from declarations.actions.ranks import order_changed, put_in, take_off
from declarations.actions.transition import perform
from declarations.actions.upward import take_up
from declarations.models import Declaration
from declarations.queries.board import ranked
from declarations.queries.facts import Dossier
from declarations.states import BatchState
from sihao.accounts.models import Seat
from sihao.accounts.refusals import Refused


def refill(*, gone: Declaration, actor: Seat, now: datetime) -> Declaration | None:
    """Let the first reserve that may still be recommended take the place of a case that was; None if there is none.

    Called under the lock of the unit's list. The place changes hands: without a reserve it stays used and lapses.
    """
    give_back_place(gone)
    for reserve in list(ranked(gone.cycle_id, gone.unit_id, reserve=True)):
        try:
            return _move_up(reserve, gone, actor, now)
        except Refused:
            continue
    take_place(gone)
    return None


def _move_up(reserve: Declaration, gone: Declaration, actor: Seat, now: datetime) -> Declaration:
    def effect(dossier: Dossier) -> dict[str, object]:
        case = dossier.case
        take_place(case)
        was = take_off(case)
        case.is_reserve, case.rank_reason = False, ""
        put_in(case)
        order_changed(case, actor, now)
        return {"replaced": gone.applicant_name, "was": was, "rank": case.rank, "replaced_number": gone.number}

    moved = perform(case=reserve, name="move_up", actor=actor, now=now, effect=effect)
    if moved.batch is not None and moved.batch.state == BatchState.ACCEPTED:
        return take_up(case=moved, actor=actor, now=now)
    return moved
