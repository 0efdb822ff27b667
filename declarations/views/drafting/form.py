"""The application form (附件4)."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from declarations.actions import draft
from declarations.forms.application import (
    asks_to_confirm,
    confirmed_fields,
    place_confirmed,
    seen_versions,
    typed_answers,
)
from declarations.queries import drafting as pages
from declarations.views.drafting.saving import SavingView, saved_answers, told
from sihao.ui.formats import beijing
from sihao.ui.requests import wants_json


class FormPage(SavingView):
    """The application form (附件4)."""

    permission = "declarations.edit"
    name = "form"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the form as it was typed, with what is wrong in it."""
        return self.drawn(request, {})

    def drawn(self, request: HttpRequest, collisions: Mapping[str, pages.Collision]) -> HttpResponse:
        """Draw the form; a field that collided shows what was typed, and beside it what stands."""
        groups = pages.form_groups(self.dossier, self.now, collisions)
        context = {
            "groups": groups,
            "errors": pages.form_errors(groups),
            "verdict": pages.live_verdict(self.dossier, rows=False),
            "seen": pages.seen_answers(self.dossier),
            "carried": pages.carried_fields(groups),
        }
        return self.page("form", status=409 if collisions else 200, collisions=collisions, **context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep everything that was posted."""
        saved = self.saved(self.write, seen=seen_versions(request.POST))
        if isinstance(saved, HttpResponse):
            return saved
        if asks_to_confirm(request.POST) and not saved.collisions:
            return self.confirmed(saved)
        places = {"self_assessment": self.url("self_assessment")}
        faulty = next((f"field-{name}" for name in saved.problems), "")
        return self.answer(saved, lambda: redirect(self.next_place(places, faulty)))

    def write(self, **words: Any) -> pages.Saved:
        """Write the answers, read with the programme of the case that the action holds."""
        typed = partial(typed_answers, data=self.request.POST)
        return saved_answers(draft.save_answers(answers=typed, **words))

    def confirmed(self, saved: pages.Saved) -> HttpResponse:
        """Confirm what the pressed button names of the answers taken over from the last cycle; tell what is left."""
        left = self.saved(partial(draft.confirm_carried, fields=partial(confirmed_fields, data=self.request.POST)))
        if isinstance(left, HttpResponse):
            return left
        if wants_json(self.request):
            return JsonResponse(told(saved, beijing(self.now, "time")) | {"carried": left})
        words = f"已核对，上期沿用还有{left}项未确认。" if left else "上期沿用的内容已全部核对。"
        messages.success(self.request, words)
        return redirect(self.url(self.name, place_confirmed(self.request.POST)))
