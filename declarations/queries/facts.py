"""What the guards ask of a case, read in one place."""

from collections import Counter
from datetime import datetime
from decimal import Decimal
from itertools import combinations

from django.utils import timezone

from declarations.calendar import return_limit
from declarations.consensus import Member, Voice, not_carried
from declarations.guards import CaseFacts, Declined, Delta, Judged, Opinion, Withdrawal
from declarations.models import Declaration, Endorsement, ReturnItem
from declarations.models.announcement import UNDER_WAY, UNSETTLED
from declarations.queries.announced import last_entry, states_of_objections
from declarations.queries.campaign_facts import campaign_facts
from declarations.queries.checks import blocking, unexplained, unproven_codes, unreasoned_claims
from declarations.queries.corrections import CORRECTABLE, correctable
from declarations.queries.dossier import COMMITMENT, Dossier, dossier_of
from declarations.queries.examined import examined
from declarations.queries.recusals import office_steps_back
from declarations.queries.rounds import moved
from declarations.queries.second_look import office_has_another, second_look_closes
from declarations.queries.withdrawals import is_deliberated
from declarations.second_person import Paired
from declarations.states import (
    SHEETS_COUNTED,
    SHEETS_LIVE,
    UNDER_DELIBERATION,
    WITHDRAWAL_ASKED_IN,
    BatchState,
    ObjectionState,
    Stance,
    State,
)
from scoring.engine import (
    FieldSpec,
    Item,
    Programme,
    ValueProblem,
    explain,
    needs_third,
    partial,
    settle,
)
from scoring.models import Layer
from scoring.queries import Sheet
from sihao.accounts.roles import Level

__all__ = ["COMMITMENT", "Dossier", "dossier_of", "facts_of", "failing_sentences", "settled_points", "unreasoned_rows"]

RECOMMENDING = frozenset({State.LOCAL_REVIEW, State.SHORTLISTED, State.RECOMMENDED})
JUDGED = frozenset({State.EXPERT_REVIEW, State.PROPOSED, State.NOT_ELIGIBLE})
EXAMINED = frozenset({State.PRELIMINARY_REVIEW, State.EXPERT_REVIEW, State.OBJECTION_HOLD})
ANNOUNCED = frozenset({State.NOTICE, State.OBJECTION_HOLD})
MEETING = UNDER_DELIBERATION | {State.NOTICE, State.OBJECTION_HOLD}


def _labels(programme: Programme, codes: list[str]) -> tuple[str, ...]:
    return tuple(f"{code}{programme.rubric.item(code).name}" for code in codes)


def _judged(programme: Programme, points: dict[str, Decimal]) -> Judged:
    verdict = partial(programme, points)
    return Judged(verdict.eligible, verdict.total, failing_sentences(programme, points))


def failing_sentences(programme: Programme, points: dict[str, Decimal]) -> tuple[str, ...]:
    """Return the sentences of the gates that a layer fails."""
    verdict = partial(programme, points)
    sentences = explain(programme, verdict)
    failed = {gate.id for gate in verdict.gates if not gate.passed}
    return tuple(sentence for sentence in sentences if any(sentence.startswith(f"门槛{gate}〔") for gate in failed))


def _missing(dossier: Dossier) -> tuple[str, ...]:
    typed = dossier.facts_typed
    asked = (spec for spec in dossier.programme.fields if spec.required and spec.id != COMMITMENT)
    return tuple(_numbered(dossier.programme, spec) for spec in asked if spec.id not in typed)


def _faulty(dossier: Dossier) -> tuple[str, ...]:
    faulty = {answer.field for answer in dossier.answers.values() if answer.problem}
    return tuple(_numbered(dossier.programme, spec) for spec in dossier.programme.fields if spec.id in faulty)


def _numbered(programme: Programme, spec: FieldSpec) -> str:
    """Return a field as it is found on the form: 一（3）商会类型."""
    return f"{programme.numbers[spec.id]}{spec.label}"


def _carried(dossier: Dossier) -> tuple[str, ...]:
    answers = dossier.answers
    return tuple(spec.label for spec in dossier.programme.fields if spec.id in answers and answers[spec.id].carried)


def _unmarked(items: tuple[Item, ...], sheet: Sheet | None) -> list[str]:
    points = sheet.points if sheet else {}
    return [item.id for item in items if item.id not in points]


def unreasoned_rows(sheet: Sheet | None, below: Sheet | None) -> list[str]:
    """Return the rows whose mark differs from the layer below without a reason."""
    if sheet is None or below is None:
        return []
    lower = below.points
    differing = (mark for mark in sheet.marks.values() if mark.points is not None and mark.code in lower)
    return sorted(mark.code for mark in differing if mark.points != lower[mark.code] and not mark.reason.strip())


def _local(at: datetime | None) -> datetime | None:
    return timezone.localtime(at) if at is not None else None


def settled_points(dossier: Dossier) -> dict[str, Decimal] | None:
    """Return the panel's settled marks, or None while sheets or agreed rows are missing; a draft never counts."""
    sheets = [sheet for _, sheet in dossier.counted]
    agreed = dossier.book.layer(Layer.AGREED)
    if not sheets or len(sheets) < sum(review.state in SHEETS_COUNTED for review in dossier.reviews):
        return None
    method, corrected = dossier.case.cycle.panel_method, dossier.book.layer(Layer.CORRECTED)
    try:
        settled = settle(dossier.programme, sheets, agreed.points if agreed else {}, method).marks
    except ValueProblem:
        return None
    return {**settled, **(corrected.points if corrected else {})}


def third_reason(dossier: Dossier) -> str:
    """Return why the case needs a third reader: as it was asked, else as the rule has it of the confirmed sheets."""
    if dossier.third is not None:
        return dossier.third.reason
    sheets = [sheet for _, sheet in dossier.counted]
    spread = dossier.case.cycle.third_spread
    said = (needs_third(dossier.programme, one, other, spread) for one, other in combinations(sheets, 2))
    return next((reason for reason in said if reason), "")


def readers_needed(dossier: Dossier) -> int:
    """Return how many confirmed sheets the verdict waits for: as the cycle asks, two at least, three by the rule."""
    return max(dossier.case.cycle.readers, FEWEST_READERS, THREE if third_reason(dossier) else 0)


FEWEST_READERS, THREE = 2, 3


def panel_members(dossier: Dossier) -> list[Member]:
    """Return the readers whose sheets count, with their marks and what they said of agreed ones."""
    said: dict[int, dict[str, Voice]] = {}
    for voice in dossier.voices:
        said.setdefault(voice.review_id, {})[voice.code] = Voice(voice.points, voice.agrees, voice.reason)
    return [Member(review.pk, sheet.marks, said.get(review.pk, {})) for review, sheet in dossier.counted]


def _panel(dossier: Dossier) -> dict[str, object]:
    rubric = dossier.programme.rubric
    marked = tuple(item for item in rubric.items() if item.mark)
    agreed = dossier.book.layer(Layer.AGREED)
    live = [review for review in dossier.reviews if review.state in SHEETS_LIVE]
    settled = settled_points(dossier)
    points = agreed.points if agreed else {}
    return {
        "readers": readers_needed(dossier),
        "third_reason": third_reason(dossier),
        "sheets": len(live),
        "sheets_confirmed": sum(review.state in SHEETS_COUNTED for review in live),
        "unsettled_rows": _labels(dossier.programme, _unmarked(marked, agreed)),
        "uncarried_rows": _labels(dossier.programme, list(not_carried(points, panel_members(dossier)))),
        "veto_without_evidence": _labels(dossier.programme, unproven_vetoes(dossier)),
        "panel_verdict": _judged(dossier.programme, settled) if settled is not None else None,
    }


def unproven_vetoes(dossier: Dossier) -> list[str]:
    """Return the veto rows agreed at 0 that have no words or no named evidence."""
    rubric, agreed = dossier.programme.rubric, dossier.book.layer(Layer.AGREED)
    proven = {proof.code for proof in dossier.agreed_proofs}
    zero = (mark for mark in (agreed.marks.values() if agreed else ()) if mark.points == 0)
    vetoes = (mark for mark in zero if rubric.item(mark.code).mark == "veto")
    return [mark.code for mark in vetoes if not mark.reason.strip() or mark.code not in proven]


def _tier(dossier: Dossier) -> dict[str, object]:
    layer = dossier.holder_layer
    if layer is None or dossier.case.state not in {State.LOCAL_REVIEW, State.SHORTLISTED}:
        return {}
    sheet = dossier.book.layer(layer)
    items = dossier.programme.rubric.items()
    opinion = dossier.opinion_of(dossier.case.holder_id)
    fresh = opinion is not None and opinion.signed_at is None
    return {
        **_limit(dossier),
        "office_recused": office_steps_back(dossier.case, dossier.staff),
        **_round(dossier, sheet),
        "unsettled_items": tuple(
            item.label for item in own_answered_items(dossier) if item.settled_at is None
        ),
        "review_begun": review_begun(dossier),
        "opinion": _opinion(opinion) if opinion is not None and fresh else None,
        "holder_unmarked_key_rows": _labels(
            dossier.programme, _unmarked(tuple(item for item in items if item.mark), sheet)
        ),
        "holder_unmarked_rows": _labels(dossier.programme, _unmarked(items, sheet)),
        "holder_unreasoned_rows": _labels(
            dossier.programme, unreasoned_rows(sheet, dossier.book.below(layer))
        ),
        "holder_verdict": _judged(dossier.programme, sheet.points) if sheet else None,
    }


def _opinion(opinion: Endorsement) -> Opinion:
    return Opinion(opinion.text, opinion.authentic, Stance(opinion.stance) if opinion.stance else None)


def own_answered_items(dossier: Dossier) -> tuple[ReturnItem, ...]:
    """Return the items that the present holder returned and the chamber has answered."""
    mine = (slip for slip in dossier.slips if slip.organisation_id == dossier.case.holder_id and slip.closed_at)
    return tuple(item for slip in mine for item in slip.items.all())


def _round(dossier: Dossier, sheet: Sheet | None) -> dict[str, object]:
    """Return what the holder owes to a round, and which tiers lie below it."""
    case, programme = dossier.case, dossier.programme
    place = case.route.index(case.holder_id) if case.holder_id in case.route else 0
    found: dict[str, object] = {
        "lower_tiers": tuple(str(pk) for pk in case.route[:place]),
        "return_limit": _local(return_limit(case, dossier.deadlines)),
    }
    task = dossier.delta_task
    if task is None or case.awaited_by is None:
        return found
    points = sheet.points if sheet is not None else {}
    rows = {row.code: row for row in task.rows.all()}
    open_rows = [code for code, row in rows.items() if row.settled_at is None or code not in points]
    below = dossier.book.below(dossier.holder_layer) if dossier.holder_layer is not None else None
    unreasoned = [code for code in unreasoned_rows(sheet, below) if code in rows]
    found["delta"] = Delta(
        awaited_by=str(case.awaited_by),
        open_rows=_labels(programme, open_rows),
        unreasoned_rows=_labels(programme, unreasoned),
        moved=moved(dossier, task),
        opinion_asked=task.opinion,
    )
    return found


def _second_look(dossier: Dossier) -> dict[str, object]:
    """Return what became of the last 不予推荐."""
    last = dossier.declines[-1] if dossier.declines else None
    if last is None:
        return {}
    earlier = (one for one in dossier.declines[:-1] if one.organisation_id == last.organisation_id)
    return {
        "second_look_days": dossier.case.cycle.second_look_days,
        "declined": Declined(
            office=str(last.organisation),
            decliner=last.declined_by.user_id,
            closes=_local(second_look_closes(last)),
            looked=any(one.asked_at is not None for one in earlier),
            asked=last.asked_at is not None,
            settled=last.settled_at is not None,
            has_another=office_has_another(last),
        ),
    }


def _limit(dossier: Dossier) -> dict[str, object]:
    limit = dossier.limit
    if limit is None:
        return {}
    return {"limit": limit.places, "limit_used": limit.used, "limit_hard": limit.hard}


def review_begun(dossier: Dossier) -> bool:
    """Return whether a tier has given a mark or an opinion, or has returned the case."""
    marked = any(sheet.marks for sheet in dossier.book.sheets if sheet.layer != Layer.SELF)
    return marked or bool(dossier.endorsements) or dossier.was_returned


def _filing(dossier: Dossier) -> dict[str, object]:
    if dossier.case.state not in {State.DRAFT, State.RETURNED}:
        return {}
    sheet = dossier.own_sheet
    commitment = dossier.answers.get(COMMITMENT)
    is_asked = any(spec.id == COMMITMENT for spec in dossier.programme.fields)
    return {
        "missing_fields": _missing(dossier),
        "faulty_fields": _faulty(dossier),
        "carried_fields": _carried(dossier),
        "unmarked_rows": _labels(dossier.programme, _unmarked(dossier.programme.rubric.items(), sheet)),
        "unproven_rows": _labels(dossier.programme, unproven_codes(dossier)),
        "contradictions": blocking(dossier),
        "unexplained": unexplained(dossier),
        "unreasoned_rows": _labels(dossier.programme, unreasoned_claims(dossier, dossier.findings)),
        "committed": not is_asked or (commitment is not None and commitment.value in (True, "true", "是")),
        "self_verdict": _judged(dossier.programme, sheet.points if sheet else {}),
        "unanswered_items": tuple(item.label for item in dossier.open_items if not item.answer.strip()),
    }


def _meeting(case: Declaration) -> dict[str, object]:
    item = case.agenda_items.select_related("agenda").order_by("-id").first()
    if item is None:
        return {}
    return {
        "on_agenda": item.outcome == "",
        "meeting_recorded": item.agenda.meeting_on is not None and bool(item.agenda.minutes.strip()),
    }


def _announced(case: Declaration) -> dict[str, object]:
    """Return until when the last public notice of a case runs, and how its objections stand; two queries."""
    entry = last_entry(case)
    if entry is None:
        return {}
    states = Counter(states_of_objections(case, entry.notice_id))
    return {
        "notice_closes": _local(entry.notice.closes_at),
        "objections_open": sum(states[state] for state in UNSETTLED),
        "objections_under_way": sum(states[state] for state in UNDER_WAY),
        "objections_upheld": states[ObjectionState.UPHELD],
    }


def _recommending(dossier: Dossier) -> dict[str, object]:
    if dossier.case.state not in RECOMMENDING:
        return {}
    return {
        "places": dossier.quota.places if dossier.quota else None,
        "places_used": dossier.quota.used if dossier.quota else 0,
        "batch_state": BatchState(dossier.batch.state) if dossier.batch else None,
    }


def _withdrawal(dossier: Dossier) -> dict[str, object]:
    """Return the open request to withdraw, and whether a list of the cycle is before the meeting."""
    found = next((one for one in dossier.withdrawals if not one.outcome), None)
    return {
        "withdrawal": Withdrawal(agreed=bool(found.agreed)) if found is not None else None,
        "deliberated": dossier.case.state in UNDER_DELIBERATION and is_deliberated(dossier.case),
    }


def facts_of(dossier: Dossier, now: datetime, *, plain: bool = False) -> CaseFacts:
    """Return what the guards ask, each part in the states in which a step asks for it.

    Instants are given in Beijing time, so that sentences read right. For a ``plain`` step the panel is not read.
    """
    case, cycle = dossier.case, dossier.case.cycle
    holder, closes = case.holder, dossier.deadlines
    return CaseFacts(
        state=State(case.state),
        now=timezone.localtime(now),
        opens_at=timezone.localtime(cycle.opens_at),
        submission_closes=timezone.localtime(closes.province if case.state == State.RETURNED else closes.submission),
        province_closes=timezone.localtime(closes.province),
        holder_closes=_local(closes.tier(holder.level, case.held_since)) if holder else None,
        due_at=_local(case.due_at),
        holder_name=str(holder or ""),
        holder_level=Level(holder.level) if holder else None,
        holder_is_unit=case.holder_id == case.unit_id,
        failing_self_blocks=cycle.failing_self_blocks,
        returns=dossier.returns,
        returns_max=cycle.returns_max,
        is_reserve=case.is_reserve,
        clarifies=cycle.clarifies,
        two_disqualify=Paired.DISQUALIFY in cycle.two_persons,
        released=cycle.released_at is not None,
        **(examined([case.pk])[case.pk] if case.state in EXAMINED else {}),  # type: ignore[arg-type] each names its own
        **_recommending(dossier),  # type: ignore[arg-type] each part names its own fields
        **_filing(dossier),  # type: ignore[arg-type]
        **_tier(dossier),  # type: ignore[arg-type]
        **(_second_look(dossier) if case.state == State.NOT_FORWARDED else {}),  # type: ignore[arg-type]
        **(_panel(dossier) if case.state in JUDGED and not plain else {}),  # type: ignore[arg-type]
        public_notice=cycle.public_notice,
        **(_announced(case) if case.state in ANNOUNCED else {}),  # type: ignore[arg-type]
        **(correctable(case, closes) if case.state in CORRECTABLE else {}),  # type: ignore[arg-type]
        **(_meeting(case) if case.state in MEETING else {}),  # type: ignore[arg-type]
        **(_withdrawal(dossier) if case.state in WITHDRAWAL_ASKED_IN and not plain else {}),  # type: ignore[arg-type]
        **(campaign_facts(dossier) if cycle.decider_id is not None else {}),  # type: ignore[arg-type]
    )
