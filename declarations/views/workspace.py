"""The review page of a tier: rows and opinion saved as they are typed, what agrees confirmed in one act."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page

from declarations.actions.marking import ReviewWritten, note_first_look, note_look, save_review
from declarations.actions.review import agree_with_below
from declarations.forms.application import seen_versions
from declarations.forms.workspace import print_of, rows_to_confirm, seen_until, typed_opinion, typed_rows
from declarations.models import Declaration
from declarations.queries.acts import acts_open_to
from declarations.queries.cases import next_to_review
from declarations.queries.changes import changes_since
from declarations.queries.compact import CompactDossier, case_for_review
from declarations.queries.drafting import Collision, Saved, mark_collision, mark_problem
from declarations.queries.opinions import PARTS, OpinionBlock, opinion_block, opinion_collision
from declarations.queries.tier_verdict import tier_verdict
from declarations.queries.workspace import (
    WAYS,
    ReviewSheet,
    agreement_in,
    review_sheet,
    seen_in_review,
    ways_for,
)
from declarations.views.base import CaseView, refusals_told
from declarations.views.drafting.saving import SavingView
from scoring.actions import part_of

KEYS = (
    ("j、k", "下一行、上一行"),
    ("n", "下一个待审核或须改正的行"),
    ("数字", "填写本行得分"),
    ("Enter", "确认本行：空着的按下一级得分填入，并移到下一行"),
    ("l", "填写本行理由，Esc回到得分"),
    ("e", "查看本行的佐证材料，再按看下一份，Esc收起"),
    ("f", "放大正在看的材料"),
    ("r", "把本行列入退回修改"),
    ("o", "填写审核意见"),
    ("g", "下一件"),
    ("s", "立即保存"),
    ("?", "列出按键"),
)
TIER_LABELS = {"points": "本级评分", "reason": "理由"}


class OfficersPage(CaseView):
    """A page on which a tier's officer works on a case it holds."""

    permission = "declarations.review"

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

    @property
    def shown(self) -> str:
        """Return which rows are shown; what is not understood shows all."""
        wanted = self.request.GET.get("show", "")
        return wanted if wanted in WAYS else "all"

    def sheet(self, collisions: Mapping[str, Collision] | None = None) -> ReviewSheet:
        """Return the rows as they stand."""
        return review_sheet(self.dossier, self.shown, changes_since(self.dossier).rows, collisions)


class OpinionPage(OfficersPage, SavingView):
    """The tier's opinion beside those of the tiers beneath; saved as it is typed."""

    saving = "declarations.mark"
    template = "opinion"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it as it stands."""
        return self.drawn(request, {})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep everything that was posted."""
        saved = self.saved(self.write, seen=seen_versions(request.POST))
        return saved if isinstance(saved, HttpResponse) else self.answer(saved, self.gone_on)

    def write(self, **words: Any) -> Saved:
        """Write what was posted, read with the programme of the case that the action holds."""
        data = self.request.POST
        return saved_review(
            save_review(entries=lambda programme: typed_rows(programme, data), opinion=typed_opinion(data), **words)
        )

    def gone_on(self) -> HttpResponse:
        """Draw the page again."""
        return redirect(self.request.get_full_path())

    def drawn(self, request: HttpRequest, collisions: Mapping[str, Collision]) -> HttpResponse:
        """Draw the page; with collisions both values stand at their fields, and the status is 409."""
        context = self.context(collisions) | {"case": self.case, "programme": self.dossier.programme}
        context |= {"collisions": collisions, "acts": acts_open_to(self.seat, self.dossier, self.now)}
        page = f"declarations/review/{self.template}.html"
        return render(request, page, context, status=409 if collisions else 200)

    def context(self, collisions: Mapping[str, Collision]) -> dict[str, Any]:
        """Return what the page prints."""
        verdict = tier_verdict(self.dossier)
        block = opinion_block(self.dossier, verdict, collisions)
        return {"verdict": verdict, "opinion": block, "prints": prints_of(block)}


@method_decorator(gzip_page, name="get")
class ReviewPage(OpinionPage):
    """The standard row by row: lower layers, facts, evidence, and the own mark; the opinion beneath."""

    template = "sheet"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it; where only named rows are to be looked at, lead to their page."""
        if self.case.awaited_by_id is not None:
            return redirect("declarations:delta", pk=self.case.pk)
        return super().get(request, **kwargs)

    def context(self, collisions: Mapping[str, Collision]) -> dict[str, Any]:
        """Return what the page prints; the first time, note that the seat has seen the case."""
        changes = changes_since(self.dossier)
        if changes.since is None:
            note_first_look(case=self.case, seat=self.seat, now=self.now)
        sheet = review_sheet(self.dossier, self.shown, changes.rows, collisions)
        return super().context(collisions) | {
            "sheet": sheet,
            "changes": changes,
            "drawn": self.now.isoformat(),
            "ways": [
                {"label": word, "url": f"?show={way}", "current": way == self.shown, "count": sheet.counts[way]}
                for way, word in ways_for(self.dossier.programme).items()
                if way != "changed" or changes.since is not None
            ],
            "seen": seen_in_review(self.dossier, self.dossier.programme),
            "keys": KEYS,
        }


def saved_review(written: ReviewWritten) -> Saved:
    """Return what became of a review, in words; a part of a row is named row/part, one of the opinion opinion_part."""
    rubric, step = written.programme.rubric, written.programme.step
    met = {
        f"{code}/{one.part}": mark_collision(one.part, one.mine, part_of(one.mark, one.part), one.mark, TIER_LABELS)
        for code, parts in written.marks.collisions.items()
        for one in parts
    }
    met |= {
        f"opinion_{name}": opinion_collision(name, one.mine, one.value, version=one.version, by=one.by, at=one.at)
        for name, one in written.opinion.collisions.items()
    }
    entered = {code: mark_problem(rubric.item(code), step, one.points) for code, one in written.entries.items()}
    versions = {**written.marks.versions, **{f"opinion_{name}": n for name, n in written.opinion.versions.items()}}
    return Saved(versions, {code: problem for code, problem in entered.items() if problem}, met)


def prints_of(block: OpinionBlock) -> dict[str, str]:
    """Return a print of each part of the opinion as drawn, by which a plain post tells what was changed."""
    return {name: print_of(getattr(block, name)) for name in PARTS}


@method_decorator(gzip_page, name="get")
class TierVerdictPart(OfficersPage):
    """The verdict on the own layer, alone: what a script puts into the page after a save."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Judge the marks as they stand."""
        context = {"case": self.case, "programme": self.dossier.programme, "verdict": tier_verdict(self.dossier)}
        context["acts"] = acts_open_to(self.seat, self.dossier, self.now)
        response = render(request, "declarations/review/verdict.html", context)
        response["Cache-Control"] = "private, no-store"
        return response


class AgreeWithBelow(OfficersPage):
    """Confirm rows without a mark as the layer below marked them, in one act, after a look at what it writes."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what would be written: rows that agree, and those that want a look first."""
        sheet = self.sheet()
        context = {"case": self.case, "programme": self.dossier.programme, "sheet": sheet}
        return render(request, "declarations/review/agree.html", {**context, "agreement": agreement_in(sheet)})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write the rows that were ticked, and name those that somebody changed meanwhile."""
        rows = rows_to_confirm(request.POST)
        with refusals_told(request):
            agreed = agree_with_below(case=self.case, actor=self.seat, now=self.now, rows=rows)
            words = f"已按下一级得分确认{agreed.written}项。" if agreed.written else "没有确认任何指标。"
            messages.success(request, words)
            if agreed.left:
                named = "、".join(agreed.left)
                messages.warning(request, f"{named}在此期间已有改动，没有写入，请逐项核对。")
        return redirect("declarations:review", pk=self.case.pk)


class SeenUpToNow(OfficersPage):
    """Say that everything that was changed has been looked at."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Note up to when, by the page that was looked at."""
        note_look(case=self.case, seat=self.seat, at=seen_until(request.POST, self.now))
        return redirect("declarations:review", pk=self.case.pk)


class NextCase(CaseView):
    """The next case that waits for the seat's review, in the order of the worklist."""

    permission = "declarations.mark"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Go there, or back to the worklist when there is no other."""
        found = next_to_review(self.seat, self.case.pk)
        if found is None:
            messages.info(request, "没有其他待审核的申报件。")
            return redirect("declarations:worklist")
        return redirect(reverse("declarations:review", args=[found]))
