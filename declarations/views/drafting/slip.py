"""The return slip."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from declarations.actions import draft
from declarations.forms.application import typed_replies
from declarations.queries import drafting as pages
from declarations.views.drafting.desk import DraftView


class ReturnSlipPage(DraftView):
    """What was returned, and the chamber's word on it."""

    name = "return_slip"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show each item beside what was handed in."""
        return self.page("return_slip", lines=pages.slip_lines(self.dossier))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep the words."""
        self.kept(draft.answer_return, answers=typed_replies(request.POST))
        return redirect(self.next_place({"check": self.url("check")}))
