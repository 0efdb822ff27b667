"""The check before handing in, and the receipt after it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions import draft
from declarations.forms.application import typed_explanations
from declarations.queries import drafting as pages
from declarations.queries.acts import state_kind, state_words
from declarations.rules import is_own_chamber
from declarations.views.base import CaseView
from declarations.views.drafting.desk import DraftView
from scoring.queries import programme_of
from sihao.accounts.permissions import allowed


class CheckPage(DraftView):
    """Everything that stands against handing in, on one page."""

    permission = "declarations.cases"
    name = "check"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it to the own chamber."""
        if not is_own_chamber(self.seat, self.case):
            raise PermissionDenied
        return self.page(
            "check",
            readiness=pages.readiness_of(self.seat, self.dossier, self.now),
            verdict=pages.live_verdict(self.dossier, rows=False),
            state_words=state_words(self.seat, self.case),
        )

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep the words on what is to be explained."""
        if not allowed(self.seat, "declarations.edit", self.case):
            raise PermissionDenied
        self.kept(draft.save_explanations, texts=typed_explanations(request.POST))
        return redirect(self.url(self.name, "asking"))


class Receipt(CaseView):
    """The receipt of the last handing in, to be printed."""

    permission = "declarations.cases"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it; before the first handing in there is none."""
        revision = pages.receipt_of(self.case)
        context = {
            "case": self.case,
            "revision": revision,
            "seconds": f"{revision.frozen_at:%S}",
            "digest": pages.in_groups(revision.digest),
            "programme": programme_of(self.case.cycle.programme),
            "state_words": state_words(self.seat, self.case),
            "state_kind": state_kind(self.seat, self.case),
        }
        return render(request, "declarations/drafting/receipt.html", context)
