"""The evidence: uploading, looking at, taking out."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect

from declarations.actions import draft
from declarations.forms.evidence import EvidenceForm
from declarations.queries import drafting as pages
from declarations.store import fetch
from declarations.views.base import CaseView, refusals_told
from declarations.views.drafting.desk import DraftView
from sihao.accounts.refusals import Refusal, Refused
from sihao.documents.intake.kinds import MIME_TYPES
from sihao.documents.sniff import safe_name

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"


class Evidence(DraftView):
    """The evidence, and uploading it."""

    name = "evidence"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what is there; an address may name the row."""
        return self.drawn(self.form(initial={"row": request.GET.get("row", "")}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take the files one by one: accepted ones stay, a refused one names its reason."""
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.drawn(form)
        row = form.cleaned_data["row"]
        if refused := self.taken(row, form.cleaned_data["files"]):
            del self.dossier
            again = self.form(request.POST, request.FILES)
            again.full_clean()
            for sentence in refused:
                again.add_error("files", sentence)
            return self.drawn(again)
        return redirect(self.url(self.name, f"row-{row}"))

    def form(self, *data: Any, **words: Any) -> EvidenceForm:
        """Return the form over the rows that are open."""
        return EvidenceForm(*data, rows=pages.row_choices(self.dossier), **words)

    def taken(self, row: str, files: list[Any]) -> list[str]:
        """Take each file and return the sentences of those that were refused."""
        refused = []
        for file in files:
            try:
                piece = draft.attach(
                    case=self.case, row=row, file=file, name=file.name, actor=self.seat, now=self.now
                )
                messages.success(self.request, f"{row}已上传：{piece.name}")
            except Refused as problem:
                refused += [_about(file.name, refusal) for refusal in problem.refusals]
        return refused

    def drawn(self, form: EvidenceForm) -> HttpResponse:
        """Draw the page."""
        rows, limits = pages.evidence_rows(self.dossier), pages.evidence_limits(self.dossier)
        return self.page("evidence", form=form, rows=rows, limits=limits)


def _about(name: str, refusal: Refusal) -> str:
    """Return the sentence with the file it is about; what judges a file names it already."""
    return refusal.sentence if refusal.code == "file_refused" else f"{safe_name(name)}：{refusal}"


class EvidenceFile(CaseView):
    """One file, to whoever may see the case; nothing is served by its place in the store."""

    permission = "declarations.cases"

    def get(self, request: HttpRequest, piece: int, **kwargs: Any) -> FileResponse:
        """Send the file to be saved; pictures and PDF may be looked at where they cannot do anything."""
        found = pages.piece_of(self.case, piece)
        inline = request.GET.get("inline") == "1" and found.kind in pages.SHOWN_INLINE
        response = FileResponse(
            fetch(found.stored),
            as_attachment=not inline,
            filename=found.name,
            content_type=MIME_TYPES.get(found.kind, "application/octet-stream"),
        )
        response["Content-Security-Policy"] = SANDBOX
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response


class RemoveEvidence(DraftView):
    """Taking a piece of evidence out."""

    def post(self, request: HttpRequest, piece: int, **kwargs: Any) -> HttpResponse:
        """Take it out, or say why not."""
        found = pages.piece_of(self.case, piece)
        with refusals_told(request):
            draft.detach(case=self.case, attachment=found, actor=self.seat, now=self.now)
            messages.success(request, f"{found.row}已移除：{found.name}")
        return redirect(self.url("evidence"))
