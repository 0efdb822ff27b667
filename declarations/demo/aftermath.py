"""What comes after the meeting in the demo world: a public notice, objections upheld and dismissed, a title revoked.

The first list was announced at the beginning of September and published in the middle of it; a second notice runs on
the day of the rehearsal, so that anybody may object.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from declarations.actions import confirming, objecting, publication, stories, titles
from declarations.actions.questions import Brought
from declarations.demo import stages
from declarations.demo.people import NATION, open_demo_account
from declarations.demo.post import wait_until
from declarations.demo.stages import World
from declarations.models import Declaration, NoticeEntry, Objection, Pending, PublicNotice, Recognition
from declarations.objections import new_receipt
from declarations.queries.stories import deeds_of
from declarations.states import RevocationGround
from sihao.accounts.models import Seat
from sihao.accounts.queries import federation_of_code
from sihao.accounts.roles import Role

BEIJING = ZoneInfo("Asia/Shanghai")
OVER = datetime(2020, 9, 16, 9, 0, tzinfo=BEIJING)
"""The first working morning after the first notice."""
REGISTERS, INQUIRES = "department-2", "department-3"
FEWEST_TO_REVOKE, FEWEST_TO_UPHOLD = 2, 3
REPORTS = {
    "uphold": "经查阅会议记录并走访，活动由会员企业自办。（示例）",
    "dismiss": "经查阅通知和签到表，活动由商会组织。（示例）",
}
ANSWERS = {
    "uphold": "经核查，所反映的情况属实，已按程序处理。（示例）",
    "dismiss": "经核查，活动由商会组织，异议不成立。（示例）",
}
FACTS = "该会申报的示范活动实为会员企业自办，商会没有组织，附活动通知。（示例）"
SUMMARY = "核实申报的示范活动是否由商会组织。（示例）"


@dataclass(frozen=True)
class Announced:
    """The first notice, and the objections to names on it: the one that will be upheld last, if there is one."""

    notice: PublicNotice
    objections: Sequence[Objection]


def open_desks(world: World) -> None:
    """Give the department two more officers; name two who register objections, by the head and another person."""
    nation = federation_of_code(NATION)
    for name, words in ((REGISTERS, "示例会员部经办人乙"), (INQUIRES, "示例会员部经办人丙")):
        seats = ((nation, Role.DEPARTMENT_OFFICER),)
        world.seats[name] = open_demo_account(name, words, seats, world.tick())
    chosen = [world.seats[name].pk for name in ("department", REGISTERS)]
    pending = objecting.propose_officers(
        cycle=world.cycle, seats=chosen, actor=world.seats["head"], now=world.tick()
    )
    confirming.confirm(pending=pending, actor=world.seats["department"], now=world.tick())


def announce(world: World) -> PublicNotice:
    """Announce what the meeting approved."""
    return publication.open_notice(cycle=world.cycle, actor=world.seats["head"], now=world.tick())


def announce_first(world: World) -> Announced:
    """Announce the first list, and let two of its names be objected to, one of them rightly."""
    open_desks(world)
    notice = announce(world)
    entries = list(notice.entries.select_related("declaration__cycle", "notice").order_by("place"))
    objected = [entries[0], *entries[-1:]] if len(entries) >= FEWEST_TO_UPHOLD else entries[:1]
    return Announced(notice, [object_to(world, entry) for entry in objected])


def object_to(world: World, entry: NoticeEntry) -> Objection:
    """Let an invented person object to a name."""
    number = Objection.objects.count() + 1
    by = objecting.Objecting(f"示例异议人{number}", f"yiyi{number}@example.org", FACTS)
    words = {"token": UUID(int=number), "receipt": new_receipt(Random(number)), "now": world.tick()}  # noqa: S311
    return objecting.receive(entry=entry, by=by, **words)


def publish_first(world: World, first: Announced) -> None:
    """Settle the objections, publish the rest when the notice is over, tell a story, revoke a title."""
    for objection, outcome in zip(first.objections, ("dismiss", "uphold"), strict=False):
        look_into(world, objection, outcome)
    wait_until(world, OVER)
    publication.publish_list(cycle=world.cycle, actor=world.seats["head"], now=world.tick())
    published = list(
        Recognition.objects.select_related("declaration__applicant", "cycle").order_by("serial")
    )
    if published:
        tell_story(world, published[0])
    if len(published) >= FEWEST_TO_REVOKE:
        revoke(world, published[-1])


def look_into(world: World, objection: Objection, outcome: str) -> None:
    """Admit an objection, let the unit report and an officer without part in the case look into it, and settle it."""
    case = objection.declaration
    registers, inquires = world.seats[REGISTERS], world.seats[INQUIRES]
    objecting.admit(
        objection=objection, summary=SUMMARY, officer=inquires.pk, actor=registers, now=world.tick()
    )
    if case.unit_id != inquires.organisation_id:
        objecting.report(objection=objection, text=REPORTS[outcome], actor=world.leader(case.unit), now=world.tick())
    objecting.investigate(objection=objection, findings="推荐单位报告属实。（示例）", actor=inquires, now=world.tick())
    settled = objecting.propose_outcome(
        objection=objection, outcome=outcome, answer=ANSWERS[outcome], actor=inquires, now=world.tick()
    )
    _confirm(world, settled)


def _confirm(world: World, prepared: object) -> None:
    if isinstance(prepared, Pending):
        confirming.confirm(pending=prepared, actor=world.seats["head"], now=world.tick())


def tell_story(world: World, title: Recognition) -> None:
    """Write the story of a chamber and let the head release it."""
    told = {"title": f"{title.name}：服务会员有实招", "text": deeds_of(title) or "示例事迹。", "caption": "示例图片"}
    picture = Brought(stages.picture(title.number), "示例图片.png")
    department, head = world.seats["department"], world.seats["head"]
    story = stories.save_story(
        recognition=title, seen=0, picture=picture, actor=department, now=world.tick(), **told
    )
    stories.release_story(story=story, seen=story.version, actor=head, now=world.tick())


def revoke(world: World, title: Recognition) -> None:
    """Look into a title, hear the chamber, let the meeting decide, and publish the revocation."""
    department = world.seats["department"]
    inquiry = titles.open_inquiry(
        recognition=title,
        ground=RevocationGround.DEREGISTERED,
        facts="登记管理机关公告注销登记。（示例）",
        suspend=True,
        actor=department,
        now=world.tick(),
    )
    president = _president(title.declaration)
    titles.give_statement(inquiry=inquiry, text="情况属实，没有异议。（示例）", actor=president, now=world.tick())
    words = "商会已注销，建议撤销认定。（示例）"
    titles.propose_revocation(inquiry=inquiry, text=words, actor=department, now=world.tick())
    at = world.tick()
    meeting = titles.MeetingRecord(timezone.localdate(at), "示例主席、示例副主席", "会议决定撤销认定。（示例）")
    titles.decide_revocation(inquiry=inquiry, meeting=meeting, revoke=True, actor=world.seats["secretary"], now=at)
    _confirm(world, titles.order_revocation(inquiry=inquiry, actor=department, now=world.tick()))


def _president(case: Declaration) -> Seat:
    return case.applicant.seats.select_related("user", "organisation").get(role=Role.CHAMBER_PRESIDENT)


def leave_open(world: World) -> None:
    """Announce the second list, and leave an objection and a tip on it for the day of the rehearsal."""
    notice = announce(world)
    entry = notice.entries.select_related("declaration__cycle", "notice").order_by("place").first()
    if entry is not None:
        object_to(world, entry)
        words = "听说该会很少开会。（示例）"
        objecting.receive_tip(entry=entry, facts=words, token=UUID(int=1), now=world.tick())
