"""Recommendation lists as pages show them: who may read which, what may be done with one, all units' states, places."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from declarations.models import Batch, Cycle, Quota
from declarations.queries.batches import meeting_of, registration
from declarations.queries.board import unexplained_refusals
from declarations.queries.cases import cases_visible_to
from declarations.queries.cycles import told_quotas
from declarations.queries.upward import UP_THERE, lacking, person_refusals, standing_refusals
from declarations.states import GONE_UP, BatchState, State
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import path_end, seat_of_values, values_of
from sihao.accounts.refusals import Refusal
from sihao.accounts.roles import DEPARTMENT_ROLES, TIER_ROLES, Level, Role
from sihao.prepared import Prepared
from sihao.ui.formats import beijing, deadline

WITH_PEOPLE = ("cycle__programme", "unit", "prepared_by__user", "uploaded_by__user", "accepted_by__user")
CLAUSE = "五（二）1"


def batches_visible_to(seat: Seat | None) -> QuerySet[Batch]:
    """Return the lists a seat may read: a unit its own, the department those sent up, supervision all."""
    batches = Batch.objects.select_related(*WITH_PEOPLE).defer("cycle__notice_text", "cycle__programme__text")
    if seat is None:
        return batches.none()
    if seat.role == Role.SUPERVISION:
        return batches
    own = batches.filter(unit_id=seat.organisation_id)
    if seat.role in DEPARTMENT_ROLES:
        return own | batches.filter(state__in=sorted(GONE_UP))
    return own if seat.role in TIER_ROLES else batches.none()


def visible_batch(seat: Seat, pk: int) -> Batch | None:
    """Return one list if the seat may read it."""
    return _visible(seat.role).first(pk, *values_of(seat)) if seat is not None else None


@cache
def _visible(role: str) -> Prepared[Batch]:
    return Prepared(
        lambda pk, *seat: batches_visible_to(seat_of_values(role, *seat)).filter(pk=pk), change=path_end
    )


def is_unit(organisation: Organisation) -> bool:
    """Return whether the federation holds places: a province, or the nation for 直属商会."""
    return organisation.level in {Level.NATIONAL, Level.PROVINCE}


# ---- the acts on a list


@dataclass(frozen=True)
class ListAct:
    """One act on a list as the action bar draws it; one with refusals is closed."""

    label: str
    url: str
    kind: str = "secondary"
    method: str = "get"
    confirm: str = ""
    refusals: tuple[Refusal, ...] = ()


def acts_on(seat: Seat, batch: Batch, number: int, now: datetime) -> list[ListAct]:
    """Return what the seat may do with a list of ``number`` cases, the next step first."""
    steps: dict[BatchState, tuple[Step, ...]] = {
        BatchState.OPEN: (_freeze,),
        BatchState.FROZEN: (_decide, _meet, _reopen),
        BatchState.MEETING_HELD: (_seal, _reopen),
        BatchState.SEALED: (_send, _unseal, _reopen),
        BatchState.UPLOADED: (_accept, _send_back, _recall),
        BatchState.SENT_BACK: (_send, _recall),
    }
    found = (step(seat, batch, number, now) for step in steps.get(BatchState(batch.state), ()))
    return [act for act in found if act is not None]


Step = Callable[[Seat, Batch, int, datetime], ListAct | None]


def _prepares(seat: Seat, batch: Batch) -> bool:
    return allowed(seat, "declarations.prepare_batch", batch)


def _freeze(seat: Seat, batch: Batch, number: int, now: datetime) -> ListAct | None:
    if not _prepares(seat, batch):
        return None
    empty = (Refusal("list_empty", "名单内还没有拟推荐对象。", CLAUSE),)
    words = f"固定后{number}家的名单和次序不再变动，交领导班子集体研究。固定名单的人不能自己上报。"
    against = unexplained_refusals(batch) if number else empty
    return ListAct("固定名单", _url("freeze_batch", batch), "primary", "post", words, against)


def _meet(seat: Seat, batch: Batch, number: int, now: datetime) -> ListAct | None:
    if not _prepares(seat, batch):
        return None
    there = meeting_of(batch) is not None
    label, kind = ("修改会议和参会人员", "secondary") if there else ("登记会议和参会人员", "primary")
    return ListAct(label, _url("batch_meeting", batch), kind)


def _decide(seat: Seat, batch: Batch, number: int, now: datetime) -> ListAct | None:
    if not _prepares(seat, batch) or meeting_of(batch) is None:
        return None
    return ListAct("登记研究结果", _url("batch_decision", batch), "primary")


def _reopen(seat: Seat, batch: Batch, number: int, now: datetime) -> ListAct | None:
    return ListAct("重新打开名单", _url("reopen_batch", batch)) if _prepares(seat, batch) else None


def _seal(seat: Seat, batch: Batch, number: int, now: datetime) -> ListAct | None:
    if not _prepares(seat, batch):
        return None
    words = "提交后由分管领导核对上报。"
    return ListAct("盖章材料齐备，提交上报", _url("seal_batch", batch), "primary", "post", words, lacking(batch))


def _unseal(seat: Seat, batch: Batch, number: int, now: datetime) -> ListAct | None:
    return ListAct("更换盖章材料", _url("unseal_batch", batch), method="post") if _prepares(seat, batch) else None


def _send(seat: Seat, batch: Batch, number: int, now: datetime) -> ListAct | None:
    if not _prepares(seat, batch):
        return None
    label = "重新上报" if batch.state == BatchState.SENT_BACK else "推荐上报"
    return ListAct(label, _url("upload_batch", batch), "primary", refusals=upload_refusals(seat, batch, now))


def upload_refusals(seat: Seat, batch: Batch, now: datetime) -> tuple[Refusal, ...]:
    """Return why the seat cannot send the list up, as far as a glance at the list tells."""
    if batch.state in {BatchState.UPLOADED, BatchState.ACCEPTED}:
        return (Refusal("sent", f"推荐名单{batch.get_state_display()}。", CLAUSE),)
    if not allowed(seat, "declarations.upload_batch", batch):
        who = (Refusal("not_leader", "推荐名单由本单位分管领导上报。", CLAUSE),)
    else:
        who = person_refusals(batch, seat)
    return (*standing_refusals(batch, now), *who)


def _recall(seat: Seat, batch: Batch, number: int, now: datetime) -> ListAct | None:
    if not allowed(seat, "declarations.upload_batch", batch):
        return None
    return ListAct("撤回上报", _url("recall_batch", batch))


def _accept(seat: Seat, batch: Batch, number: int, now: datetime) -> ListAct | None:
    if not allowed(seat, "declarations.department"):
        return None
    waiting = registration(batch, UP_THERE)
    sentence = f"名单正在登记（{waiting.done}/{waiting.total}），登记完成后再接收。"
    closed = () if waiting.complete else (Refusal("still_registering", sentence, "五（二）3"),)
    words = f"接收后{number}件申报即进入初审，推荐单位不能再撤回。"
    return ListAct("接收名单", _url("accept_batch", batch), "primary", "post", words, closed)


def _send_back(seat: Seat, batch: Batch, number: int, now: datetime) -> ListAct | None:
    if not allowed(seat, "declarations.department"):
        return None
    return ListAct("退回补正", _url("send_back_batch", batch))


def _url(name: str, batch: Batch) -> str:
    return reverse(f"declarations:{name}", args=[batch.pk])


# ---- where a list stands


@dataclass(frozen=True)
class Stage:
    """One step on a list's way."""

    label: str
    state: str
    note: str = ""


WAY = (
    ("拟定", BatchState.OPEN),
    ("固定", BatchState.FROZEN),
    ("集体研究", BatchState.MEETING_HELD),
    ("盖章", BatchState.SEALED),
    ("上报", BatchState.UPLOADED),
    ("接收", BatchState.ACCEPTED),
)
# A list given back for form stands where its papers are sealed again.
STANDS_AT = {BatchState.SENT_BACK: BatchState.MEETING_HELD}


def stages_of(batch: Batch | None) -> list[Stage]:
    """Return the way of a list: what is done, and what comes next."""
    state = BatchState(batch.state) if batch is not None else BatchState.OPEN
    reached = [one for _, one in WAY].index(STANDS_AT.get(state, state))
    # An open list is being drawn up; every later state names what has been done.
    current = reached if reached == 0 else reached + 1
    return [
        Stage(label, "done" if place < current else "current" if place == current else "future", _when(batch, state))
        for place, (label, state) in enumerate(WAY)
    ]


def _when(batch: Batch | None, state: BatchState) -> str:
    if batch is None:
        return ""
    if batch.state == BatchState.SENT_BACK and state != BatchState.FROZEN:
        return ""
    moments = {
        BatchState.FROZEN: batch.frozen_at if batch.state != BatchState.OPEN else None,
        BatchState.SEALED: batch.sealed_at,
        BatchState.UPLOADED: batch.uploaded_at,
        BatchState.ACCEPTED: batch.accepted_at,
    }
    moment = moments.get(state)
    return deadline(moment).removesuffix("24:00") if moment else ""


# ---- one list


@dataclass(frozen=True)
class Entry:
    """One line of a frozen list with its tie and the reason for its rank; ``pk`` leads to the case."""

    rank: int
    name: str
    number: str
    uscc: str
    total: str
    pk: int
    tie: bool
    reason: str
    withdrawn: bool = False


Pairs = list[tuple[str, str]]


def freezing_of(batch: Batch) -> Pairs:
    """Return what is known of the freezing, as pairs to print."""
    if batch.state == BatchState.OPEN:
        return []
    prepared = batch.prepared_by.signature if batch.prepared_by is not None else ""
    return [
        ("名单版本", f"第{batch.version}版"),
        ("固定时间", beijing(batch.frozen_at)),
        ("拟定人", prepared),
        ("名单摘要值", batch.digest),
    ]


def entries_of(seat: Seat, batch: Batch) -> list[Entry]:
    """Return the list as it was frozen; none while it is open.

    Who steps back from a case of it reads the others without a gap.
    """
    if batch.state == BatchState.OPEN:
        return []
    numbers = [one["number"] for one in batch.listing]
    seen = cases_visible_to(seat).filter(number__in=numbers).values_list("number", "pk", "state")
    keys = {number: (pk, state == State.WITHDRAWN) for number, pk, state in seen}
    read = [line for line in batch.listing if line["number"] in keys]
    return [_entry(rank, one, *keys[one["number"]]) for rank, one in enumerate(read, start=1)]


def _entry(rank: int, one: Mapping[str, Any], pk: int, withdrawn: bool) -> Entry:
    tie, reason = one.get("tie", False), one.get("reason", "")
    return Entry(rank, one["name"], one["number"], one.get("uscc") or "", one["total"], pk, tie, reason, withdrawn)


def sees_whole(seat: Seat, batch: Batch) -> bool:
    """Return whether there is no case on the list from which the seat's person steps back."""
    numbers = [one["number"] for one in batch.listing]
    return cases_visible_to(seat).filter(number__in=numbers).count() == len(numbers)


# ---- all units


@dataclass(frozen=True)
class UnitRow:
    """One unit's list as the nation sees it."""

    quota: Quota
    batch: Batch | None
    words: str
    kind: str
    number: int | None
    readable: bool


KINDS = {BatchState.UPLOADED: "info", BatchState.SENT_BACK: "warning", BatchState.ACCEPTED: "success"}


def batch_kind(batch: Batch) -> str:
    """Return the badge of a list's state."""
    return KINDS.get(BatchState(batch.state), "neutral")


def unit_rows(seat: Seat, cycle: Cycle, quotas: Sequence[Quota]) -> list[UnitRow]:
    """Return the units of one page with their lists; what is not sent up is told apart by supervision alone."""
    units = [quota.organisation_id for quota in quotas]
    batches = batches_visible_to(seat).filter(cycle=cycle, unit_id__in=units).defer("listing")
    by_unit = {batch.unit_id: batch for batch in batches}
    return [_unit_row(quota, by_unit.get(quota.organisation_id)) for quota in quotas]


def _unit_row(quota: Quota, batch: Batch | None) -> UnitRow:
    if batch is None:
        return UnitRow(quota, None, "尚未上报", "neutral", None, readable=False)
    return UnitRow(quota, batch, batch.get_state_display(), batch_kind(batch), quota.told_used, readable=True)


@dataclass(frozen=True)
class QuotaTable:
    """The places of all units as a seat may read them."""

    rows: Sequence[tuple[Quota, int | None, int | None]]
    own: Quota | None
    places: int
    used: int | None
    left: int | None
    whole: bool = field(default=False)


def quota_table(seat: Seat, cycle: Cycle) -> QuotaTable:
    """Return the places of every unit; how many are used a unit reads of itself alone, the nation of all."""
    quotas = list(told_quotas(seat, cycle))
    whole = seat.role in DEPARTMENT_ROLES or seat.role == Role.SUPERVISION
    mine = next((quota for quota in quotas if quota.organisation_id == seat.organisation_id), None)
    places, used = sum(quota.places for quota in quotas), sum(quota.told_used for quota in quotas)
    return QuotaTable(
        rows=[_quota_row(quota, told=whole or quota is mine) for quota in quotas],
        own=None if whole else mine,
        places=places,
        used=used if whole else None,
        left=places - used if whole else None,
        whole=whole,
    )


def _quota_row(quota: Quota, *, told: bool) -> tuple[Quota, int | None, int | None]:
    return (quota, quota.told_used, quota.places - quota.told_used) if told else (quota, None, None)
