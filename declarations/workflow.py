"""The procedures as tables: read the first beside section 五（二） of the notice, the second beside the plan's 四."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from declarations import guards as g
from declarations.guards import Act, CaseFacts, Guard
from declarations.states import WITHDRAWABLE, WITHDRAWAL_ASKED_IN, State
from sihao.accounts.refusals import Refusal
from sihao.accounts.roles import Kind, Level
from sihao.audit.events import Event


class Holder(Enum):
    """Who must act after the step."""

    SAME = "same"
    APPLICANT = "applicant"
    HOME = "home"
    SUPERIOR = "superior"
    RETURNER = "returner"
    ROUND = "round"
    UNIT = "unit"
    NATIONAL = "national"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Transition:
    """One step: from where, to where, who, what it asks.

    ``guards`` look at the case and are shown beside a closed act; ``demands`` look at what is handed in with it.
    ``target`` None means that the state stays. ``public`` is what the chamber reads; empty hides the step from it.
    A ``verbal`` step is called what the cycle calls its decision (认定, 确认, 通报).
    A ``plain`` step asks nothing of marks and sheets: they are not read for it, which keeps a long transaction short.
    A step ``by_clock`` is the house's own: nobody takes it.
    A ``collective`` step is taken for a whole list at once: recusal is asked of the list and not of each case.
    """

    code: str
    name: str
    label: str
    sources: frozenset[State]
    target: State | None
    permission: str
    event: Event
    holder: Holder = Holder.SAME
    guards: tuple[Guard, ...] = ()
    demands: tuple[Guard, ...] = ()
    freezes: bool = False
    public: str = ""
    warning: str = ""
    clause: str = ""
    collective: bool = False
    verbal: bool = False
    by_clock: bool = False
    plain: bool = False

    def label_in(self, verb: str) -> str:
        """Return the label as a cycle words it: where it names the decision, by the cycle's own word for that."""
        return verb if self.verbal else self.label

    def refusals(self, facts: CaseFacts, act: Act) -> tuple[Refusal, ...]:
        """Return every refusal of the step as handed in."""
        return _collect((*self.guards, *self.demands), facts, act)

    def closed_because(self, facts: CaseFacts, act: Act) -> tuple[Refusal, ...]:
        """Return why the step is closed, whatever would be handed in."""
        return _collect(self.guards, facts, act)


def _collect(checks: Iterable[Guard], facts: CaseFacts, act: Act) -> tuple[Refusal, ...]:
    return tuple(refusal for check in checks for refusal in refusals_of(check, facts, act))


def refusals_of(guard: Guard, facts: CaseFacts, act: Act) -> tuple[Refusal, ...]:
    """Return everything that a guard says against a step."""
    said = guard(facts, act)
    return said if isinstance(said, tuple) else () if said is None else (said,)


@dataclass(frozen=True)
class Words:
    """What a procedure calls its source, its applicants and its states, where they differ from the first one's."""

    source: str = "通知"
    applicant: str = "商会"
    states: Mapping[State, str] = field(default_factory=lambda: MappingProxyType({}))


class Workflow:
    """A named set of transitions, looked up by name, with who applies by it and who may decide by it.

    ``decided_at`` is the tier of the federation that runs it for those beneath it; None for the national node.
    ``starts`` is the permission to start a case, ``asked`` the deliverables of the stages that must be on record
    before an application, in the programme's words; ``inside`` are deliverables that the house itself holds (findings,
    application, score), which nobody puts on record.
    """

    def __init__(
        self,
        *transitions: Transition,
        applicants: Kind = Kind.CHAMBER,
        decided_at: Level | None = None,
        starts: str = "declarations.start",
        asked: tuple[str, ...] = (),
        inside: tuple[str, ...] = (),
        words: Words | None = None,
        title: str = "",
    ) -> None:
        """Take the rows of the table; names must differ. ``title`` says in words who does what by it."""
        self.transitions = transitions
        self.title = title
        self.applicants, self.decided_at, self.starts = applicants, decided_at, starts
        self.asked, self.inside, self.words = asked, inside, words or Words()
        self._by_name = MappingProxyType({transition.name: transition for transition in transitions})
        if len(self._by_name) != len(transitions):
            raise ValueError("Two transitions share a name.")

    def transition(self, name: str) -> Transition:
        """Return the transition of that name; raises ``KeyError`` for an unknown one."""
        return self._by_name[name]

    def has(self, name: str) -> bool:
        """Return whether the table has a step of that name."""
        return name in self._by_name

    def leaving(self, state: State) -> tuple[Transition, ...]:
        """Return the transitions that start in a state, in table order."""
        return tuple(transition for transition in self.transitions if state in transition.sources)


def _from(*states: State) -> frozenset[State]:
    return frozenset(states)


S = State
NOT_IN_NOTICE = g.NOT_IN_NOTICE
CORRECTING = (g.stood_there, g.cycle_is_not_over, g.not_declared_again)
BACK_BELOW = (*CORRECTING, g.window_open_again)
FILING = (
    g.cycle_is_open,
    g.before_submission_closes,
    g.form_complete,
    g.form_faultless,
    g.carried_confirmed,
    g.every_row_marked,
    g.every_mark_proven,
    g.claims_reasoned,
    g.nothing_contradicts,
    g.everything_explained,
    g.commitment_signed,
    g.self_verdict_passes,
)
EXAMINED = (S.PRELIMINARY_REVIEW, S.EXPERT_REVIEW, S.OBJECTION_HOLD)
ASKED_IN = _from(*sorted(WITHDRAWAL_ASKED_IN))
UNANSWERED = (g.withdrawal_asked, g.withdrawal_in_time, g.unit_not_heard)
DECIDED = (g.marked_rows_carried, g.veto_zero_evidenced)
TIER = (g.not_in_round, g.opinion_given, g.key_rows_marked, g.differences_reasoned, g.returned_items_settled)

SIHAO = Workflow(
    Transition(
        "T02", "submit", "提交申报", _from(S.DRAFT), S.LOCAL_REVIEW, "declarations.submit", Event.SUBMITTED,
        Holder.HOME, guards=FILING, freezes=True, public="已提交申报", clause="五（二）1",
        warning="提交后申报表和自评表即固定，由所在地工商联审核；开始审核前可以撤回修改，此后退回前不能修改。",
    ),
    Transition(
        "T08", "resubmit", "重新提交", _from(S.RETURNED), S.LOCAL_REVIEW, "declarations.submit", Event.RESUBMITTED,
        Holder.RETURNER, guards=(*FILING, g.returned_items_answered), freezes=True, public="已按退回意见重新提交",
        clause="五（二）1", warning="重新提交后由退回单位继续审核；改动涉及下级已评分的指标的，先由下级核对这些指标。",
    ),
    Transition(
        "T11", "recall", "撤回修改", _from(S.LOCAL_REVIEW), S.DRAFT, "declarations.withdraw", Event.RECALLED,
        Holder.APPLICANT, guards=(g.review_not_begun, g.before_recall_closes), public="已撤回修改",
        clause="五（二）1", warning="撤回后申报回到填写状态，所在地工商联不再看到；修改后须在截止前重新提交。",
    ),
    Transition(
        "T11", "withdraw", "撤回申报", _from(S.DRAFT, S.LOCAL_REVIEW, S.RETURNED, S.SHORTLISTED), S.WITHDRAWN,
        "declarations.withdraw", Event.WITHDRAWN, Holder.NOBODY, guards=(g.own_list_is_open,),
        demands=(g.reason_given,), public="已撤回申报", clause="五（二）1",
        warning="撤回后本次申报即告结束，已填内容保留可查。",
    ),
    Transition(
        "T03", "lapse", "逾期未报", _from(S.DRAFT, S.RETURNED), S.LAPSED, "declarations.lapse", Event.LAPSED,
        Holder.NOBODY, guards=(g.windows_over,), public="未在期限内提交", clause="五（二）1", by_clock=True,
    ),
    Transition(
        "T04", "opine", "填写审核意见", _from(S.LOCAL_REVIEW), None, "declarations.review", Event.OPINED,
        guards=(g.opinion_is_asked,), demands=(g.opinion_written,), clause="五（二）1",
    ),
    Transition(
        "T08", "confirm_delta", "核对完毕", _from(S.LOCAL_REVIEW), S.LOCAL_REVIEW, "declarations.forward",
        Event.DELTA_CONFIRMED, Holder.ROUND, freezes=True, clause="五（二）1",
        guards=(
            g.in_round, g.before_tier_closes, g.round_rows_settled, g.round_differences_reasoned,
            g.round_opinion_given,
        ),
        warning="核对后本级评分固定，本件交给等待核对的上级工商联，或者下一个须核对的工商联。",
    ),
    Transition(
        "T05", "forward", "报上级审核", _from(S.LOCAL_REVIEW), S.LOCAL_REVIEW, "declarations.forward",
        Event.FORWARDED, Holder.SUPERIOR, freezes=True, public="已报上级工商联审核", clause="五（二）1",
        guards=(g.below_unit, g.before_tier_closes, *TIER, g.in_favour, g.forward_place_left),
        warning="报出后本级评分和意见即固定。",
    ),
    Transition(
        "T-R2", "take_over", "接办", _from(S.LOCAL_REVIEW), S.LOCAL_REVIEW, "declarations.take_over", Event.TAKEN_OVER,
        Holder.SUPERIOR, guards=(g.holder_overdue,), demands=(g.reason_given,),
        public="已由上级工商联接办", clause="五（二）1",
        warning="接办后由本级审核，原办理单位不能再评分或上报；其已有评分保留，并告知原办理单位。",
    ),
    Transition(
        "T06", "return_for_correction", "退回修改", _from(S.LOCAL_REVIEW, S.SHORTLISTED), S.RETURNED,
        "declarations.return", Event.RETURNED, Holder.APPLICANT, public="退回修改", clause="五（二）1",
        guards=(g.not_in_round, g.returns_left, g.own_list_is_open), demands=(g.items_named, g.due_in_time),
        warning="商会只能修改列出的事项，修改期间本级时限暂停。",
    ),
    Transition(
        "T07", "send_down", "退回下级", _from(S.LOCAL_REVIEW), S.LOCAL_REVIEW, "declarations.send_down",
        Event.SENT_DOWN, Holder.ROUND, guards=(g.tier_below, g.not_in_round), demands=(g.redo_named,),
        clause="五（二）1", warning="下级只能重新审核指明的指标或审核意见，办完后直接交回本级。",
    ),
    Transition(
        "T09", "decline", "不予推荐", _from(S.LOCAL_REVIEW), S.NOT_FORWARDED, "declarations.decline", Event.DECLINED,
        Holder.NOBODY, guards=(g.not_in_round, g.not_in_favour), demands=(g.reason_given,), public="本级未推荐",
        clause="五（二）1",
        warning="不予推荐后本次申报即告结束，理由将告知商会；商会可以在规定时限内向本级申请复核一次。",
    ),
    Transition(
        "Q", "ask", "询问", _from(S.LOCAL_REVIEW, S.SHORTLISTED), None, "declarations.ask", Event.QUESTION_ASKED,
        demands=(g.question_whole, g.question_due_in_time), clause="五（二）1",
    ),
    Transition(
        "T10", "ask_second_look", "申请复核", _from(S.NOT_FORWARDED), None, "declarations.ask_second_look",
        Event.SECOND_LOOK_ASKED, guards=(g.look_offered, g.look_not_taken, g.look_in_time),
        demands=(g.reason_given,), public="已申请复核",
        warning="每一级只能申请复核一次。复核由原办理单位的另一人办理；原不予推荐的理由保留。",
    ),
    Transition(
        "T10", "reconsider", "同意复核，重新审核", _from(S.NOT_FORWARDED), S.LOCAL_REVIEW, "declarations.reconsider",
        Event.RECONSIDERED, Holder.RETURNER, guards=(g.look_asked, g.another_officer), demands=(g.reason_given,),
        public="经复核，重新审核", warning="本件回到本级审核，本级评分可以修改；原不予推荐的理由保留。",
    ),
    Transition(
        "T10", "uphold_decline", "维持不予推荐", _from(S.NOT_FORWARDED), None, "declarations.reconsider",
        Event.DECLINE_UPHELD, guards=(g.look_asked, g.another_officer), demands=(g.reason_given,),
        public="经复核，维持不予推荐", warning="复核结果将告知商会，本级不再受理复核申请。",
    ),
    Transition(
        "T12", "shortlist", "列入拟推荐", _from(S.LOCAL_REVIEW), S.SHORTLISTED, "declarations.shortlist",
        Event.SHORTLISTED, Holder.UNIT, freezes=True, clause="四；五（二）1",
        guards=(g.at_unit, *TIER, g.in_favour, g.unit_rows_marked, g.unit_verdict_passes, g.list_is_open, g.place_left),
    ),
    Transition(
        "T12", "reserve", "列为备选", _from(S.LOCAL_REVIEW), S.SHORTLISTED, "declarations.shortlist",
        Event.RESERVED, Holder.UNIT, freezes=True, clause="四；五（二）1",
        guards=(g.at_unit, *TIER, g.in_favour_or_reserved, g.unit_rows_marked, g.unit_verdict_passes, g.list_is_open),
    ),
    Transition(
        "T12", "promote", "改列拟推荐", _from(S.SHORTLISTED), None, "declarations.shortlist", Event.PROMOTED,
        guards=(g.is_a_reserve, g.unit_verdict_passes, g.list_is_open, g.place_left), clause="四；五（二）1",
        warning="占用一个推荐名额，列在拟推荐末位，可再调整次序。",
    ),
    Transition(
        "T12", "demote", "改列备选", _from(S.SHORTLISTED), None, "declarations.shortlist", Event.DEMOTED,
        guards=(g.is_listed, g.list_is_open), demands=(g.reason_given,), clause="五（二）1",
        warning="空出一个推荐名额，列在备选末位，可再调整次序。",
    ),
    Transition(
        "T20", "move_up", "递补", _from(S.SHORTLISTED), S.RECOMMENDED, "declarations.confirm_disqualification",
        Event.MOVED_UP, Holder.NATIONAL, clause="四",
        guards=(g.is_a_reserve, g.unit_verdict_passes, g.list_has_gone_up, g.place_left),
        freezes=True, public="已推荐至全国工商联", collective=True,
    ),
    Transition(
        "T12", "unshortlist", "移出名单", _from(S.SHORTLISTED), S.LOCAL_REVIEW, "declarations.shortlist",
        Event.UNSHORTLISTED, Holder.UNIT, guards=(g.list_is_open,), demands=(g.reason_given,), clause="五（二）1",
    ),
    Transition(
        "T12", "strike", "研究未列入", _from(S.SHORTLISTED), S.LOCAL_REVIEW, "declarations.prepare_batch",
        Event.STRUCK, Holder.UNIT, guards=(g.list_is_before_meeting,), demands=(g.reason_given,), clause="五（二）1",
        collective=True,
    ),
    Transition(
        "T14", "recommend", "推荐上报", _from(S.SHORTLISTED), S.RECOMMENDED, "declarations.upload_batch",
        Event.RECOMMENDED, Holder.NATIONAL, guards=(g.on_the_list, g.meeting_held, g.before_province_closes),
        freezes=True, public="已推荐至全国工商联", clause="五（二）1",
        collective=True,
    ),
    Transition(
        "T14", "recall_upload", "撤回上报", _from(S.RECOMMENDED), S.SHORTLISTED, "declarations.upload_batch",
        Event.UPLOAD_TAKEN_BACK, Holder.UNIT, guards=(g.upload_recalled,), demands=(g.reason_given,),
        public="推荐上报已由推荐单位撤回", clause="五（二）1", collective=True,
    ),
    Transition(
        "T15", "ask_withdrawal", "申请撤回申报", ASKED_IN, None, "declarations.ask_withdrawal",
        Event.WITHDRAWAL_ASKED, guards=(g.withdrawal_in_time, g.no_withdrawal_open), demands=(g.reason_given,),
        public="已申请撤回申报", clause=NOT_IN_NOTICE,
        warning="申请后由推荐单位分管领导提出意见，同意的由全国工商联会员部办理；办结前审核、评审照常进行。",
    ),
    Transition(
        "T15", "agree_withdrawal", "同意撤回", ASKED_IN, None, "declarations.answer_withdrawal",
        Event.WITHDRAWAL_AGREED, guards=UNANSWERED, public="推荐单位同意撤回申报", clause=NOT_IN_NOTICE,
        warning="同意后由全国工商联会员部办理；办结前审核、评审照常进行。",
    ),
    Transition(
        "T15", "oppose_withdrawal", "不同意撤回", ASKED_IN, None, "declarations.answer_withdrawal",
        Event.WITHDRAWAL_OPPOSED, guards=UNANSWERED, demands=(g.reason_given,), public="推荐单位不同意撤回申报",
        clause=NOT_IN_NOTICE, warning="申请即办结，理由将告知商会；商会可以另行申请。",
    ),
    Transition(
        "T15", "refuse_withdrawal", "不接受撤回", ASKED_IN, None, "declarations.refuse_withdrawal",
        Event.WITHDRAWAL_REFUSED, guards=(g.withdrawal_asked,), demands=(g.reason_given,),
        public="撤回申请未获接受", clause=NOT_IN_NOTICE, warning="申请即办结，理由将告知商会和推荐单位。",
    ),
    Transition(
        "T15", "accept_withdrawal", "接受撤回", _from(*sorted(WITHDRAWABLE)), S.WITHDRAWN,
        "declarations.accept_withdrawal", Event.WITHDRAWAL_ACCEPTED, Holder.NOBODY, freezes=True,
        public="已撤回申报", clause=NOT_IN_NOTICE,
        guards=(
            g.withdrawal_asked, g.unit_agrees, g.list_was_accepted, g.not_on_agenda, g.not_flagged, g.not_clarifying,
        ),
        warning="接受后本次申报即告结束，已上报的名单不变，空出的名额按本周期备选规则处理。",
    ),
    Transition(
        "T16", "take_up", "进入初审", _from(S.RECOMMENDED), S.PRELIMINARY_REVIEW, "declarations.preliminary",
        Event.TAKEN_UP, Holder.NATIONAL, guards=(g.batch_accepted,), public="进入初审", clause="五（二）3",
        collective=True,
    ),
    Transition(
        "T17", "ask_clarification", "请推荐单位说明", _from(S.PRELIMINARY_REVIEW), None, "declarations.preliminary",
        Event.CLARIFICATION_ASKED, Holder.UNIT,
        guards=(g.clarification_offered, g.clarification_unused, g.not_flagged, g.not_clarifying),
        demands=(g.reason_given, g.items_cited), clause="通知未规定",
        warning="只就材料问题请推荐单位说明，每件一次，不接受新的业绩；答复作为附件，不改变已提交的申报。期间由推荐单位办理。",
    ),
    Transition(
        "T17", "answer_clarification", "提交说明", _from(S.PRELIMINARY_REVIEW), None,
        "declarations.answer_clarification", Event.CLARIFICATION_ANSWERED, Holder.NATIONAL,
        guards=(g.is_clarifying,), demands=(g.reason_given,), clause="通知未规定",
        warning="提交后由全国工商联会员部继续初审。",
    ),
    Transition(
        "T17", "close_clarification", "期满收回", _from(S.PRELIMINARY_REVIEW), None, "declarations.preliminary",
        Event.CLARIFICATION_CLOSED, Holder.NATIONAL, guards=(g.is_clarifying, g.clarification_over),
        clause="通知未规定", warning="收回后由会员部继续初审，推荐单位不能再作说明。",
    ),
    Transition(
        "T18", "pass_preliminary", "通过初审", _from(S.PRELIMINARY_REVIEW), S.EXPERT_REVIEW,
        "declarations.preliminary", Event.PASSED, Holder.NATIONAL,
        guards=(g.three_answers_yes, g.everything_noted, g.not_flagged, g.not_clarifying, g.visit_settled),
        public="进入专家复审", clause="五（二）3",
    ),
    Transition(
        "T19", "propose_disqualification", "提出取消认定资格", _from(*EXAMINED), None,
        "declarations.preliminary", Event.DISQUALIFICATION_PROPOSED,
        guards=(g.not_flagged, g.not_clarifying, g.objection_upheld_if_held),
        demands=(g.one_ground, g.reason_given, g.items_cited), clause="五（二）3",
        warning="提出后将与省级工商联沟通，答复或期满后由另一人确认。",
    ),
    Transition(
        "T20", "disqualify", "取消认定资格", _from(*EXAMINED), S.DISQUALIFIED,
        "declarations.confirm_disqualification", Event.DISQUALIFIED, Holder.NOBODY,
        guards=(g.is_flagged, g.second_person, g.province_heard), freezes=True, public="取消认定资格",
        clause="五（二）3", warning="取消认定资格后本次申报即告结束。",
    ),
    Transition(
        "T21", "drop_flag", "撤销取消资格意见", _from(*EXAMINED), None,
        "declarations.confirm_disqualification", Event.DISQUALIFICATION_DROPPED, guards=(g.is_flagged,),
        demands=(g.reason_given,), clause="五（二）3",
    ),
    Transition(
        "T22", "confirm_sheet", "确认评分", _from(S.EXPERT_REVIEW), None, "declarations.score", Event.SHEET_CONFIRMED,
        demands=(g.sheet_complete,), clause="五（二）3", warning="确认后评分即固定，计入复审结果。",
    ),
    Transition(
        "T24", "propose", "列为拟认定", _from(S.EXPERT_REVIEW), S.PROPOSED, "declarations.sign_verdict",
        Event.PROPOSED, Holder.NATIONAL, freezes=True, clause="五（一）；五（二）3",
        guards=(g.not_flagged, g.sheets_all_in, g.marked_rows_agreed, *DECIDED, g.panel_passes),
    ),
    Transition(
        "T24", "rule_out", "不能参与认定", _from(S.EXPERT_REVIEW), S.NOT_ELIGIBLE, "declarations.sign_verdict",
        Event.RULED_OUT, Holder.NOBODY, freezes=True, clause="五（一）",
        guards=(g.not_flagged, g.sheets_all_in, g.marked_rows_agreed, *DECIDED, g.panel_fails),
    ),
    Transition(
        "T25", "recompute", "重新计算", _from(S.PROPOSED, S.NOT_ELIGIBLE), None, "declarations.recompute",
        Event.RECOMPUTED, guards=(g.not_on_agenda,), demands=(g.reason_given,), freezes=True, clause="五（一）",
        collective=True,
    ),
    Transition(
        "T25", "recompute_propose", "重新计算后列为拟认定", _from(S.NOT_ELIGIBLE), S.PROPOSED, "declarations.recompute",
        Event.RECOMPUTED, Holder.NATIONAL, guards=(g.not_on_agenda, g.panel_passes), demands=(g.reason_given,),
        freezes=True, clause="五（一）", collective=True,
    ),
    Transition(
        "T25", "recompute_rule_out", "重新计算后不能参与认定", _from(S.PROPOSED), S.NOT_ELIGIBLE,
        "declarations.recompute", Event.RECOMPUTED, Holder.NOBODY, guards=(g.not_on_agenda, g.panel_fails),
        demands=(g.reason_given,), freezes=True, clause="五（一）", collective=True,
    ),
    Transition(
        "T26", "put_on_agenda", "提请审议", _from(S.PROPOSED), None, "declarations.agenda", Event.AGENDA_FROZEN,
        guards=(g.not_on_agenda, g.not_flagged), freezes=True, clause="五（二）4",
        collective=True, plain=True,
    ),
    Transition(
        "T27", "approve", "审议通过", _from(S.PROPOSED), S.APPROVED, "declarations.decide", Event.APPROVED,
        Holder.NATIONAL, guards=(g.on_agenda, g.meeting_minuted), clause="五（二）4",
        collective=True, plain=True,
    ),
    Transition(
        "T27", "reject", "审议未通过", _from(S.PROPOSED), S.NOT_APPROVED, "declarations.decide", Event.NOT_APPROVED,
        Holder.NOBODY, guards=(g.on_agenda, g.meeting_minuted), demands=(g.reason_given,), clause="五（二）4",
        collective=True, plain=True,
    ),
    Transition(
        "T27", "hold_over", "再议", _from(S.PROPOSED), None, "declarations.decide", Event.HELD_OVER,
        guards=(g.on_agenda, g.meeting_minuted), demands=(g.reason_given,), clause="五（二）4",
        collective=True, plain=True,
    ),
    Transition(
        "T28", "announce", "列入公示", _from(S.APPROVED), S.NOTICE, "declarations.publish", Event.NOTICE_OPENED,
        Holder.NATIONAL, guards=(g.notice_is_asked,), public="公示中", clause=NOT_IN_NOTICE, collective=True,
    ),
    Transition(
        "T29", "hold", "暂缓公布", _from(S.NOTICE), S.OBJECTION_HOLD, "declarations.objections", Event.NOTICE_HELD,
        Holder.NATIONAL, guards=(g.objection_under_way,), public="公示核查中", clause=NOT_IN_NOTICE,
    ),
    Transition(
        "T29", "release_hold", "恢复公示", _from(S.OBJECTION_HOLD), S.NOTICE, "declarations.objections",
        Event.HOLD_RELEASED, Holder.NATIONAL, guards=(g.not_flagged, g.objections_dismissed), public="公示中",
        clause=NOT_IN_NOTICE,
    ),
    Transition(
        "T29", "to_meeting_again", "提请重新审议", _from(S.OBJECTION_HOLD), S.PROPOSED, "declarations.agenda",
        Event.SENT_TO_MEETING, Holder.NATIONAL, guards=(g.not_flagged, g.no_objection_under_way, g.objection_upheld),
        demands=(g.reason_given,), clause="五（二）4",
        warning="本件回到拟认定，列入下一次主席办公会议议程；审议通过后重新公示。",
    ),
    Transition(
        "T30", "recognise", "认定并公布", _from(S.APPROVED, S.NOTICE), S.RECOGNISED, "declarations.publish",
        Event.RECOGNISED, Holder.NOBODY, guards=(g.notice_over, g.objections_settled), freezes=True, public="已认定",
        clause="六", collective=True,
    ),
    Transition(
        "T-R1", "correct_to_draft", "更正为草稿", _from(S.WITHDRAWN, S.LAPSED), S.DRAFT,
        "declarations.confirm_correction", Event.CORRECTED, Holder.APPLICANT, guards=BACK_BELOW,
        demands=(g.reason_given,), public="结果更正，恢复填写", clause=NOT_IN_NOTICE,
    ),
    Transition(
        "T-R1", "correct_to_return", "更正为退回修改", _from(S.WITHDRAWN, S.LAPSED), S.RETURNED,
        "declarations.confirm_correction", Event.CORRECTED, Holder.APPLICANT, guards=BACK_BELOW,
        demands=(g.reason_given,), public="结果更正，恢复修改", clause=NOT_IN_NOTICE,
    ),
    Transition(
        "T-R1", "correct_to_review", "更正为审核中", _from(S.WITHDRAWN, S.NOT_FORWARDED), S.LOCAL_REVIEW,
        "declarations.confirm_correction", Event.CORRECTED, Holder.RETURNER, guards=BACK_BELOW,
        demands=(g.reason_given,), public="结果更正，重新审核", clause=NOT_IN_NOTICE,
    ),
    Transition(
        "T-R1", "correct_to_list", "更正为拟推荐", _from(S.WITHDRAWN), S.SHORTLISTED,
        "declarations.confirm_correction", Event.CORRECTED, Holder.UNIT, guards=(*BACK_BELOW, g.list_is_open),
        demands=(g.reason_given,), public="结果更正，恢复省级审核", clause=NOT_IN_NOTICE,
    ),
    Transition(
        "T-R1", "correct_to_recommended", "更正为已推荐上报", _from(S.WITHDRAWN), S.RECOMMENDED,
        "declarations.confirm_correction", Event.CORRECTED, Holder.NATIONAL, guards=CORRECTING,
        demands=(g.reason_given,), freezes=True, clause=NOT_IN_NOTICE,
    ),
    Transition(
        "T-R1", "correct_to_preliminary", "更正为初审", _from(S.DISQUALIFIED, S.WITHDRAWN), S.PRELIMINARY_REVIEW,
        "declarations.confirm_correction", Event.CORRECTED, Holder.NATIONAL, guards=CORRECTING,
        demands=(g.reason_given,), freezes=True, clause=NOT_IN_NOTICE,
    ),
    Transition(
        "T-R1", "correct_to_experts", "更正为专家复审", _from(S.DISQUALIFIED, S.NOT_ELIGIBLE, S.WITHDRAWN),
        S.EXPERT_REVIEW, "declarations.confirm_correction", Event.CORRECTED, Holder.NATIONAL, guards=CORRECTING,
        demands=(g.reason_given,), freezes=True, clause=NOT_IN_NOTICE,
    ),
    Transition(
        "T-R1", "correct_to_meeting", "更正为拟认定", _from(S.NOT_APPROVED, S.WITHDRAWN), S.PROPOSED,
        "declarations.confirm_correction", Event.CORRECTED, Holder.NATIONAL, guards=CORRECTING,
        demands=(g.reason_given,), freezes=True, clause=NOT_IN_NOTICE,
    ),
    Transition(
        "T-R1", "correct_to_hold", "更正为异议核查", _from(S.DISQUALIFIED), S.OBJECTION_HOLD,
        "declarations.confirm_correction", Event.CORRECTED, Holder.NATIONAL, guards=CORRECTING,
        demands=(g.reason_given,), freezes=True, clause=NOT_IN_NOTICE,
    ),
    title="商会申报，县、市、省级工商联逐级审核推荐，全国工商联初审、复审、审议认定",
)

# ---- 漯联〔2015〕14号, 四: the federation of a city builds up, inspects, scores and recognises those of its counties

PLAN = "四（四）"
NOT_IN_PLAN = g.NOT_IN_PLAN
APPLYING = (
    *g.cited(PLAN, g.cycle_is_open, g.before_submission_closes),
    *g.cited(NOT_IN_PLAN, g.form_complete, g.form_faultless, g.carried_confirmed, g.every_row_marked),
    *g.cited(NOT_IN_PLAN, g.every_mark_proven, g.claims_reasoned, g.nothing_contradicts, g.everything_explained),
    g.records_filed,
    g.findings_closed,
    *g.cited(PLAN, g.self_verdict_passes),
)
SCORED = g.cited("四（五）", g.unit_rows_marked, g.differences_reasoned, g.returned_items_settled)

WUHAO = Workflow(
    Transition(
        "W02", "submit", "申请认定", _from(S.DRAFT), S.LOCAL_REVIEW, "declarations.submit", Event.SUBMITTED,
        Holder.UNIT, guards=APPLYING, freezes=True, public="已申请认定", clause=PLAN,
        warning="提交后申报表和自查评分表即固定，由市级工商联考评；考评开始前可以撤回修改，此后退回前不能修改。",
    ),
    Transition(
        "W08", "resubmit", "重新提交", _from(S.RETURNED), S.LOCAL_REVIEW, "declarations.submit", Event.RESUBMITTED,
        Holder.RETURNER, guards=(*APPLYING, *g.cited(PLAN, g.returned_items_answered)), freezes=True,
        public="已按退回意见重新提交", clause=PLAN, warning="重新提交后由市级工商联继续考评。",
    ),
    Transition(
        "W11", "recall", "撤回修改", _from(S.LOCAL_REVIEW), S.DRAFT, "declarations.withdraw", Event.RECALLED,
        Holder.APPLICANT, guards=g.cited(NOT_IN_PLAN, g.review_not_begun, g.before_recall_closes),
        public="已撤回修改", clause=NOT_IN_PLAN, warning="撤回后申请回到填写状态，修改后须在截止前重新提交。",
    ),
    Transition(
        "W11", "withdraw", "撤回申请", _from(S.DRAFT, S.LOCAL_REVIEW, S.RETURNED), S.WITHDRAWN,
        "declarations.withdraw", Event.WITHDRAWN, Holder.NOBODY, demands=(g.reason_given,), public="已撤回申请",
        clause=NOT_IN_PLAN, warning="撤回后本次申请即告结束，已填内容保留可查。",
    ),
    Transition(
        "W04", "opine", "填写考评意见", _from(S.LOCAL_REVIEW), None, "declarations.review", Event.OPINED,
        demands=g.cited("四（五）", g.opinion_written), clause="四（五）",
    ),
    Transition(
        "W06", "return_for_correction", "退回修改", _from(S.LOCAL_REVIEW), S.RETURNED, "declarations.return",
        Event.RETURNED, Holder.APPLICANT, public="退回修改", clause=PLAN,
        guards=g.cited(NOT_IN_PLAN, g.returns_left), demands=g.cited(PLAN, g.items_named, g.due_in_time),
        warning="申请单位只能修改列出的事项，修改期间本级时限暂停。",
    ),
    Transition(
        "WQ", "ask", "询问", _from(S.LOCAL_REVIEW), None, "declarations.ask", Event.QUESTION_ASKED,
        demands=g.cited(NOT_IN_PLAN, g.question_whole, g.question_due_in_time), clause=NOT_IN_PLAN,
    ),
    Transition(
        "W20", "decide_by_score", "认定", _from(S.LOCAL_REVIEW), S.RECOGNISED, "declarations.decide_own",
        Event.DECIDED_BY_SCORE, Holder.NOBODY, guards=(*SCORED, g.list_not_issued, g.score_passes), freezes=True,
        public="已认定", clause="四（五）", warning="考评得分即固定，结果为市级，生成证书编号，不能撤回。", verbal=True,
    ),
    Transition(
        "W20", "end_below_score", "未达到认定分值", _from(S.LOCAL_REVIEW), S.NOT_ELIGIBLE, "declarations.decide_own",
        Event.BELOW_SCORE, Holder.NOBODY, guards=(*SCORED, g.list_not_issued, g.score_fails),
        demands=(g.reason_given,), freezes=True, public="未达到认定分值", clause="四（五）",
        warning="考评得分即固定，本次申请即告结束。尚可整改的，请退回修改。",
    ),
    Transition(
        "W30", "send_to_above", "择优上报", _from(S.RECOGNISED), None, "declarations.send_to_above",
        Event.SENT_TO_ABOVE, guards=(g.not_with_above,), demands=(g.reason_given,), public="已择优上报省级工商联",
        clause="四（五）", collective=True,
    ),
    Transition(
        "W31", "confirm_above", "确认", _from(S.RECOGNISED), None, "declarations.answer_from_above",
        Event.CONFIRMED_ABOVE, guards=(g.with_above,), public="省级工商联已确认", clause="四（五）",
    ),
    Transition(
        "W31", "return_from_above", "退回", _from(S.RECOGNISED), None, "declarations.answer_from_above",
        Event.RETURNED_FROM_ABOVE, guards=(g.with_above,), demands=(g.reason_given,), clause=NOT_IN_PLAN,
    ),
    applicants=Kind.FEDERATION,
    decided_at=Level.CITY,
    starts="declarations.apply",
    title="县级工商联申请，市级工商联督查、考评、认定，择优上报省级工商联",
    asked=("工作方案上报市工商联", "自查报告"),
    inside=("督查问题清单及整改", "认定申请", "量化打分", "市级认定", "择优上报省工商联"),
    words=Words(
        source="方案",
        applicant="县级工商联",
        states=MappingProxyType(
            {S.LOCAL_REVIEW: "考评中", S.NOT_ELIGIBLE: "未达到认定分值", S.RECOGNISED: "已{verb}（市级）"}
        ),
    ),
)

WORKFLOWS = MappingProxyType({"sihao": SIHAO, "wuhao": WUHAO})


def procedure_titles() -> tuple[str, ...]:
    """Return the procedures in words, as one chooses among them."""
    return tuple(one.title for one in WORKFLOWS.values())


def procedure_title(name: str) -> str:
    """Return a procedure in words; a name that no table has is returned as it is."""
    return WORKFLOWS[name].title if name in WORKFLOWS else name


def procedure_named(text: str) -> str:
    """Return the name of a procedure told in words or by its name; what is neither is returned as it is."""
    return next((name for name, one in WORKFLOWS.items() if one.title == text.strip()), text.strip())
