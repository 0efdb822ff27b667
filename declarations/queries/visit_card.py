"""What the pages of a case tell of its spot check: to the nation where it stands, to experts what was confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from declarations.models import Visit
from declarations.queries.dossier import Dossier
from declarations.queries.visits import record_of
from declarations.rules import in_preliminary_review
from declarations.states import VisitFinding, VisitState
from declarations.visiting import RowFinding, findings_of
from scoring.models import Layer
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.roles import DEPARTMENT_ROLES, EXPERT_ROLES, Role

NATIONAL = DEPARTMENT_ROLES | {Role.SUPERVISION}


@dataclass(frozen=True)
class Beside:
    """A row that a spot check found other than declared, beside what stands: the unit's mark, the preliminary one."""

    row: RowFinding
    unit: Decimal | None
    preliminary: Decimal | None


@dataclass(frozen=True)
class VisitCard:
    """A spot check beside its case: the visit, how many rows agreed, which did not, whether its page may be read.

    ``to_take`` counts the proposed marks that the reader may take over into the preliminary layer.
    """

    visit: Visit
    agreeing: int
    differing: Sequence[Beside]
    may_open: bool
    to_take: int = 0


def visit_card(seat: Seat, dossier: Dossier) -> VisitCard | None:
    """Return what a seat may know of the case's spot check: the nation all, experts what was confirmed, others none."""
    if seat.role not in NATIONAL | EXPERT_ROLES or dossier.visit is None:
        return None
    visit, national = dossier.visit, seat.role in NATIONAL
    if visit.state != VisitState.CONFIRMED:
        return VisitCard(visit, 0, (), may_open=True) if national else None
    found = _found(dossier)
    unit, preliminary = dossier.book.below(Layer.PRELIMINARY), _preliminary(dossier) if national else {}
    standing = unit.points if unit is not None else {}
    differing = [
        Beside(one, standing.get(one.item.id), preliminary.get(one.item.id))
        for one in found
        if one.finding != VisitFinding.CONSISTENT
    ]
    takes = allowed(seat, "declarations.preliminary", dossier.case) and in_preliminary_review(seat, dossier.case)
    to_take = len(marks_to_take(dossier)) if takes else 0
    return VisitCard(visit, len(found) - len(differing), differing, national, to_take)


def _found(dossier: Dossier) -> tuple[RowFinding, ...]:
    return findings_of(record_of(dossier.visit), dossier.programme.rubric.items(), dossier.programme.step)


def _preliminary(dossier: Dossier) -> Mapping[str, Decimal]:
    sheet = dossier.book.layer(Layer.PRELIMINARY)
    return sheet.points if sheet is not None else {}


def marks_to_take(dossier: Dossier) -> tuple[RowFinding, ...]:
    """Return the marks that a confirmed spot check proposes and that do not stand in the preliminary layer yet."""
    if dossier.visit is None or dossier.visit.state != VisitState.CONFIRMED:
        return ()
    stands = _preliminary(dossier)
    return tuple(one for one in _found(dossier) if one.mark is not None and stands.get(one.item.id) != one.mark)
