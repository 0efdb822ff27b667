"""Withdrawing after the list went up (T15): the president asks, the unit's leader agrees, the department accepts.

The case stands where it stood until the last of them; the reviews go on. None of it is in the notice.
"""

from datetime import datetime

from django.db import transaction

from declarations.actions.notify import send, tell
from declarations.actions.quota import lock_list
from declarations.actions.refilling import refill
from declarations.actions.transition import perform
from declarations.calendar import add_working_days
from declarations.models import Declaration, WithdrawalRequest
from declarations.notices import WITHDRAWAL_AGREED
from declarations.queries.facts import Dossier
from declarations.queries.recusals import seats_free_for
from declarations.queries.withdrawals import open_request, readers_of, team_of
from declarations.states import WithdrawalOutcome
from sihao.accounts.models import Seat
from sihao.accounts.queries import active_seats_at, national_node
from sihao.accounts.roles import DEPARTMENT_ROLES


def ask_withdrawal(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Ask to withdraw, by the president with the reason; the unit has the cycle's term to say something to it."""

    def effect(dossier: Dossier) -> None:
        due = add_working_days(now, dossier.case.cycle.answer_days)
        words = {"reason": reason.strip(), "asked_by": actor, "asked_at": now, "unit_due": due}
        WithdrawalRequest.objects.create(declaration=dossier.case, **words)

    return perform(case=case, name="ask_withdrawal", actor=actor, now=now, reason=reason, effect=effect)


@transaction.atomic
def agree_withdrawal(*, case: Declaration, actor: Seat, now: datetime, reason: str = "") -> Declaration:
    """Agree for the recommending unit, by its leader; the department is asked."""

    def effect(dossier: Dossier) -> None:
        request = _heard(dossier.case, actor, now, reason, agreed=True)
        request.settle_due = add_working_days(now, dossier.case.cycle.answer_days)
        request.save()

    done = perform(case=case, name="agree_withdrawal", actor=actor, now=now, reason=reason, effect=effect)
    seats = seats_free_for(active_seats_at(national_node().pk, DEPARTMENT_ROLES), done)
    words = {"step": "agree_withdrawal", "sender": actor.organisation, "now": now}
    send(case=done, letter=WITHDRAWAL_AGREED, seats=[seat for seat in seats if seat.pk != actor.pk], **words)
    return done


def oppose_withdrawal(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Say for the recommending unit that it does not agree, with the reason: the request is closed."""

    def effect(dossier: Dossier) -> None:
        request = _heard(dossier.case, actor, now, reason, agreed=False)
        _settle(request, WithdrawalOutcome.OPPOSED, actor, now)

    return perform(case=case, name="oppose_withdrawal", actor=actor, now=now, reason=reason, effect=effect)


def refuse_withdrawal(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Not accept for the department, with the reason; the case goes on as if nobody had asked."""

    def effect(dossier: Dossier) -> None:
        _settle(open_request(dossier.case), WithdrawalOutcome.REFUSED, actor, now, reason)

    return perform(case=case, name="refuse_withdrawal", actor=actor, now=now, reason=reason, effect=effect)


@transaction.atomic
def accept_withdrawal(*, case: Declaration, actor: Seat, now: datetime, reason: str = "") -> Declaration:
    """Accept for the department, by its head: the case is withdrawn, and its place used unless the cycle refills.

    Sheets, offers and visits of an ended case are closed by its state; who was at them is told.
    """
    refills = case.cycle.refills
    if refills:
        lock_list(case)

    def effect(dossier: Dossier) -> None:
        _settle(open_request(dossier.case), WithdrawalOutcome.ACCEPTED, actor, now, reason)

    done = perform(case=case, name="accept_withdrawal", actor=actor, now=now, reason=reason, effect=effect)
    _tell_working(done, now)
    if refills:
        refill(gone=done, actor=actor, now=now)
    return done


def _heard(case: Declaration, actor: Seat, now: datetime, words: str, *, agreed: bool) -> WithdrawalRequest:
    request = open_request(case)
    request.agreed, request.unit_words, request.unit_by, request.unit_at = agreed, words.strip(), actor, now
    return request


def _settle(
    request: WithdrawalRequest, outcome: WithdrawalOutcome, actor: Seat, now: datetime, words: str = ""
) -> None:
    request.outcome, request.words, request.settled_by, request.settled_at = outcome, words.strip(), actor, now
    request.save()


def _tell_working(case: Declaration, now: datetime) -> None:
    """Tell the experts with open sheets and the team of an open visit; who has not pledged reads no name."""
    reading, offered = readers_of(case)
    key, body = f"withdrawn:{case.pk}:{case.version}", f"受理编号{case.number}。"
    told = {"key": key, "now": now}
    tell(seats=reading, title=f"{case.applicant_name}的申报已撤回，不再评分", body=body, case=case, **told)
    tell(seats=offered, title="请您评审的一件申报已撤回", body="不需办理。", **told)
    tell(seats=team_of(case), title=f"{case.applicant_name}的申报已撤回，不再走访", body=body, case=case, **told)
