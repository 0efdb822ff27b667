"""The department's overview."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from declarations.queries.country import country_of
from declarations.queries.cycles import counts_for
from declarations.queries.national import COLUMNS, funnel_of, totals_of, unit_rows
from declarations.queries.totals import spread_of
from declarations.views.base import SeatView
from scoring.queries import programme_of
from sihao.accounts.permissions import allowed


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
            "may_review": allowed(self.seat, "declarations.preliminary"),
        }
        return render(request, "declarations/national/overview.html", context)

