"""Ordering a unit's list: the board, moving one case, arranging all, saying why one stands against the totals."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from declarations.actions import ranking
from declarations.forms.ranking import MoveForm, RankReasonForm, typed_ranks
from declarations.queries.board import order_now
from declarations.queries.board_page import below_board, board_of
from declarations.queries.lists_page import is_unit
from declarations.views.base import CaseView, SeatView, refusals_in, refusals_told
from declarations.views.lists import BatchView
from scoring.queries import programme_of
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.ui.requests import wants_json


class Board(SeatView):
    """The list of the seat's unit; below a unit, how far the own cases have come."""

    permission = "declarations.board"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the board; supervision, which has no unit, reads all units' lists."""
        if self.seat.role == Role.SUPERVISION:
            return redirect("declarations:batches")
        if not is_unit(self.seat.organisation):
            context = {"rows": below_board(self.seat, self.cycle), "cycle": self.cycle}
            return render(request, "declarations/lists/below.html", context)
        board = board_of(self.seat, self.cycle, self.now)
        return render(request, "declarations/lists/board.html", {"board": board, "cycle": self.cycle})


class Move(CaseView):
    """Move one case to another rank of its list, or to the other list; a script is answered with the order as it is."""

    permission = "declarations.prepare_batch"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Move it, or say why not."""
        form = MoveForm(request.POST)
        said, refused = "", f"{self.case.applicant_name}：请填写要移到的位次，从1起的整数。"
        if form.is_valid():
            try:
                said, refused = self.moved(**form.cleaned_data), ""
            except Refused as refusal:
                refused = str(refusal)
        if wants_json(request):
            told = {"said": said, "refused": refused, "order": order_now(self.seat, self.case.cycle).told}
            return JsonResponse(told, status=409 if refused else 200)
        if refused:
            messages.error(request, refused)
        return redirect(f"{reverse('declarations:board')}#case-{self.case.pk}")

    def moved(self, *, to: int, side: str, reason: str, seen: int | None) -> str:
        """Move it and return what was done in words."""
        words = {"case": self.case, "to": to, "actor": self.seat, "now": self.now, "seen": seen}
        name = self.case.applicant_name
        if side == "listed" and self.case.is_reserve:
            said = f"{name}改列拟推荐第{ranking.promote(**words).rank}位。"
        elif side == "reserves" and not self.case.is_reserve:
            said = f"{name}改列备选第{ranking.demote(**words, reason=reason).rank}位。"
        else:
            return f"{name}移至第{ranking.move(**words)}位。"
        messages.success(self.request, said)
        return said


class Arrange(BatchView):
    """Give the cases the ranks typed beside them."""

    permission = "declarations.prepare_batch"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Arrange them, or say why not."""
        wanted, seen = typed_ranks(request.POST)
        if wanted is None:
            messages.error(request, "请填写要移到的位次，从1起的整数。")
        else:
            with refusals_told(request):
                number = ranking.arrange(
                    batch=self.batch, wanted=wanted, actor=self.seat, now=self.now, seen=seen
                )
                messages.success(request, f"已按填写的次序排列，{number}家位次有变动。" if number else "位次没有变动。")
        return redirect("declarations:board")


class OrderByTotal(BatchView):
    """Order list and reserves by their totals."""

    permission = "declarations.prepare_batch"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Order them, or say why not."""
        with refusals_told(request):
            number = ranking.order_by_total(batch=self.batch, actor=self.seat, now=self.now, seen=_seen(request.POST))
            messages.success(request, f"已按得分排列，{number}家位次有变动。" if number else "已是按得分排列的次序。")
        return redirect("declarations:board")


def _seen(data: Mapping[str, str]) -> int | None:
    return typed_ranks(data)[1]


class RankReason(CaseView):
    """Why a case stands where it stands although the totals would order it otherwise."""

    permission = "declarations.prepare_batch"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the reason."""
        return self.page(RankReasonForm(initial={"reason": self.case.rank_reason}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep it, or show why not with everything as typed."""
        form = RankReasonForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                ranking.give_reason(case=self.case, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, f"{self.case.applicant_name}：排序理由已保存。")
                return redirect(self.back())
        return self.page(form)

    def back(self) -> str:
        """Return the way back to the row."""
        return f"{reverse('declarations:board')}#case-{self.case.pk}"

    def page(self, form: RankReasonForm) -> HttpResponse:
        """Draw the page, with those that the case stands against."""
        form.cancel_url = self.back()
        facing = order_now(self.seat, self.case.cycle).facing(self.case.pk)
        maximum = programme_of(self.case.cycle.programme).total
        context = {"case": self.case, "form": form, "facing": facing, "maximum": maximum}
        return render(self.request, "declarations/lists/rank_reason.html", context)
