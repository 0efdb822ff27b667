"""The report on a cycle's visits (专题工作报告): drafted from the data, written by a person, printed."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions.visit_report import save_visit_report
from declarations.forms.visits import ReportForm
from declarations.queries.visit_report import reads_whole, report_of, report_title, visit_report_draft
from declarations.views.base import SeatView, refusals_in
from sihao.accounts.permissions import allowed


class Report(SeatView):
    """The report on the cycle's visits: as it was saved, or drafted from the data."""

    permission = "declarations.visit_report"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show nothing of it to one who steps back from a case that it tells of."""
        seat = getattr(request, "seat", None)
        if seat is not None and allowed(seat, self.permission):
            self.request = request
            if not reads_whole(seat, self.cycle):
                messages.error(request, "报告写到您应当回避的申报，由本单位其他人员办理。")
                return redirect("declarations:visits")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        drafted, kept = visit_report_draft(self.cycle), report_of(self.cycle)
        anew = kept is None or "anew" in request.GET
        return self.page(ReportForm(initial={"text": drafted.text if anew else kept.text}), drafted.basis)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save it, or show why not with everything as typed."""
        form, basis = ReportForm(request.POST), visit_report_draft(self.cycle).basis
        if form.is_valid():
            with refusals_in(form):
                words = {"text": form.cleaned_data["text"], "basis": basis, "actor": self.seat, "now": self.now}
                save_visit_report(cycle=self.cycle, **words)
                messages.success(request, "工作报告已保存。")
                return redirect("declarations:visit_report")
        return self.page(form, basis)

    def page(self, form: Form, basis: str) -> HttpResponse:
        """Draw the page."""
        kept = report_of(self.cycle)
        context = {
            "cycle": self.cycle,
            "title": report_title(self.cycle),
            "form": form,
            "kept": kept,
            "stale": kept is not None and kept.basis != basis,
            "may_write": allowed(self.seat, "declarations.write_visit_report"),
        }
        return render(self.request, "declarations/visits/report.html", context)
