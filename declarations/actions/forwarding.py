"""Places of the tiers below a province: taken when a case is forwarded, free again when it comes back or ends."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from declarations.models import Cycle, Declaration, ForwardedPlace, ForwardLimit
from declarations.queries.forwarding import forwarded_by, lowest_first
from declarations.rules import layer_of
from scoring.actions import unlock_assessment
from scoring.queries import book_of
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record


@transaction.atomic
def set_limit(
    *, cycle: Cycle, unit: Organisation, places: int, hard: bool, actor: Seat | None, now: datetime
) -> ForwardLimit:
    """Set how many cases a unit may forward; a hard limit cannot go below what was forwarded.

    A limit that is set for the first time counts the cases that the unit has forwarded already.
    """
    found = ForwardLimit.objects.select_for_update().filter(cycle=cycle, organisation=unit).first()
    if found is not None and (found.places, found.hard) == (places, hard):
        return found
    already = found.used if found is not None else len(forwarded_by(cycle, unit))
    if hard and already > places:
        sentence = f"{unit}已报{already}件，报送名额不能设为{places}个（额满不能再报）。"
        raise Refused((Refusal("limit_below_used", sentence, "四"),))
    limit = found or _begin(cycle, unit)
    limit.places, limit.hard = places, hard
    limit.save(update_fields=["places", "hard"])
    record(Event.LIMIT_SET, actor=actor, target=limit, at=now, data={"unit": str(unit), "places": places, "hard": hard})
    return limit


def _begin(cycle: Cycle, unit: Organisation) -> ForwardLimit:
    """Open a limit with the places that the cases forwarded so far hold."""
    cases = forwarded_by(cycle, unit)
    limit = ForwardLimit.objects.create(cycle=cycle, organisation=unit, places=len(cases), used=len(cases))
    ForwardedPlace.objects.bulk_create(ForwardedPlace(limit=limit, declaration_id=pk) for pk in cases)
    return limit


def take_forward_place(case: Declaration, unit_id: int) -> bool:
    """Take one of a unit's places for a case that it forwards: one conditional UPDATE under the case's lock.

    Returns whether the case has what it needs; a unit without a limit asks for nothing, a soft limit is never full.
    """
    limits = ForwardLimit.objects.filter(cycle_id=case.cycle_id, organisation_id=unit_id)
    limit = limits.first()
    if limit is None or ForwardedPlace.objects.filter(limit=limit, declaration=case).exists():
        return True
    if not limits.filter(Q(hard=False) | Q(used__lt=F("places"))).update(used=F("used") + 1):
        return False
    ForwardedPlace.objects.create(limit=limit, declaration=case)
    return True


def take_or_refuse(case: Declaration) -> None:
    """Take a place of the holder that forwards the case; raises ``Refused`` when its hard limit is full."""
    if not take_forward_place(case, case.holder_id):
        limit = ForwardLimit.objects.get(cycle_id=case.cycle_id, organisation_id=case.holder_id)
        raise Refused((limit_full(limit.used, limit.places),))


def limit_full(used: int, places: int) -> Refusal:
    """Return why a case cannot be forwarded."""
    return Refusal("limit_full", f"本级报送名额已满（{used}/{places}）。名额由上级工商联设定。", "四")


def free_forward_places(case: Declaration) -> None:
    """Give back every place that a case holds below its unit, the lowest tier's first."""
    for held in lowest_first(case):
        ForwardLimit.objects.filter(pk=held.limit_id, used__gt=0).update(used=F("used") - 1)
        held.delete()


def retake_forward_places(case: Declaration) -> None:
    """Take the places again that a returned case gave back, from its home up to the tier that returned it.

    Where a tier's hard limit is full meanwhile, the case goes to that tier, which chooses among its own, and no
    further; its layer is open again for it.
    """
    route = case.route
    last = route.index(case.returned_by_id) if case.returned_by_id in route else 0
    for unit_id in route[:last]:
        if not take_forward_place(case, unit_id):
            case.returned_by = Organisation.objects.get(pk=unit_id)
            sheet = book_of(case.ledger_id).layer(layer_of(case.returned_by.level))
            if sheet is not None:
                unlock_assessment(assessment=sheet.assessment)
            return
