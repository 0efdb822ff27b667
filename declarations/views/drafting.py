"""The chamber's own pages: form, self-assessment, evidence, return slip, check, receipt."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from declarations.actions import draft
from declarations.forms.application import typed_answers, typed_marks, typed_replies
from declarations.forms.evidence import EvidenceForm
from declarations.queries import drafting as pages
from declarations.queries.acts import state_kind, state_words
from declarations.queries.pages import judgement_for
from declarations.rules import is_own_chamber
from declarations.store import fetch
from declarations.views.base import CaseView, refusals_told
from scoring.queries import programme_of
from sihao.accounts.refusals import Refusal, Refused
from sihao.documents.intake.kinds import MIME_TYPES
from sihao.documents.sniff import safe_name
from sihao.ui.formats import beijing

ANCHOR = re.compile(r"(group|section)-[0-9A-Za-z]{1,8}")
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"


class DraftView(CaseView):
    """A page on which the chamber writes."""

    permission = "declarations.edit"
    name = ""

    def page(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Draw a page with what all of them print."""
        shared = {
            "case": self.case,
            "programme": self.dossier.programme,
            "slip": self.dossier.slip,
            "places": pages.drafting_places(self.dossier, self.name),
            "due": self.case.due_at,
        }
        return render(self.request, f"declarations/drafting/{template}.html", {**shared, **context}, status=status)

    def url(self, name: str, anchor: str = "") -> str:
        """Return the address of another page of the case."""
        return reverse(f"declarations:{name}", args=[self.case.pk]) + (f"#{anchor}" if anchor else "")

    def kept(self, write: Callable[..., Any], **words: Any) -> None:
        """Let an action write, and say when it was saved or why not."""
        with refusals_told(self.request):
            write(case=self.case, actor=self.seat, now=self.now, **words)
            messages.success(self.request, f"已保存 {beijing(self.now, 'time')}")

    def next_place(self, places: dict[str, str]) -> str:
        """Return where the button leads: another page, or the part of this one that was being written."""
        then = self.request.POST.get("_then", "")
        return places.get(then) or self.url(self.name, then if ANCHOR.fullmatch(then) else "")


class FormPage(DraftView):
    """The application form (附件4)."""

    name = "form"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the form as it was typed, with what is wrong in it."""
        groups = pages.form_groups(self.dossier, self.now)
        return self.page("form", groups=groups, errors=pages.form_errors(groups))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep everything that was posted."""
        programme = programme_of(self.case.cycle.programme)
        self.kept(draft.save_answers, answers=typed_answers(programme, request.POST))
        return redirect(self.next_place({"self_assessment": self.url("self_assessment")}))


class SelfAssessment(DraftView):
    """The self-assessment (附件5)."""

    name = "self_assessment"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show every row with the proposal, the own mark, and the verdict as things stand."""
        sections = pages.self_sections(self.dossier)
        return self.page(
            "self_assessment",
            sections=sections,
            errors=pages.mark_errors(sections),
            judgement=judgement_for(self.seat, self.dossier),
            changes=pages.changes_needed(self.dossier),
            step=self.dossier.programme.step,
        )

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep everything that was posted; fill the blank marks where that was asked."""
        programme = programme_of(self.case.cycle.programme)
        self.kept(draft.save_self_marks, entries=typed_marks(programme, request.POST))
        if request.POST.get("_then") == "fill":
            with refusals_told(request):
                filled = draft.fill_proposed_marks(case=self.case, actor=self.seat, now=self.now)
                messages.info(request, f"已按建议得分填入{filled}项未打分的指标，请逐项核对。")
            return redirect(self.url(self.name))
        return redirect(self.next_place({"evidence": self.url("evidence")}))


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


class ReturnSlipPage(DraftView):
    """What was returned, and the chamber's word on it."""

    name = "return_slip"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show each item beside what was handed in."""
        return self.page("return_slip", lines=pages.slip_lines(self.dossier))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep the words."""
        self.kept(draft.answer_return, answers=typed_replies(request.POST))
        return redirect(self.next_place({"check": self.url("check")}))


class CheckPage(DraftView):
    """Everything that stands against handing in, on one page."""

    permission = "declarations.cases"
    name = "check"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it to the own chamber."""
        if not is_own_chamber(self.seat, self.case):
            raise PermissionDenied
        return self.page(
            "check",
            readiness=pages.readiness_of(self.seat, self.dossier, self.now),
            judgement=judgement_for(self.seat, self.dossier),
            state_words=state_words(self.seat, self.case),
        )


class Receipt(CaseView):
    """The receipt of the last handing in, to be printed."""

    permission = "declarations.cases"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it; before the first handing in there is none."""
        revision = pages.receipt_of(self.case)
        context = {
            "case": self.case,
            "revision": revision,
            "seconds": f"{revision.frozen_at:%S}",
            "digest": pages.in_groups(revision.digest),
            "programme": programme_of(self.case.cycle.programme),
            "state_words": state_words(self.seat, self.case),
            "state_kind": state_kind(self.seat, self.case),
        }
        return render(request, "declarations/drafting/receipt.html", context)
