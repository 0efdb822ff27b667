"""A list's way upward: sent up with a receipt, recalled, accepted, sent back for form.

The receipt is written at once, with everything that can be refused; the cases follow by a job, one transaction each.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from declarations.actions.batch import demand, locked, locked_for, refuse
from declarations.actions.cross import order_comparison, write_hints
from declarations.actions.integrity import refuse_broken
from declarations.actions.notify import tell
from declarations.actions.scans import take_away
from declarations.actions.sealing import LEADERS
from declarations.actions.transition import perform
from declarations.calendar import add_working_days
from declarations.models import (
    Batch,
    BatchReceipt,
    Declaration,
    PaperScan,
    SendBack,
    SendBackItem,
)
from declarations.queries.batches import (
    current_version,
    meeting_of,
    open_send_back,
    papers_of,
    registration,
)
from declarations.queries.deadlines import deadlines_for
from declarations.queries.desks import desks_for
from declarations.queries.facts import Dossier
from declarations.queries.invariants import Gate
from declarations.queries.upward import (
    SENDABLE,
    UP_THERE,
    content_refusals,
    lacking,
    person_refusals,
    standing_refusals,
)
from declarations.states import BatchState, FormDefect, PaperKind, State
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import active_seats_at, national_node
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import DEPARTMENT_ROLES
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.jobs.actions import enqueue
from sihao.ui.formats import deadline

RECOMMEND, TAKE_BACK, TAKE_UP = "recommend_listed", "take_back_listed", "take_up_listed"
Progress = Callable[[int, int], None]


# ---- sending up


@transaction.atomic
def send_up(*, batch: Batch, actor: Seat, now: datetime) -> BatchReceipt:
    """Send the list up (T14): every check, then the state and the numbered receipt in one transaction.

    Who prepared the list cannot send it; the list must be the one the meeting decided, the same on every sealed paper.
    """
    batch = locked_for(batch, "declarations.upload_batch", actor)
    demand(batch, *SENDABLE)
    found = (*person_refusals(batch, actor), *standing_refusals(batch, now), *content_refusals(batch))
    if found:
        raise Refused(found)
    refuse_broken(gate=Gate.UPLOAD, cycle=batch.cycle, unit=batch.unit_id)
    receipt = _receipt(batch, actor, now)
    back = open_send_back(batch)
    if back is not None:
        back.closed_at = now
        back.save(update_fields=["closed_at"])
    batch.state, batch.uploaded_by, batch.uploaded_at = BatchState.UPLOADED, actor, now
    batch.receipt = receipt.number
    batch.save()
    data = {"receipt": receipt.number, "digest": batch.digest, "number": receipt.cases}
    record(Event.BATCH_UPLOADED, actor=actor, target=batch, at=now, data=data)
    seats = active_seats_at(national_node().pk, DEPARTMENT_ROLES)
    words = f"共{receipt.cases}家，回执编号{receipt.number}。"
    tell(seats=seats, key=f"up:{receipt.number}", title=f"{batch.unit}上报推荐名单", body=words, now=now)
    return receipt


def _receipt(batch: Batch, actor: Seat, now: datetime) -> BatchReceipt:
    serial = batch.receipts.count() + 1
    papers = papers_of(batch, meeting_of(batch))
    return BatchReceipt.objects.create(
        batch=batch,
        serial=serial,
        number=f"{batch.cycle.slug.upper()}-{batch.unit.code}-{serial:02d}",
        version=current_version(batch),
        digest=batch.digest,
        cases=len(batch.listing),
        scans=[
            {"paper": one.kind.label, "name": scan.name, "pages": scan.pages, "digest": scan.digest}
            for one in papers
            for scan in one.in_use
        ],
        by=actor,
        at=now,
    )


@transaction.atomic
def order_upload(*, batch: Batch, actor: Seat, now: datetime) -> BatchReceipt:
    """Send the list up and order that its cases follow."""
    receipt = send_up(batch=batch, actor=actor, now=now)
    _order(RECOMMEND, receipt.batch, actor, now, f"登记推荐名单：{receipt.number}")
    return receipt


def _order(kind: str, batch: Batch, actor: Seat, now: datetime, label: str, reason: str = "") -> None:
    enqueue(kind, owner=actor.user, at=now, label=label, batch=batch.pk, seat=actor.pk, reason=reason)


def recommend_listed(*, batch: Batch, actor: Seat, now: datetime, progress: Progress | None = None) -> int:
    """Let the cases of a list that was sent up follow it; ``now`` is the receipt's instant. Those there are left."""
    return _each(batch, State.SHORTLISTED, "recommend", actor, now, progress)


def _each(
    batch: Batch, state: State, step: str, actor: Seat, now: datetime, progress: Progress | None, reason: str = ""
) -> int:
    """Take one step with every listed case that is in a state, each in its own transaction."""
    cases = list(_waiting(batch, state))
    for done, case in enumerate(cases):
        if progress is not None:
            progress(done, len(cases))
        perform(case=case, name=step, actor=actor, now=now, reason=reason)
    if progress is not None:
        progress(len(cases), len(cases))
    return len(cases)


def _waiting(batch: Batch, state: State) -> Iterable[Declaration]:
    return batch.cases.filter(state=state, is_reserve=False).order_by("rank", "id")


# ---- recalled


@transaction.atomic
def recall_batch(*, batch: Batch, reason: str, actor: Seat, now: datetime) -> Batch:
    """Take a list back that the department has not accepted; while it could still be sent up again."""
    batch = locked_for(batch, "declarations.upload_batch", actor)
    demand(batch, BatchState.UPLOADED, BatchState.SENT_BACK)
    if not reason.strip():
        refuse("reason_missing", "请写明撤回的理由。")
    if not registration(batch, UP_THERE).complete:
        refuse("still_registering", "上报正在登记，登记完成后才能撤回。")
    until = deadlines_for(batch.cycle, batch.unit).province
    if now >= until:
        words = f"推荐上报已于{deadline(until, with_year=True)}截止，撤回后不能重新上报，因此不能撤回。"
        refuse("recall_too_late", words)
    batch.receipts.filter(number=batch.receipt).update(recalled_at=now)
    batch.send_backs.filter(closed_at__isnull=True).update(closed_at=now)
    number, batch.receipt = batch.receipt, ""
    complete = not lacking(batch)
    batch.state = BatchState.SEALED if complete else BatchState.MEETING_HELD
    batch.uploaded_by, batch.uploaded_at = None, None
    batch.save()
    record(Event.BATCH_RECALLED, actor=actor, target=batch, at=now, data={"receipt": number}, reason=reason)
    seats = active_seats_at(national_node().pk, DEPARTMENT_ROLES)
    tell(seats=seats, key=f"recalled:{number}", title=f"{batch.unit}撤回推荐名单", body=f"理由：{reason}", now=now)
    return batch


@transaction.atomic
def order_recall(*, batch: Batch, reason: str, actor: Seat, now: datetime) -> Batch:
    """Take a list back and order that its cases follow."""
    recalled = recall_batch(batch=batch, reason=reason, actor=actor, now=now)
    _order(TAKE_BACK, recalled, actor, now, f"撤回推荐名单：{recalled}", reason)
    return recalled


def take_back_listed(
    *, batch: Batch, reason: str, actor: Seat, now: datetime, progress: Progress | None = None
) -> int:
    """Let the cases of a recalled list follow it."""
    return _each(batch, State.RECOMMENDED, "recall_upload", actor, now, progress, reason)


# ---- the department


def _for_department(batch: Batch, actor: Seat) -> Batch:
    if not allowed(actor, "declarations.department"):
        refuse("not_permitted", "推荐名单由全国工商联会员部接收。", "五（二）3")
    found = locked(batch)
    demand(found, BatchState.UPLOADED)
    return found


@transaction.atomic
def accept_batch(*, batch: Batch, actor: Seat, now: datetime) -> Batch:
    """Accept a list that came up, once every case of it is registered."""
    batch = _for_department(batch, actor)
    state = registration(batch, UP_THERE)
    if not state.complete:
        refuse("still_registering", f"名单正在登记（{state.done}/{state.total}），登记完成后再接收。", "五（二）3")
    batch.state, batch.accepted_by, batch.accepted_at = BatchState.ACCEPTED, actor, now
    batch.save(update_fields=["state", "accepted_by", "accepted_at"])
    record(Event.BATCH_ACCEPTED, actor=actor, target=batch, at=now, data={"receipt": batch.receipt})
    words = f"回执编号{batch.receipt}，共{len(batch.listing)}家，进入初审。"
    seats = active_seats_at(batch.unit_id)
    tell(seats=seats, key=f"accepted:{batch.receipt}", title="推荐名单已接收", body=words, now=now)
    return batch


@transaction.atomic
def order_acceptance(*, batch: Batch, actor: Seat, now: datetime) -> Batch:
    """Accept a list and order that its cases are taken up for the preliminary review."""
    accepted = accept_batch(batch=batch, actor=actor, now=now)
    order_taking_up(batch=accepted, actor=actor, now=now)
    order_comparison(cycle=accepted.cycle, actor=actor, now=now)
    return accepted


def order_taking_up(*, batch: Batch, actor: Seat, now: datetime) -> None:
    """Order that the cases of an accepted list that wait for it are taken up."""
    _order(TAKE_UP, batch, actor, now, f"开始初审：{batch}")


def take_up_listed(*, batch: Batch, actor: Seat, now: datetime, progress: Progress | None = None) -> int:
    """Open the preliminary review of every case of an accepted list (T16)."""
    cases = list(_waiting(batch, State.RECOMMENDED))
    for done, case in enumerate(cases):
        if progress is not None:
            progress(done, len(cases))
        take_up(case=case, actor=actor, now=now)
    if progress is not None:
        progress(len(cases), len(cases))
    return len(cases)


def take_up(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Open the preliminary review of one case (T16), on the desk of an officer who does not look after its unit."""

    def effect(dossier: Dossier) -> dict[str, object]:
        desk = dossier.case.desk = desks_for(dossier.case).first()
        write_hints(dossier=dossier, now=now)
        return {"desk": str(desk or "")}

    return perform(case=case, name="take_up", actor=actor, now=now, effect=effect)


@dataclass(frozen=True)
class Defect:
    """One defect of form that the department found."""

    paper: PaperKind
    defect: FormDefect
    pages: str = ""


@transaction.atomic
def send_back(*, batch: Batch, defects: Sequence[Defect], actor: Seat, now: datetime) -> SendBack:
    """Give a list back for form alone; the scans of the papers named must be brought again, the cases stay."""
    batch = _for_department(batch, actor)
    if not defects:
        refuse("defect_missing", "请至少选择一份材料的一项形式问题。名单内容的问题在初审中处理。", "五（二）3")
    receipt = batch.receipts.get(number=batch.receipt)
    due = add_working_days(now, batch.cycle.answer_days)
    back = SendBack.objects.create(batch=batch, receipt=receipt, sent_by=actor, sent_at=now, due_at=due)
    items = SendBackItem.objects.bulk_create(
        SendBackItem(send_back=back, paper=one.paper, defect=one.defect, pages=one.pages)
        for one in {(one.paper, one.defect): one for one in defects}.values()
    )
    papers = [one.paper.pk for one in papers_of(batch, None) if one.kind in {item.paper for item in items}]
    take_away(PaperScan.objects.filter(paper__in=papers), actor=actor, now=now)
    batch.state = BatchState.SENT_BACK
    batch.save(update_fields=["state"])
    words = "；".join(map(str, items))
    record(Event.BATCH_SENT_BACK, actor=actor, target=batch, at=now, data={"what": words})
    seats = active_seats_at(batch.unit_id, {*LEADERS, "officer", "department_officer"})
    body = f"{words}。请于{deadline(due)}前补正后重新上报；名单内容不变，不须重新研究。"
    tell(seats=seats, key=f"back:{receipt.number}", title="推荐名单退回补正", body=body, now=now)
    return back
