"""Drafts from the data: the report on how a unit reviewed (推荐审核情况报告), and the minutes of its meeting."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from declarations.decision import Point, Record, tally
from declarations.digests import digest_of
from declarations.models import Batch, Declaration, Meeting, MeetingPoint, Quota, ReturnItem
from declarations.queries.batches import points_of
from declarations.queries.deciding import record_of
from declarations.states import (
    DecisionWay,
    DeclineReason,
    Duty,
    PointResult,
    Presence,
    ReturnReason,
    State,
)
from scoring.engine import figure
from scoring.queries import programme_of
from sihao.accounts.roles import Level
from sihao.audit.events import Event
from sihao.audit.models import Entry

NAMED_AT_MOST = 30
OPENING = (
    "根据《{notice}》要求，{unit}按照自下而上逐级审核推荐的程序，对申报商会严格审核，"
    "经领导班子集体研究，确定推荐对象名单。现将有关情况报告如下。"
)
NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Draft:
    """A text drafted from the data, and the digest by which it is seen whether the data have changed since."""

    text: str

    @property
    def basis(self) -> str:
        """Return the digest of the draft."""
        return digest_of(self.text)


@dataclass(frozen=True)
class Line:
    """One line of a report as it is printed: a heading, or a paragraph."""

    text: str
    is_heading: bool


def lines_of(text: str) -> list[Line]:
    """Return a report line by line; 一、 and the like begin a heading."""
    told = (line.strip() for line in text.splitlines())
    return [Line(line, line[:1] in NUMERALS and line[1:2] == "、") for line in told if line]


def report_title(batch: Batch) -> str:
    """Return what the report is called."""
    return f"关于{batch.cycle.honour}推荐审核情况的报告"


def report_draft(batch: Batch, meeting: Meeting) -> Draft:
    """Return the report as the data tell it; what the data do not hold is not mentioned."""
    parts = [
        ("申报情况", _declared(batch)),
        ("审核情况", _reviewed(batch)),
        ("集体研究情况", _decided(batch, meeting)),
        ("推荐名单", _listed(batch)),
    ]
    lines = ["全国工商联会员部：", OPENING.format(notice=batch.cycle.notice_title, unit=batch.unit)]
    for number, (title, paragraphs) in enumerate(parts):
        lines += [f"{NUMERALS[number]}、{title}", *paragraphs]
    return Draft("\n".join(lines))


def _of_unit(batch: Batch) -> list[tuple[str, int]]:
    cases = Declaration.objects.filter(cycle_id=batch.cycle_id, unit_id=batch.unit_id, submitted_at__isnull=False)
    return list(cases.values_list("state", "home__level"))


def _declared(batch: Batch) -> list[str]:
    rows = _of_unit(batch)
    by_level = Counter(Level(level) for _, level in rows)
    names = {Level.COUNTY: "县级", Level.CITY: "市级", Level.PROVINCE: "省级", Level.NATIONAL: "全国"}
    parts = "，".join(f"{names[level]}工商联所属{by_level[level]}家" for level in sorted(by_level, reverse=True))
    withdrawn = sum(state == State.WITHDRAWN for state, _ in rows)
    gone = f"其间撤回申报{withdrawn}家。" if withdrawn else ""
    return [f"本周期共有{len(rows)}家商会提交申报，其中{parts}。{gone}"]


def _reviewed(batch: Batch) -> list[str]:
    rows = Counter(state for state, _ in _of_unit(batch))
    told = [_returned(batch), _declined(batch, rows[State.NOT_FORWARDED])]
    waiting = rows[State.LOCAL_REVIEW] + rows[State.RETURNED]
    if waiting:
        told.append(f"截至名单确定时，尚未审结、未列入推荐名单{waiting}家。")
    return ["各级工商联对申报材料的完整性、逻辑性和真实性逐项核实，独立评分，签署审核意见。", *filter(None, told)]


def _returned(batch: Batch) -> str:
    items = ReturnItem.objects.filter(
        slip__declaration__cycle_id=batch.cycle_id, slip__declaration__unit_id=batch.unit_id
    )
    rows = list(items.values_list("slip_id", "slip__declaration_id", "reason"))
    if not rows:
        return "审核中没有退回修改。"
    slips, cases = len({slip for slip, _, _ in rows}), len({case for _, case, _ in rows})
    reasons = Counter(reason for _, _, reason in rows).most_common()
    told = "、".join(f"{ReturnReason(reason).label}{number}项" for reason, number in reasons)
    return f"审核中退回修改{slips}次，涉及{cases}家商会、{len(rows)}项内容：{told}。退回事项均逐项说明后重新审核。"


def _declined(batch: Batch, number: int) -> str:
    if not number:
        return ""
    cases = Declaration.objects.filter(
        cycle_id=batch.cycle_id, unit_id=batch.unit_id, state=State.NOT_FORWARDED
    ).values_list("pk", flat=True)
    entries = Entry.objects.filter(event=Event.DECLINED, target_kind="declaration", target_id__in=map(str, cases))
    codes = dict(entries.order_by("id").values_list("target_id", "data"))
    reasons = Counter(data.get("code", "") for data in codes.values()).most_common()
    known = [(DeclineReason(code).label, count) for code, count in reasons if code in DeclineReason.values]
    told = "、".join(f"{label}{count}家" for label, count in known)
    return f"审核后不予推荐{number}家{f'：{told}' if told else ''}。"


def _decided(batch: Batch, meeting: Meeting) -> list[str]:
    record = record_of(meeting)
    chair = next(person.name for person in record.people if person.duty == Duty.CHAIR)
    day = f"{meeting.held_on.year}年{meeting.held_on.month}月{meeting.held_on.day}日"
    present, members = len(record.present), len(record.members)
    points = points_of(meeting)
    agreed = meeting.way == DecisionWay.CONSENSUS
    how = "一致同意" if agreed else "经记名表决，均获应到会人员半数以上赞成，确定"
    held = (
        f"{day}，{batch.unit}召开{meeting.name}，由{chair}主持，应到{members}人，出席{present}人，"
        f"对提交的{len(points)}家商会逐一研究，{how}推荐{len(batch.listing)}家。"
    )
    return [held, *_differences(points)]


def _differences(points: Sequence[MeetingPoint]) -> list[str]:
    """Say who stood aside, what was moved and what was left out."""
    told = []
    aside = [f"{one.attendee.name}回避{point.name}" for point in points for one in point.aside.all()]
    if aside:
        told.append(f"研究时按规定回避：{'；'.join(aside)}。")
    struck = [f"{point.name}（{point.reason}）" for point in points if point.result == PointResult.STRUCK]
    if struck:
        told.append(f"研究后未列入推荐名单{len(struck)}家：{'、'.join(struck)}。")
    kept = sorted((one for one in points if one.result == PointResult.LISTED), key=lambda one: one.place)
    if [one.decided_place for one in kept] != sorted(one.decided_place or 0 for one in kept):
        told.append("会议对推荐次序作了调整。")
    return told


def _listed(batch: Batch) -> list[str]:
    places = Quota.objects.filter(cycle_id=batch.cycle_id, organisation_id=batch.unit_id)
    quota = places.values_list("places", flat=True).first() or 0
    maximum = figure(programme_of(batch.cycle.programme).total)
    totals = [Decimal(str(line["total"])) for line in batch.listing]
    average = figure((sum(totals) / len(totals)).quantize(Decimal("0.01")))
    left = f"，余{quota - len(totals)}个" if quota > len(totals) else ""
    span = f"最高{figure(max(totals))}分、最低{figure(min(totals))}分、平均{average}分（满分{maximum}分）"
    told = [f"推荐名额{quota}个，推荐{len(totals)}家{left}。审核得分{span}，均达到认定条件。"]
    if len(batch.listing) <= NAMED_AT_MOST:
        names = "；".join(f"{line['rank']}.{line['name']}" for line in batch.listing)
        told.append(f"推荐次序为：{names}。")
    else:
        told.append("推荐次序见附件3《推荐名单汇总表》。")
    return told


# ---- minutes


def minutes_draft(record: Record) -> str:
    """Return the minutes as the record tells them, for the recorder to complete."""
    points = list(record.points)
    struck = [point for point in points if point.result == PointResult.STRUCK]
    listed = len(points) - len(struck)
    lines = [
        f"会议听取了推荐审核情况汇报，逐一研究了提交的{len(points)}家商会的申报材料、各级审核意见和得分。",
        *(
            f"研究{point.name}时，{'、'.join(_aside(record, point))}回避，{tally(record, point).words}。"
            for point in points
            if point.aside
        ),
        *(f"{point.name}不列入推荐名单，理由：{point.reason}。" for point in struck if point.reason),
    ]
    how = "一致同意" if record.way == DecisionWay.CONSENSUS else "经记名表决，同意"
    lines.append(f"会议{how}将{listed}家商会按研究确定的次序列入推荐名单，报全国工商联会员部。")
    return "\n".join(lines)


def _aside(record: Record, point: Point) -> list[str]:
    return [person.name for person in record.people if person.key in point.aside]


@dataclass(frozen=True)
class MinutesFacts:
    """What the head of the minutes tells."""

    chair: str
    recorder: str
    present: Sequence[str]
    absent: Sequence[str]
    observing: Sequence[str]


def minutes_facts(meeting: Meeting) -> MinutesFacts:
    """Return who presided, who wrote, who was there and who was not."""
    people = list(meeting.attendees.order_by("place"))
    by = {presence: [str(one) for one in people if one.presence == presence] for presence in Presence}
    name = {one.duty: one.name for one in people}
    return MinutesFacts(
        name.get(Duty.CHAIR, ""),
        name.get(Duty.RECORDER, ""),
        by[Presence.PRESENT],
        by[Presence.ABSENT],
        by[Presence.OBSERVING],
    )
