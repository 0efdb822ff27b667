"""Titles after their publication: the register, one title with what is done about it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions import titles
from declarations.forms.titles import InquiryForm, RevocationForm, TitleSearch, WordsForm
from declarations.models import Inquiry, Pending, Recognition
from declarations.models.title import GOING_ON
from declarations.queries.second_person import waiting_act
from declarations.queries.titles import relinquishment_of, title_list, title_of
from declarations.second_person import Paired
from declarations.states import InquiryState, TitleState
from declarations.titles import INQUIRED
from declarations.views.base import SeatView, refusals_in, refusals_told
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed
from sihao.accounts.roles import Role

CHIPS = (("", "全部"), *TitleState.choices, ("inquiry", "正在核查"), ("plaque", "待收回牌匾"))


class Titles(SeatView):
    """The titles a viewer may read of: searched, filtered, paged by key."""

    permission = "declarations.titles"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of the list."""
        search, state = TitleSearch(request.GET), request.GET.get("state", "")
        words = search.cleaned_data.get("words", "") if search.is_valid() else ""
        rows = title_list(self.seat, words, state)
        chips = [{"label": label, "url": f"?state={one}", "current": state == one} for one, label in CHIPS]
        page = page_of(request, rows, order=("-cycle__opens_at", "serial", "id"), size=50)
        context = {"page": page, "chips": chips, "search": search, "state": state}
        return render(request, "declarations/titles/list.html", context)


class TitleView(SeatView):
    """A page of one title; one outside the viewer's sight is not there."""

    permission = "declarations.titles"

    @cached_property
    def recognition(self) -> Recognition:
        """Return the title named in the address, fetched through the viewer."""
        found = title_of(self.seat, self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    @cached_property
    def inquiry(self) -> Inquiry | None:
        """Return the inquiry that goes on."""
        return next((one for one in self.recognition.inquiries.all() if one.state in GOING_ON), None)

    def form(self, data: Any = None) -> tuple[str, Form] | None:
        """Return the viewer's next step on the title, by name, with what it asks for."""
        for name, (mine, make) in self.steps().items():
            if mine:
                return name, make(data)
        return None

    def steps(self) -> dict[str, tuple[bool, Callable[..., Form]]]:
        """Return what may be done by whom as things stand."""
        state = self.inquiry.state if self.inquiry is not None else None
        inquire, president = allowed(self.seat, "declarations.inquire"), self.seat.role == Role.CHAMBER_PRESIDENT
        heard = state == InquiryState.OPEN and president and self.now < self.inquiry.statement_due
        words = {"statement": ("陈述意见", "提交陈述"), "propose": ("撤销认定的建议和依据", "提请主席办公会议审议")}
        asks = {name: _asking(*labels) for name, labels in words.items()}
        active = self.recognition.state == TitleState.ACTIVE and self.inquiry is None
        return {
            "statement": (bool(heard), asks["statement"]),
            "propose": (inquire and state == InquiryState.OPEN, asks["propose"]),
            "decide": (state == InquiryState.PROPOSED and allowed(self.seat, "declarations.decide"), RevocationForm),
            "open": (inquire and state is None and self.recognition.state in INQUIRED, InquiryForm),
            "relinquish": (president and active and self.asked is None, _asking("放弃认定的理由", "申请放弃认定")),
        }

    @cached_property
    def asked(self) -> Any:
        """Return the chamber's wish to give the title up."""
        return relinquishment_of(self.recognition)

    def page(self, step: tuple[str, Form] | None = None) -> HttpResponse:
        """Draw it."""
        one, head = self.recognition, allowed(self.seat, "declarations.publish")
        found = step or self.form()
        inquiry = self.inquiry
        gone = one.state in {TitleState.REVOKED, TitleState.RELINQUISHED}
        context = {
            "one": one,
            "inquiries": one.inquiries.all(),
            "inquiry": inquiry,
            "asked": self.asked,
            "step": found[0] if found else "",
            "form": found[1] if found else None,
            "pending": waiting_act(one.cycle, Paired.REVOKE_TITLE, inquiry.pk) if inquiry is not None else None,
            "may_revoke": inquiry is not None
            and inquiry.state == InquiryState.DECIDED
            and allowed(self.seat, "declarations.inquire"),
            "may_close": head and inquiry is not None and inquiry.state in {InquiryState.OPEN, InquiryState.PROPOSED},
            "close_form": WordsForm(label="不予撤销的理由", submit="不予撤销，办结核查"),
            "may_accept": head and self.asked is not None and self.asked.accepted_at is None,
            "may_collect": gone and one.plaque_returned_at is None and allowed(self.seat, "declarations.inquire"),
            "inside": allowed(self.seat, "declarations.department_reading"),
        }
        return render(self.request, "declarations/titles/title.html", context)


def _asking(label: str, submit: str) -> Callable[..., Form]:
    """Return what makes a form that asks for one text."""
    return lambda data=None: WordsForm(data, label=label, submit=submit)


class TitlePage(TitleView):
    """One title, and the step that is the viewer's."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        return self.page()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take the step, or show why not with everything as typed."""
        step = self.form(request.POST)
        if step is None:
            messages.error(request, "证书效力或者核查已有变化，请刷新页面后再办理。")
            return redirect("declarations:title", pk=self.recognition.pk)
        name, form = step
        if form.is_valid():
            with refusals_in(form):
                self.act(name, form)
                messages.success(request, "已办理。")
                return redirect("declarations:title", pk=self.recognition.pk)
        return self.page(step)

    def act(self, name: str, form: Form) -> object:
        """Do what the form asks."""
        given, by = form.cleaned_data, {"actor": self.seat, "now": self.now}
        if name == "statement":
            return titles.give_statement(inquiry=self.inquiry, text=given["text"], **by)
        if name == "propose":
            return titles.propose_revocation(inquiry=self.inquiry, text=given["text"], **by)
        if name == "relinquish":
            return titles.ask_relinquishment(recognition=self.recognition, reason=given["text"], **by)
        if name == "decide":
            revoke = given["outcome"] == "revoke"
            return titles.decide_revocation(inquiry=self.inquiry, meeting=form.meeting(), revoke=revoke, **by)
        return titles.open_inquiry(recognition=self.recognition, **given, **by)


class TitleAct(TitleView):
    """An act on a title that asks for little: revoke, close, accept, plaque."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, act: str, **kwargs: Any) -> HttpResponse:
        """Do it, or say why not."""
        acts = {"revoke": self.revoke, "close": self.close, "accept": self.accept, "plaque": self.plaque}
        if act not in acts:
            raise Http404
        with refusals_told(request):
            done = acts[act]()
            if isinstance(done, Pending):
                return redirect("declarations:pending", pk=done.pk)
            messages.success(request, "已办理。")
        return redirect("declarations:title", pk=self.recognition.pk)

    def going_on(self) -> Inquiry:
        """Return the inquiry that goes on, or answer 404."""
        if self.inquiry is None:
            raise Http404
        return self.inquiry

    def revoke(self) -> Inquiry | Pending:
        """Publish the revocation."""
        return titles.order_revocation(inquiry=self.going_on(), actor=self.seat, now=self.now)

    def close(self) -> Inquiry:
        """End the inquiry without revoking."""
        reason = self.request.POST.get("text", "").replace("\x00", "")[:3000]
        return titles.close_inquiry(inquiry=self.going_on(), reason=reason, actor=self.seat, now=self.now)

    def accept(self) -> Recognition:
        """Let the chamber give its title up."""
        return titles.accept_relinquishment(recognition=self.recognition, actor=self.seat, now=self.now)

    def plaque(self) -> Recognition:
        """Note that plaque and certificate came back."""
        return titles.note_plaque(recognition=self.recognition, actor=self.seat, now=self.now)
