"""What a tier's officer types while reviewing, kept as it is typed; and up to when the officer has looked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.http import Http404

from declarations.actions.delta import refuse_outside_round
from declarations.actions.draft.writing import CaseKey
from declarations.actions.review import NOT_HOLDING, change_opinion, opinion_under_way
from declarations.models import Declaration, Endorsement, Look
from declarations.queries.cases import cases_visible_to
from declarations.rules import layer_of
from scoring.actions import Entered, MarksWritten, new_layer, save_marks
from scoring.engine import Programme
from scoring.models import Assessment
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused

Parts = Mapping[str, object]
"""Parts of an opinion as typed: text, stance, authentic."""


@dataclass(frozen=True)
class PartCollision:
    """A part of the opinion that two people changed at once: what the later one typed, and what stands, by whom."""

    mine: object
    value: object
    version: int
    by: Seat
    at: datetime


@dataclass(frozen=True)
class OpinionWritten:
    """The version of every part asked for that now holds what was typed, and the parts that collided."""

    versions: Mapping[str, int]
    collisions: Mapping[str, PartCollision]


@dataclass(frozen=True)
class ReviewWritten:
    """What became of the rows and of the parts of the opinion that were typed."""

    programme: Programme
    entries: Mapping[str, Entered]
    marks: MarksWritten
    opinion: OpinionWritten


@transaction.atomic
def save_review(
    *,
    case: CaseKey,
    entries: Callable[[Programme], Mapping[str, Entered]],
    opinion: Parts,
    actor: Seat,
    now: datetime,
    seen: Mapping[str, int] | None = None,
) -> ReviewWritten:
    """Keep rows of the tier's layer and parts of its opinion as typed (T04); nothing typed is refused.

    Merges by part of a row as ``save_marks`` does, and by part of the opinion. A draft leaves no trail: the step that
    signs it does. Raises ``Http404`` for a case out of the seat's sight, ``Refused`` for one that is not its to review.
    """
    held = _for_marking(case.pk, actor)
    programme = programme_of(held.case.cycle.programme)
    rows, marks = entries(programme), MarksWritten({}, {})
    refuse_outside_round(held.case, rows, opinion=bool(opinion))
    if rows:
        words = {"actor": actor, "now": now, "seen": seen}
        marks = save_marks(assessment=held.layer, entries=rows, is_new=held.is_new, **words)
    written = _keep_opinion(held.case, opinion, actor, now, seen) if opinion else OpinionWritten({}, {})
    return ReviewWritten(programme, rows, marks, written)


@dataclass(frozen=True)
class Marking:
    """A case held for writing until the transaction ends, and the actor's layer of it; ``is_new``: just opened."""

    case: Declaration
    layer: Assessment
    is_new: bool


def _for_marking(pk: int, actor: Seat) -> Marking:
    """Hold the case for writing and return the actor's layer of it: one query, one more where it has to be opened."""
    which = layer_of(actor.organisation.level)
    layers = Assessment.objects.filter(ledger=OuterRef("ledger"), layer=which, assessor=None).order_by("-version")
    found = cases_visible_to(actor).filter(pk=pk).select_for_update(of=("self",))
    case = found.annotate(
        layer_id=Subquery(layers.values("pk")[:1]), layer_locked_at=Subquery(layers.values("locked_at")[:1])
    ).first()
    if case is None:
        raise Http404
    if not allowed(actor, "declarations.review", case):
        raise Refused((NOT_HOLDING,))
    case.ledger.programme = case.cycle.programme
    if case.layer_id is None:
        layer = new_layer(ledger_id=case.ledger_id, layer=which)
        layer.ledger = case.ledger
        layer.save()
        return Marking(case, layer, is_new=True)
    names = ("id", "ledger_id", "layer", "locked_at")
    layer = Assessment.from_db(None, names, (case.layer_id, case.ledger_id, which, case.layer_locked_at))
    layer.ledger = case.ledger
    return Marking(case, layer, is_new=False)


def _keep_opinion(
    case: Declaration, parts: Parts, actor: Seat, now: datetime, seen: Mapping[str, int] | None
) -> OpinionWritten:
    """Write the parts that nobody else has changed to something else since the writer saw them."""
    opinion = opinion_under_way(case, actor)
    met = {
        name: _met(opinion, name, value)
        for name, value in parts.items()
        if seen is not None
        and opinion.versions.get(name, 0) != seen.get(f"opinion_{name}", 0)
        and getattr(opinion, name) != value
    }
    change_opinion(opinion, {name: value for name, value in parts.items() if name not in met}, actor, now)
    return OpinionWritten({name: opinion.versions.get(name, 0) for name in parts if name not in met}, met)


def _met(opinion: Endorsement, name: str, typed: object) -> PartCollision:
    stands, version = getattr(opinion, name), opinion.versions.get(name, 0)
    return PartCollision(typed, stands, version, opinion.written_by, opinion.written_at)


@transaction.atomic
def note_look(*, case: Declaration, seat: Seat, at: datetime) -> None:
    """Note up to which instant a seat has seen a case; it never goes back."""
    look, new = Look.objects.get_or_create(declaration=case, seat=seat, defaults={"at": at})
    if not new and look.at < at:
        look.at = at
        look.save(update_fields=["at"])


def note_first_look(*, case: Declaration, seat: Seat, now: datetime) -> None:
    """Note that a seat sees a case for the first time; one query."""
    Look.objects.bulk_create([Look(declaration=case, seat=seat, at=now)], ignore_conflicts=True)
