"""The experts of a case: assigned one by one, scoring, agreeing; the verdict is signed in ``verdicts``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from declarations.actions.notify import tell
from declarations.actions.review import confirm_from_below
from declarations.actions.sheets import begin, move, note_recusal, offer, refuse, refuse_closed
from declarations.actions.third import call_third
from declarations.actions.transition import lock, perform
from declarations.consensus import of_one_mind
from declarations.digests import digest_of
from declarations.models import AgreedProof, Consensus, ConsensusVoice, Declaration, ExpertReview
from declarations.queries.assigning import judged
from declarations.queries.facts import Dossier, dossier_of, panel_members, unreasoned_rows
from declarations.rules import in_expert_review
from declarations.states import SHEETS_COUNTED, SHEETS_LIVE, SheetOrigin
from scoring.actions import Entered, MarksWritten, lock_assessment, open_layer, save_marks, unlock_assessment
from scoring.models import Layer
from scoring.queries import book_of, programme_of
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.accounts.roles import EXPERT_ROLES
from sihao.audit.events import Event
from sihao.audit.record import record

CLAUSE = "五（二）3"
NOT_YOURS = "只能填写分派给本人的评分表。"


# ---- who reads


@transaction.atomic
def assign_expert(*, case: Declaration, expert: Seat, actor: Seat, now: datetime) -> ExpertReview:
    """Offer a case to an expert; refuses other roles, a second time, a tie to its province or body, who steps back."""
    locked = lock(case.pk, by=actor)
    if not (allowed(actor, "declarations.assign_experts", locked) and in_expert_review(actor, locked)):
        refuse("not_permitted", "本件不在专家复审环节，不能分派专家。")
    refuse_expert(locked, expert)
    return offer(case=locked, expert=expert, now=now, actor=actor, origin=SheetOrigin.BY_HAND)


@transaction.atomic
def assign_experts(*, case: Declaration, experts: Iterable[Seat], actor: Seat, now: datetime) -> int:
    """Offer a case to several experts, all of them or none; return how many."""
    chosen = list(experts)
    if not chosen:
        refuse("no_expert", "请选择要分派的专家。")
    for expert in chosen:
        assign_expert(case=case, expert=expert, actor=actor, now=now)
    return len(chosen)


def refuse_expert(case: Declaration, expert: Seat) -> None:
    """Refuse somebody who is no expert in office, has the case already, or must step back from it."""
    if expert.role not in EXPERT_ROLES or expert.ended_at is not None:
        refuse("not_an_expert", "所选人员不是在任评审专家。")
    if case.expert_reviews.filter(expert__user_id=expert.user_id).exists():
        refuse("assigned_twice", f"{expert.user.name}已分派本件，或者曾经分派。")
    members = {one.seat_id: one for one in expert.panel_members.filter(cycle=case.cycle_id).select_related("province")}
    words = judged([case], [expert], members).words.get((case.pk, expert.pk))
    if words is not None:
        refuse("expert_barred", f"{expert.user.name}{words}，不能分派。")


@transaction.atomic
def recuse(*, review: ExpertReview, reason: str, actor: Seat, now: datetime) -> ExpertReview:
    """Step back from a case (回避), by the expert or by the department, with a reason; it holds for all seats."""
    case = _before_experts(review, actor)
    found = move(review=review, name="recuse", actor=actor, now=now, reason=reason)
    note_recusal(review=found, reason=reason, actor=actor, now=now)
    call_third(case=case, now=now)
    return found


@transaction.atomic
def leave(*, review: ExpertReview, name: str, reason: str, actor: Seat, now: datetime) -> ExpertReview:
    """Not take an offer (``decline``), or take a case back from an expert without a tie (``release``)."""
    case = _before_experts(review, actor)
    found = move(review=review, name=name, actor=actor, now=now, reason=reason)
    call_third(case=case, now=now)
    return found


def _before_experts(review: ExpertReview, actor: Seat) -> Declaration:
    case = lock(review.declaration_id, by=actor)
    if not in_expert_review(actor, case):
        refuse("not_before_experts", "本件已不在专家复审环节。")
    return case


# ---- the own sheet


def own_for_writing(review: ExpertReview, actor: Seat) -> tuple[Declaration, ExpertReview]:
    """Lock the case and return it with the sheet as it stands, which is the actor's own to write."""
    case = lock(review.declaration_id, by=actor)
    fresh = ExpertReview.objects.select_related("assessment__ledger__programme", "expert__user").get(pk=review.pk)
    if fresh.expert_id != actor.pk or not allowed(actor, "declarations.answer_offer", case):
        refuse("not_permitted", NOT_YOURS)
    refuse_closed(fresh)
    return case, fresh


@transaction.atomic
def save_expert_marks(
    *,
    review: ExpertReview,
    entries: Mapping[str, Entered],
    comment: str | None,
    actor: Seat,
    now: datetime,
    seen: Mapping[str, int] | None = None,
) -> MarksWritten:
    """Keep rows of the expert's own sheet as a draft (T22); a draft never counts."""
    _, fresh = own_for_writing(review, actor)
    begin(review=fresh, actor=actor, now=now)
    written = MarksWritten({}, {})
    if entries:
        written = save_marks(assessment=fresh.assessment, entries=entries, actor=actor, now=now, seen=seen)
    if comment is not None:
        fresh.comment = comment
        fresh.save(update_fields=["comment"])
    review.state = fresh.state
    return written


@transaction.atomic
def agree_with_province(*, review: ExpertReview, actor: Seat, now: datetime) -> int:
    """Fill the rows the expert has not marked with the province's marks; return how many."""
    case, fresh = own_for_writing(review, actor)
    begin(review=fresh, actor=actor, now=now)
    return confirm_from_below(case=case, assessment=fresh.assessment, actor=actor, now=now)


@transaction.atomic
def confirm_sheet(*, review: ExpertReview, actor: Seat, now: datetime) -> Declaration:
    """Confirm the expert's own sheet (T22): complete, reasons where it differs; then it is frozen and counts.

    When it is the second, and the two lie apart, the third reader is called at once (T23).
    """
    if review.expert_id != actor.pk:
        refuse("not_permitted", "只能确认本人的评分表。")

    def effect(dossier: Dossier) -> dict[str, object]:
        fresh = ExpertReview.objects.select_related("assessment").get(pk=review.pk)
        refuse_closed(fresh)
        problems = sheet_problems(dossier, actor)
        if problems:
            raise Refused(problems)
        lock_assessment(assessment=fresh.assessment, now=now)
        move(review=fresh, name="confirm", actor=actor, now=now)
        return {"expert": actor.user.name}

    case = perform(case=review.declaration, name="confirm_sheet", actor=actor, now=now, effect=effect)
    call_third(case=case, now=now)
    return case


def sheet_problems(dossier: Dossier, expert: Seat) -> tuple[Refusal, ...]:
    """Return why the expert's sheet cannot be confirmed yet."""
    sheet = dossier.book.expert(expert.pk)
    points = sheet.points if sheet else {}
    open_rows = [item.id for item in dossier.programme.rubric.items() if item.id not in points]
    differing = unreasoned_rows(sheet, dossier.book.layer(Layer.PROVINCE))
    found = []
    if open_rows:
        found.append(Refusal("sheet_unmarked", f"还有{len(open_rows)}项未打分：{'、'.join(open_rows[:8])}。", CLAUSE))
    if differing:
        rows = "、".join(differing[:8])
        found.append(Refusal("sheet_unreasoned", f"与省级审核得分不同的指标须写明理由：{rows}。", CLAUSE))
    return tuple(found)


# ---- what the group agrees


@dataclass(frozen=True)
class Proofs:
    """The evidence named for an agreed mark: files of the case by key, and a source in words."""

    files: Sequence[int] = ()
    source: str = ""


@dataclass(frozen=True)
class Agreed:
    """What is agreed: marks with their reasons, and the evidence named for them, by row."""

    entries: Mapping[str, Entered]
    proofs: Mapping[str, Proofs] = field(default_factory=dict)


@transaction.atomic
def name_rapporteur(*, case: Declaration, seat: Seat, actor: Seat, now: datetime) -> Consensus:
    """Name who reports what the group agrees: one of the readers, or the group head."""
    locked = _for_group(case, actor, "由专家组组长指定主评人。")
    readers = locked.expert_reviews.filter(state__in=sorted(SHEETS_LIVE)).values_list("expert_id", flat=True)
    if seat.pk != actor.pk and seat.pk not in set(readers):
        refuse("not_a_reader", "主评人须是本件的评审专家或者专家组组长。")
    named = {"rapporteur": seat, "named_by": actor, "named_at": now}
    found, _ = Consensus.objects.update_or_create(declaration=locked, defaults=named)
    record(Event.RAPPORTEUR_NAMED, actor=actor, target=locked, at=now, data={"expert": seat.user.name})
    title = f"请您担任{locked.applicant_name}的主评人"
    body = f"受理编号{locked.number}。请登记专家组商定的否决项和基础达标项得分。"
    tell(seats=[seat], key=f"rapporteur:{locked.pk}:{seat.pk}", title=title, body=body, now=now, case=locked)
    return found


def _for_group(case: Declaration, actor: Seat, words: str) -> Declaration:
    locked = lock(case.pk, by=actor)
    if not (allowed(actor, "declarations.panel", locked) and in_expert_review(actor, locked)):
        refuse("not_permitted", words)
    return locked


@transaction.atomic
def save_agreed(*, case: Declaration, agreed: Agreed, actor: Seat, now: datetime) -> None:
    """Keep the group's agreed marks of the veto and baseline rows; other rows are not the group's to set.

    They are written by the rapporteur; while nobody is named that is the group head.
    """
    locked = lock(case.pk, by=actor)
    _refuse_writer(locked, actor)
    _refuse_agreed(locked, agreed)
    layer = open_layer(ledger=locked.ledger, layer=Layer.AGREED)
    if layer.locked_at is not None:  # the case came back from a verdict, to be judged again
        unlock_assessment(assessment=layer)
    save_marks(assessment=layer, entries=agreed.entries, actor=actor, now=now)
    for code, proofs in agreed.proofs.items():
        _write_proofs(locked, code, proofs)
    record(Event.AGREED, actor=actor, target=locked, at=now, data={"rows": sorted(agreed.entries)})
    _ask_voices(locked, now)


def _ask_voices(case: Declaration, now: datetime) -> None:
    """Tell each reader whose mark is not the agreed one, and who has not spoken of it; once for the same marks."""
    dossier = dossier_of(case)
    layer = dossier.book.layer(Layer.AGREED)
    points = layer.points if layer is not None else {}
    seats = {review.pk: review.expert for review, _ in dossier.counted}
    for member in panel_members(dossier):
        asked = [code for code, mark in points.items() if member.stands(code, mark) is None]
        if asked:
            marks = digest_of({code: str(points[code]) for code in asked})[:16]
            title = f"请对{case.applicant_name}的商定得分表态"
            body = f"{'、'.join(asked)}的商定得分与您的评分不同，请同意，或者写明理由保留意见。"
            key = f"voice:{member.key}:{marks}"
            tell(seats=[seats[member.key]], key=key, title=title, body=body, now=now, case=case)


def _refuse_writer(case: Declaration, actor: Seat) -> None:
    named = Consensus.objects.filter(declaration=case).select_related("rapporteur__user").first()
    mine = named.rapporteur_id == actor.pk if named is not None else allowed(actor, "declarations.panel", case)
    if not (mine and in_expert_review(actor, case)):
        who = f"主评人{named.rapporteur.user.name}" if named is not None else "专家组组长"
        refuse("not_permitted", f"由{who}登记商定得分。")


def _refuse_agreed(case: Declaration, agreed: Agreed) -> None:
    states = case.expert_reviews.filter(state__in=sorted(SHEETS_LIVE)).values_list("state", flat=True)
    if not states or not set(states) <= SHEETS_COUNTED:
        refuse("sheets_open", "专家评分全部确认后才能商定得分。")
    rubric = programme_of(case.cycle.programme).rubric
    marked = {item.id for item in rubric.items() if item.mark}
    strange = sorted((agreed.entries.keys() | agreed.proofs.keys()) - marked)
    if strange:
        refuse("not_a_marked_row", f"只有否决项和基础达标项由专家组商定，不应有：{'、'.join(strange[:6])}。")


def _write_proofs(case: Declaration, code: str, proofs: Proofs) -> None:
    here = set(case.attachments.filter(pk__in=proofs.files, removed_at__isnull=True).values_list("pk", flat=True))
    if len(here) < len(set(proofs.files)):
        refuse("proof_gone", "所列佐证材料不在本件内，请刷新页面后重新选择。")
    case.agreed_proofs.filter(code=code).delete()
    rows = [AgreedProof(declaration=case, code=code, attachment_id=pk) for pk in sorted(here)]
    words = proofs.source.strip()[:300]
    if words:
        rows.append(AgreedProof(declaration=case, code=code, source=words))
    AgreedProof.objects.bulk_create(rows)


@transaction.atomic
def take_common_marks(*, case: Declaration, actor: Seat, now: datetime) -> int:
    """Write the marked rows on which all readers gave the same mark, where nothing stands yet; return how many."""
    locked = lock(case.pk, by=actor)
    dossier = dossier_of(locked)
    marked = [item.id for item in dossier.programme.rubric.items() if item.mark]
    stands = dossier.book.layer(Layer.AGREED)
    points = stands.points if stands is not None else {}
    common = of_one_mind([code for code in marked if code not in points], panel_members(dossier))
    reasons = {code: _common_reason(dossier, code) for code, mark in common.items() if mark == 0}
    entries = {code: Entered(points=mark, reason=reasons.get(code)) for code, mark in common.items()}
    save_agreed(case=locked, agreed=Agreed(entries), actor=actor, now=now)
    return len(entries)


def _common_reason(dossier: Dossier, code: str) -> str:
    """Return what the readers wrote of a row, each once: the group begins from their words."""
    sheets = (dossier.book.expert(review.expert_id) for review, _ in dossier.counted)
    words = (sheet.marks[code].reason.strip() for sheet in sheets if sheet is not None)
    return "；".join(dict.fromkeys(word for word in words if word))[:REASONS_LIMIT]


REASONS_LIMIT = 1000


@transaction.atomic
def voice(
    *, review: ExpertReview, code: str, agrees: bool, reason: str, actor: Seat, now: datetime
) -> ConsensusVoice:
    """Say of an agreed mark that is not the own one whether it may stand; a dissent has a reason and is kept."""
    case = _before_experts(review, actor)
    if review.expert_id != actor.pk or review.state not in SHEETS_COUNTED:
        refuse("not_permitted", "只有已确认评分的本件专家可以对商定得分表态。")
    agreed = book_of(case.ledger_id).layer(Layer.AGREED)
    points = agreed.points.get(code) if agreed is not None else None
    if points is None:
        refuse("not_agreed_yet", f"{code}还没有登记商定得分。")
    words = reason.strip()[:300]
    if not agrees and not words:
        refuse("reason_missing", "保留意见须写明理由。")
    said = {"points": points, "agrees": agrees, "reason": words, "said_at": now}
    found, _ = ConsensusVoice.objects.update_or_create(review=review, code=code, defaults=said)
    data = {"expert": actor.user.name, "what": f"{code}{'同意' if agrees else '保留意见'}"}
    record(Event.CONSENSUS_VOICED, actor=actor, target=case, at=now, data=data, reason=words)
    return found
