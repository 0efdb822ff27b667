"""The live verdict, alone: what a script puts into the page after a save."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page

from declarations.queries import drafting as pages
from declarations.views.drafting.desk import DraftView


@method_decorator(gzip_page, name="get")
class LiveVerdictPart(DraftView):
    """The verdict as the form and the self-assessment print it; it holds no secret, so it may be squeezed."""

    name = "verdict"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Judge the marks as they stand; ``compact`` leaves the rows out."""
        compact = "compact" in request.GET
        context = {
            "case": self.case,
            "programme": self.dossier.programme,
            "compact": compact,
            "verdict": pages.live_verdict(self.dossier, rows=not compact),
        }
        response = render(request, "declarations/drafting/verdict.html", context)
        response["Cache-Control"] = "private, no-store"
        return response
