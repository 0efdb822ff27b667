"""Recommendation lists as pages show them: who may read which, what may be done with one, all units' states, places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from declarations.models import Batch, Cycle, Quota
from declarations.queries.board import unexplained_refusals
from declarations.queries.cases import cases_visible_to
from declarations.queries.cycles import told_quotas
from declarations.queries.deadlines import deadlines_for
from declarations.states import BatchState
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal
from sihao.accounts.roles import DEPARTMENT_ROLES, TIER_ROLES, Level, Role
from sihao.ui.formats import beijing, deadline

SENT = (BatchState.UPLOADED, BatchState.ACCEPTED)
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
        return own | batches.filter(state__in=SENT)
    return own if seat.role in TIER_ROLES else batches.none()


def visible_batch(seat: Seat, pk: int) -> Batch | None:
    """Return one list if the seat may read it."""
    return batches_visible_to(seat).filter(pk=pk).first()


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
    steps = {
        BatchState.OPEN: (_freeze,),
        BatchState.FROZEN: (_meet, _reopen),
        BatchState.MEETING_HELD: (_send, _reopen),
        BatchState.UPLOADED: (_accept,),
    }
    found = (step(seat, batch, number, now) for step in steps.get(BatchState(batch.state), ()))
    return [act for act in found if act is not None]


def _freeze(seat: Seat, batch: Batch, number: int, now: datetime) -> ListAct | None:
    if not allowed(seat, "declarations.prepare_batch", batch):
        return None
    empty = (Refusal("list_empty", "名单内还没有拟推荐对象。", CLAUSE),)
    words = f"固定后{number}家的名单和次序不再变动，交领导班子集体研究。固定名单的人不能自己上报。"
    against = unexplained_refusals(batch) if number else empty
    return ListAct("固定名单", _url("freeze_batch", batch), "primary", "post", words, against)


def _meet(seat: Seat, batch: Batch, number: int, now: datetime) -> ListAct | None:
    if not allowed(seat, "declarations.prepare_batch", batch):
        return None
    return ListAct("登记集体研究情况", _url("batch_meeting", batch), "primary")


def _reopen(seat: Seat, batch: Batch, number: int, now: datetime) -> ListAct | None:
    if not allowed(seat, "declarations.prepare_batch", batch):
        return None
    return ListAct("重新打开名单", _url("reopen_batch", batch))


def _send(seat: Seat, batch: Batch, number: int, now: datetime) -> ListAct | None:
    if not allowed(seat, "declarations.prepare_batch", batch):
        return None
    return ListAct("推荐上报", _url("upload_batch", batch), "primary", refusals=upload_refusals(seat, batch, now))


def upload_refusals(seat: Seat, batch: Batch, now: datetime) -> tuple[Refusal, ...]:
    """Return why the seat cannot send the list up as it stands."""
    if batch.state in SENT:
        return (Refusal("sent", f"推荐名单{batch.get_state_display()}。", CLAUSE),)
    found = []
    if batch.state != BatchState.MEETING_HELD:
        found.append(Refusal("no_meeting", "推荐名单须经领导班子集体研究后上报，请先登记研究情况。", CLAUSE))
    if not allowed(seat, "declarations.upload_batch", batch):
        found.append(Refusal("not_leader", "推荐名单由本单位分管领导上报。", CLAUSE))
    elif batch.prepared_by is not None and batch.prepared_by.user_id == seat.user_id:
        found.append(Refusal("second_person", "拟定名单的人不能自己上报，请由分管领导上报。", CLAUSE))
    closes = deadlines_for(batch.cycle, batch.unit).province
    if now >= closes:
        until = deadline(closes, with_year=True)
        found.append(Refusal("unit_deadline_passed", f"推荐上报已于{until}截止。", CLAUSE))
    return tuple(found)


def _accept(seat: Seat, batch: Batch, number: int, now: datetime) -> ListAct | None:
    if not allowed(seat, "declarations.department"):
        return None
    words = f"接收后{number}件申报即进入初审。"
    return ListAct("接收名单", _url("accept_batch", batch), "primary", "post", words)


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
    ("上报", BatchState.UPLOADED),
    ("接收", BatchState.ACCEPTED),
)


def stages_of(batch: Batch | None) -> list[Stage]:
    """Return the way of a list: what is done, and what comes next."""
    reached = [state for _, state in WAY].index(BatchState(batch.state)) if batch is not None else 0
    # An open list is being drawn up; every later state names what has been done.
    current = reached if reached == 0 else reached + 1
    return [
        Stage(label, "done" if place < current else "current" if place == current else "future", _when(batch, state))
        for place, (label, state) in enumerate(WAY)
    ]


def _when(batch: Batch | None, state: BatchState) -> str:
    if batch is None:
        return ""
    moments = {
        BatchState.FROZEN: batch.frozen_at if batch.state != BatchState.OPEN else None,
        BatchState.MEETING_HELD: batch.meeting_on if batch.meeting_digest else None,
        BatchState.UPLOADED: batch.uploaded_at,
        BatchState.ACCEPTED: batch.accepted_at,
    }
    moment = moments.get(state)
    return deadline(moment).removesuffix("24:00") if moment else ""


# ---- one list


@dataclass(frozen=True)
class Entry:
    """One line of a frozen list; ``pk`` leads to the case where the reader may see it."""

    rank: int
    name: str
    number: str
    uscc: str
    total: str
    pk: int | None


Pairs = list[tuple[str, str]]


def record_of(batch: Batch) -> tuple[Pairs, Pairs]:
    """Return what is known of the freezing and of the meeting that decided the frozen list, as pairs to print."""
    if batch.state == BatchState.OPEN:
        return [], []
    prepared = batch.prepared_by.signature if batch.prepared_by is not None else ""
    frozen = [("名单版本", f"第{batch.version}版"), ("固定时间", beijing(batch.frozen_at)), ("拟定人", prepared)]
    met = [
        ("集体研究日期", beijing(batch.meeting_on)),
        ("会议名称", batch.meeting_name),
        ("出席人员", batch.present),
        ("回避人员", batch.recused),
        ("研究意见", batch.minutes),
    ]
    return [*frozen, ("名单摘要值", batch.digest)], met if batch.meeting_digest else []


def entries_of(seat: Seat, batch: Batch) -> list[Entry]:
    """Return the list as it was frozen; none while it is open."""
    if batch.state == BatchState.OPEN:
        return []
    numbers = cases_visible_to(seat).filter(batch=batch).values_list("number", "pk")
    keys: Mapping[str, int] = dict(numbers)
    return [
        Entry(one["rank"], one["name"], one["number"], one.get("uscc") or "", one["total"], keys.get(one["number"]))
        for one in batch.listing
    ]


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


KINDS = {BatchState.UPLOADED: "info", BatchState.ACCEPTED: "success"}


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
