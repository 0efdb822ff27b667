"""Ordering a unit's list and its reserves: move, change sides, arrange by number or by total, say why (T12)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from declarations.actions.quota import give_back_place, lock_list, take_place
from declarations.actions.ranks import move_to, order_changed, put_in, take_off, write_ranks
from declarations.actions.transition import lock, perform
from declarations.models import Batch, Declaration
from declarations.ordering import SameRankTwice, by_total, placed
from declarations.queries.board import ranked, standings
from declarations.queries.facts import Dossier
from declarations.queries.recusals import NOT_WHOLE, hides_of_list
from declarations.states import BatchState, Stance
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.record import record

CLAUSE = "五（二）1"
SIDES = {False: "拟推荐", True: "备选"}
SIGNED = {False: (Stance.AGREE, "同意推荐"), True: (Stance.RESERVE, "列为备选")}


def _locked(case: Declaration, actor: Seat, seen: int | None) -> tuple[Batch, Declaration]:
    """Return list and case, both locked: the seat orders this list, it is open, and what the person saw still holds."""
    batch = lock_list(case)
    found = lock(case.pk, by=actor)
    if not allowed(actor, "declarations.prepare_batch", found):
        raise Refused.because("not_permitted", "只有推荐单位可以办理推荐名单。", CLAUSE)
    demand_whole(batch, actor)
    demand_open(batch)
    _demand_seen(batch, seen)
    if found.rank is None:
        raise Refused.because("not_listed", "本件不在名单内。", CLAUSE)
    return batch, found


def demand_whole(batch: Batch, actor: Seat) -> None:
    """Refuse who steps back from a case of the list: putting others above or below it would judge it."""
    if hides_of_list(actor, batch.cycle_id, batch.unit_id):
        raise Refused((NOT_WHOLE,))


def demand_open(batch: Batch) -> None:
    """Refuse to order a list that is frozen."""
    if batch.state != BatchState.OPEN:
        sentence = f"推荐名单现为“{batch.get_state_display()}”，只有“{BatchState.OPEN.label}”时可以办理。"
        raise Refused.because("batch_state", sentence, CLAUSE)


def _demand_seen(batch: Batch, seen: int | None) -> None:
    """Refuse what was done before an older order than stands; ``seen`` None asks nothing."""
    if seen is None or seen == batch.order_version:
        return
    if batch.ordered_by is None:
        told = "有申报退出或改列，次序已有变动"
    else:
        at = timezone.localtime(batch.ordered_at)
        told = f"{batch.ordered_by.user.name}已于{at.month}月{at.day}日{at:%H:%M}调整次序"
    sentence = f"{told}，您看到的是变动前的次序，本次调整没有写入。请按现在的次序再办理。"
    raise Refused.because("order_changed", sentence)


@transaction.atomic
def move(*, case: Declaration, to: int, actor: Seat, now: datetime, seen: int | None = None) -> int:
    """Move a case to another rank of its list; those between shift by one. A rank beyond the end is the end."""
    _, found = _locked(case, actor, seen)
    was = found.rank
    rank = move_to(found, to)
    if rank != was:
        order_changed(found, actor, now)
        record(Event.RANKED, actor=actor, target=found, at=now, data={"was": was, "rank": rank})
    return rank


@transaction.atomic
def promote(
    *, case: Declaration, actor: Seat, now: datetime, to: int | None = None, seen: int | None = None
) -> Declaration:
    """Put a reserve on the list that goes up (T12): it takes a place. Refuses where none is left."""
    return _change_sides(case, "promote", actor, now, to=to, seen=seen)


@transaction.atomic
def demote(
    *, case: Declaration, reason: str, actor: Seat, now: datetime, to: int | None = None, seen: int | None = None
) -> Declaration:
    """Put a case of the list among the reserves (T12), with the reason: its place is free again."""
    return _change_sides(case, "demote", actor, now, to=to, seen=seen, reason=reason)


def _change_sides(
    case: Declaration, step: str, actor: Seat, now: datetime, *, to: int | None, seen: int | None, reason: str = ""
) -> Declaration:
    batch = lock_list(case)
    demand_whole(batch, actor)
    _demand_seen(batch, seen)

    def effect(dossier: Dossier) -> dict[str, object]:
        moved = dossier.case
        if moved.is_reserve:
            take_place(moved)
        else:
            give_back_place(moved)
        was = take_off(moved)
        moved.is_reserve, moved.rank_reason = not moved.is_reserve, ""
        Declaration.objects.filter(pk=moved.pk).update(rank_reason="")
        rank = put_in(moved, to)
        _conclude(dossier, actor, now)
        order_changed(moved, actor, now)
        return {"was": was, "rank": rank}

    return perform(case=case, name=step, actor=actor, now=now, reason=reason, effect=effect)


def _conclude(dossier: Dossier, actor: Seat, now: datetime) -> None:
    """Let the unit's signed opinion say on which side the case stands."""
    opinion = dossier.opinion_of(dossier.case.unit_id)
    if opinion is not None and opinion.signed_at is not None:
        reserve = dossier.case.is_reserve
        opinion.stance, opinion.conclusion = SIGNED[reserve]
        opinion.signed_by, opinion.signed_at = actor, now
        opinion.save(update_fields=["stance", "conclusion", "signed_by", "signed_at"])


# ---- the whole list at once


def _locked_list(batch: Batch, actor: Seat, seen: int | None) -> Batch:
    found = Batch.objects.select_for_update(of=("self",)).select_related("unit", "ordered_by__user").get(pk=batch.pk)
    if not allowed(actor, "declarations.prepare_batch", found):
        raise Refused.because("not_permitted", "只有推荐单位可以办理推荐名单。", CLAUSE)
    demand_whole(found, actor)
    demand_open(found)
    _demand_seen(found, seen)
    return found


@transaction.atomic
def arrange(
    *, batch: Batch, wanted: Mapping[int, int], actor: Seat, now: datetime, seen: int | None = None
) -> int:
    """Give cases the ranks typed for them, the others around them as they stood; return how many ranks change."""
    found = _locked_list(batch, actor, seen)
    changed: dict[int, int] = {}
    for reserve, side in SIDES.items():
        before = {one.pk: one.rank for one in ranked(found.cycle_id, found.unit_id, reserve=reserve)}
        mine = {pk: rank for pk, rank in wanted.items() if pk in before and rank != before[pk]}
        try:
            order = placed(list(before), mine)
        except SameRankTwice as twice:
            sentence = f"{side}第{twice.rank}位填写了两家以上，请改正后再排列。"
            raise Refused.because("rank_twice", sentence) from None
        changed |= {pk: rank for rank, pk in enumerate(order, start=1) if rank != before[pk]}
    return _written(found, changed, "按填写的次序", actor, now)


@transaction.atomic
def order_by_total(*, batch: Batch, actor: Seat, now: datetime, seen: int | None = None) -> int:
    """Order list and reserves from the highest total down, ties as they stood; return how many ranks change."""
    found = _locked_list(batch, actor, seen)
    changed: dict[int, int] = {}
    for reserve in SIDES:
        before = standings(found.cycle_id, found.unit_id, reserve=reserve)
        ranks = {one.key: rank for rank, one in enumerate(before, start=1)}
        changed |= {pk: rank for rank, pk in enumerate(by_total(before), start=1) if rank != ranks[pk]}
    return _written(found, changed, "按得分由高到低", actor, now)


def _written(batch: Batch, changed: Mapping[int, int], how: str, actor: Seat, now: datetime) -> int:
    if changed:
        write_ranks(changed)
        batch.order_version += 1
        batch.ordered_by, batch.ordered_at = actor, now
        batch.save(update_fields=["order_version", "ordered_by", "ordered_at"])
        record(Event.LIST_ARRANGED, actor=actor, target=batch, at=now, data={"how": how, "number": len(changed)})
    return len(changed)


# ---- saying why


@transaction.atomic
def give_reason(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Keep why a case stands where it stands although the totals would order it otherwise."""
    _, found = _locked(case, actor, None)
    if not reason.strip():
        raise Refused.because("reason_missing", "请写明排序的理由。")
    found.rank_reason = reason.strip()
    found.save(update_fields=["rank_reason"])
    record(Event.RANK_REASONED, actor=actor, target=found, at=now, data={"rank": found.rank}, reason=found.rank_reason)
    return found
