"""The page of the integrity checks."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions.integrity import CHECK, order_check
from declarations.queries.integrity import check_page, checks
from declarations.queries.meeting_page import open_job
from declarations.views.base import SeatView, refusals_told
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed
from sihao.audit.queries import chain_end

CHECKS_SHOWN = 30


class Integrity(SeatView):
    """The last check, or an earlier one: every invariant with what came of it."""

    permission = "declarations.integrity"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        found = check_page(self.seat, kwargs.get("pk"))
        if found is None and "pk" in kwargs:
            raise Http404
        context = {
            "found": found,
            "page": page_of(request, checks(), order=("-id",), size=CHECKS_SHOWN),
            "end": chain_end(),
            "job": open_job(CHECK),
            "may_order": allowed(self.seat, "declarations.check_integrity"),
        }
        return render(request, "declarations/integrity.html", context)


class OrderCheck(SeatView):
    """Having everything looked at now."""

    permission = "declarations.check_integrity"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Order it and lead to the job, or back where it is somebody else's."""
        with refusals_told(request):
            job = order_check(actor=self.seat, now=self.now)
            if job.owner_id == self.seat.user_id:
                return redirect("jobs:detail", number=job.number)
        return redirect("declarations:integrity")
