"""Drawing cases for spot checks in two steps: the seed is published with the number, then it is drawn once."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from declarations.models import Cycle, Declaration, DrawRun, SpotDraw, Visit
from declarations.queries.draws import (
    DRAWN_FROM,
    Framed,
    drawn_keys,
    frame_kept,
    frame_of,
    kept_frame,
    may_be_drawn_from,
    sample_of,
    steps_back_from_some,
)
from declarations.sampling import CannotDraw, Sample, draw, list_digest, outcome_digest
from declarations.visiting import CLAUSE, OURS
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.record import record

OVERTAKEN = "推荐对象的状态刚有变动，没有抽取。请再抽取一次。"


@transaction.atomic
def announce(*, cycle: Cycle, seed: str, source: str, cases: int, actor: Seat, now: datetime) -> SpotDraw:
    """Publish the seed and the number of cases of the next draw; both stand from then on."""
    held = Cycle.objects.select_for_update(of=("self",)).defer("notice_text").get(pk=cycle.pk)
    _permit(actor, "declarations.draw_visits")
    if not seed.strip() or cases < 1:
        raise Refused.because("seed_missing", "请填写种子，抽取件数至少为1件。", OURS)
    if SpotDraw.objects.filter(cycle=held, drawn_at__isnull=True, voided_at__isnull=True).exists():
        raise Refused.because("draw_waiting", "已有公布种子、尚未抽取的批次，请先抽取或者作废。", OURS)
    found = SpotDraw.objects.create(
        cycle=held,
        number=SpotDraw.objects.filter(cycle=held).count() + 1,
        seed=seed.strip(),
        source=source.strip(),
        cases=cases,
        announced_by=actor,
        announced_at=now,
    )
    told = {"number": found.number, "cases": cases, "seed": found.seed, "source": found.source}
    record(Event.DRAW_ANNOUNCED, actor=actor, target=found, at=now, data=told)
    return found


def _permit(actor: Seat, permission: str) -> None:
    if not allowed(actor, permission):
        raise Refused.because("not_permitted", "实地抽查的抽样由全国工商联会员部办理。", CLAUSE)


def _locked(found: SpotDraw) -> SpotDraw:
    rows = SpotDraw.objects.select_for_update(of=("self",)).select_related("cycle").defer("cycle__notice_text")
    return rows.get(pk=found.pk)


@transaction.atomic
def make_draw(*, found: SpotDraw, actor: Seat, now: datetime) -> SpotDraw:
    """Draw the cases from the list as it stands now, and keep list, outcome and digests; this happens once."""
    held = _locked(found)
    _permit(actor, "declarations.draw_visits")
    if not held.is_announced:
        raise Refused.because("draw_over", f"{held}已经抽取或者作废。", OURS)
    _refuse_early(held, now)
    frame = frame_of(held.cycle)
    if steps_back_from_some(actor, (one.key for one in frame)):
        sentence = "抽样清单内有您应当回避的申报，由会员部其他人员抽取。"
        raise Refused.because("list_recused", sentence, "回避")
    try:
        sample = draw(held.seed, held.cases, [one.unit for one in frame])
    except CannotDraw as problem:
        raise Refused.because("cannot_draw", str(problem), OURS) from None
    held.frame, held.frame_digest = kept_frame(frame), list_digest(one.unit for one in frame)
    held.drawn_by, held.drawn_at = actor, now
    held.save(update_fields=["frame", "frame_digest", "drawn_by", "drawn_at"])
    _open_visits(held, frame, sample)
    run = _keep_run(held, sample, actor, now)
    told = {"number": held.number, "cases": held.cases, "size": len(frame), "seed": held.seed}
    told |= {"list": held.frame_digest, "outcome": run.digest, "drawn": sample.numbers}
    record(Event.DRAW_DRAWN, actor=actor, target=held, at=now, data=told)
    return held


def _refuse_early(held: SpotDraw, now: datetime) -> None:
    ready = may_be_drawn_from(held)
    if now >= ready:
        return
    local = timezone.localtime(ready)
    sentence = (
        f"种子公布满{held.cycle.draw_lead_hours}小时后方可抽取，即{local.month}月{local.day}日{local:%H:%M}以后。"
    )
    raise Refused.because("draw_too_early", sentence, OURS)


def _open_visits(held: SpotDraw, frame: Sequence[Framed], sample: Sample) -> None:
    """Hold the drawn cases and open their visits; a case that moved on in between is drawn anew with all others."""
    keys = drawn_keys(frame, sample)
    cases = Declaration.objects.select_for_update(of=("self",)).filter(pk__in=keys.values()).order_by("pk")
    if any(case.state not in DRAWN_FROM for case in cases.only("state")):
        raise Refused.because("draw_overtaken", OVERTAKEN, OURS)
    Visit.objects.bulk_create(
        Visit(
            draw=held,
            declaration_id=keys[ticket.unit.number],
            region=ticket.unit.region,
            level=ticket.unit.level,
            chamber_type=ticket.unit.type,
            random=ticket.random,
            place=ticket.place,
        )
        for ticket in sample.drawn
    )


def _keep_run(held: SpotDraw, sample: Sample, actor: Seat, now: datetime) -> DrawRun:
    numbers = sample.numbers
    return DrawRun.objects.create(
        draw=held,
        number=held.runs.count() + 1,
        seed=sample.seed,
        outcome=numbers,
        digest=outcome_digest(numbers),
        run_by=actor,
        run_at=now,
    )


@transaction.atomic
def compute_again(*, found: SpotDraw, seed: str, actor: Seat, now: datetime) -> DrawRun:
    """Compute a draw again from its kept list, with its own seed or another, without effect; the trail tells of it."""
    held = _locked(found)
    if not allowed(actor, "declarations.draws"):
        raise Refused.because("not_permitted", "您的席位不能复算抽样。")
    if held.drawn_at is None:
        raise Refused.because("not_drawn", "尚未抽取，没有可以复算的清单。", OURS)
    if list_digest(one.unit for one in frame_kept(held)) != held.frame_digest:
        raise Refused.because("list_altered", "保存的抽样清单与其摘要值不符，不能复算，请立即查明。", OURS)
    run = _keep_run(held, sample_of(held, seed.strip()), actor, now)
    told = {"number": held.number, "seed": run.seed, "outcome": run.digest, "what": words_of_run(held, run)}
    record(Event.DRAW_COMPUTED_AGAIN, actor=actor, target=held, at=now, data=told)
    return run


def words_of_run(held: SpotDraw, run: DrawRun) -> str:
    """Say what a computation came to beside the draw."""
    first = held.runs.get(number=1)
    shared = len(set(run.outcome) & set(first.outcome))
    with_what = "用公布的种子" if run.seed == held.seed else "改用其他种子试算"
    if run.digest == first.digest:
        return f"{with_what}，结果与抽取时一致"
    return f"{with_what}，结果与抽取时不一致，相同的{shared}件"


@transaction.atomic
def void_draw(*, found: SpotDraw, reason: str, actor: Seat, now: datetime) -> SpotDraw:
    """Void an announced draw before it is drawn, with the reason; it stays on the page."""
    held = _locked(found)
    _permit(actor, "declarations.void_draw")
    if not held.is_announced:
        raise Refused.because("draw_over", f"{held}已经抽取或者作废。", OURS)
    if not reason.strip():
        raise Refused.because("reason_missing", "请写明作废的理由。", OURS)
    held.voided_by, held.voided_at, held.void_reason = actor, now, reason.strip()
    held.save(update_fields=["voided_by", "voided_at", "void_reason"])
    record(Event.DRAW_VOIDED, actor=actor, target=held, at=now, data={"number": held.number}, reason=reason)
    return held
