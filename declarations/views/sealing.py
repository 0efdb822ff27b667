"""The sealed papers of a list: the report's text, the PDFs to print, the scans that come back."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations import store
from declarations.actions import sealing
from declarations.actions.exporting import record_export
from declarations.exports.sealed_papers import printed
from declarations.forms.lists import ReportForm
from declarations.models import Meeting, PaperScan
from declarations.papers import kept_paper
from declarations.queries.batches import PaperStanding, meeting_of, papers_of, scan_of
from declarations.queries.report import Draft, report_draft, report_title
from declarations.states import BatchState
from declarations.views.base import refusals_in, refusals_told
from declarations.views.deciding import pdf_response
from declarations.views.lists import BatchView
from sihao.documents.pdf import CannotPrint
from sihao.documents.sniff import safe_name
from sihao.ui.uploads import claimed_name

MIME = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}
MOST_AT_ONCE = 40


class Report(BatchView):
    """The text of the report: drafted from the data, edited by the officer."""

    permission = "declarations.prepare_batch"

    @cached_property
    def meeting(self) -> Meeting | None:
        """Return the meeting that decided the list; before and after there is no report to write."""
        return meeting_of(self.batch) if self.batch.state == BatchState.MEETING_HELD else None

    def not_now(self) -> HttpResponse:
        """Lead back to the list while there is no report to write."""
        words = f"推荐名单现为“{self.batch.get_state_display()}”，登记研究结果以后、提交上报以前可以起草报告。"
        messages.error(self.request, words)
        return self.back()

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the text; before it was first saved, or where asked for, the draft."""
        if self.meeting is None:
            return self.not_now()
        self.whole_or_refused()
        draft = report_draft(self.batch, self.meeting)
        anew = "anew" in request.GET or not self.batch.report_text
        return self.page(ReportForm(initial={"text": draft.text if anew else self.batch.report_text}), draft)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save it, or show why not with everything as typed."""
        if self.meeting is None:
            return self.not_now()
        self.whole_or_refused()
        draft, form = report_draft(self.batch, self.meeting), ReportForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                text = form.cleaned_data["text"].replace("\r\n", "\n")
                sealing.save_report(
                    batch=self.batch, text=text, basis=draft.basis, actor=self.seat, now=self.now
                )
                messages.success(request, "报告已保存。")
                return self.back()
        return self.page(form, draft)

    def page(self, form: ReportForm, draft: Draft) -> HttpResponse:
        """Draw the page; where the figures have changed since the text was written, that is said."""
        form.cancel_url = self.back().url
        stale = bool(self.batch.report_text) and self.batch.report_basis != draft.basis
        context = {"batch": self.batch, "form": form, "draft": draft, "stale": stale, "name": report_title(self.batch)}
        return render(self.request, "declarations/lists/report.html", context)


class Issue(BatchView):
    """Issue the papers that are to be sealed; a job prints them."""

    permission = "declarations.prepare_batch"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Order it, or say why not."""
        self.whole_or_refused()
        with refusals_told(request):
            sealing.issue_papers(batch=self.batch, actor=self.seat, now=self.now)
            messages.success(request, "正在生成盖章材料，完成后可以下载打印。")
        return self.back()


class PaperView(BatchView):
    """Something about one paper of the list."""

    def standing(self) -> PaperStanding:
        """Return the paper in use of the kind in the address, printed already."""
        papers = papers_of(self.batch, meeting_of(self.batch))
        found = next((one for one in papers if one.kind == self.kwargs["kind"]), None)
        if found is None or found.paper.pages is None:
            raise Http404
        self.whole_or_refused()
        return found


class PaperFile(PaperView):
    """One paper as a PDF, to be printed and sealed."""

    permission = "declarations.board"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Hand it over; it is printed again where the kept file is gone."""
        paper = self.standing().paper
        what = f"{paper.get_kind_display()}（名单第{self.batch.version}版）"
        record_export(target=self.batch, what=what, actor=self.seat, now=self.now)
        try:
            file = kept_paper(paper.stored, lambda: printed(self.batch, paper)[0])
        except CannotPrint as problem:
            messages.error(request, str(problem))
            return self.back()
        return pdf_response(file, f"{paper.get_kind_display()}_第{self.batch.version}版_{self.batch.unit.name}.pdf")


class BringScans(PaperView):
    """Bring scans of a paper back."""

    permission = "declarations.prepare_batch"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take the files in; each that is refused says why."""
        paper = self.standing().paper
        files = request.FILES.getlist("scan")[:MOST_AT_ONCE]
        if not files:
            messages.error(request, "请选择扫描件。")
        for file in files:
            self.bring(paper, file)
        return redirect(f"{self.back().url}#paper-{paper.kind}")

    def bring(self, paper: Any, file: UploadedFile) -> None:
        """Take one file in."""
        with refusals_told(self.request):
            sealing.bring_scan(
                batch=self.batch,
                paper=paper,
                file=file.file,
                name=claimed_name(file),
                actor=self.seat,
                now=self.now,
            )
            messages.success(self.request, f"“{safe_name(claimed_name(file))}”已收下，正在识读二维码。")


class ScanView(BatchView):
    """Something about one scan."""

    def scan(self) -> PaperScan:
        """Return the scan named in the address."""
        found = scan_of(self.batch, self.kwargs["scan"])
        if found is None:
            raise Http404
        self.whole_or_refused()
        return found


class ScanFile(ScanView):
    """A scan, to be looked at."""

    permission = "declarations.board"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Hand it over."""
        scan = self.scan()
        try:
            file = store.fetch(scan.stored)
        except FileNotFoundError:
            raise Http404 from None
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}
        return FileResponse(file, filename=scan.name, content_type=MIME[scan.kind], headers=headers)


class RemoveScan(ScanView):
    """Take a scan away."""

    permission = "declarations.prepare_batch"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take it away, or say why not."""
        scan = self.scan()
        with refusals_told(request):
            sealing.remove_scan(batch=self.batch, scan=scan, actor=self.seat, now=self.now)
            messages.success(request, f"已移除“{scan.name}”。")
        return redirect(f"{self.back().url}#paper-{scan.paper.kind}")


class Seal(BatchView):
    """Say that every sealed paper is there."""

    permission = "declarations.prepare_batch"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Say so, or be told what is missing."""
        with refusals_told(request):
            sealing.seal_batch(batch=self.batch, actor=self.seat, now=self.now)
            messages.success(request, "盖章材料已提交，请由分管领导上报。")
        return self.back()


class Unseal(BatchView):
    """Open the sealed papers again."""

    permission = "declarations.prepare_batch"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Open them, or say why not."""
        with refusals_told(request):
            sealing.unseal_batch(batch=self.batch, actor=self.seat, now=self.now)
            messages.success(request, "可以更换盖章材料，完成后请重新提交。")
        return self.back()
