"""Computing verdicts again (T25): one case by a corrected row, all of them by corrected parameters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from declarations.actions.transition import lock, perform
from declarations.actions.verdicts import run_effect
from declarations.digests import digest_of
from declarations.models import Cycle, Declaration, Recomputation, RecomputationState, RunCause, ScoreRun
from declarations.models.runs import OPEN_RECOMPUTATIONS
from declarations.queries.facts import Dossier, dossier_of, settled_points
from declarations.queries.meeting_page import open_job
from declarations.queries.runs import (
    JUDGED,
    METHOD_WORDS,
    RECOMPUTE,
    TRY_OUT,
    WORDS,
    digest_pairs,
    dossiers_in_chunks,
    is_before_meeting,
    judged_cases,
    parameter_words,
    parameters_of,
    steps_back_from_judged,
)
from declarations.states import State
from scoring.actions import Entered, open_layer, publish_programme, renew_layer, save_marks
from scoring.engine import Programme, ProgrammeError, ValueProblem, figure, parse_mark, partial
from scoring.models import Layer
from scoring.queries import parsed, programme_of
from scoring.rereading import readings_of, reread
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.jobs.actions import enqueue
from sihao.jobs.models import Job

CLAUSE = "通知未规定"
REASON_LIMIT = 500
Progress = Callable[[int, int], None]
STEP_OF = {
    (State.PROPOSED, True): "recompute",
    (State.NOT_ELIGIBLE, False): "recompute",
    (State.NOT_ELIGIBLE, True): "recompute_propose",
    (State.PROPOSED, False): "recompute_rule_out",
}


def _refuse(code: str, sentence: str, clause: str = CLAUSE) -> None:
    raise Refused((Refusal(code, sentence, clause),))


def _refuse_actor(actor: Seat) -> None:
    if not allowed(actor, "declarations.recompute"):
        _refuse("not_permitted", "由会员部负责人办理重新计算。")


def _next_number(cycle: Cycle) -> int:
    """Return the next number of a recomputation; the caller holds the cycle's lock."""
    last = Recomputation.objects.filter(cycle=cycle).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _locked(cycle: Cycle) -> Cycle:
    found = Cycle.objects.select_for_update(of=("self",)).select_related("programme")
    return found.defer("programme__text", "notice_text").get(pk=cycle.pk)


# ---- one case: a corrected row


@dataclass(frozen=True)
class Corrected:
    """One row as it is to stand, and why."""

    points: object
    reason: str


@dataclass(frozen=True)
class Trial:
    """What a correction would come to: totals and verdicts before and after."""

    before: Decimal
    after: Decimal
    was_eligible: bool
    eligible: bool
    rows: Mapping[str, tuple[Decimal, Decimal]]

    @property
    def words(self) -> str:
        """Return the change in one sentence's words."""
        return _change_words((self.before, self.was_eligible), (self.after, self.eligible))


def try_correction(*, case: Declaration, rows: Mapping[str, Corrected], actor: Seat) -> Trial:
    """Return what correcting these rows would come to; writes nothing, refuses what would be refused."""
    _refuse_actor(actor)
    dossier = dossier_of(case)
    return _trial(dossier, *_checked(dossier, rows))


def _checked(
    dossier: Dossier, rows: Mapping[str, Corrected]
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Return the settled marks as they are and the corrected rows; refuses a case or a row that cannot be corrected."""
    if dossier.case.state not in JUDGED:
        _refuse("not_judged", f"本件现为“{dossier.case.get_state_display()}”，没有可以重新计算的复审结论。")
    settled = settled_points(dossier)
    if settled is None:
        _refuse("not_settled", "本件评分不齐，不能重新计算。")
    if not rows:
        _refuse("nothing_corrected", "请写明要更正的指标和得分。")
    refusals, marks = [], {}
    for code, one in rows.items():
        found = _mark_of(dossier.programme, settled, code, one)
        if isinstance(found, Refusal):
            refusals.append(found)
        else:
            marks[code] = found
    if refusals:
        raise Refused(tuple(refusals))
    return settled, marks


def _mark_of(
    programme: Programme, settled: Mapping[str, Decimal], code: str, one: Corrected
) -> Decimal | Refusal:
    if code not in settled:
        return Refusal("unknown_row", f"没有“{code[:20]}”这一行。", CLAUSE)
    try:
        mark = parse_mark(programme.rubric.item(code), programme.step, one.points)
    except ValueProblem as problem:
        return Refusal("not_a_mark", f"{problem}。", CLAUSE)
    if mark == settled[code]:
        return Refusal("unchanged", f"{code}现得{figure(mark)}分，没有变动。", CLAUSE)
    if not one.reason.strip():
        return Refusal("reason_missing", f"{code}：更正得分须写明理由和依据。", CLAUSE)
    return mark


def _trial(dossier: Dossier, settled: Mapping[str, Decimal], marks: Mapping[str, Decimal]) -> Trial:
    before = partial(dossier.programme, settled)
    after = partial(dossier.programme, {**settled, **marks})
    rows = {code: (settled[code], mark) for code, mark in marks.items()}
    return Trial(before.total, after.total, before.eligible, after.eligible, rows)


@transaction.atomic
def correct_rows(
    *, case: Declaration, rows: Mapping[str, Corrected], actor: Seat, now: datetime
) -> Recomputation:
    """Correct settled rows of one case with their reasons and compute its verdict again; the run before it stays.

    No reader's sheet is touched: what is corrected stands in a layer of its own, with author and reason.
    """
    _refuse_actor(actor)
    cycle = _locked(case.cycle)
    dossier = dossier_of(lock(case.pk, by=actor))
    settled, marks = _checked(dossier, rows)
    trial = _trial(dossier, settled, marks)
    _write_layer(dossier, rows, actor, now)
    reasons = "；".join(f"{code}：{one.reason.strip()}" for code, one in rows.items())[:REASON_LIMIT]
    recomputation = Recomputation.objects.create(
        cycle=cycle,
        number=_next_number(cycle),
        cause=RunCause.ITEM,
        state=RecomputationState.DONE,
        declaration=dossier.case,
        reason=reasons,
        before={code: str(was) for code, (was, _) in trial.rows.items()},
        after={code: str(now_) for code, (_, now_) in trial.rows.items()},
        cases=1,
        changes=[_change(dossier.case, (trial.before, trial.was_eligible), (trial.after, trial.eligible))],
        ordered_by=actor,
        ordered_at=now,
        ended_at=now,
    )
    told = "，".join(
        f"{code}由{figure(was)}分更正为{figure(mark)}分" for code, (was, mark) in trial.rows.items()
    )
    _recompute(dossier.case, trial.eligible, f"{told}；{trial.words}", reasons, recomputation, actor, now)
    return recomputation


def _write_layer(dossier: Dossier, rows: Mapping[str, Corrected], actor: Seat, now: datetime) -> None:
    ledger = dossier.case.ledger
    sheet = dossier.book.layer(Layer.CORRECTED)
    is_old = sheet is not None and sheet.assessment.locked_at is not None
    open_ = renew_layer if is_old else open_layer
    entries = {code: Entered(points=one.points, reason=one.reason.strip()) for code, one in rows.items()}
    save_marks(assessment=open_(ledger=ledger, layer=Layer.CORRECTED), entries=entries, actor=actor, now=now)


def _recompute(
    case: Declaration,
    eligible: bool,
    what: str,
    reason: str,
    recomputation: Recomputation,
    actor: Seat,
    now: datetime,
) -> None:
    """Take the step that the new verdict is; it runs the engine anew and keeps both runs."""
    run = run_effect(actor, now, recomputation)

    def effect(dossier: Dossier) -> dict[str, object]:
        return {**(run(dossier) or {}), "what": what}

    name = STEP_OF[State(case.state), eligible]
    perform(case=case, name=name, actor=actor, now=now, reason=reason, effect=effect)


def _change(
    case: Declaration, before: tuple[Decimal, bool], after: tuple[Decimal, bool]
) -> dict[str, object]:
    return {
        "case": case.pk,
        "number": case.number,
        "name": case.applicant_name,
        "unit": case.unit.name,
        "before": [str(before[0]), before[1]],
        "after": [str(after[0]), after[1]],
    }


def _change_words(before: tuple[Decimal, bool], after: tuple[Decimal, bool]) -> str:
    told = f"总分由{figure(before[0])}分变为{figure(after[0])}分" if before[0] != after[0] else "总分不变"
    if before[1] == after[1]:
        return f"{told}，结论仍为{WORDS[after[1]]}"
    return f"{told}，结论由{WORDS[before[1]]}变为{WORDS[after[1]]}"


# ---- all cases: corrected parameters


@dataclass(frozen=True)
class Parameters:
    """How the verdict is to be read: by gate whether exactly the limit passes, and how marks are settled."""

    readings: Mapping[str, bool]
    method: str


@transaction.atomic
def order_trial(
    *, cycle: Cycle, parameters: Parameters, reason: str, actor: Seat, now: datetime
) -> Recomputation:
    """Have it worked out in the background what corrected parameters would change; nothing takes effect by it."""
    _refuse_actor(actor)
    cycle = _locked(cycle)
    _refuse_recomputing(cycle, actor)
    if not reason.strip():
        _refuse("reason_missing", "请写明更正参数的理由。")
    programme = programme_of(cycle.programme)
    before = parameters_of(cycle, programme)
    if set(parameters.readings) != set(readings_of(programme)) or parameters.method not in METHOD_WORDS:
        _refuse("unknown_parameter", "没有这一参数，请刷新页面后再办理。")
    after = {"readings": dict(parameters.readings), "method": parameters.method}
    if after == {name: before[name] for name in after}:
        _refuse("nothing_corrected", "参数没有变动。")
    if Recomputation.objects.filter(cycle=cycle, state__in=OPEN_RECOMPUTATIONS).exists():
        _refuse("one_is_open", "已有一次重新计算尚未办结，请先确认或者作罢。")
    recomputation = Recomputation.objects.create(
        cycle=cycle,
        number=_next_number(cycle),
        cause=RunCause.PARAMETER,
        state=RecomputationState.TRYING,
        reason=reason.strip(),
        before=before,
        after=after,
        ordered_by=actor,
        ordered_at=now,
    )
    _enqueue(TRY_OUT, recomputation, actor, now)
    return recomputation


def _refuse_recomputing(cycle: Cycle, actor: Seat) -> None:
    if not is_before_meeting(cycle):
        _refuse("after_the_meeting", "已有申报件提请主席办公会议审议，评分参数不再更正。", "五（二）4")
    if steps_back_from_judged(actor, cycle):
        _refuse("recused", "其中有您应当回避的申报，由会员部另一位负责人办理。", "回避")


def _enqueue(kind: str, recomputation: Recomputation, actor: Seat, now: datetime) -> Job:
    ids = {"recomputation": recomputation.pk, "seat": actor.pk}
    return enqueue(kind, owner=actor.user, at=now, **ids)


def job_of(recomputation: Recomputation) -> Job | None:
    """Return the job that works on a recomputation now."""
    found = (open_job(kind, recomputation=recomputation.pk) for kind in (TRY_OUT, RECOMPUTE))
    return next((job for job in found if job is not None), None)


def _text_after(cycle: Cycle, recomputation: Recomputation) -> str:
    """Return the programme's text with the corrected readings."""
    text = type(cycle.programme).objects.values_list("text", flat=True).get(pk=cycle.programme_id)
    try:
        return reread(text, recomputation.after["readings"])
    except ProgrammeError as problem:
        _refuse("not_rereadable", f"{problem}。")
        raise


def try_out(*, recomputation: Recomputation, progress: Progress | None = None) -> Recomputation:
    """Work out, case by case, what the corrected parameters would change; kept for the head to confirm."""
    cycle = recomputation.cycle
    if recomputation.state != RecomputationState.TRYING:
        return recomputation
    basis = digest_of(digest_pairs(cycle))
    programme = parsed(_text_after(cycle, recomputation))
    runs = {run.declaration_id: run for run in _current_runs(cycle)}
    changes, total = [], len(runs)
    for done, dossier in enumerate(_under(recomputation, cycle, programme), start=1):
        change = _would_change(dossier, runs[dossier.case.pk])
        changes += [change] if change else []
        if progress is not None:
            progress(done, total)
    kept = {"state": RecomputationState.TRIED, "changes": changes, "cases": total, "basis": basis}
    Recomputation.objects.filter(pk=recomputation.pk, state=RecomputationState.TRYING).update(**kept)
    recomputation.refresh_from_db()
    return recomputation


def _current_runs(cycle: Cycle) -> Sequence[ScoreRun]:
    runs = ScoreRun.objects.filter(declaration__cycle=cycle, declaration__state__in=JUDGED, current=True)
    return runs.only("declaration_id", "total", "eligible")


def _under(recomputation: Recomputation, cycle: Cycle, programme: Programme) -> Sequence[Dossier]:
    """Yield the judged cases as they are settled under the corrected parameters."""
    for dossier in dossiers_in_chunks(judged_cases(cycle), programme):
        dossier.case.cycle.panel_method = recomputation.after["method"]
        yield dossier


def _would_change(dossier: Dossier, run: ScoreRun) -> dict[str, object] | None:
    points = settled_points(dossier)
    if points is None:
        _refuse("method_unfit", f"{dossier.case.applicant_name}按新的取分方法不能合分，参数不能这样更正。")
    verdict = partial(dossier.programme, points)
    if (verdict.total, verdict.eligible) == (run.total, run.eligible):
        return None
    return _change(dossier.case, (run.total, run.eligible), (verdict.total, verdict.eligible))


@transaction.atomic
def confirm_recomputation(*, recomputation: Recomputation, actor: Seat, now: datetime) -> Job:
    """Let a trial that was looked at take effect, in the background."""
    _refuse_actor(actor)
    recomputation = _locked_recomputation(recomputation)
    if recomputation.state == RecomputationState.RUNNING and (job := job_of(recomputation)):
        return job
    if recomputation.state not in {RecomputationState.TRIED, RecomputationState.RUNNING}:
        _refuse("not_tried", f"本次重新计算{recomputation.get_state_display()}，不能确认。")
    _refuse_stale(recomputation, actor)
    recomputation.state = RecomputationState.RUNNING
    recomputation.save(update_fields=["state"])
    return _enqueue(RECOMPUTE, recomputation, actor, now)


def _locked_recomputation(recomputation: Recomputation) -> Recomputation:
    found = Recomputation.objects.select_for_update(of=("self",)).select_related("cycle__programme")
    return found.defer("cycle__notice_text").get(pk=recomputation.pk)


def _refuse_stale(recomputation: Recomputation, actor: Seat) -> None:
    _refuse_recomputing(recomputation.cycle, actor)
    if digest_of(digest_pairs(recomputation.cycle)) != recomputation.basis:
        _refuse("trial_is_old", "试算以后又有复审结论签署或者变动，请作罢后重新试算。")


@transaction.atomic
def recompute_all(
    *, recomputation: Recomputation, actor: Seat, now: datetime, progress: Progress | None = None
) -> Recomputation:
    """Let the corrected parameters take effect and compute every verdict again; all of them or none.

    An order that was carried out already changes nothing.
    """
    recomputation = _locked_recomputation(recomputation)
    if recomputation.state == RecomputationState.DONE:
        return recomputation
    _refuse_actor(actor)
    cycle = _locked(recomputation.cycle)
    _refuse_stale(recomputation, actor)
    text = _text_after(cycle, recomputation)
    cycle.programme = publish_programme(text=text, actor=actor, now=now)
    cycle.panel_method = recomputation.after["method"]
    cycle.save(update_fields=["programme", "panel_method"])
    cases = list(judged_cases(cycle))
    for done, case in enumerate(cases, start=1):
        _rerun(case, recomputation, actor, now)
        if progress is not None:
            progress(done, len(cases))
    return _done(recomputation, cycle, actor, now)


def _rerun(case: Declaration, recomputation: Recomputation, actor: Seat, now: datetime) -> None:
    change = next((one for one in recomputation.changes if one["case"] == case.pk), None)
    run = case.score_runs.only("total", "eligible").get(current=True)
    after = (Decimal(change["after"][0]), bool(change["after"][1])) if change else (run.total, run.eligible)
    what = _change_words((run.total, run.eligible), after)
    _recompute(case, after[1], what, recomputation.reason, recomputation, actor, now)


def _done(recomputation: Recomputation, cycle: Cycle, actor: Seat, now: datetime) -> Recomputation:
    recomputation.state, recomputation.ended_at = RecomputationState.DONE, now
    recomputation.after = {**recomputation.after, "programme": cycle.programme.digest}
    recomputation.save(update_fields=["state", "ended_at", "after"])
    what = "，".join(
        word for word in parameter_words(programme_of(cycle.programme), recomputation.after) if word
    )
    data = {"what": what, "cases": recomputation.cases, "changed": len(recomputation.changes)}
    record(
        Event.PARAMETERS_CORRECTED, actor=actor, target=cycle, at=now, data=data, reason=recomputation.reason
    )
    return recomputation


@transaction.atomic
def drop_recomputation(*, recomputation: Recomputation, actor: Seat, now: datetime) -> Recomputation:
    """Let a trial go without effect; it stays to be read."""
    _refuse_actor(actor)
    recomputation = _locked_recomputation(recomputation)
    if recomputation.state not in OPEN_RECOMPUTATIONS:
        _refuse("already_ended", f"本次重新计算{recomputation.get_state_display()}。")
    if job_of(recomputation) is not None:
        _refuse("in_hand", "正在后台办理，请在办完或者取消任务后再作罢。")
    recomputation.state, recomputation.ended_at = RecomputationState.DROPPED, now
    recomputation.save(update_fields=["state", "ended_at"])
    return recomputation
