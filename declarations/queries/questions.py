"""Questions on a case: who reads which, what waits for an answer."""

from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404

from declarations.models import Annex, Declaration, Question, Reply
from declarations.queries.cases import in_sight
from declarations.rules import NATIONAL_READERS
from declarations.states import State
from sihao.accounts.models import Seat
from sihao.accounts.roles import CHAMBER_ROLES, TIER_ROLES

ANSWERABLE = frozenset({State.LOCAL_REVIEW, State.RETURNED, State.SHORTLISTED})
NAMES = ("organisation", "addressee", "asked_by__user", "closed_by__user")
SHOWN = 20


def readable(seat: Seat) -> Q:
    """Return the condition that a seat may read a question: both sides, and the tiers above the one that asked."""
    own = Q(addressee_id=seat.organisation_id) | Q(organisation_id=seat.organisation_id)
    if seat.role in NATIONAL_READERS:
        return Q()
    if seat.role in CHAMBER_ROLES or seat.role not in TIER_ROLES:
        return own if seat.role in CHAMBER_ROLES else Q(pk__in=())
    return own | Q(organisation__level__gt=seat.organisation.level)


def questions_of(seat: Seat, case: Declaration) -> list[Question]:
    """Return the questions of a case that a seat may read, the newest first, with their answers."""
    found = case.questions.filter(readable(seat)).select_related(*NAMES).order_by("-id")
    replies = Prefetch(
        "replies", Reply.objects.select_related("replied_by__user", "replied_by__organisation")
    )
    return list(found.prefetch_related(replies, "replies__annexes"))


def unanswered(seat: Seat, case: Declaration) -> list[Question]:
    """Return the questions of a case that wait for an answer and that a seat may read, the most urgent first."""
    if case.state not in ANSWERABLE:
        return []
    waiting = case.questions.filter(readable(seat), answered_at__isnull=True, closed_at__isnull=True)
    return list(waiting.select_related("organisation", "addressee").order_by("due_at", "id"))


def question_of(seat: Seat, case: Declaration, pk: int) -> Question:
    """Return one question that a seat may read, or answer 404."""
    found = case.questions.filter(readable(seat), pk=pk).select_related(*NAMES).first()
    if found is None:
        raise Http404
    return found


def annex_of(question: Question, pk: int) -> Annex:
    """Return one annex of a question, or answer 404."""
    found = Annex.objects.filter(reply__question=question, pk=pk).first()
    if found is None:
        raise Http404
    return found


def waiting_questions(seat: Seat) -> QuerySet[Question]:
    """Return the open questions of a seat's office: those it has to answer, and those that it asked itself."""
    mine = Q(addressee_id=seat.organisation_id, answered_at__isnull=True)
    own = Q(organisation_id=seat.organisation_id)
    waiting = Question.objects.filter(mine | own, closed_at__isnull=True)
    waiting = waiting.filter(in_sight(seat), declaration__state__in=sorted(ANSWERABLE))
    return waiting.select_related("declaration", "organisation", "addressee").order_by("due_at", "id")
