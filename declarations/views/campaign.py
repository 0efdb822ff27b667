"""A programme that a federation runs for those beneath it: its cycles, stages, inspection, distance, what goes up."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from declarations.actions import campaign as actions
from declarations.actions import own_cycle, own_decision
from declarations.actions.draft import start
from declarations.actions.questions import Brought
from declarations.exports.papers.own import own_paper, own_papers
from declarations.exports.papers.shelf import HousePaper
from declarations.forms import campaign as forms
from declarations.models import CampaignTarget, Cycle, InspectionFinding
from declarations.queries import campaign as queries
from declarations.queries.lists import unread_count
from declarations.states import FindingState, Standing
from declarations.store import fetch
from declarations.views.base import SeatView, refusals_in, refusals_told
from declarations.views.drafting.files import SANDBOX, guarded
from declarations.views.papers import OnePaper
from declarations.workflow import WORKFLOWS, Words
from scoring.queries import programme_of
from sihao.accounts.models import Organisation
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed
from sihao.documents.intake.kinds import MIME_TYPES
from sihao.documents.pdf import CannotPrint
from sihao.ui.press import code_of
from sihao.ui.uploads import claimed_name


class Campaigns(SeatView):
    """The cycles that the federation runs, takes part in, or stands above."""

    permission = "declarations.campaigns"

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        page = page_of(request, queries.campaigns_for(self.seat).order_by(), order=("-id",), size=20)
        context = {"page": page, "may_open": allowed(self.seat, "declarations.prepare_own")}
        context["may_answer"] = allowed(self.seat, "declarations.sent_up")
        return render(request, "declarations/campaign/list.html", context)


class OpenOwn(SeatView):
    """Open a cycle of the own federation."""

    permission = "declarations.prepare_own"

    @cached_property
    def programmes(self) -> list[Any]:
        """The published standards that such a federation decides."""
        return queries.own_programmes(self.seat.organisation)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what is decided."""
        return self.page(forms.OpenOwnForm(programmes=self.programmes))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Open it, or show why not with everything as typed."""
        form = forms.OpenOwnForm(request.POST, programmes=self.programmes)
        if form.is_valid():
            chosen = next(one for one in self.programmes if one.pk == form.cleaned_data["programme"])
            with refusals_in(form):
                return self.opened(chosen, form.words)
        return self.page(form)

    @property
    def may_open_alone(self) -> bool:
        """Whether the viewer is who opens; another prepares it for that person."""
        return allowed(self.seat, "declarations.open_own")

    def opened(self, chosen: Any, words: own_cycle.OwnCycle) -> HttpResponse:
        """Open it, or put it before the leader."""
        given = {"programme": chosen, "words": words, "actor": self.seat, "now": self.now}
        if self.may_open_alone:
            made = own_cycle.open_own_cycle(**given)
            messages.success(self.request, f"已开启“{made.title}”。")
            return redirect("declarations:campaign", pk=made.pk)
        pending = own_cycle.prepare_opening(**given)
        messages.success(self.request, "已提请本单位分管领导确认，确认后开启。")
        return redirect("declarations:pending", pk=pending.pk)

    def page(self, form: Form) -> HttpResponse:
        """Draw the page."""
        if not self.may_open_alone:
            form.submit_label, form.confirm = "提请开启", ""
        context = {"form": form, "programmes": self.programmes, "alone": self.may_open_alone}
        return render(self.request, "declarations/campaign/open.html", context)


class CampaignView(SeatView):
    """A page of one such cycle; outside the viewer's sight it is 404."""

    permission = "declarations.campaigns"

    @cached_property
    def campaign(self) -> Cycle:
        """The cycle of the address; it stands above the page instead of the nation's."""
        found = queries.campaign_for(self.seat, self.kwargs["pk"])
        self.request.cycle_and_unread = (found, unread_count(self.seat))
        return found

    @property
    def words(self) -> Words:
        """What the procedure calls things."""
        return WORKFLOWS[self.campaign.workflow].words

    @property
    def is_decider(self) -> bool:
        """Whether the viewer is of the federation that runs it."""
        return self.seat.organisation_id == self.campaign.decider_id

    def draw(self, template: str, **context: Any) -> HttpResponse:
        """Draw a page with what all of them print."""
        programme = programme_of(self.campaign.programme)
        shared = {"campaign": self.campaign, "programme": programme, "words": self.words}
        shared |= {"is_decider": self.is_decider, "today": timezone.localdate(self.now)}
        return render(self.request, f"declarations/campaign/{template}.html", {**shared, **context})


class CampaignPage(CampaignView):
    """Every federation with how far it is."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the overview."""
        stages = [name for name, _, _ in queries.stages_told(self.campaign)]
        shown = {"papers": own_papers(self.seat, self.campaign), "issued": queries.circular_of(self.campaign)}
        lines = queries.overview_of(self.campaign, self.seat)
        return self.draw("campaign", lines=lines, stages=stages, **shown)


class DistancePage(CampaignView):
    """How far each federation is from each row of the standard."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the table."""
        return self.draw("distance", distance=queries.distance_of(self.campaign, self.seat))


class BestPage(CampaignView):
    """The recognised ones by score, and sending the best on."""

    permission = "declarations.inspect"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the ranking."""
        rows = queries.ranked(self.campaign, self.seat)
        return self.page(rows, forms.BestForm(rows=rows))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send those that were chosen, all or none."""
        rows = queries.ranked(self.campaign, self.seat)
        form = forms.BestForm(request.POST, rows=rows)
        if form.is_valid():
            with refusals_in(form):
                number = own_decision.send_to_above(chosen=form.chosen, actor=self.seat, now=self.now)
                messages.success(request, f"已择优上报{number}个单位。")
                return redirect("declarations:campaign_best", pk=self.campaign.pk)
        return self.page(rows, form)

    def page(self, rows: list[queries.Ranked], form: forms.BestForm) -> HttpResponse:
        """Draw the page; the form is for whoever signs."""
        mine = self.is_decider and self.seat.role == "leader"
        papers = own_papers(self.seat, self.campaign)
        return self.draw("best", rows=rows, form=form if mine and form.rows else None, may_send=mine, papers=papers)


class IssueCircular(CampaignView):
    """Give the list out under its number and date."""

    permission = "declarations.open_own"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what is decided, and the list."""
        return self.page(forms.CircularForm(initial={"dated_on": timezone.localdate(self.now)}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Give it out, or show why not with what was typed."""
        form = forms.CircularForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                own_decision.issue_circular(cycle=self.campaign, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, "名单已印发，各单位可以查看。")
                return redirect("declarations:campaign", pk=self.campaign.pk)
        return self.page(form)

    def page(self, form: Form) -> HttpResponse:
        """Draw the page."""
        if not self.is_decider:
            raise Http404
        found = own_paper(self.seat, self.campaign, "circular")
        shown = {"form": form if found and found.is_draft else None, "issued": queries.circular_of(self.campaign)}
        return self.draw("circular", found=found, paper=found.make() if found else None, **shown)


class OneOwnPaper(OnePaper, CampaignView):
    """One paper of such a cycle."""

    found: HousePaper

    def find(self, slug: str) -> HousePaper | None:
        """Return the paper of that name."""
        return own_paper(self.seat, self.campaign, slug)

    def home(self) -> Cycle:
        """Return the cycle."""
        return self.campaign

    def about(self) -> str:
        """Return whose it is."""
        return self.campaign.title


class OwnPaperPage(OneOwnPaper):
    """Such a paper on the screen."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        return self.draw("paper", found=self.found, paper=self.paper, code=code_of(self.paper))


class OwnPaperFile(OneOwnPaper):
    """Such a paper as a file."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Hand it over; where the machine cannot print, say so."""
        try:
            return self.handed()
        except CannotPrint as problem:
            messages.error(request, str(problem))
            return redirect("declarations:campaign", pk=self.campaign.pk)


# ---- one federation's room


class OfficeView(CampaignView):
    """A page of one federation in such a cycle."""

    @cached_property
    def office(self) -> Organisation:
        """The federation of the address, as the viewer may see it."""
        return queries.office_in(self.campaign, self.seat, self.kwargs["office"])

    @property
    def is_own(self) -> bool:
        """Whether it is the viewer's own."""
        return self.seat.organisation_id == self.office.pk

    def draw(self, template: str, **context: Any) -> HttpResponse:
        """Draw a page that names the federation."""
        return super().draw(template, office=self.office, is_own=self.is_own, **context)

    def back(self) -> HttpResponse:
        """Return to the room."""
        return redirect("declarations:campaign_office", pk=self.campaign.pk, office=self.office.pk)

    @property
    def given(self) -> dict[str, Any]:
        """What most actions ask for."""
        return {"cycle": self.campaign, "organisation": self.office, "actor": self.seat, "now": self.now}


class OfficePage(OfficeView):
    """The stages of one federation: records, findings, application."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the room."""
        records = queries.records_of(self.campaign, self.office)
        target = queries.targets_of(self.campaign).get(self.office.pk)
        return self.draw(
            "office",
            stages=queries.stage_rooms(self.campaign, records, timezone.localdate(self.now)),
            findings=queries.findings_of(self.campaign, self.office),
            case=queries.case_of(self.campaign, self.seat, self.office),
            applied=queries.applied(self.campaign, self.office),
            target=target,
        )


class AddRecord(OfficeView):
    """Put something done on record."""

    permission = "declarations.record_stage"

    def form(self, *data: Any, **initial: Any) -> forms.RecordForm:
        """Return the form over the programme's deliverables."""
        return forms.RecordForm(*data, matters=queries.matters_of(self.campaign), **initial)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the form."""
        first = {"matter": request.GET.get("matter", ""), "held_on": timezone.localdate(self.now)}
        return self.draw("record", form=self.form(initial=first))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep it with its papers, or show why not with what was typed."""
        form = self.form(request.POST, request.FILES)
        if form.is_valid():
            with refusals_in(form):
                actions.record_stage(told=form.told, files=brought(form), **self.given)
                messages.success(request, f"已登记：{form.told.matter}。")
                return self.back()
        return self.draw("record", form=form)


def brought(form: Form) -> list[Brought]:
    """Return the files of a form as they came."""
    return [Brought(file, claimed_name(file)) for file in form.cleaned_data["files"]]


class WithdrawRecord(OfficeView):
    """Take a record back."""

    permission = "declarations.record_stage"

    def post(self, request: HttpRequest, record: int, **kwargs: Any) -> HttpResponse:
        """Do it, or say why not."""
        found = queries.record_of(self.campaign, self.office, record)
        with refusals_told(request):
            actions.withdraw_record(record_of=found, actor=self.seat, now=self.now)
            messages.success(request, "记录已撤回。")
        return self.back()


class PaperFile(OfficeView):
    """One paper of a record or a finding, to be saved."""

    def get(self, request: HttpRequest, paper: int, **kwargs: Any) -> HttpResponse:
        """Send it."""
        found = queries.paper_of(self.campaign, self.office, paper)
        kind = MIME_TYPES.get(found.kind, "application/octet-stream")
        response = FileResponse(fetch(found.stored), as_attachment=True, filename=found.name, content_type=kind)
        return guarded(response, SANDBOX)


class AddFinding(OfficeView):
    """Write down what the inspection found."""

    permission = "declarations.inspect"

    def form(self, *data: Any) -> forms.FindingForm:
        """Return the form over the rows of the standard."""
        return forms.FindingForm(*data, programme=programme_of(self.campaign.programme))

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the form."""
        return self.draw("add_finding", form=self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep it, or show why not with what was typed."""
        form = self.form(request.POST)
        if form.is_valid():
            with refusals_in(form):
                actions.find(**form.cleaned_data, **self.given)
                messages.success(request, "督查问题已登记，已通知被督查单位。")
                return self.back()
        return self.draw("add_finding", form=form)


class FindingPage(OfficeView):
    """One finding: put right by the federation, then closed or sent back by whoever inspects."""

    @cached_property
    def finding(self) -> InspectionFinding:
        """The finding of the address."""
        return queries.finding_of(self.campaign, self.office, self.kwargs["finding"])

    def form(self, *data: Any) -> forms.RectifyForm | forms.SettleForm | None:
        """Return the form of whoever has to act now."""
        if self.is_own and self.finding.state == FindingState.OPEN:
            return forms.RectifyForm(*data)
        if self.is_decider and self.finding.state == FindingState.RECTIFIED:
            return forms.SettleForm(*data[:1])
        return None

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        return self.page(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do what the viewer has to do, or show why not."""
        form = self.form(request.POST, request.FILES)
        if form is not None and form.is_valid():
            with refusals_in(form):
                messages.success(request, self.act(form))
                return self.back()
        return self.page(form)

    def act(self, form: Form) -> str:
        """Call the action that fits, and return what to say."""
        given = {"finding": self.finding, "actor": self.seat, "now": self.now}
        if isinstance(form, forms.RectifyForm):
            actions.rectify(text=form.cleaned_data["text"], files=brought(form), **given)
            return "整改情况已提交，等待核查。"
        closing = form.cleaned_data["outcome"] == forms.CLOSE
        settle = actions.close_finding if closing else actions.reopen_finding
        settle(remark=form.cleaned_data["remark"], **given)
        return "督查问题已销号。" if closing else "已退回继续整改。"

    def page(self, form: Form | None) -> HttpResponse:
        """Draw the page."""
        item = programme_of(self.campaign.programme).rubric.item(self.finding.code)
        return self.draw("finding", finding=self.finding, item=item, form=form)


class TargetPage(OfficeView):
    """Set where a federation stood before."""

    permission = "declarations.inspect"

    def target(self) -> CampaignTarget | None:
        """Return what is set now."""
        return queries.targets_of(self.campaign).get(self.office.pk)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the form as it stands."""
        found = self.target()
        first = {"standing": found.standing, "before_year": found.before_year} if found is not None else {}
        return self.draw("target", form=forms.TargetForm(initial=first))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Set it, or show why not."""
        form = forms.TargetForm(request.POST)
        if form.is_valid():
            typed = form.cleaned_data
            with refusals_in(form):
                words = {"standing": Standing(typed["standing"]), "before_year": typed["before_year"]}
                actions.set_target(**words, **self.given)
                messages.success(request, "工作目标已设定。")
                return self.back()
        return self.draw("target", form=form)


class StartOwn(OfficeView):
    """Start the own federation's application."""

    permission = "declarations.apply"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Start it and lead to the form, or say why not."""
        with refusals_told(request):
            case = start(cycle=self.campaign, applicant=self.office, actor=self.seat, now=self.now)
            return redirect("declarations:form", pk=case.pk)
        return self.back()


# ---- the level above


class SentUpList(SeatView):
    """What the federations below sent up."""

    permission = "declarations.sent_up"

    def get(self, request: HttpRequest) -> HttpResponse:
        """List it, the newest first."""
        page = page_of(request, queries.sent_to(self.seat).order_by(), order=("-id",), size=50)
        return render(request, "declarations/campaign/sent_up.html", {"page": page})


class SentUpPage(SeatView):
    """One case that was sent up: confirm it, or send it back."""

    permission = "declarations.sent_up"

    @cached_property
    def sent(self) -> Any:
        """What was sent, as the viewer may see it."""
        return queries.sent_to_one(self.seat, self.kwargs["pk"])

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        return self.page(forms.AnswerAboveForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Answer it, or show why not."""
        form = forms.AnswerAboveForm(request.POST)
        case = self.sent.declaration
        if form.is_valid():
            confirming = form.cleaned_data["outcome"] == forms.CONFIRM
            act = own_decision.confirm_above if confirming else own_decision.return_from_above
            with refusals_in(form):
                act(case=case, reason=form.cleaned_data["reason"], actor=self.seat, now=self.now)
                messages.success(request, "已确认。" if confirming else "已退回。")
                return redirect("declarations:sent_up")
        return self.page(form)

    def page(self, form: Form) -> HttpResponse:
        """Draw the page; the form is for whoever signs, while it waits."""
        case = self.sent.declaration
        self.request.cycle_and_unread = (case.cycle, unread_count(self.seat))
        waits = self.sent.state == "sent" and allowed(self.seat, "declarations.answer_from_above", case)
        context = {"sent": self.sent, "case": case, "form": form if waits else None}
        return render(self.request, "declarations/campaign/sent_up_case.html", context)
