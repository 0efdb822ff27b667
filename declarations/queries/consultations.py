"""Talks with the recommending unit: who may say what, which wait for whom."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import Http404

from declarations.models import Consultation, Declaration, StatementFile
from declarations.queries.cases import in_sight
from declarations.queries.dossier import Dossier
from declarations.states import Subject
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.roles import DEPARTMENT_ROLES


@dataclass(frozen=True)
class Speaking:
    """What a seat may say now: the verb of the button, what the words are called, and what it does."""

    verb: str
    label: str
    warning: str = ""


def speaking(seat: Seat, dossier: Dossier) -> Speaking | None:
    """Return what the seat may say on the open thread of a case, if anything."""
    case, thread = dossier.case, dossier.consultation
    if thread is None:
        return None
    if not thread.is_proposal:
        may = allowed(seat, "declarations.answer_clarification", case)
        return Speaking("提交说明", "说明", "提交后由全国工商联会员部继续初审，不能再补充。") if may else None
    if allowed(seat, "declarations.answer_proposal", case):
        return Speaking("提交答复", "答复意见", "答复提交后送全国工商联会员部。")
    return Speaking("发送意见", "会员部意见") if allowed(seat, "declarations.preliminary", case) else None


def file_of(case: Declaration, pk: int) -> StatementFile:
    """Return one file of a case's talks, or answer 404."""
    found = StatementFile.objects.filter(statement__consultation__declaration=case, pk=pk).first()
    if found is None:
        raise Http404
    return found


def waiting_talks(seat: Seat) -> QuerySet[Consultation]:
    """Return the proposals that a unit has to answer, and for the department those that can be settled."""
    waiting = Consultation.objects.filter(in_sight(seat), closed_at__isnull=True, subject=Subject.DISQUALIFICATION)
    mine = Q(declaration__unit=seat.organisation_id, answered_at__isnull=True)
    if seat.role in DEPARTMENT_ROLES:
        mine |= Q(answered_at__isnull=False)
    return waiting.filter(mine).select_related("declaration").order_by("due_at", "id")
