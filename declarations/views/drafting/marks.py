"""The self-assessment (附件5)."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from declarations.actions import draft
from declarations.forms.application import seen_versions, typed_marks
from declarations.queries import drafting as pages
from declarations.views.base import refusals_told
from declarations.views.drafting.saving import SavingView, saved_marks


class SelfAssessment(SavingView):
    """The self-assessment (附件5)."""

    permission = "declarations.edit"
    name = "self_assessment"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show every row with the proposal, the own mark, and the verdict as things stand."""
        return self.drawn(request, {})

    def drawn(self, request: HttpRequest, collisions: Mapping[str, pages.Collision]) -> HttpResponse:
        """Draw the rows; a part that collided shows what was typed, and beside it what stands."""
        sections = pages.self_sections(self.dossier, collisions)
        return self.page(
            "self_assessment",
            status=409 if collisions else 200,
            collisions=collisions,
            sections=sections,
            errors=pages.mark_errors(sections),
            verdict=pages.live_verdict(self.dossier),
            seen=pages.seen_marks(self.dossier),
            step=self.dossier.programme.step,
        )

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep everything that was posted; fill the blank marks where that was asked."""
        saved = self.saved(self.write, seen=seen_versions(request.POST))
        if isinstance(saved, HttpResponse):
            return saved
        faulty = next((f"mark-{code}" for code in saved.problems), "")
        return self.answer(saved, self.filled if request.POST.get("_then") == "fill" else partial(self.gone_on, faulty))

    def write(self, **words: Any) -> pages.Saved:
        """Write the rows, read with the programme of the case that the action holds."""
        typed = partial(typed_marks, data=self.request.POST)
        return saved_marks(draft.save_self_marks(entries=typed, **words))

    def gone_on(self, faulty: str) -> HttpResponse:
        """Go where the button leads, or to the first mark that is none."""
        return redirect(self.next_place({"evidence": self.url("evidence")}, faulty))

    def filled(self) -> HttpResponse:
        """Enter the proposed points in the rows that are blank."""
        with refusals_told(self.request):
            filled = draft.fill_proposed_marks(case=self.case, actor=self.seat, now=self.now)
            messages.info(self.request, f"已按建议得分填入{filled}项未打分的指标，请逐项核对。")
        return redirect(self.url(self.name))
