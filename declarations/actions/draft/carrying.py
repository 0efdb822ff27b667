"""Answers taken over from the last cycle: each is confirmed or changed before the declaration is handed in."""

from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction

from declarations.actions.draft.writing import CaseKey, for_writing
from declarations.models import Declaration
from scoring.engine import Programme
from sihao.accounts.models import Seat

Fields = Collection[str] | Callable[[Programme], Collection[str]]


@transaction.atomic
def confirm_carried(*, case: Declaration | CaseKey, fields: Fields, actor: Seat, now: datetime) -> int:
    """Confirm that answers taken over still hold, and return how many are left; who confirmed stands at the answer.

    ``fields`` may be a function that reads them with the programme of the case. A change confirms by itself; a save
    that leaves the value as it was does not. Raises as ``save_answers`` does.
    """
    desk = for_writing(case, actor)
    named = fields(desk.programme) if callable(fields) else fields
    wanted = desk.opened(dict.fromkeys(named), (spec.id for spec in desk.programme.fields))
    carried = desk.case.answers.filter(carried=True)
    carried.filter(field__in=wanted).update(carried=False, set_by=actor, set_at=now)
    return carried.count()
