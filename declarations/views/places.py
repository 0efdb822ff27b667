"""Sharing places out: the plan of the seat's office, its counts and parameters, single units, adoption."""

from functools import cached_property
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from declarations.actions import places
from declarations.actions.exporting import record_export
from declarations.exports.counts import write_template
from declarations.forms.places import CountFileForm, CountsForm, OfficialForm, OverrideForm, ParametersForm
from declarations.imports.counts import read_counts
from declarations.models import CountSheet, Pending
from declarations.queries.places import (
    PlanRow,
    PlanTable,
    count_lines,
    has_recommended,
    is_national,
    plan_of,
    plan_table,
    sheet_visible,
    sheets_waiting,
)
from declarations.queries.second_person import waiting_act
from declarations.views.base import SeatView, refusals_in, refusals_told
from sihao.accounts.permissions import allowed
from sihao.documents.intake.kinds import MIME_TYPES
from sihao.documents.sniff import safe_name


class PlanView(SeatView):
    """A page of the plan of the seat's own office."""

    permission = "declarations.plan_places"

    @cached_property
    def table(self) -> PlanTable:
        """Return the plan with everything that hangs on it."""
        return plan_table(plan_of(self.cycle, self.seat.organisation), self.now)

    @cached_property
    def still(self) -> bool:
        """Return whether the parameters stand still."""
        return is_national(self.seat.organisation) and has_recommended(self.cycle)

    def page(self, name: str, **context: Any) -> HttpResponse:
        """Draw one page of the plan."""
        shown = {"table": self.table, "plan": self.table.plan, "cycle": self.cycle, **context}
        return render(self.request, f"declarations/places/{name}.html", shown)

    def back(self) -> HttpResponse:
        """Lead to the plan."""
        return redirect("declarations:plan")


class PlanPage(PlanView):
    """The table: how each figure came about, what stands now, what would be adopted."""

    permission = "declarations.plan"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the plan."""
        plan = self.table.plan
        waiting = waiting_act(self.cycle, places.act_of(plan), plan.pk) if plan.pk else None
        may = allowed(self.seat, "declarations.plan_places")
        acts = self.acts(waiting) if may else ()
        return self.page("plan", waiting=waiting, may=may, still=self.still, acts=acts)

    def acts(self, waiting: Pending | None) -> list[dict[str, Any]]:
        """Return the one act of the page, closed with its reasons."""
        two = places.needs_two(self.cycle, places.act_of(self.table.plan))
        words = "提请采用，由第二人确认" if two else "采用分配"
        told = "确认后" if two else "采用后"
        effect = "即为附件2，公开页面、表格和PDF同时更新。" if self.table.national else "下级即按此报送。"
        refusals = () if waiting else places.against(self.table)
        act = {"label": words, "url": reverse("declarations:adopt_places"), "kind": "primary", "refusals": refusals}
        return [] if waiting else [act | {"confirm": f"共{self.table.proposed}个名额，{told}{effect}"}]


class ParametersPage(PlanView):
    """Total, floor, weights."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for them."""
        return self.drawn(ParametersForm(table=self.table))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Write them, or show why not with everything as typed."""
        form = ParametersForm(request.POST, table=self.table)
        if form.is_valid():
            with refusals_in(form):
                places.set_parameters(
                    cycle=self.cycle, parameters=form.parameters(), actor=self.seat, now=self.now
                )
                messages.success(request, "参数已保存，已重新计算。")
                return self.back()
        return self.drawn(form)

    def drawn(self, form: ParametersForm) -> HttpResponse:
        """Draw the page."""
        form.cancel_url = self.back().url
        return self.page("parameters", form=form, still=self.still)


class Counts(PlanView):
    """The chambers counted: by sheet or by hand."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Offer both ways."""
        return self.drawn(CountFileForm(), CountsForm(table=self.table))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Write what was typed by hand."""
        form = CountsForm(request.POST, table=self.table)
        if form.is_valid():
            with refusals_in(form):
                number = places.enter_counts(
                    cycle=self.cycle, numbers=form.numbers(), actor=self.seat, now=self.now
                )
                messages.success(request, f"商会统计已保存，改动{number}个单位。")
                return self.back()
        return self.drawn(CountFileForm(), form)

    def drawn(self, upload: CountFileForm, form: CountsForm) -> HttpResponse:
        """Draw the page."""
        upload.form_action = reverse("declarations:bring_counts")
        form.cancel_url = self.back().url
        waiting = sheets_waiting(self.cycle, self.seat.organisation)
        return self.page("counts", upload=upload, form=form, waiting=waiting)


class BringCounts(Counts):
    """Bringing a filled-in sheet."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead to the page that offers it."""
        return redirect("declarations:counts")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Read the sheet and lead to the preview; whatever is wrong with it stands there."""
        form = CountFileForm(request.POST, request.FILES)
        if form.is_valid():
            with refusals_in(form):
                return redirect("declarations:count_sheet", pk=self.brought(form.cleaned_data["file"]).pk)
        return self.drawn(form, CountsForm(table=self.table))

    def brought(self, file: Any) -> CountSheet:
        """Read it and keep what was read."""
        found = read_counts(file, file.name, [row.unit for row in self.table.rows])
        brought = places.Brought(safe_name(file.name), found.digest, found.numbers, found.faults)
        return places.bring_counts(cycle=self.cycle, brought=brought, actor=self.seat, now=self.now)


class CountTemplate(PlanView):
    """The sheet to be filled in."""

    def get(self, request: HttpRequest) -> FileResponse:
        """Write it with the units and what is known."""
        file = BytesIO()
        write_template(self.table, file)
        file.seek(0)
        record_export(target=self.cycle, what="商会统计表（模板）", actor=self.seat, now=self.now)
        name = safe_name(f"商会统计表_{self.seat.organisation.name}.xlsx")
        response = FileResponse(file, as_attachment=True, filename=name, content_type=MIME_TYPES["xlsx"])
        response["Cache-Control"] = "private, no-store"
        return response


class CountSheetPage(PlanView):
    """A sheet that was brought: what it would write and what is wrong with it."""

    @cached_property
    def sheet(self) -> CountSheet:
        """Return the sheet named in the address, of this very office."""
        found = sheet_visible(self.cycle, self.seat.organisation, self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the preview."""
        lines, absent = count_lines(self.sheet, self.now)
        changes = sum(line.changed for line in lines)
        return self.page("count_sheet", sheet=self.sheet, lines=lines, absent=absent, changes=changes)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write the good rows, or say why not."""
        with refusals_told(request):
            number = places.write_counts(sheet=self.sheet, actor=self.seat, now=self.now)
            messages.success(request, f"商会统计已写入，改动{number}个单位。")
            return self.back()
        return redirect("declarations:counts")


class DiscardCounts(CountSheetPage):
    """Giving a sheet up."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Lead to the preview."""
        return redirect("declarations:count_sheet", pk=self.sheet.pk)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Give it up; what stands stays as it is."""
        with refusals_told(request):
            places.discard_counts(sheet=self.sheet, actor=self.seat)
            messages.info(request, "已放弃这份统计表，没有写入任何内容。")
        return redirect("declarations:counts")


class Override(PlanView):
    """A single unit's places."""

    @cached_property
    def row(self) -> PlanRow:
        """Return the unit named in the address, if it is one of the plan's."""
        found = next((row for row in self.table.rows if row.unit.pk == self.kwargs["unit"]), None)
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for figure and reason."""
        row = self.row
        reason = row.override.reason if row.override else ""
        return self.drawn(OverrideForm(initial={"places": row.proposed, "reason": reason}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Set it, or show why not with everything as typed."""
        form = OverrideForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                places.override(
                    cycle=self.cycle, unit=self.row.unit, actor=self.seat, now=self.now, **form.cleaned_data
                )
                messages.success(request, f"{self.row.name}已按理由调整，采用后生效。")
                return self.back()
        return self.drawn(form)

    def drawn(self, form: OverrideForm) -> HttpResponse:
        """Draw the page."""
        form.cancel_url = self.back().url
        return self.page("override", row=self.row, form=form)


class Official(PlanView):
    """The places of all units as an official table has them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what is proposed, to be put right."""
        return self.drawn(OfficialForm(table=self.table))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set them, or show why not with everything as typed."""
        form = OfficialForm(request.POST, table=self.table)
        if form.is_valid():
            with refusals_in(form):
                reason = form.cleaned_data["reason"]
                number = places.override_all(
                    cycle=self.cycle, places=form.places(), reason=reason, actor=self.seat, now=self.now
                )
                messages.success(request, f"已按理由调整{number}个单位，采用后生效。" if number else "没有改动。")
                return self.back()
        return self.drawn(form)

    def drawn(self, form: OfficialForm) -> HttpResponse:
        """Draw the page."""
        form.cancel_url = self.back().url
        return self.page("official", form=form)


class DropOverride(Override):
    """Back to the formula."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Lead to the unit's page."""
        return redirect("declarations:override_places", unit=self.row.unit.pk)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Let the unit have the formula's places again."""
        with refusals_told(request):
            places.drop_override(cycle=self.cycle, unit=self.row.unit, actor=self.seat, now=self.now)
            messages.info(request, f"{self.row.name}已恢复按公式计算。")
        return self.back()


class Adopt(PlanView):
    """Adopting the plan, alone or as the first of two persons."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead to the plan."""
        return self.back()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Adopt or prepare it, or say why not."""
        with refusals_told(request):
            done = places.adopt(cycle=self.cycle, actor=self.seat, now=self.now)
            if isinstance(done, Pending):
                messages.success(request, "已提请第二人确认，确认后生效。")
                return redirect("declarations:pending", pk=done.pk)
            messages.success(request, f"名额分配已采用（第{done.version}版）。")
        return self.back()

