"""The evidence: uploading by form, hints for the reader, taking out."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from declarations.actions import draft
from declarations.forms.evidence import EvidenceForm, HintForm
from declarations.queries import drafting as pages
from declarations.queries.proofs import proof_label
from declarations.views.base import refusals_told
from declarations.views.drafting.desk import DraftView
from sihao.accounts.refusals import Refusal, Refused
from sihao.documents.sniff import safe_name
from sihao.ui.uploads import claimed_name


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
        files = form.cleaned_data.pop("files")
        if refused := self.taken(files, **form.cleaned_data) + self.cut_short():
            del self.dossier
            again = self.form(request.POST, request.FILES)
            again.full_clean()
            for sentence in refused:
                again.add_error("files", sentence)
            return self.drawn(again)
        return redirect(self.url(self.name, f"row-{form.cleaned_data['row']}"))

    def form(self, *data: Any, **words: Any) -> EvidenceForm:
        """Return the form over the rows that are open."""
        return EvidenceForm(*data, rows=pages.row_choices(self.dossier), **words)

    def taken(self, files: list[Any], **proof: Any) -> list[str]:
        """Take each file and return the sentences of those that were refused."""
        refused = []
        label = proof_label(self.dossier.programme, proof["row"])
        for file in files:
            name = claimed_name(file)
            try:
                piece = draft.attach(
                    case=self.case, file=file, name=name, actor=self.seat, now=self.now, **proof
                )
                messages.success(self.request, f"{label}已上传：{piece.name}")
            except Refused as problem:
                refused += [_about(name, refusal) for refusal in problem.refusals]
        return refused

    def cut_short(self) -> list[str]:
        """Say it where the files together were more than one form may bring."""
        return [pages.cut_short()] if getattr(self.request, "files_cut_short", False) else []

    def drawn(self, form: EvidenceForm) -> HttpResponse:
        """Draw the page."""
        shown = self.request.GET.get("show", "")
        shown = shown if shown in pages.EVIDENCE_WAYS else "all"
        parts = pages.evidence_parts(self.dossier, shown)
        total = len(self.dossier.programme.rubric.items())
        return self.page(
            "evidence",
            form=form,
            parts=parts,
            shown=shown,
            ways=pages.evidence_ways(parts, shown, total),
            limits=pages.evidence_limits(self.dossier),
            unfinished=pages.unfinished_uploads(self.seat, self.dossier),
        )


def _about(name: str, refusal: Refusal) -> str:
    """Return the sentence with the file it is about; what judges a file names it already."""
    judged = refusal.code in {"file_refused", draft.SERVER_BUSY}
    return refusal.sentence if judged else f"{safe_name(name)}：{refusal}"


class EvidenceHint(DraftView):
    """Where in a piece of evidence to look, and of what date it is."""

    def post(self, request: HttpRequest, piece: int, **kwargs: Any) -> HttpResponse:
        """Keep it, or say what is wrong with it."""
        found = pages.piece_of(self.case, piece)
        form = HintForm(request.POST)
        if not form.is_valid():
            for problems in form.errors.values():
                messages.error(request, f"{found.name}：{''.join(problems)}")
            return redirect(self.url("evidence", f"piece-{found.pk}"))
        with refusals_told(request):
            draft.annotate(case=self.case, attachment=found, actor=self.seat, **form.cleaned_data)
            messages.success(request, f"已保存：{found.name}的页码提示和材料日期")
        return redirect(self.url("evidence", f"piece-{found.pk}"))


class RemoveEvidence(DraftView):
    """Taking a piece of evidence out."""

    def post(self, request: HttpRequest, piece: int, **kwargs: Any) -> HttpResponse:
        """Take it out, or say why not."""
        found = pages.piece_of(self.case, piece)
        with refusals_told(request):
            draft.detach(case=self.case, attachment=found, actor=self.seat, now=self.now)
            label = proof_label(self.dossier.programme, found.row)
            messages.success(request, f"{label}已移除：{found.name}")
        return redirect(self.url("evidence", f"row-{found.row}"))
