"""Verdict runs: signing what is ready, a case's runs and their correction, recomputations and what they changed."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions import recomputing
from declarations.actions.verdicts import order_signing
from declarations.forms.runs import CorrectionForm, ParametersForm
from declarations.models import Recomputation
from declarations.queries.facts import settled_points
from declarations.queries.runs import (
    JUDGED,
    METHOD_WORDS,
    changes_told,
    in_review,
    is_before_meeting,
    parameter_words,
    ready,
    recomputation_in,
    recomputations_told,
    rows_to_correct,
    told_runs,
    waiting_lines,
)
from declarations.views.base import CaseView, SeatView, refusals_in, refusals_told
from scoring.engine import Programme, figure
from scoring.queries import programme_of
from scoring.rereading import readings_of
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed

SHOWN = 50


class Verdicts(SeatView):
    """What is ready for a verdict and what the rest waits for; the group's head signs what is ready."""

    permission = "declarations.verdicts"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the cases before the experts."""
        cases = in_review(self.seat, self.cycle)
        page = page_of(request, cases, order=("unit__code", "id"), size=SHOWN)
        context = {
            "cycle": self.cycle,
            "page": page,
            "lines": waiting_lines(page.rows),
            "number": cases.count(),
            "ready": ready(cases).count(),
            "may_sign": allowed(self.seat, "declarations.sign_verdict"),
        }
        return render(request, "declarations/runs/verdicts.html", context)


class SignReady(SeatView):
    """Order the verdicts of all cases that are ready."""

    permission = "declarations.sign_verdict"

    def post(self, request: HttpRequest) -> HttpResponse:
        """Lead to the job, or tell why not."""
        with refusals_told(request):
            return redirect(
                "jobs:detail", order_signing(cycle=self.cycle, actor=self.seat, now=self.now).number
            )
        return redirect("declarations:verdicts")


class CaseRuns(CaseView):
    """Every run of a case: what it rests on, what it came to, what would change it."""

    permission = "declarations.verdicts"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the runs, the newest first."""
        return render(request, "declarations/runs/case.html", self.context())

    def context(self) -> dict[str, object]:
        """Return what the page draws."""
        return {
            "case": self.case,
            "programme": self.dossier.programme,
            "runs": told_runs(self.case),
            "may_correct": allowed(self.seat, "declarations.recompute") and self.case.state in JUDGED,
        }


class CorrectRow(CaseView):
    """Correct one settled row of a case: first what it would come to, then the act."""

    permission = "declarations.recompute"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the row."""
        return self.page(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what it would come to; with ``confirmed`` do it."""
        form = self.form(request.POST)
        if form.is_valid():
            with refusals_in(form):
                given = {"case": self.case, "rows": form.rows(), "actor": self.seat}
                if "confirmed" not in request.POST:
                    return self.page(form, recomputing.try_correction(**given))
                done = recomputing.correct_rows(**given, now=self.now)
                messages.success(request, f"已更正并重新计算，见{done}。")
                return redirect("declarations:case_runs", pk=self.case.pk)
        return self.page(form)

    def form(self, *data: Any) -> CorrectionForm:
        """Return the form with the rows of the case."""
        points = settled_points(self.dossier) or {}
        return CorrectionForm(rows_to_correct(self.dossier.programme, points), *data)

    def page(self, form: Form, trial: recomputing.Trial | None = None) -> HttpResponse:
        """Draw the page; once it was tried, the act itself is the main one."""
        form.submit_kind = "secondary" if trial else "primary"
        context = {"case": self.case, "form": form, "trial": trial, "programme": self.dossier.programme}
        return render(self.request, "declarations/runs/correct.html", context)


class Recomputations(SeatView):
    """Every recomputation of the cycle; the head orders the trial of corrected parameters here."""

    permission = "declarations.department_reading"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them, the newest first."""
        return self.page(self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Order a trial, or show why not with everything as typed."""
        form = self.form(request.POST)
        if form.is_valid():
            with refusals_in(form):
                given = {"parameters": form.parameters(), "reason": form.cleaned_data["reason"]}
                found = recomputing.order_trial(cycle=self.cycle, actor=self.seat, now=self.now, **given)
                return redirect("declarations:recomputation", pk=found.pk)
        return self.page(form)

    def form(self, *data: Any) -> ParametersForm:
        """Return the form with the parameters as they are."""
        programme = programme_of(self.cycle.programme)
        return ParametersForm(_readings(programme), METHOD_WORDS, self.cycle.panel_method, *data)

    def page(self, form: Form) -> HttpResponse:
        """Draw the page."""
        programme = programme_of(self.cycle.programme)
        found = recomputations_told(self.seat, self.cycle)
        context = {
            "cycle": self.cycle,
            "programme": programme,
            "page": page_of(self.request, found, order=("-id",), size=SHOWN),
            "form": form if allowed(self.seat, "declarations.recompute") else None,
            "before_meeting": is_before_meeting(self.cycle),
        }
        return render(self.request, "declarations/runs/recomputations.html", context)


def _readings(programme: Programme) -> dict[str, tuple[str, bool]]:
    """Return the limits on the total by gate: what is asked, and the reading in use."""
    limits = {gate.id: gate.limit for gate in programme.rubric.gates}
    return {gate: (f"总分恰为{figure(limits[gate])}分", on) for gate, on in readings_of(programme).items()}


class RecomputationView(SeatView):
    """One recomputation that the seat may read."""

    permission = "declarations.department_reading"

    @property
    def found(self) -> Recomputation:
        """Return it, or answer 404."""
        return recomputation_in(self.seat, self.cycle, self.kwargs["pk"])


class RecomputationPage(RecomputationView):
    """What a recomputation changed, case by case, or would change."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it; while a job works on it, its progress."""
        found, programme = self.found, programme_of(self.cycle.programme)
        context = {
            "found": found,
            "changes": changes_told(self.seat, found),
            "before": parameter_words(programme, found.before) if found.declaration_id is None else [],
            "after": parameter_words(programme, found.after) if found.declaration_id is None else [],
            "job": recomputing.job_of(found),
            "may_act": allowed(self.seat, "declarations.recompute"),
        }
        return render(request, "declarations/runs/recomputation.html", context)


class ConfirmRecomputation(RecomputationView):
    """Let a trial take effect."""

    permission = "declarations.recompute"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Order it and lead to the job, or tell why not."""
        found = self.found
        with refusals_told(request):
            job = recomputing.confirm_recomputation(recomputation=found, actor=self.seat, now=self.now)
            return redirect("jobs:detail", job.number)
        return redirect("declarations:recomputation", pk=found.pk)


class DropRecomputation(RecomputationView):
    """Let a trial go."""

    permission = "declarations.recompute"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Drop it, or tell why not."""
        found = self.found
        with refusals_told(request):
            recomputing.drop_recomputation(recomputation=found, actor=self.seat, now=self.now)
            messages.success(request, "本次试算已作罢，参数和结论不变。")
        return redirect("declarations:recomputation", pk=found.pk)
