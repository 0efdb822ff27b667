"""What a tier does with a case: mark, opine, forward, return, decline, list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from declarations.actions.delta import break_off, refuse_outside_round
from declarations.actions.draft import reopen_self_layer
from declarations.actions.forwarding import free_forward_places, take_or_refuse
from declarations.actions.quota import leave_list, lock_list, lock_list_of_listed, take_place
from declarations.actions.ranks import length_of
from declarations.actions.sections import keep_sections
from declarations.actions.transition import Effect, lock, perform
from declarations.calendar import return_due
from declarations.models import Batch, Declaration, Decline, Endorsement, ReturnItem, ReturnSlip
from declarations.queries.facts import Dossier, dossier_of, own_answered_items
from declarations.rules import layer_of
from declarations.states import DeclineReason, ItemOutcome, ReturnReason, Stance
from scoring.actions import Entered, lock_assessment, open_layer, save_marks, unlock_assessment
from scoring.models import Assessment, Layer
from scoring.queries import Sheet, book_of
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.prepared import Prepared

IN_ROUND = Refusal("in_round", "本级只核对变动的指标，请在“核对变动指标”页逐项办理。", "五（二）1")
NOT_HOLDING = Refusal("not_permitted", "本件现不由本单位办理，不能评分。", "五（二）1")


@dataclass(frozen=True)
class Mend:
    """One item of a return: the row or field, its name, why, and what to do."""

    item: str
    label: str
    reason: ReturnReason
    text: str


@dataclass(frozen=True)
class Settled:
    """What the tier says of one item that came back: mended or not, and why."""

    outcome: ItemOutcome
    remark: str = ""


def _tier_layer(case: Declaration, actor: Seat) -> Assessment:
    """Return the layer the actor's tier marks, opened if it is not there."""
    if not allowed(actor, "declarations.review", case):
        raise Refused((NOT_HOLDING,))
    return open_layer(ledger=case.ledger, layer=layer_of(actor.organisation.level))


@transaction.atomic
def save_tier_marks(*, case: Declaration, entries: Mapping[str, Entered], actor: Seat, now: datetime) -> Assessment:
    """Write rows of the actor's tier into its own layer (T04)."""
    locked = lock(case.pk, by=actor)
    assessment = _tier_layer(locked, actor)
    refuse_outside_round(locked, entries)
    save_marks(assessment=assessment, entries=entries, actor=actor, now=now)
    return assessment


@dataclass(frozen=True)
class Agreed:
    """How many rows were confirmed, and those that were asked for and were not: somebody changed them meanwhile."""

    written: int
    left: tuple[str, ...]


@transaction.atomic
def agree_with_below(
    *, case: Declaration, actor: Seat, now: datetime, rows: Mapping[str, Decimal] | None = None
) -> Agreed:
    """Confirm rows that the tier has not marked yet with the mark of the layer below: all, or those named.

    ``rows`` holds each row with the mark that the writer had before his eyes; one that now stands otherwise below, or
    is marked by now, is left. What was typed and is no mark stays as typed: it was meant to differ.
    """
    locked = lock(case.pk, by=actor)
    assessment = _tier_layer(locked, actor)
    if locked.awaited_by_id is not None:
        raise Refused((IN_ROUND,))
    entries = _to_confirm(locked, assessment)
    if rows is not None:
        entries = {code: entries[code] for code, points in rows.items() if entries.get(code) == Entered(points=points)}
    save_marks(assessment=assessment, entries=entries, actor=actor, now=now)
    return Agreed(len(entries), tuple(code for code in rows or () if code not in entries))


def confirm_from_below(*, case: Declaration, assessment: Assessment, actor: Seat, now: datetime) -> int:
    """Copy the marks of the layer below into the rows of a layer that have none; return how many."""
    entries = _to_confirm(case, assessment)
    save_marks(assessment=assessment, entries=entries, actor=actor, now=now)
    return len(entries)


def _to_confirm(case: Declaration, assessment: Assessment) -> dict[str, Entered]:
    book = book_of(case.ledger_id)
    own = next(sheet for sheet in book.sheets if sheet.assessment.pk == assessment.pk)
    return _missing_from(book.below(Layer(assessment.layer)), own)


def _missing_from(below: Sheet | None, own: Sheet) -> dict[str, Entered]:
    lower = below.points if below else {}
    entered = {code for code, mark in own.marks.items() if mark.points is not None or mark.typed}
    return {code: Entered(points=points) for code, points in lower.items() if code not in entered}


def save_opinion(
    *, case: Declaration, text: str, stance: Stance, authentic: bool, actor: Seat, now: datetime
) -> Declaration:
    """Write the tier's opinion, its conclusion and its word that the material was checked (T04)."""
    parts = {"text": text, "stance": str(stance), "authentic": authentic}

    def effect(dossier: Dossier) -> None:
        opinion = opinion_under_way(dossier.case, actor)
        change_opinion(opinion, parts, actor, now)

    return perform(case=case, name="opine", actor=actor, now=now, details={"text": text}, effect=effect)


LAST_OPINION = Prepared(
    lambda case, office: Endorsement.objects.filter(declaration=case, organisation=office)
    .select_related("written_by__user")
    .order_by("-round")[:1]
)


def opinion_under_way(case: Declaration, actor: Seat) -> Endorsement:
    """Return the tier's opinion that nobody has signed yet, or a new one that is not stored; one query."""
    last = LAST_OPINION.first(case.pk, actor.organisation_id)
    if last is not None and last.signed_at is None:
        return last
    return Endorsement(
        declaration=case, organisation=actor.organisation, round=(last.round if last else 0) + 1, versions={}
    )


def change_opinion(opinion: Endorsement, parts: Mapping[str, object], actor: Seat, now: datetime) -> None:
    """Write parts of an opinion that is under way; each that changed gets its next version."""
    changed = {name: value for name, value in parts.items() if getattr(opinion, name) != value}
    if not changed:
        return
    for name, value in changed.items():
        setattr(opinion, name, value)
    opinion.versions |= {name: opinion.versions.get(name, 0) + 1 for name in changed}
    opinion.written_by, opinion.written_at = actor, now
    opinion.save()


def sign_layer(dossier: Dossier, conclusion: str, actor: Seat, now: datetime) -> None:
    """Sign the holder's opinion and freeze its layer."""
    opinion = dossier.opinion_of(dossier.case.holder_id)
    if opinion is not None and opinion.signed_at is None:
        opinion.conclusion, opinion.signed_by, opinion.signed_at = conclusion, actor, now
        opinion.save(update_fields=["conclusion", "signed_by", "signed_at"])
    layer = dossier.holder_layer
    sheet = dossier.book.layer(layer) if layer else None
    if sheet is not None:
        lock_assessment(assessment=sheet.assessment, now=now)


def forward(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Send the case to the superior with opinion and frozen marks (T05)."""

    def effect(dossier: Dossier) -> None:
        take_or_refuse(dossier.case)
        sign_layer(dossier, "同意报上级审核", actor, now)

    return perform(case=case, name="forward", actor=actor, now=now, effect=effect)


def take_over(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Take a case over from the tier below that let its term pass (T-R2); its marks stay and are frozen."""

    def effect(dossier: Dossier) -> dict[str, object]:
        sheet = dossier.book.layer(dossier.holder_layer) if dossier.holder_layer else None
        if sheet is not None:
            lock_assessment(assessment=sheet.assessment, now=now)
        break_off(dossier.case, now, f"逾期未办结，由{actor.organisation}接办。")
        return {"previous": str(dossier.case.holder)}

    return perform(case=case, name="take_over", actor=actor, now=now, reason=reason, effect=effect)


@transaction.atomic
def return_for_correction(
    *, case: Declaration, items: Sequence[Mend], actor: Seat, now: datetime, due: datetime | None = None
) -> Declaration:
    """Send the case back to the chamber with named items and a date (T06); only these open for writing.

    Without a date the cycle's days are given. A case on the list leaves it, and the marks of the unit open again for
    the second look.
    """
    lock_list_of_listed(case)
    due = due or return_due(case, now)

    def effect(dossier: Dossier) -> dict[str, object]:
        leave_list(dossier)
        free_forward_places(dossier.case)
        _reopen_own_layer(dossier, actor)
        dossier.case.returned_by = actor.organisation
        slip = ReturnSlip.objects.create(
            declaration=dossier.case,
            organisation=actor.organisation,
            returned_by=actor,
            returned_at=now,
            due_at=due,
        )
        ReturnItem.objects.bulk_create(
            ReturnItem(slip=slip, item=mend.item, label=mend.label, reason=mend.reason, text=mend.text)
            for mend in items
        )
        reopen_self_layer(dossier)
        return {"items": [mend.label for mend in items]}

    return perform(
        case=case,
        name="return_for_correction",
        actor=actor,
        now=now,
        details={"items": list(items), "due": timezone.localtime(due)},
        effect=effect,
    )


@transaction.atomic
def settle_items(*, case: Declaration, words: Mapping[int, Settled], actor: Seat, now: datetime) -> int:
    """Say of items that the holder returned whether they are mended, and return how many were settled.

    What is settled can be said anew until the case goes on. Raises ``Refused`` for an item that is not the holder's.
    """
    locked = lock(case.pk, by=actor)
    if not allowed(actor, "declarations.settle_return", locked):
        raise Refused((NOT_HOLDING,))
    mine = {item.pk: item for item in own_answered_items(dossier_of(locked))}
    if any(pk not in mine for pk in words):
        raise Refused.because("item_not_own", "只能核对本单位退回、商会已答复的事项。", "五（二）1")
    if any(said.outcome == ItemOutcome.LACKING and not said.remark.strip() for said in words.values()):
        raise Refused.because("remark_missing", "核对结果为“仍不符合”的，请写明理由。", "五（二）1")
    for pk, said in words.items():
        item = mine[pk]
        item.outcome, item.remark, item.settled_by, item.settled_at = said.outcome, said.remark, actor, now
    ReturnItem.objects.bulk_update([mine[pk] for pk in words], ["outcome", "remark", "settled_by", "settled_at"])
    if words:
        told = {"what": "、".join(mine[pk].label for pk in words)}
        record(Event.RETURN_SETTLED, actor=actor, target=locked, at=now, data=told)
    return len(words)


def _reopen_own_layer(dossier: Dossier, actor: Seat) -> None:
    sheet = dossier.book.layer(layer_of(actor.organisation.level))
    if sheet is not None:
        unlock_assessment(assessment=sheet.assessment)


def decline(*, case: Declaration, code: DeclineReason, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Not recommend the case (T09), with a reason from the list and in words."""
    words = f"{DeclineReason(code).label}。{reason}" if reason.strip() else ""

    def effect(dossier: Dossier) -> dict[str, object]:
        sign_layer(dossier, "不予推荐", actor, now)
        free_forward_places(dossier.case)
        Decline.objects.create(
            declaration=dossier.case,
            organisation=dossier.case.holder,
            code=code,
            reason=words,
            declined_by=actor,
            declined_at=now,
        )
        return {"code": code}

    return perform(case=case, name="decline", actor=actor, now=now, reason=words, effect=effect)


def _enter_list(batch: Batch, actor: Seat, now: datetime, *, reserve: bool) -> Effect:
    def effect(dossier: Dossier) -> dict[str, object]:
        case = dossier.case
        if not reserve:
            take_place(case)
        sign_layer(dossier, "列为备选" if reserve else "同意推荐", actor, now)
        case.batch, case.is_reserve = batch, reserve
        case.rank = length_of(case, reserve=reserve) + 1
        case.unit_total = dossier.book.layer(layer_of(actor.organisation.level)).total
        keep_sections(dossier)
        return {"rank": case.rank}

    return effect


@transaction.atomic
def shortlist(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Enter the case at the end of the unit's list (T12) and take a place."""
    effect = _enter_list(lock_list(case), actor, now, reserve=False)
    return perform(case=case, name="shortlist", actor=actor, now=now, effect=effect)


@transaction.atomic
def reserve(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Enter the case at the end of the unit's reserves (T12); no place is taken."""
    effect = _enter_list(lock_list(case), actor, now, reserve=True)
    return perform(case=case, name="reserve", actor=actor, now=now, effect=effect)


@transaction.atomic
def unshortlist(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Take the case out of the list (T12); the place is free again and the tier may review on."""
    lock_list(case)

    def effect(dossier: Dossier) -> dict[str, object] | None:
        _reopen_own_layer(dossier, actor)
        return leave_list(dossier)

    return perform(case=case, name="unshortlist", actor=actor, now=now, reason=reason, effect=effect)


def strike(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Take a case off the frozen list as the meeting decided (T12); the caller holds the list's lock."""

    def effect(dossier: Dossier) -> dict[str, object] | None:
        _reopen_own_layer(dossier, actor)
        return leave_list(dossier)

    return perform(case=case, name="strike", actor=actor, now=now, reason=reason, effect=effect)
