"""The one door through which a case changes its state."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from declarations.actions.counting import places_of, recount
from declarations.actions.notify import announce
from declarations.actions.revision import freeze
from declarations.calendar import set_term
from declarations.guards import Act
from declarations.models import Declaration, DeltaRound, DeltaTask
from declarations.queries.cases import WITH_NAMES
from declarations.queries.facts import Dossier, dossier_of, facts_of
from declarations.queries.recusals import binds, flag_of
from declarations.states import ENDED, DeltaState, State
from declarations.workflow import WORKFLOWS, Holder, Transition
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import national_node
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.record import record
from sihao.prepared import Prepared

Effect = Callable[[Dossier], Mapping[str, Any] | None]

OVERTAKEN = Refusal("overtaken", "本件状态已由他人改变，请刷新页面后再办理。")
NO_SUCH_STEP = Refusal("no_such_step", "本件的程序没有这一步。")
NOT_YOURS = Refusal("not_permitted", "您的席位无权办理这一步。")
RECUSED = Refusal("recused", "您对本件应当回避，不能办理，由本单位其他人办理。", "回避")


def workflow_step(case: Declaration, name: str) -> Transition:
    """Return the row of the case's workflow table; a step of another procedure is refused."""
    workflow = WORKFLOWS[case.cycle.workflow]
    if not workflow.has(name):
        raise Refused((NO_SUCH_STEP,))
    return workflow.transition(name)


def lock(pk: int, by: Seat | None = None) -> Declaration:
    """Return the case, locked for the rest of the transaction; ``by`` is refused when the person must step back."""
    found, recused = _locked_for(pk, by)
    if recused:
        raise Refused((RECUSED,))
    return found


HELD = Prepared(lambda pk: Declaration.objects.select_for_update(of=("self",)).only("pk").filter(pk=pk))
NAMED = Prepared(
    lambda pk: Declaration.objects.select_related(*WITH_NAMES)
    .defer("cycle__programme__text", "cycle__notice_text")
    .filter(pk=pk)
)
NAMED_FOR = Prepared(lambda pk, people, at: NAMED.query(pk).annotate(recused=flag_of(people, at)))


@transaction.atomic
def perform(
    *,
    case: Declaration,
    name: str,
    actor: Seat | None,
    now: datetime,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    effect: Effect | None = None,
) -> Declaration:
    """Take one step: lock, permission, guards, the step's own effect, state and holder, revision, trail, notices.

    ``effect`` writes what belongs to this step alone and returns the facts its trail entry tells; it runs under the
    lock, after every guard. Raises ``Refused`` with every reason; then nothing is changed. ``actor`` None is the house
    itself, for a step by the clock.
    """
    locked, recused = _locked_for(case.pk, actor)
    step = workflow_step(locked, name)
    if recused and not step.collective:
        raise Refused((RECUSED,))
    _refuse_overtaken(locked, step, actor)
    dossier = dossier_of(locked)
    who = (actor.user_id, actor.people) if actor else (None, ())
    act = Act(*who, reason=reason, details=details or {})
    if refusals := step.refusals(facts_of(dossier, now, plain=step.plain), act):
        raise Refused(refusals)
    before, previous = places_of(locked), locked.holder
    told = dict((effect(dossier) if effect else None) or {})
    _move(locked, step, now)
    if step.freezes:
        frozen = freeze(case=locked, book=dossier.book, step=step.name, actor=actor, now=now)
        told |= {"revision": frozen.number, "frozen": frozen.digest, "step": step.name, "seat": actor.pk}
    recount(locked, before)
    told |= {"state": locked.state, "to": str(locked.holder or "")}
    record(step.event, actor=actor, target=locked, at=now, data=told, reason=reason)
    announce(case=locked, step=step, now=now, actor=actor, reason=reason, previous=previous)
    return locked


def _locked_for(pk: int, actor: Seat | None) -> tuple[Declaration, bool]:
    """Return the case, locked, and whether the actor must step back from it."""
    HELD.get(pk)
    if actor is None or not binds(actor):
        return NAMED.get(pk), False
    found = NAMED_FOR.get(pk, actor.people, actor.organisation_id)
    return found, found.recused


def _refuse_overtaken(case: Declaration, step: Transition, actor: Seat | None) -> None:
    if case.state not in step.sources:
        raise Refused((OVERTAKEN,))
    if actor is None and step.by_clock:
        return
    if not allowed(actor, step.permission, case):
        raise Refused((NOT_YOURS,))


def _move(case: Declaration, step: Transition, now: datetime) -> None:
    """Write state, holder and term; nobody else writes the state."""
    if step.target is None and step.holder is Holder.SAME:
        case.version += 1
        case.save(update_fields=["version"])
        return
    came_from = case.holder
    if step.target is not None:
        case.state = step.target
    case.holder = _holder_after(case, step.holder)
    if case.state != State.LOCAL_REVIEW or case.holder_id == case.awaited_by_id:
        case.awaited_by = None
    if came_from != case.holder or step.target is not None:
        set_term(case, now)
    case.version += 1
    case.save()


def _holder_after(case: Declaration, holder: Holder) -> Organisation | None:
    if case.state in ENDED:
        return None
    return HOLDERS[holder](case)


def _superior(case: Declaration) -> Organisation:
    """Return who waits for the case: the tier that a round goes to, else the next above the holder."""
    if case.awaited_by is not None:
        return case.awaited_by
    route = case.route
    return Organisation.objects.get(pk=route[route.index(case.holder_id) + 1])


def _after_return(case: Declaration) -> Organisation:
    """Return the first tier of the round that the changes ask for, else the tier that returned the case."""
    return _in_round(case) or case.returned_by or case.home


def _in_round(case: Declaration) -> Organisation | None:
    task = DeltaTask.objects.filter(round__declaration=case, state=DeltaState.OPEN).select_related("organisation")
    found = task.first()
    return found.organisation if found is not None else None


def _next_of_round(case: Declaration) -> Organisation:
    """Return the tier whose part of the round is open now, else the one that the round was for."""
    last = DeltaRound.objects.filter(declaration=case).select_related("target").latest("id")
    return _in_round(case) or last.target


HOLDERS: dict[Holder, Callable[[Declaration], Organisation | None]] = {
    Holder.SAME: lambda case: case.holder,
    Holder.APPLICANT: lambda case: case.applicant,
    Holder.HOME: lambda case: case.home,
    Holder.SUPERIOR: _superior,
    Holder.RETURNER: _after_return,
    Holder.ROUND: _next_of_round,
    Holder.UNIT: lambda case: case.unit,
    Holder.NATIONAL: lambda case: national_node(),
    Holder.NOBODY: lambda case: None,
}
