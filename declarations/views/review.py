"""What a tier does with a case: mark row by row, agree, opine, return for correction."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from declarations.actions.review import agree_with_below, return_for_correction, save_opinion, save_tier_marks
from declarations.calendar import return_due
from declarations.forms.review import MarkSheet, MendFormSet, MendLines, OpinionForm, with_more_lines
from declarations.queries.acts import acts_open_to
from declarations.queries.review import (
    WAYS,
    earlier_opinions,
    mendable,
    open_opinion,
    own_layer,
    return_refusals,
    review_sheet,
    standing,
)
from declarations.views.base import CaseView, refusals_in, refusals_told

KEYS = (
    ("j、k", "下一行、上一行"),
    ("数字", "填写本行得分"),
    ("Enter", "确认本行：空着的按下一级得分填入，并移到下一行"),
    ("l", "填写本行理由，Esc回到得分"),
    ("e", "打开本行的第一份佐证材料"),
    ("r", "把本行列入退回修改"),
    ("s", "保存评分"),
    ("?", "列出按键"),
)


class ReviewPage(CaseView):
    """The standard row by row: lower layers, facts, evidence, and the own mark; saving keeps what was typed."""

    permission = "declarations.review"

    @property
    def shown(self) -> str:
        """Return which rows are shown; what is not understood shows all."""
        wanted = self.request.GET.get("show", "")
        return wanted if wanted in WAYS else "all"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the sheet."""
        return self.page()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save what was changed, or show why not with everything as typed."""
        sent = MarkSheet(self.dossier.programme, request.POST, standing(self.dossier, own_layer(self.seat)))
        if sent.errors:
            return self.page(sent)
        with refusals_told(request):
            save_tier_marks(case=self.case, entries=sent.entries(), actor=self.seat, now=self.now)
            messages.success(request, f"已保存{len(sent.changed)}项。" if sent.changed else "没有改动。")
            return redirect(request.get_full_path())
        return self.page(sent)

    def page(self, sent: MarkSheet | None = None) -> HttpResponse:
        """Draw the sheet, over it what was sent and not saved."""
        sheet = review_sheet(self.seat, self.dossier, self.shown, sent.typed if sent else None)
        ways = [
            {"label": word, "url": f"?show={way}", "current": way == self.shown, "count": sheet.counts[way]}
            for way, word in WAYS.items()
        ]
        acts = acts_open_to(self.seat, self.dossier, self.now)
        context = {
            "case": self.case,
            "programme": self.dossier.programme,
            "sheet": sheet,
            "ways": ways,
            "errors": sent.errors if sent else [],
            "acts": acts,
            "closed": [act for act in acts if act.refusals],
            "keys": KEYS,
            "opinion": open_opinion(self.seat, self.dossier),
        }
        return render(self.request, "declarations/review/sheet.html", context)


class AgreeWithBelow(CaseView):
    """Confirm every row that has no mark yet with the mark of the layer below, in one act."""

    permission = "declarations.review"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do it and say how many rows it were."""
        with refusals_told(request):
            number = agree_with_below(case=self.case, actor=self.seat, now=self.now)
            words = f"其余{number}项已按下一级评分确认。" if number else "没有待确认的指标。"
            messages.success(request, words)
        return redirect("declarations:review", pk=self.case.pk)


class OpinionPage(CaseView):
    """The tier's opinion beside those of the tiers beneath."""

    permission = "declarations.review"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the opinion as it stands."""
        opinion = open_opinion(self.seat, self.dossier)
        return self.page(OpinionForm(initial={"text": opinion.text, "authentic": opinion.authentic} if opinion else {}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save it, or show why not with everything as typed."""
        form = OpinionForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                save_opinion(case=self.case, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, "审核意见已保存，报出前可以修改。")
                return redirect("declarations:review", pk=self.case.pk)
        return self.page(form)

    def page(self, form: OpinionForm) -> HttpResponse:
        """Draw the page."""
        form.cancel_url = reverse("declarations:review", args=[self.case.pk])
        context = {"case": self.case, "form": form, "earlier": earlier_opinions(self.seat, self.dossier)}
        return render(self.request, "declarations/review/opinion.html", context)


class ReturnPage(CaseView):
    """Send the case back to the chamber with named items."""

    permission = "declarations.return"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show blank lines, the first with the row the address names."""
        row = request.GET.get("row", "")
        known = {item.id for item in self.dossier.programme.rubric.items()}
        return self.page(self.lines(initial=[{"item": row}] if row in known else None))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Return the case, add blank lines, or show why not with everything as typed."""
        if "more" in request.POST:
            return self.page(self.lines(with_more_lines(request.POST)), checked=False)
        lines = self.lines(request.POST)
        if lines.is_valid():
            mends = lines.mends(self.dossier.programme)
            with refusals_told(request):
                return_for_correction(case=self.case, items=mends, actor=self.seat, now=self.now)
                messages.success(request, f"{self.case.applicant_name}：已退回修改，共{len(mends)}项。")
                return redirect("declarations:case", pk=self.case.pk)
        return self.page(lines)

    def lines(self, data: Any = None, **options: Any) -> MendLines:
        """Return the lines of the form with the rows and fields to choose from."""
        return MendFormSet(data, form_kwargs={"choices": mendable(self.dossier.programme)}, **options)

    def page(self, lines: MendLines, *, checked: bool = True) -> HttpResponse:
        """Draw the page."""
        context = {
            "case": self.case,
            "programme": self.dossier.programme,
            "lines": lines,
            "checked": checked and lines.is_bound,
            "due": return_due(self.case, self.now, self.dossier.deadlines),
            "refusals": return_refusals(self.seat, self.dossier, self.now),
        }
        return render(self.request, "declarations/review/return.html", context)
