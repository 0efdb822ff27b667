"""What a tier sends back to the chamber for correction."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions.review import return_for_correction
from declarations.calendar import return_due, return_limit
from declarations.forms.review import DueForm, MendFormSet, MendLines, last_day, with_more_lines
from declarations.queries.review import mendable, return_refusals
from declarations.views.base import CaseView, refusals_told


class ReturnPage(CaseView):
    """Send the case back to the chamber with named items."""

    permission = "declarations.return"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show blank lines, the first with the row the address names."""
        row = request.GET.get("row", "")
        known = {item.id for item in self.dossier.programme.rubric.items()}
        return self.page(self.lines(initial=[{"item": row}] if row in known else None), self.until())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Return the case, add blank lines, or show why not with everything as typed."""
        if "more" in request.POST:
            return self.page(self.lines(with_more_lines(request.POST)), self.until(request.POST), checked=False)
        lines, until = self.lines(request.POST), self.until(request.POST)
        if lines.is_valid() and until.is_valid():
            mends = lines.mends(self.dossier.programme)
            with refusals_told(request):
                words = {"items": mends, "due": until.due}
                return_for_correction(case=self.case, actor=self.seat, now=self.now, **words)
                messages.success(request, f"{self.case.applicant_name}：已退回修改，共{len(mends)}项。")
                return redirect("declarations:case", pk=self.case.pk)
        return self.page(lines, until)

    def until(self, data: Any = None) -> DueForm:
        """Return the form of the date, begun with the cycle's days."""
        due = return_due(self.case, self.now, self.dossier.deadlines)
        return DueForm(data, initial={"day": last_day(due)})

    def lines(self, data: Any = None, **options: Any) -> MendLines:
        """Return the lines of the form with the rows and fields to choose from."""
        return MendFormSet(data, form_kwargs={"choices": mendable(self.dossier.programme)}, **options)

    def page(self, lines: MendLines, until: DueForm, *, checked: bool = True) -> HttpResponse:
        """Draw the page."""
        context = {
            "case": self.case,
            "programme": self.dossier.programme,
            "lines": lines,
            "checked": checked and lines.is_bound,
            "until": until,
            "limit": return_limit(self.case, self.dossier.deadlines),
            "refusals": return_refusals(self.seat, self.dossier, self.now),
        }
        return render(self.request, "declarations/review/return.html", context)
