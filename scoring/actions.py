"""Writing programmes and marks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from django.db import transaction
from django.db.models import Sum

from scoring.engine import Item, ValueProblem, parse_mark
from scoring.models import Assessment, Layer, Ledger, Mark, ProgrammeVersion
from scoring.queries import parsed, programme_of
from sihao.accounts.models import Seat
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record

TYPED_LIMIT = 200


@dataclass(frozen=True)
class Entered:
    """What was entered for one row: the mark as typed (or a Decimal), words and reason; None leaves a part alone."""

    points: object = None
    words: str | None = None
    reason: str | None = None


@transaction.atomic
def publish_programme(*, text: str, actor: Seat | None, now: datetime) -> ProgrammeVersion:
    """Publish a programme's text and return its version; the same text twice is one version.

    Raises ``ProgrammeError`` when the text does not hold together.
    """
    programme = parsed(text)
    digest = sha256(text.encode()).hexdigest()
    version, new = ProgrammeVersion.objects.get_or_create(
        slug=programme.id, digest=digest, defaults={"title": programme.title, "text": text, "published_at": now}
    )
    if new:
        record(Event.PROGRAMME_PUBLISHED, actor=actor, target=version, at=now, data={"digest": digest})
    return version


def open_ledger(*, programme: ProgrammeVersion) -> Ledger:
    """Return a new mark book with its self-assessment layer open."""
    ledger = Ledger.objects.create(programme=programme)
    open_layer(ledger=ledger, layer=Layer.SELF)
    return ledger


def open_layer(*, ledger: Ledger, layer: Layer, assessor: Seat | None = None) -> Assessment:
    """Return the layer, opened if it is not there; an expert's layer is the assessor's own."""
    return Assessment.objects.get_or_create(ledger=ledger, layer=layer, assessor=assessor, version=1)[0]


def _mark(assessment: Assessment, item: Item, step: Decimal, entered: Entered, old: Mark | None) -> Mark:
    """Return the row as it will stand; what is no mark is kept as typed."""
    mark = old or Mark(assessment=assessment, code=item.id)
    mark.maximum = item.points
    if entered.points is not None:
        mark.points, mark.typed = _points(item, step, entered.points)
    mark.words = mark.words if entered.words is None else entered.words
    mark.reason = mark.reason if entered.reason is None else entered.reason
    return mark


def _points(item: Item, step: Decimal, raw: object) -> tuple[Decimal | None, str]:
    if str(raw).strip() == "":
        return None, ""
    try:
        return parse_mark(item, step, raw), ""
    except ValueProblem:
        return None, str(raw)[:TYPED_LIMIT]


def refuse_locked(assessment: Assessment) -> None:
    """Raise ``Refused`` when the layer is frozen."""
    if assessment.locked_at is not None:
        raise Refused((Refusal("layer_locked", f"{assessment}得分已固定，不能修改。"),))


@transaction.atomic
def save_marks(
    *, assessment: Assessment, entries: Mapping[str, Entered], actor: Seat | None, now: datetime
) -> Assessment:
    """Write the rows given into one layer and renew its total; saving never refuses a bad mark, it keeps it as typed.

    Raises ``Refused`` when the layer is frozen and ``KeyError`` for a row the programme does not have.
    """
    refuse_locked(assessment)
    programme = programme_of(assessment.ledger.programme)
    old = {mark.code: mark for mark in assessment.marks.filter(code__in=entries)}
    marks = [
        _mark(assessment, programme.rubric.item(code), programme.step, entered, old.get(code))
        for code, entered in entries.items()
    ]
    for mark in marks:
        mark.set_by, mark.set_at = actor, now
    _write(marks)
    assessment.total = assessment.marks.aggregate(total=Sum("points"))["total"] or Decimal(0)
    assessment.save(update_fields=["total"])
    return assessment


def _write(marks: list[Mark]) -> None:
    Mark.objects.bulk_create(
        _without_keys(marks),
        update_conflicts=True,
        unique_fields=["assessment", "code"],
        update_fields=["points", "maximum", "typed", "words", "reason", "set_by", "set_at"],
    )


def _without_keys(marks: list[Mark]) -> list[Mark]:
    """Return the marks ready for one upsert: a row that exists is met by its unique pair, not by its key."""
    for mark in marks:
        mark.pk = None
    return marks


def lock_assessment(*, assessment: Assessment, now: datetime) -> None:
    """Freeze a layer."""
    assessment.locked_at = now
    assessment.save(update_fields=["locked_at"])


def unlock_assessment(*, assessment: Assessment) -> None:
    """Open a layer again (after a return; the frozen revision keeps what stood before)."""
    assessment.locked_at = None
    assessment.save(update_fields=["locked_at"])
