"""Walking an invented case through the procedure, step by step, by the people whose steps they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

from declarations.actions import batch as lists
from declarations.actions import draft, panel, preliminary, publish, ranking, review
from declarations.demo.answers import Profile, answers_for, marks_for
from declarations.models import Agenda, Cycle, Declaration
from declarations.queries.facts import dossier_of
from declarations.states import Outcome, Stance
from scoring.actions import Entered
from scoring.models import Layer
from scoring.queries import book_of, programme_of
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.roles import DEPARTMENT_ROLES, TIER_ROLES, Level

MINUTE = timedelta(minutes=1)
PROVEN_ROWS = 3
OPINION = "经核对，申报材料齐全、数据真实，同意推荐。（示例）"


@dataclass
class DemoClock:
    """A clock that moves on by a few minutes with each act, within one rehearsal."""

    at: datetime

    def tick(self) -> datetime:
        """Return the next instant."""
        self.at += 2 * MINUTE
        return self.at


@dataclass
class World:
    """What the walk needs: the cycle, the clock, the accounts, and the seats at each federation."""

    cycle: Cycle
    clock: DemoClock
    rng: Random
    seats: dict[str, Seat]
    staff: dict[int, tuple[Seat, Seat]] = field(default_factory=dict)
    proven_rows: int = PROVEN_ROWS

    def tick(self) -> datetime:
        """Return the next instant of the world."""
        return self.clock.tick()

    def officer(self, organisation: Organisation) -> Seat:
        """Return who prepares at a federation."""
        return self.staff[organisation.pk][0]

    def leader(self, organisation: Organisation) -> Seat:
        """Return who signs at a federation."""
        return self.staff[organisation.pk][1]


def picture(text: str) -> BytesIO:
    """Return a small invented picture as evidence, different for each text."""
    image = Image.new("RGB", (480, 320), "#f4f1e8")
    draw = ImageDraw.Draw(image)
    draw.rectangle((12, 12, 468, 308), outline="#a61b1b", width=3)
    draw.text((40, 150), f"SAMPLE {text}", fill="#1f2933")
    file = BytesIO()
    image.save(file, "PNG")
    file.seek(0)
    return file


def fill_in(world: World, case: Declaration, profile: Profile, actor: Seat) -> None:
    """Fill in the application form, the self-assessment and a few pieces of evidence."""
    answers = answers_for(profile, case.home)
    marks = marks_for(programme_of(case.cycle.programme), answers, profile)
    draft.save_answers(case=case, answers=answers, actor=actor, now=world.tick())
    draft.save_self_marks(case=case, entries=marks, actor=actor, now=world.tick())
    for code in list(marks)[: world.proven_rows]:
        file = picture(f"{case.number} {code}")
        draft.attach(
            case=case, row=code, file=file, name=f"示例佐证{code}.png", actor=actor, now=world.tick()
        )


def file_case(world: World, applicant: Organisation, profile: Profile, filler: Seat) -> Declaration:
    """Start a case and fill it in, ready to be submitted."""
    case = draft.start(cycle=world.cycle, applicant=applicant, actor=filler, now=world.tick())
    fill_in(world, case, profile, filler)
    return fresh(case)


def fresh(case: Declaration) -> Declaration:
    """Return the case as it stands in the database."""
    return Declaration.objects.select_related("cycle", "holder", "home", "unit", "applicant", "ledger").get(
        pk=case.pk
    )


def review_as_holder(world: World, case: Declaration) -> Declaration:
    """Let the holder mark all rows like the layer below, lower one row of two by a step, and write its opinion."""
    holder = case.holder
    officer = world.officer(holder)
    review.agree_with_below(case=case, actor=officer, now=world.tick())
    _trim(world, case, officer)
    review.save_opinion(
        case=case, text=OPINION, stance=Stance.AGREE, authentic=True, actor=officer, now=world.tick()
    )
    return fresh(case)


def _trim(world: World, case: Declaration, officer: Seat) -> None:
    """Take half a point off one unmarked row in some cases, so that the layers differ as in life."""
    if world.rng.randrange(2):
        return
    rows = [
        item
        for item in programme_of(case.cycle.programme).rubric.items()
        if item.mark is None and item.points >= 5
    ]
    item = world.rng.choice(rows)
    below = book_of(case.ledger_id).below(Layer.PROVINCE)
    points = below.points.get(item.id, item.points) if below else item.points
    lower = max(points - 1, type(points)(0))
    entry = Entered(points=lower, reason="佐证材料不足以支撑自评得分。（示例）")
    review.save_tier_marks(case=case, entries={item.id: entry}, actor=officer, now=world.tick())


def to_unit(world: World, case: Declaration) -> Declaration:
    """Bring a submitted case up to its recommending unit, reviewed there too."""
    while case.holder_id != case.unit_id:
        case = review_as_holder(world, case)
        review.forward(case=case, actor=world.leader(case.holder), now=world.tick())
        case = fresh(case)
    return review_as_holder(world, case)


def shortlist(world: World, case: Declaration) -> Declaration:
    """Enter the case in its unit's list."""
    review.shortlist(case=case, actor=world.leader(case.unit), now=world.tick())
    return fresh(case)


def send_up(world: World, unit: Organisation) -> None:
    """Order a unit's list by its totals, freeze it, record its meeting, send it up."""
    batch = lists.open_batch(cycle=world.cycle, unit=unit)
    officer, leader = world.officer(unit), world.leader(unit)
    ranking.order_by_total(batch=batch, actor=officer, now=world.tick())
    lists.freeze_batch(batch=batch, actor=officer, now=world.tick())
    at = world.tick()
    meeting = lists.MeetingRecord(
        on=at.date(),
        name="主席会议（示例）",
        present="示例主席、示例副主席甲、示例副主席乙、示例秘书长",
        recused="无",
        minutes="会议审议了推荐名单，一致同意按名单顺序推荐。（示例）",
    )
    lists.record_meeting(batch=batch, meeting=meeting, actor=officer, now=at)
    lists.upload_batch(batch=batch, actor=leader, now=world.tick())


def accept(world: World, unit: Organisation) -> None:
    """Let the department accept a unit's list."""
    batch = lists.open_batch(cycle=world.cycle, unit=unit)
    lists.accept_batch(batch=batch, actor=world.seats["department"], now=world.tick())


def pass_preliminary(world: World, case: Declaration) -> Declaration:
    """Answer the three questions with yes and pass the case to the experts."""
    officer = world.seats["department"]
    preliminary.answer_questions(
        case=case,
        complete=True,
        logical=True,
        true=True,
        remarks="材料齐全，未见矛盾。（示例）",
        actor=officer,
        now=world.tick(),
    )
    preliminary.pass_preliminary(case=case, actor=officer, now=world.tick())
    return fresh(case)


def assign(world: World, case: Declaration) -> Declaration:
    """Assign two experts."""
    for name in ("expert", "expert-2"):
        panel.assign_expert(
            case=case, expert=world.seats[name], actor=world.seats["department"], now=world.tick()
        )
    return fresh(case)


def score(world: World, case: Declaration) -> Declaration:
    """Let both experts confirm their sheets, agreeing with the province's marks."""
    for one in case.expert_reviews.select_related(
        "expert__user", "expert__organisation", "assessment__ledger__programme"
    ):
        panel.agree_with_province(review=one, actor=one.expert, now=world.tick())
        panel.confirm_sheet(review=one, actor=one.expert, now=world.tick())
    return fresh(case)


def sign(world: World, case: Declaration) -> Declaration:
    """Let the group agree the marked rows and its head sign the verdict."""
    sign_marks(world, case, {})
    panel.sign_verdict(case=case, actor=world.seats["group-head"], now=world.tick())
    return fresh(case)


def sign_marks(world: World, case: Declaration, other: Mapping[str, Entered]) -> None:
    """Let the group agree the marked rows with the province's marks, but for the ones given."""
    dossier = dossier_of(case)
    province = dossier.book.layer(Layer.PROVINCE)
    marked = {item.id for item in dossier.programme.rubric.items() if item.mark}
    entries = {code: Entered(points=points) for code, points in province.points.items() if code in marked}
    panel.save_agreed(case=case, entries=entries | dict(other), actor=world.seats["group-head"], now=world.tick())


def decide(world: World) -> None:
    """Put what is proposed before the meeting and let it approve."""
    agenda = publish.freeze_agenda(cycle=world.cycle, actor=world.seats["head"], now=world.tick())
    outcomes = dict.fromkeys(agenda.items.values_list("pk", flat=True), (Outcome.APPROVED, ""))
    minutes = publish.Minutes(
        on=date(2020, 10, 8), present="示例主席、示例副主席", recused="无", text="会议审议通过。（示例）"
    )
    publish.decide(
        agenda=Agenda.objects.get(pk=agenda.pk),
        minutes=minutes,
        outcomes=outcomes,
        actor=world.seats["secretary"],
        now=world.tick(),
    )


Walk = Callable[[World, Declaration], Declaration]
STAFF_ROLES = TIER_ROLES | DEPARTMENT_ROLES
UNIT_LEVELS = frozenset({Level.PROVINCE, Level.NATIONAL})
