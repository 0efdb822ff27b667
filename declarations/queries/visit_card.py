"""What the pages of a case tell of its spot check: to the nation where it stands, to experts what was confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass

from declarations.models import Visit
from declarations.queries.dossier import Dossier
from declarations.queries.visits import record_of
from declarations.states import VisitFinding, VisitState
from declarations.visiting import RowFinding, findings_of
from sihao.accounts.models import Seat
from sihao.accounts.roles import DEPARTMENT_ROLES, EXPERT_ROLES, Role

NATIONAL = DEPARTMENT_ROLES | {Role.SUPERVISION}


@dataclass(frozen=True)
class VisitCard:
    """A spot check beside its case: the visit, how many rows agreed, which did not, whether its page may be read."""

    visit: Visit
    agreeing: int
    differing: Sequence[RowFinding]
    may_open: bool


def visit_card(seat: Seat, dossier: Dossier) -> VisitCard | None:
    """Return what a seat may know of the case's spot check: the nation all, experts what was confirmed, others none."""
    if seat.role not in NATIONAL | EXPERT_ROLES or dossier.visit is None:
        return None
    visit, national = dossier.visit, seat.role in NATIONAL
    if visit.state != VisitState.CONFIRMED:
        return VisitCard(visit, 0, (), may_open=True) if national else None
    programme = dossier.programme
    found = findings_of(record_of(visit), programme.rubric.items(), programme.step)
    differing = [one for one in found if one.finding != VisitFinding.CONSISTENT]
    return VisitCard(visit, len(found) - len(differing), differing, national)
