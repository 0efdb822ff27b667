"""The papers of a list: the agenda in every form; the sealed ones as page, Word and sheet, as their PDF is sealed."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions.exporting import order_list_bundle, record_export
from declarations.actions.issuing import issue
from declarations.exports.papers.files import ENDINGS, file_of, handed_over
from declarations.exports.papers.lists import agenda_paper, paper_of_list
from declarations.queries.batches import meeting_of
from declarations.states import IssuedKind, PaperKind
from declarations.views.lists import BatchView
from declarations.views.sealing import PaperView
from sihao.documents.paper import Paper
from sihao.documents.pdf import CannotPrint
from sihao.documents.sniff import safe_name
from sihao.ui.press import code_of

ISSUED = {
    PaperKind.REPORT: IssuedKind.REPORT,
    PaperKind.SUMMARY: IssuedKind.LIST,
    PaperKind.MINUTES: IssuedKind.MINUTES,
}


class ListPaper(BatchView, ABC):
    """One paper of a list as it stands now."""

    permission = "declarations.board"
    title = ""
    endings = ENDINGS

    @abstractmethod
    def made(self) -> tuple[Paper, IssuedKind]:
        """Return the paper and its kind; one that is not there yet answers 404."""

    @cached_property
    def paper(self) -> Paper:
        """Return it with its standing."""
        paper, kind = self.made()
        words = {"version": self.batch.version, "is_draft": False, "actor": self.seat, "now": self.now}
        return issue(paper=paper, kind=kind, of=self.batch, **words)

    def page(self) -> HttpResponse:
        """Show it."""
        context = {"batch": self.batch, "paper": self.paper, "code": code_of(self.paper), **self.shown_beside()}
        return render(self.request, "declarations/lists/paper.html", context)

    @abstractmethod
    def shown_beside(self) -> dict[str, Any]:
        """Return where its files are, for the page."""

    def file(self, ending: str) -> HttpResponse:
        """Hand it over; where the machine cannot print, say so on the page of the list."""
        if ending not in self.endings:
            raise Http404
        try:
            file = file_of(self.paper, ending)
        except CannotPrint as problem:
            messages.error(self.request, str(problem))
            return self.back()
        record_export(target=self.batch, what=f"{self.title}（{ending}）", actor=self.seat, now=self.now)
        return handed_over(file, safe_name(f"{self.title}_{self.batch.unit.name}.{ending}"), ending)


class OrderBundle(BatchView):
    """Order all papers of a list and the books of its cases as one .zip."""

    permission = "declarations.board"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Order it and lead to the job."""
        if not self.batch.listing:
            messages.error(request, "名单尚未固定。")
            return self.back()
        self.whole_or_refused()
        job = order_list_bundle(batch=self.batch, actor=self.seat, now=self.now)
        return redirect("jobs:detail", job.number)


class Agenda(ListPaper):
    """The agenda of the unit's meeting."""

    title = "会议议程"

    def made(self) -> tuple[Paper, IssuedKind]:
        """Return it."""
        meeting = meeting_of(self.batch)
        if meeting is None:
            raise Http404
        self.whole_or_refused()
        return agenda_paper(self.batch, meeting), IssuedKind.AGENDA

    def shown_beside(self) -> dict[str, Any]:
        """Return that it is the agenda."""
        return {"is_agenda": True, "title": self.title}


class AgendaPage(Agenda):
    """The agenda on the screen."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        return self.page()


class AgendaFile(Agenda):
    """The agenda as a file."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Hand it over."""
        return self.file(kwargs["ending"])


class Sealed(ListPaper, PaperView):
    """One of the papers that are sealed or signed, to be read and worked with; what is sealed is the PDF."""

    endings = ENDINGS - {"pdf"}

    @property
    def title(self) -> str:
        """Return what it is called."""
        return PaperKind(self.kwargs["kind"]).label

    def made(self) -> tuple[Paper, IssuedKind]:
        """Return it."""
        paper = self.standing().paper
        return paper_of_list(self.batch, paper), ISSUED[PaperKind(paper.kind)]

    def shown_beside(self) -> dict[str, Any]:
        """Return which one it is."""
        return {"kind": self.kwargs["kind"], "title": self.title}


class SealedPage(Sealed):
    """It on the screen."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        return self.page()


class SealedDraft(Sealed):
    """It as a file."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Hand it over."""
        return self.file(kwargs["ending"])
