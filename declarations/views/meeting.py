"""The chairman's meeting: agendas, the record, an outcome for each case."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions.publish import (
    draft_all_approved,
    draft_meeting,
    order_agenda,
    order_decision,
)
from declarations.forms.meeting import MeetingForm, outcomes_of
from declarations.models import Agenda, Cycle
from declarations.queries.cycles import counts_for
from declarations.queries.meeting_page import (
    DECIDE,
    FREEZE_AGENDA,
    agenda_in,
    agendas_of,
    item_lines,
    items_of,
    open_job,
    outcome_counts,
    waiting_cases,
)
from declarations.queries.recusals import without_recused
from declarations.states import Outcome, State
from declarations.views.base import SeatView, refusals_in, refusals_told
from scoring.queries import programme_of
from sihao.accounts.paging import Page, page_of
from sihao.accounts.permissions import allowed

AGENDA_PAGE = 50


def standard_of(cycle: Cycle) -> dict[str, Any]:
    """Return what a table of totals prints of the standard: its maximum and its status."""
    programme = programme_of(cycle.programme)
    return {"total": programme.total, "short_status": programme.short_status}


class Agendas(SeatView):
    """The agendas of the cycle, newest first, and how many cases wait for the next."""

    permission = "declarations.meeting"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        context = {
            "cycle": self.cycle,
            "page": page_of(request, agendas_of(self.cycle, self.seat), order=("-number", "-id"), size=30),
            "waiting": counts_for(self.seat, self.cycle).get(State.PROPOSED, 0),
            "may_freeze": allowed(self.seat, "declarations.agenda"),
            "may_publish": allowed(self.seat, "declarations.publication"),
        }
        return render(request, "declarations/meeting/agendas.html", context)


class FreezeAgenda(SeatView):
    """What will go on the next agenda; and freezing it."""

    permission = "declarations.agenda"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the list as it would be frozen."""
        waiting = without_recused(waiting_cases(self.cycle), self.seat)
        context = {
            "cycle": self.cycle,
            "page": page_of(request, waiting, order=("unit__code", "rank", "id"), size=100),
            "number": waiting.count(),
            "job": open_job(FREEZE_AGENDA, cycle=self.cycle.pk),
            **standard_of(self.cycle),
        }
        return render(request, "declarations/meeting/freeze.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Order it and lead to the job, or say why not."""
        with refusals_told(request):
            job = order_agenda(cycle=self.cycle, actor=self.seat, now=self.now)
            return redirect("jobs:detail", number=job.number)
        return redirect("declarations:freeze_agenda")


class AgendaPage(SeatView):
    """One agenda: its frozen list, the record of the meeting, an outcome for each case."""

    permission = "declarations.meeting"

    @cached_property
    def agenda(self) -> Agenda:
        """Return the agenda named in the address."""
        return agenda_in(self.cycle, self.kwargs["pk"], self.seat)

    @cached_property
    def rows(self) -> Page:
        """Return this page of the agenda."""
        return page_of(self.request, items_of(self.agenda, self.seat), order=("place", "id"), size=AGENDA_PAGE)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the agenda; to the secretary as a form until it is decided."""
        names = ("meeting_on", "present", "recused", "minutes")
        return self.page(MeetingForm(initial={name: getattr(self.agenda, name) for name in names}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep the draft, and do what the button says; a refusal keeps everything as typed."""
        if not allowed(self.seat, "declarations.decide"):
            raise PermissionDenied
        form = MeetingForm(request.POST)
        typed = outcomes_of(request.POST, [item.pk for item in self.rows.rows])
        if form.is_valid():
            with refusals_in(form):
                record = {**form.cleaned_data}
                on, text = record.pop("meeting_on"), record.pop("minutes")
                draft_meeting(agenda=self.agenda, on=on, text=text, outcomes=typed, actor=self.seat, **record)
                return self.go_on()
        return self.page(form, typed)

    def go_on(self) -> HttpResponse:
        """Do what the button says after the draft was kept, and lead on."""
        if "decide" in self.request.POST:
            job = order_decision(agenda=self.agenda, actor=self.seat, now=self.now)
            return redirect("jobs:detail", number=job.number)
        if "all" in self.request.POST:
            number = draft_all_approved(agenda=self.agenda, actor=self.seat)
            messages.success(self.request, f"{number}件均已选“{Outcome.APPROVED.label}”，尚未登记。")
            return redirect(self.request.get_full_path())
        messages.success(self.request, "草稿已保存。")
        onward = self.rows.next_url if "next" in self.request.POST else ""
        return redirect(self.request.path + onward if onward else self.request.get_full_path())

    def page(self, form: Form, typed: dict[int, tuple[str, str]] | None = None) -> HttpResponse:
        """Draw the page."""
        job = open_job(DECIDE, agenda=self.agenda.pk)
        mine = allowed(self.seat, "declarations.decide")
        context = {
            "agenda": self.agenda,
            "form": form,
            "page": self.rows,
            "lines": item_lines(self.rows.rows, typed or {}),
            "outcomes": Outcome.choices,
            "counts": outcome_counts(self.agenda, self.seat),
            "writable": mine and self.agenda.decided_at is None and job is None,
            "job": job,
            "own_job": job is not None and job.owner_id == self.seat.user_id,
            **standard_of(self.cycle),
        }
        return render(self.request, "declarations/meeting/agenda.html", context)
