"""Spot checks in the demo world: one visited and confirmed, one that waits for its team's record, one more draw."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO

from django.utils import timezone
from PIL import Image, ImageDraw

from declarations.actions import draws, visits
from declarations.actions.visit_photos import add_photo
from declarations.actions.visit_record import save_record
from declarations.demo.people import OTHER_PROVINCE, open_demo_account
from declarations.demo.stages import World
from declarations.models import Visit
from declarations.queries.draws import frame_of
from declarations.queries.visits import tied_to
from declarations.states import VisitFinding
from scoring.engine import figure
from scoring.models import Layer
from scoring.queries import book_of, programme_of
from sihao.accounts.models import Seat
from sihao.accounts.queries import federation_of_code
from sihao.accounts.roles import Role

COLLEAGUE = "visitor"
SEED, NEXT_SEED = "示例种子2020110", "示例种子2020112"
SOURCE = "示例：某期公开摇号号码"
DAY = timedelta(days=1)
FEWEST = 3
PLACE = "商会秘书处（示例）"
INTERVIEWS = "会长介绍两年来的主要工作；秘书长说明会员走访和财务管理情况；两家会员企业反映商会服务及时。（示例）"
MATERIALS = "会员大会和理事会会议记录、会员名册、财务账册、党组织活动台账原件。（示例）"
OVERVIEW = "会议制度执行规范，走访台账逐户可查，值得同类商会借鉴；建议补全专业委员会的活动记录。（示例）"
NOTE = "台账所记次数比申报少1次。（示例）"
CAMERA, TAKEN, TAKEN_OFFSET = 0x8769, 0x9003, 0x9011


def visit_some(world: World, now: datetime) -> None:
    """Draw some cases some days ago and let one visit be done; publish the seed of a second draw.

    Where there are enough a third is drawn: its strata may give a case of the visitors' own province, left teamless.
    """
    listed = len(frame_of(world.cycle))
    if listed < FEWEST:
        return
    department, at = world.seats["department"], now - 6 * DAY
    words = {"cycle": world.cycle, "source": SOURCE, "actor": department}
    first = draws.announce(seed=SEED, cases=min(FEWEST, listed - 1), now=at, **words)
    draws.make_draw(found=first, actor=department, now=at + DAY + timedelta(hours=1))
    people = _people(world, now)
    teamed: list[Visit] = []
    for visit in first.visits.order_by("id"):
        later = 9 * DAY if teamed else 2 * DAY
        teamed += [visit] * _assigned(world, visit, people, at + 2 * DAY, later)
    if len(teamed) > 1:
        _record(teamed[0], people, at + 4 * DAY)
    draws.announce(seed=NEXT_SEED, cases=1, now=now - 2 * DAY, **words)


def _people(world: World, now: datetime) -> Sequence[Seat]:
    """Return two people of one other province: the demo account and a colleague."""
    office = federation_of_code(OTHER_PROVINCE)
    seat = open_demo_account(COLLEAGUE, "示例他省分管领导", ((office, Role.LEADER),), now - 6 * DAY)
    world.seats[COLLEAGUE] = seat
    return world.seats["other-province"], seat


def _assigned(world: World, visit: Visit, people: Sequence[Seat], at: datetime, later: timedelta) -> bool:
    """Give a visit its team, if both may be on it."""
    if tied_to(visit.declaration, people):
        return False
    day = timezone.localdate(at + later)
    members = [seat.pk for seat in people]
    visits.assign(visit=visit, members=members, planned_on=day, actor=world.seats["department"], now=at)
    return True


def _record(visit: Visit, people: Sequence[Seat], at: datetime) -> None:
    """Let one member write the record, with a row that differs and a photograph, and the other stand by it."""
    writer, other = people
    programme = programme_of(visit.declaration.cycle.programme)
    unit = book_of(visit.declaration.ledger_id).layer(Layer.PROVINCE)
    items = programme.rubric.items()
    typed = {f"found-{item.id}": VisitFinding.CONSISTENT.value for item in items if item.mark}
    less = next(item for item in items if item.mark is None and unit and unit.points.get(item.id, 0) >= 2)
    typed |= {f"found-{less.id}": VisitFinding.MINOR.value, f"note-{less.id}": NOTE}
    typed |= {f"mark-{less.id}": figure(unit.points[less.id] - 1)}
    typed |= {"visited_on": timezone.localdate(at).isoformat(), "place": PLACE, "received_by": "示例会长、示例秘书长"}
    typed |= {"interviews": INTERVIEWS, "materials": MATERIALS, "overview": OVERVIEW}
    save_record(visit=visit.pk, typed=typed, actor=writer, now=at)
    add_photo(visit=visit.pk, file=snapshot(at), name="示例走访照片.jpg", actor=writer, now=at)
    visits.submit(visit=visit, actor=writer, now=at + timedelta(hours=2))
    visits.agree(visit=visit, actor=other, now=at + timedelta(hours=5))


def snapshot(at: datetime) -> BytesIO:
    """Return an invented photograph that says when it was taken."""
    image = Image.new("RGB", (480, 360), "#dfe7e2")
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 120, 440, 320), fill="#b9c4bd", outline="#52606d", width=3)
    draw.text((170, 210), "SAMPLE VISIT", fill="#1f2933")
    exif = image.getexif()
    taken = timezone.localtime(at) - timedelta(hours=1)
    exif.get_ifd(CAMERA).update({TAKEN: f"{taken:%Y:%m:%d %H:%M:%S}", TAKEN_OFFSET: "+08:00"})
    file = BytesIO()
    image.save(file, "JPEG", exif=exif)
    file.seek(0)
    return file
