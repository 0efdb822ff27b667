"""Findings across cases: the list, one of them side by side or among its peers, comparing anew."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions.cross import order_comparison
from declarations.alike import CLEAR_LEVELS, CLEAR_PLACES, LEAST_SHARE, LEAST_SIGNS, MOST_ALIKE, MOST_BITS
from declarations.queries.crossed_page import (
    comparison_of,
    finding_in_sight,
    findings_in_sight,
    kind_chips,
    listed,
    peers_of,
    photos_beside,
    side_by_side,
    stepped_back_from,
)
from declarations.states import CrossKind
from declarations.views.base import SeatView
from scoring.queries import programme_of
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed

RULES = {
    "signs": LEAST_SIGNS,
    "share": round(LEAST_SHARE * 100),
    "most": MOST_ALIKE,
    "bits": MOST_BITS,
    "clear": CLEAR_PLACES,
    "levels": CLEAR_LEVELS,
}


class Findings(SeatView):
    """What was found across cases, by kind."""

    permission = "declarations.cross"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page, the weightiest first."""
        wanted = request.GET.get("kind", "")
        page = page_of(request, findings_in_sight(self.seat, self.cycle, wanted), order=("-weight", "id"), size=50)
        context = {
            "page": page,
            "rows": listed(self.seat, page.rows),
            "chips": kind_chips(self.cycle, wanted if wanted in CrossKind.values else "", request.path),
            "rules": RULES,
            "comparison": comparison_of(self.cycle),
            "may_compare": allowed(self.seat, "declarations.preliminary"),
            "programme": programme_of(self.cycle.programme),
        }
        return render(request, "declarations/national/cross.html", context)


class FindingPage(SeatView):
    """One finding: its cases, copied texts side by side, figures among their peers."""

    permission = "declarations.cross"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show it as far as the viewer may see its cases."""
        finding = finding_in_sight(self.seat, self.cycle, pk)
        without = stepped_back_from(self.seat, self.cycle)
        context = {
            "finding": finding,
            "parts": [(part, peers_of(finding, part, without)) for part in finding.seen],
            "beside": side_by_side(self.cycle, finding),
            "photos": photos_beside(self.cycle, finding),
            "may_review": allowed(self.seat, "declarations.preliminary"),
            "programme": programme_of(self.cycle.programme),
        }
        return render(request, "declarations/national/cross_finding.html", context)


class Compare(SeatView):
    """Have the cases compared anew."""

    permission = "declarations.preliminary"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Order it."""
        job = order_comparison(cycle=self.cycle, actor=self.seat, now=self.now)
        messages.success(request, "已开始比对，完成后刷新本页查看。")
        return redirect("jobs:detail", number=job.number)
