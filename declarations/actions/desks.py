"""Desks of the preliminary review (T16): who looks after which unit, and which officer has a case."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from declarations.actions.transition import lock
from declarations.models import Cycle, Declaration, Liaison
from declarations.queries.cycles import quotas_of
from declarations.queries.desks import desks_for, officers
from declarations.states import State
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record

NOT_YOURS = Refusal("not_permitted", "联系单位和初审经办人由全国工商联会员部负责人指定。")


@transaction.atomic
def set_liaisons(*, cycle: Cycle, seats: Mapping[int, int | None], actor: Seat, now: datetime) -> int:
    """Say which officer looks after which unit (by key; None takes it off); cases already on a desk stay there."""
    if not allowed(actor, "declarations.assign_desks"):
        raise Refused((NOT_YOURS,))
    people = {seat.pk: seat for seat in officers().select_related("user")}
    known = {one.unit_id: one for one in Liaison.objects.filter(cycle=cycle).select_for_update()}
    changed = 0
    for quota in quotas_of(cycle):
        unit = quota.organisation
        if unit.pk not in seats:
            continue
        wanted, now_set = seats[unit.pk], known.get(unit.pk)
        if wanted is not None and wanted not in people:
            raise Refused.because("not_an_officer", "联系人须为会员部经办人。")
        if wanted == (now_set.seat_id if now_set else None):
            continue
        if now_set is not None:
            now_set.delete()
        if wanted is not None:
            Liaison.objects.create(cycle=cycle, unit=unit, seat=people[wanted])
        holder = people[wanted].user.name if wanted is not None else "（无人）"
        record(Event.LIAISON_SET, actor=actor, target=cycle, at=now, data={"holder": holder, "unit": str(unit)})
        changed += 1
    return changed


@transaction.atomic
def assign_desk(*, case: Declaration, seat: int, actor: Seat, now: datetime) -> Declaration:
    """Put a case on an officer's desk by hand: one who neither looks after its unit nor steps back from it."""
    locked = lock(case.pk, by=actor)
    if not allowed(actor, "declarations.assign_desks", locked):
        raise Refused((NOT_YOURS,))
    if locked.state != State.PRELIMINARY_REVIEW:
        raise Refused.because("not_in_review", "本件不在初审环节，不能指定初审经办人。", "五（二）3")
    found = desks_for(locked).select_related("user").filter(pk=seat).first()
    if found is None:
        sentence = "初审经办人须为会员部经办人，不联系本件推荐单位，也不须回避。"
        raise Refused.because("not_from_this_desk", sentence, "回避")
    if locked.desk_id != found.pk:
        locked.desk = found
        locked.save(update_fields=["desk"])
        record(Event.DESK_ASSIGNED, actor=actor, target=locked, at=now, data={"holder": found.user.name})
    return locked
