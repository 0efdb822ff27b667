"""An act that waits for a second person: read it, confirm it, send it back or take it back."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from declarations.actions import confirming, second_person
from declarations.forms.pending import DropForm
from declarations.models import Pending
from declarations.queries.second_person import is_preparer, may_confirm, pending_visible_to
from declarations.second_person import PendingState
from declarations.views.base import SeatView, refusals_in, refusals_told
from sihao.accounts.queries import one_of


class PendingView(SeatView):
    """A page of one prepared act; another office's is not there."""

    permission = "declarations.pending"

    @cached_property
    def pending(self) -> Pending:
        """Return the act named in the address, fetched through the viewer's office."""
        found = one_of(pending_visible_to(self.seat), self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    def permission_object(self) -> object:
        """Ask the rule about the act."""
        return self.pending

    def page(self, form: DropForm) -> HttpResponse:
        """Draw the act with what the viewer may do about it."""
        pending = self.pending
        mine = is_preparer(self.seat, pending)
        may, waiting = may_confirm(self.seat, pending), pending.state == PendingState.WAITING
        form.submit_label = "撤回" if mine else "退回"
        form.form_action = reverse("declarations:drop_pending", args=[pending.pk])
        context = {"pending": pending, "mine": mine, "may": may, "waiting": waiting, "form": form}
        return render(self.request, "declarations/pending.html", context)


class PendingPage(PendingView):
    """What was prepared, and confirming it."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        return self.page(DropForm(mine=is_preparer(self.seat, self.pending)))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Confirm it, or say why not."""
        with refusals_told(request):
            confirming.confirm(pending=self.pending, actor=self.seat, now=self.now)
            messages.success(request, f"已确认：{self.pending.title}。")
        return redirect("declarations:pending", pk=self.pending.pk)


class DropPending(PendingView):
    """Sending back or taking back."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Drop it, or show why not with everything as typed."""
        form = DropForm(request.POST, mine=is_preparer(self.seat, self.pending))
        if form.is_valid():
            with refusals_in(form):
                second_person.drop(pending=self.pending, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, "已办理，未作任何改动。")
                return redirect("declarations:pending", pk=self.pending.pk)
        return self.page(form)
