"""The self-assessment filled in offline: taking the workbook, bringing it back, comparing, confirming."""

import tempfile
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect

from declarations.actions import draft
from declarations.actions.exporting import record_export
from declarations.exports.self_assessment import write_workbook
from declarations.forms.application import seen_versions
from declarations.forms.sheets import SheetForm, chosen_cells
from declarations.imports.self_assessment import read_filled
from declarations.models import FilledSheet
from declarations.queries import drafting as pages
from declarations.views.base import refusals_in, refusals_told
from declarations.views.drafting.desk import DraftView
from sihao.documents.intake.kinds import MIME_TYPES
from sihao.documents.sniff import safe_name


class Workbook(DraftView):
    """The self-assessment as a workbook to be filled in offline."""

    def get(self, request: HttpRequest, **kwargs: Any) -> FileResponse:
        """Write it as it stands and hand it over."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 the response closes it when it was sent
        write_workbook(self.dossier, file, now=self.now)
        file.seek(0)
        record_export(target=self.case, what="自评表（离线填写）", actor=self.seat, now=self.now)
        name = safe_name(f"附件5_{self.case.applicant_name}_{self.case.number}.xlsx")
        response = FileResponse(file, as_attachment=True, filename=name, content_type=MIME_TYPES["xlsx"])
        response["Cache-Control"] = "private, no-store"
        return response


class Offline(DraftView):
    """How it is done, and bringing a workbook back."""

    name = "self_assessment"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Explain it, and offer both ways."""
        return self.drawn(SheetForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Read the workbook and lead to the comparison, or say why it cannot be taken."""
        form = SheetForm(request.POST, request.FILES)
        if form.is_valid():
            with refusals_in(form):
                sheet = self.brought(form.cleaned_data["file"])
                return redirect("declarations:sheet_comparison", pk=self.case.pk, sheet=sheet.pk)
        return self.drawn(form)

    def brought(self, file: Any) -> FilledSheet:
        """Read it and keep what was read."""
        filled = read_filled(file, file.name, self.dossier)
        brought = draft.Brought(safe_name(file.name), filled.downloaded, filled.versions, filled.rows, filled.told)
        return draft.bring_sheet(case=self.case, brought=brought, actor=self.seat, now=self.now)

    def drawn(self, form: SheetForm) -> HttpResponse:
        """Draw the page with what waits to be confirmed."""
        step = self.dossier.programme.step
        return self.page("offline", form=form, waiting=pages.sheets_waiting(self.case), step=step)


class SheetComparison(DraftView):
    """A workbook as it went out, as it came back, and as things stand; nothing is written before it is confirmed."""

    name = "self_assessment"

    @cached_property
    def sheet(self) -> FilledSheet:
        """Return the workbook named in the address, brought to this very case."""
        return pages.sheet_of(self.case, self.kwargs["sheet"])

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what differs."""
        return self.drawn()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write what was shown and decided; where somebody was faster, show it again."""
        decided = draft.Decided(seen_versions(request.POST) or {}, chosen_cells(request.POST))
        try:
            with refusals_told(request):
                count = draft.write_sheet(sheet=self.sheet, decided=decided, actor=self.seat, now=self.now)
                messages.success(request, f"已写入{count}处。")
                return redirect(self.url("self_assessment"))
        except draft.MovedOn:
            return self.drawn(moved_on=True)
        return redirect(self.url("offline"))

    def drawn(self, *, moved_on: bool = False) -> HttpResponse:
        """Draw the comparison; after somebody was faster with status 409."""
        found = pages.comparison_of(self.sheet, self.dossier)
        status = 409 if moved_on else 200
        told = pages.told_of(self.sheet)
        return self.page("comparison", status, sheet=self.sheet, comparison=found, told=told, moved_on=moved_on)


class DiscardSheet(DraftView):
    """Giving up a workbook that was brought."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Give it up; what stands stays as it is."""
        with refusals_told(request):
            draft.discard_sheet(sheet=pages.sheet_of(self.case, self.kwargs["sheet"]), actor=self.seat)
            messages.info(request, "已放弃这份自评表，没有写入任何内容。")
        return redirect(self.url("offline"))
