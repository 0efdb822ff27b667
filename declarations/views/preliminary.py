"""The preliminary review: one case on one page, the worklist, a bulk pass with its preview, the officers' desks."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions.desks import assign_desk, set_liaisons
from declarations.actions.preliminary import MOST_PASSED, answer_questions, order_passing
from declarations.actions.visit_marks import take_over_marks
from declarations.forms.preliminary import DeskForm, QuestionsForm, sent_keys, sent_liaisons, sent_notes
from declarations.queries.acts import acts_open_to, pages_open_to
from declarations.queries.crossed_page import comparison_of
from declarations.queries.desks import desks_for, liaisons_of, loads_of
from declarations.queries.national import answers_typed, unit_judgement
from declarations.queries.preliminary import (
    FILTERS,
    asked_of,
    keys_of_findings,
    preview_of,
    ready_keys,
    review_chips,
    review_list,
)
from declarations.queries.visit_card import visit_card
from declarations.states import State
from declarations.views.base import CaseView, SeatView, refusals_in, refusals_told
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed


class PreliminaryPage(CaseView):
    """The three questions of a case, each with what the machine found on it, and the acts."""

    permission = "declarations.preliminary"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the findings beside the questions."""
        return self.page(QuestionsForm(initial=answers_typed(self.dossier)))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep answers and words, or show why not with everything as typed."""
        form = QuestionsForm(request.POST)
        if form.is_valid():
            notes = sent_notes(request.POST, keys_of_findings(self.case))
            with refusals_in(form):
                words = {"case": self.case, "actor": self.seat, "now": self.now, "notes": notes}
                answer_questions(**words, **form.cleaned_data)
                messages.success(request, "初审结论已保存。")
                return redirect("declarations:preliminary", pk=self.case.pk)
        return self.page(form)

    def page(self, form: QuestionsForm) -> HttpResponse:
        """Draw the page."""
        asked, review = asked_of(self.seat, self.dossier), self.dossier.preliminary
        context = {
            "case": self.case,
            "form": form,
            "open": self.case.state == State.PRELIMINARY_REVIEW,
            "programme": self.dossier.programme,
            "asked": [(one, form[one.name], getattr(review, one.name, None)) for one in asked],
            "judgement": unit_judgement(self.dossier),
            "review": review,
            "visit_card": visit_card(self.seat, self.dossier),
            "consultations": self.dossier.consultations[::-1],
            "comparison": comparison_of(self.case.cycle),
            "desks": self.desks(),
            "acts": acts_open_to(self.seat, self.dossier, self.now),
            "pages": [page for page in pages_open_to(self.seat, self.dossier) if page.url != self.request.path],
        }
        return render(self.request, "declarations/national/preliminary.html", context)

    def desks(self) -> DeskForm | None:
        """Return the form that puts the case on another desk, for whom it is for."""
        may = allowed(self.seat, "declarations.assign_desks") and self.case.state == State.PRELIMINARY_REVIEW
        return desk_form(self.case) if may else None


def desk_form(case: Any, data: Any = None) -> DeskForm:
    """Return the form of the officers who may have a case."""
    seats = [(seat.pk, f"{seat.user.name}（现有{seat.load}件）") for seat in desks_for(case)]
    return DeskForm(data, seats=seats, initial={"seat": case.desk_id})


class TakeVisitMarks(CaseView):
    """Take over the marks that the spot check proposes."""

    permission = "declarations.preliminary"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write them into the preliminary layer, or say why not."""
        with refusals_told(request):
            number = take_over_marks(case=self.case, actor=self.seat, now=self.now)
            messages.success(request, f"已采用{number}项建议得分，记入初审得分。")
        return redirect("declarations:preliminary", pk=self.case.pk)


class AssignDesk(CaseView):
    """Put a case on an officer's desk."""

    permission = "declarations.assign_desks"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Put it there, or say why not."""
        form = desk_form(self.case, request.POST)
        if not form.is_valid():
            messages.error(request, "请选择初审经办人。")
            return redirect("declarations:preliminary", pk=self.case.pk)
        with refusals_told(request):
            assign_desk(case=self.case, seat=form.cleaned_data["seat"], actor=self.seat, now=self.now)
            messages.success(request, "已指定初审经办人。")
        return redirect("declarations:preliminary", pk=self.case.pk)


class ReviewList(SeatView):
    """The cases of the preliminary review: whose desk, which answers, what is still to be looked at."""

    permission = "declarations.preliminary"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of the list."""
        wanted = request.GET.get("only", "")
        words = request.GET.get("words", "").replace("\x00", "")[:60]
        rows = review_list(self.seat, self.cycle, wanted, words)
        context = {
            "page": page_of(request, rows, order=("id",), size=50),
            "chips": review_chips(wanted, request.path),
            "wanted": wanted if wanted in FILTERS else "",
            "words": words,
            "may_assign": allowed(self.seat, "declarations.assign_desks"),
            "comparison": comparison_of(self.cycle),
        }
        return render(request, "declarations/national/preliminaries.html", context)


class PassMany(SeatView):
    """What a bulk pass would do, case by case, and ordering it."""

    permission = "declarations.preliminary"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show which of the chosen cases pass, and of each other every reason why not."""
        every = "ready" in request.GET
        keys = ready_keys(self.seat, self.cycle, MOST_PASSED) if every else sent_keys(request.GET, MOST_PASSED)
        preview = preview_of(self.seat, self.cycle, keys, self.now)
        context = {"preview": preview, "comparison": comparison_of(self.cycle), "most": MOST_PASSED}
        return render(request, "declarations/national/pass_many.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Order it, or say why not."""
        with refusals_told(request):
            keys = sent_keys(request.POST, MOST_PASSED + 1)
            job = order_passing(cases=keys, actor=self.seat, now=self.now)
            return redirect("jobs:detail", number=job.number)
        return redirect("declarations:preliminaries")


class Desks(SeatView):
    """Who looks after which unit."""

    permission = "declarations.preliminary"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the units with who looks after each, and the officers with their load."""
        units = liaisons_of(self.cycle)
        context = {
            "units": units,
            "loads": loads_of(self.cycle, units),
            "may": allowed(self.seat, "declarations.assign_desks"),
        }
        return render(request, "declarations/national/desks.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Write them, or say why not."""
        with refusals_told(request):
            seats = sent_liaisons(request.POST, [one.unit.pk for one in liaisons_of(self.cycle)])
            changed = set_liaisons(cycle=self.cycle, seats=seats, actor=self.seat, now=self.now)
            messages.success(request, f"已保存，{changed}个推荐单位的联系人有变动。")
        return redirect("declarations:desks")
