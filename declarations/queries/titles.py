"""Titles after their publication: who holds which, what is being looked into, whom a revocation bars."""

from django.db.models import Prefetch, Q, QuerySet

from declarations import titles as rules
from declarations.models import Cycle, Inquiry, Recognition, Relinquishment
from declarations.models.title import GOING_ON
from declarations.queries.recusals import without_recused
from declarations.states import InquiryState, TitleState
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.roles import CHAMBER_ROLES, Role

PEOPLE = ("opened_by__user", "stated_by__user", "proposed_by__user", "decided_by__user", "ended_by__user")
MOST = 20


def titles_visible_to(seat: Seat) -> QuerySet[Recognition]:
    """Return the published titles a seat may read of: the nation all, the meeting's secretary those put to it."""
    rows = Recognition.objects.filter(published_at__isnull=False, cycle__decider__isnull=True)
    rows = rows.select_related("cycle", "declaration__applicant", "declaration__unit").defer("cycle__notice_text")
    if seat.role in CHAMBER_ROLES:
        return rows.filter(declaration__applicant=seat.organisation_id)
    if seat.role == Role.MEETING_SECRETARY:
        rows = rows.filter(Q(inquiries__proposed_at__isnull=False)).distinct()
    return without_recused(rows, seat, "declaration")


def title_list(seat: Seat, words: str, state: str) -> QuerySet[Recognition]:
    """Return the titles by name or number and by state, those that are looked into told apart."""
    rows = titles_visible_to(seat)
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(number__iexact=words))
    if state == "inquiry":
        return rows.filter(pk__in=Inquiry.objects.filter(state__in=GOING_ON).values("recognition"))
    if state == "plaque":
        gone = [TitleState.REVOKED, TitleState.RELINQUISHED]
        return rows.filter(state__in=gone, plaque_returned_at__isnull=True)
    return rows.filter(state=state) if state in TitleState.values else rows


def title_of(seat: Seat, pk: int) -> Recognition | None:
    """Return one title with its inquiries, newest first."""
    inquiries = Inquiry.objects.select_related(*PEOPLE).order_by("-id")
    return titles_visible_to(seat).prefetch_related(Prefetch("inquiries", inquiries)).filter(pk=pk).first()


def relinquishment_of(recognition: Recognition) -> Relinquishment | None:
    """Return the chamber's wish to give its title up, if it was told."""
    found = Relinquishment.objects.filter(recognition=recognition)
    return found.select_related("asked_by__user", "accepted_by__user").first()


def waiting_inquiries(seat: Seat) -> list[Inquiry]:
    """Return the inquiries that wait for a seat: the chamber to state its case, the secretary to register."""
    rows = Inquiry.objects.select_related("recognition")
    if seat.role in CHAMBER_ROLES:
        mine = rows.filter(recognition__declaration__applicant=seat.organisation_id, state=InquiryState.OPEN)
        return list(mine.order_by("id")[:MOST])
    if seat.role == Role.MEETING_SECRETARY:
        put = without_recused(rows.filter(state=InquiryState.PROPOSED), seat, "recognition__declaration")
        return list(put.order_by("id")[:MOST])
    return []


def bar_of(applicant: Organisation, cycle: Cycle) -> rules.Bar | None:
    """Return what bars a chamber from declaring in a cycle: a title that was revoked not long enough ago."""
    revoked = Recognition.objects.filter(
        declaration__applicant=applicant, state=TitleState.REVOKED, cycle__workflow=cycle.workflow
    )
    bars = [rules.Bar(at, cycles) for at, cycles in revoked.values_list("revoked_at", "barred_cycles") if at]
    if not bars:
        return None
    openings = Cycle.objects.filter(workflow=cycle.workflow).values_list("opens_at", flat=True)
    return rules.barred_by(bars, openings, cycle.opens_at)
