"""The page of a visit's record: its fields and rows as typed, beside what the chamber and its unit gave themselves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from declarations.models import Upload, Visit, VisitEntry, VisitPhoto
from declarations.queries.dossier import Dossier
from declarations.queries.drafting import Collision
from declarations.queries.proofs import PICTURES
from declarations.states import VisitFinding
from declarations.visiting import RECORD, ROW_PART, RecordField, RowFinding, findings_of, problem_of
from scoring.engine import Item, Programme
from scoring.models import Layer
from sihao.accounts.models import Seat
from sihao.documents.intake.kinds import SUFFIXES

FINDINGS = tuple((finding.value, finding.label) for finding in VisitFinding)
KINDS = {VisitFinding.CONSISTENT: "success", VisitFinding.MINOR: "warning", VisitFinding.UNTRUE: "danger"}
SIGNS = {"veto": "否决项", "baseline": "基础达标项"}


@dataclass(frozen=True)
class DrawnField:
    """One field as the house draws it."""

    id: str
    name: str
    label: str
    kind: str
    value: str
    required: bool
    help: str
    error: str


@dataclass(frozen=True)
class RecordRow:
    """One row of the standard: what was declared of it, and what the visit says."""

    item: Item
    sign: str
    own: Decimal | None
    unit: Decimal | None
    words: str
    proven: int
    found: str
    mark: str
    note: str
    problem: str

    @property
    def differs(self) -> bool:
        """Whether the visit found it other than declared."""
        return self.found in {VisitFinding.MINOR, VisitFinding.UNTRUE}


@dataclass(frozen=True)
class RecordPart:
    """One section of the standard with its rows."""

    code: str
    name: str
    rows: Sequence[RecordRow]

    @property
    def done(self) -> int:
        """Return how many rows the record says something of."""
        return sum(bool(row.found) for row in self.rows)


@dataclass(frozen=True)
class Record:
    """A record as its page shows it; ``key_rows`` are those that have to be looked at on the spot."""

    fields: Sequence[DrawnField]
    key_rows: Sequence[RecordRow]
    parts: Sequence[RecordPart]
    seen: str
    results: Sequence[RowFinding]


def record_page(dossier: Dossier, visit: Visit, collisions: Mapping[str, Collision] | None = None) -> Record:
    """Return the record of a visit; a field that collided shows what was typed."""
    entries = {entry.field: entry for entry in visit.entries.all()}
    typed = {name: entry.value for name, entry in entries.items()}
    typed |= {name: str(one.typed) for name, one in (collisions or {}).items()}
    programme = dossier.programme
    rows = _rows(dossier, typed)
    parts = [
        RecordPart(section.code, section.name, [rows[item.id] for item in section.items() if not item.mark])
        for section in programme.rubric.sections
    ]
    return Record(
        fields=[_field(one, typed) for one in RECORD],
        key_rows=[rows[item.id] for item in programme.rubric.items() if item.mark],
        parts=[part for part in parts if part.rows],
        seen=_seen(entries.values()),
        results=findings_of(typed, programme.rubric.items(), programme.step),
    )


def _seen(entries: Iterable[VisitEntry]) -> str:
    return " ".join(f"{entry.field}:{entry.version}" for entry in entries)


def _field(spec: RecordField, typed: Mapping[str, str]) -> DrawnField:
    value = typed.get(spec.id, "")
    error = problem_of(spec.id, value, {}, Decimal(1))
    return DrawnField(f"visit-{spec.id}", spec.id, spec.label, spec.kind, value, spec.required, spec.help, error)


def _rows(dossier: Dossier, typed: Mapping[str, str]) -> dict[str, RecordRow]:
    programme = dossier.programme
    own, unit = dossier.book.layer(Layer.SELF), dossier.book.layer(Layer.PROVINCE)
    proven: dict[str, int] = {}
    for piece in dossier.evidence:
        proven[piece.row] = proven.get(piece.row, 0) + 1
    items = {item.id: item for item in programme.rubric.items()}
    return {
        code: RecordRow(
            item=item,
            sign=SIGNS.get(item.mark or "", ""),
            own=own.points.get(code) if own else None,
            unit=unit.points.get(code) if unit else None,
            words=own.marks[code].words if own and code in own.marks else "",
            proven=proven.get(code, 0),
            found=typed.get(f"found-{code}", ""),
            mark=typed.get(f"mark-{code}", ""),
            note=typed.get(f"note-{code}", ""),
            problem=problem_of(f"mark-{code}", typed.get(f"mark-{code}", ""), items, programme.step),
        )
        for code, item in items.items()
    }


def label_of(programme: Programme, field: str) -> str:
    """Return what a field of a record is called."""
    part = ROW_PART.fullmatch(field)
    if part:
        words = {"found": "核对结论", "mark": "建议得分", "note": "情况说明"}
        return f"{part[2]}{words[part[1]]}"
    return next(one.label for one in RECORD if one.id == field)


def entry_collision(programme: Programme, typed: str, stands: VisitEntry) -> Collision:
    """Return a field that collided, in words."""
    spoken = dict(FINDINGS) if stands.field.startswith("found-") else {}
    return Collision(
        label=label_of(programme, stands.field),
        place=f"visit-{stands.field}",
        mine=spoken.get(typed, typed) or "（空白）",
        theirs=spoken.get(stands.value, stands.value) or "（空白）",
        typed=typed,
        value=stands.value,
        version=stands.version,
        by=stands.set_by.user.name,
        at=stands.set_at,
    )


# ---- photographs


@dataclass(frozen=True)
class ToldPhoto:
    """A photograph as it is listed: what it says of its time, and when it came."""

    photo: VisitPhoto
    warning: str

    @property
    def size(self) -> str:
        """Return the size in words."""
        return f"{self.photo.size / 1024 / 1024:.1f} MB" if self.photo.size > 1024 * 100 else f"{self.photo.size} 字节"


def told_photo(photo: VisitPhoto, visited_on: date | None) -> ToldPhoto:
    """Return a photograph with what its time says against it."""
    if photo.taken_at is None:
        return ToldPhoto(photo, "照片没有自带拍摄时间")
    taken = timezone.localdate(photo.taken_at)
    if photo.taken_at > photo.added_at:
        return ToldPhoto(photo, "自带拍摄时间晚于上传时间")
    if visited_on is not None and taken != visited_on:
        return ToldPhoto(photo, f"自带拍摄时间不是走访当天（{visited_on.month}月{visited_on.day}日）")
    return ToldPhoto(photo, "")


@dataclass(frozen=True)
class PhotoLimits:
    """What may be uploaded, for the page and its script."""

    most: int
    megabytes: int
    piece: int
    extensions: str


def photo_limits(most: int) -> PhotoLimits:
    """Return the limits of photographs."""
    endings = ",".join(f".{SUFFIXES[kind]}" for kind in sorted(PICTURES))
    megabytes = settings.EVIDENCE_MAX_BYTES // 1024 // 1024
    return PhotoLimits(most, megabytes, settings.EVIDENCE_CHUNK_BYTES, f"{endings},.jpeg")


def unfinished_photos(visit: Visit, seat: Seat) -> list[Upload]:
    """Return the person's own photographs of a visit that broke off, oldest first."""
    mine = visit.uploads.filter(started_by__user=seat.user_id, photo__isnull=True, refusal="")
    return list(mine.order_by("id"))


def photo_upload(visit: Visit, token: object, seat: Seat) -> Upload | None:
    """Return the person's own upload of a photograph of this very visit."""
    mine = visit.uploads.filter(token=token, started_by__user=seat.user_id)
    return mine.select_related("declaration", "photo__added_by__user", "visit").first()

