"""An expert's own pages: what is offered, the own sheet, stepping back."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page

from declarations.actions.draft.writing import CaseKey
from declarations.actions.panel import agree_with_province, confirm_sheet, leave, recuse, save_expert_marks
from declarations.actions.sheets import accept_offers
from declarations.forms.application import seen_versions
from declarations.forms.panel import CommentForm, LeaveForm, RecusalForm, chosen_keys, entries_of
from declarations.models import Declaration, ExpertReview
from declarations.queries.compact import CompactDossier, case_for_review
from declarations.queries.drafting import Collision, Saved, mark_collision, mark_problem
from declarations.queries.offers import offer_named, offers_named, offers_told
from declarations.queries.panel_page import own_sheet, own_versions, sheet_view
from declarations.queries.tier_verdict import tier_verdict
from declarations.queries.workspace import (
    ALL,
    CHANGED,
    WAYS,
    expert_desk,
    review_sheet,
    seen_in_review,
    ways_for,
)
from declarations.sheets import PLEDGE
from declarations.states import SHEETS_WRITABLE, State
from declarations.views.base import CaseView, SeatView, refusals_in, refusals_told
from declarations.views.drafting.saving import SavingView
from declarations.views.workspace import KEYS as TIER_KEYS
from scoring.actions import MarksWritten, part_of
from scoring.engine import Programme
from sihao.accounts.refusals import Refused

KEYS = tuple(
    (key, words.replace("审核意见", "评审意见").replace("下一级", "省级审核"))
    for key, words in TIER_KEYS
    if key not in {"r", "g"}
)
OWN_LABELS = {"points": "本人评分", "reason": "理由"}
MOST_OFFERS = 200


# ---- what is offered


class Offers(SeatView):
    """The cases that wait to be taken: chosen, signed for, taken together."""

    permission = "declarations.experts"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them with the words to be signed."""
        offers = offers_told(self.seat, MOST_OFFERS)
        return render(request, "declarations/panel/offers.html", {"offers": offers, "pledge": PLEDGE})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take those that were chosen."""
        reviews = offers_named(self.seat, chosen_keys(request.POST, "offers"))
        with refusals_told(request):
            pledged = request.POST.get("pledge") == "yes"
            number = accept_offers(reviews=reviews, pledged=pledged, actor=self.seat, now=self.now)
            messages.success(request, f"已接受{number}件，可以开始评分。")
            return redirect("declarations:worklist")
        return redirect("declarations:offers")


class LeaveOffer(SeatView):
    """Not taking one offer, or stepping back from it."""

    permission = "declarations.experts"

    @cached_property
    def review(self) -> ExpertReview:
        """Return the offer named in the address, if it is the seat's."""
        found = offer_named(self.seat, self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the reason."""
        return self.page(LeaveForm(initial={"way": "recuse"}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Leave it, or show why not."""
        form = LeaveForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                self.left(**form.cleaned_data)
                return redirect("declarations:offers")
        return self.page(form)

    def left(self, way: str, reason: str) -> None:
        """Step back or decline, and say so."""
        told = {"review": self.review, "reason": reason, "actor": self.seat, "now": self.now}
        if way == "recuse":
            recuse(**told)
        else:
            leave(name="decline", **told)
        messages.success(self.request, f"{self.review.declaration.applicant_name}：已登记，会员部将另行分派。")

    def page(self, form: Form) -> HttpResponse:
        """Draw the page."""
        form.cancel_url = reverse("declarations:offers")
        return render(self.request, "declarations/panel/leave.html", {"review": self.review, "form": form})


# ---- the own sheet


class ExpertPage(CaseView):
    """A page of the viewer's own sheet; somebody else's is not there for anybody."""

    permission = "declarations.experts"

    @cached_property
    def case(self) -> Declaration:
        """Return the case named in the address, fetched through the viewer."""
        case = case_for_review(self.seat, self.kwargs["pk"])
        if case is None:
            raise Http404
        return case

    @cached_property
    def dossier(self) -> CompactDossier:
        """Return the case with everything that hangs on it, read in few queries."""
        return CompactDossier(self.case, self.seat)

    @cached_property
    def review(self) -> ExpertReview:
        """Return the own sheet, or answer 403."""
        review = own_sheet(self.seat, self.case)
        if review is None:
            raise PermissionDenied
        return review

    @property
    def writable(self) -> bool:
        """Whether the sheet may be written now."""
        return self.review.state in SHEETS_WRITABLE and self.case.state == State.EXPERT_REVIEW

    @property
    def shown(self) -> str:
        """Return which rows are shown; what is not understood shows all."""
        wanted = self.request.GET.get("show", "")
        return wanted if wanted in WAYS else ALL

    def to_sheet(self) -> HttpResponse:
        """Return the way back to the sheet."""
        return redirect("declarations:sheet", pk=self.kwargs["pk"])


@method_decorator(gzip_page, name="get")
class SheetPage(ExpertPage, SavingView):
    """The own sheet: written row by row while the case is before the experts, read afterwards."""

    saving = "declarations.experts"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it as it stands."""
        return self.drawn(request, {}) if self.writable else self.closed(request)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep everything that was posted as a draft; nothing typed is refused."""
        saved = self.saved(self.write, seen=seen_versions(request.POST))
        return saved if isinstance(saved, HttpResponse) else self.answer(saved, self.to_sheet)

    def write(self, *, case: CaseKey, **words: Any) -> Saved:
        """Write what was posted into the own sheet."""
        programme, data = self.dossier.programme, self.request.POST
        entries = entries_of(data, [item.id for item in programme.rubric.items()])
        comment = comment_of(data)
        written = save_expert_marks(review=self.review, entries=entries, comment=comment, **words)
        saved = saved_sheet(programme, written, {code: one.points for code, one in entries.items()})
        versions = {**saved.versions, **({"comment": 1} if comment is not None else {})}
        return Saved(versions, saved.problems, saved.collisions)

    def drawn(self, request: HttpRequest, collisions: Mapping[str, Collision]) -> HttpResponse:
        """Draw the desk; with collisions both values stand at their fields, and the status is 409."""
        desk = expert_desk(self.dossier)
        sheet = review_sheet(self.dossier, self.shown, {}, collisions, desk)
        context = {
            "case": self.case,
            "review": self.review,
            "programme": self.dossier.programme,
            "sheet": sheet,
            "verdict": tier_verdict(self.dossier, desk),
            "ways": [
                {"label": word, "url": f"?show={way}", "current": way == self.shown, "count": sheet.counts[way]}
                for way, word in ways_for(self.dossier.programme).items()
                if way != CHANGED
            ],
            "seen": f"{seen_in_review(self.dossier, self.dossier.programme, desk)} comment:0",
            "collisions": collisions,
            "keys": KEYS,
            "earlier": own_versions(self.review),
        }
        return render(request, "declarations/panel/desk.html", context, status=409 if collisions else 200)

    def closed(self, request: HttpRequest) -> HttpResponse:
        """Draw the sheet to be read."""
        context = {
            "case": self.case,
            "review": self.review,
            "programme": self.dossier.programme,
            "sheet": sheet_view(self.review, self.dossier),
        }
        return render(request, "declarations/panel/sheet.html", context)


def saved_sheet(programme: Programme, written: MarksWritten, typed: Mapping[str, object]) -> Saved:
    """Return what became of the rows, in words."""
    met = {
        f"{code}/{one.part}": mark_collision(one.part, one.mine, part_of(one.mark, one.part), one.mark, OWN_LABELS)
        for code, parts in written.collisions.items()
        for one in parts
    }
    entered = {code: mark_problem(programme.rubric.item(code), programme.step, raw) for code, raw in typed.items()}
    return Saved(written.versions, {code: words for code, words in entered.items() if words}, met)


def comment_of(data: Mapping[str, str]) -> str | None:
    """Return the comment that was sent; None leaves the old one."""
    form = CommentForm(data)
    if "comment" not in form.data:
        return None
    if not form.is_valid():
        raise Refused.because("comment_invalid", "评审意见过长，未保存，请缩短到2000字以内。")
    return form.cleaned_data["comment"]


@method_decorator(gzip_page, name="get")
class SheetVerdict(ExpertPage):
    """The verdict on the own marks, alone: what a script puts into the page after a save."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Judge the marks as they stand."""
        if not self.writable:
            raise PermissionDenied
        verdict = tier_verdict(self.dossier, expert_desk(self.dossier))
        context = {"case": self.case, "programme": self.dossier.programme, "verdict": verdict, "expert": True}
        response = render(request, "declarations/review/verdict.html", context)
        response["Cache-Control"] = "private, no-store"
        return response


class WritingSheet(ExpertPage):
    """An act on the own sheet that keeps what was typed with it first."""

    permission = "declarations.score"

    def keep(self) -> None:
        """Keep what was sent of the sheet; nothing sent changes nothing."""
        codes = [item.id for item in self.dossier.programme.rubric.items()]
        entries, words = entries_of(self.request.POST, codes), comment_of(self.request.POST)
        if entries or words is not None:
            save_expert_marks(review=self.review, entries=entries, comment=words, actor=self.seat, now=self.now)


class AgreeWithProvince(WritingSheet):
    """Fill the rows without a mark by the province's."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep what was typed, then fill the rest."""
        with refusals_told(request):
            self.keep()
            number = agree_with_province(review=self.review, actor=self.seat, now=self.now)
            messages.success(request, f"已按省级审核得分填入{number}项，请逐项核对后确认。")
        return self.to_sheet()


class ConfirmSheet(WritingSheet):
    """Confirm the own sheet: it is frozen and counts."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep what was typed, then confirm; a refusal leaves the draft."""
        with refusals_told(request):
            self.keep()
            confirm_sheet(review=self.review, actor=self.seat, now=self.now)
            messages.success(request, "评分已确认，计入复审结果。")
        return self.to_sheet()


class Recuse(ExpertPage):
    """Step back from a case, with a reason."""

    permission = "declarations.score"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the reason."""
        return self.page(RecusalForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Step back, or show why not."""
        form = RecusalForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                recuse(review=self.review, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, f"{self.case.applicant_name}：已回避。")
                return redirect("declarations:worklist")
        return self.page(form)

    def page(self, form: Form) -> HttpResponse:
        """Draw the page."""
        context = {"case": self.case, "review": self.review, "form": form}
        return render(self.request, "declarations/panel/recuse.html", context)


