"""Small worlds for tests: a tree, a published programme, an open cycle, people, and cases brought to a state.

Built through the same actions as the demo world; no case is written past them.
"""

from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings

from declarations.actions import draft
from declarations.actions.cycle import open_cycle
from declarations.demo import stages
from declarations.demo.answers import Profile, code_for
from declarations.demo.stages import DemoClock, World
from declarations.models import Cycle, Declaration
from scoring.actions import publish_programme
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.roles import Role
from tests.factories import make_chamber, make_federation, make_seat, make_user

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2020, 9, 28, 9, 0, tzinfo=BEIJING)
NEXT = datetime(2022, 9, 28, 9, 0, tzinfo=BEIJING)
NATION, PROVINCE, CITY, COUNTY, NEIGHBOUR = "100000", "410000", "411100", "411122", "411121"
OFFICES = {
    NATION: (Role.DEPARTMENT_OFFICER, Role.DEPARTMENT_HEAD),
    PROVINCE: (Role.OFFICER, Role.LEADER),
    CITY: (Role.OFFICER, Role.LEADER),
    COUNTY: (Role.OFFICER, Role.LEADER),
    NEIGHBOUR: (Role.OFFICER, Role.LEADER),
}
NATIONAL_SEATS = {
    "expert": Role.EXPERT,
    "expert-2": Role.EXPERT,
    "group-head": Role.GROUP_HEAD,
    "secretary": Role.MEETING_SECRETARY,
    "supervision": Role.SUPERVISION,
    "sysadmin": Role.SYSTEM_ADMIN,
    "secadmin": Role.SECURITY_ADMIN,
    "auditadmin": Role.AUDIT_ADMIN,
}


def make_cycle(now: datetime = NOW) -> Cycle:
    """Publish the programme and open its cycle; the national node is there before quotas are set."""
    make_federation(NATION)
    root = settings.BASE_DIR / "fixtures"
    publish_programme(
        text=(root / "programmes" / "sihao-2019-2020.toml").read_text(encoding="utf-8"), actor=None, now=now
    )
    return open_cycle(path=root / "cycles" / "sihao-2019-2020.toml", sample=True, actor=None, now=now)


def make_next_cycle(folder: Path, programme: str = "") -> Cycle:
    """Open the cycle two years later, by the same programme or by one of its text changed and published anew."""
    if programme:
        publish_programme(text=programme, actor=None, now=NEXT)
    file = settings.BASE_DIR / "fixtures" / "cycles" / "sihao-2019-2020.toml"
    lines = file.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith(("notice_file", "quota_file", "counts_file")))
    for old, new in (("2021", "2023"), ("2020", "2022"), ("2019", "2021")):
        text = text.replace(old, new)
    text = text.replace('programme = "sihao-2021-2022"', 'programme = "sihao-2019-2020"')
    (folder / "next.toml").write_text(text, encoding="utf-8")
    return open_cycle(path=folder / "next.toml", sample=True, actor=None, now=NEXT)


def make_world(seed: int = 1, *, public_notice: bool = False) -> World:
    """Make the tree of one county, its neighbour, city and province, people at each, and the open cycle.

    The cycle publishes at once what the meeting approves, unless the public notice is asked for.
    """
    for code in (*OFFICES, "420000", "420100"):
        make_federation(code)
    cycle = make_cycle()
    if not public_notice:
        cycle.public_notice = False
        cycle.save(update_fields=["public_notice"])
    world = World(cycle=cycle, clock=DemoClock(NOW), rng=Random(seed), seats={}, proven_rows=1)
    for code, (officer, leader) in OFFICES.items():
        node = make_federation(code)
        world.staff[node.pk] = (make_seat(officer, node), make_seat(leader, node))
    nation = make_federation(NATION)
    world.seats |= {name: make_seat(role, nation, make_user(name)) for name, role in NATIONAL_SEATS.items()}
    world.seats["department"], world.seats["head"] = world.staff[nation.pk]
    return world


def president_of(chamber: Organisation) -> Seat:
    """Return the chamber's president, appointed if there is none."""
    return chamber.seats.filter(role=Role.CHAMBER_PRESIDENT).first() or make_seat(Role.CHAMBER_PRESIDENT, chamber)


def make_draft(world: World, home: str = COUNTY, *, name: str = "", grade: int = 0, filled: bool = True) -> Declaration:
    """Start a chamber's case, filled in and ready to be submitted unless asked otherwise."""
    node = make_federation(home)
    serial = Declaration.objects.count() + 1
    code = code_for(node, serial)
    chamber = make_chamber(node, uscc=code, name=name or f"示例商会{serial}")
    actor = president_of(chamber)
    if not filled:
        return stages.fresh(draft.start(cycle=world.cycle, applicant=chamber, actor=actor, now=world.tick()))
    return stages.file_case(world, chamber, Profile(chamber.name, code, grade, serial), actor)


def make_submitted(world: World, home: str = COUNTY, **words: object) -> Declaration:
    """Submit a filled draft; its home federation holds it."""
    return _submit(world, make_draft(world, home, **words))


def _submit(world: World, case: Declaration) -> Declaration:
    draft.submit(case=case, actor=president_of(case.applicant), now=world.tick())
    return stages.fresh(case)


def make_at_unit(world: World, home: str = COUNTY, **words: object) -> Declaration:
    """Bring a case to its recommending unit, marked and with an opinion there, ready to be shortlisted."""
    return stages.to_unit(world, make_submitted(world, home, **words))


def make_shortlisted(world: World, home: str = COUNTY, **words: object) -> Declaration:
    """Enter a case in its unit's list."""
    return stages.shortlist(world, make_at_unit(world, home, **words))


def make_accepted(world: World, home: str = COUNTY, **words: object) -> Declaration:
    """Send a case up with its unit's list and let the department accept it: preliminary review."""
    case = make_shortlisted(world, home, **words)
    stages.send_up(world, case.unit)
    stages.accept(world, case.unit)
    return stages.fresh(case)


def make_before_experts(world: World, home: str = COUNTY, **words: object) -> Declaration:
    """Pass a case to the experts with two of them assigned."""
    return stages.assign(world, stages.pass_preliminary(world, make_accepted(world, home, **words)))


def make_scored(world: World, home: str = COUNTY, **words: object) -> Declaration:
    """Let both experts confirm their sheets."""
    return stages.score(world, make_before_experts(world, home, **words))


def make_proposed(world: World, home: str = COUNTY, **words: object) -> Declaration:
    """Sign the verdict of a passing case."""
    return stages.sign(world, make_scored(world, home, **words))


def later(world: World, **span: int) -> datetime:
    """Return an instant of the world moved on by a span."""
    world.clock.at += timedelta(**span)
    return world.tick()
