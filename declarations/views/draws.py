"""Draws of spot checks: the seed published, the draw, its list for anybody who computes it again."""

import secrets
import tempfile
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from declarations.actions.draws import announce, compute_again, make_draw, void_draw, words_of_run
from declarations.actions.exporting import record_export
from declarations.exports.draws import lines_of_draw, table_of_draw
from declarations.forms.visits import AgainForm, AnnounceForm, WhyForm
from declarations.models import SpotDraw
from declarations.queries.draws import draw_named, draw_page, frame_of, steps_back_from_some
from declarations.sampling import METHOD
from declarations.views.base import SeatView, refusals_in, refusals_told
from declarations.views.exports import XLSX
from sihao.accounts.permissions import allowed
from sihao.documents.xlsx import write

SEED_BYTES = 16
OWN_SEED = "系统随机生成"


class Announce(SeatView):
    """Publish the seed and the number of cases of the next draw."""

    permission = "declarations.draw_visits"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for them."""
        return self.page(AnnounceForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Publish them, or show why not with everything as typed."""
        form = AnnounceForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                found = announce(cycle=self.cycle, actor=self.seat, now=self.now, **seeded(form.cleaned_data))
                messages.success(request, f"{found}的种子和件数已公布。")
                return redirect("declarations:draw", pk=found.pk)
        return self.page(form)

    def page(self, form: Form) -> HttpResponse:
        """Draw the page."""
        context = {"form": form, "cycle": self.cycle, "size": len(frame_of(self.cycle)), "method": METHOD}
        return render(self.request, "declarations/visits/announce.html", context)


def seeded(typed: dict[str, Any]) -> dict[str, Any]:
    """Return what was typed, with a seed of the system's own where none was."""
    if typed["seed"].strip():
        return typed
    return typed | {"seed": secrets.token_hex(SEED_BYTES), "source": OWN_SEED}


class DrawView(SeatView):
    """A page of one draw."""

    permission = "declarations.draws"

    @cached_property
    def draw(self) -> SpotDraw:
        """Return the draw named in the address, or answer 404."""
        return draw_named(self.cycle, self.kwargs["pk"])

    def back(self) -> HttpResponse:
        """Lead back to the draw."""
        return redirect("declarations:draw", pk=self.draw.pk)


class DrawPage(DrawView):
    """How a draw came about: algorithm, list, strata, outcome, every computation."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        return self.page(AgainForm(initial={"seed": self.draw.seed}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Compute it again, without effect."""
        form = AgainForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                run = compute_again(found=self.draw, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, f"第{run.number}次运算：{words_of_run(self.draw, run)}。")
                return self.back()
        return self.page(form)

    def page(self, form: Form) -> HttpResponse:
        """Draw the page."""
        shown = draw_page(self.seat, self.draw)
        context = {
            "draw": self.draw,
            "shown": shown,
            "runs": [(run, words_of_run(self.draw, run) if run.number > 1 else "") for run in shown.runs],
            "form": form,
            "method": METHOD,
            "may_draw": self.draw.is_announced and allowed(self.seat, "declarations.draw_visits"),
            "may_void": self.draw.is_announced and allowed(self.seat, "declarations.void_draw"),
        }
        return render(self.request, "declarations/visits/draw.html", context)


class MakeDraw(DrawView):
    """Draw the cases."""

    permission = "declarations.draw_visits"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Draw them, or say why not."""
        with refusals_told(request):
            make_draw(found=self.draw, actor=self.seat, now=self.now)
            messages.success(request, f"已抽取{self.draw.cases}件。请为抽中的申报组成调研组。")
        return self.back()


class VoidDraw(DrawView):
    """Void an announced draw."""

    permission = "declarations.void_draw"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the reason."""
        return self.page(WhyForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Void it, or show why not."""
        form = WhyForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                void_draw(found=self.draw, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, f"{self.draw}已作废。")
                return self.back()
        return self.page(form)

    def page(self, form: WhyForm) -> HttpResponse:
        """Draw the page."""
        form.submit_label, form.submit_kind = "作废这一批次", "danger"
        form.cancel_url = self.back().url
        context = {"title": f"作废{self.draw}", "lead": "作废后种子和件数仍留在页面上。", "form": form}
        return render(self.request, "declarations/visits/why.html", context | {"back": self.back().url})


class ListFile(DrawView):
    """The list of a draw with its random numbers, for whoever computes it again."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Hand it over as a sheet or as CSV; not to one who steps back from a case on it."""
        if self.draw.drawn_at is None:
            raise Http404
        if steps_back_from_some(self.seat, (row[0] for row in self.draw.frame)):
            messages.error(request, "抽样清单内有您应当回避的申报，清单由其他人员下载。")
            return self.back()
        record_export(target=self.draw, what="实地抽查抽样清单", actor=self.seat, now=self.now)
        answer = self.sheet() if kwargs["ending"] == "xlsx" else self.lines()
        answer["Cache-Control"] = "private, no-store"
        return answer

    def sheet(self) -> FileResponse:
        """Return the sheet."""
        return sheet_response(table_of_draw(self.draw), f"抽样清单_第{self.draw.number}批.xlsx")

    def lines(self) -> HttpResponse:
        """Return the same as CSV."""
        answer = HttpResponse("".join(lines_of_draw(self.draw)), content_type="text/csv; charset=utf-8")
        name = f"抽样清单_第{self.draw.number}批.csv"
        answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
        return answer


def sheet_response(table: Any, name: str) -> FileResponse:
    """Return a table as a spreadsheet to be saved."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 the response closes it when it was sent
    write(table, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
