"""Saving what was typed: the same post answers a script in JSON and a browser with a page (protocol in the README)."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse

from declarations.actions.draft import AnswersWritten, CaseKey, RowsWritten
from declarations.queries.drafting import Saved, answer_collision, mark_collision, mark_problem
from declarations.views.drafting.desk import DraftView
from scoring.actions import part_of
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused
from sihao.ui.formats import beijing
from sihao.ui.requests import wants_json

Writing = Callable[..., Saved]


class SavingView(DraftView, ABC):
    """A page whose post is a save: it is judged by the action, under the lock; before that only the role is asked."""

    saving = "declarations.write"

    def may_open(self) -> bool:
        """Ask about the case when the page is drawn, about the seat alone when something is saved."""
        saves = self.request.method == "POST" and allowed(self.seat, self.saving) and self.may_be_own()
        return saves or super().may_open()

    def may_be_own(self) -> bool:
        """Return whether the seat may have written the case: a federation sees others' too, a chamber its own alone."""
        office = self.seat.organisation
        return office.is_chamber or self.case.applicant_id == office.pk

    def saved(self, write: Writing, **words: Any) -> Saved | HttpResponse:
        """Let an action write; what it refuses is the answer to a script, and 403 to a browser."""
        try:
            return write(case=CaseKey(self.kwargs["pk"]), actor=self.seat, now=self.now, **words)
        except Refused as refused:
            sentences = [str(refusal) for refusal in refused.refusals]
            if wants_json(self.request):
                return JsonResponse({"refused": sentences}, status=403)
            raise PermissionDenied("".join(sentences)) from None

    def answer(self, saved: Saved, then: Callable[[], HttpResponse]) -> HttpResponse:
        """Tell a script what was saved; a browser goes on, or sees both values where two people met."""
        if wants_json(self.request):
            return JsonResponse(told(saved, beijing(self.now, "time")))
        if saved.collisions:
            return self.drawn(self.request, saved.collisions)
        messages.success(self.request, in_words(saved, beijing(self.now, "time")))
        return then()

    @abstractmethod
    def drawn(self, request: HttpRequest, collisions: Mapping[str, Any]) -> HttpResponse:
        """Draw the page; with collisions both values stand at their fields, and the status is 409."""


def saved_answers(written: AnswersWritten) -> Saved:
    """Return what became of a form, in words."""
    collisions = {
        name: answer_collision(written.programme.field(name), one.mine, one.answer)
        for name, one in written.collisions.items()
    }
    return Saved(written.versions, written.problems, collisions)


def saved_marks(written: RowsWritten) -> Saved:
    """Return what became of rows, in words; a part of a row is named row/part."""
    items, step = written.programme.rubric, written.programme.step
    collisions = {
        f"{code}/{one.part}": mark_collision(one.part, one.mine, part_of(one.mark, one.part), one.mark)
        for code, parts in written.collisions.items()
        for one in parts
    }
    entered = {code: mark_problem(items.item(code), step, one.points) for code, one in written.entries.items()}
    return Saved(written.versions, {code: problem for code, problem in entered.items() if problem}, collisions)


def in_words(saved: Saved, at: str) -> str:
    """Return what a save came to; what is wrong is stored all the same."""
    wrong = f"。有{len(saved.problems)}处填写有误，已照原样保留，请改正。" if saved.problems else ""
    return f"已保存 {at}{wrong}"


def told(saved: Saved, at: str) -> dict[str, Any]:
    """Return a save as the script reads it."""
    collisions = {name: one.told() for name, one in saved.collisions.items()}
    return {"at": at, "saved": saved.versions, "problems": saved.problems, "collisions": collisions, "refused": []}
