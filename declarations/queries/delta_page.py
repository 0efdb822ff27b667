"""The page on which a tier looks again at named rows alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404

from declarations.models import DeltaRow, DeltaTask
from declarations.queries.drafting.marks import judged_mark, typed_mark
from declarations.queries.drafting.receipt import last_handed_in
from declarations.queries.facts import Dossier
from declarations.queries.proofs import Elsewhere, Piece, pieces_by_row
from declarations.queries.rounds import last_signed, moved
from declarations.queries.side_by_side import Beside, row_beside
from declarations.queries.workspace import layers_below, own_layer
from declarations.states import Cause
from scoring.engine import Item, Proposal, rule_text
from scoring.models import Mark
from sihao.accounts.models import Seat


@dataclass(frozen=True)
class Below:
    """A lower layer's mark of a row, with its reason."""

    title: str
    mark: Mark


@dataclass(frozen=True)
class Line:
    """One row of the round: why, what changed, the marks below, the own mark, whether it is confirmed."""

    row: DeltaRow
    item: Item
    sign: str
    standard: str
    causes: tuple[str, ...]
    beside: Beside | None
    below: tuple[Below, ...]
    proposal: Proposal
    evidence: tuple[Piece, ...]
    mark: str
    reason: str
    problem: str
    wants_reason: bool
    ticked: bool

    @property
    def settled(self) -> bool:
        """Whether the row is confirmed."""
        return self.row.settled_at is not None


@dataclass(frozen=True)
class DeltaPage:
    """The task with exactly its rows."""

    task: DeltaTask
    lines: tuple[Line, ...]
    seen: str
    wants_opinion: bool

    @property
    def left(self) -> int:
        """How many rows are not confirmed."""
        return sum(not line.settled for line in self.lines)


@dataclass(frozen=True)
class Sent:
    """What was typed and not saved: by row the mark and the reason, and which rows are ticked."""

    typed: Mapping[str, tuple[str, str]]
    settled: frozenset[str]


def task_of(dossier: Dossier) -> DeltaTask:
    """Return the task that the holder has to do, or answer 404."""
    task = dossier.delta_task
    if task is None:
        raise Http404
    return task


def delta_page(
    seat: Seat, dossier: Dossier, elsewhere: Mapping[str, Elsewhere], sent: Sent | None = None
) -> DeltaPage:
    """Return the page as the seat sees it; ``sent`` is what was typed and not yet saved."""
    task = task_of(dossier)
    draw = _Drawing(seat, dossier, task, elsewhere, sent)
    rows = {row.code: row for row in task.rows.all()}
    lines = tuple(
        draw.line(rows[item.id], item) for item in dossier.programme.rubric.items() if item.id in rows
    )
    own = dossier.book.layer(own_layer(seat))
    versions = {code: mark.version for code, mark in own.marks.items()} if own is not None else {}
    seen = " ".join(f"{code}:{versions.get(code, 0)}" for code in rows)
    return DeltaPage(task, lines, seen, wants_opinion=task.opinion or moved(dossier, task))


class _Drawing:
    """Draws the rows of one round: what they share is read once."""

    def __init__(
        self,
        seat: Seat,
        dossier: Dossier,
        task: DeltaTask,
        elsewhere: Mapping[str, Elsewhere],
        sent: Sent | None,
    ) -> None:
        """Take who looks at which task, who else uses the case's files, and what was typed."""
        layer = own_layer(seat)
        self.dossier = dossier
        own = dossier.book.layer(layer)
        stands = (
            {code: (typed_mark(mark), mark.reason) for code, mark in own.marks.items()}
            if own is not None
            else {}
        )
        self.fields = stands | dict(sent.typed if sent else {})
        self.ticked = sent.settled if sent else None
        self.pieces = pieces_by_row(dossier, elsewhere)
        self.before, self.after = _copies(dossier, task)
        self.lower = layers_below(seat, dossier)
        beneath = dossier.book.below(layer)
        self.beneath = beneath.points if beneath is not None else {}

    def line(self, row: DeltaRow, item: Item) -> Line:
        """Return one row."""
        programme, (mark, reason) = self.dossier.programme, self.fields.get(item.id, ("", ""))
        points, problem = judged_mark(item, programme.step, mark)
        lowest = self.beneath.get(item.id)
        gap = points is not None and lowest is not None and points != lowest
        return Line(
            row=row,
            item=item,
            sign=programme.mark_label(item.mark),
            standard=rule_text(item),
            causes=tuple(Cause(cause).label for cause in row.causes),
            beside=row_beside(programme, item, self.before, self.after) if self.before is not None else None,
            below=tuple(
                Below(title, sheet.marks[item.id]) for title, sheet in self.lower if item.id in sheet.marks
            ),
            proposal=self.dossier.proposals[item.id],
            evidence=tuple(piece for name in (item.id, *item.fields) for piece in self.pieces.get(name, ())),
            mark=mark,
            reason=reason,
            problem=problem,
            wants_reason=gap and not reason.strip(),
            ticked=item.id in self.ticked if self.ticked is not None else row.settled_at is not None,
        )


def _copies(dossier: Dossier, task: DeltaTask) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """Return what the tier last signed and what was handed in since; None where nothing was handed in anew."""
    if task.round.slip_id is None:
        return None, {}
    handed = last_handed_in(dossier.case)
    signed = last_signed(dossier.case, [task.organisation_id])
    return signed.get(task.organisation_id), handed.content if handed is not None else {}
