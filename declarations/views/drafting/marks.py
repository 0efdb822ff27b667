"""The self-assessment (附件5)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from declarations.actions import draft
from declarations.forms.application import typed_marks
from declarations.queries import drafting as pages
from declarations.queries.pages import judgement_for
from declarations.views.base import refusals_told
from declarations.views.drafting.desk import DraftView
from scoring.queries import programme_of


class SelfAssessment(DraftView):
    """The self-assessment (附件5)."""

    name = "self_assessment"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show every row with the proposal, the own mark, and the verdict as things stand."""
        sections = pages.self_sections(self.dossier)
        return self.page(
            "self_assessment",
            sections=sections,
            errors=pages.mark_errors(sections),
            judgement=judgement_for(self.seat, self.dossier),
            changes=pages.changes_needed(self.dossier),
            step=self.dossier.programme.step,
        )

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep everything that was posted; fill the blank marks where that was asked."""
        programme = programme_of(self.case.cycle.programme)
        self.kept(draft.save_self_marks, entries=typed_marks(programme, request.POST))
        if request.POST.get("_then") == "fill":
            with refusals_told(request):
                filled = draft.fill_proposed_marks(case=self.case, actor=self.seat, now=self.now)
                messages.info(request, f"已按建议得分填入{filled}项未打分的指标，请逐项核对。")
            return redirect(self.url(self.name))
        return redirect(self.next_place({"evidence": self.url("evidence")}))
