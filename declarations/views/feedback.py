"""Feedback packs: a unit fetches its own, the department has them made."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions.exporting import record_export
from declarations.actions.feedback import MAKE_PACKS, order_packs
from declarations.queries.feedback import holds_recused, pack_of, packs_visible_to
from declarations.queries.meeting_page import open_job
from declarations.store import fetch
from declarations.views.base import SeatView, refusals_told
from declarations.views.exports import XLSX
from sihao.accounts.permissions import allowed


class Feedback(SeatView):
    """The packs a viewer may have, and having them made."""

    permission = "declarations.feedback"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        context = {
            "cycle": self.cycle,
            "packs": list(packs_visible_to(self.seat, self.cycle)),
            "job": open_job(MAKE_PACKS, cycle=self.cycle.pk),
            "may_make": allowed(self.seat, "declarations.make_feedback"),
        }
        return render(request, "declarations/meeting/feedback.html", context)


class MakePacks(SeatView):
    """Having the packs made."""

    permission = "declarations.make_feedback"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Order it and lead to the job, or say why not."""
        with refusals_told(request):
            job = order_packs(cycle=self.cycle, actor=self.seat, now=self.now)
            return redirect("jobs:detail", number=job.number)
        return redirect("declarations:feedback")


class PackFile(SeatView):
    """The newest pack of one unit; another unit's is not there."""

    permission = "declarations.feedback"

    def get(self, request: HttpRequest, unit: int, **kwargs: Any) -> HttpResponse:
        """Hand it over, unless it holds a case from which the viewer steps back."""
        pack = pack_of(self.seat, self.cycle, unit)
        if pack is None:
            raise Http404
        if holds_recused(self.seat, pack):
            messages.error(request, "反馈材料内有您应当回避的申报，由本单位其他人领取。")
            return redirect("declarations:feedback")
        record_export(target=pack, what=f"分数结果反馈材料第{pack.edition}版", actor=self.seat, now=self.now)
        response = FileResponse(fetch(pack.stored), as_attachment=True, filename=pack.name, content_type=XLSX)
        response["Cache-Control"] = "private, no-store"
        return response
