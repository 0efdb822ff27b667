"""What is open to a viewer on a case: acts with their refusals, pages, the words for a state."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from declarations.guards import Act
from declarations.models import Declaration
from declarations.queries.cases import shown_states
from declarations.queries.corrections import CORRECTABLE
from declarations.queries.facts import Dossier, facts_of
from declarations.queries.mending import with_ways
from declarations.states import DELIBERATION_WORD, UNDER_DELIBERATION, State
from declarations.workflow import WORKFLOWS, Transition
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal
from sihao.accounts.roles import CHAMBER_ROLES

# These have pages of their own, where what they ask is written; their buttons lead there.
OWN_PAGES = {
    "return_for_correction": "declarations:return",
    "send_down": "declarations:send_down",
    "ask": "declarations:questions",
    "ask_clarification": "declarations:ask_clarification",
    "answer_clarification": "declarations:consultation",
    "propose_disqualification": "declarations:propose_disqualification",
}
ELSEWHERE = frozenset(
    {
        "opine",
        "confirm_sheet",
        "strike",
        "recommend",
        "move_up",
        "recall_upload",
        "take_up",
        "recompute",
        "recompute_propose",
        "recompute_rule_out",
        "put_on_agenda",
        "approve",
        "reject",
        "hold_over",
        "announce",
        "hold",
        "release_hold",
        "recognise",
        "lapse",
        "correct_to_draft",
        "correct_to_return",
        "correct_to_review",
        "correct_to_list",
        "correct_to_recommended",
        "correct_to_preliminary",
        "correct_to_experts",
        "correct_to_meeting",
        "correct_to_hold",
        "send_to_above",
        "confirm_above",
        "return_from_above",
    }
)
# Forwarding at the unit and listing below it belong to another place of the way: they are not shown as closed acts.
# So do the steps of a whole case while a tier looks at named rows alone, and those of a round where there is none.
ELSEWHERE_ON_THE_WAY = frozenset(
    {
        "at_unit",
        "below_unit",
        "already_listed",
        "already_reserve",
        "in_round",
        "not_in_round",
        "no_tier_below",
        "look_not_asked",
        "look_not_offered",
        "no_clarification",
        "not_clarifying",
        "no_withdrawal",
        "unit_heard",
        "results_released",
    }
)
PRIMARY = frozenset(
    {
        "submit",
        "resubmit",
        "forward",
        "confirm_delta",
        "shortlist",
        "pass_preliminary",
        "disqualify",
        "propose",
        "rule_out",
        "decide_by_score",
    }
)
GRAVE = frozenset({"withdraw", "decline", "disqualify", "accept_withdrawal"})


@dataclass(frozen=True)
class OpenAct:
    """One act as the action bar draws it; an act with refusals is closed."""

    label: str
    url: str
    kind: str = "secondary"
    method: str = "get"
    refusals: tuple[Refusal, ...] = field(default=())


def acts_open_to(seat: Seat, dossier: Dossier, now: datetime, *, code: str = "") -> list[OpenAct]:
    """Return the steps that are the viewer's, open ones and closed ones with their reasons, in the table's order.

    ``code`` narrows them to one row of the design's table.
    """
    case = dossier.case
    steps = [
        step
        for step in WORKFLOWS[case.cycle.workflow].leaving(State(case.state))
        if step.name not in ELSEWHERE and code in {"", step.code} and allowed(seat, step.permission, case)
    ]
    facts = facts_of(dossier, now) if steps else None
    act = Act(actor=seat.user_id, people=seat.people)
    acts = [_act(step, case, with_ways(step.closed_because(facts, act), seat, case)) for step in steps if facts]
    acts = [act for act in acts if not ELSEWHERE_ON_THE_WAY & {refusal.code for refusal in act.refusals}]
    return sorted(acts, key=lambda act: (act.kind != "primary", bool(act.refusals)))


def _act(step: Transition, case: Declaration, refusals: tuple[Refusal, ...]) -> OpenAct:
    kind = "primary" if step.name in PRIMARY else "danger" if step.name in GRAVE else "secondary"
    if step.name in OWN_PAGES:
        return OpenAct(step.label, reverse(OWN_PAGES[step.name], args=[case.pk]), kind, refusals=refusals)
    url = reverse("declarations:step", kwargs={"pk": case.pk, "name": step.name})
    return OpenAct(step.label_in(case.cycle.verb), url, kind, refusals=refusals)


PAGES = (
    ("declarations.edit", "declarations:form", "填写申报表"),
    ("declarations.edit", "declarations:self_assessment", "填写自评表"),
    ("declarations.edit", "declarations:evidence", "上传佐证材料"),
    ("declarations.edit", "declarations:return_slip", "退回单"),
    ("declarations.edit", "declarations:check", "提交前检查"),
    ("declarations.review", "declarations:review", "逐项审核"),
    ("declarations.review", "declarations:delta", "核对变动指标"),
    ("declarations.preliminary", "declarations:preliminary", "初审"),
    ("declarations.assign_experts", "declarations:experts", "分派专家"),
    ("declarations.score", "declarations:sheet", "专家评分"),
    ("declarations.consensus", "declarations:agreed", "商定否决项和基础达标项"),
    ("declarations.verdicts", "declarations:case_runs", "复审结论"),
    ("declarations.consultations", "declarations:consultation", "与推荐单位沟通"),
    ("declarations.withdrawal", "declarations:withdrawal", "撤回申请"),
    ("declarations.correct", "declarations:correct", "更正结果"),
)
CONSULTED = frozenset({State.PRELIMINARY_REVIEW, State.EXPERT_REVIEW, State.OBJECTION_HOLD, State.DISQUALIFIED})
"""States in which there may be something that the department and the unit talked about."""
BEFORE_UPLOAD = frozenset(
    {State.DRAFT, State.LOCAL_REVIEW, State.RETURNED, State.SHORTLISTED, State.NOT_FORWARDED, State.LAPSED}
)
"""States in which nobody has asked to withdraw with the unit and the department."""
PAGE_STATES = {
    "declarations:return_slip": {State.RETURNED},
    "declarations:preliminary": {State.PRELIMINARY_REVIEW, State.EXPERT_REVIEW},
    "declarations:experts": {State.EXPERT_REVIEW},
    "declarations:agreed": {State.EXPERT_REVIEW},
    "declarations:correct": CORRECTABLE,
    "declarations:case_runs": UNDER_DELIBERATION | {State.RECOGNISED},
}


def pages_open_to(seat: Seat, dossier: Dossier) -> list[OpenAct]:
    """Return the working pages of a case that are the viewer's."""
    case = dossier.case
    found = []
    for permission, name, label in PAGES:
        fits = case.state in PAGE_STATES.get(name, frozenset(State))
        if name in {"declarations:review", "declarations:delta"}:
            fits = (case.awaited_by_id is not None) == (name == "declarations:delta")
        if name == "declarations:consultation":
            fits = case.state in CONSULTED and bool(dossier.consultations)
        if name == "declarations:withdrawal":
            fits = case.state not in BEFORE_UPLOAD and bool(dossier.withdrawals)
        if fits and allowed(seat, permission, case):
            found.append(OpenAct(label, reverse(name, args=[case.pk])))
    return found


def is_withheld(seat: Seat, case: Declaration) -> bool:
    """Whether the outcome is not yet this viewer's to know: then holder, term and since say nothing either."""
    own = case.cycle.decider_id is not None
    return not own and State(case.state) not in shown_states(seat, case.cycle.released_at is not None)


def state_words(seat: Seat, case: Declaration) -> str:
    """Return what this viewer reads as the state: the tier by name, and one word for what is not yet released."""
    if is_withheld(seat, case):
        return DELIBERATION_WORD
    state = State(case.state)
    if own := WORKFLOWS[case.cycle.workflow].words.states.get(state):
        return own.format(verb=case.cycle.verb)
    if state == State.LOCAL_REVIEW and case.awaited_by_id is not None and seat.role not in CHAMBER_ROLES:
        return f"{case.holder.get_level_display()}核对变动"
    if state == State.LOCAL_REVIEW and case.holder is not None:
        return f"{case.holder.get_level_display()}审核中"
    if state == State.SHORTLISTED:
        if seat.role in CHAMBER_ROLES:
            return "省级审核中"
        return f"备选（第{case.rank}位）" if case.is_reserve else f"拟推荐（第{case.rank}位）"
    return state.label


KINDS = {
    State.DRAFT: "neutral",
    State.LOCAL_REVIEW: "info",
    State.RETURNED: "warning",
    State.SHORTLISTED: "info",
    State.RECOMMENDED: "info",
    State.PRELIMINARY_REVIEW: "info",
    State.EXPERT_REVIEW: "info",
    State.PROPOSED: "info",
    State.APPROVED: "success",
    State.NOTICE: "success",
    State.OBJECTION_HOLD: "warning",
    State.RECOGNISED: "seal",
    State.NOT_FORWARDED: "danger",
    State.DISQUALIFIED: "danger",
    State.NOT_ELIGIBLE: "danger",
    State.NOT_APPROVED: "danger",
}


def state_kind(seat: Seat, case: Declaration) -> str:
    """Return the badge of a state for this viewer."""
    return "info" if is_withheld(seat, case) else KINDS.get(State(case.state), "neutral")


@dataclass(frozen=True)
class ListedCase:
    """One case as a list prints it for a viewer."""

    case: Declaration
    words: str
    kind: str
    withheld: bool


def listed_rows(seat: Seat, cases: Iterable[Declaration]) -> list[ListedCase]:
    """Return the rows of a list in the words of the viewer."""
    return [
        ListedCase(case, state_words(seat, case), state_kind(seat, case), is_withheld(seat, case)) for case in cases
    ]
