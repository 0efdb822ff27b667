"""Places: setting them, taking one, giving it back."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from declarations.actions.ranks import order_changed, take_off
from declarations.models import Batch, Cycle, Declaration, Quota
from declarations.queries.facts import Dossier
from declarations.states import State
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record


@transaction.atomic
def set_quota(*, cycle: Cycle, unit: Organisation, places: int, actor: Seat | None, now: datetime) -> Quota:
    """Set a unit's places; refuses to go below what is used."""
    quota, _ = Quota.objects.select_for_update().get_or_create(
        cycle=cycle, organisation=unit, defaults={"places": places}
    )
    if quota.used > places:
        sentence = f"{unit}已用{quota.used}个名额，不能改为{places}个。"
        raise Refused((Refusal("quota_below_used", sentence, "四"),))
    quota.places = places
    quota.save(update_fields=["places"])
    record(Event.QUOTA_SET, actor=actor, target=quota, at=now, data={"unit": str(unit), "places": places})
    return quota


def lock_list(case: Declaration) -> Batch:
    """Return the list of the case's unit, opened if it is not there and locked for the rest of the transaction.

    Everything that enters, leaves or orders a list locks it first, before any case: list, case, quota is the order.
    """
    pk = Batch.objects.get_or_create(cycle_id=case.cycle_id, unit_id=case.unit_id)[0].pk
    return Batch.objects.select_for_update(of=("self",)).get(pk=pk)


def lock_list_of_listed(case: Declaration) -> None:
    """Lock the unit's list before the case where the case may be on it, also if it came there a moment ago."""
    if case.holder_id == case.unit_id:
        Batch.objects.select_for_update(of=("self",)).filter(cycle_id=case.cycle_id, unit_id=case.unit_id).first()


def take_place(case: Declaration) -> None:
    """Take one place of the unit's quota: one conditional UPDATE, so that the last place goes to one case only.

    Raises ``Refused`` when none is left; called under the case's lock, inside the step's transaction.
    """
    mine = Quota.objects.filter(cycle_id=case.cycle_id, organisation_id=case.unit_id)
    if not mine.filter(used__lt=F("places")).update(used=F("used") + 1):
        quota = mine.first()
        count = f"（{quota.used}/{quota.places}）" if quota else ""
        raise Refused((Refusal("quota_full", f"推荐名额已满{count}，可列为备选。", "四"),))


def give_back_place(case: Declaration) -> None:
    """Give the case's place back."""
    Quota.objects.filter(cycle_id=case.cycle_id, organisation_id=case.unit_id, used__gt=0).update(used=F("used") - 1)


def leave_list(dossier: Dossier) -> dict[str, object]:
    """Take a case out of its unit's list: its place is free again, those behind move up by one."""
    case = dossier.case
    if case.state != State.SHORTLISTED:
        return {}
    if not case.is_reserve:
        give_back_place(case)
    left = take_off(case)
    order_changed(case, None, None)
    case.is_reserve, case.batch, case.rank_reason = False, None, ""
    return {"rank": left}
