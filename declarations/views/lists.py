"""Recommendation lists: a list's way upward, all units' states, places."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions import batch as lists
from declarations.actions import upward
from declarations.forms.lists import RecallForm, ReopenForm, SendBackForm, UploadForm
from declarations.models import Batch
from declarations.queries.batch_page import list_page
from declarations.queries.batches import receipt_of
from declarations.queries.cycles import told_quotas
from declarations.queries.lists_page import (
    acts_on,
    batch_kind,
    quota_table,
    sees_whole,
    stages_of,
    unit_rows,
    upload_refusals,
    visible_batch,
)
from declarations.queries.upward import SENDABLE, content_refusals
from declarations.views.base import SeatView, refusals_in, refusals_told
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed


class BatchList(SeatView):
    """Every unit's list: where it stands."""

    permission = "declarations.department_reading"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of units."""
        order = ("-organisation__level", "organisation__code", "id")
        page = page_of(request, told_quotas(self.seat, self.cycle), order=order, size=50)
        rows = unit_rows(self.seat, self.cycle, page.rows)
        return render(request, "declarations/lists/batches.html", {"page": page, "rows": rows, "cycle": self.cycle})


class BatchView(SeatView):
    """A page of one list: one that the seat may not read is not there."""

    @cached_property
    def batch(self) -> Batch:
        """Return the list named in the address, fetched through the viewer."""
        batch = visible_batch(self.seat, self.kwargs["pk"])
        if batch is None:
            raise Http404
        return batch

    def permission_object(self) -> object:
        """Ask the rule about the list."""
        return self.batch

    def shown(self) -> dict[str, Any]:
        """Return what every page of a list prints: entries, freezing, meeting, papers, receipts."""
        return list_page(self.seat, self.batch)

    def back(self) -> HttpResponse:
        """Lead to the list."""
        return redirect("declarations:batch", pk=self.batch.pk)

    def whole_or_refused(self) -> None:
        """Refuse what names every case to whoever must step back from one of them."""
        if not sees_whole(self.seat, self.batch):
            raise PermissionDenied("名单内有您应当回避的申报，材料由其他人员办理。")


class BatchPage(BatchView):
    """The list as it was frozen, the meeting, the sealed papers, the receipt, and the next act."""

    permission = "declarations.board"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the list."""
        shown = self.shown()
        number = len(shown["entries"])
        context = {
            **shown,
            "kind": batch_kind(self.batch),
            "is_own": self.batch.unit_id == self.seat.organisation_id,
            "may_prepare": allowed(self.seat, "declarations.prepare_batch", self.batch),
            "stages": stages_of(self.batch),
            "acts": acts_on(self.seat, self.batch, number, self.now) if number else (),
        }
        return render(request, "declarations/lists/batch.html", context)


class Freeze(BatchView):
    """Freeze the list for the meeting."""

    permission = "declarations.prepare_batch"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Freeze it, or say why not."""
        with refusals_told(request):
            frozen = lists.freeze_batch(batch=self.batch, actor=self.seat, now=self.now)
            messages.success(request, f"名单已固定，共{len(frozen.listing)}家。请登记会议和参会人员。")
            return self.back()
        return redirect("declarations:board")


class Reopen(BatchView):
    """Open a frozen list again, with the reason."""

    permission = "declarations.prepare_batch"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the reason."""
        return self.page(ReopenForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Open it, or show why not with everything as typed."""
        form = ReopenForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                lists.reopen_batch(batch=self.batch, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, "名单已重新打开，可以调整。")
                return redirect("declarations:board")
        return self.page(form)

    def page(self, form: ReopenForm) -> HttpResponse:
        """Draw the page."""
        form.cancel_url = self.back().url
        return render(self.request, "declarations/lists/reopen.html", {"batch": self.batch, "form": form})


class Upload(BatchView):
    """Send the list up: the last look, then the receipt; the cases follow by a job."""

    permission = "declarations.upload_batch"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Say what will happen to how many cases."""
        return self.page(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send it up, or say why not."""
        form = self.form(request.POST)
        if form.is_valid():
            with refusals_in(form):
                sent = upward.order_upload(batch=self.batch, actor=self.seat, now=self.now)
                messages.success(request, f"推荐名单已上报，共{sent.cases}家，回执编号{sent.number}。")
                return self.back()
        return self.page(form)

    def form(self, data: Any = None) -> UploadForm:
        """Return the form with what will happen."""
        words = f"{len(self.batch.listing)}件申报将推荐至全国工商联，名单和各件材料即固定；接收前可以撤回。"
        return UploadForm(data, confirm=words, cancel_url=self.back().url)

    def page(self, form: UploadForm) -> HttpResponse:
        """Draw the page."""
        self.whole_or_refused()
        found = upload_refusals(self.seat, self.batch, self.now)
        content = content_refusals(self.batch) if self.batch.state in SENDABLE else ()
        context = {**self.shown(), "form": form, "refusals": (*content, *found)}
        return render(self.request, "declarations/lists/upload.html", context)


class Recall(BatchView):
    """Take back a list that the department has not accepted."""

    permission = "declarations.upload_batch"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the reason."""
        return self.page(RecallForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take it back, or show why not with everything as typed."""
        form = RecallForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                upward.order_recall(batch=self.batch, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, "推荐名单已撤回，各件申报随即退回本单位名单。")
                return self.back()
        return self.page(form)

    def page(self, form: RecallForm) -> HttpResponse:
        """Draw the page."""
        form.cancel_url = self.back().url
        return render(self.request, "declarations/lists/recall.html", {"batch": self.batch, "form": form})


class Receipt(BatchView):
    """A receipt of the list, to be printed."""

    permission = "declarations.board"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        receipt = receipt_of(self.batch, kwargs["serial"])
        if receipt is None:
            raise Http404
        context = {"batch": self.batch, "receipt": receipt, "seconds": f"{receipt.at:%S}"}
        return render(request, "declarations/lists/receipt.html", context)


class Accept(BatchView):
    """Accept a list that came up; its cases enter the preliminary review by a job."""

    permission = "declarations.department"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Accept it, or say why not."""
        with refusals_told(request):
            accepted = upward.order_acceptance(batch=self.batch, actor=self.seat, now=self.now)
            messages.success(request, f"已接收{accepted.unit}推荐名单，{len(accepted.listing)}件申报进入初审。")
        return self.back()


class SendBack(BatchView):
    """Give a list back for form alone."""

    permission = "declarations.department"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask what is wrong."""
        return self.page(SendBackForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Give it back, or show why not with everything as typed."""
        form = SendBackForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                upward.send_back(batch=self.batch, defects=form.defects(), actor=self.seat, now=self.now)
                messages.success(request, f"已退回{self.batch.unit}补正。")
                return self.back()
        return self.page(form)

    def page(self, form: SendBackForm) -> HttpResponse:
        """Draw the page."""
        form.cancel_url = self.back().url
        return render(self.request, "declarations/lists/send_back.html", {"batch": self.batch, "form": form})


class Quotas(SeatView):
    """Every unit's places."""

    permission = "declarations.quotas"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the table."""
        may_plan = allowed(self.seat, "declarations.plan")
        context = {"table": quota_table(self.seat, self.cycle), "cycle": self.cycle, "may_plan": may_plan}
        return render(request, "declarations/lists/quotas.html", context)
