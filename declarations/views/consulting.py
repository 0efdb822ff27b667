"""Talking with the recommending unit: asking for a clarification, proposing to disqualify, the threads of a case."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions import consulting, preliminary
from declarations.actions.questions import Brought
from declarations.forms.preliminary import (
    CitedFormSet,
    CitedLines,
    ClarificationForm,
    ProposalForm,
    StatementForm,
)
from declarations.forms.review import with_more_lines
from declarations.queries.acts import acts_open_to
from declarations.queries.consultations import file_of, speaking
from declarations.queries.review import mendable, step_refusals
from declarations.rules import NATIONAL_READERS
from declarations.store import fetch
from declarations.views.base import CaseView, refusals_in, refusals_told
from declarations.views.drafting.files import SANDBOX, guarded
from declarations.workflow import WORKFLOWS
from sihao.documents.intake.kinds import MIME_TYPES
from sihao.ui.uploads import claimed_name


class Opening(CaseView):
    """Open a thread with the unit: words, and the rows and fields with their evidence."""

    permission = "declarations.preliminary"
    step = ""
    form_class: type[Form] = ClarificationForm
    action: Callable[..., Any]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show blank lines."""
        return self.page(self.form_class(), self.lines())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Open it, add blank lines, or show why not with everything as typed."""
        form, lines = self.form_class(request.POST), self.lines(request.POST)
        if "more" in request.POST:
            return self.page(form, self.lines(with_more_lines(request.POST)), checked=False)
        if form.is_valid() and lines.is_valid():
            words = {"items": lines.cited(self.dossier.programme), "actor": self.seat, "now": self.now}
            with refusals_told(request):
                type(self).action(case=self.case, **words, **form.cleaned_data)
                messages.success(request, f"{self.case.applicant_name}：已提出，已通知推荐单位。")
                return redirect("declarations:consultation", pk=self.case.pk)
        return self.page(form, lines)

    def lines(self, data: Any = None) -> CitedLines:
        """Return the lines with the rows and fields to choose from."""
        return CitedFormSet(data, form_kwargs={"choices": mendable(self.dossier.programme)})

    def page(self, form: Form, lines: CitedLines, *, checked: bool = True) -> HttpResponse:
        """Draw the page."""
        context = {
            "case": self.case,
            "step": WORKFLOWS[self.case.cycle.workflow].transition(self.step),
            "form": form,
            "lines": lines,
            "checked": checked and lines.is_bound,
            "days": self.case.cycle.answer_days,
            "programme": self.dossier.programme,
            "refusals": step_refusals(self.seat, self.dossier, self.now, self.step),
        }
        return render(self.request, "declarations/national/open_thread.html", context)


class AskClarification(Opening):
    """Ask the unit about the material, once (T17)."""

    step = "ask_clarification"
    action = consulting.ask_clarification


class Propose(Opening):
    """Propose to disqualify on exactly one ground (T19)."""

    step = "propose_disqualification"
    form_class = ProposalForm
    action = preliminary.propose_disqualification


class ConsultationPage(CaseView):
    """The threads of a case, the newest first, and the form of whoever may say something."""

    permission = "declarations.consultations"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show them."""
        return self.page(StatementForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep what is said, or show why not with everything as typed."""
        form = StatementForm(request.POST, request.FILES)
        if form.is_valid():
            files = [Brought(file, claimed_name(file)) for file in form.cleaned_data["files"]]
            words = {"text": form.cleaned_data["text"], "files": files, "actor": self.seat, "now": self.now}
            thread = self.dossier.consultation
            proposal = thread is None or thread.is_proposal
            with refusals_in(form):
                (consulting.speak if proposal else consulting.answer_clarification)(case=self.case, **words)
                messages.success(request, "已提交，已通知对方。")
                return redirect("declarations:consultation", pk=self.case.pk)
        return self.page(form)

    def page(self, form: StatementForm) -> HttpResponse:
        """Draw the page."""
        may = speaking(self.seat, self.dossier)
        if may:
            form.submit_label, form.confirm, form.fields["text"].label = may.verb, may.warning, may.label
        context = {
            "case": self.case,
            "threads": self.dossier.consultations[::-1],
            "form": form,
            "speaking": may,
            "inside": self.seat.role in NATIONAL_READERS,
            "programme": self.dossier.programme,
            "acts": acts_open_to(self.seat, self.dossier, self.now) if self.dossier.consultation else (),
        }
        return render(self.request, "declarations/national/consultation.html", context)


class FileOfStatement(CaseView):
    """One file that was brought with words, to be saved."""

    permission = "declarations.consultations"

    def get(self, request: HttpRequest, file: int, **kwargs: Any) -> HttpResponse:
        """Send it."""
        found = file_of(self.case, file)
        response = FileResponse(
            fetch(found.stored),
            as_attachment=True,
            filename=found.name,
            content_type=MIME_TYPES.get(found.kind, "application/octet-stream"),
        )
        return guarded(response, SANDBOX)
