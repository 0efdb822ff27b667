"""What the experts' pages print: who may be assigned, a sheet that is closed, the rows the group agrees."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet
from django.urls import reverse

from declarations.assignment import Bar
from declarations.consensus import RowStanding, standings
from declarations.guards import Act
from declarations.models import AgreedProof, Attachment, Consensus, Declaration, ExpertReview
from declarations.queries.acts import OpenAct
from declarations.queries.assigning import Candidate, candidates_for
from declarations.queries.facts import (
    Dossier,
    facts_of,
    panel_members,
    readers_needed,
    settled_points,
    third_reason,
    unproven_vetoes,
)
from declarations.queries.pages import Judgement, spelled, strip_of
from declarations.sheets import STEPS
from declarations.states import SHEETS_COUNTED, SHEETS_LIVE, SHEETS_SIGNED, State
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
from scoring.models import Layer, Mark, MarkVersion
from scoring.queries import Sheet
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import active_seats_at, national_node
from sihao.accounts.refusals import Refusal
from sihao.accounts.roles import EXPERT_ROLES

CLAUSE = "五（二）3"

# ---- assigning


@dataclass(frozen=True)
class ExpertLine:
    """One expert: how many sheets the person has, why the case is closed to the person, the own sheet."""

    seat: Seat
    load: int
    most: int | None
    matched: bool | None
    employer: str
    closed: str
    review: ExpertReview | None

    @property
    def kind(self) -> str:
        """The badge of the sheet's state."""
        gone = {"confirmed": "success", "final": "success", "recused": "neutral", "declined": "neutral"}
        return gone.get(self.review.state, "info") if self.review is not None else ""

    @property
    def note(self) -> str:
        """Why the person left, or was called as a third."""
        one = self.review
        return (one.recusal_reason or one.left_reason or one.reason) if one is not None else ""

    @property
    def may_leave(self) -> bool:
        """Whether the department may still take the case from this person."""
        return self.review is not None and self.review.state in STEPS["release"].sources


def experts_for(dossier: Dossier, now: datetime) -> tuple[ExpertLine, ...]:
    """Return the experts in office, those with the smallest load first (nine queries, however many there are)."""
    seats = list(active_seats_at(national_node().pk, EXPERT_ROLES))
    mine = {review.expert_id: review for review in dossier.reviews}
    people = {review.expert.user_id: review.expert_id for review in dossier.reviews}
    lines = [_line(one, mine.get(one.seat.pk), people) for one in candidates_for(dossier.case, seats, now)]
    return tuple(sorted(lines, key=lambda line: (line.review is None, bool(line.closed), line.load)))


def _line(one: Candidate, review: ExpertReview | None, people: Mapping[int, int]) -> ExpertLine:
    member = one.member
    words = one.words
    if one.bar == Bar.HELD:
        words = "" if review is not None else "已以另一席位分派本件"
    return ExpertLine(
        one.seat,
        one.load,
        member.most if member else None,
        one.matched,
        member.employer if member else "",
        f"{words}。" if words else "",
        review,
    )


# ---- the sheet


def own_sheet(seat: Seat, case: Declaration) -> ExpertReview | None:
    """Return the seat's own sheet on a case that it has taken and not left."""
    reviews = ExpertReview.objects.filter(declaration=case, expert=seat, state__in=sorted(SHEETS_SIGNED))
    named = ("assessment__ledger__programme", "declaration", "expert__user", "reopened_by__user")
    return reviews.select_related(*named).first()


def own_versions(review: ExpertReview) -> list[MarkVersion]:
    """Return what the expert had confirmed before the sheet was sent back and has changed since, newest first."""
    if review.reopened_at is None:
        return []
    changed = review.assessment.mark_versions.filter(set_at__gt=review.reopened_at).values("code")
    before = review.assessment.mark_versions.filter(code__in=changed, set_at__lte=review.reopened_at)
    last = {one.code: one for one in before.order_by("set_at", "id")}
    return [last[code] for code in sorted(last)]


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
class Said:
    """One reader's mark of a row, and what the reader said of the agreed one (None: nothing yet)."""

    name: str
    mark: Mark | None
    stands: bool | None
    reason: str


@dataclass(frozen=True)
class AgreedRow:
    """One veto or baseline row with the experts' marks side by side, and how the agreed one stands among them."""

    item: Item
    marked_as: str
    standard: str
    province: Mark | None
    said: tuple[Said, ...]
    agreed: Mark | None
    standing: RowStanding | None
    problem: str
    files: tuple[Attachment, ...]
    proofs: tuple[AgreedProof, ...]
    asks_own: bool

    @property
    def differs(self) -> bool:
        """Whether the experts' marks differ."""
        return len({one.mark.points for one in self.said if one.mark is not None}) > 1

    @property
    def typed(self) -> str:
        """What stands in the row's field."""
        if self.agreed is None:
            return ""
        return self.agreed.typed or ("" if self.agreed.points is None else f"{self.agreed.points.normalize():f}")

    @property
    def source(self) -> str:
        """The evidence that is named in words."""
        return next((proof.source for proof in self.proofs if proof.source), "")

    @property
    def chosen(self) -> frozenset[int | None]:
        """The files that are named."""
        return frozenset(proof.attachment_id for proof in self.proofs)


@dataclass(frozen=True)
class Readers:
    """Who reads a case, by number and never by name, whether all sheets are in, and why a third was called."""

    open: tuple[str, ...]
    confirmed: tuple[tuple[str, ExpertReview, Sheet], ...]
    needed: int
    live: int
    third: str

    @property
    def enough(self) -> bool:
        """Whether there are as many readers as the cycle, or the rule, asks."""
        return self.live >= self.needed

    @property
    def complete(self) -> bool:
        """Whether every sheet is confirmed and there are as many as are asked."""
        return self.enough and not self.open


def readers_of(dossier: Dossier) -> Readers:
    """Return the readers of a case; until the last sheet is confirmed nobody is shown any of them."""
    live = [
        (f"专家{place}", review)
        for place, review in enumerate(dossier.reviews, start=1)
        if review.state in SHEETS_LIVE
    ]
    waiting = tuple(name for name, review in live if review.state not in SHEETS_COUNTED)
    sheets = ((name, review, dossier.book.expert(review.expert_id)) for name, review in live)
    confirmed = () if waiting else tuple((name, one, sheet) for name, one, sheet in sheets if sheet is not None)
    return Readers(waiting, confirmed, readers_needed(dossier), len(live), third_reason(dossier))


def agreed_rows(dossier: Dossier, readers: Readers, seat: Seat) -> tuple[AgreedRow, ...]:
    """Return the rows that carry a mark, with what each expert gave, what the group agreed, and who stands by it."""
    draw = _Agreeing(dossier, readers, seat)
    return tuple(draw.row(item) for item in dossier.programme.rubric.items() if item.mark)


class _Agreeing:
    """Draws the rows that a group agrees; what they share is read once."""

    def __init__(self, dossier: Dossier, readers: Readers, seat: Seat) -> None:
        """Take the case, its readers, and who looks."""
        self.dossier, self.readers = dossier, readers
        self.agreed, self.province = dossier.book.layer(Layer.AGREED), dossier.book.layer(Layer.PROVINCE)
        shown = readers.complete
        self.members = {one.key: one for one in panel_members(dossier)} if shown else {}
        points = self.agreed.points if self.agreed is not None and shown else {}
        self.standing = {row.code: row for row in standings(points, list(self.members.values()))}
        self.mine = next((review.pk for _, review, _ in readers.confirmed if review.expert_id == seat.pk), None)
        self.proofs = dossier.agreed_proofs if shown else ()

    def row(self, item: Item) -> AgreedRow:
        """Return one row."""
        agreed = _mark(self.agreed, item) if self.readers.complete else None
        own = self.members.get(self.mine) if self.mine is not None else None
        return AgreedRow(
            item=item,
            marked_as=self.dossier.programme.mark_label(item.mark),
            standard=rule_text(item),
            province=_mark(self.province, item),
            said=tuple(self._said(name, review, sheet, item, agreed) for name, review, sheet in self.readers.confirmed),
            agreed=agreed,
            standing=self.standing.get(item.id),
            problem=_agreed_problem(self.dossier, item, agreed),
            files=tuple(piece for piece in self.dossier.evidence if piece.row in {item.id, *item.fields}),
            proofs=tuple(proof for proof in self.proofs if proof.code == item.id),
            asks_own=own is not None and item.id in self.standing and own.marks.get(item.id) != agreed.points,
        )

    def _said(self, name: str, review: ExpertReview, sheet: Sheet, item: Item, agreed: Mark | None) -> Said:
        member, points = self.members.get(review.pk), agreed.points if agreed is not None else None
        voice = member.voices.get(item.id) if member is not None else None
        stands = member.stands(item.id, points) if member is not None and points is not None else None
        reason = voice.reason if voice is not None and voice.points == points else ""
        return Said("本人" if review.pk == self.mine else name, _mark(sheet, item), stands, reason)


def _agreed_problem(dossier: Dossier, item: Item, agreed: Mark | None) -> str:
    if agreed is None:
        return ""
    if agreed.typed:
        return mark_problem(item, dossier.programme.step, agreed.typed)
    if item.id in unproven_vetoes(dossier):
        return "否决项判0分须写明理由并列明依据。"
    return ""


def rapporteur_of(case: Declaration) -> Consensus | None:
    """Return who reports what the group agrees, where somebody was named."""
    people = ("rapporteur__user", "named_by__user")
    return Consensus.objects.filter(declaration=case).select_related(*people).first()


def may_write_agreed(seat: Seat, case: Declaration, named: Consensus | None) -> bool:
    """Return whether the agreed marks are the seat's to write: the rapporteur's, else the group head's."""
    return named.rapporteur_id == seat.pk if named is not None else allowed(seat, "declarations.panel", case)


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
    people = ("expert__user", "declaration", "assessment")
    return case.expert_reviews.select_related(*people).filter(pk=pk).first()
