"""Deadlines put off: the list, a proposal for a second person, and ending one."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from declarations.actions import extensions
from declarations.forms.extensions import EndExtensionForm, ExtensionForm
from declarations.models import Extension, Pending
from declarations.queries.deadlines import extensions_visible_to, term_rules
from declarations.views.base import SeatView, refusals_in
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import one_of


class Extensions(SeatView):
    """The deadlines of the cycle, and what was put off."""

    permission = "declarations.extensions"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of extensions, newest first."""
        page = page_of(request, extensions_visible_to(self.seat, self.cycle), order=("-id",), size=50)
        context = {
            "page": page,
            "terms": term_rules(self.cycle),
            "may_propose": allowed(self.seat, "declarations.propose_extension"),
            "may_end": allowed(self.seat, "declarations.end_extension"),
        }
        return render(request, "declarations/extensions/list.html", context)


class Propose(SeatView):
    """Proposing an extension; a second person grants it."""

    permission = "declarations.propose_extension"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form, for the organisation that the address names."""
        return self.page(ExtensionForm(initial={"organisation": request.GET.get("for", "")[:100]}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Propose it, or show why not with everything as typed."""
        form = ExtensionForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                done = extensions.propose(cycle=self.cycle, actor=self.seat, now=self.now, **form.facts())
                if isinstance(done, Pending):
                    messages.success(request, "已提请第二人确认，确认后生效。")
                    return redirect("declarations:pending", pk=done.pk)
                messages.success(request, "延期已办理。")
                return redirect("declarations:extensions")
        return self.page(form)

    def page(self, form: ExtensionForm) -> HttpResponse:
        """Draw the form beside the deadlines as they are."""
        form.cancel_url = reverse("declarations:extensions")
        context = {"form": form, "terms": term_rules(self.cycle)}
        return render(self.request, "declarations/extensions/propose.html", context)


class EndExtension(SeatView):
    """Ending an extension before its time."""

    permission = "declarations.end_extension"

    @cached_property
    def extension(self) -> Extension:
        """Return the extension named in the address."""
        found = one_of(extensions_visible_to(self.seat, self.cycle), self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the reason."""
        return self.page(EndExtensionForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """End it, or show why not with everything as typed."""
        form = EndExtensionForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                extensions.end(extension=self.extension, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, "延期已终止。")
                return redirect("declarations:extensions")
        return self.page(form)

    def page(self, form: EndExtensionForm) -> HttpResponse:
        """Draw what will end."""
        form.cancel_url = reverse("declarations:extensions")
        form.confirm = "终止后立即按本周期的截止时间计算。"
        return render(self.request, "declarations/extensions/end.html", {"form": form, "extension": self.extension})
