"""The rows of a tier's review: the layers beneath, what the facts support, what is found, and the own mark."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse

from declarations.queries.changes import RowChanges
from declarations.queries.checks import Found, by_place, found_for_review
from declarations.queries.compact import CompactDossier
from declarations.queries.drafting.marks import judged_mark, typed_mark
from declarations.queries.drafting.saved import Collision
from declarations.queries.pages import spelled
from declarations.queries.proofs import Piece, pieces_by_row
from declarations.rules import UPWARD, layer_of
from scoring.engine import FieldSpec, Item, Programme, Proposal, Section, figure, rule_text
from scoring.models import Layer, Mark
from scoring.queries import Sheet
from sihao.accounts.models import Seat
from sihao.ui.forms import ErrorLine

ALL, CAREFUL, OPEN_ROWS, DIFFERING, CHANGED, DECIDING = "all", "careful", "open", "differs", "changed", "deciding"
WAYS = {
    ALL: "全部",
    OPEN_ROWS: "待审核",
    CAREFUL: "须细看",
    DIFFERING: "有差异",
    CHANGED: "有改动",
    DECIDING: "否决项和基础达标项",
}


def ways_for(programme: Programme) -> dict[str, str]:
    """Return the ways to look at the rows: those with a sign only where the standard has such rows."""
    return {way: words for way, words in WAYS.items() if way != DECIDING or programme.signs}


@dataclass(frozen=True)
class Cell:
    """One lower layer's mark of a row: its heading, the mark, the reason beside it, who gave it when."""

    title: str
    points: Decimal | None
    reason: str
    by: str
    at: datetime | None


@dataclass(frozen=True)
class FactTold:
    """One answer that a row is judged by."""

    label: str
    value: str
    problem: str
    changed: bool


@dataclass(frozen=True)
class Line:
    """One row of the review.

    ``typed`` and ``reason`` stand in the own fields; ``careful`` names why the row wants to be looked at by itself,
    one or two words each: a row without any agrees through and through.
    """

    item: Item
    group: str
    clause: str
    kind: str
    sign: str
    standard: str
    cells: tuple[Cell, ...]
    proposal: Proposal
    facts: tuple[FactTold, ...]
    words: str
    evidence: tuple[Piece, ...]
    found: tuple[Found, ...]
    changes: tuple[str, ...]
    typed: str
    reason: str
    points: Decimal | None
    below: Decimal | None
    below_title: str
    problem: str
    wants_reason: bool
    told: str
    told_blank: str
    differs: bool
    careful: tuple[str, ...]
    collisions: tuple[Collision, ...]

    @property
    def seen(self) -> bool:
        """Whether it has a mark."""
        return self.points is not None

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed yet."""
        return not self.typed.strip()

    @property
    def warned(self) -> bool:
        """Whether the evidence itself wants a look."""
        return any(piece.outside or piece.taken or piece.elsewhere for piece in self.evidence)

    def is_shown(self, way: str) -> bool:
        """Whether it belongs to a choice of rows."""
        tests = {
            OPEN_ROWS: not self.seen,
            CAREFUL: bool(self.careful),
            DIFFERING: self.differs,
            CHANGED: bool(self.changes),
            DECIDING: self.item.mark is not None,
        }
        return tests.get(way, True)


@dataclass(frozen=True)
class Part:
    """One section of the standard with the lines that are shown, and how far its review has come."""

    section: Section
    lines: tuple[Line, ...]
    seen: int
    total: int


@dataclass(frozen=True)
class ReviewSheet:
    """The rows of a review."""

    layer: Layer
    own: str
    titles: tuple[str, ...]
    below_title: str
    lines: tuple[Line, ...]
    parts: tuple[Part, ...]
    counts: Mapping[str, int]
    found: tuple[Found, ...]

    @property
    def shown(self) -> int:
        """How many rows are shown."""
        return sum(len(part.lines) for part in self.parts)

    @property
    def blank(self) -> int:
        """How many rows have nothing in them yet: those that may be confirmed with the mark below."""
        return sum(line.is_blank and line.below is not None for line in self.lines)

    @property
    def index(self) -> list[dict[str, str]]:
        """The sections as an index, each with how far it has come."""
        return [
            {
                "label": f"{part.section.code} {part.section.name}",
                "url": f"#part-{part.section.code}",
                "count": f"{part.seen}/{part.total}",
            }
            for part in self.parts
            if part.lines
        ]

    @property
    def errors(self) -> list[ErrorLine]:
        """The marks that are none, each leading to its row."""
        return [ErrorLine(f"mark-{one.item.id}", "", f"{one.problem}") for one in self.lines if one.problem]


@dataclass(frozen=True)
class ReviewDesk:
    """Whose marks a review writes and what they lie beside: the own sheet, the layers shown, the one to agree with.

    ``own`` and ``beneath`` title the two in sentences; ``page`` is where the rows stand.
    """

    layer: Layer
    sheet: Sheet | None
    beneath: Sheet | None
    lower: tuple[tuple[str, Sheet], ...]
    page: str
    own: str = "本级"
    default: str = "下一级"


def tier_desk(dossier: CompactDossier) -> ReviewDesk:
    """Return the desk of a tier: its own layer beside all beneath it."""
    layer = own_layer(dossier.seat)
    return ReviewDesk(
        layer,
        dossier.book.layer(layer),
        dossier.book.below(layer),
        tuple(layers_below(dossier.seat, dossier)),
        reverse("declarations:review", args=[dossier.case.pk]),
    )


def expert_desk(dossier: CompactDossier) -> ReviewDesk:
    """Return the desk of an expert: the own sheet beside the self-assessment and the province's, and no other."""
    shown = ((layer.label, dossier.book.layer(layer)) for layer in (Layer.SELF, Layer.PROVINCE))
    return ReviewDesk(
        Layer.EXPERT,
        dossier.book.expert(dossier.seat.pk),
        dossier.book.layer(Layer.PROVINCE),
        tuple((title, sheet) for title, sheet in shown if sheet is not None and sheet.marks),
        reverse("declarations:sheet", args=[dossier.case.pk]),
        own="本人",
        default="省级审核",
    )


def own_layer(seat: Seat) -> Layer:
    """Return the layer that the seat's tier marks."""
    return layer_of(seat.organisation.level)


def layers_below(seat: Seat, dossier: CompactDossier) -> list[tuple[str, Sheet]]:
    """Return the layers beneath the viewer's own that have marks, titled, lowest first."""
    lower = UPWARD[: UPWARD.index(own_layer(seat))]
    found = ((layer.label, dossier.book.layer(layer)) for layer in lower)
    return [(title, sheet) for title, sheet in found if sheet is not None and sheet.marks]


def review_sheet(
    dossier: CompactDossier,
    shown: str,
    changes: RowChanges,
    collisions: Mapping[str, Collision] | None = None,
    desk: ReviewDesk | None = None,
) -> ReviewSheet:
    """Return the review as the seat sees it; where two people met, what the later one typed stands in the fields.

    Without ``desk`` it is the tier's.
    """
    desk = desk or tier_desk(dossier)
    found = tuple(found_for_review(dossier, lambda code: f"{desk.page}#row-{code}"))
    draw = _Drawing(dossier, desk, found, changes, collisions or {})
    rubric = dossier.programme.rubric
    lines = tuple(
        draw.line(item, group.name, group.clause)
        for section in rubric.sections
        for group in section.groups
        for item in group.items
    )
    return ReviewSheet(
        layer=desk.layer,
        own=desk.own,
        titles=tuple(title for title, _ in desk.lower),
        below_title=desk.lower[-1][0] if desk.lower else "",
        lines=lines,
        parts=tuple(_part(section, lines, shown) for section in rubric.sections),
        counts={way: sum(line.is_shown(way) for line in lines) for way in WAYS},
        found=found,
    )


def _part(section: Section, lines: Iterable[Line], way: str) -> Part:
    mine = {item.id for item in section.items()}
    here = [line for line in lines if line.item.id in mine]
    return Part(section, tuple(one for one in here if one.is_shown(way)), sum(one.seen for one in here), len(here))


class _Drawing:
    """Draws the lines of one review: what they share is read once."""

    def __init__(
        self,
        dossier: CompactDossier,
        desk: ReviewDesk,
        found: tuple[Found, ...],
        changes: RowChanges,
        collisions: Mapping[str, Collision],
    ) -> None:
        """Take the case, whose marks lie beside which, what was found and has changed, where two people met."""
        self.programme, self.answers = dossier.programme, dossier.answers
        self.lower, self.proposals = desk.lower, dossier.proposals
        beneath, own, chamber = desk.beneath, desk.sheet, dossier.own_sheet
        self.beneath = beneath.points if beneath is not None else {}
        self.own = own.marks if own is not None else {}
        self.chamber = chamber.marks if chamber is not None else {}
        self.evidence = pieces_by_row(dossier, dossier.elsewhere)
        self.found, self.changes, self.collisions = by_place(found), changes, collisions

    def line(self, item: Item, group: str, clause: str) -> Line:
        """Return one line."""
        met = {part: one for part in ("points", "reason") if (one := self.collisions.get(f"{item.id}/{part}"))}
        typed, reason = self._fields(item, met)
        points, problem = judged_mark(item, self.programme.step, typed)
        below, proposal = self.beneath.get(item.id), self.proposals[item.id]
        cells = tuple(_cell(title, sheet.marks.get(item.id)) for title, sheet in self.lower)
        gap = points is not None and below is not None and points != below
        title = next((cell.title for cell in reversed(cells) if cell.points is not None), "")
        told, differs = _told(points, below, title, cells, proposal)
        evidence = tuple(piece for name in (item.id, *item.fields) for piece in self.evidence.get(name, ()))
        found, changes = tuple(self.found.get(item.id, ())), self.changes.get(item.id, ())
        return Line(
            item=item,
            group=group,
            clause=clause,
            kind=item.mark or "",
            sign=self.programme.mark_label(item.mark),
            standard=rule_text(item),
            cells=cells,
            proposal=proposal,
            facts=tuple(self._fact(self.programme.field(name)) for name in item.fields),
            words=self.chamber[item.id].words if item.id in self.chamber else "",
            evidence=evidence,
            found=found,
            changes=changes,
            typed=typed,
            reason=reason,
            points=points,
            below=below,
            below_title=title,
            problem=problem,
            wants_reason=gap and not reason.strip(),
            told="" if problem else told,
            told_blank=_told(None, below, title, cells, proposal)[0],
            differs=differs or bool(problem),
            careful=tuple(_careful(item, below, cells, proposal, found, evidence, changes)),
            collisions=tuple(met.values()),
        )

    def _fields(self, item: Item, met: Mapping[str, Collision]) -> tuple[str, str]:
        mark = self.own.get(item.id)
        stands = {"points": typed_mark(mark), "reason": mark.reason if mark is not None else ""}
        shown = stands | {part: str(one.typed) for part, one in met.items()}
        return shown["points"], shown["reason"]

    def _fact(self, spec: FieldSpec) -> FactTold:
        answer = self.answers.get(spec.id)
        value, problem = (answer.value, answer.problem) if answer is not None else (None, "")
        return FactTold(spec.label, spelled(spec, value), problem, bool(self.changes.get(spec.id)))


def _cell(title: str, mark: Mark | None) -> Cell:
    if mark is None:
        return Cell(title, None, "", "", None)
    return Cell(title, mark.points, mark.reason, mark.set_by.signature if mark.set_by else "", mark.set_at)


def _told(
    points: Decimal | None,
    below: Decimal | None,
    below_title: str,
    cells: tuple[Cell, ...],
    proposal: Proposal,
) -> tuple[str, bool]:
    """Return the word of a row and whether it stands out: the own mark against the one below, else those below."""
    if points is not None and below is not None:
        return (apart(points, below, below_title), True) if points != below else ("一致", False)
    if points is not None:
        return "已审核", False
    if below is not None and proposal.points is not None and below != proposal.points:
        return f"{below_title}{apart(below, proposal.points, '建议分')}", True
    given = {cell.points for cell in cells if cell.points is not None}
    return ("各级有差异", True) if len(given) > 1 else ("待审核", False)


def apart(points: Decimal, other: Decimal, name: str) -> str:
    """Return how far a mark lies from another, in words."""
    return f"{'高于' if points > other else '低于'}{name}{figure(abs(points - other))}分"


def _careful(
    item: Item,
    below: Decimal | None,
    cells: tuple[Cell, ...],
    proposal: Proposal,
    found: tuple[Found, ...],
    evidence: tuple[Piece, ...],
    changes: tuple[str, ...],
) -> Iterable[str]:
    """Yield why a row wants to be looked at by itself."""
    if changes:
        yield "有改动"
    if below is None:
        yield "下级未评"
    elif proposal.points is not None and below != proposal.points:
        yield apart(below, proposal.points, "建议分")
    if len({cell.points for cell in cells if cell.points is not None}) > 1:
        yield "各级有差异"
    if found:
        yield "校验有提示"
    if any(piece.is_shared for piece in evidence):
        yield "材料与其他申报相同"
    if any(piece.is_alike for piece in evidence):
        yield "材料与其他申报近似"
    if any(piece.outside or piece.taken for piece in evidence):
        yield "材料不在评价期"
    if item.mark == "veto" and below == 0:
        yield "否决项0分"


# ---- confirming what agrees, in one act


@dataclass(frozen=True)
class Agreement:
    """What confirming would write: rows that agree through and through, and those that want a look first."""

    plain: tuple[Line, ...]
    careful: tuple[Line, ...]

    @property
    def points(self) -> Decimal:
        """The sum that confirming the plain rows writes."""
        return sum((line.below for line in self.plain if line.below is not None), Decimal(0))


def agreement_in(sheet: ReviewSheet) -> Agreement:
    """Return the rows without anything typed that the layer below has marked, told apart."""
    open_lines = [line for line in sheet.lines if line.is_blank and line.below is not None]
    return Agreement(
        tuple(line for line in open_lines if not line.careful), tuple(line for line in open_lines if line.careful)
    )


# ---- what the page needs to save


def seen_in_review(dossier: CompactDossier, programme: Programme, desk: ReviewDesk | None = None) -> str:
    """Return the version of every own row and part of the opinion as drawn, for the save to be compared with."""
    own = (desk or tier_desk(dossier)).sheet
    versions = {code: mark.version for code, mark in own.marks.items()} if own is not None else {}
    return " ".join(f"{item.id}:{versions.get(item.id, 0)}" for item in programme.rubric.items())
