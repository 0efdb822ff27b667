"""The department's preliminary review (notice 五（二）3): answers, words on findings, passing, disqualifying."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from declarations.actions.consulting import Cited, close_thread, open_thread
from declarations.actions.notify import tell
from declarations.actions.quota import lock_list
from declarations.actions.refilling import refill
from declarations.actions.transition import lock, perform
from declarations.actions.visit_follow import note_proposal
from declarations.models import CaseFinding, Declaration, PreliminaryReview
from declarations.queries.cases import cases_visible_to
from declarations.queries.facts import Dossier
from declarations.rules import in_preliminary_review
from declarations.states import Conclusion, Ground, State, Subject
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.jobs.actions import enqueue
from sihao.jobs.models import Job

LISTED = "pass_preliminary_listed"
MOST_PASSED = 500
NOTED = "已核对"
Progress = Callable[[int, int], None]


@transaction.atomic
def answer_questions(
    *,
    case: Declaration,
    complete: bool | None,
    logical: bool | None,
    true: bool | None,
    remarks: str,
    actor: Seat,
    now: datetime,
    notes: Mapping[str, str] | None = None,
) -> PreliminaryReview:
    """Keep the officer's answers and words on findings (by their keys); they decide nothing by themselves."""
    locked = lock(case.pk, by=actor)
    if not (allowed(actor, "declarations.preliminary", locked) and in_preliminary_review(actor, locked)):
        raise Refused((Refusal("not_permitted", "本件不在初审环节，不能填写初审结论。", "五（二）3"),))
    review, _ = PreliminaryReview.objects.get_or_create(declaration=locked)
    answers = {"complete": complete, "logical": logical, "true": true}
    stood = {name: getattr(review, name) for name in (*answers, "remarks")}
    if review.answered_by_id is None or stood != answers | {"remarks": remarks}:
        review.complete, review.logical, review.true, review.remarks = complete, logical, true, remarks
        review.answered_by, review.answered_at = actor, now
        review.save()
        record(Event.PRELIMINARY_ANSWERED, actor=actor, target=locked, at=now, data=answers)
    _note(locked, notes or {}, actor, now)
    return review


def _note(case: Declaration, notes: Mapping[str, str], actor: Seat, now: datetime) -> None:
    """Keep the words on findings that are new or differ; each belongs to the sentence that stands now."""
    for one in CaseFinding.objects.filter(declaration=case, key__in=list(notes)).order_by("id"):
        word = notes[one.key].strip() or NOTED
        if one.noted_at is not None and one.word == word:
            continue
        one.word, one.noted_by, one.noted_at = word, actor, now
        one.save(update_fields=["word", "noted_by", "noted_at"])
        record(Event.FINDING_NOTED, actor=actor, target=case, at=now, data={"what": one.sentence}, reason=word)


# ---- passing on


def pass_preliminary(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Pass the case on to the experts (T18)."""
    return perform(case=case, name="pass_preliminary", actor=actor, now=now)


@transaction.atomic
def order_passing(*, cases: Iterable[int], actor: Seat, now: datetime) -> Job:
    """Order that cases pass one by one; which of them may is asked of each again when its turn comes."""
    if not allowed(actor, "declarations.preliminary"):
        raise Refused((Refusal("not_permitted", "由全国工商联会员部办理初审。", "五（二）3"),))
    keys = sorted(set(cases))
    if not keys:
        raise Refused.because("none_chosen", "没有选定可以通过初审的申报。")
    if len(keys) > MOST_PASSED:
        raise Refused.because("too_many", f"一次最多办理{MOST_PASSED}件，请分批办理。")
    label = f"批量通过初审：{len(keys)}件"
    return enqueue(LISTED, owner=actor.user, at=now, label=label, seat=actor.pk, cases=keys)


def pass_listed(
    *, cases: Sequence[int], actor: Seat, now: datetime, key: str, progress: Progress | None = None
) -> tuple[int, list[str]]:
    """Pass each case by the single step, in a transaction of its own; tell who ordered it what was refused and why."""
    found = {case.pk: case for case in cases_visible_to(actor).filter(pk__in=cases)}
    passed, refused = 0, []
    for done, pk in enumerate(cases):
        if progress is not None:
            progress(done, len(cases))
        case = found.get(pk)
        if case is None or not in_preliminary_review(actor, case):
            continue
        try:
            pass_preliminary(case=case, actor=actor, now=now)
            passed += 1
        except Refused as no:
            refused.append(f"{case.applicant_name}（{case.number}）：{no}")
    if progress is not None:
        progress(len(cases), len(cases))
    body = "\n".join(refused) or "没有未通过的。"
    tell(seats=[actor], key=key, title=f"批量通过初审：通过{passed}件，未通过{len(refused)}件", body=body, now=now)
    return passed, refused


# ---- disqualifying (T19 to T21)


def propose_disqualification(
    *, case: Declaration, ground: str, reason: str, items: Sequence[Cited], actor: Seat, now: datetime
) -> Declaration:
    """Propose to disqualify on one of the three grounds (T19); the province is asked and has its term."""

    def effect(dossier: Dossier) -> dict[str, object]:
        words = {"text": reason, "items": items, "actor": actor, "now": now, "ground": ground}
        open_thread(dossier=dossier, subject=Subject.DISQUALIFICATION, **words)
        note_proposal(case=dossier.case, actor=actor, now=now)
        return {"ground": Ground(ground).label, "items": [one.label for one in items]}

    return perform(
        case=case,
        name="propose_disqualification",
        actor=actor,
        now=now,
        reason=reason,
        details={"ground": ground, "items": items},
        effect=effect,
    )


@transaction.atomic
def disqualify(*, case: Declaration, actor: Seat, now: datetime) -> Declaration:
    """Confirm the proposal as a second person (T20); where the cycle refills, the first reserve takes the place.

    Once the list is announced no reserve can follow any more: the place lapses.
    """
    refills = case.cycle.refills and case.state != State.OBJECTION_HOLD
    if refills:
        lock_list(case)

    def effect(dossier: Dossier) -> dict[str, object]:
        thread = close_thread(case=dossier.case, outcome=Conclusion.DISQUALIFIED, actor=actor, now=now)
        return {"ground": Ground(thread.ground).label} if thread is not None else {}

    done = perform(case=case, name="disqualify", actor=actor, now=now, effect=effect)
    if refills:
        refill(gone=done, actor=actor, now=now)
    return done


def drop_flag(*, case: Declaration, reason: str, actor: Seat, now: datetime) -> Declaration:
    """Take the proposal back (T21), with a reason; the thread stays to be read."""

    def effect(dossier: Dossier) -> None:
        close_thread(case=dossier.case, outcome=Conclusion.DROPPED, actor=actor, now=now, words=reason)

    return perform(case=case, name="drop_flag", actor=actor, now=now, reason=reason, effect=effect)
