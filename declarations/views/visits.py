"""Spot checks: the list, a visit, its team, the word of its members, what the department does about it."""

from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions import visit_untrue, visits
from declarations.actions.stepping_back import recuse
from declarations.forms.visits import PlanForm, ProposalForm, WhyForm, chosen_seats
from declarations.models import Declaration, Visit
from declarations.queries.dossier import Dossier, dossier_of
from declarations.queries.draws import draws_of, waiting_for_team
from declarations.queries.visit_record import KINDS, record_page, told_photo
from declarations.queries.visits import (
    candidates_for,
    day_of_visit,
    photos_of,
    record_of,
    visit_chips,
    visit_for,
    visit_rows,
)
from declarations.states import VisitFinding, VisitState
from declarations.views.base import SeatView, refusals_in, refusals_told
from declarations.visiting import STEPS, findings_of
from scoring.engine import figure
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed


class Visits(SeatView):
    """The spot checks of the cycle: the nation's all, a team's own."""

    permission = "declarations.visits"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of them, and the draws that they come from."""
        wanted = request.GET.get("state", "")
        page = page_of(request, visit_rows(self.seat, self.cycle, wanted), order=("-id",), size=50)
        national = allowed(self.seat, "declarations.draws")
        context = {
            "page": page,
            "chips": visit_chips(self.seat, self.cycle, wanted, request.path),
            "kinds": KINDS,
            "national": national,
            "draws": draws_of(self.cycle) if national else (),
            "teamless": waiting_for_team(self.cycle) if national else 0,
            "may_draw": allowed(self.seat, "declarations.draw_visits"),
        }
        return render(request, "declarations/visits/visits.html", context)


class VisitView(SeatView):
    """A page of one visit: outside the viewer's sight it is 404, seen but not permitted it is 403."""

    permission = "declarations.visits"

    @cached_property
    def visit(self) -> Visit:
        """Return the visit named in the address, fetched through the viewer."""
        return visit_for(self.seat, self.kwargs["pk"])

    @property
    def case(self) -> Declaration:
        """Return its case."""
        return self.visit.declaration

    @cached_property
    def dossier(self) -> Dossier:
        """Return the case with everything that hangs on it, read once."""
        return dossier_of(self.case)

    def permission_object(self) -> object:
        """Ask the rule about the visit."""
        return self.visit

    def back(self, name: str = "visit") -> HttpResponse:
        """Lead back to the visit, or to another page of it."""
        return redirect(f"declarations:{name}", pk=self.kwargs["pk"])

    def open_steps(self) -> set[str]:
        """Return the names of the steps that are the viewer's now."""
        return {
            step.name
            for step in STEPS.values()
            if self.visit.state in step.sources and allowed(self.seat, step.permission, self.visit)
        }

    def listed_photos(self) -> list[Any]:
        """Return the photographs with what their times say."""
        return [told_photo(photo, self.day) for photo in photos_of(self.visit)]

    @cached_property
    def day(self) -> date | None:
        """Return the day of the visit, where it was typed and is one."""
        return day_of_visit(self.visit)


class VisitPage(VisitView):
    """One visit to be read: where it stands, its team, what it found, and what the viewer may do."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        open_steps = self.open_steps()
        mine = next((one for one in self.visit.members.all() if one.seat_id == self.seat.pk), None)
        untrue = self.visit.finding == VisitFinding.UNTRUE and not self.visit.follow
        context = {
            "visit": self.visit,
            "case": self.case,
            "programme": self.dossier.programme,
            "record": record_page(self.dossier, self.visit),
            "photos": self.listed_photos(),
            "kind": KINDS.get(self.visit.finding, "info"),
            "kinds": KINDS,
            "open_steps": open_steps,
            "on_team": mine is not None,
            "agreed": mine is not None and mine.confirmed_at is not None,
            "may_read_case": mine is None or self.visit.state in {VisitState.ASSIGNED, VisitState.VISITED},
            "may_propose": untrue and allowed(self.seat, "declarations.follow_visit"),
            "may_set_aside": untrue and allowed(self.seat, "declarations.waive_visit"),
        }
        return render(request, "declarations/visits/visit.html", context)


class Team(VisitView):
    """Who visits: chosen among those of other provinces."""

    permission = "declarations.assign_visit"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the team, and whom to choose from."""
        chosen = chosen_seats(request.GET) or [member.seat_id for member in self.visit.members.all()]
        return self.page(PlanForm(initial={"planned_on": self.visit.planned_on}), chosen, request.GET.get("q", ""))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Give the visit its team, or show why not with everything as chosen."""
        form, chosen = PlanForm(request.POST), chosen_seats(request.POST)
        if form.is_valid():
            with refusals_in(form):
                words = {"members": chosen, "planned_on": form.day, "actor": self.seat, "now": self.now}
                visits.assign(visit=self.visit, **words)
                messages.success(request, "调研组已确定，已通知成员、商会和推荐单位。")
                return self.back()
        return self.page(form, chosen, request.POST.get("q", ""))

    def page(self, form: Form, chosen: list[int], words: str) -> HttpResponse:
        """Draw the page."""
        sought = words.replace("\x00", "").strip()[:60]
        context = {
            "visit": self.visit,
            "case": self.case,
            "form": form,
            "words": sought,
            "candidates": candidates_for(self.visit, sought, chosen),
            "open": "assign" in self.open_steps(),
        }
        return render(self.request, "declarations/visits/team.html", context)


# ---- words on a record, and what the department does


class Agree(VisitView):
    """Stand by a record that a colleague handed in."""

    permission = "declarations.record_visit"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do it, or say why not."""
        with refusals_told(request):
            visits.agree(visit=self.visit, actor=self.seat, now=self.now)
            messages.success(request, "已核对无误。调研组全体成员核对后即为核定。")
        return self.back()


class WithReason(VisitView):
    """A step that asks for its reason."""

    title, lead, done, kind = "", "", "", "danger"
    action: Callable[..., object]
    form: type[Form] = WhyForm

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for it."""
        return self.page(self.form(initial=self.initial()))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do it, or show why not with what was typed."""
        form = self.form(request.POST)
        if form.is_valid():
            with refusals_in(form):
                type(self).action(visit=self.visit, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, self.done)
                return self.back()
        return self.page(form)

    def initial(self) -> dict[str, str]:
        """Return what the reason begins with."""
        return {}

    def page(self, form: Form) -> HttpResponse:
        """Draw the page."""
        form.submit_label, form.submit_kind = self.title, self.kind
        form.cancel_url = self.back().url
        context = {"title": self.title, "lead": f"{self.case.applicant_name}，受理编号{self.case.number}。{self.lead}"}
        return render(self.request, "declarations/visits/why.html", context | {"form": form, "back": self.back().url})


class SendBack(WithReason):
    """Give a record back to be mended."""

    permission = "declarations.record_visit"
    title, lead, done = "退回补正", "退回后记录可以修改，各成员的核对作废，改好后重新提交。", "走访记录已退回补正。"
    action, kind = visits.send_back, "primary"


class StepBack(WithReason):
    """Step back from the case, as a member of its team."""

    permission = "declarations.record_visit"
    title, lead = "申请回避", "回避后您看不到也不能办理本件，由会员部另行组成调研组；已填的走访记录保留。"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do it and lead to the worklist, or show why not with what was typed."""
        form = WhyForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                recuse(case=self.case, who=self.seat, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, f"{self.case.applicant_name}：已回避。")
                return redirect("declarations:worklist")
        return self.page(form)


class Waive(WithReason):
    """Let a case go unvisited."""

    permission = "declarations.waive_visit"
    title, lead, done = "免于走访", "免于走访后不能再列为抽查对象，理由写入工作报告。（通知未规定）", "已免于走访。"
    action = visits.waive


class SetAside(WithReason):
    """Not propose to disqualify a case that was found untrue."""

    permission = "declarations.waive_visit"
    title, lead, done = "不提出取消认定资格", "调研组的核定结论保留，理由写入工作报告。（通知未规定）", "已登记。"
    action = visit_untrue.set_aside


class Propose(WithReason):
    """Propose to disqualify a case that was found untrue; the words begin with what the record says."""

    permission = "declarations.follow_visit"
    title, lead, done = "提出取消认定资格", "事由：材料与事实不符（通知五（二）3）。", "已提出取消认定资格。"
    action, form = visit_untrue.propose, ProposalForm

    def initial(self) -> dict[str, str]:
        """Return the rows that were found untrue, in the team's words."""
        programme = self.dossier.programme
        found = findings_of(record_of(self.visit), programme.rubric.items(), programme.step)
        told = (row for row in found if row.finding == VisitFinding.UNTRUE)
        untrue = [f"{row.name}（满分{figure(row.item.points)}）：{row.note}" for row in told]
        return {"reason": "\n".join(["实地抽查核定下列指标与事实不符：", *untrue])}
