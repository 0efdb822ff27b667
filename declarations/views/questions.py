"""Questions on a case: asked, answered with annexes, closed."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions import questions as actions
from declarations.calendar import add_working_days, question_limit
from declarations.forms.questions import AnswerForm, QuestionForm
from declarations.forms.review import last_day
from declarations.models import Question
from declarations.queries.questions import annex_of, question_of, questions_of
from declarations.queries.review import mend_label, mendable, step_refusals
from declarations.store import fetch
from declarations.views.base import CaseView, refusals_in, refusals_told
from declarations.views.drafting.files import SANDBOX, guarded
from sihao.accounts.permissions import allowed
from sihao.documents.intake.kinds import MIME_TYPES
from sihao.ui.uploads import claimed_name


class QuestionsView(CaseView):
    """The questions that the viewer may read, with what the viewer may do about each."""

    permission = "declarations.questions"

    def page(
        self, ask: QuestionForm | None = None, answer: tuple[int, AnswerForm] | None = None
    ) -> HttpResponse:
        """Draw the page, with the form that was refused as it was typed."""
        rows = [
            (one, self.answer_form(one, answer), self.may_close(one))
            for one in questions_of(self.seat, self.case)
        ]
        asking = allowed(self.seat, "declarations.ask", self.case)
        refusals = step_refusals(self.seat, self.dossier, self.now, "ask") if asking else ()
        form = (ask or self.ask_form()) if asking and not refusals else None
        context = {"case": self.case, "rows": rows, "form": form, "programme": self.dossier.programme}
        return render(self.request, "declarations/returns/questions.html", context)

    def answer_form(self, question: Question, sent: tuple[int, AnswerForm] | None) -> AnswerForm | None:
        """Return the form with which the viewer answers, or None where that is not the viewer's."""
        mine = question.addressee_id == self.seat.organisation_id and question.closed_at is None
        if not mine or not allowed(self.seat, "declarations.answer", self.case):
            return None
        return sent[1] if sent is not None and sent[0] == question.pk else AnswerForm(number=question.pk)

    def may_close(self, question: Question) -> bool:
        """Whether the viewer's office asked it and it is open."""
        own = question.organisation_id == self.seat.organisation_id and question.closed_at is None
        return own and allowed(self.seat, "declarations.close_question", self.case)

    def ask_form(self, data: Any = None) -> QuestionForm:
        """Return the form over whom and about what one may ask."""
        usual = add_working_days(self.now, self.case.cycle.answer_days)
        due = min(usual, question_limit(self.case, self.now, self.dossier.deadlines))
        offices = [(one.pk, str(one)) for one in actions.askable(self.case, self.seat.organisation)]
        initial = {"day": last_day(due), "to": offices[0][0], "item": self.request.GET.get("item", "")}
        items = mendable(self.dossier.programme)
        return QuestionForm(data, offices=offices, items=items, initial=initial)


class Questions(QuestionsView):
    """The thread of a case, and asking."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        return self.page()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask, or show why not with everything as typed."""
        form = self.ask_form(request.POST)
        if form.is_valid():
            item = form.cleaned_data["item"]
            about = actions.About(item, mend_label(self.dossier.programme, item) if item else "")
            words = {"to": form.cleaned_data["to"], "text": form.cleaned_data["text"], "due": form.due}
            with refusals_in(form):
                actions.ask(case=self.case, about=about, actor=self.seat, now=self.now, **words)
                messages.success(request, "询问已提出，已通知对方。")
                return redirect("declarations:questions", pk=self.case.pk)
        return self.page(ask=form)


class AnswerQuestion(QuestionsView):
    """Answer one question."""

    permission = "declarations.answer"

    def post(self, request: HttpRequest, question: int, **kwargs: Any) -> HttpResponse:
        """Keep the answer with its files, or show why not with what was typed."""
        found = question_of(self.seat, self.case, question)
        form = AnswerForm(request.POST, request.FILES, number=found.pk)
        if form.is_valid():
            files = [actions.Brought(file, claimed_name(file)) for file in form.cleaned_data["files"]]
            words = {"text": form.cleaned_data["text"], "files": files}
            with refusals_in(form):
                actions.answer(question=found, actor=self.seat, now=self.now, **words)
                messages.success(request, "答复已提交，已通知对方。")
                return redirect("declarations:questions", pk=self.case.pk)
        return self.page(answer=(found.pk, form))


class CloseQuestion(QuestionsView):
    """Close one question."""

    permission = "declarations.close_question"

    def post(self, request: HttpRequest, question: int, **kwargs: Any) -> HttpResponse:
        """Close it, or say why not."""
        found = question_of(self.seat, self.case, question)
        with refusals_told(request):
            actions.close(question=found, actor=self.seat, now=self.now)
            messages.success(request, "询问已办结。")
        return redirect("declarations:questions", pk=self.case.pk)


class AnnexFile(QuestionsView):
    """One annex, to be saved."""

    def get(self, request: HttpRequest, question: int, annex: int, **kwargs: Any) -> HttpResponse:
        """Send it."""
        found = annex_of(question_of(self.seat, self.case, question), annex)
        response = FileResponse(
            fetch(found.stored),
            as_attachment=True,
            filename=found.name,
            content_type=MIME_TYPES.get(found.kind, "application/octet-stream"),
        )
        return guarded(response, SANDBOX)
