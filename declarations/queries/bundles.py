"""What a mass export holds, fetched through who ordered it; nothing where they step back from one of its cases."""

from declarations.models import Batch, Cycle, Declaration, Recognition
from declarations.queries.cases import cases_visible_to
from declarations.queries.lists_page import sees_whole, visible_batch
from declarations.queries.publication_page import published_titles
from declarations.queries.shelf import may_have_titles
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed


def bundled_list(seat: Seat, pk: int) -> Batch | None:
    """Return the list, if the seat reads it as a whole."""
    if not allowed(seat, "declarations.board"):
        return None
    batch = visible_batch(seat, pk)
    return batch if batch is not None and batch.listing and sees_whole(seat, batch) else None


def listed_cases(seat: Seat, batch: Batch) -> list[Declaration]:
    """Return the cases of a list in its order."""
    numbers = [one["number"] for one in batch.listing]
    found = {case.number: case for case in cases_visible_to(seat).filter(number__in=numbers)}
    return [found[number] for number in numbers if number in found]


def bundled_titles(seat: Seat, cycle: Cycle) -> list[Recognition] | None:
    """Return the published titles of a cycle, if the seat may have them all."""
    if not may_have_titles(seat, cycle):
        return None
    rows = published_titles(cycle).select_related("cycle", "declaration__cycle").order_by("unit_code", "serial")
    return list(rows.defer("cycle__notice_text", "declaration__cycle__notice_text"))
