"""Writing the draft: answers, marks, words on a return; saving never refuses what was typed."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from declarations.actions.transition import lock
from declarations.models import Answer, Declaration, ReturnItem
from declarations.queries.facts import Dossier
from declarations.rules import is_editable
from declarations.states import State
from scoring.actions import Entered, save_marks
from scoring.engine import Facts, FieldSpec, ValueProblem, parse_value, propose
from scoring.models import Layer
from scoring.queries import book_of, programme_of
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused

PROBLEM_LIMIT = 300
BLANKS: tuple[object, ...] = (None, "", [])
NOT_EDITABLE = Refusal("not_editable", "申报已提交，退回修改前不能改动。", "五（二）1")


def unlocked_items(dossier: Dossier) -> frozenset[str] | None:
    """Return the rows and fields open for writing: None means all (a draft), a set means what the return named."""
    return frozenset(item.item for item in dossier.slip.items.all()) if dossier.slip else None


def _open_items(case: Declaration) -> frozenset[str] | None:
    if case.state == State.DRAFT:
        return None
    items = ReturnItem.objects.filter(slip__declaration=case, slip__closed_at__isnull=True)
    return frozenset(items.values_list("item", flat=True))


def for_writing(case: Declaration, actor: Seat) -> tuple[Declaration, frozenset[str] | None]:
    """Return the case, locked, with the items open for writing; refuses what is not the chamber's to write."""
    locked = lock(case.pk)
    if not is_editable(actor, locked):
        raise Refused((NOT_EDITABLE,))
    if not allowed(actor, "declarations.edit", locked):
        raise Refused((Refusal("not_permitted", "只有本商会的填报人员可以填写。"),))
    return locked, _open_items(locked)


def _problem(spec: FieldSpec, value: object) -> str:
    try:
        parse_value(spec, value)
    except ValueProblem as problem:
        return str(problem)[:PROBLEM_LIMIT]
    return ""


@transaction.atomic
def save_answers(
    *, case: Declaration, answers: Mapping[str, object], actor: Seat, now: datetime
) -> dict[str, str]:
    """Keep the fields given as typed and return what is wrong with each; saving never refuses a bad value.

    Fields that the return did not open are left alone, and so are those that did not change: who wrote an answer, and
    when, stays true. Raises ``Refused`` when the case is not the actor's to write.
    """
    locked, open_items = for_writing(case, actor)
    specs = {spec.id: spec for spec in programme_of(locked.cycle.programme).fields}
    taken = {name: value for name, value in answers.items() if name in specs}
    if open_items is not None:
        taken = {name: value for name, value in taken.items() if name in open_items}
    problems = {name: _problem(specs[name], value) for name, value in taken.items()}
    stored = dict(locked.answers.filter(field__in=taken).values_list("field", "value"))
    Answer.objects.bulk_create(
        [
            Answer(declaration=locked, field=name, value=value, problem=problems[name], set_by=actor, set_at=now)
            for name, value in taken.items()
            if not _same(stored.get(name), value)
        ],
        update_conflicts=True,
        unique_fields=["declaration", "field"],
        update_fields=["value", "problem", "set_by", "set_at"],
    )
    return {name: problem for name, problem in problems.items() if problem}


def _same(old: object, new: object) -> bool:
    """Return whether an answer did not change; every blank is the same blank."""
    return (old in BLANKS and new in BLANKS) or (type(old) is type(new) and old == new)


@transaction.atomic
def save_self_marks(
    *, case: Declaration, entries: Mapping[str, Entered], actor: Seat, now: datetime
) -> int:
    """Keep the rows of the self-assessment as typed and return how many were written.

    Rows that the return did not open are left alone.
    """
    locked, open_items = for_writing(case, actor)
    known = {item.id for item in programme_of(locked.cycle.programme).rubric.items()}
    taken = {code: entry for code, entry in entries.items() if code in known}
    if open_items is not None:
        taken = {code: entry for code, entry in taken.items() if code in open_items}
    sheet = book_of(locked.ledger_id).layer(Layer.SELF)
    if sheet is not None and taken:
        assessment = save_marks(assessment=sheet.assessment, entries=taken, actor=actor, now=now)
        locked.self_total = assessment.total
        locked.save(update_fields=["self_total"])
    return len(taken)


@transaction.atomic
def fill_proposed_marks(*, case: Declaration, actor: Seat, now: datetime) -> int:
    """Enter the proposed points in the rows without a mark and return how many were filled.

    Rows that only people can judge stay blank, a mark that was typed stays as it is, right or wrong.
    """
    locked, _ = for_writing(case, actor)
    programme = programme_of(locked.cycle.programme)
    typed = {name: value for name, value in locked.answers.values_list("field", "value") if value not in BLANKS}
    facts, _ = Facts.parse(programme, typed)
    sheet = book_of(locked.ledger_id).layer(Layer.SELF)
    marked = {code for code, mark in sheet.marks.items() if mark.points is not None or mark.typed} if sheet else set()
    entries = {
        code: Entered(points=proposal.points)
        for code, proposal in propose(programme, facts).items()
        if proposal.points is not None and code not in marked
    }
    return save_self_marks(case=locked, entries=entries, actor=actor, now=now)


@transaction.atomic
def answer_return(*, case: Declaration, answers: Mapping[str, str], actor: Seat, now: datetime) -> None:
    """Keep the chamber's word on each item of the open return."""
    locked, _ = for_writing(case, actor)
    items = ReturnItem.objects.filter(slip__declaration=locked, slip__closed_at__isnull=True, item__in=answers)
    for item in items:
        item.answer = answers[item.item]
    ReturnItem.objects.bulk_update(items, ["answer"])
