"""What the papers beside those of a case and of a list are made of, each fetched through its viewer.

Nothing is there for one whose people step back from a case that stands in it: a paper is whole or it is not handed out.
"""

from typing import Any

from django.db.models import QuerySet

from declarations.models import (
    Agenda,
    AgendaItem,
    Cycle,
    Declaration,
    FeedbackPack,
    Inquiry,
    NoticeEntry,
    Objection,
    PublicNotice,
    Visit,
)
from declarations.models.announcement import UNSETTLED
from declarations.queries.feedback import packs_visible_to
from declarations.queries.objections import objections_visible_to
from declarations.queries.publication_page import published_titles
from declarations.queries.recusals import binds, hidden_from, recused_in
from declarations.queries.titles import titles_visible_to
from declarations.queries.visits import visits_open_to
from declarations.states import InquiryState
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed

MOST = 20


def _whole(rows: QuerySet[Any], seat: Seat, lines: QuerySet[Any], name: str) -> QuerySet[Any]:
    """Leave out what holds a case that the seat's people step back from."""
    return (
        rows.exclude(pk__in=lines.filter(hidden_from(seat, "declaration")).values(name))
        if binds(seat)
        else rows
    )


def may_have_titles(seat: Seat, cycle: Cycle) -> bool:
    """Return whether the list of a cycle is published, for who works on the publication."""
    if cycle.published_at is None or not allowed(seat, "declarations.publication"):
        return False
    return not (binds(seat) and published_titles(cycle).filter(hidden_from(seat, "declaration")).exists())


def notices_for(seat: Seat, cycle: Cycle) -> list[PublicNotice]:
    """Return the public notices of a cycle, the newest first."""
    if not allowed(seat, "declarations.publication"):
        return []
    rows = PublicNotice.objects.filter(cycle=cycle).select_related("cycle")
    return list(
        _whole(rows, seat, NoticeEntry.objects.filter(notice__cycle=cycle), "notice").order_by("-number")[
            :MOST
        ]
    )


def agendas_for(seat: Seat, cycle: Cycle) -> list[Agenda]:
    """Return the agendas of the chairman's meeting, the newest first."""
    if not allowed(seat, "declarations.meeting"):
        return []
    rows = Agenda.objects.filter(cycle=cycle).select_related("cycle__programme", "decided_by__user")
    rows = rows.defer("cycle__notice_text")
    return list(
        _whole(rows, seat, AgendaItem.objects.filter(agenda__cycle=cycle), "agenda").order_by("-number")[
            :MOST
        ]
    )


def deliberated(agenda: Agenda) -> list[AgendaItem]:
    """Return what is on an agenda, in its order."""
    return list(agenda.items.select_related("declaration__unit").order_by("place"))


def packs_for(seat: Seat, cycle: Cycle) -> list[FeedbackPack]:
    """Return the newest feedback pack of each unit that the seat may have."""
    if not allowed(seat, "declarations.feedback"):
        return []
    aside = Declaration.objects.filter(pk__in=recused_in(seat, cycle.pk)).values_list("unit", flat=True)
    apart = set(aside)
    return [pack for pack in packs_visible_to(seat, cycle) if pack.unit_id not in apart]


def settled_objection_for(seat: Seat, pk: int) -> Objection | None:
    """Return an objection that was answered, for who works on it inside the department."""
    if not allowed(seat, "declarations.objections_reading"):
        return None
    rows = objections_visible_to(seat).exclude(state__in=sorted(UNSETTLED)).select_related("cycle")
    return rows.filter(pk=pk).first()


def revocation_for(seat: Seat, pk: int) -> Inquiry | None:
    """Return an inquiry that ended in a revocation, of a title that the seat may read of."""
    if not allowed(seat, "declarations.titles"):
        return None
    rows = Inquiry.objects.filter(
        state=InquiryState.REVOKED, recognition__in=titles_visible_to(seat).values("pk")
    )
    return rows.select_related("recognition__cycle", "recognition__declaration").filter(pk=pk).first()


def visit_at(seat: Seat, pk: int) -> bool:
    """Return whether there is such a visit that the seat may see."""
    if not allowed(seat, "declarations.visits"):
        return False
    return visits_open_to(seat).filter(pk=pk).exists() and Visit.objects.filter(pk=pk).exists()
