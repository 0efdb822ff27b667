"""The record of a visit as its team types it: field by field, kept whatever it is; two writers meet visibly."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.http import Http404

from declarations.actions.transition import RECUSED
from declarations.models import Visit, VisitEntry
from declarations.queries.recusals import is_recused
from declarations.states import VisitState
from declarations.visiting import OURS, RECORD, longest, problem_of
from scoring.engine import Programme
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused

NOT_WRITABLE = Refusal("not_writable", "走访记录已提交，退回补正前不能改动。", OURS)
NOT_YOURS = Refusal("not_permitted", "走访记录由调研组成员填写。", OURS)


@dataclass(frozen=True)
class EntryCollision:
    """A field that two members changed at once: what the later one typed, and what stands."""

    mine: str
    entry: VisitEntry


@dataclass(frozen=True)
class RecordWritten:
    """The version of every field that now holds what was typed, what is wrong with it, and what collided."""

    programme: Programme
    versions: Mapping[str, int]
    problems: Mapping[str, str]
    collisions: Mapping[str, EntryCollision]


def fields_of(programme: Programme) -> tuple[str, ...]:
    """Return every field of a record: those of the visit, and three for each row of the standard."""
    rows = (f"{part}-{item.id}" for item in programme.rubric.items() for part in ("found", "mark", "note"))
    return (*(one.id for one in RECORD), *rows)


def for_recording(pk: int, actor: Seat) -> Visit:
    """Hold a visit for writing; ``Http404`` for one that is not the seat's, ``Refused`` where it may not be written."""
    rows = Visit.objects.select_for_update(of=("self",)).select_related("declaration__cycle__programme")
    rows = rows.defer("declaration__cycle__programme__text", "declaration__cycle__notice_text")
    held = rows.filter(members__seat=actor, pk=pk).prefetch_related("members").first()
    if held is None:
        raise Http404
    if is_recused(actor, held.declaration):
        raise Refused((RECUSED,))
    if not allowed(actor, "declarations.record_visit", held):
        raise Refused((NOT_YOURS,))
    if held.state != VisitState.ASSIGNED:
        raise Refused((NOT_WRITABLE,))
    return held


@transaction.atomic
def save_record(
    *, visit: int, typed: Mapping[str, str], actor: Seat, now: datetime, seen: Mapping[str, int] | None = None
) -> RecordWritten:
    """Keep the fields given as typed; a bad value is kept with what is wrong, one that is too long is cut.

    ``seen`` holds the version that the writer had before his eyes (none: 0). A field that a colleague has changed to
    something else since then is not overwritten: it comes back as a collision.
    """
    held = for_recording(visit, actor)
    programme = programme_of(held.declaration.cycle.programme)
    known = frozenset(fields_of(programme))
    given = {name: text[: longest(name)] for name, text in typed.items() if name in known}
    stored = {entry.field: entry for entry in held.entries.filter(field__in=given).select_related("set_by__user")}
    changed = {name: text for name, text in given.items() if text != _value(stored.get(name))}
    collisions = {
        name: EntryCollision(text, stored[name])
        for name, text in changed.items()
        if seen is not None and name in stored and stored[name].version != seen.get(name, 0)
    }
    fresh = [
        VisitEntry(
            visit=held,
            field=name,
            value=text,
            version=stored[name].version + 1 if name in stored else 1,
            set_by=actor,
            set_at=now,
        )
        for name, text in changed.items()
        if name not in collisions
    ]
    _store(fresh)
    written = stored | {entry.field: entry for entry in fresh}
    kept = {name: written[name] for name in given if name in written and name not in collisions}
    items = {item.id: item for item in programme.rubric.items()}
    wrong = {name: problem_of(name, entry.value, items, programme.step) for name, entry in kept.items()}
    return RecordWritten(
        programme,
        {name: kept[name].version if name in kept else 0 for name in given if name not in collisions},
        {name: words for name, words in wrong.items() if words},
        collisions,
    )


def _value(entry: VisitEntry | None) -> str:
    return entry.value if entry is not None else ""


def _store(entries: list[VisitEntry]) -> None:
    VisitEntry.objects.bulk_create(
        entries,
        update_conflicts=True,
        unique_fields=["visit", "field"],
        update_fields=["value", "version", "set_by", "set_at"],
    )
