"""Papers of a case: which there are, each as a page, as PDF, as Word and as a spreadsheet; and the public check."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions.exporting import order_book, order_certificates, order_feedback, record_export
from declarations.actions.issuing import in_fours, issue
from declarations.exports.papers.catalog import CasePaper, case_papers, paper_named
from declarations.exports.papers.files import ENDINGS, file_of, handed_over
from declarations.exports.papers.shelf import HousePaper, house_paper, shelf
from declarations.forms.public import PaperCheck, folded_code
from declarations.models import Batch, Cycle, Declaration
from declarations.queries.issued import paper_of_code, state_of
from declarations.queries.shelf import may_have_titles, packs_for
from declarations.views.base import CaseView, SeatView
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


class OnePaper(SeatView, ABC):
    """One paper as it stands now: as a page, or as a file."""

    @cached_property
    def found(self) -> CasePaper:
        """Return what is known of it; one that the viewer may not have is not there."""
        found = self.find(self.kwargs["slug"])
        if found is None:
            raise Http404
        return found

    @abstractmethod
    def find(self, slug: str) -> CasePaper | None:
        """Return the paper of that name."""

    @abstractmethod
    def home(self) -> Declaration | Batch | Cycle:
        """Return what the paper is of."""

    def about(self) -> str:
        """Return what stands in the name of its file behind the title."""
        return ""

    @cached_property
    def paper(self) -> Paper:
        """Return it with its standing."""
        found = self.found
        return issue(
            paper=found.make(),
            kind=found.kind,
            of=self.home(),
            version=found.edition,
            is_draft=found.is_draft,
            subject=found.subject,
            actor=self.seat,
            now=self.now,
        )

    def handed(self) -> HttpResponse:
        """Hand the file over and note it; raises ``CannotPrint`` where the machine cannot print."""
        ending = self.kwargs["ending"]
        if ending not in ENDINGS:
            raise Http404
        file = file_of(self.paper, ending)
        record_export(
            target=self.home(), what=f"{self.found.title}（{ending}）", actor=self.seat, now=self.now
        )
        return handed_over(file, safe_name(f"{self.found.title}_{self.about()}.{ending}"), ending)


class OneCasePaper(OnePaper, CaseView):
    """One paper of a case."""

    permission = "declarations.cases"

    def find(self, slug: str) -> CasePaper | None:
        """Return the paper of that name."""
        return paper_named(self.seat, self.dossier, slug)

    def home(self) -> Declaration:
        """Return the case."""
        return self.case

    def about(self) -> str:
        """Return whose it is."""
        return f"{self.case.applicant_name}_{self.case.number}"


class PaperPage(OneCasePaper):
    """A paper on the screen."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        context = {"case": self.case, "found": self.found, "paper": self.paper, "code": code_of(self.paper)}
        return render(request, "declarations/papers/paper.html", context)


class PaperFile(OneCasePaper):
    """A paper as a file."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Hand it over; where the machine cannot print, say so on the page of the papers."""
        try:
            return self.handed()
        except CannotPrint as problem:
            messages.error(request, str(problem))
            return redirect("declarations:case_papers", pk=self.case.pk)


class HousePapers(SeatView):
    """The papers of a cycle that the viewer may have."""

    permission = "declarations.papers"

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        context = {
            "cycle": self.cycle,
            "papers": shelf(self.seat, self.cycle),
            "certificates": may_have_titles(self.seat, self.cycle),
        }
        return render(request, "declarations/papers/shelf.html", context)


class OrderCertificates(SeatView):
    """Order all certificates of a cycle as one .zip."""

    permission = "declarations.publication"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Order them and lead to the job, or say why not."""
        if not may_have_titles(self.seat, self.cycle):
            messages.error(request, "名单尚未公布，或者其中有您应当回避的申报。")
            return redirect("declarations:papers")
        return redirect("jobs:detail", order_certificates(cycle=self.cycle, actor=self.seat, now=self.now).number)


class OrderFeedback(SeatView):
    """Order the feedback packs of all units as one .zip."""

    permission = "declarations.make_feedback"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Order them and lead to the job, or say why not."""
        if not packs_for(self.seat, self.cycle):
            messages.error(request, "还没有反馈材料。")
            return redirect("declarations:feedback")
        return redirect("jobs:detail", order_feedback(cycle=self.cycle, actor=self.seat, now=self.now).number)


class OneHousePaper(OnePaper):
    """One paper of a cycle, or of something that hangs on a case."""

    permission = "declarations.papers"
    found: HousePaper

    def find(self, slug: str) -> HousePaper | None:
        """Return the paper of that name."""
        return house_paper(self.seat, self.cycle, slug)

    def home(self) -> Declaration | Batch | Cycle:
        """Return what it is of."""
        return self.found.of

    def about(self) -> str:
        """Return what it is of, in words."""
        return str(self.found.of)


class HousePaperPage(OneHousePaper):
    """Such a paper on the screen."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        context = {"found": self.found, "paper": self.paper, "code": code_of(self.paper)}
        return render(request, "declarations/papers/house_paper.html", context)


class HousePaperFile(OneHousePaper):
    """Such a paper as a file."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Hand it over; where the machine cannot print, say so on the page of the papers."""
        try:
            return self.handed()
        except CannotPrint as problem:
            messages.error(request, str(problem))
            return redirect("declarations:papers")


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
