"""What a tier sees as it reviews: the sheet row by row, opinions of other tiers, what may be returned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from zlib import crc32

from django.urls import reverse

from declarations.guards import Act
from declarations.models import Endorsement
from declarations.queries.checks import Found, by_place, found_for_review
from declarations.queries.facts import COMMITMENT, Dossier, facts_of
from declarations.queries.pages import Strip, sheets_for, spelled, strip_of
from declarations.queries.proofs import Elsewhere, Piece, pieces_by_row, used_elsewhere
from declarations.rules import UPWARD, layer_of
from declarations.workflow import WORKFLOWS
from scoring.engine import (
    Item,
    Programme,
    Proposal,
    Section,
    ValueProblem,
    figure,
    parse_mark,
    partial,
    rule_text,
)
from scoring.models import Layer, Mark
from scoring.queries import Sheet
from sihao.accounts.models import Seat
from sihao.accounts.refusals import Refusal

ALL, OPEN_ROWS, DIFFERING, DECIDING = "all", "open", "differs", "deciding"
WAYS = {ALL: "全部", OPEN_ROWS: "待审核", DIFFERING: "有差异", DECIDING: "否决项和基础达标项"}


@dataclass(frozen=True)
class Typed:
    """What stands in the two fields of a row as it was sent: mark and reason."""

    mark: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Cell:
    """One lower layer's mark of a row: its heading, the mark, the reason beside it."""

    title: str
    points: Decimal | None
    reason: str


@dataclass(frozen=True)
class Line:
    """One row of the review: standard, lower layers, what the facts support, evidence, and the own mark."""

    item: Item
    kind: str
    sign: str
    standard: str
    cells: tuple[Cell, ...]
    proposal: Proposal
    facts: tuple[tuple[str, str], ...]
    words: str
    evidence: tuple[Piece, ...]
    mark: str
    reason: str
    below: Decimal | None
    problem: str
    wants_reason: bool
    told: str
    differs: bool
    seen: bool
    found: tuple[Found, ...] = ()

    @property
    def drawn(self) -> str:
        """Return the print of mark and reason as drawn, by which a later save tells what was changed."""
        return print_of(Typed(self.mark, self.reason))


@dataclass(frozen=True)
class Part:
    """One section of the standard with the lines that are shown, and how far its review has come."""

    section: Section
    lines: tuple[Line, ...]
    seen: int
    total: int


@dataclass(frozen=True)
class ReviewSheet:
    """The whole page of a review."""

    layer: Layer
    titles: tuple[str, ...]
    below_title: str
    parts: tuple[Part, ...]
    strip: Strip
    counts: Mapping[str, int]
    wrong: tuple[Line, ...]
    unreasoned: tuple[Line, ...]
    found: tuple[Found, ...]

    @property
    def blank(self) -> int:
        """Return how many rows have nothing in them yet: those that agreeing confirms."""
        return self.counts[OPEN_ROWS] - len(self.wrong)

    @property
    def shown(self) -> int:
        """Return how many rows are shown."""
        return sum(len(part.lines) for part in self.parts)

    @property
    def index(self) -> list[dict[str, str]]:
        """Return the sections as an index, each with how far it has come."""
        return [
            {
                "label": f"{part.section.code} {part.section.name}",
                "url": f"#part-{part.section.code}",
                "count": f"{part.seen}/{part.total}",
            }
            for part in self.parts
            if part.lines
        ]


def print_of(typed: Typed) -> str:
    """Return a short print of a row's two fields; line ends and outer blanks do not count."""
    plain = "\n".join(line.rstrip() for line in f"{typed.mark.strip()}\0{typed.reason.strip()}".splitlines())
    return f"{crc32(plain.encode(errors='replace')):08x}"


def own_layer(seat: Seat) -> Layer:
    """Return the layer that the seat's tier marks."""
    return layer_of(seat.organisation.level)


def layers_below(seat: Seat, dossier: Dossier) -> list[tuple[str, Sheet]]:
    """Return the layers beneath the viewer's own, titled, lowest first."""
    lower = UPWARD[: UPWARD.index(own_layer(seat))]
    return [(title, sheet) for title, sheet in sheets_for(seat, dossier) if sheet.layer in lower]


def standing(dossier: Dossier, layer: Layer) -> dict[str, Typed]:
    """Return the own layer's marks and reasons by row as its fields show them."""
    sheet = dossier.book.layer(layer)
    return {code: _typed(mark) for code, mark in sheet.marks.items()} if sheet is not None else {}


def _typed(mark: Mark) -> Typed:
    return Typed(figure(mark.points) if mark.points is not None else mark.typed, mark.reason)


def review_sheet(seat: Seat, dossier: Dossier, shown: str, sent: Mapping[str, Typed] | None = None) -> ReviewSheet:
    """Return the review as the seat sees it; ``sent`` is what was typed and not yet saved, by row."""
    layer = own_layer(seat)
    lower = layers_below(seat, dossier)
    fields = standing(dossier, layer) | dict(sent or {})
    draw = _Drawing(dossier, layer, tuple(lower), fields, used_elsewhere(seat, dossier))
    page = reverse("declarations:review", args=[dossier.case.pk])
    found = found_for_review(dossier, lambda code: f"{page}#row-{code}")
    at_rows = by_place(found)
    lines = [
        replace(draw.line(item), found=tuple(at_rows.get(item.id, ()))) for item in dossier.programme.rubric.items()
    ]
    kept = {line.item.id: line for line in lines if _shown(line, shown)}
    return ReviewSheet(
        layer=layer,
        titles=tuple(title for title, _ in lower),
        below_title=lower[-1][0] if lower else "",
        parts=tuple(_part(section, lines, kept) for section in dossier.programme.rubric.sections),
        strip=_strip(dossier, layer, lower),
        counts={way: sum(_shown(line, way) for line in lines) for way in WAYS},
        wrong=tuple(line for line in lines if line.problem),
        unreasoned=tuple(line for line in lines if line.wants_reason),
        found=tuple(found),
    )


def _shown(line: Line, way: str) -> bool:
    tests = {OPEN_ROWS: not line.seen, DIFFERING: line.differs, DECIDING: line.item.mark is not None}
    return tests.get(way, True)


def _part(section: Section, lines: Iterable[Line], kept: Mapping[str, Line]) -> Part:
    mine = {item.id for item in section.items()}
    here = [line for line in lines if line.item.id in mine]
    shown = tuple(line for line in here if line.item.id in kept)
    return Part(section, shown, sum(line.seen for line in here), len(here))


def _strip(dossier: Dossier, layer: Layer, lower: list[tuple[str, Sheet]]) -> Strip:
    """Return the four figures of the own layer; rows not yet marked count as the layer below marked them."""
    own = dossier.book.layer(layer)
    beneath = dossier.book.below(layer)
    points = own.points if own is not None else {}
    assumed = {**(beneath.points if beneath is not None else {}), **points}
    left = len(dossier.programme.rubric.items()) - len(points)
    if not left:
        return strip_of(dossier.programme, partial(dossier.programme, points), "按本级审核得分")
    title = lower[-1][0] if lower else "自评"
    note = f"本级尚有{left}项未审核，暂按{title}得分计"
    strip = strip_of(dossier.programme, partial(dossier.programme, assumed), note)
    return replace(strip, eligible=None, conclusion=f"暂{strip.conclusion}")


class _Drawing:
    """Draws the lines of one review: what they share is read once."""

    def __init__(
        self,
        dossier: Dossier,
        layer: Layer,
        lower: tuple[tuple[str, Sheet], ...],
        fields: Mapping[str, Typed],
        elsewhere: Mapping[str, Elsewhere],
    ) -> None:
        """Take the case, the layers beneath, the own fields by row, and who else uses its files."""
        self.programme = dossier.programme
        self.lower = lower
        self.fields = fields
        beneath = dossier.book.below(layer)
        self.beneath = beneath.points if beneath is not None else {}
        self.proposals = dossier.proposals
        self.answers = dossier.answers
        self.evidence = pieces_by_row(dossier, elsewhere)
        self.words = dossier.book.layer(Layer.SELF)

    def line(self, item: Item) -> Line:
        """Return one line."""
        typed = self.fields.get(item.id, Typed())
        points, problem = parsed(self.programme, item, typed.mark)
        below = self.beneath.get(item.id)
        cells = tuple(_cell(title, sheet.marks.get(item.id)) for title, sheet in self.lower)
        proposal = self.proposals[item.id]
        gap = points is not None and below is not None and points != below
        told, differs = _told(points, below, cells, proposal) if not problem else (problem, True)
        return Line(
            item=item,
            kind=item.mark or "",
            sign=self.programme.mark_label(item.mark),
            standard=rule_text(item),
            cells=cells,
            proposal=proposal,
            facts=self.facts(item),
            words=self.said(item),
            evidence=tuple(piece for name in (item.id, *item.fields) for piece in self.evidence.get(name, ())),
            mark=typed.mark,
            reason=typed.reason,
            below=below,
            problem=problem,
            wants_reason=gap and not typed.reason.strip(),
            told=told,
            differs=differs,
            seen=points is not None,
        )

    def facts(self, item: Item) -> tuple[tuple[str, str], ...]:
        """Return the answers a row is judged by, as words."""
        specs = (self.programme.field(name) for name in item.fields)
        found = ((spec.label, self.answers.get(spec.id), spec) for spec in specs)
        return tuple((label, spelled(spec, answer.value) if answer else "") for label, answer, spec in found)

    def said(self, item: Item) -> str:
        """Return what the chamber wrote about a row."""
        mark = self.words.marks.get(item.id) if self.words is not None else None
        return mark.words if mark is not None else ""


def parsed(programme: Programme, item: Item, typed: str) -> tuple[Decimal | None, str]:
    """Return a typed mark, or why it is none; a blank is neither."""
    if not typed.strip():
        return None, ""
    try:
        return parse_mark(item, programme.step, typed), ""
    except ValueProblem as problem:
        return None, str(problem).removeprefix(f"{item.id}：")


def _cell(title: str, mark: Mark | None) -> Cell:
    return Cell(title, mark.points, mark.reason) if mark is not None else Cell(title, None, "")


def _told(
    points: Decimal | None, below: Decimal | None, cells: tuple[Cell, ...], proposal: Proposal
) -> tuple[str, bool]:
    """Return the word of a row and whether it stands out: the own mark against the one below, else those below."""
    if points is not None and below is not None:
        return _apart(points, below, "下一级") if points != below else ("一致", False)
    if points is not None:
        return "已审核", False
    if below is not None and proposal.points is not None and below != proposal.points:
        return _apart(below, proposal.points, "建议分")
    given = {cell.points for cell in cells if cell.points is not None}
    return ("各级有差异", True) if len(given) > 1 else ("待审核", False)


def _apart(points: Decimal, other: Decimal, name: str) -> tuple[str, bool]:
    word = "高于" if points > other else "低于"
    return f"{word}{name}{figure(abs(points - other))}分", True


# ---- opinions


def earlier_opinions(seat: Seat, dossier: Dossier) -> list[Endorsement]:
    """Return the signed opinions of the tiers at or beneath the viewer's, in the order they were written."""
    mine = seat.organisation
    return [
        one
        for one in dossier.endorsements
        if one.signed_at is not None and (one.organisation_id == mine.pk or one.organisation.level > mine.level)
    ]


def open_opinion(seat: Seat, dossier: Dossier) -> Endorsement | None:
    """Return the viewer's tier's opinion while it is not signed."""
    opinion = dossier.opinion_of(seat.organisation_id)
    return opinion if opinion is not None and opinion.signed_at is None else None


# ---- what may go back


def return_refusals(seat: Seat, dossier: Dossier, now: datetime) -> tuple[Refusal, ...]:
    """Return why the case cannot be returned as it stands."""
    step = WORKFLOWS[dossier.case.cycle.workflow].transition("return_for_correction")
    if dossier.case.state not in step.sources:
        sentence = f"本件现为“{dossier.case.get_state_display()}”，不能退回修改。"
        return (Refusal("state", sentence, step.clause),)
    return step.closed_because(facts_of(dossier, now), Act(actor=seat.user_id, people=seat.people))


Choices = list[tuple[str, str]]


def mendable(programme: Programme) -> list[tuple[str, Choices]]:
    """Return what may be returned, grouped: the rows by section, then the fields of the form by heading."""
    rows = [
        (f"自评表：{section.name}", [(item.id, mend_label(programme, item.id)) for item in section.items()])
        for section in programme.rubric.sections
    ]
    fields = [
        (f"申报表：{title}", [(spec.id, spec.label) for spec in specs if spec.id != COMMITMENT])
        for title, specs in programme.field_groups()
    ]
    return rows + [(title, choices) for title, choices in fields if choices]


def mend_label(programme: Programme, item: str) -> str:
    """Return the name of a row (with its code) or of a field."""
    names = {spec.id: spec.label for spec in programme.fields}
    names |= {row.id: f"{row.id} {row.name}" for row in programme.rubric.items()}
    return names[item][:200]
