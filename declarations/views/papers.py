"""Papers of a case: which there are, each as a page, as PDF, as Word and as a spreadsheet; and the public check."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions.exporting import order_book, record_export
from declarations.actions.issuing import in_fours, issue
from declarations.exports.papers.catalog import CasePaper, case_papers, paper_named
from declarations.exports.papers.files import ENDINGS, file_of, handed_over
from declarations.forms.public import PaperCheck, folded_code
from declarations.queries.issued import paper_of_code, state_of
from declarations.views.base import CaseView
from declarations.views.public import for_anybody
from sihao import clock
from sihao.documents.paper import Paper
from sihao.documents.pdf import CannotPrint
from sihao.documents.sniff import safe_name
from sihao.ui.press import code_of


class CasePapers(CaseView):
    """The papers of a case that the viewer may have."""

    permission = "declarations.cases"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """List them."""
        context = {"case": self.case, "papers": case_papers(self.seat, self.dossier)}
        return render(request, "declarations/papers/list.html", context)


class OrderBook(CaseView):
    """Order the declaration book; a job binds it."""

    permission = "declarations.cases"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Order it and lead to the job."""
        job = order_book(case=self.case, actor=self.seat, now=self.now)
        return redirect("jobs:detail", job.number)


class OnePaper(CaseView):
    """One paper of a case, as it stands now."""

    permission = "declarations.cases"

    @cached_property
    def found(self) -> CasePaper:
        """Return what is known of it; one that the viewer may not have is not there."""
        found = paper_named(self.seat, self.dossier, self.kwargs["slug"])
        if found is None:
            raise Http404
        return found

    @cached_property
    def paper(self) -> Paper:
        """Return it with its standing."""
        return issue(
            paper=self.found.make(),
            kind=self.found.kind,
            of=self.case,
            version=self.found.version,
            is_draft=self.found.is_draft,
            subject=self.found.subject,
            actor=self.seat,
            now=self.now,
        )


class PaperPage(OnePaper):
    """A paper on the screen."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        context = {"case": self.case, "found": self.found, "paper": self.paper, "code": code_of(self.paper)}
        return render(request, "declarations/papers/paper.html", context)


class PaperFile(OnePaper):
    """A paper as a file."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Hand it over; where the machine cannot print, say so on the page of the papers."""
        if kwargs["ending"] not in ENDINGS:
            raise Http404
        try:
            file = file_of(self.paper, kwargs["ending"])
        except CannotPrint as problem:
            messages.error(request, str(problem))
            return redirect("declarations:case_papers", pk=self.case.pk)
        what = f"{self.found.title}（{kwargs['ending']}）"
        record_export(target=self.case, what=what, actor=self.seat, now=self.now)
        name = safe_name(f"{self.found.title}_{self.case.applicant_name}_{self.case.number}.{kwargs['ending']}")
        return handed_over(file, name, kwargs["ending"])


@for_anybody
def check_paper(request: HttpRequest) -> HttpResponse:
    """Ask for a paper by its check code."""
    form = PaperCheck(request.GET) if "code" in request.GET else PaperCheck()
    if form.is_bound and form.is_valid():
        return redirect("public:paper", code=form.cleaned_data["code"])
    return render(request, "public/check_paper.html", {"form": form})


@for_anybody
def paper(request: HttpRequest, code: str) -> HttpResponse:
    """How a paper stands today; what is written on it is not told."""
    asked = folded_code(code)
    found = paper_of_code(asked)
    context = {"found": found, "code": in_fours(asked), "now": clock.now()}
    if found is not None:
        context["state"] = state_of(found)
    return render(request, "public/paper.html", context, status=200 if found else 404)
