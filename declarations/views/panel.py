"""The experts' pages: assigning, the own sheet, what the group agrees."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions.panel import (
    agree_with_province,
    assign_experts,
    confirm_sheet,
    recuse,
    save_agreed,
    save_expert_marks,
)
from declarations.forms.panel import AssignForm, CommentForm, DepartmentRecusalForm, RecusalForm, entries_of
from declarations.models import ExpertReview
from declarations.queries.panel_page import (
    METHODS,
    ExpertLine,
    agreed_rows,
    experts_for,
    own_sheet,
    preview_of,
    readers_of,
    review_named,
    seats_named,
    sheet_view,
    signing_act,
)
from declarations.states import SheetState, State
from declarations.views.base import CaseView, refusals_in, refusals_told
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused


class Experts(CaseView):
    """Who reads a case: assign, and take back."""

    permission = "declarations.assign_experts"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the experts with their load and their ties."""
        return self.page(self.assign_form(), self.recusal_form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Assign the chosen, or take the case from one of them."""
        if "recuse" in request.POST:
            return self.recused(self.recusal_form(request.POST))
        return self.assigned(self.assign_form(request.POST))

    @cached_property
    def lines(self) -> tuple[ExpertLine, ...]:
        """Return the experts, read once."""
        return experts_for(self.dossier)

    def assign_form(self, *data: Any) -> AssignForm:
        """Return the form of assigning; whoever is listed may be named, the action says why not."""
        return AssignForm([line.seat.pk for line in self.lines], *data)

    def recusal_form(self, *data: Any) -> DepartmentRecusalForm:
        """Return the form of taking back, with those who have not confirmed."""
        mine = [line for line in self.lines if line.may_be_recused]
        return DepartmentRecusalForm([(line.review.pk, line.seat.user.name) for line in mine], *data)

    def assigned(self, form: AssignForm) -> HttpResponse:
        """Assign, or show why not."""
        if form.is_valid():
            with refusals_in(form):
                experts = seats_named(form.chosen())
                number = assign_experts(case=self.case, experts=experts, actor=self.seat, now=self.now)
                messages.success(self.request, f"已分派{number}名专家。")
                return redirect("declarations:experts", pk=self.case.pk)
        return self.page(form, self.recusal_form())

    def recused(self, form: DepartmentRecusalForm) -> HttpResponse:
        """Take the case back, or show why not."""
        if form.is_valid():
            with refusals_in(form):
                review = review_named(self.case, form.cleaned_data["review"])
                recuse(review=review, reason=form.cleaned_data["reason"], actor=self.seat, now=self.now)
                messages.success(self.request, f"{review.expert.user.name}已回避，请另行分派。")
                return redirect("declarations:experts", pk=self.case.pk)
        return self.page(self.assign_form(), form)

    def page(self, form: Form, recusal: Form) -> HttpResponse:
        """Draw the page."""
        context = {
            "case": self.case,
            "open": self.case.state == State.EXPERT_REVIEW,
            "lines": self.lines,
            "form": form,
            "chosen": form.data.getlist("experts") if form.is_bound else [],
            "recusal": recusal,
            "may_recuse": any(line.may_be_recused for line in self.lines),
        }
        return render(self.request, "declarations/panel/experts.html", context)


class OwnSheetView(CaseView):
    """A page of the viewer's own sheet; somebody else's is not there for anybody."""

    permission = "declarations.score"

    @cached_property
    def review(self) -> ExpertReview:
        """Return the own sheet, or answer 403."""
        review = own_sheet(self.seat, self.case)
        if review is None:
            raise PermissionDenied
        return review

    def keep(self) -> None:
        """Keep what was sent of the sheet; nothing sent changes nothing."""
        codes = [item.id for item in self.dossier.programme.rubric.items()]
        entries, words = entries_of(self.request.POST, codes), self.words()
        if entries or words is not None:
            save_expert_marks(review=self.review, entries=entries, comment=words, actor=self.seat, now=self.now)

    def words(self) -> str | None:
        """Return the comment that was sent; None leaves the old one."""
        form = CommentForm(self.request.POST)
        if "comment" not in form.data:
            return None
        if not form.is_valid():
            raise Refused.because("comment_invalid", "评审意见过长，未保存，请缩短到2000字以内。")
        return form.cleaned_data["comment"]

    def to_sheet(self) -> HttpResponse:
        """Return the way back to the sheet."""
        return redirect("declarations:sheet", pk=self.case.pk)


class SheetPage(OwnSheetView):
    """The own sheet: written while the case is before the experts, read afterwards."""

    permission = "declarations.experts"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the sheet."""
        writable = self.review.state == SheetState.ASSIGNED and allowed(self.seat, "declarations.score", self.case)
        context = {
            "case": self.case,
            "review": self.review,
            "writable": writable,
            "programme": self.dossier.programme,
            "sheet": sheet_view(self.review, self.dossier),
            "form": CommentForm(initial={"comment": self.review.comment}),
        }
        return render(request, "declarations/panel/sheet.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep a draft; what is no mark is kept as typed and named."""
        with refusals_told(request):
            self.keep()
            messages.success(request, "评分草稿已保存。")
        return self.to_sheet()


class AgreeWithProvince(OwnSheetView):
    """Fill the rows without a mark by the province's."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep what was typed, then fill the rest."""
        with refusals_told(request):
            self.keep()
            number = agree_with_province(review=self.review, actor=self.seat, now=self.now)
            messages.success(request, f"已按省级审核得分填入{number}项，请逐项核对后确认。")
        return self.to_sheet()


class ConfirmSheet(OwnSheetView):
    """Confirm the own sheet: it is frozen and counts."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep what was typed, then confirm; a refusal leaves the draft."""
        with refusals_told(request):
            self.keep()
            confirm_sheet(review=self.review, actor=self.seat, now=self.now)
            messages.success(request, "评分已确认，计入复审结果。")
        return self.to_sheet()


class Recuse(OwnSheetView):
    """Step back from a case, with a reason."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the reason."""
        return self.page(RecusalForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Step back, or show why not."""
        form = RecusalForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                recuse(review=self.review, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, f"{self.case.applicant_name}：已回避。")
                return redirect("declarations:worklist")
        return self.page(form)

    def page(self, form: Form) -> HttpResponse:
        """Draw the page."""
        context = {"case": self.case, "review": self.review, "form": form}
        return render(self.request, "declarations/panel/recuse.html", context)


class Agreed(CaseView):
    """What the group agrees on the rows that decide, and the verdict it comes to."""

    permission = "declarations.panel"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the experts' marks side by side once all are in, else who is still open."""
        readers = readers_of(self.dossier)
        preview = preview_of(self.dossier) if readers.complete else None
        context = {
            "case": self.case,
            "programme": self.dossier.programme,
            "readers": readers,
            "method": METHODS.get(self.case.cycle.panel_method, ""),
            "rows": agreed_rows(self.dossier, readers),
            "writable": readers.complete and self.case.state == State.EXPERT_REVIEW,
            "preview": preview,
            "acts": [signing_act(self.seat, self.dossier, preview, self.now)],
        }
        return render(request, "declarations/panel/agreed.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep the agreed marks; what is no mark is kept as typed and named."""
        codes = [item.id for item in self.dossier.programme.rubric.items() if item.mark]
        with refusals_told(request):
            entries = entries_of(request.POST, codes)
            save_agreed(case=self.case, entries=entries, actor=self.seat, now=self.now)
            messages.success(request, "商定得分已保存。")
        return redirect("declarations:agreed", pk=self.case.pk)
