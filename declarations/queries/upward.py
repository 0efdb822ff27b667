"""What stands against sending a list up: of the list, of its cases, of the person."""

from datetime import datetime

from declarations.listing import changes, told
from declarations.models import Batch, Quota
from declarations.queries.batches import failing, listing_of, meeting_of, open_send_back, papers_of, states_of
from declarations.queries.deadlines import deadlines_for
from declarations.second_person import Paired
from declarations.states import BatchState, MeetingState, PaperKind, State
from sihao.accounts.models import Seat
from sihao.accounts.refusals import Refusal
from sihao.ui.formats import deadline

CLAUSE = "五（二）1"
SENDABLE = (BatchState.SEALED, BatchState.SENT_BACK)
UP_THERE = frozenset({State.RECOMMENDED})


def _said(code: str, sentence: str) -> Refusal:
    return Refusal(code, sentence, CLAUSE)


def lacking(batch: Batch) -> tuple[Refusal, ...]:
    """Return what of the sealed papers is still missing."""
    papers = papers_of(batch, meeting_of(batch))
    there = {one.kind for one in papers}
    found = [f"《{kind.label}》尚未生成。" for kind in PaperKind if kind not in there]
    found += [one.lack for one in papers if not one.complete]
    return tuple(Refusal("paper_lacking", sentence, CLAUSE) for sentence in found)


def standing_refusals(batch: Batch, now: datetime) -> tuple[Refusal, ...]:
    """Return what stands against sending the list up that a glance at the list tells: state, meeting, papers, term."""
    found = []
    meeting = meeting_of(batch)
    if meeting is None or meeting.state != MeetingState.CONCLUDED:
        found.append(_said("no_meeting", "推荐名单须经领导班子集体研究后上报，还没有会议纪要。"))
    elif meeting.decided_digest != batch.digest:
        found.append(_said("not_the_meetings", "名单与会议纪要记载的不一致，请重新打开名单并再次研究。"))
    if batch.state in SENDABLE or batch.state == BatchState.MEETING_HELD:
        found += lacking(batch)
    if batch.state == BatchState.MEETING_HELD:
        found.append(_said("not_sealed", "盖章材料尚未提交，请由拟定人核对齐备后提交上报。"))
    until = closes(batch)
    if now >= until:
        found.append(_said("unit_deadline_passed", f"推荐上报已于{deadline(until, with_year=True)}截止。"))
    return tuple(found)


def closes(batch: Batch) -> datetime:
    """Return until when the list may be sent up; one given back for form has its own term."""
    until = deadlines_for(batch.cycle, batch.unit).province
    back = open_send_back(batch)
    return max(until, back.due_at) if back is not None else until


def content_refusals(batch: Batch) -> tuple[Refusal, ...]:
    """Return what stands against sending the list up that every case of it is asked for."""
    found = []
    if batch.state == BatchState.SENT_BACK:
        return ()
    if differing := changes(batch.listing, listing_of(batch)):
        words = f"集体研究以后名单有变化：{told(differing)}。请重新打开名单并再次研究。"
        found.append(_said("list_changed", words))
    others = {state: names for state, names in states_of(batch).items() if state != State.SHORTLISTED}
    for state, names in others.items():
        found.append(_said("case_elsewhere", f"{'、'.join(names)}现为“{state.label}”，不能上报。"))
    if names := failing(batch):
        found.append(_said("gate_failed", f"按本级审核得分未达到认定条件，不能上报：{'、'.join(names)}。"))
    quota = Quota.objects.filter(cycle_id=batch.cycle_id, organisation_id=batch.unit_id).first()
    places = quota.places if quota is not None else 0
    if len(batch.listing) > places:
        found.append(Refusal("quota_full", f"推荐{len(batch.listing)}家，超过推荐名额{places}家。", "四"))
    return tuple(found)


def person_refusals(batch: Batch, actor: Seat) -> tuple[Refusal, ...]:
    """Return why this person cannot send the list up: who prepared it, where the cycle asks for two persons."""
    two = Paired.UPLOAD_BATCH in batch.cycle.two_persons
    if two and batch.prepared_by is not None and {*batch.prepared_by.people} & {*actor.people}:
        return (_said("second_person", "拟定名单的人不能自己上报，请由分管领导上报。"),)
    return ()
