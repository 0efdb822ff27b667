"""Lower tiers look again at named rows alone: after a return by a higher tier, or because one sends the case down."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from declarations.actions.transition import lock, perform
from declarations.comparison import Part, Scored, parts_of_round
from declarations.models import Declaration, DeltaRound, DeltaRow, DeltaTask, ReturnSlip
from declarations.queries.contents import content_of
from declarations.queries.dossier import Dossier, dossier_of
from declarations.queries.rounds import last_signed, moved, tiers_below
from declarations.rules import layer_of
from declarations.states import Cause, DeltaState, RoundCause
from scoring.actions import Entered, lock_assessment, open_layer, renew_layer, save_marks
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused

NOT_HOLDING = Refusal("not_permitted", "本件现不由本单位办理，不能核对。", "五（二）1")
OPINION_HOLDS = Refusal("opinion_holds", "得分没有变动，本级原审核意见继续有效，不需另写。", "五（二）1")
NO_ROUND = Refusal("not_in_round", "本件没有待核对的变动指标。", "五（二）1")


@dataclass(frozen=True)
class Redo:
    """One row that a lower tier must mark again: its code, its name, and what is asked."""

    code: str
    label: str
    text: str


# ---- after a return


def begin_round(dossier: Dossier, slip: ReturnSlip, actor: Seat, now: datetime) -> None:
    """Write the round that a resubmission asks for, and open its first task if there is one.

    To be called under the case's lock, once ``case.returned_by`` names where the case goes. A tier that marked one of
    the rows that changed since it last signed looks at those rows; the others are skipped, with why.
    """
    case = dossier.case
    target = case.returned_by or case.home
    tiers = tiers_below(case, target)
    if not tiers:
        return
    parts = parts_of_round(dossier.programme, _scored(dossier, tiers), content_of(case, dossier.book))
    opened = DeltaRound.objects.create(
        declaration=case,
        cause=RoundCause.RESUBMITTED,
        slip=slip,
        target=target,
        opened_by=actor,
        opened_at=now,
    )
    _write_tasks(dossier, opened, tiers, parts, now)
    _go_on(dossier, opened, now)


def _scored(dossier: Dossier, tiers: Sequence[Organisation]) -> list[Scored]:
    signed = last_signed(dossier.case, [tier.pk for tier in tiers])
    return [Scored(tier.pk, signed.get(tier.pk), frozenset(_points(dossier, tier))) for tier in tiers]


def _points(dossier: Dossier, tier: Organisation) -> Mapping[str, object]:
    sheet = dossier.book.layer(layer_of(tier.level))
    return sheet.points if sheet is not None else {}


def _write_tasks(
    dossier: Dossier, opened: DeltaRound, tiers: Sequence[Organisation], parts: Sequence[Part], now: datetime
) -> None:
    tasks = [
        DeltaTask(
            round=opened,
            organisation_id=part.organisation,
            place=place,
            state=DeltaState.WAITING if part.rows else DeltaState.SKIPPED,
            note=part.note,
            ended_at=None if part.rows else now,
        )
        for place, part in enumerate(parts, start=1)
    ]
    DeltaTask.objects.bulk_create(tasks)
    marked = {tier.pk: _points(dossier, tier) for tier in tiers}
    DeltaRow.objects.bulk_create(
        DeltaRow(task=task, code=code, causes=list(causes), before=marked[part.organisation].get(code))
        for task, part in zip(tasks, parts, strict=True)
        for code, causes in part.rows.items()
    )


def _go_on(dossier: Dossier, opened: DeltaRound, now: datetime) -> None:
    """Open the next task of a round, or end it: then nobody waits for the case any more."""
    case = dossier.case
    task = (
        opened.tasks.filter(state=DeltaState.WAITING).select_related("organisation").order_by("place").first()
    )
    if task is None:
        opened.ended_at = now
        opened.save(update_fields=["ended_at"])
        case.awaited_by = None
        return
    task.state, task.opened_at = DeltaState.OPEN, now
    task.save(update_fields=["state", "opened_at"])
    renew_layer(ledger=case.ledger, layer=layer_of(task.organisation.level))
    case.awaited_by = opened.target


# ---- a tier sends the case down


def send_down(
    *,
    case: Declaration,
    to: int,
    rows: Sequence[Redo],
    actor: Seat,
    now: datetime,
    opinion: bool = False,
    reason: str = "",
) -> Declaration:
    """Send the case to a lower tier that must redo named rows or its opinion (T07); it comes straight back.

    The lower tier's layer is reopened as a new version; the old one stays as it was signed.
    """

    def effect(dossier: Dossier) -> dict[str, object]:
        found = dossier.case
        tier = next((one for one in tiers_below(found, found.holder) if one.pk == to), None)
        if tier is None:
            raise Refused((Refusal("not_below", "请选择本级之下、本件经过的工商联。", "五（二）1"),))
        opened = DeltaRound.objects.create(
            declaration=found,
            cause=RoundCause.SENT_DOWN,
            target=found.holder,
            words=reason,
            opened_by=actor,
            opened_at=now,
        )
        task = DeltaTask.objects.create(
            round=opened, organisation=tier, place=1, state=DeltaState.WAITING, opinion=opinion
        )
        marked = _points(dossier, tier)
        DeltaRow.objects.bulk_create(
            DeltaRow(
                task=task, code=row.code, causes=[Cause.NAMED], text=row.text, before=marked.get(row.code)
            )
            for row in rows
        )
        _go_on(dossier, opened, now)
        return {"what": "、".join([*(row.label for row in rows), *(["审核意见"] if opinion else [])])}

    details = {"rows": list(rows), "opinion": opinion}
    return perform(
        case=case, name="send_down", actor=actor, now=now, reason=reason, details=details, effect=effect
    )


# ---- the tier's part


def row_refusal(task: DeltaTask, codes: Collection[str]) -> Refusal | None:
    """Return why rows cannot be marked in a round that does not name them."""
    named = {row.code for row in task.rows.all()}
    shut = [code for code in codes if code not in named]
    if not shut:
        return None
    sentence = f"本次只核对{len(named)}项指标，{'、'.join(shut[:6])}不在其内，不能改动。"
    return Refusal("row_outside_round", sentence, "五（二）1")


def refuse_outside_round(case: Declaration, codes: Collection[str], *, opinion: bool = False) -> None:
    """Raise ``Refused`` for what a round, in which the holder looks at named rows alone, does not open.

    That is every row that it does not name, and the opinion while no mark has moved and nobody asked for it. Costs
    nothing where there is no round.
    """
    if case.awaited_by_id is None:
        return
    dossier = dossier_of(case)
    task = dossier.delta_task
    refusals = [] if task is None else [row_refusal(task, codes)]
    if opinion and task is not None and not (task.opinion or moved(dossier, task)):
        refusals.append(OPINION_HOLDS)
    if found := tuple(refusal for refusal in refusals if refusal is not None):
        raise Refused(found)


@transaction.atomic
def settle_rows(
    *,
    case: Declaration,
    entries: Mapping[str, Entered],
    settled: Collection[str],
    actor: Seat,
    now: datetime,
    seen: Mapping[str, int] | None = None,
) -> int:
    """Write marks of the round's rows and keep which of them are confirmed; return how many are confirmed in all.

    A row that is confirmed keeps who did it first and when, unless its mark changes. Raises ``Refused`` where somebody
    else has changed a row since the version that was ``seen``: nothing is written then.
    """
    locked = lock(case.pk, by=actor)
    if not allowed(actor, "declarations.review", locked):
        raise Refused((NOT_HOLDING,))
    task = dossier_of(locked).delta_task
    if task is None:
        raise Refused((NO_ROUND,))
    if refusal := row_refusal(task, {*entries, *settled}):
        raise Refused((refusal,))
    layer = open_layer(ledger=locked.ledger, layer=layer_of(actor.organisation.level))
    old = dict(layer.marks.values_list("code", "version"))
    written = save_marks(assessment=layer, entries=entries, actor=actor, now=now, seen=seen)
    if written.collisions:
        named = "、".join(written.collisions)
        raise Refused.because("overtaken", f"{named}已由他人改动，没有保存。请核对现在的评分后再填写。")
    new = {
        code: (version, points)
        for code, version, points in layer.marks.values_list("code", "version", "points")
    }
    rows = list(task.rows.all())
    for row in rows:
        version, points = new.get(row.code, (0, None))
        confirmed = row.code in settled and points is not None
        _settle(row, actor, now, confirmed=confirmed, renewed=version != old.get(row.code, 0))
    DeltaRow.objects.bulk_update(rows, ["settled_by", "settled_at"])
    return sum(row.settled_at is not None for row in rows)


def _settle(row: DeltaRow, actor: Seat, now: datetime, *, confirmed: bool, renewed: bool) -> None:
    if not confirmed:
        row.settled_by, row.settled_at = None, None
    elif row.settled_at is None or renewed:
        row.settled_by, row.settled_at = actor, now


def confirm_delta(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """End the holder's part of the round: its layer is frozen, the case goes to the next tier or to who waits."""

    def effect(dossier: Dossier) -> dict[str, object]:
        task = dossier.delta_task
        rows = [row.code for row in task.rows.all()]
        _sign(dossier, actor, now)
        task.state, task.ended_at, task.done_by = DeltaState.DONE, now, actor
        task.save(update_fields=["state", "ended_at", "done_by"])
        _go_on(dossier, task.round, now)
        return {"what": "、".join(rows) or "审核意见"}

    return perform(case=case, name="confirm_delta", actor=actor, now=now, effect=effect)


def _sign(dossier: Dossier, actor: Seat, now: datetime) -> None:
    """Freeze the holder's layer, and sign its opinion if it was given anew."""
    opinion = dossier.opinion_of(dossier.case.holder_id)
    if opinion is not None and opinion.signed_at is None:
        opinion.conclusion, opinion.signed_by, opinion.signed_at = "核对变动指标后报出", actor, now
        opinion.save(update_fields=["conclusion", "signed_by", "signed_at"])
    sheet = dossier.book.layer(dossier.holder_layer) if dossier.holder_layer else None
    if sheet is not None:
        lock_assessment(assessment=sheet.assessment, now=now)


def break_off(case: Declaration, now: datetime, note: str) -> None:
    """End the open round of a case unfinished: what was not looked at is kept as such, with why.

    The step that breaks it off moves the case, to the tier that waits for it or out of review.
    """
    opened = DeltaRound.objects.filter(declaration=case, ended_at__isnull=True).first()
    if opened is None:
        return
    left = opened.tasks.filter(state__in=[DeltaState.OPEN, DeltaState.WAITING])
    left.update(state=DeltaState.DROPPED, ended_at=now, note=note[:200])
    opened.ended_at = now
    opened.save(update_fields=["ended_at"])
