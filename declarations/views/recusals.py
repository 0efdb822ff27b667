"""Stepping back (回避): one's own declarations, those of an office, single cases."""

from abc import ABC, abstractmethod
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from declarations.actions.stepping_back import lift, recuse
from declarations.actions.ties import declare_kinship, declare_post, leave_post, strike_tie
from declarations.forms.recusals import KinshipForm, LeaveForm, PostForm, RecuseForm, WhyForm
from declarations.models import Tie
from declarations.queries.recusal_page import (
    office_tie,
    own_tie,
    recusal_card,
    recusal_on,
    recusals_of_office,
    ties_of_office,
    ties_of_person,
)
from declarations.views.base import CaseView, SeatView, refusals_in
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed


class MyRecusals(SeatView):
    """My posts and kinship: what is declared, and two forms to declare more."""

    permission = "declarations.own_recusals"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        return self.page(PostForm(prefix="post"), KinshipForm(prefix="kin"))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Declare what one of the forms holds, or show why not with everything as typed."""
        if "kin-name" in request.POST:
            form = KinshipForm(request.POST, prefix="kin")
            return self.done(form) or self.page(PostForm(prefix="post"), form)
        form = PostForm(request.POST, prefix="post")
        return self.done(form) or self.page(form, KinshipForm(prefix="kin"))

    def done(self, form: PostForm | KinshipForm) -> HttpResponse | None:
        """Declare it and lead back; None when it was not done."""
        if not form.is_valid():
            return None
        with refusals_in(form):
            told = form.declared()
            if isinstance(form, PostForm):
                declare_post(post=told, actor=self.seat, now=self.now)
            else:
                declare_kinship(relative=told, actor=self.seat, now=self.now)
            messages.success(self.request, "已申报，即时生效。")
            return redirect("declarations:my_recusals")
        return None

    def page(self, post: PostForm, kin: KinshipForm) -> HttpResponse:
        """Draw the page."""
        context = {
            "page": page_of(self.request, ties_of_person(self.seat), order=("-id",), size=50),
            "post": post,
            "kin": kin,
            "leads": allowed(self.seat, "declarations.office_recusals"),
        }
        return render(self.request, "declarations/recusals/mine.html", context)


class TieView(SeatView, ABC):
    """A page of one declaration with one form."""

    title = ""

    def tie(self) -> Tie:
        """Return the declaration, or answer 404."""
        found = self.fetched()
        if found is None:
            raise Http404
        return found

    @abstractmethod
    def fetched(self) -> Tie | None:
        """Return the declaration as far as it is the viewer's."""

    def page(self, tie: Tie, form: Form, back: str) -> HttpResponse:
        """Draw the page."""
        form.cancel_url = reverse(back)
        context = {"tie": tie, "form": form, "title": self.title, "back": form.cancel_url}
        return render(self.request, "declarations/recusals/tie.html", context)


class LeavePost(TieView):
    """Noting that one's own post was left."""

    permission = "declarations.own_recusals"
    title = "登记离任"

    def fetched(self) -> Tie | None:
        """Return one of one's own."""
        return own_tie(self.seat, self.kwargs["pk"])

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the day."""
        return self.page(self.tie(), LeaveForm(), "declarations:my_recusals")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Note it, or show why not."""
        tie, form = self.tie(), LeaveForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                found = leave_post(tie=tie, actor=self.seat, now=self.now, **form.cleaned_data)
                day = found.binds_until
                messages.success(request, f"已登记离任，{day.year}年{day.month}月{day.day}日起不再回避。")
                return redirect("declarations:my_recusals")
        return self.page(tie, form, "declarations:my_recusals")


class OfficeRecusals(SeatView):
    """Who of the office is bound to which body, and who steps back from which case."""

    permission = "declarations.office_recusals"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        context = {
            "ties": page_of(request, ties_of_office(self.seat), order=("user__name", "id"), size=100),
            "recusals": recusals_of_office(self.seat)[:200],
        }
        return render(request, "declarations/recusals/office.html", context)


class StrikeTie(TieView):
    """Striking a declaration out that was wrong."""

    permission = "declarations.office_recusals"
    title = "更正回避申报"

    def fetched(self) -> Tie | None:
        """Return one of the office's."""
        return office_tie(self.seat, self.kwargs["pk"])

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the reason."""
        return self.page(self.tie(), WhyForm(label="更正，不再回避"), "declarations:office_recusals")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Strike it out, or show why not."""
        tie, form = self.tie(), WhyForm(request.POST, label="更正，不再回避")
        if form.is_valid():
            with refusals_in(form):
                strike_tie(tie=tie, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, f"已更正{tie.user.name}的回避申报。")
                return redirect("declarations:office_recusals")
        return self.page(tie, form, "declarations:office_recusals")


class CaseRecusals(CaseView):
    """Who steps back from a case; and stepping back, oneself or somebody one answers for."""

    permission = "declarations.case_recusals"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        return self.page(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Note it, or show why not with everything as typed."""
        form = self.form(request.POST)
        if form.is_valid():
            with refusals_in(form):
                found = recuse(case=self.case, actor=self.seat, now=self.now, **form.chosen())
                mine = found.user_id in self.seat.people
                who = "您已回避，本件由他人办理。" if mine else f"已登记{found.user.name}回避。"
                messages.success(request, who)
                return redirect("declarations:worklist") if mine else self.back()
        return self.page(form)

    def form(self, data: Any = None) -> RecuseForm:
        """Return the form with those the viewer answers for and those who could take the case on."""
        free = [one.seat for one in self.dossier.staff if not one.recused]
        others = [
            one
            for one in free
            if one.user_id != self.seat.user_id and allowed(self.seat, "declarations.recuse_others", one)
        ]
        shown = [one for one in free if one.user_id != self.seat.user_id and one.path.startswith(self.seat.path)]
        return RecuseForm(data, seat=self.seat, others=others, free=shown)

    def back(self) -> HttpResponse:
        """Lead back to this page."""
        return redirect("declarations:case_recusals", pk=self.case.pk)

    def page(self, form: RecuseForm) -> HttpResponse:
        """Draw the page."""
        form.cancel_url = reverse("declarations:case", args=[self.case.pk])
        form.confirm = "登记后，回避人在系统各处都看不到本件，以后由单位分管领导或上级才能解除。"
        context = {"case": self.case, "form": form, "card": recusal_card(self.seat, self.dossier)}
        return render(self.request, "declarations/recusals/case.html", context)


class LiftRecusal(CaseView):
    """Lifting a recusal by hand."""

    permission = "declarations.case_recusals"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the reason."""
        return self.page(WhyForm(label="解除回避"))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Lift it, or show why not."""
        form = WhyForm(request.POST, label="解除回避")
        if form.is_valid():
            with refusals_in(form):
                lift(recusal=self.recusal(), actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, "回避已解除。")
                return redirect("declarations:case_recusals", pk=self.case.pk)
        return self.page(form)

    def recusal(self) -> Any:
        """Return the recusal, or answer 404."""
        found = recusal_on(self.case, self.kwargs["recusal"])
        if found is None:
            raise Http404
        return found

    def page(self, form: WhyForm) -> HttpResponse:
        """Draw the page."""
        form.cancel_url = reverse("declarations:case_recusals", args=[self.case.pk])
        context = {"case": self.case, "form": form, "recusal": self.recusal()}
        return render(self.request, "declarations/recusals/lift.html", context)
