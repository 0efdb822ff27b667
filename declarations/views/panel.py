"""The experts of a case: who reads it, what the group agrees, a sheet sent back."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from declarations.actions.panel import (
    assign_experts,
    leave,
    name_rapporteur,
    recuse,
    save_agreed,
    take_common_marks,
    voice,
)
from declarations.actions.sheets import reopen
from declarations.actions.third import ask_third
from declarations.forms.panel import (
    AssignForm,
    DepartmentRecusalForm,
    ReleaseForm,
    ReopenForm,
    ThirdForm,
    VoiceForm,
    agreed_of,
)
from declarations.models import ExpertReview
from declarations.queries.panel_page import (
    METHODS,
    ExpertLine,
    Readers,
    agreed_rows,
    experts_for,
    may_write_agreed,
    own_sheet,
    preview_of,
    rapporteur_of,
    readers_of,
    review_named,
    seats_named,
    signing_act,
)
from declarations.states import State
from declarations.views.base import CaseView, refusals_in, refusals_told
from sihao.accounts.permissions import allowed


class Experts(CaseView):
    """Who reads a case: offer it, take it back, ask for a third."""

    permission = "declarations.assign_experts"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the experts with their load and their ties."""
        return self.page()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Offer to the chosen, take the case from one of them, or ask for a third reader."""
        if "recuse" in request.POST:
            return self.left(DepartmentRecusalForm(self.leaving, request.POST), "recusal")
        if "release" in request.POST:
            return self.left(ReleaseForm(self.leaving, request.POST), "release")
        if "third" in request.POST:
            return self.asked(ThirdForm(request.POST))
        return self.assigned(AssignForm([line.seat.pk for line in self.lines], request.POST))

    @cached_property
    def lines(self) -> tuple[ExpertLine, ...]:
        """Return the experts, read once."""
        return experts_for(self.dossier, self.now)

    @property
    def leaving(self) -> list[tuple[int, str]]:
        """Return those from whom the case may still be taken."""
        return [(line.review.pk, line.seat.user.name) for line in self.lines if line.may_leave and line.review]

    def assigned(self, form: AssignForm) -> HttpResponse:
        """Offer, or show why not; whoever is listed may be named, the action says why not."""
        if form.is_valid():
            with refusals_in(form):
                experts = seats_named(form.chosen())
                number = assign_experts(case=self.case, experts=experts, actor=self.seat, now=self.now)
                messages.success(self.request, f"已分派{number}名专家，等待专家接受。")
                return self.again()
        return self.page(form=form)

    def left(self, form: Form, name: str) -> HttpResponse:
        """Take the case back, or show why not."""
        if form.is_valid():
            with refusals_in(form):
                review = review_named(self.case, form.cleaned_data["review"])
                told = {"review": review, "reason": form.cleaned_data["reason"], "actor": self.seat, "now": self.now}
                recuse(**told) if name == "recusal" else leave(name="release", **told)
                word = "已回避" if name == "recusal" else "已收回分派"
                messages.success(self.request, f"{review.expert.user.name}{word}，请另行分派。")
                return self.again()
        return self.page(**{name: form})

    def asked(self, form: ThirdForm) -> HttpResponse:
        """Ask for a third reader, or show why not."""
        if form.is_valid():
            with refusals_in(form):
                review = ask_third(case=self.case, actor=self.seat, now=self.now, **form.cleaned_data)
                who = f"已请{review.expert.user.name}评审。" if review else "专家库中现无人可派，请补充专家后分派。"
                messages.success(self.request, f"已增加第三名专家。{who}")
                return self.again()
        return self.page(third_form=form)

    def again(self) -> HttpResponse:
        """Lead to the page itself."""
        return redirect("declarations:experts", pk=self.case.pk)

    def page(self, **forms: Form) -> HttpResponse:
        """Draw the page."""
        assign = forms.get("form") or AssignForm([line.seat.pk for line in self.lines])
        context = {
            "case": self.case,
            "open": self.case.state == State.EXPERT_REVIEW,
            "lines": self.lines,
            "readers": readers_of(self.dossier),
            "third": self.dossier.third,
            "form": assign,
            "chosen": assign.data.getlist("experts") if assign.is_bound else [],
            "recusal": forms.get("recusal") or DepartmentRecusalForm(self.leaving),
            "release": forms.get("release") or ReleaseForm(self.leaving),
            "third_form": forms.get("third_form") or ThirdForm(),
            "may_leave": bool(self.leaving),
        }
        return render(self.request, "declarations/panel/experts.html", context)


class GroupPage(CaseView):
    """A page of the group that reads a case."""

    permission = "declarations.consensus"

    @cached_property
    def readers(self) -> Readers:
        """Return the readers, read once."""
        return readers_of(self.dossier)

    def again(self) -> HttpResponse:
        """Lead to what the group agrees."""
        return redirect("declarations:agreed", pk=self.case.pk)


class Agreed(GroupPage):
    """What the group agrees on the rows that decide, who stands by it, and the verdict it comes to."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the experts' marks side by side once all are in, else who is still open."""
        readers, named = self.readers, rapporteur_of(self.case)
        preview = preview_of(self.dossier) if readers.complete else None
        heads = allowed(self.seat, "declarations.panel", self.case)
        open_now = readers.complete and self.case.state == State.EXPERT_REVIEW
        context = {
            "case": self.case,
            "programme": self.dossier.programme,
            "readers": readers,
            "method": METHODS.get(self.case.cycle.panel_method, ""),
            "rows": agreed_rows(self.dossier, readers, self.seat),
            "open": open_now,
            "writable": open_now and may_write_agreed(self.seat, self.case, named),
            "heads": heads,
            "named": named,
            "mine": own_sheet(self.seat, self.case),
            "preview": preview,
            "acts": [signing_act(self.seat, self.dossier, preview, self.now)] if heads else [],
        }
        return render(request, "declarations/panel/agreed.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep the agreed marks; what is no mark is kept as typed and named."""
        codes = [item.id for item in self.dossier.programme.rubric.items() if item.mark]
        with refusals_told(request):
            save_agreed(case=self.case, agreed=agreed_of(request.POST, codes), actor=self.seat, now=self.now)
            messages.success(request, "商定得分已保存。")
        return self.again()


class TakeCommon(GroupPage):
    """Enter what all readers gave alike."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Enter it where nothing stands yet."""
        with refusals_told(request):
            number = take_common_marks(case=self.case, actor=self.seat, now=self.now)
            messages.success(request, f"各专家评分一致的{number}项已登记为商定得分。")
        return self.again()


class NameRapporteur(GroupPage):
    """Name who reports."""

    permission = "declarations.panel"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Name one of the readers, or oneself; whoever is no reader of the case is refused."""
        key = request.POST.get("seat", "")
        seat = seats_named([int(key)]).first() if key.isascii() and key.isdigit() and len(key) < 18 else None
        with refusals_told(request):
            if seat is not None:
                name_rapporteur(case=self.case, seat=seat, actor=self.seat, now=self.now)
                messages.success(request, "主评人已指定。")
        return self.again()


class Voice(GroupPage):
    """Say whether an agreed mark may stand that is not the own one."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep what was said."""
        form, review = VoiceForm(request.POST), own_sheet(self.seat, self.case)
        if review is None or not form.is_valid():
            messages.error(request, "请选择同意或者保留意见；保留意见须写明理由，不超过300字。")
            return self.again()
        said = form.cleaned_data
        with refusals_told(request):
            told = {"agrees": said["agrees"] == "yes", "reason": said["reason"]}
            voice(review=review, code=said["code"], actor=self.seat, now=self.now, **told)
            messages.success(request, f"{said['code']}：已记录。")
        return self.again()


class Reopen(GroupPage):
    """Send a confirmed sheet back to its expert."""

    permission = "declarations.reopen_sheet"

    @cached_property
    def review(self) -> ExpertReview:
        """Return the sheet named in the address; before all are in nobody is shown any."""
        found = review_named(self.case, self.kwargs["review"])
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the reason."""
        return self.page(ReopenForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send it back, or show why not."""
        form = ReopenForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                reopen(review=self.review, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, "已退回，由专家本人修改并重新确认。")
                return self.again()
        return self.page(form)

    def page(self, form: Form) -> HttpResponse:
        """Draw the page."""
        form.cancel_url = reverse("declarations:agreed", args=[self.case.pk])
        reviews = list(self.dossier.reviews)
        place = next(at for at, one in enumerate(reviews, start=1) if one.pk == self.review.pk)
        context = {"case": self.case, "name": f"专家{place}", "form": form}
        return render(self.request, "declarations/panel/reopen.html", context)
