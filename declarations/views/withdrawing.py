"""Withdrawing after the list went up: who asked, what the unit said, what the department made of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from declarations.queries.acts import acts_open_to, state_words
from declarations.rules import NATIONAL_READERS
from declarations.states import State
from declarations.views.base import CaseView


class WithdrawalPage(CaseView):
    """The requests of a case, the newest first, with what the viewer may do about the open one."""

    permission = "declarations.withdrawal"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show them."""
        context = {
            "case": self.case,
            "requests": self.dossier.withdrawals[::-1],
            "inside": self.seat.role in NATIONAL_READERS,
            "acts": acts_open_to(self.seat, self.dossier, self.now, code="T15"),
            "going": self.case.state != State.WITHDRAWN,
            "state_words": state_words(self.seat, self.case),
        }
        return render(request, "declarations/returns/withdrawal.html", context)
