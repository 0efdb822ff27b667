"""The verdict run (T24): settled marks become a verdict by the engine, kept with all that it rests on."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from declarations.actions.sections import keep_sections
from declarations.actions.sheets import move
from declarations.actions.transition import Effect, perform
from declarations.digests import digest_of
from declarations.models import Cycle, Declaration, Recomputation, ScoreRun
from declarations.queries.facts import Dossier, settled_points
from declarations.queries.meeting_page import open_job
from declarations.queries.runs import SIGN_READY, in_review, ready
from declarations.states import SHEETS_COUNTED, SheetState
from scoring.actions import lock_assessment
from scoring.engine import explain, margin_of, near, partial, what_would_change
from scoring.models import Layer
from scoring.queries import Sheet
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.jobs.actions import enqueue
from sihao.jobs.models import Job

CLAUSE = "五（二）3"
FAILS = frozenset({"panel_fails"})
Progress = Callable[[int, int], None]


def run_effect(actor: Seat, now: datetime, recomputation: Recomputation | None = None) -> Effect:
    """Return what runs the engine on a case and keeps the run: the case's current one from now on."""

    def effect(dossier: Dossier) -> dict[str, object]:
        points = settled_points(dossier) or {}
        run = keep_run(dossier, points, actor, now, recomputation)
        for layer in (Layer.AGREED, Layer.CORRECTED):
            sheet = dossier.book.layer(layer)
            if sheet is not None and sheet.assessment.locked_at is None:
                lock_assessment(assessment=sheet.assessment, now=now)
        for review in dossier.reviews:
            if review.state == SheetState.CONFIRMED:
                move(review=review, name="finish", actor=None, now=now)
        return {"run": run.number, "digest": run.inputs_digest}

    return effect


def keep_run(
    dossier: Dossier,
    points: Mapping[str, Decimal],
    actor: Seat,
    now: datetime,
    recomputation: Recomputation | None = None,
) -> ScoreRun:
    """Write the next run of a case, and its total and section marks; the runs before it stay."""
    case, programme = dossier.case, dossier.programme
    verdict = partial(programme, points)
    beside = near(programme, points, verdict)
    inputs = {code: str(value) for code, value in sorted(points.items())}
    case.score_runs.filter(current=True).update(current=False)
    run = ScoreRun.objects.create(
        declaration=case,
        number=case.score_runs.count() + 1,
        programme_digest=case.cycle.programme.digest,
        inputs=inputs,
        inputs_digest=digest_of(inputs),
        basis=_basis(dossier),
        total=verdict.total,
        bonus=verdict.bonus,
        eligible=verdict.eligible,
        explanation=list(explain(programme, verdict)),
        margin=margin_of(programme, verdict),
        nearness=beside.kind if beside else "",
        rows=list(beside.rows) if beside else [],
        changes=[change.sentence for change in what_would_change(programme, points, verdict)]
        or list(beside.sentences if beside else ()),
        recomputation=recomputation,
        run_by=actor,
        run_at=now,
    )
    case.final_total = run.total
    keep_sections(dossier, points)
    return run


def _basis(dossier: Dossier) -> dict[str, object]:
    """Return what the settled marks come from: the method, and each counted sheet and layer with its digest."""
    counted = [review for review in dossier.reviews if review.state in SHEETS_COUNTED]
    sheets = [dossier.book.expert(review.expert_id) for review in counted]
    layers = {layer: dossier.book.layer(layer) for layer in (Layer.AGREED, Layer.CORRECTED)}
    return {
        "method": dossier.case.cycle.panel_method,
        "sheets": [_of_sheet(sheet) for sheet in sheets if sheet is not None],
        **{
            layer.value: _of_sheet(sheet)
            for layer, sheet in layers.items()
            if sheet is not None and sheet.points
        },
    }


def _of_sheet(sheet: Sheet) -> dict[str, object]:
    marks = {code: str(points) for code, points in sorted(sheet.points.items())}
    version, total = sheet.assessment.version, str(sheet.total)
    return {"assessment": sheet.assessment.pk, "version": version, "total": total, "digest": digest_of(marks)}


def sign_verdict(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Run the scoring module and sign its verdict (T24): proposed, or not eligible with every reason.

    Raises ``Refused`` while sheets or agreed rows are missing.
    """
    try:
        return perform(case=case, name="propose", actor=actor, now=now, effect=run_effect(actor, now))
    except Refused as refused:
        if {refusal.code for refusal in refused.refusals} != FAILS:
            raise
    return perform(case=case, name="rule_out", actor=actor, now=now, effect=run_effect(actor, now))


def order_signing(*, cycle: Cycle, actor: Seat, now: datetime) -> Job:
    """Have the verdicts signed of all cases that are ready, in the background; a second order returns the first."""
    if not allowed(actor, "declarations.sign_verdict"):
        raise Refused((Refusal("not_permitted", "由专家组组长签署复审结论。", CLAUSE),))
    if job := open_job(SIGN_READY, cycle=cycle.pk, seat=actor.pk):
        return job
    if not ready(in_review(actor, cycle)).exists():
        raise Refused((Refusal("nothing_ready", "没有评分全部确认、商定完毕的申报件。", CLAUSE),))
    return enqueue(SIGN_READY, owner=actor.user, at=now, cycle=cycle.pk, seat=actor.pk)


def sign_ready(*, cycle: Cycle, actor: Seat, now: datetime, progress: Progress | None = None) -> list[str]:
    """Sign every case that is ready, each in a transaction of its own; return what was refused.

    Stopped half-way it goes on with those that are left: a signed case is not ready any more.
    """
    keys = list(ready(in_review(actor, cycle)).order_by("pk").values_list("pk", "number"))
    refused = []
    for done, (pk, number) in enumerate(keys, start=1):
        case = Declaration(pk=pk)
        try:
            sign_verdict(case=case, actor=actor, now=now)
        except Refused as problem:
            refused.append(f"{number}：{problem}")
        if progress is not None:
            progress(done, len(keys))
    return refused
