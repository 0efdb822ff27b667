"""The archive package of a cycle: what it will hold, how it is checked, those that were made, ordering one."""

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions.archiving import ARCHIVE, order_archive
from declarations.forms.archive import ArchiveForm
from declarations.models import Cycle
from declarations.queries.archive import archivable_cycle, archivable_cycles, archive_page
from declarations.queries.meeting_page import open_job
from declarations.views.base import SeatView, refusals_in
from sihao.accounts.permissions import allowed


class Archive(SeatView):
    """The page of a cycle's package."""

    permission = "declarations.archive"

    @cached_property
    def cycle(self) -> Cycle:
        """Return the cycle of the address, the nation's current one where none is named, or answer 404."""
        cycle = archivable_cycle(self.kwargs.get("pk"))
        if cycle is None:
            raise Http404
        return cycle

    @cached_property
    def whole(self) -> bool:
        """Return whether the viewer reads the whole trail."""
        return allowed(self.seat, "accounts.read_trail")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        return self.page(ArchiveForm(whole=self.whole))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Order the package and lead to the job, or show why not."""
        form = ArchiveForm(request.POST, whole=self.whole)
        if form.is_valid():
            with refusals_in(form):
                job = order_archive(cycle=self.cycle, actor=self.seat, now=self.now, **form.asked())
                return redirect("jobs:detail", number=job.number)
        return self.page(form)

    def page(self, form: ArchiveForm) -> HttpResponse:
        """Draw the page."""
        job = open_job(ARCHIVE, cycle=self.cycle.pk)
        context = {
            "cycle": self.cycle,
            "cycles": archivable_cycles(),
            "found": archive_page(self.seat, self.cycle, self.now),
            "form": form,
            "job": job,
            "own_job": job is not None and job.owner_id == self.seat.user_id,
        }
        return render(self.request, "declarations/meeting/archive.html", context)
