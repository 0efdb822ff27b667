"""What the department does about a case that a visit found untrue: propose to disqualify it, or say why not."""

from datetime import datetime

from django.db import transaction

from declarations.actions.consulting import Cited
from declarations.actions.preliminary import propose_disqualification
from declarations.actions.transition import lock
from declarations.actions.visits import NOT_YOURS, OVERTAKEN
from declarations.models import Declaration, Visit
from declarations.queries.visits import record_of
from declarations.states import Ground, VisitFinding, VisitFollow
from declarations.visiting import OURS, findings_of
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.record import record


@transaction.atomic
def propose(*, visit: Visit, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Propose to disqualify a case that a visit found untrue (T19); the step itself notes it at the visit."""
    case, held = _untrue(visit, actor, "declarations.follow_visit")
    words = {"reason": reason, "items": _untrue_rows(case, held), "actor": actor, "now": now}
    return propose_disqualification(case=case, ground=Ground.UNTRUE, **words)


def _untrue_rows(case: Declaration, visit: Visit) -> list[Cited]:
    """Return the rows that the visit found untrue, with what it says of each as the evidence."""
    programme = programme_of(case.cycle.programme)
    found = findings_of(record_of(visit), programme.rubric.items(), programme.step)
    return [
        Cited(one.item.id, one.name, f"实地抽查：{one.note or one.finding.label}")
        for one in found
        if one.finding == VisitFinding.UNTRUE
    ]


@transaction.atomic
def set_aside(*, visit: Visit, reason: str, actor: Seat, now: datetime) -> Visit:
    """Not propose it, by the department's head with the reason."""
    case, held = _untrue(visit, actor, "declarations.waive_visit")
    if not reason.strip():
        raise Refused.because("reason_missing", "请写明不提出取消认定资格的理由。", OURS)
    held.follow, held.followed_by, held.followed_at = VisitFollow.SET_ASIDE, actor, now
    held.follow_reason = reason.strip()
    held.save(update_fields=["follow", "followed_by", "followed_at", "follow_reason"])
    record(Event.VISIT_SET_ASIDE, actor=actor, target=case, at=now, reason=reason)
    return held


def _untrue(visit: Visit, actor: Seat, permission: str) -> tuple[Declaration, Visit]:
    case = lock(visit.declaration_id, by=actor)
    held = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    if not allowed(actor, permission, held):
        raise Refused((NOT_YOURS,))
    if held.finding != VisitFinding.UNTRUE or held.follow:
        raise Refused((OVERTAKEN,))
    return case, held
