"""The ledger of a case: every layer side by side."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from declarations.queries.ledger import WAYS, WithAuthors, ledger_page
from declarations.views.base import CaseView


class LedgerView(CaseView):
    """Every layer that the viewer may read, with author, time and reason, and what changed between layers."""

    permission = "declarations.cases"

    @cached_property
    def dossier(self) -> WithAuthors:
        """Return the case with the authors of its marks."""
        return WithAuthors(self.case)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the rows that moved, or all of them."""
        page = ledger_page(self.seat, self.dossier, request.GET.get("show", ""))
        ways = [
            {"label": word, "url": f"?show={one}", "current": one == page.way, "count": page.counts[one]}
            for one, word in WAYS.items()
        ]
        context = {"case": self.case, "programme": self.dossier.programme, "ledger": page, "ways": ways}
        return render(request, "declarations/review/ledger.html", context)
