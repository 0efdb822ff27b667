"""Writing programmes and marks."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from operator import attrgetter

from django.db import transaction
from django.db.models import Q, Sum

from scoring.digests import digest_of_layer, digest_of_mark
from scoring.engine import Item, ValueProblem, figure, parse_mark
from scoring.models import Assessment, Layer, Ledger, Mark, MarkVersion, ProgrammeVersion
from scoring.queries import parsed, programme_of
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.refusals import Refusal, Refused
from sihao.accounts.roles import Level
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.many_rows import insert
from sihao.prepared import Prepared

TYPED_LIMIT = 200


@dataclass(frozen=True)
class Entered:
    """What was entered for one row: the mark as typed (or a Decimal), words and reason; None leaves a part alone."""

    points: object = None
    words: str | None = None
    reason: str | None = None


@transaction.atomic
def publish_programme(
    *, text: str, actor: Seat | None, now: datetime, owner: Organisation | None = None
) -> ProgrammeVersion:
    """Publish a programme's text and return its version; the same text twice is one version.

    A later version belongs to the office that published the first, whoever publishes it.

    Raises ``ProgrammeError`` when the text does not hold together, and ``Refused`` for another office's code.
    """
    programme = parsed(text)
    digest = sha256(text.encode()).hexdigest()
    earlier = ProgrammeVersion.objects.filter(slug=programme.id).select_related("owner").order_by("id").first()
    if earlier is not None and owner is not None and not _is_of(earlier, owner):
        sentence = f"代号“{programme.id}”已由{earlier.owner or '全国工商联'}使用，请在基本情况中改用另一个代号。"
        raise Refused((Refusal("code_taken", sentence, "通知未规定"),))
    told = {"title": programme.title, "text": text, "published_at": now}
    told["owner"] = earlier.owner if earlier is not None else owner
    version, new = ProgrammeVersion.objects.get_or_create(slug=programme.id, digest=digest, defaults=told)
    if new:
        data = {"digest": digest} | ({"owner": told["owner"].code} if told["owner"] else {})
        record(Event.PROGRAMME_PUBLISHED, actor=actor, target=version, at=now, data=data)
    return version


def _is_of(version: ProgrammeVersion, office: Organisation) -> bool:
    """Return whether a version is the office's own; what names no owner is the nation's."""
    return version.owner_id == office.pk or (version.owner_id is None and office.level == Level.NATIONAL)


def open_ledger(*, programme: ProgrammeVersion) -> Ledger:
    """Return a new mark book with its self-assessment layer open."""
    ledger = Ledger.objects.create(programme=programme)
    open_layer(ledger=ledger, layer=Layer.SELF)
    return ledger


LAYER_OF = Prepared(
    lambda ledger, layer, *assessor: Assessment.objects.filter(
        ledger=ledger, layer=layer, assessor=assessor[0] if assessor else None
    )
    .select_related("ledger__programme")
    .defer("ledger__programme__text")
    .order_by("-version")[:1]
)


def open_layer(*, ledger: Ledger, layer: Layer, assessor: Seat | None = None) -> Assessment:
    """Return the newest version of a layer, opened if it is not there; an expert's layer is the assessor's own."""
    newest = LAYER_OF.first(ledger.pk, str(layer), *([assessor.pk] if assessor is not None else []))
    if newest:
        return newest
    new = new_layer(ledger_id=ledger.pk, layer=layer, assessor=assessor)
    known = {"ledger": ledger, "layer": layer, "assessor": assessor, "version": new.version}
    return Assessment.objects.get_or_create(**known, defaults={"digest": new.digest})[0]


def new_layer(
    *, ledger_id: int, layer: Layer, assessor: Seat | None = None, version: int = 1, total: Decimal = Decimal(0)
) -> Assessment:
    """Return a layer with its digest, not written yet."""
    new = Assessment(ledger_id=ledger_id, layer=layer, assessor=assessor, version=version, total=total)
    new.digest = digest_of_layer(new)
    return new


@transaction.atomic
def renew_layer(*, ledger: Ledger, layer: Layer) -> Assessment:
    """Return a new version of a tier's layer, open for writing, with the marks of the one before; that one stays.

    A layer that nobody has opened yet is opened.
    """
    old = open_layer(ledger=ledger, layer=layer)
    marks = list(old.marks.all())
    if not marks:
        unlock_assessment(assessment=old)
        return old
    new = new_layer(ledger_id=ledger.pk, layer=layer, version=old.version + 1, total=old.total)
    new.ledger = ledger
    new.save()
    copies = [copy(mark) for mark in marks]
    for mark in copies:
        mark.assessment = new
    _write(copies)
    return new


def _mark(assessment: Assessment, item: Item, step: Decimal, entered: Entered, old: Mark | None) -> Mark:
    """Return the row as it will stand; what is no mark is kept as typed."""
    mark = copy(old) if old else Mark(assessment=assessment, code=item.id)
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
        return None, str(raw)


def refuse_locked(assessment: Assessment) -> None:
    """Raise ``Refused`` when the layer is frozen."""
    if assessment.locked_at is not None:
        raise Refused((Refusal("layer_locked", f"{assessment}得分已固定，不能修改。"),))


@dataclass(frozen=True)
class MarkCollision:
    """A part of a row that two people changed at once: what the later one typed, and the row as it stands."""

    part: str
    mine: str
    mark: Mark


@dataclass(frozen=True)
class MarksWritten:
    """The version of every row asked for that now holds what was entered, and the parts that collided, by row."""

    versions: Mapping[str, int]
    collisions: Mapping[str, tuple[MarkCollision, ...]]


MARKED = Prepared(lambda layer, codes: Mark.objects.filter(assessment=layer, code__in=codes))


def save_marks(
    *,
    assessment: Assessment,
    entries: Mapping[str, Entered],
    actor: Seat | None,
    now: datetime,
    seen: Mapping[str, int] | None = None,
    is_new: bool = False,
) -> MarksWritten:
    """Write the rows given into one layer; saving never refuses a bad mark, it keeps it as typed.

    ``seen`` holds the version of each row that the writer had before his eyes (none: 0). Parts of a row that somebody
    else changed since then are not overwritten: they come back as collisions, the other parts are merged. Without
    ``seen`` nothing is compared. A row that does not change keeps its author and its version. A layer that ``is_new``
    is known to hold nothing.

    Raises ``Refused`` when the layer is frozen and ``KeyError`` for a row the programme does not have.
    """
    refuse_locked(assessment)
    programme = programme_of(assessment.ledger.programme)
    items = {code: programme.rubric.item(code) for code in entries}
    with transaction.atomic(savepoint=False):
        old = {} if is_new else {mark.code: mark for mark in MARKED(assessment.pk, tuple(entries))}
        rows = [
            _mark(assessment, items[code], programme.step, entered, old.get(code))
            for code, entered in entries.items()
        ]
        collisions = _merge(assessment, rows, entries, old, seen)
        _write([mark for mark in rows if _renewed(mark, old.get(mark.code), actor, now)])
    return MarksWritten({mark.code: mark.version for mark in rows}, collisions)


def _renewed(mark: Mark, old: Mark | None, actor: Seat | None, now: datetime) -> bool:
    """Give a row that changed its next version, author and instant; return whether it changed."""
    if _parts(mark) == (_parts(old) if old else NOTHING):
        mark.version = old.version if old else 0
        return False
    mark.version = old.version + 1 if old else 1
    mark.set_by, mark.set_at = actor, now
    return True


PARTS: Mapping[str, Callable[[Mark | MarkVersion], str]] = {
    "points": lambda mark: mark.typed or ("" if mark.points is None else figure(mark.points)),
    "words": lambda mark: mark.words,
    "reason": lambda mark: mark.reason,
}


PART_FIELDS = {"points": ("points", "typed"), "words": ("words",), "reason": ("reason",)}


def part_of(mark: Mark | MarkVersion, part: str) -> str:
    """Return a part of a row as the writer reads it: ``points`` as typed, ``words``, ``reason``."""
    return PARTS[part](mark)


NOTHING = ("", "", "")


def _parts(mark: Mark | MarkVersion) -> tuple[str, ...]:
    return tuple(read(mark) for read in PARTS.values())


def _merge(
    assessment: Assessment,
    rows: Iterable[Mark],
    entries: Mapping[str, Entered],
    old: Mapping[str, Mark],
    seen: Mapping[str, int] | None,
) -> dict[str, tuple[MarkCollision, ...]]:
    """Give up, in each row, the parts in which somebody else was first, and return those that both changed."""
    if seen is None:
        return {}
    overtaken = [mark for mark in rows if mark.code in old and old[mark.code].version != seen.get(mark.code, 0)]
    bases = _bases(assessment, {mark.code: seen.get(mark.code, 0) for mark in overtaken})
    found = {mark.code: _meet(mark, entries[mark.code], old[mark.code], bases.get(mark.code)) for mark in overtaken}
    return {code: collisions for code, collisions in found.items() if collisions}


def _bases(assessment: Assessment, versions: Mapping[str, int]) -> dict[str, MarkVersion]:
    """Return each row as its writer had seen it."""
    wanted = Q()
    for code, version in versions.items():
        wanted |= Q(code=code, version=version)
    return {base.code: base for base in assessment.mark_versions.filter(wanted)} if versions else {}


def _meet(row: Mark, entered: Entered, stands: Mark, base: MarkVersion | None) -> tuple[MarkCollision, ...]:
    """Put back what stands in each part that somebody else changed since the base; a part both changed collides."""
    collisions = []
    for part, fields in PART_FIELDS.items():
        was = part_of(base, part) if base is not None else ""
        if part_of(row, part) == part_of(stands, part) or part_of(stands, part) == was:
            continue
        if part_of(row, part) != was:
            collisions.append(MarkCollision(part, str(getattr(entered, part)), stands))
        for field in fields:
            setattr(row, field, getattr(stands, field))
    return tuple(collisions)


def _write(marks: list[Mark]) -> None:
    if not marks:
        return
    insert(Mark, (*ROW, *PARTS_OF_ROW), map(attrgetter(*ROW, *PARTS_OF_ROW), marks), meets=ROW, renews=PARTS_OF_ROW)
    lines = ((*attrgetter(*HISTORY)(mark), digest_of_mark(mark)) for mark in marks)
    insert(MarkVersion, (*HISTORY, "digest"), lines)


ROW = ("assessment_id", "code")
PARTS_OF_ROW = ("points", "maximum", "typed", "words", "reason", "version", "set_by_id", "set_at")
HISTORY = ("assessment_id", "code", "version", "points", "typed", "words", "reason", "set_by_id", "set_at")


def lock_assessment(*, assessment: Assessment, now: datetime) -> None:
    """Freeze a layer with its total."""
    assessment.total = assessment.marks.aggregate(total=Sum("points"))["total"] or Decimal(0)
    assessment.locked_at = now
    _keep_head(assessment)


def unlock_assessment(*, assessment: Assessment) -> None:
    """Open a layer again (after a return; the frozen revision keeps what stood before)."""
    assessment.locked_at = None
    _keep_head(assessment)


def _keep_head(assessment: Assessment) -> None:
    assessment.digest = digest_of_layer(assessment)
    assessment.save(update_fields=["total", "locked_at", "digest"])
