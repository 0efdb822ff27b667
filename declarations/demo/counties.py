"""A city's own programme of the demo world: 漯河市 and its six county-level federations, each at another stage."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from declarations.actions import campaign, draft, own_decision, review
from declarations.actions.cycle import open_cycle
from declarations.actions.questions import Brought
from declarations.demo.answers import invented_name
from declarations.demo.people import open_demo_account
from declarations.demo.stages import DemoClock, fresh, picture
from declarations.models import Cycle, Declaration, InspectionFinding
from scoring.actions import Entered, publish_programme
from scoring.engine import Facts, possible_points, propose
from scoring.models import Layer
from scoring.queries import book_of, programme_of
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.queries import federation_of_code
from sihao.accounts.roles import Role

BEIJING = ZoneInfo("Asia/Shanghai")
CITY, PROVINCE = "411100", "410000"
LINYING, YANCHENG, WUYANG, YUANHUI, ZHAOLING, ZONE = "411122", "411103", "411121", "411102", "411104", "411171"
ACCOUNTS = (
    ("yancheng", "示例郾城区经办人", YANCHENG),
    ("yuanhui", "示例源汇区经办人", YUANHUI),
    ("zhaoling", "示例召陵区经办人", ZHAOLING),
    ("zone", "示例经开区经办人", ZONE),
)
YEARS = 5
"""The plan of 2015 is rehearsed so many years later, so that the day of the rehearsal lies within its stages."""
DAY = re.compile(r"2015-(?=\d\d-\d\d)")
PLAN, CHAMBERS, SELF_CHECK = "工作方案上报市工商联", "街道商会、行业商会和团体会员工作计划报市工商联会员部", "自查报告"
DONE = (
    (PLAN, "plan", "", date(2020, 5, 26)),
    (CHAMBERS, "chamber_plan", "沙北街道商会（示例）", date(2020, 6, 10)),
    (CHAMBERS, "chamber_plan", "食品行业商会（示例）", date(2020, 6, 12)),
    ("专题学习", "study", "", date(2020, 6, 18)),
    ("走访活动", "visit", "", date(2020, 7, 8)),
    ("现场学习推进会", "meeting", "", date(2020, 7, 22)),
)


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((settings.BASE_DIR / "fixtures" / "demo" / "county.toml").read_text(encoding="utf-8"))


@dataclass
class Campaign:
    """What the rehearsal of a city's programme needs: its cycle, a clock, and the seats at each federation."""

    cycle: Cycle
    clock: DemoClock
    rng: Random
    staff: dict[str, tuple[Seat, Seat]]

    def tick(self) -> datetime:
        """Return the next instant."""
        return self.clock.tick()

    def officer(self, code: str) -> Seat:
        """Return who prepares at a federation."""
        return self.staff[code][0]

    def leader(self, code: str) -> Seat:
        """Return who signs at a federation."""
        return self.staff[code][1]


def build_campaign(*, seed: int, now: datetime) -> Campaign:
    """Build the city's programme at every stage; the accounts of the other federations are opened here."""
    for username, name, code in ACCOUNTS:
        node = federation_of_code(code)
        open_demo_account(username, name, ((node, Role.OFFICER), (node, Role.LEADER)), now)
    codes = (CITY, PROVINCE, LINYING, YANCHENG, WUYANG, YUANHUI, ZHAOLING, ZONE)
    staff = {code: _staff(federation_of_code(code)) for code in codes}
    world = Campaign(
        open_campaign(now), DemoClock(datetime(2020, 8, 3, 9, 0, tzinfo=BEIJING)), Random(seed), staff  # noqa: S311
    )
    stages(world)
    return world


def _staff(node: Organisation) -> tuple[Seat, Seat]:
    seats = node.seats.filter(ended_at=None).select_related("organisation", "user").order_by("id")
    return seats.filter(role=Role.OFFICER)[0], seats.filter(role=Role.LEADER)[0]


def open_campaign(now: datetime) -> Cycle:
    """Publish the standard of 2015 for the year of the rehearsal and open the city's cycle by it."""
    root = settings.BASE_DIR / "fixtures"
    text = (root / "programmes" / "wuhao-2015.toml").read_text(encoding="utf-8")
    publish_programme(text=_later(text, "wuhao-2015"), actor=None, now=now)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "campaign.toml"
        plan = (root / "cycles" / "wuhao-2015.toml").read_text(encoding="utf-8")
        file.write_text(_later(plan, "wuhao-2015"), encoding="utf-8")
        return open_cycle(path=file, sample=True, actor=None, now=now)


def _later(text: str, slug: str) -> str:
    """Return a programme or cycle of 2015 as if it were of the rehearsal's year; what cites the source stays."""
    text = DAY.sub(f"{2015 + YEARS}-", text)
    for old, new in (
        (slug, f"wuhao-{2015 + YEARS}"),
        ("wh2015", f"wh{2015 + YEARS}"),
        ("LHWH2015", f"LHWH{2015 + YEARS}"),
        ("before_year = 2017", f"before_year = {2017 + YEARS}"),
        ("标准（2015）", f"标准（{2015 + YEARS}）"),
    ):
        text = text.replace(old, new)
    return re.sub(r"(?<!〔)2015年", f"{2015 + YEARS}年", text)


# ---- what each federation has come to


def stages(world: Campaign) -> None:
    """Bring the six federations to six stages: sent up, recognised, being scored, rectifying, on the way, begun."""
    for code in (LINYING, YANCHENG, WUYANG, ZHAOLING):
        file_records(world, code)
    file_records(world, YUANHUI, DONE[:2])
    for code in (YANCHENG, WUYANG):
        close(world, found(world, code, "M1.2"))
    found(world, ZHAOLING, "M1.2")
    for code in (LINYING, YANCHENG, WUYANG):
        apply_for(world, code)
    for code in (LINYING, YANCHENG):
        score(world, code, short=("W1.4",) if code == YANCHENG else ())
        own_decision.decide_by_score(case=case_in(world, code), actor=world.leader(CITY), now=world.tick())
    chosen = own_decision.Chosen(case_in(world, LINYING), 1, "考评得分全市第一，基层商会建设经验可供推广（示例）。")
    own_decision.send_to_above(chosen=[chosen], actor=world.leader(CITY), now=world.tick())


def case_in(world: Campaign, code: str) -> Declaration:
    """Return a federation's application as it stands."""
    return fresh(Declaration.objects.get(cycle=world.cycle, applicant=federation_of_code(code)))


def _paper(words: str) -> Brought:
    return Brought(picture(words), "示例材料.png")


def file_records(world: Campaign, code: str, lines: Iterable[tuple[str, str, str, date]] = DONE) -> None:
    """Put on record what a federation did in the stages."""
    node = federation_of_code(code)
    for matter, text, about, day in lines:
        told = campaign.Told(matter, day, _file()["texts"][text], about)
        campaign.record_stage(
            cycle=world.cycle,
            organisation=node,
            told=told,
            files=[_paper(f"{code} {text} {about}")],
            actor=world.officer(code),
            now=world.tick(),
        )


def found(world: Campaign, code: str, row: str) -> InspectionFinding:
    """Let the city find something at a federation."""
    return campaign.find(
        cycle=world.cycle,
        organisation=federation_of_code(code),
        code=row,
        text=_file()["texts"]["finding"],
        due_on=date(2020, 10, 20),
        actor=world.officer(CITY),
        now=world.tick(),
    )


def close(world: Campaign, finding: InspectionFinding) -> None:
    """Put it right with evidence, and let the city close it."""
    code = finding.organisation.code
    campaign.rectify(
        finding=finding,
        text=_file()["texts"]["rectified"],
        files=[_paper(f"rectified {code}")],
        actor=world.officer(code),
        now=world.tick(),
    )
    campaign.close_finding(finding=finding, remark="", actor=world.officer(CITY), now=world.tick())


def start(world: Campaign, code: str) -> Declaration:
    """Start an application and fill in form and self-check, ready to be handed in."""
    node = federation_of_code(code)
    actor = world.officer(code)
    case = draft.start(cycle=world.cycle, applicant=node, actor=actor, now=world.tick())
    programme = programme_of(world.cycle.programme)
    names = {name: invented_name(world.rng) for name in ("chair_name", "secretary_name", "contact_name")}
    answers = {**_file()["answers"], "name": node.name, "region_code": node.code, **names}
    draft.save_answers(case=case, answers=answers, actor=actor, now=world.tick())
    facts, _ = Facts.parse(programme, answers)
    proposed, words = propose(programme, facts), _file()["texts"]["words"]
    marks = {
        item.id: Entered(points=_best(proposed[item.id].points, possible_points(item.rule)), words=words)
        for item in programme.rubric.items()
    }
    draft.save_self_marks(case=case, entries=marks, actor=actor, now=world.tick())
    return fresh(case)


def _best(proposed: Decimal | None, steps: tuple[Decimal, ...]) -> Decimal:
    return proposed if proposed is not None else max(steps)


def apply_for(world: Campaign, code: str) -> Declaration:
    """File the report of the self-check in the stage for it, and hand the application in."""
    day = datetime(2020, 9, 14, 9, 0, tzinfo=BEIJING)
    world.clock.at = max(world.clock.at, day)
    file_records(world, code, ((SELF_CHECK, "self_check", "", day.date()),))
    draft.submit(case=start(world, code), actor=world.leader(code), now=world.tick())
    return case_in(world, code)


def score(world: Campaign, code: str, *, short: Iterable[str] = (), by: Decimal = Decimal(1)) -> Decimal:
    """Let the city's team score an application: the federation's own marks, but for rows that fall short."""
    case, rows = case_in(world, code), set(short)
    sheet = book_of(case.ledger_id).layer(Layer.SELF)
    points = sheet.points if sheet is not None else {}
    why = "现场查看，台账不全（示例）。"
    entries = {
        code: Entered(points=given - by, reason=why) if code in rows else Entered(points=given)
        for code, given in points.items()
    }
    review.save_tier_marks(case=case, entries=entries, actor=world.officer(CITY), now=world.tick())
    return sum((entry.points for entry in entries.values()), Decimal(0))
