"""An expert's sheet filled in offline: brought, compared, confirmed once or given up."""

from datetime import datetime

from django.db import transaction

from declarations.actions.draft.sheets import GONE, WRITTEN, Brought, Decided, MovedOn, chosen_of, entries_of
from declarations.actions.panel import own_for_writing, save_expert_marks
from declarations.models import ExpertReview, FilledSheet
from declarations.queries.drafting.sheets import compare
from declarations.queries.expert_sheets import kind_of, marks_of
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.accounts.refusals import Refused


@transaction.atomic
def bring_expert_sheet(*, review: ExpertReview, brought: Brought, actor: Seat, now: datetime) -> FilledSheet:
    """Keep a workbook that was read, to be compared; an earlier one that was not confirmed makes room."""
    case, fresh = own_for_writing(review, actor)
    fresh.filled_sheets.filter(written_at=None).delete()
    return FilledSheet.objects.create(
        declaration=case,
        review=fresh,
        name=brought.name,
        downloaded=brought.downloaded,
        filled={"rows": brought.rows, "told": brought.told},
        versions=brought.versions,
        brought_by=actor,
        brought_at=now,
    )


@transaction.atomic
def write_expert_sheet(*, sheet: FilledSheet, decided: Decided, actor: Seat, now: datetime) -> int:
    """Write the cells that were shown and decided into the own sheet, as a draft; return how many.

    Raises ``MovedOn`` when a cell was changed meanwhile, and ``Refused`` when nothing may be written.
    """
    case, fresh = own_for_writing(sheet.review, actor)
    waiting = _waiting(fresh, sheet)
    programme = programme_of(case.cycle.programme)
    comparison = compare(waiting, programme, case, marks_of(fresh), kind_of(fresh))
    entries = entries_of(chosen_of(comparison, decided))
    told = {"comment": None, "actor": actor, "now": now, "seen": decided.seen}
    if save_expert_marks(review=fresh, entries=entries, **told).collisions:
        raise MovedOn
    waiting.written_at = now
    waiting.save(update_fields=["written_at"])
    return sum(part is not None for entry in entries.values() for part in (entry.points, entry.reason))


def _waiting(review: ExpertReview, sheet: FilledSheet) -> FilledSheet:
    found = review.filled_sheets.filter(pk=sheet.pk).first()
    if found is None:
        raise Refused((GONE,))
    if found.written_at is not None:
        raise Refused((WRITTEN,))
    return found


@transaction.atomic
def discard_expert_sheet(*, sheet: FilledSheet, actor: Seat) -> None:
    """Give up a workbook that was not confirmed; what stands stays as it is."""
    _, fresh = own_for_writing(sheet.review, actor)
    _waiting(fresh, sheet).delete()
