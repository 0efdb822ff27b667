"""What every signed-in page shares: a seat, a declared permission, the case fetched through the viewer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views import View

from declarations.models import Cycle, Declaration
from declarations.queries.campaign import campaigns_for
from declarations.queries.cycles import current_cycle
from declarations.queries.facts import Dossier, dossier_of
from declarations.queries.lists import case_and_unread
from declarations.queries.visits import case_on_visit
from sihao import clock
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused
from sihao.ui.requests import wants_json


class SeatView(LoginRequiredMixin, View):
    """A page of a seat: ``permission`` names the rule; without a seat, or against the rule, it answers 403."""

    permission = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer only to a seat that the rule lets in."""
        if not request.user.is_authenticated:
            return signed_out() if wants_json(request) else self.handle_no_permission()
        self.request, self.args, self.kwargs = request, args, kwargs
        if not self.may_open():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def may_open(self) -> bool:
        """Ask the rule."""
        return allowed(self.seat, self.permission, self.permission_object())

    @property
    def seat(self) -> Seat:
        """Return the seat the viewer acts from."""
        if self.request.seat is None:
            raise PermissionDenied
        return self.request.seat

    @cached_property
    def now(self) -> datetime:
        """Return the instant of this request; one for all that it does."""
        return clock.now()

    @cached_property
    def cycle(self) -> Cycle:
        """Return the nation's current cycle, else one that the seat's federation takes part in, or answer 404."""
        cycle = current_cycle() or campaigns_for(self.seat).first()
        if cycle is None:
            raise Http404
        return cycle

    def permission_object(self) -> object:
        """Return what the rule is asked about; a page without an object asks about the seat alone."""
        return None


def signed_out() -> JsonResponse:
    """Tell a script that nobody is signed in any more, and where to."""
    return JsonResponse({"login": reverse("accounts:sign_in")}, status=401)


class CaseView(SeatView):
    """A page of one case: outside the viewer's sight it is 404, seen but not permitted it is 403.

    A page with ``on_visits`` is also open to the team that visits the case (实地抽查), to be looked at alone.
    """

    on_visits = False
    by_visit = False

    @cached_property
    def case(self) -> Declaration:
        """Return the case named in the address, fetched through the viewer; what the shell prints comes along."""
        case = case_and_unread(self.seat, self.kwargs["pk"]) or self.visited()
        if case is None:
            raise Http404
        if not self.by_visit:
            self.request.cycle_and_unread = (case.cycle, case.unread)
        return case

    def visited(self) -> Declaration | None:
        """Return the case as one that the viewer is to visit, where the page is open to that."""
        self.by_visit = self.on_visits
        return case_on_visit(self.seat, self.kwargs["pk"]).first() if self.on_visits else None

    @cached_property
    def dossier(self) -> Dossier:
        """Return the case with everything that hangs on it, read once."""
        return dossier_of(self.case)

    def permission_object(self) -> object:
        """Ask the rule about the case."""
        return self.case


@contextmanager
def refusals_told(request: HttpRequest) -> Iterator[None]:
    """Turn a refusal into messages; nothing was done then."""
    try:
        yield
    except Refused as refused:
        for refusal in refused.refusals:
            messages.error(request, str(refusal))


@contextmanager
def refusals_in(form: Form) -> Iterator[None]:
    """Turn a refusal into errors of the form, so that what was typed stays."""
    try:
        yield
    except Refused as refused:
        for refusal in refused.refusals:
            form.add_error(None, str(refusal))
