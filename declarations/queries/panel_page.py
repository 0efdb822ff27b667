"""What the experts' pages print: who may be assigned, the own sheet, the rows the group agrees."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, QuerySet
from django.urls import reverse

from declarations.guards import Act
from declarations.models import Attachment, Declaration, ExpertReview
from declarations.queries.acts import OpenAct
from declarations.queries.facts import Dossier, facts_of, settled_points
from declarations.queries.pages import Judgement, spelled, strip_of
from declarations.queries.recusals import recused_people
from declarations.states import SheetState, State
from declarations.workflow import WORKFLOWS
from scoring.engine import (
    Item,
    Proposal,
    ValueProblem,
    explain,
    parse_mark,
    partial,
    rule_text,
    what_would_change,
)
from scoring.models import Layer, Mark
from scoring.queries import Sheet
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.queries import active_seats_at, national_node
from sihao.accounts.refusals import Refusal
from sihao.accounts.roles import EXPERT_ROLES

CLAUSE = "五（二）3"

# ---- assigning


@dataclass(frozen=True)
class ExpertLine:
    """One expert: how many sheets wait with the person, why the case is closed to the person, the own sheet."""

    seat: Seat
    load: int
    closed: str
    review: ExpertReview | None

    @property
    def may_be_recused(self) -> bool:
        """Whether the department may still take the case from this person."""
        return self.review is not None and self.review.state == SheetState.ASSIGNED


def experts_for(dossier: Dossier) -> tuple[ExpertLine, ...]:
    """Return the experts in office, those with the smallest load first (five queries, however many there are)."""
    seats = list(active_seats_at(national_node().pk, EXPERT_ROLES))
    open_sheets = ExpertReview.objects.filter(expert__in=seats, state=SheetState.ASSIGNED)
    loads = dict(open_sheets.values_list("expert").annotate(number=Count("id")).order_by())
    tied, recused = ties_of(dossier.case, seats), recused_people(dossier.case)
    mine = {review.expert_id: review for review in dossier.reviews}
    people = {review.expert.user_id: review.expert_id for review in dossier.reviews}
    lines = [
        ExpertLine(seat, loads.get(seat.pk, 0), _closed(seat, tied, people, recused), mine.get(seat.pk))
        for seat in seats
    ]
    return tuple(sorted(lines, key=lambda line: (line.review is None, bool(line.closed), line.load, line.seat.pk)))


def _closed(
    seat: Seat, tied: Mapping[int, Organisation], people: Mapping[int, int], recused: Container[int]
) -> str:
    if seat.user_id in tied:
        return f"在{tied[seat.user_id]}任职，应当回避。"
    if seat.user_id in recused:
        return "与申报单位有任职或者亲属关系，或者已登记回避，应当回避。"
    return "已以另一席位分派本件。" if people.get(seat.user_id, seat.pk) != seat.pk else ""


def ties_of(case: Declaration, experts: Iterable[Seat]) -> dict[int, Organisation]:
    """Return by person the body at which an expert is tied to the case (one query for all of them)."""
    listed = list(experts)
    seats = Seat.objects.filter(user__in=[seat.user_id for seat in listed]).exclude(pk__in=[one.pk for one in listed])
    held = seats.select_related("organisation").order_by("-id")
    return {seat.user_id: seat.organisation for seat in held if ties(case, seat.organisation)}


def ties(case: Declaration, organisation: Organisation) -> bool:
    """Whether a seat at the body ties a person to the case: the declaring body, or anything in its province."""
    if organisation.pk == case.applicant_id:
        return True
    province = case.applicant.province_path
    return province != NATION and organisation.path.startswith(province)


NATION = "/100000/"

# ---- the sheet


def own_sheet(seat: Seat, case: Declaration) -> ExpertReview | None:
    """Return the seat's own sheet on a case, not one that the seat recused itself from."""
    reviews = ExpertReview.objects.filter(declaration=case, expert=seat).exclude(state=SheetState.RECUSED)
    return reviews.select_related("assessment__ledger__programme", "declaration", "expert__user").first()


@dataclass(frozen=True)
class SheetRow:
    """One row of the standard as an expert marks it."""

    item: Item
    standard: str
    marked_as: str
    own: Mark | None
    province: Mark | None
    self_mark: Mark | None
    because: str
    facts: tuple[tuple[str, str], ...]
    evidence: tuple[Attachment, ...]
    problem: str
    differs: bool

    @property
    def typed(self) -> str:
        """What stands in the row's own field: the mark, or what was typed instead of one."""
        if self.own is None:
            return ""
        return self.own.typed or ("" if self.own.points is None else f"{self.own.points.normalize():f}")

    @property
    def reason(self) -> str:
        """The reason as written."""
        return self.own.reason if self.own else ""


@dataclass(frozen=True)
class SheetBlock:
    """One group of rows under its section."""

    title: str
    clause: str
    rows: tuple[SheetRow, ...]


@dataclass(frozen=True)
class SheetView:
    """A sheet as its page shows it."""

    blocks: tuple[SheetBlock, ...]
    done: int
    total: int
    points: Decimal
    problems: int


def sheet_view(review: ExpertReview, dossier: Dossier) -> SheetView:
    """Return an expert's sheet row by row, beside the marks an expert may read and the declared facts."""
    draw = _rows_of(dossier, dossier.book.expert(review.expert_id))
    blocks = tuple(
        SheetBlock(f"{section.name} · {group.name}", group.clause, tuple(draw(item) for item in group.items))
        for section in dossier.programme.rubric.sections
        for group in section.groups
    )
    rows = [row for block in blocks for row in block.rows]
    given = [row.own.points for row in rows if row.own is not None and row.own.points is not None]
    return SheetView(blocks, len(given), len(rows), sum(given, Decimal(0)), sum(bool(row.problem) for row in rows))


def _rows_of(dossier: Dossier, own: Sheet | None) -> Callable[[Item], SheetRow]:
    province, self_sheet = dossier.book.layer(Layer.PROVINCE), dossier.book.layer(Layer.SELF)
    proposed = dossier.proposals
    evidence: dict[str, list[Attachment]] = {}
    for piece in dossier.evidence:
        evidence.setdefault(piece.row, []).append(piece)

    def draw(item: Item) -> SheetRow:
        mine, below = _mark(own, item), _mark(province, item)
        return SheetRow(
            item=item,
            standard=rule_text(item),
            marked_as=dossier.programme.mark_label(item.mark),
            own=mine,
            province=below,
            self_mark=_mark(self_sheet, item),
            because=_because(proposed[item.id]),
            facts=_facts(dossier, item),
            evidence=tuple(evidence.get(item.id, ())),
            problem=_problem(dossier, item, mine, below),
            differs=_differs(mine, below),
        )

    return draw


def _mark(sheet: Sheet | None, item: Item) -> Mark | None:
    return sheet.marks.get(item.id) if sheet else None


def _because(proposal: Proposal) -> str:
    return f"{proposal.because}。"


def _facts(dossier: Dossier, item: Item) -> tuple[tuple[str, str], ...]:
    specs = [dossier.programme.field(name) for name in item.fields]
    answers = dossier.answers
    told = [(spec, answers[spec.id].value if spec.id in answers else None) for spec in specs]
    return tuple((spec.label, spelled(spec, value) or "未填") for spec, value in told)


def _differs(own: Mark | None, below: Mark | None) -> bool:
    if own is None or below is None or own.points is None or below.points is None:
        return False
    return own.points != below.points


def _problem(dossier: Dossier, item: Item, own: Mark | None, below: Mark | None) -> str:
    """Return what keeps a row that was touched from being confirmed."""
    if own is not None and own.typed:
        return mark_problem(item, dossier.programme.step, own.typed)
    if own is not None and _differs(own, below) and not own.reason.strip():
        return "与省级审核得分不同，请写明理由。"
    return ""


def mark_problem(item: Item, step: Decimal, typed: str) -> str:
    """Return why what was typed is no mark of the row."""
    try:
        parse_mark(item, step, typed)
    except ValueProblem as problem:
        return f"{problem}。"
    return ""


# ---- what the group agrees

METHODS = {"median": "按各专家评分的中位数计", "trimmed_mean": "去掉最高分和最低分后按平均分计"}


@dataclass(frozen=True)
class AgreedRow:
    """One veto or baseline row with the experts' marks side by side."""

    item: Item
    marked_as: str
    standard: str
    province: Mark | None
    marks: tuple[Mark | None, ...]
    agreed: Mark | None
    problem: str

    @property
    def differs(self) -> bool:
        """Whether the experts' marks differ."""
        return len({mark.points for mark in self.marks if mark is not None}) > 1

    @property
    def typed(self) -> str:
        """What stands in the row's field."""
        if self.agreed is None:
            return ""
        return self.agreed.typed or ("" if self.agreed.points is None else f"{self.agreed.points.normalize():f}")


@dataclass(frozen=True)
class Readers:
    """Who reads a case, by number and never by name, and whether all sheets are in."""

    open: tuple[str, ...]
    confirmed: tuple[tuple[str, Sheet], ...]
    enough: bool

    @property
    def complete(self) -> bool:
        """Whether every sheet is confirmed and there are as many as the cycle asks."""
        return self.enough and not self.open


def readers_of(dossier: Dossier) -> Readers:
    """Return the readers of a case; until the last sheet is confirmed nobody is shown any of them."""
    live = [
        (f"专家{place}", review)
        for place, review in enumerate(dossier.reviews, start=1)
        if review.state != SheetState.RECUSED
    ]
    waiting = tuple(name for name, review in live if review.state != SheetState.CONFIRMED)
    sheets = ((name, dossier.book.expert(review.expert_id)) for name, review in live)
    confirmed = () if waiting else tuple((name, sheet) for name, sheet in sheets if sheet is not None)
    return Readers(waiting, confirmed, len(live) >= dossier.case.cycle.readers)


def agreed_rows(dossier: Dossier, readers: Readers) -> tuple[AgreedRow, ...]:
    """Return the rows that carry a mark, with what each expert gave and what the group agreed."""
    agreed, province = dossier.book.layer(Layer.AGREED), dossier.book.layer(Layer.PROVINCE)
    return tuple(
        AgreedRow(
            item=item,
            marked_as=dossier.programme.mark_label(item.mark),
            standard=rule_text(item),
            province=_mark(province, item),
            marks=tuple(_mark(sheet, item) for _, sheet in readers.confirmed),
            agreed=_mark(agreed, item),
            problem=_agreed_problem(dossier, item, _mark(agreed, item)),
        )
        for item in dossier.programme.rubric.items()
        if item.mark
    )


def _agreed_problem(dossier: Dossier, item: Item, agreed: Mark | None) -> str:
    if agreed is None:
        return ""
    if agreed.typed:
        return mark_problem(item, dossier.programme.step, agreed.typed)
    if item.mark == "veto" and agreed.points == 0 and not agreed.reason.strip():
        return "否决项判0分须写明依据。"
    return ""


@dataclass(frozen=True)
class Preview:
    """The verdict as the settled marks would give it, and what would change a failed one."""

    judgement: Judgement
    eligible: bool
    changes: tuple[str, ...]


def preview_of(dossier: Dossier) -> Preview | None:
    """Return the panel's verdict before it is signed; None while sheets or agreed marks are missing."""
    points = settled_points(dossier)
    if points is None:
        return None
    verdict = partial(dossier.programme, points)
    strip = strip_of(dossier.programme, verdict, "按复审得分，签署前为预览")
    sentences = tuple(explain(dossier.programme, verdict))
    changes = tuple(change.sentence for change in what_would_change(dossier.programme, points, verdict))
    return Preview(Judgement("复审", strip, sentences), verdict.eligible, changes)


def signing_act(seat: Seat, dossier: Dossier, preview: Preview | None, now: datetime) -> OpenAct:
    """Return the one button that signs: it leads to the step that the verdict is."""
    name = "rule_out" if preview is not None and not preview.eligible else "propose"
    step = WORKFLOWS[dossier.case.cycle.workflow].transition(name)
    refusals = step.closed_because(facts_of(dossier, now), Act(actor=seat.user_id, people=seat.people))
    if dossier.case.state != State.EXPERT_REVIEW:
        words = f"本件现为“{dossier.case.get_state_display()}”，不能签署。"
        refusals = (Refusal("state", words, CLAUSE),)
    url = reverse("declarations:step", kwargs={"pk": dossier.case.pk, "name": name})
    return OpenAct("签署复审结论", url, "primary", refusals=refusals)


def seats_named(pks: Iterable[int]) -> QuerySet[Seat]:
    """Return seats by key, with their people and bodies."""
    return Seat.objects.filter(pk__in=list(pks)).select_related("user", "organisation").order_by("id")


def review_named(case: Declaration, pk: int) -> ExpertReview | None:
    """Return one of the case's sheets by key."""
    return case.expert_reviews.select_related("expert__user").filter(pk=pk).first()
