"""The department's overview, the preliminary review of a case, and the unit's answer to a proposal."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions.preliminary import answer_proposal, answer_questions
from declarations.forms.preliminary import ProposalAnswerForm, QuestionsForm
from declarations.queries.acts import acts_open_to, pages_open_to
from declarations.queries.country import country_of
from declarations.queries.cycles import counts_for
from declarations.queries.national import (
    COLUMNS,
    answers_typed,
    findings_of,
    found_by_checks,
    funnel_of,
    totals_of,
    unit_judgement,
    unit_rows,
)
from declarations.queries.totals import spread_of
from declarations.queries.visit_card import visit_card
from declarations.states import State
from declarations.views.base import CaseView, SeatView, refusals_in
from scoring.queries import programme_of


class Overview(SeatView):
    """How far the cycle has come, in the nation and in each unit."""

    permission = "declarations.department_reading"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the stages, the diagram and the table."""
        rows = unit_rows(self.seat, self.cycle)
        context = {
            "cycle": self.cycle,
            "programme": programme_of(self.cycle.programme),
            "funnel": funnel_of(counts_for(self.seat, self.cycle)),
            "country": country_of(self.seat, self.cycle, self.now),
            "spread": spread_of(self.seat, self.cycle),
            "columns": [label for label, _ in COLUMNS],
            "rows": rows,
            "totals": totals_of(rows),
        }
        return render(request, "declarations/national/overview.html", context)


class PreliminaryPage(CaseView):
    """The preliminary review of one case: what the machine found, the three questions, the acts."""

    permission = "declarations.preliminary"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the findings beside the questions."""
        return self.page(QuestionsForm(initial=answers_typed(self.dossier)))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep the answers, or show why not with everything as typed."""
        form = QuestionsForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                answer_questions(case=self.case, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, "初审结论已保存。")
                return redirect("declarations:preliminary", pk=self.case.pk)
        return self.page(form)

    def page(self, form: Form) -> HttpResponse:
        """Draw the page."""
        context = {
            "case": self.case,
            "form": form,
            "open": self.case.state == State.PRELIMINARY_REVIEW,
            "programme": self.dossier.programme,
            "findings": findings_of(self.seat, self.dossier),
            "found": found_by_checks(self.dossier),
            "judgement": unit_judgement(self.dossier),
            "review": self.dossier.preliminary,
            "visit_card": visit_card(self.seat, self.dossier),
            "acts": acts_open_to(self.seat, self.dossier, self.now),
            "pages": [page for page in pages_open_to(self.seat, self.dossier) if page.url != self.request.path],
        }
        return render(self.request, "declarations/national/preliminary.html", context)


class AnswerProposal(CaseView):
    """The unit's answer to a proposal of disqualification."""

    permission = "declarations.answer_proposal"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the proposal and the answer."""
        return self.page(ProposalAnswerForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep the answer, or show why not with everything as typed."""
        form = ProposalAnswerForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                answer_proposal(case=self.case, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, "答复已提交。")
                return redirect("declarations:case", pk=self.case.pk)
        return self.page(form)

    def page(self, form: Form) -> HttpResponse:
        """Draw the page."""
        context = {"case": self.case, "form": form, "review": self.dossier.preliminary}
        return render(self.request, "declarations/national/answer_proposal.html", context)
