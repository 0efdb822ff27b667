"""One page for each step of the procedure: what will happen, to whom, why not, and the button."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions import (
    consulting,
    delta,
    draft,
    own_decision,
    preliminary,
    publish,
    ranking,
    review,
    second_look,
    verdicts,
    withdrawing,
)
from declarations.actions.paired_steps import prepare_step
from declarations.actions.second_person import needs_two
from declarations.forms.steps import ConfirmForm, DeclineForm, ReasonForm
from declarations.guards import Act
from declarations.queries.acts import state_words
from declarations.queries.facts import facts_of
from declarations.queries.forwarding import caution_of
from declarations.queries.mending import with_ways
from declarations.queries.second_person import waiting_act
from declarations.second_person import PAIRED_STEPS, Paired
from declarations.views.base import CaseView, refusals_in
from declarations.workflow import WORKFLOWS, Transition
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal


@dataclass(frozen=True)
class Step:
    """How a transition is done from the pages: its action, the form of what it asks, where it leads."""

    action: Callable[..., Any]
    form: type[forms.Form] = ConfirmForm
    to_board: bool = False


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "submit": Step(draft.submit),
        "resubmit": Step(draft.resubmit),
        "recall": Step(draft.recall),
        "withdraw": Step(draft.withdraw, ReasonForm),
        "forward": Step(review.forward),
        "confirm_delta": Step(delta.confirm_delta),
        "ask_second_look": Step(second_look.ask_second_look, ReasonForm),
        "reconsider": Step(second_look.reconsider, ReasonForm),
        "uphold_decline": Step(second_look.uphold_decline, ReasonForm),
        "take_over": Step(review.take_over, ReasonForm),
        "decline": Step(review.decline, DeclineForm),
        "shortlist": Step(review.shortlist),
        "reserve": Step(review.reserve),
        "unshortlist": Step(review.unshortlist, ReasonForm),
        "promote": Step(ranking.promote, to_board=True),
        "demote": Step(ranking.demote, ReasonForm, to_board=True),
        "ask_withdrawal": Step(withdrawing.ask_withdrawal, ReasonForm),
        "agree_withdrawal": Step(withdrawing.agree_withdrawal),
        "oppose_withdrawal": Step(withdrawing.oppose_withdrawal, ReasonForm),
        "refuse_withdrawal": Step(withdrawing.refuse_withdrawal, ReasonForm),
        "accept_withdrawal": Step(withdrawing.accept_withdrawal),
        "pass_preliminary": Step(preliminary.pass_preliminary),
        "close_clarification": Step(consulting.close_clarification),
        "disqualify": Step(preliminary.disqualify),
        "drop_flag": Step(preliminary.drop_flag, ReasonForm),
        "to_meeting_again": Step(publish.reopen_decision, ReasonForm),
        "propose": Step(verdicts.sign_verdict),
        "rule_out": Step(verdicts.sign_verdict),
        "decide_by_score": Step(own_decision.decide_by_score),
        "end_below_score": Step(own_decision.end_below_score, ReasonForm),
    }
)


class StepPage(CaseView):
    """Ask, and do, one step; a step that is not the viewer's is not there."""

    permission = "declarations.cases"

    def permission_object(self) -> object:
        """The step's own rule is asked below."""
        return None

    def step(self) -> Transition:
        """Return the transition named in the address, if it leaves the case's state and is the viewer's."""
        name = self.kwargs["name"]
        if name not in STEPS:
            raise Http404
        workflow = WORKFLOWS[self.case.cycle.workflow]
        if not workflow.has(name):
            raise Http404
        step = workflow.transition(name)
        if not allowed(self.seat, step.permission, self.case):
            raise PermissionDenied
        return step

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what the step does and what stands against it."""
        step = self.step()
        return self.page(step, STEPS[step.name].form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do the step, or show why not with everything as typed."""
        step = self.step()
        form = STEPS[step.name].form(request.POST)
        if form.is_valid():
            with refusals_in(form):
                given = {"case": self.case, "actor": self.seat, "now": self.now, **form.cleaned_data}
                if self.paired(step):
                    pending = prepare_step(step=step.name, **given)
                    messages.success(request, f"{self.case.applicant_name}：“{step.label}”已提请第二人确认。")
                    return redirect("declarations:pending", pk=pending.pk)
                STEPS[step.name].action(**given)
                messages.success(request, f"{self.case.applicant_name}：已办理“{self.label(step)}”。")
                return redirect("declarations:board") if STEPS[step.name].to_board else redirect(self.case_url())
        return self.page(step, form)

    def page(self, step: Transition, form: forms.Form) -> HttpResponse:
        """Draw the page; its button is the step's own verb."""
        refusals = self.refusals(step)
        paired = self.paired(step)
        form.submit_label = f"提请确认：{self.label(step)}" if paired else self.label(step)
        form.confirm = step.warning
        form.cancel_url = self.case_url()
        context = {"case": self.case, "step": step, "form": form, "refusals": refusals, "paired": paired}
        context["label"] = self.label(step)
        context["pending"] = waiting_act(self.case.cycle, paired, self.case.pk) if paired else None
        source = WORKFLOWS[self.case.cycle.workflow].words.source
        context["basis"] = step.clause if step.clause.startswith(source) else f"{source}{step.clause}"
        context["caution"] = caution_of(self.dossier.limit) if step.name == "forward" else ""
        return render(self.request, "declarations/step.html", context)

    def label(self, step: Transition) -> str:
        """Return what the step is called in the case's cycle."""
        return step.label_in(self.case.cycle.verb)

    def paired(self, step: Transition) -> Paired | None:
        """Return which act of two persons the step is, if the cycle asks for two."""
        act = PAIRED_STEPS.get(step.name)
        return act if act is not None and needs_two(self.case.cycle, act) else None

    def refusals(self, step: Transition) -> tuple[Refusal, ...]:
        """Return why the step is closed as the case stands."""
        if self.case.state not in step.sources:
            return (Refusal("state", f"本件现为“{state_words(self.seat, self.case)}”，不能办理这一步。", step.clause),)
        act = Act(actor=self.seat.user_id, people=self.seat.people)
        return with_ways(step.closed_because(facts_of(self.dossier, self.now), act), self.seat, self.case)

    def case_url(self) -> str:
        """Return the way back."""
        return redirect("declarations:case", pk=self.case.pk).url
