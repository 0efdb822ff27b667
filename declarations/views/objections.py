"""Objections as the house handles them: the list, one objection with its steps, the two named officers, tips."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions import objecting
from declarations.forms.objections import (
    AdmitForm,
    FindingsForm,
    OfficersForm,
    OutcomeForm,
    RefuseForm,
    TipForm,
)
from declarations.models import Objection, Objector, Pending
from declarations.objections import is_overdue
from declarations.queries.objections import (
    facts_of_objection,
    investigators_for,
    is_named,
    named_officers,
    objection_counts,
    objection_list,
    objection_of,
    officer_choices,
    pieces_of,
    tip_of,
    tips_of,
)
from declarations.queries.second_person import waiting_act
from declarations.second_person import Paired
from declarations.states import ObjectionState
from declarations.store import fetch
from declarations.views.base import SeatView, refusals_in, refusals_told
from declarations.views.drafting.files import SANDBOX, guarded
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed
from sihao.documents.intake.kinds import MIME_TYPES

S = ObjectionState


class Objections(SeatView):
    """The objections of the cycle, the most urgent first, and who registers them."""

    permission = "declarations.objections_reading"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of the list."""
        state = request.GET.get("state", "")
        counts = objection_counts(self.seat, self.cycle, self.now)
        words = [("", "全部"), *S.choices, ("overdue", "逾期")]
        chips = [
            {"label": label, "url": f"?state={one}" if one else request.path, "current": state == one,
             "count": counts.get(one) if one else None}
            for one, label in words
        ]
        rows = objection_list(self.seat, self.cycle, state, self.now)
        context = {
            "cycle": self.cycle,
            "page": page_of(request, rows, order=("due_at", "id"), size=50),
            "chips": chips,
            "officers": named_officers(self.cycle),
            "may_name": allowed(self.seat, "declarations.name_officers"),
            "pending": waiting_act(self.cycle, Paired.NAME_OFFICERS, self.cycle.pk),
            "now": self.now,
        }
        return render(request, "declarations/objections/list.html", context)


class Officers(SeatView):
    """Naming the two officers, by the head, for a second person."""

    permission = "declarations.name_officers"

    def form(self, data: Any = None) -> OfficersForm:
        """Return the form over the department's people."""
        now = [one.seat_id for one in named_officers(self.cycle)]
        return OfficersForm(data, offices=officer_choices(), initial={"seats": now})

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for them."""
        return render(request, "declarations/objections/officers.html", {"form": self.form(), "cycle": self.cycle})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Prepare it, or show why not with everything as typed."""
        form = self.form(request.POST)
        if form.is_valid():
            with refusals_in(form):
                seats = form.cleaned_data["seats"]
                pending = objecting.propose_officers(cycle=self.cycle, seats=seats, actor=self.seat, now=self.now)
                messages.success(request, "已提请第二人确认。")
                return redirect("declarations:pending", pk=pending.pk)
        return render(request, "declarations/objections/officers.html", {"form": form, "cycle": self.cycle})


class ObjectionView(SeatView):
    """A page of one objection; one outside the viewer's sight is not there."""

    permission = "declarations.objection"

    @cached_property
    def objection(self) -> Objection:
        """Return the objection named in the address, fetched through the viewer."""
        found = objection_of(self.seat, self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    @cached_property
    def named(self) -> bool:
        """Whether the viewer is one of the two named officers."""
        return is_named(self.seat, self.objection.cycle_id)

    @cached_property
    def is_officer(self) -> bool:
        """Whether the viewer looks into it."""
        return self.objection.officer_id == self.seat.pk

    @cached_property
    def reports(self) -> bool:
        """Whether the viewer reports for the recommending unit."""
        case = self.objection.declaration
        return self.objection.report_due is not None and allowed(self.seat, "declarations.report_objection", case)

    def page(self, form: Form | None = None, objector: Objector | None = None) -> HttpResponse:
        """Draw it with what the viewer may do about it; a form that was refused as it was typed."""
        one = self.objection
        shown = form or self.next_form()
        context = {
            "objection": one,
            "case": one.declaration,
            "late": is_overdue(S(one.state), one.due_at, self.now),
            "named": self.named,
            "facts": facts_of_objection(one) if objector is not None else "",
            "objector": objector,
            "pieces": pieces_of(one, all_of_them=self.named) if self.named or self.is_officer else [],
            "form": shown,
            "refuse_form": self.refuse_form(shown),
            "pending": waiting_act(one.cycle, Paired.SETTLE_OBJECTION, one.pk),
            "inside": allowed(self.seat, "declarations.objections_reading"),
            "now": self.now,
        }
        return render(self.request, "declarations/objections/objection.html", context)

    def next_form(self, data: Any = None) -> Form | None:
        """Return the form of the viewer's next step, if it is the viewer's turn."""
        state = S(self.objection.state)
        if state == S.RECEIVED and self.named:
            return self.admit_form(data)
        if state == S.ADMITTED and self.reports and self.objection.reported_at is None:
            form = FindingsForm(data)
            form.submit_label, form.submit_name = "报告核查情况", "report"
            return form
        if state == S.ADMITTED and self.is_officer:
            form = FindingsForm(data)
            form.submit_name = "investigate"
            return form
        if state == S.INVESTIGATED and self.is_officer:
            form = OutcomeForm(data)
            form.submit_name = "conclude"
            return form
        return None

    def admit_form(self, data: Any = None) -> AdmitForm:
        """Return the form of admitting, over who may look into it."""
        officers = [(seat.pk, str(seat)) for seat in investigators_for(self.objection.declaration)]
        pieces = [(piece.pk, piece.name) for piece in pieces_of(self.objection, all_of_them=True)]
        return AdmitForm(data, officers=officers, pieces=pieces)

    def refuse_form(self, shown: Form | None) -> Form | None:
        """Return the form of refusing beside that of admitting."""
        if isinstance(shown, RefuseForm) or not (self.named and self.objection.state == S.RECEIVED):
            return None
        return RefuseForm()


class ObjectionPage(ObjectionView):
    """One objection, and the step that is the viewer's."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        return self.page()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take the step, or show why not with everything as typed."""
        form = RefuseForm(request.POST) if "refuse" in request.POST else self.next_form(request.POST)
        if form is None:
            messages.error(request, f"本件异议现为“{self.objection.get_state_display()}”，请刷新页面后再办理。")
            return redirect("declarations:objection", pk=self.objection.pk)
        if form.is_valid():
            with refusals_in(form):
                done = self.act(form)
                if isinstance(done, Pending):
                    messages.success(request, "结论已提请第二人确认。")
                    return redirect("declarations:pending", pk=done.pk)
                messages.success(request, f"已办理，本件异议现为“{done.get_state_display()}”。")
                return redirect("declarations:objection", pk=self.objection.pk)
        return self.page(form)

    def act(self, form: Form) -> Objection | Pending:
        """Do what the form asks."""
        given, by = form.cleaned_data, {"objection": self.objection, "actor": self.seat, "now": self.now}
        if isinstance(form, AdmitForm):
            return objecting.admit(**given, **by)
        if isinstance(form, RefuseForm):
            return objecting.refuse(**given, **by)
        if isinstance(form, OutcomeForm):
            return objecting.propose_outcome(**given, **by)
        if form.submit_name == "report":
            return objecting.report(text=given["text"], **by)
        return objecting.investigate(findings=given["text"], **by)


class Reveal(ObjectionView):
    """Who objects and in which words, for the two named officers; each look leaves an entry in the trail."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it on this answer alone."""
        with refusals_told(request):
            objector = objecting.reveal(objection=self.objection, actor=self.seat, now=self.now)
            response = self.page(objector=objector)
            response["Cache-Control"] = "private, no-store"
            return response
        return redirect("declarations:objection", pk=self.objection.pk)


class ObjectionFile(ObjectionView):
    """A piece of evidence that was brought, to be saved."""

    def get(self, request: HttpRequest, piece: int, **kwargs: Any) -> HttpResponse:
        """Send it to the named officers, and to who looks into it as far as they passed it on."""
        may = self.named or self.is_officer
        known = pieces_of(self.objection, all_of_them=self.named) if may else []
        found = next((one for one in known if one.pk == piece), None)
        if found is None:
            raise Http404
        kind = MIME_TYPES.get(found.kind, "application/octet-stream")
        response = FileResponse(fetch(found.stored), as_attachment=True, filename=found.name, content_type=kind)
        return guarded(response, SANDBOX)


class Tips(SeatView):
    """What came without a name: read, and of no effect on the procedure."""

    permission = "declarations.objections_reading"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of them."""
        page = page_of(request, tips_of(self.seat, self.cycle), order=("-id",), size=30)
        context = {"cycle": self.cycle, "page": page, "may_read": allowed(self.seat, "declarations.objections")}
        return render(request, "declarations/objections/tips.html", context)


class ReadTip(SeatView):
    """Noting that a tip was read."""

    permission = "declarations.objections"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note it."""
        found, form = tip_of(self.seat, pk), TipForm(request.POST)
        if found is None:
            raise Http404
        if form.is_valid():
            with refusals_told(request):
                objecting.read_tip(tip=found, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, "已登记。")
        return redirect("declarations:tips")
