"""The application form (附件4)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from declarations.actions import draft
from declarations.forms.application import typed_answers
from declarations.queries import drafting as pages
from declarations.views.drafting.desk import DraftView
from scoring.queries import programme_of


class FormPage(DraftView):
    """The application form (附件4)."""

    name = "form"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the form as it was typed, with what is wrong in it."""
        groups = pages.form_groups(self.dossier, self.now)
        return self.page("form", groups=groups, errors=pages.form_errors(groups))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep everything that was posted."""
        programme = programme_of(self.case.cycle.programme)
        self.kept(draft.save_answers, answers=typed_answers(programme, request.POST))
        return redirect(self.next_place({"self_assessment": self.url("self_assessment")}))
