"""One row or field beside itself: what it held in an earlier copy of the case, what it holds in a later one."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from declarations.comparison import (
    Content,
    Kind,
    Proof,
    Stretch,
    answer,
    differences,
    held,
    proofs,
    same_answer,
)
from declarations.queries.pages import spelled
from scoring.engine import FieldSpec, Item, Programme, figure


@dataclass(frozen=True)
class Change:
    """One thing said about a row or field, before and after, and the two as one text with what went and what came."""

    label: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Whether the two differ."""
        return self.before != self.after

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The text stretch by stretch."""
        return differences(self.before, self.after)

    @property
    def kept(self) -> tuple[Stretch, ...]:
        """The earlier text, with what went marked."""
        return tuple(one for one in self.stretches if one.kind != Kind.NEW)

    @property
    def come(self) -> tuple[Stretch, ...]:
        """The later text, with what came marked."""
        return tuple(one for one in self.stretches if one.kind != Kind.GONE)


@dataclass(frozen=True)
class Files:
    """The evidence of a row or field: what stayed, what came, what was taken out."""

    same: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether a piece came or went."""
        return bool(self.added or self.removed)

    @property
    def any(self) -> bool:
        """Whether there is or was any."""
        return bool(self.same or self.changed)


@dataclass(frozen=True)
class Beside:
    """A row or field in two copies: what is said of it, and its evidence."""

    changes: tuple[Change, ...]
    files: Files

    @property
    def changed(self) -> bool:
        """Whether anything of it differs."""
        return self.files.changed or any(change.changed for change in self.changes)

    @property
    def shown(self) -> tuple[Change, ...]:
        """What is worth showing: what was or is said."""
        return tuple(change for change in self.changes if change.before or change.after)


def beside(programme: Programme, name: str, before: Content, after: Content) -> Beside:
    """Return a row or a field of the form in two copies."""
    fields = {spec.id: spec for spec in programme.fields}
    files = _files(_evidence(before, (name,)), _evidence(after, (name,)))
    if name in fields:
        return Beside((_field(fields[name], before, after),), files)
    return Beside(_row(programme, name, before, after), files)


def row_beside(programme: Programme, item: Item, before: Content, after: Content) -> Beside:
    """Return a row in two copies with the answers it is judged by that have changed, and their evidence."""
    changed = (spec for spec in map(programme.field, item.fields) if _differs(spec, before, after))
    facts = tuple(_field(spec, before, after) for spec in changed)
    names = (item.id, *item.fields)
    files = _files(_evidence(before, names), _evidence(after, names))
    return Beside((*_row(programme, item.id, before, after), *facts), files)


def _differs(spec: FieldSpec, before: Content, after: Content) -> bool:
    return not same_answer(answer(before, spec.id), answer(after, spec.id))


def _field(spec: FieldSpec, before: Content, after: Content) -> Change:
    return Change(spec.label, spelled(spec, answer(before, spec.id)), spelled(spec, answer(after, spec.id)))


def _row(programme: Programme, code: str, before: Content, after: Content) -> tuple[Change, ...]:
    old, new = held(before, code), held(after, code)
    maximum = figure(programme.rubric.item(code).points)
    return (
        Change("自评得分", _points(old.points, maximum), _points(new.points, maximum)),
        Change("实际情况", old.words, new.words),
        Change("自评高于建议得分的理由", old.reason, new.reason),
    )


def _points(points: str, maximum: str) -> str:
    return f"{figure(Decimal(points))}/{maximum}" if points else ""


def _evidence(content: Content, names: Iterable[str]) -> dict[tuple[str, str], str]:
    wanted = set(names)
    found: Iterable[Proof] = (proof for proof in proofs(content) if proof.row in wanted)
    return {(proof.row, proof.digest): proof.name for proof in found}


def _files(old: dict[tuple[str, str], str], new: dict[tuple[str, str], str]) -> Files:
    return Files(
        tuple(name for key, name in new.items() if key in old),
        tuple(name for key, name in new.items() if key not in old),
        tuple(name for key, name in old.items() if key not in new),
    )
