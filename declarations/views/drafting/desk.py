"""What the pages on which the chamber writes have in common."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from declarations.queries import drafting as pages
from declarations.views.base import CaseView, refusals_told
from sihao.ui.formats import beijing

ANCHOR = re.compile(r"(group|section)-[0-9A-Za-z]{1,8}")


class DraftView(CaseView):
    """A page on which the chamber writes."""

    permission = "declarations.edit"
    name = ""

    def page(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Draw a page with what all of them print."""
        shared = {
            "case": self.case,
            "programme": self.dossier.programme,
            "slip": self.dossier.slip,
            "places": pages.drafting_places(self.dossier, self.name),
            "due": self.case.due_at,
        }
        return render(self.request, f"declarations/drafting/{template}.html", {**shared, **context}, status=status)

    def url(self, name: str, anchor: str = "") -> str:
        """Return the address of another page of the case."""
        return reverse(f"declarations:{name}", args=[self.kwargs["pk"]]) + (f"#{anchor}" if anchor else "")

    def kept(self, write: Callable[..., Any], **words: Any) -> None:
        """Let an action write, and say when it was saved or why not."""
        with refusals_told(self.request):
            write(case=self.case, actor=self.seat, now=self.now, **words)
            messages.success(self.request, f"已保存 {beijing(self.now, 'time')}")

    def next_place(self, places: dict[str, str], mend: str = "") -> str:
        """Return where the button leads: another page, what is to be mended, or the part that was being written."""
        then = self.request.POST.get("_then", "")
        return places.get(then) or self.url(self.name, mend or (then if ANCHOR.fullmatch(then) else ""))
