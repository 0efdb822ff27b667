"""The own sheet filled in offline: taking the workbook, bringing it back, comparing, confirming."""

import tempfile
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions import draft
from declarations.actions.expert_sheets import bring_expert_sheet, discard_expert_sheet, write_expert_sheet
from declarations.actions.exporting import record_export
from declarations.exports import expert_sheet
from declarations.forms.application import seen_versions
from declarations.forms.sheets import SheetForm, chosen_cells
from declarations.imports.self_assessment import read_filled
from declarations.models import FilledSheet
from declarations.queries import drafting as pages
from declarations.queries.expert_sheets import brought_sheet, brought_waiting, kind_of, marks_of
from declarations.views.base import refusals_in, refusals_told
from declarations.views.sheet import ExpertPage
from sihao.documents.intake.kinds import MIME_TYPES
from sihao.documents.sniff import safe_name


class OfflinePage(ExpertPage):
    """A page about the own sheet offline; only while it is the expert's to write."""

    permission = "declarations.score"

    def may_open(self) -> bool:
        """Ask the rule, and whether the sheet is open."""
        return super().may_open() and self.writable

    def back(self) -> HttpResponse:
        """Lead to the page that offers both ways."""
        return redirect("declarations:sheet_offline", pk=self.case.pk)


class ExpertWorkbook(OfflinePage):
    """The own sheet as a workbook."""

    def get(self, request: HttpRequest, **kwargs: Any) -> FileResponse:
        """Write it as it stands and hand it over."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 the response closes it when it was sent
        expert_sheet.write_expert_sheet(self.review, self.dossier, file, now=self.now)
        file.seek(0)
        record_export(target=self.case, what="专家评分表（离线填写）", actor=self.seat, now=self.now)
        name = safe_name(f"专家评分表_{self.case.number}.xlsx")
        response = FileResponse(file, as_attachment=True, filename=name, content_type=MIME_TYPES["xlsx"])
        response["Cache-Control"] = "private, no-store"
        return response


class SheetOffline(OfflinePage):
    """How it is done, and bringing a workbook back."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Explain it, and offer both ways."""
        return self.drawn(SheetForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Read the workbook and lead to the comparison, or say why it cannot be taken."""
        form = SheetForm(request.POST, request.FILES)
        if form.is_valid():
            with refusals_in(form):
                sheet = self.brought(form.cleaned_data["file"])
                return redirect("declarations:expert_comparison", pk=self.case.pk, sheet=sheet.pk)
        return self.drawn(form)

    def brought(self, file: Any) -> FilledSheet:
        """Read it and keep what was read."""
        filled = read_filled(file, file.name, self.dossier, kind_of(self.review))
        brought = draft.Brought(safe_name(file.name), filled.downloaded, filled.versions, filled.rows, filled.told)
        return bring_expert_sheet(review=self.review, brought=brought, actor=self.seat, now=self.now)

    def drawn(self, form: SheetForm) -> HttpResponse:
        """Draw the page with what waits to be confirmed."""
        form.fields["file"].label = "填好的专家评分表"
        context = {"case": self.case, "programme": self.dossier.programme, "form": form}
        context |= {"waiting": brought_waiting(self.review), "step": self.dossier.programme.step}
        return render(self.request, "declarations/panel/offline.html", context)


class ExpertComparison(OfflinePage):
    """A workbook as it went out, as it came back, and as things stand; nothing is written before it is confirmed."""

    @cached_property
    def sheet(self) -> FilledSheet:
        """Return the workbook named in the address, brought to this very sheet."""
        return brought_sheet(self.review, self.kwargs["sheet"])

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what differs."""
        return self.drawn()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write what was shown and decided; where something changed meanwhile, show it again."""
        decided = draft.Decided(seen_versions(request.POST) or {}, chosen_cells(request.POST))
        try:
            with refusals_told(request):
                count = write_expert_sheet(sheet=self.sheet, decided=decided, actor=self.seat, now=self.now)
                messages.success(request, f"已写入{count}处，请核对后确认评分。")
                return self.to_sheet()
        except draft.MovedOn:
            return self.drawn(moved_on=True)
        return self.back()

    def drawn(self, *, moved_on: bool = False) -> HttpResponse:
        """Draw the comparison; after something changed meanwhile with status 409."""
        found = pages.comparison_of(self.sheet, self.dossier, kind_of(self.review), marks_of(self.review))
        context = {"case": self.case, "programme": self.dossier.programme, "sheet": self.sheet, "comparison": found}
        context |= {"told": pages.told_of(self.sheet), "moved_on": moved_on}
        status = 409 if moved_on else 200
        return render(self.request, "declarations/panel/comparison.html", context, status=status)


class DiscardExpertSheet(OfflinePage):
    """Giving up a workbook that was brought."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Give it up; what stands stays as it is."""
        with refusals_told(request):
            discard_expert_sheet(sheet=brought_sheet(self.review, self.kwargs["sheet"]), actor=self.seat)
            messages.info(request, "已放弃这份评分表，没有写入任何内容。")
        return self.back()
