"""Drawing up a standard: a draft begun, saved, tried on earlier declarations, published by two persons."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from declarations.actions.notify import tell
from declarations.models import Cycle, DraftState, ProgrammeDraft, ProgrammeTrial
from declarations.queries.programmes import (
    TRY_PROGRAMME,
    cases_to_try,
    cycles_to_renew,
    cycles_to_try,
    is_open,
    judged,
    text_of,
    tried,
    tried_programme,
)
from declarations.workflow import WORKFLOWS
from scoring.actions import publish_programme
from scoring.editing.edits import Edit, NoSuchRow, edited
from scoring.editing.judging import Judged, opened
from scoring.editing.writing import Content
from scoring.engine import ProgrammeError
from scoring.models import ProgrammeVersion
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import active_seats_at
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.jobs.actions import enqueue

CLAUSE = "通知未规定"
TWO = "两人办理"
SLUG_LIMIT, TITLE_LIMIT, SOURCE_LIMIT = 60, 120, 200
Progress = Callable[[int, int], None]


def _refuse(code: str, sentence: str, clause: str = CLAUSE) -> None:
    raise Refused((Refusal(code, sentence, clause),))


def begin_draft(
    *, content: Content, source: str, actor: Seat, now: datetime, basis: ProgrammeVersion | None = None
) -> ProgrammeDraft:
    """Begin a draft of the actor's office with these sheets.

    Raises ``Refused`` where the office has a draft of the same code already.
    """
    if not allowed(actor, "declarations.programmes"):
        _refuse("not_permitted", "标准由全国工商联会员部或者市级工商联起草。")
    draft = ProgrammeDraft(
        owner=actor.organisation,
        basis=basis,
        source=source[:SOURCE_LIMIT],
        started_by=actor,
        started_at=now,
        touched_by=actor,
        touched_at=now,
    )
    _set(draft, content)
    with transaction.atomic():
        _save(draft)
        record(Event.PROGRAMME_DRAFTED, actor=actor, target=draft, at=now, data={"source": draft.source})
    return draft


def copy_programme(*, version: ProgrammeVersion, actor: Seat, now: datetime) -> ProgrammeDraft:
    """Begin a draft as a copy of a published version."""
    try:
        content = opened(text_of(version))
    except ProgrammeError as problem:
        raise Refused.because("not_editable", f"{problem}。") from problem
    return begin_draft(
        content=content, source=f"复制自《{version.title}》", actor=actor, now=now, basis=version
    )


def _set(draft: ProgrammeDraft, content: Content) -> None:
    head = content["head"]
    draft.content = content
    draft.slug, draft.title = head.get("id", "")[:SLUG_LIMIT], head.get("title", "")[:TITLE_LIMIT]


def _save(draft: ProgrammeDraft) -> None:
    """Write the draft; a second open one of the same code is refused."""
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError:
        sentence = f"本单位已有代号“{draft.slug}”的标准草稿尚未办结，请在原草稿上修改，或者改用另一个代号。"
        raise Refused((Refusal("draft_is_open", sentence, CLAUSE),)) from None


def _locked(draft: ProgrammeDraft, actor: Seat) -> ProgrammeDraft:
    """Return the draft, held; refuses another office's person, and one that is settled."""
    rows = ProgrammeDraft.objects.select_for_update(of=("self",))
    found = rows.select_related("owner", "proposed_by__user", "proposed_by__organisation").get(pk=draft.pk)
    if not allowed(actor, "declarations.programmes") or found.owner_id != actor.organisation_id:
        _refuse("not_permitted", "标准草稿由起草单位办理。")
    if not is_open(found):
        _refuse(
            "draft_settled", f"本草稿{found.get_state_display()}，不能再办理；需要修改的，请复制为新的草稿。"
        )
    return found


@transaction.atomic
def save_draft(
    *, draft: ProgrammeDraft, edits: Sequence[Edit], seen: int, actor: Seat, now: datetime
) -> ProgrammeDraft:
    """Write rows of a draft as they were typed; saving never refuses a bad row, the loader's words stand beside it.

    ``seen`` is the version that the writer had before his eyes: who comes late is told so.
    """
    found = _locked(draft, actor)
    if found.state == DraftState.PROPOSED:
        _refuse("proposed", "本草稿已提请发布，不能修改；需要修改的，请先退回。", TWO)
    if found.version != seen:
        _refuse("overtaken", f"草稿已由{found.touched_by.user.name}改动，请刷新页面后再改。")
    try:
        content = edited(found.content, edits)
    except NoSuchRow:
        _refuse("no_such_row", "这一行已经不在草稿中，请刷新页面。")
    if content == found.content:
        return found
    _set(found, content)
    found.version, found.touched_by, found.touched_at = seen + 1, actor, now
    _save(found)
    return found


def as_typed(content: Content, edits: Sequence[Edit]) -> Content:
    """Return the sheets with what was typed, as far as the rows are there; nothing is kept."""
    try:
        return edited(content, edits)
    except NoSuchRow:
        return content


@transaction.atomic
def drop_draft(*, draft: ProgrammeDraft, actor: Seat, now: datetime) -> ProgrammeDraft:
    """Give a draft up; it stays to be read."""
    found = _locked(draft, actor)
    found.state, found.ended_by, found.ended_at = DraftState.DROPPED, actor, now
    found.save(update_fields=["state", "ended_by", "ended_at"])
    record(Event.PROGRAMME_DROPPED, actor=actor, target=found, at=now)
    return found


# ---- publishing, by two persons


@transaction.atomic
def propose_publication(*, draft: ProgrammeDraft, seen: int, actor: Seat, now: datetime) -> ProgrammeDraft:
    """Put a draft that the loader takes before a second person of the office."""
    found = _locked(draft, actor)
    if found.state != DraftState.EDITING:
        _refuse("proposed", "本草稿已提请发布，请由本单位另一人确认。", TWO)
    if found.version != seen:
        _refuse("overtaken", f"草稿已由{found.touched_by.user.name}改动，请看过以后再提请发布。")
    judge_or_refuse(found)
    seats = [seat for seat in active_seats_at(found.owner_id) if confirms(seat, found, proposer=actor)]
    if not seats:
        _refuse(
            "no_second_person",
            "发布标准须两人办理，本单位没有可以确认的第二人。请由另一人提请，或者指定代办人。",
            TWO,
        )
    found.state, found.proposed_by, found.proposed_at, found.sent_back = DraftState.PROPOSED, actor, now, ""
    found.save(update_fields=["state", "proposed_by", "proposed_at", "sent_back"])
    record(Event.PROGRAMME_PROPOSED, actor=actor, target=found, at=now)
    title = f"请确认：发布标准《{found.title}》"
    tell(
        seats=seats, key=f"programme:{found.pk}:{found.version}", title=title, body=f"{actor}提请。", now=now
    )
    return found


def confirms(seat: Seat, draft: ProgrammeDraft, proposer: Seat) -> bool:
    """Return whether a seat is a second person for publishing a draft."""
    other = not set(seat.people) & set(proposer.people)
    return other and allowed(seat, "declarations.publish_programme", draft)


def judge_or_refuse(draft: ProgrammeDraft) -> Judged:
    """Return what the loader made of a draft; refuses one that it does not take."""
    found = judged(draft)
    if found.programme is None:
        _refuse("faulty", f"标准还有{len(found.faults)}处须改正：{found.faults[0].message}。")
    named = found.programme.workflow
    if named and named not in WORKFLOWS:
        _refuse("workflow_unknown", f"没有“{named[:20]}”这一程序，请在基本情况中从列出的程序中选择，或者选“不填”。")
    return found


@transaction.atomic
def send_back(*, draft: ProgrammeDraft, reason: str, actor: Seat, now: datetime) -> ProgrammeDraft:
    """Let a proposed draft be edited again: by who proposed it, or by who could confirm it, with the reason."""
    found = _locked(draft, actor)
    if found.state != DraftState.PROPOSED:
        _refuse("not_proposed", "本草稿没有提请发布。")
    own = bool(set(actor.people) & set(found.proposed_by.people))
    if not own and not confirms(actor, found, found.proposed_by):
        _refuse("not_permitted", "您的席位无权退回。", TWO)
    if not own and not reason.strip():
        _refuse("reason_missing", "请写明退回的理由。", TWO)
    proposer = found.proposed_by
    found.state, found.sent_back = DraftState.EDITING, reason.strip()
    found.proposed_by = found.proposed_at = None
    found.save(update_fields=["state", "sent_back", "proposed_by", "proposed_at"])
    record(Event.PROGRAMME_SENT_BACK, actor=actor, target=found, at=now, reason=reason.strip())
    if not own:
        told = {"title": f"已退回：发布标准《{found.title}》", "body": f"理由：{reason.strip()}", "now": now}
        tell(seats=[proposer], key=f"programme-back:{found.pk}:{found.version}:{now:%Y%m%d%H%M%S}", **told)
    return found


@transaction.atomic
def confirm_publication(*, draft: ProgrammeDraft, actor: Seat, now: datetime) -> ProgrammeVersion:
    """Publish a proposed draft, by a second person; its text is frozen from now on.

    Cycles of an earlier version without any declaration go by the new one; where a declaration exists, the earlier
    version stays with its cycle.
    """
    found = _locked(draft, actor)
    if found.state != DraftState.PROPOSED:
        _refuse("not_proposed", "本草稿没有提请发布。")
    if set(actor.people) & set(found.proposed_by.people):
        _refuse("second_person", "提请人不能自己确认，请由本单位另一人办理。", TWO)
    if not allowed(actor, "declarations.publish_programme", found):
        _refuse("not_permitted", "标准由会员部负责人或者市级工商联分管领导确认发布。", TWO)
    text = judge_or_refuse(found).text
    version = publish_programme(text=text, actor=actor, now=now, owner=found.owner)
    if found.basis_id == version.pk:
        _refuse("unchanged", "草稿与原标准没有不同，不必发布。")
    found.state, found.published, found.ended_by, found.ended_at = DraftState.PUBLISHED, version, actor, now
    found.save(update_fields=["state", "published", "ended_by", "ended_at"])
    _renew_cycles(version, actor, now)
    return version


def _renew_cycles(version: ProgrammeVersion, actor: Seat, now: datetime) -> None:
    """Let the cycles that nobody has declared in yet go by a later version."""
    keys = list(cycles_to_renew(version).values_list("pk", flat=True))
    held = list(Cycle.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    still = set(cycles_to_renew(version).values_list("pk", flat=True))
    for cycle in (one for one in held if one.pk in still):
        cycle.programme = version
        cycle.save(update_fields=["programme"])
        record(Event.CYCLE_RENEWED, actor=actor, target=cycle, at=now, data={"programme": version.digest})


# ---- trying it on earlier declarations


@transaction.atomic
def order_trial(*, draft: ProgrammeDraft, cycle: Cycle, actor: Seat, now: datetime) -> ProgrammeTrial:
    """Have it worked out what a draft would have changed in an earlier cycle; nothing takes effect."""
    found = _locked(draft, actor)
    if not cycles_to_try(actor).filter(pk=cycle.pk).exists():
        _refuse("nothing_to_try", "该周期没有您可以查看的申报，不能试算。")
    text = judge_or_refuse(found).text
    if found.trials.filter(cycle=cycle, ended_at=None).exists():
        _refuse("trial_is_open", "按该周期的试算正在进行，请稍候。")
    trial = ProgrammeTrial.objects.create(
        draft=found, cycle=cycle, version=found.version, text=text, ordered_by=actor, ordered_at=now
    )
    record(Event.PROGRAMME_TRIED, actor=actor, target=found, at=now, data={"cycle": cycle.name})
    enqueue(TRY_PROGRAMME, owner=actor.user, at=now, trial=trial.pk, seat=actor.pk, draft=found.pk)
    return trial


def try_programme(
    *, trial: ProgrammeTrial, actor: Seat, now: datetime, progress: Progress | None = None
) -> ProgrammeTrial:
    """Work out, case by case, what the tried text would change; kept to be read."""
    if trial.ended_at is not None:
        return trial
    total, changes, done = cases_to_try(actor, trial.cycle).count(), [], 0
    for done, change in enumerate(tried(actor, trial.cycle, tried_programme(trial)), start=1):
        changes += [change] if change else []
        if progress is not None:
            progress(done, total)
    kept = {"cases": done, "changes": changes, "ended_at": now}
    ProgrammeTrial.objects.filter(pk=trial.pk, ended_at=None).update(**kept)
    trial.refresh_from_db()
    return trial
