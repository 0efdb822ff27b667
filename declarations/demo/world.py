"""The demo world: same seed, same chambers, same answers, same order of acts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings

from declarations.actions import draft, review
from declarations.actions.cycle import open_cycle
from declarations.demo import reading, stages
from declarations.demo.aftermath import announce_first, leave_open, publish_first
from declarations.demo.alike import look_across, plant, too_early
from declarations.demo.answers import Profile, code_for, trades
from declarations.demo.aside import set_aside
from declarations.demo.desks import lay_out
from declarations.demo.people import (
    CITY,
    COUNTY,
    NATION,
    PROVINCE,
    chamber,
    let_in,
    open_demo_account,
    people,
)
from declarations.demo.post import put_off, wait_until
from declarations.demo.returning import ask, come_back
from declarations.demo.stages import DemoClock, World
from declarations.demo.visiting import visit_some
from declarations.models import Declaration
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.queries import federation_of_code
from sihao.accounts.roles import Role

BEIJING = ZoneInfo("Asia/Shanghai")
BEGINS = datetime(2020, 9, 7, 9, 0, tzinfo=BEIJING)
EARLY = (datetime(2020, 9, 10, 9, 0, tzinfo=BEIJING), datetime(2020, 9, 22, 9, 0, tzinfo=BEIJING))
"""When the first two chambers of the county hand in: on the day of the rehearsal one is overdue, one reminded of."""
MOST_HAND_IN = datetime(2020, 9, 28, 9, 0, tzinfo=BEIJING)
REHEARSAL_NOW = datetime(2020, 10, 9, 9, 0, tzinfo=BEIJING)

LEFT_TO_EXPERTS = 2
"""So many cases stay before the experts where all stages are shown; the verdict on the next one is signed."""
STAGES = ("draft", "local", "listed", "recommended", "preliminary", "expert", "proposed", "decided", "recognised")
SHARED_HOMES = (COUNTY, CITY, COUNTY, PROVINCE)
OTHER_PROVINCES = (
    ("420000", "420100", "420106"),
    ("330000", "330100", "330106"),
    ("370000", "370200", "370202"),
    ("510000", "510100", "510104"),
    ("440000", "440300", "440304"),
    ("320000", "320500", "320506"),
)


UNIT_STAGES = {
    "420000": "recommended",
    "330000": "preliminary",
    "510000": "recognised",
    "370000": "expert",
    "440000": "decided",
    "320000": "recognised",
}


@dataclass(frozen=True)
class Named:
    """A demo chamber with an account of its own."""

    username: str
    president: str
    name: str
    home: str


NAMED = (
    Named("chamber", "president", "临颍县食品工业商会（示例）", COUNTY),
    Named("chamber-city", "chamber-city", "漯河市物流商会（示例）", CITY),
    Named("chamber-province", "chamber-province", "河南省装备制造商会（示例）", PROVINCE),
    Named("chamber-direct", "chamber-direct", "全国示例行业商会（示例）", NATION),
)


def build(*, stage: str | None, seed: int, chambers: int) -> World:
    """Build the world at one stage, or at all stages side by side; returns it for the tests.

    ``chambers`` is how many chambers there are besides the four with accounts of their own.
    """
    world = _ground(seed)
    own = [_named(world, named, serial) for serial, named in enumerate(NAMED, start=1)]
    others = [_other(world, serial) for serial in range(1, chambers + 1)]
    groups: dict[str, list[Declaration]] = {name: [] for name in STAGES}
    for case in others:
        groups[stage or _stage_of(case)].append(case)
    if stage is not None:
        groups[stage] += own
    elif len(groups["expert"]) > LEFT_TO_EXPERTS:
        groups["proposed"].append(groups["expert"].pop())
    examined = [case for name in STAGES[STAGES.index("preliminary") :] for case in groups[name]]
    if examined:
        plant(world, examined)
    _walk(world, groups)
    for case in groups["draft"]:
        _staffed(world, case)
    if groups["draft"]:
        put_off(world, groups["draft"][0])
    if stage is None:
        too_early(world, own[0])
    set_aside(world, world.tick())
    visit_some(world, REHEARSAL_NOW)
    look_across(world)
    wait_until(world, REHEARSAL_NOW)
    let_in()
    return world


def _ground(seed: int) -> World:
    clock = DemoClock(BEGINS)
    cycle = open_cycle(
        path=settings.BASE_DIR / "fixtures" / "cycles" / "sihao-2019-2020.toml",
        sample=True,
        actor=None,
        now=clock.tick(),
    )
    world = World(cycle=cycle, clock=clock, rng=Random(seed), seats=people(clock.tick()))  # noqa: S311 repeatable
    pairs = {COUNTY: ("county", "county"), CITY: ("city", "city"), PROVINCE: ("province", "province-leader")}
    pairs[NATION] = ("department", "head")
    for code, (officer, leader) in pairs.items():
        world.staff[federation_of_code(code).pk] = (_seat(world, officer), _seat(world, leader, last=True))
    return world


def _seat(world: World, username: str, *, last: bool = False) -> Seat:
    """Return an account's first seat, or its last (the leader's, where one person holds both)."""
    seats = list(world.seats[username].user.seats.select_related("organisation", "user").order_by("id"))
    return seats[-1 if last else 0]


def _named(world: World, named: Named, serial: int) -> Declaration:
    """Register one of the four chambers with accounts and fill in its draft."""
    home = federation_of_code(named.home)
    code = code_for(home, 900 + serial)
    body = chamber(named.name, home, code, world.tick())
    president = open_demo_account(
        named.president, f"示例会长{serial}", ((body, Role.CHAMBER_PRESIDENT),), world.tick()
    )
    filler = president
    if named.username != named.president:
        filler = open_demo_account(named.username, "示例填报员", ((body, Role.CHAMBER_FILLER),), world.tick())
    world.seats[named.username], world.seats[named.president] = filler, president
    return stages.file_case(world, body, Profile(named.name, code, 0, world.rng.randrange(10**6)), filler)


def _other(world: World, serial: int) -> Declaration:
    """Register a further chamber, in the home province or another, and fill in its draft."""
    home = federation_of_code(_home_code(serial))
    name = f"{home.region}{trades()[serial % len(trades())]}商会（示例{serial}）"
    code = code_for(home, serial)
    body = chamber(name, home, code, world.tick())
    seats = ((body, Role.CHAMBER_PRESIDENT),)
    president = open_demo_account(f"c{serial:04d}", f"示例会长{serial}", seats, world.tick(), password=None)
    profile = Profile(name, code, world.rng.randrange(3), world.rng.randrange(10**6))
    world.seats[body.uscc] = president
    return stages.file_case(world, body, profile, president)


def _stage_of(case: Declaration) -> str:
    """Return where a case stands when all stages are shown side by side: each province at a stage of its own.

    The home province keeps its list open, so that the whole way can be walked by hand.
    """
    if case.unit.code in UNIT_STAGES:
        return UNIT_STAGES[case.unit.code]
    return ("draft", "listed", "local")[case.pk % 3]


def _home_code(serial: int) -> str:
    if serial % 2:
        return SHARED_HOMES[(serial // 2) % len(SHARED_HOMES)]
    chain = OTHER_PROVINCES[(serial // 2) % len(OTHER_PROVINCES)]
    return chain[serial // 2 % 3]


def _submit(world: World, case: Declaration) -> Declaration:
    president = case.applicant.seats.select_related("user", "organisation").get(role=Role.CHAMBER_PRESIDENT)
    draft.submit(case=case, actor=president, now=world.tick())
    return stages.fresh(case)


def _staffed(world: World, case: Declaration) -> None:
    """Give every federation on the case's route somebody who prepares and somebody who signs."""
    for pk in case.route:
        if pk not in world.staff:
            node = Organisation.objects.get(pk=pk)
            officer = open_demo_account(
                f"o{node.code}", f"示例经办人{node.code}", ((node, Role.OFFICER),), world.tick(), None
            )
            leader = open_demo_account(
                f"l{node.code}", f"示例领导{node.code}", ((node, Role.LEADER),), world.tick(), None
            )
            world.staff[pk] = (officer, leader)


def _walk(world: World, groups: dict[str, list[Declaration]]) -> None:
    """Bring each group of drafts to its stage; what shares a unit's list goes up with it.

    Those that are recognised went first: their public notice was over before the others handed in.
    """
    past = {name: STAGES.index(name) for name in groups}
    _up(world, [(past["recognised"], case) for case in groups["recognised"]])
    first = announce_first(world) if groups["recognised"] else None
    early = _handed_in_early(world, groups["local"], partial(publish_first, world, first) if first else None)
    moving = [(past[name], case) for name, cases in groups.items() for case in cases if name != "recognised"]
    _up(world, [(depth, case) for depth, case in moving if depth >= 1 and case.pk not in early])
    if first and groups["decided"]:
        leave_open(world)
    at_county = [case for case in groups["local"] if case.pk not in early and case.home.code == COUNTY]
    county = federation_of_code(COUNTY)
    lay_out(world, at_county, county)
    come_back(world, reversed(groups["listed"]), county)
    ask(world, [case for case in groups["local"] if case.pk in early], county)


def _up(world: World, moving: Iterable[tuple[int, Declaration]]) -> None:
    """Bring submitted cases as far as each goes."""
    cases = [(depth, _submitted(world, case, depth)) for depth, case in moving]
    listed = [(depth, stages.shortlist(world, case)) for depth, case in cases if depth > STAGES.index("listed")]
    _list_and_reserve(world, [case for depth, case in cases if depth == STAGES.index("listed")])
    for unit in _units(case for _, case in listed):
        stages.send_up(world, unit)
    _nationally(world, [(depth, stages.fresh(case)) for depth, case in listed])


def _list_and_reserve(world: World, cases: list[Declaration]) -> None:
    """Let a unit list its cases as they come, the last of several as a reserve; the order is still to be made."""
    for case in cases[:-1] or cases:
        stages.shortlist(world, case)
    for case in cases[1:][-1:]:
        review.reserve(case=case, actor=world.leader(case.unit), now=world.tick())


def _handed_in_early(
    world: World, cases: Iterable[Declaration], meanwhile: Callable[[], None] | None = None
) -> set[int]:
    """Let the county's first two chambers hand in early and leave them lying; then it is the day when most do.

    ``meanwhile`` is what happens elsewhere between the two.
    """
    first = [case for case in cases if case.home.code == COUNTY][: len(EARLY)]
    for place, at in enumerate(EARLY):
        wait_until(world, at)
        for case in first[place : place + 1]:
            _staffed(world, case)
            _submit(world, case)
        if meanwhile is not None and not place:
            meanwhile()
    wait_until(world, MOST_HAND_IN)
    return {case.pk for case in first}


def _submitted(world: World, case: Declaration, depth: int) -> Declaration:
    """Submit a case; at stage "local" leave it somewhere on its way, else bring it to its unit."""
    _staffed(world, case)
    case = _submit(world, case)
    if depth > STAGES.index("local"):
        return stages.to_unit(world, case)
    return stages.review_as_holder(world, case) if world.rng.randrange(2) else case


def _units(cases: Iterable[Declaration]) -> list[Organisation]:
    return sorted({case.unit for case in cases}, key=lambda unit: unit.code)


def _nationally(world: World, listed: list[tuple[int, Declaration]]) -> None:
    deep = [(depth, case) for depth, case in listed if depth >= STAGES.index("preliminary")]
    for unit in _units(case for _, case in deep):
        stages.accept(world, unit)
    passed = [
        (d, stages.pass_preliminary(world, stages.fresh(c))) for d, c in deep if d >= STAGES.index("expert")
    ]
    if passed:
        reading.fill_pool(world)
    assigned = [(depth, stages.assign(world, case)) for depth, case in passed]
    reading.read(world, [case for depth, case in assigned if depth == STAGES.index("expert")])
    for name in ("recognised", "decided", "proposed"):
        ready = [case for depth, case in assigned if depth == STAGES.index(name)]
        for place, case in enumerate(ready):
            stages.sign(world, reading.read_apart(world, case, place))
        if ready and name != "proposed":
            stages.decide(world)
