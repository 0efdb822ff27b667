"""What was changed in a case since a seat last looked it over, row by row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from declarations.queries.compact import CompactDossier
from declarations.rules import UPWARD, layer_of
from scoring.actions import part_of
from scoring.engine import Item
from scoring.models import Layer, Mark, MarkVersion
from scoring.queries import Sheet

RowChanges = Mapping[str, tuple[str, ...]]
"""By row what has changed, each in a few words; by field too, for the answers a row is judged by."""
Before = Mapping[tuple[str, str], MarkVersion]
WORDS = {"words": "实际情况说明已改", "reason": "自评理由已改"}


@dataclass(frozen=True)
class Changes:
    """What was changed since an instant; before a first look nothing was."""

    since: datetime | None = None
    rows: RowChanges = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    opinions: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.codes or self.opinions)


def changes_since(dossier: CompactDossier) -> Changes:
    """Return what others changed since the dossier's seat last looked; one query more where a mark was changed.

    A row that the seat itself has marked after a change is not told any more: it was looked at.
    """
    since = dossier.looked_at
    if since is None:
        return Changes()
    told = _Telling(dossier, since)
    fields = {name: told.of_field(name) for name in dossier.answers}
    rows = {item.id: found for item in dossier.programme.rubric.items() if (found := told.of_row(item, fields))}
    marked = {name: words for name, words in fields.items() if words}
    return Changes(since, {**marked, **rows}, tuple(rows), tuple(_opinions(dossier, since)))


def _opinions(dossier: CompactDossier, since: datetime) -> Iterable[str]:
    for one in dossier.endorsements:
        if one.signed_at is not None and one.signed_at > since and one.organisation_id != dossier.seat.organisation_id:
            yield f"{one.organisation.name}签批了审核意见"


class _Telling:
    """Tells the changes of one case; what the rows share is read once."""

    def __init__(self, dossier: CompactDossier, since: datetime) -> None:
        """Take the case, and the instant after which a change counts."""
        self.dossier, self.since, self.seat = dossier, since, dossier.seat
        own = layer_of(dossier.seat.organisation.level)
        upward = UPWARD[: UPWARD.index(own) + 1]
        sheets = ((layer, dossier.book.layer(layer)) for layer in upward)
        self.sheets: dict[Layer, Sheet] = {layer: sheet for layer, sheet in sheets if sheet is not None}
        self.own = self.sheets.get(own)
        self.before = self._before()

    def _before(self) -> Before:
        """Return each mark that was changed as it stood at the last look."""
        late = {mark.code for sheet in self.sheets.values() for mark in sheet.marks.values() if self._is_late(mark)}
        if not late:
            return {}
        known = MarkVersion.objects.filter(
            assessment__ledger_id=self.dossier.case.ledger_id,
            assessment__layer__in=list(self.sheets),
            code__in=late,
            set_at__lte=self.since,
        ).select_related("assessment")
        return {(one.assessment.layer, one.code): one for one in known.order_by("set_at", "id")}

    def _is_late(self, mark: Mark) -> bool:
        return mark.set_at > self.since and mark.set_by_id != self.seat.pk

    def of_field(self, name: str) -> tuple[str, ...]:
        answer = self.dossier.answers[name]
        if answer.set_at <= self.since:
            return ()
        return (f"“{self.dossier.programme.field(name).label}”已改",)

    def of_row(self, item: Item, fields: RowChanges) -> tuple[str, ...]:
        """Return what has changed in a row and in what it is judged by, since the seat itself last marked it."""
        handled = self._handled(item)
        found = [words for at, words in self._changes(item, fields) if handled is None or at > handled]
        return tuple(dict.fromkeys(found))

    def _handled(self, item: Item) -> datetime | None:
        mark = self.own.marks.get(item.id) if self.own is not None else None
        return mark.set_at if mark is not None and mark.set_by_id == self.seat.pk else None

    def _changes(self, item: Item, fields: RowChanges) -> Iterable[tuple[datetime, str]]:
        for layer, sheet in self.sheets.items():
            mark = sheet.marks.get(item.id)
            if mark is not None and self._is_late(mark):
                yield from ((mark.set_at, words) for words in _of_mark(layer, mark, self.before.get((layer, item.id))))
        answers = self.dossier.answers
        for name in item.fields:
            yield from ((answers[name].set_at, words) for words in fields.get(name, ()))
        for piece in self.dossier.pieces:
            if piece.row in {item.id, *item.fields}:
                if piece.removed_at is not None:
                    yield piece.removed_at, f"撤下材料{piece.name}"
                elif piece.added_at > self.since:
                    yield piece.added_at, f"新增材料{piece.name}"


def _of_mark(layer: Layer, mark: Mark, before: MarkVersion | None) -> Iterable[str]:
    """Yield what has changed in a mark; of a tier's the mark alone is told, of the chamber's also its words."""
    was, now = part_of(before, "points") if before is not None else "", part_of(mark, "points")
    name = "自评" if layer == Layer.SELF else layer.label
    if was != now:
        yield f"{name}由{was or '空白'}改为{now or '空白'}" if before is not None else f"{name}{now}分"
    if layer == Layer.SELF and before is not None:
        yield from (words for part, words in WORDS.items() if part_of(before, part) != part_of(mark, part))
