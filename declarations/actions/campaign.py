"""The stages of a programme that a federation runs: records with papers, the inspection's findings, targets."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from declarations import store
from declarations.actions.draft.evidence import refusals_of_files, stored_or_gone
from declarations.actions.notify import tell
from declarations.actions.questions import MOST_FILES, Brought
from declarations.models import CampaignPaper, CampaignTarget, Cycle, InspectionFinding, StageRecord
from declarations.queries.campaign import applied, stage_of_matter
from declarations.states import FindingState, Standing
from scoring.queries import programme_of
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import active_seats_at
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import TIER_ROLES
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.documents.sniff import Sniffed, inspect

NOT_IN_PLAN = "方案未规定"
INSPECTION, REPORTING, AIMS = "四（三）", "四（一）", "二"


@dataclass(frozen=True)
class Told:
    """What a federation puts on record: which deliverable, whose, on what day, in words."""

    matter: str
    held_on: date
    text: str
    about: str = ""


def _refuse(code: str, sentence: str, clause: str = NOT_IN_PLAN) -> None:
    raise Refused.because(code, sentence, clause)


Files = list[tuple[Brought, Sniffed]]


@contextmanager
def _judged(files: Sequence[Brought]) -> Iterator[Files]:
    """Judge each file by its content, and hold the store's door while its row is written; the same file counts once."""
    if len(files) > MOST_FILES:
        _refuse("too_many_files", f"一次最多上传{MOST_FILES}个文件。")
    with refusals_of_files():
        found = [inspect(one.file, one.name, max_bytes=settings.EVIDENCE_MAX_BYTES) for one in files]
    with stored_or_gone(*(one.sha256 for one in found)):
        pairs = zip(files, found, strict=True)
        yield list({file.sha256: (brought, file) for brought, file in pairs}.values())


def _keep(files: Files, **owner: StageRecord | InspectionFinding) -> list[str]:
    """Store the files with their rows and return their names."""
    for brought, file in files:
        store.keep(brought.file, file.sha256)
        CampaignPaper.objects.create(
            name=file.name,
            kind=file.kind,
            size=file.size,
            digest=file.sha256,
            stored=store.place_of(file.sha256),
            **owner,
        )
    return [file.name for _, file in files]


# ---- records of the stages


def record_stage(
    *,
    cycle: Cycle,
    organisation: Organisation,
    told: Told,
    files: Sequence[Brought],
    actor: Seat,
    now: datetime,
) -> StageRecord:
    """Put on record what a federation did in a stage, with at least one paper.

    Raises ``Refused`` for somebody else's federation, a deliverable that the programme does not have, and a day that
    is to come or before the stage began.
    """
    _refuse_record(cycle, organisation, told, actor, now)
    if not files:
        _refuse("papers_missing", "请至少附一份材料。")
    with _judged(files) as found:
        return _record(cycle, organisation, told, found, actor, now)


def _refuse_record(cycle: Cycle, organisation: Organisation, told: Told, actor: Seat, now: datetime) -> None:
    own = actor.organisation_id == organisation.pk and organisation.parent_id == cycle.decider_id
    if not own or not allowed(actor, "declarations.record_stage"):
        _refuse("not_permitted", "步骤记录由本单位登记。", REPORTING)
    stage = stage_of_matter(cycle, told.matter)
    if stage is None:
        _refuse("matter_unknown", "请选择方案所列的事项。", "四")
    elif told.held_on < stage.start:
        start = stage.start
        _refuse("before_stage", f"“{stage.name}”自{start.year}年{start.month}月{start.day}日开始，日期不能更早。", "四")
    if told.held_on > timezone.localdate(now):
        _refuse("day_ahead", "日期不能晚于今天。")
    if not told.text.strip():
        _refuse("text_missing", "请写明内容。")


@transaction.atomic
def _record(
    cycle: Cycle, organisation: Organisation, told: Told, files: Files, actor: Seat, now: datetime
) -> StageRecord:
    stage = stage_of_matter(cycle, told.matter)
    made = StageRecord.objects.create(
        cycle=cycle,
        organisation=organisation,
        stage=stage.id if stage is not None else "",
        matter=told.matter,
        about=told.about.strip(),
        held_on=told.held_on,
        text=told.text.strip(),
        recorded_by=actor,
        recorded_at=now,
    )
    names = _keep(files, record=made)
    data = {"stage": stage.name if stage is not None else "", "what": _what(made), "files": names}
    record(Event.STAGE_RECORDED, actor=actor, target=made, at=now, data=data)
    return made


def _what(made: StageRecord) -> str:
    return f"{made.matter}（{made.about}）" if made.about else made.matter


@transaction.atomic
def withdraw_record(*, record_of: StageRecord, actor: Seat, now: datetime) -> StageRecord:
    """Take a record back; it stays readable in the trail. Not once the federation has applied."""
    held = StageRecord.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=record_of.pk)
    if held.organisation_id != actor.organisation_id or not allowed(actor, "declarations.record_stage"):
        _refuse("not_permitted", "步骤记录由登记单位撤回。", REPORTING)
    if held.withdrawn_at is not None:
        _refuse("withdrawn", "这条记录已经撤回。")
    if applied(held.cycle, actor.organisation):
        _refuse("applied", "本单位已申请认定，步骤记录不能撤回。")
    held.withdrawn_by, held.withdrawn_at = actor, now
    held.save(update_fields=["withdrawn_by", "withdrawn_at"])
    stage = stage_of_matter(held.cycle, held.matter)
    data = {"stage": stage.name if stage is not None else held.stage, "what": _what(held)}
    record(Event.STAGE_RECORD_WITHDRAWN, actor=actor, target=held, at=now, data=data)
    return held


# ---- the inspection


@transaction.atomic
def find(
    *, cycle: Cycle, organisation: Organisation, code: str, text: str, due_on: date, actor: Seat, now: datetime
) -> InspectionFinding:
    """Write down what the inspection found of one row, and until which day it is to be put right."""
    if not _inspects(cycle, organisation, actor):
        _refuse("not_permitted", "督查由组织本项工作的工商联牵头。", INSPECTION)
    rows = {item.id: item.name for item in programme_of(cycle.programme).rubric.items()}
    if code not in rows:
        _refuse("row_unknown", "请选择标准中的一项指标。", INSPECTION)
    if not text.strip():
        _refuse("text_missing", "请写明发现的问题。", INSPECTION)
    if due_on <= timezone.localdate(now):
        _refuse("due_past", "整改期限须晚于今天。")
    made = InspectionFinding.objects.create(
        cycle=cycle,
        organisation=organisation,
        code=code,
        text=text.strip(),
        due_on=due_on,
        found_by=actor,
        found_at=now,
    )
    data = {"row": f"{code}{rows[code]}", "due": f"{due_on.month}月{due_on.day}日"}
    record(Event.INSPECTION_FOUND, actor=actor, target=made, at=now, data=data, reason=made.text)
    _tell(made, organisation.pk, "督查发现问题，请整改", f"{data['row']}：{made.text}限{data['due']}前整改。", now)
    return made


def _inspects(cycle: Cycle, organisation: Organisation, actor: Seat) -> bool:
    own = actor.organisation_id == cycle.decider_id and organisation.parent_id == cycle.decider_id
    return own and allowed(actor, "declarations.inspect")


def _tell(finding: InspectionFinding, to: int | None, title: str, body: str, now: datetime) -> None:
    if to is not None:
        key = f"finding:{finding.pk}:{finding.state}:{now.isoformat()}"
        tell(seats=active_seats_at(to, TIER_ROLES), key=key, title=title, body=body, now=now)


def rectify(
    *, finding: InspectionFinding, text: str, files: Sequence[Brought], actor: Seat, now: datetime
) -> InspectionFinding:
    """Hand in how a finding was put right, with evidence."""
    if not text.strip():
        _refuse("text_missing", "请写明整改情况。", INSPECTION)
    if not files:
        _refuse("papers_missing", "请至少附一份整改佐证材料。", INSPECTION)
    with _judged(files) as found:
        return _rectify(finding, text, found, actor, now)


@transaction.atomic
def _rectify(
    finding: InspectionFinding, text: str, files: Files, actor: Seat, now: datetime
) -> InspectionFinding:
    held = _locked(finding)
    if held.organisation_id != actor.organisation_id or not allowed(actor, "declarations.record_stage"):
        _refuse("not_permitted", "整改情况由被督查单位提交。", INSPECTION)
    _refuse_state(held, FindingState.OPEN)
    held.state, held.rectified, held.rectified_by, held.rectified_at = FindingState.RECTIFIED, text.strip(), actor, now
    held.save()
    names = _keep(files, finding=held)
    data = {"row": _row(held), "files": names}
    record(Event.INSPECTION_RECTIFIED, actor=actor, target=held, at=now, data=data, reason=held.rectified)
    _tell(held, held.cycle.decider_id, f"{held.organisation}已提交整改情况", f"{data['row']}：{held.rectified}", now)
    return held


def _locked(finding: InspectionFinding) -> InspectionFinding:
    rows = InspectionFinding.objects.select_for_update(of=("self",)).select_related("cycle__programme", "organisation")
    return rows.get(pk=finding.pk)


def _row(finding: InspectionFinding) -> str:
    return f"{finding.code}{programme_of(finding.cycle.programme).rubric.item(finding.code).name}"


def _refuse_state(held: InspectionFinding, asked: FindingState) -> None:
    if held.state != asked:
        _refuse("overtaken", f"这个问题现为“{held.get_state_display()}”，不能办理这一步。", INSPECTION)


@transaction.atomic
def close_finding(*, finding: InspectionFinding, remark: str, actor: Seat, now: datetime) -> InspectionFinding:
    """Close a finding that was put right."""
    return _settle(finding, FindingState.CLOSED, remark, actor, now)


@transaction.atomic
def reopen_finding(*, finding: InspectionFinding, remark: str, actor: Seat, now: datetime) -> InspectionFinding:
    """Send back what was not put right, with the reason."""
    if not remark.strip():
        _refuse("reason_missing", "请写明退回继续整改的理由。", INSPECTION)
    return _settle(finding, FindingState.OPEN, remark, actor, now)


SETTLED = {
    FindingState.CLOSED: (Event.INSPECTION_CLOSED, "督查问题已销号"),
    FindingState.OPEN: (Event.INSPECTION_REOPENED, "整改未到位，请继续整改"),
}


def _settle(
    finding: InspectionFinding, state: FindingState, remark: str, actor: Seat, now: datetime
) -> InspectionFinding:
    held = _locked(finding)
    if not _inspects(held.cycle, held.organisation, actor):
        _refuse("not_permitted", "由组织督查的工商联核查。", INSPECTION)
    _refuse_state(held, FindingState.RECTIFIED)
    held.state, held.remark, held.settled_by, held.settled_at = state, remark.strip(), actor, now
    held.save()
    event, title = SETTLED[state]
    record(event, actor=actor, target=held, at=now, data={"row": _row(held)}, reason=held.remark)
    _tell(held, held.organisation_id, title, f"{_row(held)}。{held.remark}", now)
    return held


# ---- where each federation stood before


@transaction.atomic
def set_target(
    *,
    cycle: Cycle,
    organisation: Organisation,
    standing: Standing,
    before_year: int | None,
    actor: Seat | None,
    now: datetime,
) -> CampaignTarget:
    """Set where a federation stood before the cycle, and, where it is planned, before which year it is to be done."""
    if actor is not None and not _inspects(cycle, organisation, actor):
        _refuse("not_permitted", "工作目标由组织本项工作的工商联设定。", AIMS)
    if (standing == Standing.PLANNED) != (before_year is not None):
        _refuse("year_unfit", "计划完成的须写明年份，其他情况不写。", AIMS)
    words = {"standing": standing, "before_year": before_year, "set_by": actor, "set_at": now}
    made, _ = CampaignTarget.objects.update_or_create(cycle=cycle, organisation=organisation, defaults=words)
    record(Event.TARGET_SET, actor=actor, target=made, at=now, data={"what": f"{organisation}{made.words}"})
    return made
