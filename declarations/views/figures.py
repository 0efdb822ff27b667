"""The department's and supervision's plots, the diagnosis of the panel, the boundary cases; each to take away."""

import tempfile
from collections.abc import Callable, Mapping
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from declarations.actions.exporting import record_export
from declarations.exports.boundary import NOTES, boundary_table
from declarations.exports.figures import FIGURES, Figure, Viewing
from declarations.exports.severity import RULE, agreement_figure, rule_words, severity_figure
from declarations.models import Nearness
from declarations.queries.runs import boundary_counts, boundary_runs
from declarations.queries.severity import cases_read_by, diagnosis_of, expert_in
from declarations.views.base import SeatView
from declarations.views.exports import XLSX
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed
from sihao.documents.table import Table
from sihao.documents.xlsx import write

PLOTS: Mapping[str, Callable[[Viewing], Figure]] = {
    **FIGURES,
    "severity": severity_figure,
    "agreement": agreement_figure,
}
SHOWN = 50


class DepartmentView(SeatView):
    """A page of the nation's readers."""

    permission = "declarations.department_reading"

    @property
    def viewing(self) -> Viewing:
        """Return who looks at which cycle, and when."""
        return Viewing(self.seat, self.cycle, self.now)

    def plot(self) -> Figure:
        """Return the plot named in the address, or answer 404."""
        if self.kwargs["slug"] not in PLOTS:
            raise Http404
        return PLOTS[self.kwargs["slug"]](self.viewing)

    def sheet(self, table: Table, name: str) -> HttpResponse:
        """Hand a table over as a spreadsheet, and write down who took it."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 the response closes it when it was sent
        write(table, file)
        file.seek(0)
        record_export(target=self.cycle, what=name, actor=self.seat, now=self.now)
        return _handed_over(
            FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
        )


def _handed_over(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response


class Figures(DepartmentView):
    """Every plot beside its table."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them all."""
        plots = [make(self.viewing) for make in FIGURES.values()]
        return render(
            request,
            "declarations/figures/figures.html",
            {"cycle": self.cycle, "plots": plots, "programme": self.viewing.programme},
        )


class FigureSheet(DepartmentView):
    """One plot's table as a spreadsheet."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write it and hand it over."""
        plot = self.plot()
        return self.sheet(plot.table, f"{self.cycle.name}{plot.title}")


class FigureDrawing(DepartmentView):
    """One plot as a file that any program draws."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Draw it, or answer 404 where there is nothing to draw."""
        plot = self.plot()
        if plot.drawing is None:
            raise Http404
        record_export(target=self.cycle, what=f"{plot.title}（图）", actor=self.seat, now=self.now)
        response = render(request, "components/drawing.svg", {"drawing": plot.drawing}, "image/svg+xml")
        response["Content-Disposition"] = f'attachment; filename="{plot.slug}.svg"'
        return _handed_over(response)


class SeverityPage(DepartmentView):
    """How severely each expert judges beside the panel, and how far they agree: names for these readers alone."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the estimate, the rule, the agreement."""
        found = diagnosis_of(self.seat, self.cycle)
        plots = [severity_figure(self.viewing, found), agreement_figure(self.viewing, found)]
        context = {
            "cycle": self.cycle,
            "found": found,
            "plots": plots,
            "rule": rule_words(found),
            "aside": RULE,
        }
        return render(request, "declarations/figures/severity.html", context)


class ExpertReadings(DepartmentView):
    """What one expert read beside the others, and where a third reader may be asked for."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the cases, the furthest apart first."""
        expert = expert_in(self.seat, self.cycle, kwargs["expert"])
        found = diagnosis_of(self.seat, self.cycle)
        context = {
            "expert": expert,
            "found": found,
            "line": next((one for one in (*found.lines, *found.few) if one.seat.pk == expert.pk), None),
            "rule": rule_words(found),
            "cases": cases_read_by(self.seat, self.cycle, expert),
            "may_assign": allowed(self.seat, "declarations.department"),
        }
        return render(request, "declarations/figures/expert.html", context)


class Boundary(DepartmentView):
    """The cases exactly on a gate or one row away, with the smallest set of rows that would turn each."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them page by page, of one kind where it is asked for."""
        kind = request.GET.get("kind", "")
        kind = kind if kind in Nearness.values else ""
        counts = boundary_counts(self.seat, self.cycle)
        runs = boundary_runs(self.seat, self.cycle, kind)
        context = {
            "cycle": self.cycle,
            "page": page_of(request, runs, order=("-nearness", "margin", "id"), size=SHOWN),
            "kinds": chips(counts, kind),
            "number": sum(number for name, number in counts.items() if name),
            "verdicts": sum(counts.values()),
            "notes": NOTES,
        }
        return render(request, "declarations/figures/boundary.html", context)


def chips(counts: Mapping[str, int], kind: str) -> list[dict[str, object]]:
    """Return the kinds to choose from, with how many there are of each."""
    everything = {
        "label": "全部",
        "url": "?",
        "current": not kind,
        "count": sum(counts.get(k, 0) for k in Nearness.values),
    }
    return [
        everything,
        *(
            {
                "label": one.label,
                "url": f"?kind={one.value}",
                "current": one == kind,
                "count": counts.get(one.value, 0),
            }
            for one in Nearness
        ),
    ]


class BoundarySheet(DepartmentView):
    """The same list as a spreadsheet, whole."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Write it and hand it over."""
        runs = (
            boundary_runs(self.seat, self.cycle).order_by("-nearness", "margin", "id").iterator(chunk_size=500)
        )
        return self.sheet(boundary_table(self.viewing, runs), f"{self.cycle.name}临界名单")
