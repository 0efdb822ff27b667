"""What follows the meeting: public notice, publication, release, the order list of plaques, correcting an outcome."""

from abc import ABC, abstractmethod
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions import correcting, publication
from declarations.forms.publication import NoticeRulesForm
from declarations.forms.steps import ReasonForm
from declarations.models import Pending
from declarations.queries.announced import notices_of_cycle, on_notice, to_announce, to_publish
from declarations.queries.cycles import counts_for
from declarations.queries.meeting_page import PUBLISH, open_job
from declarations.queries.mending import with_ways
from declarations.queries.publication_page import (
    left_out,
    publication_acts,
    publication_plan,
    publications_of,
)
from declarations.queries.recusals import without_recused
from declarations.queries.second_person import waiting_act
from declarations.second_person import Paired
from declarations.views.base import CaseView, SeatView, refusals_in, refusals_told
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed
from sihao.jobs.models import Job

ORDER = ("unit__code", "rank", "id")


class Publication(SeatView):
    """How many wait to be announced and published, what that will do, and what was done."""

    permission = "declarations.publication"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        counts = counts_for(self.seat, self.cycle)
        ready = without_recused(to_publish(self.cycle, self.now), self.seat)
        running = without_recused(on_notice(self.cycle, self.now), self.seat).count()
        plan = publication_plan(self.cycle, ready.count(), counts, running)
        announcing = bool(plan.to_announce) and not plan.waiting
        rows = without_recused(to_announce(self.cycle), self.seat) if announcing else ready
        job = open_job(PUBLISH, cycle=self.cycle.pk) or open_job(publication.ANNOUNCE, cycle=self.cycle.pk)
        pending = self.waiting()
        quiet = job is not None or pending is not None
        context = {
            "cycle": self.cycle,
            "plan": plan,
            "announcing": announcing,
            "page": page_of(request, rows, order=ORDER, size=100),
            "job": job,
            "own_job": job is not None and job.owner_id == self.seat.user_id,
            "pending": pending if allowed(self.seat, "declarations.prepare_publication") else None,
            "notices": notices_of_cycle(self.cycle),
            "publications": publications_of(self.cycle),
            "left_out": without_recused(left_out(self.cycle), self.seat, "declaration"),
            "now": self.now,
            "may_set": allowed(self.seat, "declarations.department"),
            "may_archive": allowed(self.seat, "declarations.archive"),
            "acts": [] if quiet else publication_acts(self.seat, self.cycle, plan, counts),
        }
        return render(request, "declarations/meeting/publication.html", context)

    def waiting(self) -> Pending | None:
        """Return the act that waits for a second person."""
        acts = (Paired.PUBLISH, Paired.OPEN_NOTICE, Paired.NOTICE_RULES)
        found = (waiting_act(self.cycle, act, self.cycle.pk) for act in acts)
        return next((one for one in found if one is not None), None)


class Ordering(SeatView, ABC):
    """An act on the whole list, done by a job or prepared for a second person."""

    permission = "declarations.prepare_publication"
    http_method_names = ["post"]

    @abstractmethod
    def order(self) -> Job | Pending:
        """Order it."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Order it and lead to the job or to the prepared act, or say why not."""
        with refusals_told(request):
            ordered = self.order()
            if isinstance(ordered, Pending):
                return redirect("declarations:pending", pk=ordered.pk)
            return redirect("jobs:detail", number=ordered.number)
        return redirect("declarations:publication")


class Announce(Ordering):
    """Opening the public notice."""

    def order(self) -> Job | Pending:
        """Order it."""
        return publication.order_notice(cycle=self.cycle, actor=self.seat, now=self.now)


class Publish(Ordering):
    """Publishing the list."""

    def order(self) -> Job | Pending:
        """Order it."""
        return publication.order_publication(cycle=self.cycle, actor=self.seat, now=self.now)


class Release(SeatView):
    """Making the other outcomes visible."""

    permission = "declarations.publish"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Release them, or say why not."""
        with refusals_told(request):
            publication.release_results(cycle=self.cycle, actor=self.seat, now=self.now)
            messages.success(request, "结果已公开，省级工商联和申报商会可以查看。")
        return redirect("declarations:publication")


class NoticeRules(SeatView):
    """Whether the list is announced before it is published, and how long; the notice says nothing of it."""

    permission = "declarations.department"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for it, as it is set now."""
        known = {"public_notice": "yes" if self.cycle.public_notice else "no", "days": self.cycle.notice_days}
        return self.page(NoticeRulesForm(initial=known))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Prepare it for a second person, or show why not with everything as typed."""
        form = NoticeRulesForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                words = form.rules()
                pending = publication.propose_rules(cycle=self.cycle, actor=self.seat, now=self.now, **words)
                messages.success(request, "公示设置已提请第二人确认。")
                return redirect("declarations:pending", pk=pending.pk)
        return self.page(form)

    def page(self, form: NoticeRulesForm) -> HttpResponse:
        """Draw the page."""
        return render(self.request, "declarations/meeting/notice_rules.html", {"cycle": self.cycle, "form": form})


class CorrectCase(CaseView):
    """Proposing to correct an outcome; supervision confirms."""

    permission = "declarations.correct"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the ground, and say what the correction does."""
        return self.page(ReasonForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Prepare it, or show why not with everything as typed."""
        form = ReasonForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                pending = correcting.propose_correction(
                    case=self.case, actor=self.seat, now=self.now, **form.cleaned_data
                )
                messages.success(request, "更正已提出，由监督人员确认。")
                return redirect("declarations:pending", pk=pending.pk)
        return self.page(form)

    def page(self, form: ReasonForm) -> HttpResponse:
        """Draw the page."""
        form.submit_label, form.confirm = "提出更正", "由监督人员确认后，本件回到作出结果之前的环节；原结果保留可查。"
        context = {
            "case": self.case,
            "form": form,
            "refusals": with_ways(correcting.refusals_of(self.case, self.now), self.seat, self.case),
            "hint": correcting.hint_of(self.case, self.now),
        }
        return render(self.request, "declarations/meeting/correct.html", context)
