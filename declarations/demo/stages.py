"""Walking an invented case through the procedure, step by step, by the people whose steps they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from random import Random

from django.utils import timezone
from PIL import Image, ImageDraw, ImageFilter

from declarations.actions import batch as lists
from declarations.actions import (
    deciding,
    draft,
    panel,
    preliminary,
    publish,
    ranking,
    review,
    sealing,
    sheets,
    upward,
    verdicts,
)
from declarations.actions.consulting import Cited
from declarations.demo.answers import Profile, answers_for, marks_for
from declarations.digests import digest_of
from declarations.models import Agenda, Batch, Cycle, Declaration, ExpertReview, PaperScan, SealedPaper
from declarations.queries.batches import mark_of, meeting_of, papers_of
from declarations.queries.facts import dossier_of
from declarations.queries.report import report_draft
from declarations.queries.review import mend_label
from declarations.states import SHEETS_WRITABLE, Duty, Outcome, PaperKind, Presence, SheetState, Stance
from scoring.actions import Entered
from scoring.models import Layer
from scoring.queries import book_of, programme_of
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.roles import DEPARTMENT_ROLES, TIER_ROLES, Level
from sihao.documents import codes
from sihao.documents.photo import CAMERA, TAKEN
from sihao.prepared import Prepared

MINUTE = timedelta(minutes=1)
PROVEN_ROWS = 3
EXHIBIT = "社会组织登记管理机关查询结果（示例）"
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


def photograph(number: int, *, small: bool = False, taken: str = "") -> BytesIO:
    """Return an invented photograph, the same for the same number; ``small`` as it is saved again to be sent on.

    ``taken`` is what the camera wrote down: 2017:05:03 10:00:00.
    """
    rng, (width, height) = Random(number), (800, 600)  # noqa: S311 repeatable
    image = Image.new("RGB", (width, height), tuple(rng.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, across, down = (rng.randrange(most) for most in (width, height, width // 3, height // 3))
        box = (x - across, y - down, x + across, y + down)
        draw.ellipse(box, fill=tuple(rng.randrange(256) for _ in range(3)))
    exif = Image.Exif()
    if taken:
        exif.get_ifd(CAMERA)[TAKEN] = taken
    file = BytesIO()
    shown = image.filter(ImageFilter.GaussianBlur(3))
    shown.resize((400, 300) if small else (width, height)).save(file, "JPEG", quality=70 if small else 88, exif=exif)
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


FRESH = Prepared(
    lambda pk: Declaration.objects.select_related("cycle", "holder", "home", "unit", "applicant", "ledger")
    .filter(pk=pk)
)


def fresh(case: Declaration) -> Declaration:
    """Return the case as it stands in the database."""
    return FRESH.get(case.pk)


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


def hold_meeting(world: World, unit: Organisation) -> Batch:
    """Order a unit's list by totals, freeze it, let its leading body decide it, and let who presided sign."""
    batch = lists.open_batch(cycle=world.cycle, unit=unit)
    officer, leader = world.officer(unit), world.leader(unit)
    ranking.order_by_total(batch=batch, actor=officer, now=world.tick())
    lists.freeze_batch(batch=batch, actor=officer, now=world.tick())
    at = world.tick()
    people = leading_body(leader, officer)
    arrangement = deciding.Arrangement("主席会议（示例）", timezone.localdate(at), "机关会议室", people)
    deciding.arrange_meeting(batch=batch, arrangement=arrangement, actor=officer, now=at)
    decision = deciding.Decision(minutes="会议审议了推荐名单，一致同意按名单顺序推荐。（示例）")
    deciding.save_decision(batch=batch, decision=decision, actor=officer, now=at)
    deciding.conclude_meeting(batch=batch, actor=officer, now=at)
    deciding.sign_minutes(batch=batch, actor=leader, now=world.tick())
    return lists.open_batch(cycle=world.cycle, unit=unit)


def leading_body(leader: Seat, officer: Seat) -> list[deciding.Invited]:
    """Return an invented leading body over which the leader presides; the officer writes the record."""
    return [
        deciding.Invited(leader.user.name, "主席", duty=Duty.CHAIR, user=leader.user_id),
        deciding.Invited("示例副主席甲", "副主席"),
        deciding.Invited("示例副主席乙", "副主席"),
        deciding.Invited(officer.user.name, "会员部", Presence.OBSERVING, Duty.RECORDER, officer.user_id),
    ]


def seal(world: World, unit: Organisation) -> Batch:
    """Issue the papers of a decided list and bring invented scans of them; the minutes were signed in the system."""
    batch = lists.open_batch(cycle=world.cycle, unit=unit)
    officer = world.officer(unit)
    draft_of = report_draft(batch, meeting_of(batch))
    sealing.save_report(batch=batch, text=draft_of.text, basis=draft_of.basis, actor=officer, now=world.tick())
    sealing.issue_papers(batch=batch, actor=officer, now=world.tick())
    for standing in papers_of(batch, None):
        name = f"{batch.pk} {standing.kind} {standing.paper.edition} {batch.digest}"
        sealing.note_printed(paper=standing.paper, pages=1, stored=digest_of(name))
        if standing.kind != PaperKind.MINUTES:
            bring_scan(world, batch, standing.paper)
    sealing.seal_batch(batch=batch, actor=officer, now=world.tick())
    return lists.open_batch(cycle=world.cycle, unit=unit)


def bring_scan(world: World, batch: Batch, paper: SealedPaper) -> PaperScan:
    """Bring an invented scan of a paper of one page, and let its code be read."""
    officer, mark = world.officer(batch.unit), mark_of(batch, paper).on(1, 1)
    scan = sealing.bring_scan(
        batch=batch,
        paper=paper,
        file=scanned(mark.text),
        name=f"示例扫描件{paper.get_kind_display()}.png",
        actor=officer,
        now=world.tick(),
    )
    return sealing.judge_scan(scan=scan, read=[[mark.text]], actor=officer, now=world.tick())


def scanned(code: str) -> BytesIO:
    """Return an invented sheet of paper with a code at its corner and a seal that is none."""
    sheet = Image.new("RGB", (620, 876), "#fdfdfb")
    with Image.open(BytesIO(codes.png_of(code, scale=3))) as mark:
        sheet.paste(mark.convert("RGB"), (620 - mark.width - 20, 20))
    draw = ImageDraw.Draw(sheet)
    draw.ellipse((380, 620, 540, 780), outline="#c8322d", width=5)
    draw.text((420, 692), "SAMPLE SEAL", fill="#c8322d")
    draw.text((60, 300), code[:60], fill="#1f2933")
    file = BytesIO()
    sheet.save(file, "PNG")
    file.seek(0)
    return file


def send_up(world: World, unit: Organisation) -> None:
    """Freeze a unit's list, hold its meeting, seal its papers, send it up, and let its cases follow."""
    hold_meeting(world, unit)
    batch = seal(world, unit)
    leader, at = world.leader(unit), world.tick()
    upward.send_up(batch=batch, actor=leader, now=at)
    upward.recommend_listed(batch=batch, actor=leader, now=at)


def accept(world: World, unit: Organisation) -> None:
    """Let the department accept a unit's list and take its cases up."""
    batch = lists.open_batch(cycle=world.cycle, unit=unit)
    at = world.tick()
    upward.accept_batch(batch=batch, actor=world.seats["department"], now=at)
    upward.take_up_listed(batch=batch, actor=world.seats["department"], now=at)


def answer_yes(world: World, case: Declaration) -> None:
    """Answer the three questions with yes, with a word on everything that the machine found."""
    preliminary.answer_questions(
        case=case,
        complete=True,
        logical=True,
        true=True,
        remarks="材料齐全，未见矛盾。（示例）",
        actor=world.seats["department"],
        now=world.tick(),
        notes=dict.fromkeys(case.case_findings.values_list("key", flat=True), "已核对申报材料。（示例）"),
    )


def pass_preliminary(world: World, case: Declaration) -> Declaration:
    """Answer the three questions with yes and pass the case to the experts."""
    answer_yes(world, case)
    preliminary.pass_preliminary(case=case, actor=world.seats["department"], now=world.tick())
    return fresh(case)


def flag(
    world: World, case: Declaration, *, reason: str, ground: str = "untrue", actor: Seat | None = None
) -> Declaration:
    """Propose to disqualify a case, with one row named."""
    programme = programme_of(case.cycle.programme)
    item = programme.rubric.items()[0].id
    preliminary.propose_disqualification(
        case=case,
        ground=ground,
        reason=reason,
        items=[Cited(item, mend_label(programme, item), "会员名册第2页与年检公告所载会员数不同。（示例）")],
        actor=actor or world.seats["department"],
        now=world.tick(),
    )
    return fresh(case)


def assign(world: World, case: Declaration) -> Declaration:
    """Assign two experts, who take the case and sign."""
    for name in ("expert", "expert-2"):
        offer(world, case, name)
    return fresh(case)


def offer(world: World, case: Declaration, name: str) -> ExpertReview:
    """Offer a case to an expert, who takes it and signs."""
    expert = world.seats[name]
    review = panel.assign_expert(case=case, expert=expert, actor=world.seats["department"], now=world.tick())
    sheets.accept_offers(reviews=[review], pledged=True, actor=expert, now=world.tick())
    return review


def score(world: World, case: Declaration) -> Declaration:
    """Let both experts confirm their sheets, agreeing with the province's marks."""
    for one in case.expert_reviews.filter(state__in=sorted(SHEETS_WRITABLE)).select_related(
        "expert__user", "expert__organisation", "assessment__ledger__programme"
    ):
        panel.agree_with_province(review=one, actor=one.expert, now=world.tick())
        panel.confirm_sheet(review=one, actor=one.expert, now=world.tick())
    return fresh(case)


def sign(world: World, case: Declaration) -> Declaration:
    """Let the group agree the marked rows and its head sign the verdict."""
    sign_marks(world, case, {})
    verdicts.sign_verdict(case=case, actor=world.seats["group-head"], now=world.tick())
    return fresh(case)


def sign_marks(world: World, case: Declaration, other: Mapping[str, Entered]) -> None:
    """Let the group agree the marked rows with the province's marks, but for the ones given."""
    dossier = dossier_of(case)
    province = dossier.book.layer(Layer.PROVINCE)
    marked = {item.id for item in dossier.programme.rubric.items() if item.mark}
    entries = {code: Entered(points=points) for code, points in province.points.items() if code in marked}
    agreed = panel.Agreed(entries | dict(other), {code: panel.Proofs(source=EXHIBIT) for code in other})
    panel.save_agreed(case=case, agreed=agreed, actor=world.seats["group-head"], now=world.tick())
    for one in case.expert_reviews.filter(state=SheetState.CONFIRMED).select_related("expert__user"):
        for code in other:
            told = {"actor": one.expert, "now": world.tick()}
            panel.voice(review=one, code=code, agrees=True, reason="", **told)


def decide(world: World) -> None:
    """Put what is proposed before the meeting and let it approve."""
    agenda = publish.freeze_agenda(cycle=world.cycle, actor=world.seats["head"], now=world.tick())
    outcomes = dict.fromkeys(agenda.items.values_list("pk", flat=True), (Outcome.APPROVED, ""))
    at = world.tick()
    minutes = publish.Minutes(
        on=timezone.localdate(at), present="示例主席、示例副主席", recused="无", text="会议审议通过。（示例）"
    )
    publish.decide(
        agenda=Agenda.objects.get(pk=agenda.pk),
        minutes=minutes,
        outcomes=outcomes,
        actor=world.seats["secretary"],
        now=at,
    )


Walk = Callable[[World, Declaration], Declaration]
STAFF_ROLES = TIER_ROLES | DEPARTMENT_ROLES
UNIT_LEVELS = frozenset({Level.PROVINCE, Level.NATIONAL})
