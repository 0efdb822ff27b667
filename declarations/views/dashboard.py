"""The worklist, the list of cases, the case itself, the messages."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from declarations.actions.draft import start
from declarations.actions.notify import mark_read
from declarations.calendar import CLOSING
from declarations.forms.search import CaseSearch
from declarations.queries.acts import (
    acts_open_to,
    is_withheld,
    listed_rows,
    pages_open_to,
    state_kind,
    state_words,
)
from declarations.queries.desk import desk_of
from declarations.queries.lists import case_rows, cases_in_sight, filter_chips, notices_of, own_notice
from declarations.queries.pages import (
    answers_by_group,
    columns_for,
    judgement_for,
    ledger_blocks,
    opinions_for,
    recognition_of,
    timeline_for,
)
from declarations.queries.proofs import Elsewhere, proved_parts
from declarations.queries.proofs_alike import told_elsewhere
from declarations.queries.questions import unanswered
from declarations.queries.recusal_page import RecusalCard, recusal_card
from declarations.queries.returns import shows_declines, shows_rounds
from declarations.queries.visit_card import visit_card
from declarations.views.base import CaseView, SeatView, refusals_told
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import federation_of_code
from sihao.accounts.roles import CHAMBER_ROLES, Role

OUT_OF_SIGHT = "这条消息所说的申报现在不能查看：已由申报单位撤回修改，或者已不在您的办理范围内。重新提交后可以再打开。"


class Worklist(SeatView):
    """What is due, what waits for the viewer, what others hold."""

    permission = "declarations.worklist"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the desk."""
        return render(request, "declarations/worklist.html", {"desk": desk_of(self.seat, self.cycle, self.now)})


class StartCase(SeatView):
    """Start the own chamber's declaration."""

    permission = "declarations.start"

    def post(self, request: HttpRequest) -> HttpResponse:
        """Start it and lead to the form, or say why not."""
        with refusals_told(request):
            case = start(cycle=self.cycle, applicant=self.seat.organisation, actor=self.seat, now=self.now)
            return redirect("declarations:form", pk=case.pk)
        return redirect("declarations:worklist")


class CaseList(SeatView):
    """The cases a viewer may see: searched, filtered, paged by key."""

    permission = "declarations.cases"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of the list."""
        search = CaseSearch(request.GET)
        wanted = search.narrowing()
        page = page_of(request, case_rows(self.seat, self.cycle, wanted, self.now), order=("-id",), size=50)
        context = {"page": page, "search": search, "chips": filter_chips(self.seat, self.cycle, wanted, request.path)}
        context["unit"] = federation_of_code(wanted.unit) if wanted.unit else None
        context["rows"] = listed_rows(self.seat, page.rows)
        return render(request, "declarations/case_list.html", context)


class CasePage(CaseView):
    """One case: head, verdict, form, ledger, evidence, history, and what the viewer may do."""

    permission = "declarations.cases"
    on_visits = True

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the case as the viewer may see it."""
        columns = columns_for(self.seat, self.dossier)
        context = {
            "case": self.case,
            "dossier": self.dossier,
            "state_words": state_words(self.seat, self.case),
            "state_kind": state_kind(self.seat, self.case),
            "withheld": is_withheld(self.seat, self.case),
            "judgement": judgement_for(self.seat, self.dossier),
            "groups": answers_by_group(self.seat, self.dossier),
            "columns": columns,
            "blocks": ledger_blocks(self.dossier, columns),
            "proved": proved_parts(self.dossier, self.elsewhere()),
            "events": timeline_for(self.seat, self.case),
            "acts": acts_open_to(self.seat, self.dossier, self.now),
            "pages": pages_open_to(self.seat, self.dossier),
            "recognition": recognition_of(self.case),
            "may_title": allowed(self.seat, "declarations.titles") and self.seat.role != Role.MEETING_SECRETARY,
            "opinions": opinions_for(self.seat, self.dossier),
            "extensions": self.dossier.deadlines.extensions,
            "may_extend": allowed(self.seat, "declarations.propose_extension") and self.case.state in CLOSING,
            "recusals": self.recusals(),
            "visit_card": visit_card(self.seat, self.dossier),
            "questions": unanswered(self.seat, self.case),
            "may_read_questions": self.may_here("declarations.questions"),
            "may_read_receipt": self.case.submitted_at is not None and not self.by_visit,
            "by_visit": self.by_visit,
            "may_mend": allowed(self.seat, "declarations.edit", self.case),
            "returns": self.dossier.slips[::-1],
            "rounds": self.dossier.rounds[::-1] if shows_rounds(self.seat) else (),
            "declines": self.dossier.declines if shows_declines(self.seat) else (),
        }
        return render(request, "declarations/case.html", context)

    def recusals(self) -> RecusalCard | None:
        """Return who steps back from the case, for those who may note it."""
        may = self.may_here("declarations.case_recusals")
        return recusal_card(self.seat, self.dossier) if may else None

    def may_here(self, permission: str) -> bool:
        """Whether a page of the case is the viewer's; of those a team that visits it has but this one."""
        return allowed(self.seat, permission, self.case) and not self.by_visit

    def elsewhere(self) -> dict[str, Elsewhere]:
        """Return who else uses the same files, for those who judge them."""
        return {} if self.seat.role in CHAMBER_ROLES else told_elsewhere(self.seat, self.dossier)


class Notices(SeatView):
    """The messages of the seat, newest first."""

    permission = "declarations.notices"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of messages."""
        page = page_of(request, notices_of(self.seat), order=("-id",), size=30)
        context = {"page": page, "in_sight": cases_in_sight(self.seat, page.rows)}
        return render(request, "declarations/notices.html", context)


class OpenNotice(SeatView):
    """Open a message: it is read now, and leads to its case, or says that the case is not to be seen at present."""

    permission = "declarations.notices"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Mark it read and go where it points."""
        notice = own_notice(self.seat, pk)
        mark_read(notice=notice, now=self.now)
        if notice.declaration_id is None:
            return redirect("declarations:notices")
        if notice.declaration_id not in cases_in_sight(self.seat, [notice]):
            messages.info(request, OUT_OF_SIGHT)
            return redirect("declarations:notices")
        return redirect(reverse("declarations:case", args=[notice.declaration_id]))
