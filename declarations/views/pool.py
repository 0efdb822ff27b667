"""The experts of a cycle: the pool, its sheets, and assigning to all cases at once."""

from functools import cached_property
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from declarations.actions import assigning, pool
from declarations.actions.exporting import record_export
from declarations.exports.pool import write_template
from declarations.forms.panel import MemberForm, PlanForm, PoolFileForm
from declarations.imports.pool import read_pool
from declarations.models import AssignmentPlan, PoolSheet
from declarations.queries.assigning import Window
from declarations.queries.pool import (
    Start,
    expert_seat,
    known_for_pool,
    load_lines,
    member_of,
    pair_lines,
    pairs_of,
    plan_in,
    plans_of,
    pool_lines,
    provinces,
    sheet_in,
    sheet_lines,
    sheets_waiting,
    shortage_of,
    start_of,
)
from declarations.states import PlanState
from declarations.views.base import SeatView, refusals_in, refusals_told
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed
from sihao.documents.intake.kinds import MIME_TYPES
from sihao.documents.sniff import safe_name


class Pool(SeatView):
    """Everybody who may read: what is known of the person, and how many cases the person has."""

    permission = "declarations.pool"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the pool."""
        return self.drawn(PoolFileForm())

    def drawn(self, form: PoolFileForm) -> HttpResponse:
        """Draw the page."""
        form.form_action = reverse("declarations:bring_pool")
        context = {
            "cycle": self.cycle,
            "lines": pool_lines(self.cycle),
            "may_write": allowed(self.seat, "declarations.write_pool"),
            "form": form,
            "waiting": sheets_waiting(self.cycle),
        }
        return render(self.request, "declarations/pool/pool.html", context)


class Member(SeatView):
    """What the pool keeps of one expert."""

    permission = "declarations.write_pool"

    @cached_property
    def expert(self) -> Seat:
        """Return the expert named in the address."""
        found = expert_seat(self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    @cached_property
    def provinces(self) -> dict[int, Organisation]:
        """Return the provincial federations by key."""
        return {one.pk: one for one in provinces(timezone.localdate(self.now))}

    def form(self, *data: Any, **words: Any) -> MemberForm:
        """Return the form with the provinces to choose from."""
        form = MemberForm([(pk, one.region) for pk, one in self.provinces.items()], *data, **words)
        form.cancel_url = reverse("declarations:pool")
        return form

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what is kept."""
        member = member_of(self.cycle, self.expert)
        names = ("employer", "kinds", "available_from", "available_until", "most", "draws")
        kept = {name: getattr(member, name) for name in names} if member else {"draws": True}
        return self.page(self.form(initial={**kept, "province": member.province_id if member else None}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep it, or show why not."""
        form = self.form(request.POST)
        if form.is_valid():
            with refusals_in(form):
                told = {**form.cleaned_data, "province": self.provinces.get(form.cleaned_data["province"])}
                words = {"cycle": self.cycle, "seat": self.expert, "actor": self.seat, "now": self.now}
                pool.write_member(profile=pool.Profile(**told), **words)
                messages.success(request, f"{self.expert.user.name}：已保存。")
                return redirect("declarations:pool")
        return self.page(form)

    def page(self, form: MemberForm) -> HttpResponse:
        """Draw the page."""
        return render(self.request, "declarations/pool/member.html", {"expert": self.expert, "form": form})


class PoolTemplate(SeatView):
    """The sheet to be filled in."""

    permission = "declarations.write_pool"

    def get(self, request: HttpRequest) -> FileResponse:
        """Write it with the experts in office."""
        file = BytesIO()
        write_template(self.cycle, pool_lines(self.cycle), file)
        file.seek(0)
        record_export(target=self.cycle, what="评审专家名单", actor=self.seat, now=self.now)
        name = safe_name(f"评审专家名单_{self.cycle.name}.xlsx")
        response = FileResponse(file, as_attachment=True, filename=name, content_type=MIME_TYPES["xlsx"])
        response["Cache-Control"] = "private, no-store"
        return response


class BringPool(Pool):
    """Bringing a filled-in sheet."""

    permission = "declarations.write_pool"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead to the page that offers it."""
        return redirect("declarations:pool")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Read the sheet and lead to the preview; whatever is wrong with it stands there."""
        form = PoolFileForm(request.POST, request.FILES)
        if form.is_valid():
            with refusals_in(form):
                return redirect("declarations:pool_sheet", pk=self.brought(form.cleaned_data["file"]).pk)
        return self.drawn(form)

    def brought(self, file: Any) -> PoolSheet:
        """Read it and keep what was read."""
        found = read_pool(file, file.name, known_for_pool(timezone.localdate(self.now)))
        brought = pool.Brought(safe_name(file.name), found.digest, found.rows, found.faults)
        return pool.bring_pool(cycle=self.cycle, brought=brought, actor=self.seat, now=self.now)


class PoolSheetPage(SeatView):
    """A sheet that was brought: what it would write and what is wrong with it."""

    permission = "declarations.write_pool"

    @cached_property
    def sheet(self) -> PoolSheet:
        """Return the sheet named in the address."""
        found = sheet_in(self.cycle, self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the preview."""
        context = {"sheet": self.sheet, "lines": sheet_lines(self.sheet)}
        return render(request, "declarations/pool/sheet.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write all rows, or say why not."""
        with refusals_told(request):
            number = pool.write_pool(sheet=self.sheet, actor=self.seat, now=self.now)
            messages.success(request, f"已写入{number}名专家。")
            return redirect("declarations:pool")
        return redirect("declarations:pool_sheet", pk=self.sheet.pk)


class DiscardPool(PoolSheetPage):
    """Giving a sheet up."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Lead to the preview."""
        return redirect("declarations:pool_sheet", pk=self.sheet.pk)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Give it up; nothing was written."""
        with refusals_told(request):
            pool.discard_pool(sheet=self.sheet, actor=self.seat)
            messages.info(request, "已放弃这份名单，没有写入任何内容。")
        return redirect("declarations:pool")


# ---- assigning to all cases at once


class Plans(SeatView):
    """The proposed assignments, and a new one."""

    permission = "declarations.pool"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them, with the usual parameters for the next."""
        start = start_of(self.cycle, self.now)
        initial = {name: getattr(start, name) for name in ("readers", "spread", "begins", "ends")}
        return self.drawn(PlanForm(initial=initial), start)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Begin a plan, or show why not."""
        form = PlanForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                plan = assigning.order_plan(cycle=self.cycle, draw=draw_of(form), actor=self.seat, now=self.now)
                messages.success(request, "正在后台拟定，完成后在此查看。")
                return redirect("declarations:assignment", pk=plan.pk)
        return self.drawn(form, start_of(self.cycle, self.now))

    def drawn(self, form: PlanForm, start: Start) -> HttpResponse:
        """Draw the page."""
        plans = list(plans_of(self.cycle)[:20])
        open_states = {PlanState.COMPUTING, PlanState.PROPOSED, PlanState.DEPLOYING}
        context = {
            "cycle": self.cycle,
            "start": start,
            "plans": plans,
            "form": form,
            "may_propose": allowed(self.seat, "declarations.assign_experts"),
            "is_open": any(plan.state in open_states for plan in plans),
        }
        return render(self.request, "declarations/pool/plans.html", context)


def draw_of(form: PlanForm) -> assigning.Draw:
    """Return what a plan is made from."""
    told = form.cleaned_data
    return assigning.Draw(told["seed"], told["readers"], told["spread"], Window(told["begins"], told["ends"]))


class PlanPage(SeatView):
    """One proposed assignment: what it rests on, loads, every pair with its reasons, or what is short."""

    permission = "declarations.pool"

    @cached_property
    def plan(self) -> AssignmentPlan:
        """Return the plan named in the address."""
        found = plan_in(self.cycle, self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    @property
    def chosen(self) -> int | None:
        """Return whose pairs are shown; what is no key shows all."""
        key = self.request.GET.get("expert", "")
        return int(key) if key.isascii() and key.isdigit() and len(key) < 18 else None

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        pairs = pairs_of(self.plan, self.seat, self.chosen)
        page = page_of(request, pairs, order=("declaration__number", "id"), size=60)
        context = {
            "plan": self.plan,
            "loads": load_lines(self.plan),
            "page": page,
            "lines": pair_lines(self.plan, list(page.rows)),
            "chosen": self.chosen,
            "short": shortage_of(self.plan, self.seat),
            "may_deploy": allowed(self.seat, "declarations.deploy_assignment"),
            "may_drop": allowed(self.seat, "declarations.assign_experts"),
        }
        return render(request, "declarations/pool/plan.html", context)


class DeployPlan(PlanPage):
    """Let a plan take effect."""

    permission = "declarations.deploy_assignment"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Lead to the plan."""
        return redirect("declarations:assignment", pk=self.plan.pk)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Order it, or say why not."""
        with refusals_told(request):
            assigning.order_deployment(plan=self.plan, actor=self.seat, now=self.now)
            messages.success(request, "方案已确认，正在后台逐件分派并通知专家。")
        return redirect("declarations:assignment", pk=self.plan.pk)


class DropPlan(PlanPage):
    """Give a plan up."""

    permission = "declarations.assign_experts"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Lead to the plan."""
        return redirect("declarations:assignment", pk=self.plan.pk)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Give it up, or say why not."""
        with refusals_told(request):
            assigning.drop_plan(plan=self.plan, actor=self.seat, now=self.now)
            messages.info(request, "方案已放弃，没有分派任何专家。")
        return redirect("declarations:assignments")
