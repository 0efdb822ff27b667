"""The meeting on a unit's list: who is there, what it decides, its agenda, its signatures."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions import deciding
from declarations.decision import refusals
from declarations.forms.deciding import (
    ArrangementForm,
    DecisionReader,
    TypedDecision,
    TypedPoint,
    people_rows,
    typed_decision,
    written_down,
)
from declarations.models import Meeting
from declarations.queries.batches import meeting_of
from declarations.queries.deciding import record_of
from declarations.queries.deciding_page import DecisionPage, accounts_at, decision_page
from declarations.queries.report import minutes_draft
from declarations.states import BatchState, Choice, DecisionWay
from declarations.views.base import refusals_told
from declarations.views.lists import BatchView
from sihao.accounts.refusals import Refused


class Arrange(BatchView):
    """The meeting and its people."""

    permission = "declarations.prepare_batch"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for them, as they were written down last."""
        meeting = meeting_of(self.batch)
        known = {"name": meeting.name, "held_on": meeting.held_on, "place": meeting.place} if meeting else {}
        return self.page(self.form(initial=known, rows=people_rows(meeting)))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write them down, or show why not with everything as typed."""
        form = self.form(request.POST)
        if form.is_valid():
            try:
                deciding.arrange_meeting(
                    batch=self.batch, arrangement=form.arrangement(), actor=self.seat, now=self.now
                )
            except Refused as refused:
                for refusal in refused.refusals:
                    form.add_error(None, str(refusal))
            else:
                messages.success(request, "会议和参会人员已保存。会后请登记研究结果。")
                return redirect("declarations:batch_decision", pk=self.batch.pk)
        return self.page(form)

    def form(self, data: Any = None, **words: Any) -> ArrangementForm:
        """Return the form with the accounts of the office."""
        return ArrangementForm(data, accounts=accounts_at(self.seat), **words)

    def page(self, form: ArrangementForm) -> HttpResponse:
        """Draw the page."""
        context = {"batch": self.batch, "form": form, "back": self.back().url}
        return render(self.request, "declarations/lists/meeting.html", context)


class Decide(BatchView):
    """What the meeting decides: saved as often as need be, then closed."""

    permission = "declarations.prepare_batch"

    @cached_property
    def meeting(self) -> Meeting | None:
        """Return the meeting whose record is open."""
        return meeting_of(self.batch) if self.batch.state == BatchState.FROZEN else None

    def not_now(self) -> HttpResponse:
        """Lead back to the list before there is a meeting and after its record was closed."""
        words = f"推荐名单现为“{self.batch.get_state_display()}”，先登记会议和参会人员，再登记研究结果。"
        messages.error(self.request, words)
        return self.back()

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for it, as it was saved last."""
        meeting = self.meeting
        if meeting is None:
            return self.not_now()
        self.whole_or_refused()
        return self.page(decision_page(self.batch, meeting), written_down(meeting), [])

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save it, and close the record where that is asked for and everything holds."""
        if self.meeting is None:
            return self.not_now()
        self.whole_or_refused()
        page = decision_page(self.batch, self.meeting)
        typed = typed_decision(request.POST, page.places, page.person_places)
        if problems := self.saved(page, typed):
            return self.page(page, typed, problems)
        if "conclude" not in request.POST:
            messages.success(request, "已保存。")
            return redirect("declarations:batch_decision", pk=self.batch.pk)
        if problems := self.told(deciding.conclude_meeting):
            again = meeting_of(self.batch)
            return self.page(decision_page(self.batch, again), written_down(again), problems)
        messages.success(request, "集体研究情况已登记。请核对报告，生成盖章材料。")
        return self.back()

    def saved(self, page: DecisionPage, typed: TypedDecision) -> list[str]:
        """Save what was typed and return what stands against it; minutes left as they were drafted follow the data."""
        reader = DecisionReader(typed, page.places, page.person_places)
        decision = reader.decision()
        if decision.minutes == minutes_draft(record_of(page.meeting)):
            decision = replace(decision, minutes=None)
        return reader.problems or self.told(deciding.save_decision, decision=decision)

    def told(self, action: Callable[..., object], **words: object) -> list[str]:
        """Do one thing with the list; return why not."""
        try:
            action(batch=self.batch, actor=self.seat, now=self.now, **words)
        except Refused as refused:
            return [str(refusal) for refusal in refused.refusals]
        return []

    def page(self, page: DecisionPage, typed: TypedDecision, problems: list[str]) -> HttpResponse:
        """Draw the page; what already stands against the record is shown beside it."""
        record = record_of(page.meeting)
        context = {
            "batch": self.batch,
            "page": page,
            "typed": typed,
            "voters": [(person, typed.votes.get(person.place, "")) for person in page.voters],
            "rows": [(point, typed.points.get(point.place, TypedPoint(""))) for point in page.points],
            "problems": problems,
            "open": refusals(record) if page.meeting.minutes and not problems else (),
            "ways": DecisionWay.choices,
            "choices": Choice.choices,
            "lists": page.lists(typed.aside, typed.own),
            "draft": minutes_draft(record),
        }
        return render(self.request, "declarations/lists/decision.html", context)


def pdf_response(file: Any, name: str) -> FileResponse:
    """Hand a PDF over to be looked at."""
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}
    return FileResponse(file, filename=name, content_type="application/pdf", headers=headers)


class Sign(BatchView):
    """Sign the minutes in the system."""

    permission = "declarations.prepare_batch"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Sign, or say why not."""
        with refusals_told(request):
            deciding.sign_minutes(batch=self.batch, actor=self.seat, now=self.now)
            messages.success(request, "已签署会议纪要。")
        return self.back()
