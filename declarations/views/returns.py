"""Returns beside what came back, named rows looked at again, a case sent down to a lower tier."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions.delta import send_down, settle_rows
from declarations.actions.review import Settled, settle_items
from declarations.forms.returns import sent_rows, settled_items
from declarations.forms.review import RedoFormSet, RedoLines, SendDownForm, with_more_lines
from declarations.queries.acts import acts_open_to
from declarations.queries.delta_page import Sent, delta_page, task_of
from declarations.queries.opinions import open_opinion
from declarations.queries.proofs_alike import told_elsewhere
from declarations.queries.returns import returns_of, shows_rounds
from declarations.queries.review import mendable, step_refusals
from declarations.queries.rounds import tiers_below
from declarations.states import ItemOutcome
from declarations.views.base import CaseView, refusals_told


class ReturnsPage(CaseView):
    """Every return with its items, old beside new; the tier that returned says of each whether it is mended."""

    permission = "declarations.returns"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show them."""
        return self.page({})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep what the tier says of its items, or show why not with everything as typed."""
        words = settled_items(request.POST)
        with refusals_told(request):
            number = settle_items(case=self.case, words=words, actor=self.seat, now=self.now)
            messages.success(request, f"已核对{number}项。" if number else "没有选择核对结果。")
            return redirect("declarations:returns", pk=self.case.pk)
        return self.page(words)

    def page(self, typed: Mapping[int, Settled]) -> HttpResponse:
        """Draw the page, over it what was chosen and not saved."""
        found = returns_of(
            self.seat, self.dossier, {pk: (one.outcome, one.remark) for pk, one in typed.items()}
        )
        context = {
            "case": self.case,
            "programme": self.dossier.programme,
            "returns": found,
            "outcomes": ItemOutcome,
            "settling": any(one.settling for one in found),
            "rounds": [one for one in self.dossier.rounds if one.slip_id is None]
            if shows_rounds(self.seat)
            else [],
        }
        return render(self.request, "declarations/returns/history.html", context)


class DeltaView(CaseView):
    """The rows of a round, and only these: what changed, the lower marks, the own mark, confirmed or not."""

    permission = "declarations.review"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show them."""
        return self.page()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save marks, and which rows are confirmed; or show why not with everything as typed."""
        codes = [row.code for row in task_of(self.dossier).rows.all()]
        sent = sent_rows(self.dossier.programme, request.POST, codes)
        with refusals_told(request):
            words = {"entries": sent.entries, "settled": sent.settled, "seen": sent.seen}
            number = settle_rows(case=self.case, actor=self.seat, now=self.now, **words)
            messages.success(request, f"已保存，核对{number}/{len(codes)}项。")
            return redirect("declarations:delta", pk=self.case.pk)
        typed = {code: (str(one.points or ""), one.reason or "") for code, one in sent.entries.items()}
        return self.page(Sent(typed, sent.settled))

    def page(self, sent: Sent | None = None) -> HttpResponse:
        """Draw the page."""
        acts = acts_open_to(self.seat, self.dossier, self.now)
        elsewhere = told_elsewhere(self.seat, self.dossier)
        context = {
            "case": self.case,
            "programme": self.dossier.programme,
            "page": delta_page(self.seat, self.dossier, elsewhere, sent),
            "acts": acts,
            "closed": [act for act in acts if act.refusals],
            "opinion": open_opinion(self.seat, self.dossier),
        }
        return render(self.request, "declarations/returns/delta.html", context)


class SendDown(CaseView):
    """Send the case down: to which tier, which rows it must mark again and why, and whether its opinion too."""

    permission = "declarations.send_down"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show blank lines."""
        return self.page(self.lines(), self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send it down, add blank lines, or show why not with everything as typed."""
        if "more" in request.POST:
            return self.page(
                self.lines(with_more_lines(request.POST)), self.form(request.POST), checked=False
            )
        lines, form = self.lines(request.POST), self.form(request.POST)
        if lines.is_valid() and form.is_valid():
            rows = lines.redos(self.dossier.programme)
            with refusals_told(request):
                send_down(case=self.case, rows=rows, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, f"{self.case.applicant_name}：已退回下级。")
                return redirect("declarations:case", pk=self.case.pk)
        return self.page(lines, form)

    def tiers(self) -> list[tuple[int, str]]:
        """Return the tiers below, the nearest first."""
        return [(tier.pk, str(tier)) for tier in reversed(tiers_below(self.case, self.case.holder))]

    def form(self, data: Any = None) -> SendDownForm:
        """Return the form of what is said to the tier."""
        tiers = self.tiers()
        return SendDownForm(data, tiers=tiers, initial={"to": tiers[0][0] if tiers else None})

    def lines(self, data: Any = None) -> RedoLines:
        """Return the lines with the rows to choose from."""
        rows = [group for group in mendable(self.dossier.programme) if group[0].startswith("自评表")]
        return RedoFormSet(data, form_kwargs={"choices": rows})

    def page(self, lines: RedoLines, form: SendDownForm, *, checked: bool = True) -> HttpResponse:
        """Draw the page."""
        if self.case.holder_id != self.seat.organisation_id:
            raise PermissionDenied
        context = {
            "case": self.case,
            "programme": self.dossier.programme,
            "lines": lines,
            "form": form,
            "checked": checked and lines.is_bound,
            "refusals": step_refusals(self.seat, self.dossier, self.now, "send_down"),
        }
        return render(self.request, "declarations/returns/send_down.html", context)
