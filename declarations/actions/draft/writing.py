"""Writing the draft: answers, marks, words on a return; saving never refuses what was typed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import TypeVar

from django.db import transaction
from django.db.models import Q
from django.http import Http404

from declarations.models import Answer, AnswerVersion, Declaration, ReturnItem
from declarations.queries.facts import Dossier
from declarations.rules import is_editable
from declarations.states import State
from scoring.actions import Entered, MarkCollision, save_marks
from scoring.engine import Facts, FieldSpec, Programme, ValueProblem, parse_value, propose
from scoring.models import Assessment, Layer
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.many_rows import insert
from sihao.prepared import Prepared

PROBLEM_LIMIT = 300
BLANKS: tuple[object, ...] = (None, "", [])
Value = TypeVar("Value")
Reader = Callable[[Programme], Mapping[str, Value]]
NOT_EDITABLE = Refusal("not_editable", "申报已提交，退回修改前不能改动。", "五（二）1")
NOT_YOURS = Refusal("not_permitted", "只有本商会的填报人员可以填写。")


def unlocked_items(dossier: Dossier) -> frozenset[str] | None:
    """Return the rows and fields open for writing: None means all (a draft), a set means what the return named."""
    return frozenset(item.item for item in dossier.open_items) or None


def _open_items(case: Declaration) -> frozenset[str] | None:
    if case.state == State.DRAFT:
        return None
    items = ReturnItem.objects.filter(slip__declaration=case, slip__closed_at__isnull=True)
    return frozenset(items.values_list("item", flat=True))


@dataclass(frozen=True)
class CaseKey:
    """The key of a case that an action fetches itself: locked, and through the seat that writes."""

    pk: int


@dataclass(frozen=True)
class Desk:
    """A case held for writing until the transaction ends: its self layer, and the items open (None: all of them)."""

    case: Declaration
    layer: Assessment
    open_items: frozenset[str] | None

    @property
    def programme(self) -> Programme:
        """The programme of the case's cycle."""
        return programme_of(self.case.cycle.programme)

    def opened(self, typed: Mapping[str, Value], known: Iterable[str]) -> dict[str, Value]:
        """Return what may be written now of what was typed."""
        names = frozenset(known) if self.open_items is None else self.open_items.intersection(known)
        return {name: value for name, value in typed.items() if name in names}


OWN_LAYER = Prepared(
    lambda case, applicant: Assessment.objects.filter(
        layer=Layer.SELF, ledger__declaration=case, ledger__declaration__applicant_id=applicant
    )
    .select_related("ledger__declaration__cycle__programme", "ledger__programme")
    .defer(*(f"{way}__programme__text" for way in ("ledger", "ledger__declaration__cycle")))
    .defer("ledger__declaration__cycle__notice_text")
    .select_for_update(of=("self", "ledger__declaration"))
    .order_by("-version")[:1]
)


def for_writing(case: Declaration | CaseKey, actor: Seat) -> Desk:
    """Hold the case for writing (one query; one more for a case that was returned).

    Raises ``Http404`` for a case of another body and ``Refused`` for one that is not the seat's to write.
    """
    layer = OWN_LAYER.first(case.pk, actor.organisation_id)
    if layer is None:
        raise Http404
    locked = layer.ledger.declaration
    if not is_editable(actor, locked):
        raise Refused((NOT_EDITABLE,))
    if not allowed(actor, "declarations.edit", locked):
        raise Refused((NOT_YOURS,))
    return Desk(locked, layer, _open_items(locked))


def _read(typed: Mapping[str, Value] | Reader[Value], programme: Programme) -> Mapping[str, Value]:
    return typed(programme) if callable(typed) else typed


def _problem(spec: FieldSpec, value: object) -> str:
    try:
        parse_value(spec, value)
    except ValueProblem as problem:
        return str(problem)[:PROBLEM_LIMIT]
    return ""


@dataclass(frozen=True)
class AnswerCollision:
    """A field that two people changed at once: what the later one typed, and the answer as it stands."""

    mine: object
    answer: Answer


@dataclass(frozen=True)
class AnswersWritten:
    """The version of every field that now holds what was typed, what is wrong with it, and what collided."""

    programme: Programme
    versions: Mapping[str, int]
    problems: Mapping[str, str]
    collisions: Mapping[str, AnswerCollision]


STORED = Prepared(lambda case, fields: Answer.objects.filter(declaration=case, field__in=fields))


@transaction.atomic
def save_answers(
    *,
    case: Declaration | CaseKey,
    answers: Mapping[str, object] | Reader[object],
    actor: Seat,
    now: datetime,
    seen: Mapping[str, int] | None = None,
) -> AnswersWritten:
    """Keep the fields given as typed; saving never refuses a bad value.

    ``answers`` may be a function that reads them with the programme of the case.

    ``seen`` holds the version of each field that the writer had before his eyes (none: 0). A field that somebody else
    changed since then, to something else, is not overwritten: it comes back as a collision, unless the writer had left
    it as it was. Without ``seen`` nothing is compared.

    Fields that the return did not open are left alone, and so are those that did not change: who wrote an answer, and
    when, stays true. Raises ``Refused`` when the case is not the actor's to write, ``Http404`` for another body's.
    """
    desk = for_writing(case, actor)
    specs = {spec.id: spec for spec in desk.programme.fields}
    taken = desk.opened(_read(answers, desk.programme), specs)
    stored = {answer.field: answer for answer in STORED(desk.case.pk, tuple(taken))}
    changed = {name: value for name, value in taken.items() if not _stands(stored.get(name), value)}
    collisions = _collisions(desk.case, changed, stored, seen)
    fresh = [
        Answer(
            declaration=desk.case,
            field=name,
            value=value,
            problem=_problem(specs[name], value),
            version=stored[name].version + 1 if name in stored else 1,
            set_by=actor,
            set_at=now,
        )
        for name, value in changed.items()
        if name not in collisions
    ]
    store_answers(fresh)
    written = stored | {answer.field: answer for answer in fresh}
    kept = {name: written[name] for name in taken if name in written and name not in collisions}
    return AnswersWritten(
        desk.programme,
        {name: kept[name].version if name in kept else 0 for name in taken if name not in collisions},
        {name: answer.problem for name, answer in kept.items() if answer.problem},
        {name: one for name, one in collisions.items() if one is not None},
    )


def store_answers(answers: Iterable[Answer]) -> None:
    """Write answers with their history, in two queries; the caller holds the case."""
    if not (answers := list(answers)):
        return
    insert(Answer, (*WHERE, *WHAT), map(attrgetter(*WHERE, *WHAT), answers), meets=WHERE, renews=WHAT)
    insert(AnswerVersion, HISTORY, map(attrgetter(*HISTORY), answers))


WHERE = ("declaration_id", "field")
WHAT = ("value", "problem", "version", "carried", "set_by_id", "set_at")
HISTORY = ("declaration_id", "field", "version", "value", "set_by_id", "set_at")


def _stands(stored: Answer | None, value: object) -> bool:
    """Return whether that is the answer already; every blank is the same blank."""
    return _same(stored.value if stored else None, value)


def _same(old: object, new: object) -> bool:
    return (old in BLANKS and new in BLANKS) or (type(old) is type(new) and old == new)


def _collisions(
    case: Declaration,
    changed: Mapping[str, object],
    stored: Mapping[str, Answer],
    seen: Mapping[str, int] | None,
) -> dict[str, AnswerCollision | None]:
    """Return the fields that are not to be written: those both changed, and (None) those only the other one did."""
    if seen is None:
        return {}
    overtaken = {n: v for n, v in changed.items() if n in stored and stored[n].version != seen.get(n, 0)}
    bases = _bases(case, {name: seen.get(name, 0) for name in overtaken})
    return {
        name: None if _same(bases.get(name), value) else AnswerCollision(value, stored[name])
        for name, value in overtaken.items()
    }


def _bases(case: Declaration, versions: Mapping[str, int]) -> dict[str, object]:
    """Return each field as its writer had seen it."""
    wanted = Q()
    for name, version in versions.items():
        wanted |= Q(field=name, version=version)
    return dict(case.answer_versions.filter(wanted).values_list("field", "value")) if versions else {}


@dataclass(frozen=True)
class RowsWritten:
    """What was entered, the version of every row that now holds it, and the parts of rows that collided."""

    programme: Programme
    entries: Mapping[str, Entered]
    versions: Mapping[str, int]
    collisions: Mapping[str, tuple[MarkCollision, ...]]


@transaction.atomic
def save_self_marks(
    *,
    case: Declaration | CaseKey,
    entries: Mapping[str, Entered] | Reader[Entered],
    actor: Seat,
    now: datetime,
    seen: Mapping[str, int] | None = None,
) -> RowsWritten:
    """Keep the rows of the self-assessment as typed; merge by part of a row as ``save_marks`` does.

    ``entries`` may be a function that reads them with the programme of the case. Rows that the return did not open are
    left alone.
    """
    desk = for_writing(case, actor)
    rows = _read(entries, desk.programme)
    taken = desk.opened(rows, (item.id for item in desk.programme.rubric.items()))
    written = save_marks(assessment=desk.layer, entries=taken, actor=actor, now=now, seen=seen)
    return RowsWritten(desk.programme, taken, written.versions, written.collisions)


@transaction.atomic
def fill_proposed_marks(*, case: Declaration, actor: Seat, now: datetime) -> int:
    """Enter the proposed points in the rows without a mark and return how many were filled.

    Rows that only people can judge stay blank, a mark that was typed stays as it is, right or wrong.
    """
    desk = for_writing(case, actor)
    typed = {name: value for name, value in desk.case.answers.values_list("field", "value") if value not in BLANKS}
    facts, _ = Facts.parse(desk.programme, typed)
    marked = {mark.code for mark in desk.layer.marks.all() if mark.points is not None or mark.typed}
    entries = {
        code: Entered(points=proposal.points)
        for code, proposal in propose(desk.programme, facts).items()
        if proposal.points is not None and code not in marked
    }
    taken = desk.opened(entries, entries)
    save_marks(assessment=desk.layer, entries=taken, actor=actor, now=now)
    return len(taken)


@transaction.atomic
def answer_return(*, case: Declaration, answers: Mapping[str, str], actor: Seat, now: datetime) -> None:
    """Keep the chamber's word on each item of the open return."""
    desk = for_writing(case, actor)
    items = ReturnItem.objects.filter(
        slip__declaration=desk.case, slip__closed_at__isnull=True, item__in=answers
    )
    for item in items:
        item.answer = answers[item.item]
    ReturnItem.objects.bulk_update(items, ["answer"])
