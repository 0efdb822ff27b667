"""What a step asks of a case: pure checks that answer with a refusal, its sentence and its clause."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from declarations.states import (
    UNDER_DELIBERATION,
    BatchState,
    Ground,
    Outcome,
    Stance,
    State,
    UpwardState,
    VisitState,
)
from sihao.accounts.refusals import Refusal
from sihao.accounts.roles import Level

NOTICE = "通知"
NOT_IN_PLAN = "方案未规定"
NOT_IN_NOTICE = "通知未规定"


@dataclass(frozen=True)
class Judged:
    """What the engine said of one layer: whether it passes every gate, and its sentences."""

    eligible: bool
    total: Decimal
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Objection:
    """One thing that the checks of the programme found: its sentence and the clause it serves."""

    sentence: str
    clause: str = ""


@dataclass(frozen=True)
class Opinion:
    """The holder's opinion as it stands."""

    text: str
    authentic: bool
    stance: Stance | None


@dataclass(frozen=True)
class Preliminary:
    """The department's answers, what it has to say a word on, and what it talks about with the recommending unit.

    ``clarifying`` says that a clarification waits for the unit, ``clarified`` that there was one; ``answer_due`` is
    the term of whichever talk is open.
    """

    complete: bool | None = None
    logical: bool | None = None
    true: bool | None = None
    unnoted: tuple[str, ...] = ()
    flagged: bool = False
    proposers: frozenset[int] = frozenset()
    answered: bool = False
    answer_due: datetime | None = None
    clarifying: bool = False
    clarified: bool = False


@dataclass(frozen=True)
class Withdrawal:
    """An open request to withdraw, and whether the recommending unit agreed to it."""

    agreed: bool = False


@dataclass(frozen=True)
class Delta:
    """What a tier still owes to a round in which it looks at named rows alone."""

    awaited_by: str
    open_rows: tuple[str, ...] = ()
    unreasoned_rows: tuple[str, ...] = ()
    moved: bool = False
    opinion_asked: bool = False

    @property
    def wants_opinion(self) -> bool:
        """Whether the tier's opinion has to be given anew: a mark has changed, or the tier above asked for it."""
        return self.moved or self.opinion_asked


@dataclass(frozen=True)
class Declined:
    """The last 不予推荐 and what has become of a request to look again."""

    office: str
    decliner: int
    closes: datetime | None
    looked: bool = False
    asked: bool = False
    settled: bool = False
    has_another: bool = False


@dataclass(frozen=True)
class CaseFacts:
    """Everything the guards ask of a case, read under the lock of the step that asks."""

    state: State
    now: datetime
    opens_at: datetime
    submission_closes: datetime
    province_closes: datetime
    holder_level: Level | None = None
    holder_is_unit: bool = False
    holder_name: str = ""
    holder_closes: datetime | None = None
    office_recused: bool = False
    two_disqualify: bool = True
    due_at: datetime | None = None
    failing_self_blocks: bool = True
    missing_fields: tuple[str, ...] = ()
    faulty_fields: tuple[str, ...] = ()
    carried_fields: tuple[str, ...] = ()
    unmarked_rows: tuple[str, ...] = ()
    unproven_rows: tuple[str, ...] = ()
    unreasoned_rows: tuple[str, ...] = ()
    contradictions: tuple[Objection, ...] = ()
    unexplained: tuple[Objection, ...] = ()
    review_begun: bool = False
    committed: bool = False
    self_verdict: Judged | None = None
    unanswered_items: tuple[str, ...] = ()
    unsettled_items: tuple[str, ...] = ()
    return_limit: datetime | None = None
    delta: Delta | None = None
    lower_tiers: tuple[str, ...] = ()
    declined: Declined | None = None
    second_look_days: int = 5
    opinion: Opinion | None = None
    holder_unmarked_key_rows: tuple[str, ...] = ()
    holder_unmarked_rows: tuple[str, ...] = ()
    holder_unreasoned_rows: tuple[str, ...] = ()
    holder_verdict: Judged | None = None
    returns: int = 0
    returns_max: int = 3
    places: int | None = None
    places_used: int = 0
    limit: int | None = None
    limit_used: int = 0
    limit_hard: bool = False
    is_reserve: bool = False
    batch_state: BatchState | None = None
    preliminary: Preliminary = field(default_factory=Preliminary)
    visit_open: VisitState | None = None
    visit_untrue: bool = False
    clarifies: bool = True
    readers: int = 2
    third_reason: str = ""
    sheets: int = 0
    sheets_confirmed: int = 0
    unsettled_rows: tuple[str, ...] = ()
    uncarried_rows: tuple[str, ...] = ()
    veto_without_evidence: tuple[str, ...] = ()
    panel_verdict: Judged | None = None
    on_agenda: bool = False
    outcome: Outcome | None = None
    meeting_recorded: bool = False
    released: bool = False
    public_notice: bool = False
    notice_closes: datetime | None = None
    objections_open: int = 0
    objections_under_way: int = 0
    objections_upheld: int = 0
    stood_in: State | None = None
    cycle_over: bool = False
    back_until: datetime | None = None
    declared_again: str = ""
    withdrawal: Withdrawal | None = None
    deliberated: bool = False
    records_missing: tuple[str, ...] = ()
    findings_open: tuple[str, ...] = ()
    upward: UpwardState | None = None
    circular: str = ""


@dataclass(frozen=True)
class Act:
    """What the person who acts hands in with the step; a stand-in acts as two people, oneself and the absent one."""

    actor: int | None = None
    people: tuple[int, ...] = ()
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


Guard = Callable[[CaseFacts, Act], Refusal | tuple[Refusal, ...] | None]
"""Most guards have one thing to say; those that tell what the checks found say one sentence for each."""

def _named(rows: tuple[str, ...], most: int = 6) -> str:
    """Return the first names joined, and how many there are when not all are shown."""
    shown = "、".join(rows[:most])
    return shown if len(rows) <= most else f"{shown}等{len(rows)}项"


def _moment(at: datetime) -> str:
    """Return a deadline as the notice writes it; midnight is the end of the day before."""
    if (at.hour, at.minute, at.second) == (0, 0, 0):
        day = date.fromordinal(at.date().toordinal() - 1)
        return f"{day.year}年{day.month}月{day.day}日24:00"
    return f"{at.year}年{at.month}月{at.day}日{at:%H:%M}"


def _beginning(at: datetime) -> str:
    """Return an opening as it is said; midnight is the beginning of its own day."""
    hour = "" if (at.hour, at.minute, at.second) == (0, 0, 0) else f"{at:%H:%M}"
    return f"{at.year}年{at.month}月{at.day}日{hour}"


# ---- filing


def before_submission_closes(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse at and after the deadline, to the second."""
    if facts.now < facts.submission_closes:
        return None
    sentence = (
        f"申报已于{_moment(facts.submission_closes)}截止，不能再提交。确有特殊情况的，请与所在地工商联联系。"
    )
    return Refusal("deadline_passed", sentence, "五（二）1")


def windows_over(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to let a case lapse while the last deadline of the way up, or an extension of it, still runs."""
    if facts.now >= facts.province_closes and facts.now >= facts.submission_closes:
        return None
    closes = max(facts.province_closes, facts.submission_closes)
    return Refusal("windows_open", f"报送期限至{_moment(closes)}，尚未截止。", "五（二）1")


def cycle_is_open(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse before the cycle opens."""
    if facts.now >= facts.opens_at:
        return None
    return Refusal("not_open", f"本周期自{_beginning(facts.opens_at)}起接受申报。", "五（二）1")


def form_complete(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse while a required field is empty."""
    if not facts.missing_fields:
        return None
    return Refusal("form_incomplete", f"申报表还有必填项未填：{_named(facts.missing_fields)}。", "五（二）3")


def form_faultless(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse while a field holds something that is not an answer."""
    if not facts.faulty_fields:
        return None
    return Refusal("form_faulty", f"申报表有填写错误：{_named(facts.faulty_fields)}。", "五（二）3")


def carried_confirmed(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse while an answer taken over from the last cycle is neither confirmed nor changed."""
    if not facts.carried_fields:
        return None
    sentence = f"上期沿用，未确认{len(facts.carried_fields)}项。请逐项核对，确认无误或者改正。"
    return Refusal("carried_unconfirmed", sentence, "五（二）3")


def every_row_marked(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse while a row of the self-assessment has no mark."""
    if not facts.unmarked_rows:
        return None
    return Refusal("rows_unmarked", f"自评表还有未打分的指标：{_named(facts.unmarked_rows)}。", "五（一）")


def every_mark_proven(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a mark above 0 that has neither evidence nor words."""
    if not facts.unproven_rows:
        return None
    sentence = f"自评得分大于0的指标须上传佐证材料或写明实际情况：{_named(facts.unproven_rows)}。"
    return Refusal("rows_unproven", sentence, "五（二）3")


def claims_reasoned(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a self-mark above what the declared facts support, without a reason."""
    if not facts.unreasoned_rows:
        return None
    sentence = f"自评得分高于申报数据所支持得分的指标须写明理由：{_named(facts.unreasoned_rows)}。"
    return Refusal("claims_unreasoned", sentence, "五（二）3")


def nothing_contradicts(facts: CaseFacts, act: Act) -> tuple[Refusal, ...]:
    """Refuse while a blocking check finds something: 逻辑不通, 与事实不符."""
    return tuple(Refusal("contradiction", one.sentence, one.clause) for one in facts.contradictions)


def everything_explained(facts: CaseFacts, act: Act) -> tuple[Refusal, ...]:
    """Refuse while something that the checks ask to explain is not explained."""
    return tuple(Refusal("unexplained", one.sentence, one.clause) for one in facts.unexplained)


def review_not_begun(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to take the draft back once the tier that holds it has given a mark or an opinion, or returned it."""
    if not facts.review_begun:
        return None
    sentence = "工商联已开始审核，不能撤回修改。确需修改的，请与办理单位联系，由其退回修改。"
    return Refusal("review_begun", sentence, "五（二）1")


def before_recall_closes(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to take back what could not be handed in again."""
    if facts.now < facts.submission_closes:
        return None
    sentence = f"申报已于{_moment(facts.submission_closes)}截止，撤回后不能重新提交，因此不能撤回修改。"
    return Refusal("recall_too_late", sentence, "五（二）1")


def commitment_signed(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse without the commitment."""
    if facts.committed:
        return None
    return Refusal("not_committed", "请在申报表末尾确认真实性承诺。", "五（二）3")


def self_verdict_passes(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a self-assessment that fails a gate, if the cycle says so."""
    verdict = facts.self_verdict
    if not facts.failing_self_blocks or verdict is None or verdict.eligible:
        return None
    return Refusal("self_verdict_fails", "自评未达到认定条件：" + "".join(verdict.reasons), "五（一）")


def returned_items_answered(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse while an item of the return has no answer."""
    if not facts.unanswered_items:
        return None
    return Refusal(
        "items_unanswered", f"退回事项还未逐项说明：{_named(facts.unanswered_items)}。", "五（二）1"
    )


def own_list_is_open(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to take a case out of a list that is frozen; reserves are not on the list that goes up."""
    if facts.state != State.SHORTLISTED or facts.is_reserve:
        return None
    return list_is_open(facts, act)


def due_in_time(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a date for the chamber that is past, or later than the tier's own deadline."""
    due, limit = act.details.get("due"), facts.return_limit
    if due is None or limit is None or facts.now < due <= limit:
        return None
    if due <= facts.now:
        return Refusal("due_past", f"修改期限{_moment(due)}已过，请另定日期。", "五（二）1")
    office = facts.holder_level.label if facts.holder_level is not None else "本级"
    mend = "请由上级工商联接办，或由全国工商联批准延期" if limit <= facts.now else "请提前"
    sentence = f"修改期限{_moment(due)}晚于{office}审核截止时间{_moment(limit)}，{mend}。"
    return Refusal("due_too_late", sentence, "五（二）1")


def returned_items_settled(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse while the tier has not said of each item that it returned whether it is mended."""
    if not facts.unsettled_items:
        return None
    sentence = f"退回事项重新提交后须逐项核对，尚缺：{_named(facts.unsettled_items)}。"
    return Refusal("items_unsettled", sentence, "五（二）1")


# ---- lower tiers look again at named rows


def not_in_round(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse what a tier does with a whole case while it looks at named rows alone."""
    if facts.delta is None:
        return None
    sentence = f"本级只核对变动的指标，核对后交{facts.delta.awaited_by}办理，不在本级办理这一步。"
    return Refusal("in_round", sentence, "五（二）1")


def in_round(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to end a look at named rows where there is none."""
    if facts.delta is not None:
        return None
    return Refusal("not_in_round", "本件没有待核对的变动指标。", "五（二）1")


def round_rows_settled(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse while a row of the round is not confirmed, or has no mark."""
    if facts.delta is None or not facts.delta.open_rows:
        return None
    return Refusal("rows_open", f"变动的指标须逐项核对，尚缺：{_named(facts.delta.open_rows)}。", "五（二）1")


def round_differences_reasoned(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a mark of the round that differs from the layer below without a reason."""
    if facts.delta is None or not facts.delta.unreasoned_rows:
        return None
    named = _named(facts.delta.unreasoned_rows)
    return Refusal("differences_unreasoned", f"审核得分与下一级不同的指标须写明理由：{named}。", "五（二）1")


def round_opinion_given(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse without a new opinion where a mark has changed, or the tier above asked for one."""
    if facts.delta is None or not facts.delta.wants_opinion:
        return None
    opinion = facts.opinion
    if opinion is None or not opinion.text.strip():
        why = "上级要求重写审核意见" if facts.delta.opinion_asked else "核对后得分有变动"
        return Refusal("opinion_missing", f"{why}，请重新填写本级审核意见。", "五（二）1")
    return opinion_given(facts, act)


def opinion_is_asked(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a new opinion in a round in which no mark has changed: the old one holds."""
    if facts.delta is None or facts.delta.wants_opinion:
        return None
    return Refusal("opinion_holds", "得分没有变动，本级原审核意见继续有效，不需另写。", "五（二）1")


def tier_below(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to send a case down where no tier lies below."""
    if facts.lower_tiers:
        return None
    return Refusal("no_tier_below", "本件没有经下级工商联审核，不能退回下级。", "五（二）1")


def redo_named(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to send a case down without saying what is to be redone: rows, or the opinion, each in words."""
    rows = act.details.get("rows", ())
    if not rows and not act.details.get("opinion"):
        return Refusal("redo_missing", "请指明下级须重新审核的指标，或者要求重写审核意见。", "五（二）1")
    if any(not one.text.strip() for one in rows):
        return Refusal("redo_unexplained", "请逐项写明重新审核的要求。", "五（二）1")
    return None


# ---- not recommended: one second look


def _no_decline() -> Refusal:
    return Refusal("not_declined", "本件没有不予推荐的决定。")


def look_not_taken(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a second request to the same tier."""
    declined = facts.declined
    if declined is None:
        return _no_decline()
    if declined.looked or declined.asked:
        return Refusal("look_taken", f"已向{declined.office}申请过复核，每一级只能申请一次。")
    return None


def look_in_time(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a request after its days are over; they run from the day the chamber was told."""
    closes = facts.declined.closes if facts.declined is not None else None
    if closes is None or facts.now < closes:
        return None
    days = facts.second_look_days
    return Refusal("look_too_late", f"申请复核限收到告知后{days}个工作日内，已于{_moment(closes)}截止。")


def look_offered(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse where the cycle offers no second look."""
    if facts.second_look_days:
        return None
    return Refusal("look_not_offered", "本周期不受理复核申请。")


def look_asked(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to settle what nobody asked for, or what is settled."""
    declined = facts.declined
    if declined is not None and declined.asked and not declined.settled:
        return None
    return Refusal("look_not_asked", "商会没有待办理的复核申请。")


def another_officer(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse the person who declined, where the office has another."""
    declined = facts.declined
    if declined is None or declined.decliner not in (act.actor, *act.people) or not declined.has_another:
        return None
    return Refusal("another_officer", "不予推荐由您办理，复核须由本单位另一人办理。")


# ---- questions


def question_whole(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a question without words."""
    if str(act.details.get("text", "")).strip():
        return None
    return Refusal("question_empty", "请写明要询问的内容。")


def question_due_in_time(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a date for the answer that is past, or later than the asking office's own term.

    An office whose term is over may still ask, until its tier's deadline.
    """
    due, limit = act.details.get("due"), facts.due_at
    if limit is not None and limit <= facts.now:
        limit = facts.return_limit
    if due is None or (facts.now < due and (limit is None or due <= limit)):
        return None
    if due <= facts.now:
        return Refusal("due_past", f"答复期限{_moment(due)}已过，请另定日期。")
    return Refusal("due_too_late", f"答复期限{_moment(due)}晚于本级办理期限{_moment(limit)}，请提前。")


# ---- the tiers


def below_unit(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to forward where the holder itself recommends."""
    if not facts.holder_is_unit:
        return None
    return Refusal("at_unit", "本级即为推荐单位，请列入拟推荐名单，不再向上级转报。", "五（二）1")


def before_tier_closes(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to forward once the tier's own window has closed; then the superior takes the case over."""
    if facts.holder_level is None or facts.holder_closes is None or facts.now < facts.holder_closes:
        return None
    sentence = (
        f"{facts.holder_level.label}审核已于{_moment(facts.holder_closes)}截止，本级不能再报。"
        "请由上级工商联接办，或由全国工商联批准延期。"
    )
    return Refusal("tier_deadline_passed", sentence, "五（二）1")


def holder_overdue(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to take a case over before its holder's term is over, unless all of the holder's staff step back."""
    if facts.office_recused or (facts.due_at is not None and facts.now >= facts.due_at):
        return None
    until = f"，限{_moment(facts.due_at)}" if facts.due_at is not None else ""
    return Refusal("not_overdue", f"本件由{facts.holder_name}办理{until}，尚未逾期，不能接办。", "五（二）1")


def forward_place_left(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to forward one case more than a hard limit of the tier allows."""
    if facts.limit is None or not facts.limit_hard or facts.limit_used < facts.limit:
        return None
    sentence = f"本级报送名额已满（{facts.limit_used}/{facts.limit}）。名额由上级工商联设定。"
    return Refusal("limit_full", sentence, "四")


def at_unit(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to shortlist below the unit that holds the quota."""
    if facts.holder_is_unit:
        return None
    return Refusal("below_unit", "本级不持有推荐名额，请报上级审核。", "五（二）1")


def opinion_given(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse without the tier's opinion, its conclusion and its word that the material was checked."""
    if facts.opinion is None or not facts.opinion.text.strip():
        return Refusal("opinion_missing", "请先填写本级审核意见。", "五（二）1")
    if facts.opinion.stance is None:
        return Refusal("stance_missing", "请先在审核意见中选定本级结论。", "五（二）1")
    if not facts.opinion.authentic:
        return Refusal("not_authenticated", "请先确认已核对申报材料的真实性。", "五（二）3")
    return None


def in_favour(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to send on what the tier's own opinion does not recommend."""
    return _against_opinion(facts, {Stance.AGREE})


def in_favour_or_reserved(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to put among the reserves what the tier's own opinion does not recommend at all."""
    return _against_opinion(facts, {Stance.AGREE, Stance.RESERVE})


def not_in_favour(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to decline what the tier's own opinion recommends."""
    return _against_opinion(facts, {Stance.AGAINST})


def _against_opinion(facts: CaseFacts, fitting: set[Stance]) -> Refusal | None:
    """Refuse a step that the holder's opinion contradicts; one that says nothing yet contradicts nothing."""
    stance = facts.opinion.stance if facts.opinion is not None else None
    if stance is None or stance in fitting:
        return None
    sentence = f"本级审核意见的结论为“{stance.label}”，与这一步不一致，请先修改审核意见。"
    return Refusal("stance_differs", sentence, "五（二）1")


def opinion_written(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse an empty opinion."""
    if str(act.details.get("text", "")).strip():
        return None
    return Refusal("opinion_empty", "请填写审核意见。", "五（二）1")


def key_rows_marked(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse while the holder has not marked every veto and baseline row."""
    if not facts.holder_unmarked_key_rows:
        return None
    sentence = f"否决项和基础达标项须逐项审核打分，尚缺：{_named(facts.holder_unmarked_key_rows)}。"
    return Refusal("key_rows_unmarked", sentence, "五（一）")


def unit_rows_marked(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse while the recommending unit has not marked every row."""
    if not facts.holder_unmarked_rows:
        return None
    return Refusal(
        "unit_rows_unmarked", f"本级审核还有未打分的指标：{_named(facts.holder_unmarked_rows)}。", "五（二）1"
    )


def differences_reasoned(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a mark that differs from the layer below without a reason."""
    if not facts.holder_unreasoned_rows:
        return None
    sentence = f"审核得分与下一级不同的指标须写明理由：{_named(facts.holder_unreasoned_rows)}。"
    return Refusal("differences_unreasoned", sentence, "五（二）1")


def unit_verdict_passes(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to recommend what fails a gate in the unit's own layer."""
    verdict = facts.holder_verdict
    if verdict is not None and verdict.eligible:
        return None
    reasons = "".join(verdict.reasons) if verdict else "本级尚未打分。"
    return Refusal("unit_verdict_fails", "按本级审核得分，未达到认定条件：" + reasons, "五（一）")


def place_left(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse when the unit's places are used up."""
    if facts.places is None:
        return Refusal("no_quota", "本周期尚未给本单位分配推荐名额。", "四")
    if facts.places_used < facts.places:
        return None
    return Refusal("quota_full", f"推荐名额已满（{facts.places_used}/{facts.places}），可列为备选。", "四")


def list_is_open(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to change the list once it is frozen."""
    if facts.batch_state in {None, BatchState.OPEN}:
        return None
    return Refusal("list_frozen", "推荐名单已固定，如需调整请先重新打开名单。", "五（二）1")


def is_a_reserve(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to list what is listed."""
    return None if facts.is_reserve else Refusal("already_listed", "本件已列入拟推荐。", "五（二）1")


def is_listed(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to make a reserve of what is one."""
    return Refusal("already_reserve", "本件已列为备选。", "五（二）1") if facts.is_reserve else None


def list_has_gone_up(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to move a reserve up before its unit's list was sent."""
    if facts.batch_state in {BatchState.UPLOADED, BatchState.ACCEPTED}:
        return None
    return Refusal("list_not_sent", "推荐名单尚未上报，不能递补。", "五（二）1")


def returns_left(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse one return too many."""
    if facts.returns < facts.returns_max:
        return None
    return Refusal("returns_used", f"本件已退回{facts.returns}次，达到上限。", "")


def items_named(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a return that does not name what to mend, each in words."""
    items = act.details.get("items")
    if not items:
        return Refusal("items_missing", "请至少写明一项需要修改的指标或字段，并逐项说明原因。", "")
    unsaid = tuple(item.label for item in items if not item.text.strip())
    return Refusal("items_unsaid", f"请逐项写明需要怎样修改，尚缺：{_named(unsaid)}。", "") if unsaid else None


def reason_given(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a grave step without its reason."""
    if act.reason.strip():
        return None
    return Refusal("reason_missing", "请写明理由。", "")


def before_province_closes(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse what comes after the national deadline."""
    if facts.now < facts.province_closes:
        return None
    return Refusal("unit_deadline_passed", f"推荐上报已于{_moment(facts.province_closes)}截止。", "五（二）1")


def on_the_list(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to send up a reserve."""
    if not facts.is_reserve:
        return None
    return Refusal("is_reserve", "备选对象不随名单上报。", "四")


def meeting_held(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to send up what the leading body has not decided."""
    if facts.batch_state == BatchState.UPLOADED:
        return None
    return Refusal("no_meeting", "推荐名单须经领导班子集体研究后，由分管领导整体上报。", "五（二）1")


def upload_recalled(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to take a case back by itself: the whole list is recalled."""
    if facts.batch_state in {BatchState.SEALED, BatchState.MEETING_HELD}:
        return None
    return Refusal("not_recalled", "推荐名单尚未撤回上报，单件不能撤回。", "五（二）1")


def list_is_before_meeting(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to strike a case but from the frozen list that a meeting decides on."""
    if facts.batch_state == BatchState.FROZEN:
        return None
    return Refusal("no_meeting_now", "只有集体研究固定的名单时可以决定不列入。", "五（二）1")


# ---- the national review


def batch_accepted(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to take up a case whose list was not accepted."""
    if facts.batch_state == BatchState.ACCEPTED:
        return None
    return Refusal("batch_not_accepted", "该省推荐名单尚未接收。", "五（二）3")


def three_answers_yes(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to pass a case unless complete, logical and true are all answered yes."""
    asked = {"材料是否齐全": facts.preliminary.complete, "内容逻辑是否通顺": facts.preliminary.logical}
    asked["材料与事实是否相符"] = facts.preliminary.true
    lacking = tuple(question for question, answer in asked.items() if answer is not True)
    if not lacking:
        return None
    return Refusal("answers_lacking", f"初审三问须全部为“是”才能通过，尚缺：{_named(lacking)}。", "五（二）3")


def visit_settled(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to pass a case while a spot check of it is open, or while nothing was done about what it found untrue."""
    if facts.visit_open is not None:
        sentence = (
            f"本件列为实地抽查对象，现为“{facts.visit_open.label}”，调研组核定后才能通过初审；"
            "不需走访的，由会员部负责人写明理由免于走访。"
        )
        return Refusal("visit_open", sentence, "五（二）2")
    if facts.visit_untrue:
        sentence = "实地抽查核定为不实，须先提出取消认定资格；不提出的，由会员部负责人写明理由。"
        return Refusal("visit_untrue", sentence, "五（二）3")
    return None


def not_flagged(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse while a disqualification is proposed and not settled."""
    if not facts.preliminary.flagged:
        return None
    return Refusal("flagged", "本件已提出取消认定资格，须先办结。", "五（二）3")


def everything_noted(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to pass while something that the machine found has no word of the reviewer."""
    unnoted = facts.preliminary.unnoted
    if not unnoted:
        return None
    return Refusal("findings_unnoted", f"系统发现的情况须逐项核对，尚缺{len(unnoted)}项：{unnoted[0]}", "五（二）3")


def not_clarifying(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse while the unit is asked to clarify something."""
    if not facts.preliminary.clarifying:
        return None
    return Refusal("clarifying", "已请推荐单位说明材料问题，须先办结。", "五（二）3")


def is_clarifying(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to end what was not asked."""
    if facts.preliminary.clarifying:
        return None
    return Refusal("not_clarifying", "没有待说明的材料问题。", "五（二）3")


def clarification_offered(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse where the cycle knows no clarification; the notice does not speak of one."""
    if facts.clarifies:
        return None
    return Refusal("no_clarification", "本周期不设材料问题说明。", "通知未规定")


def clarification_unused(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a second clarification."""
    if not facts.preliminary.clarified:
        return None
    return Refusal("clarified", "每件只能请推荐单位说明一次材料问题。", "通知未规定")


def clarification_over(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to end a clarification without an answer before its term."""
    due = facts.preliminary.answer_due
    if not facts.preliminary.clarifying or due is None or facts.now >= due:
        return None
    return Refusal("clarification_waits", f"推荐单位的说明期限为{_moment(due)}，期满前不能收回。", "通知未规定")


def items_cited(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse what does not name the rows or fields it is about, each with the evidence."""
    items = act.details.get("items")
    if not items:
        return Refusal("items_missing", "请至少写明一项涉及的指标或字段，并逐项写明依据。", "五（二）3")
    unsaid = tuple(item.label for item in items if not item.text.strip())
    return Refusal("items_unsaid", f"请逐项写明依据，尚缺：{_named(unsaid)}。", "五（二）3") if unsaid else None


def is_flagged(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to disqualify what nobody proposed to disqualify."""
    if facts.preliminary.flagged:
        return None
    return Refusal("not_flagged", "尚未提出取消认定资格。", "五（二）3")


def one_ground(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse unless exactly one of the notice's three grounds is named."""
    if act.details.get("ground") in Ground.values:
        return None
    return Refusal(
        "ground_missing",
        "取消认定资格只能依据三类事由之一：报送材料不全、内容逻辑不通、与事实不符。",
        "五（二）3",
    )


def second_person(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse the person who proposed, also through somebody's place, where the cycle asks for two persons."""
    acting = {*act.people, act.actor} - {None}
    if not facts.two_disqualify or acting.isdisjoint(facts.preliminary.proposers):
        return None
    return Refusal("second_person", "提出人不能自己确认，请由另一人办理。", "五（二）3")


def province_heard(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse until the province has answered or its time is over."""
    asked = facts.preliminary
    if not asked.flagged or asked.answered or (asked.answer_due is not None and facts.now >= asked.answer_due):
        return None
    until = _moment(asked.answer_due) if asked.answer_due else ""
    return Refusal("province_not_heard", f"须先与省级工商联沟通：等待答复至{until}。", "五（二）3")


def sheet_complete(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to confirm a sheet with rows that are unmarked or differ from the province's without a reason."""
    unmarked: tuple[str, ...] = act.details.get("unmarked", ())
    unreasoned: tuple[str, ...] = act.details.get("unreasoned", ())
    if unmarked:
        return Refusal("sheet_unmarked", f"评分表还有未打分的指标：{_named(unmarked)}。", "五（二）3")
    if unreasoned:
        return Refusal(
            "sheet_unreasoned", f"与省级审核得分不同的指标须写明理由：{_named(unreasoned)}。", "五（二）3"
        )
    return None


def sheets_all_in(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse the verdict until every assigned sheet is confirmed and there are enough of them."""
    if facts.sheets >= facts.readers and facts.sheets_confirmed == facts.sheets:
        return None
    found = f"现已分派{facts.sheets}名、确认{facts.sheets_confirmed}名"
    third = f"须有第三名专家：{facts.third_reason}。" if facts.third_reason else ""
    sentence = f"每件须有{facts.readers}名专家评分并全部确认，{found}。{third}"
    return Refusal("sheets_open", sentence, "五（二）3")


def marked_rows_agreed(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse until the group has agreed one mark for each veto and baseline row."""
    if not facts.unsettled_rows:
        return None
    sentence = f"否决项和基础达标项须由专家组商定一致得分，尚缺：{_named(facts.unsettled_rows)}。"
    return Refusal("rows_unsettled", sentence, "五（一）")


def marked_rows_carried(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse an agreed mark for which no more than half of the readers are."""
    if not facts.uncarried_rows:
        return None
    sentence = f"商定得分须由过半数评审专家同意，尚未过半数：{_named(facts.uncarried_rows)}。"
    return Refusal("rows_uncarried", sentence, "五（一）")


def veto_zero_evidenced(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a veto row at 0 without the evidence it rests on."""
    if not facts.veto_without_evidence:
        return None
    return Refusal(
        "veto_unproven", f"否决项判0分须写明理由并列明依据：{_named(facts.veto_without_evidence)}。", "五（一）"
    )


def panel_passes(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to propose what fails a gate."""
    if facts.panel_verdict is not None and facts.panel_verdict.eligible:
        return None
    reasons = "".join(facts.panel_verdict.reasons) if facts.panel_verdict else "尚无复审得分。"
    return Refusal("panel_fails", "按复审得分未达到认定条件：" + reasons, "五（一）")


def panel_fails(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to rule out what passes every gate."""
    if facts.panel_verdict is not None and not facts.panel_verdict.eligible:
        return None
    return Refusal("panel_passes", "按复审得分已达到认定条件，应列为拟认定。", "五（一）")


def not_on_agenda(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to put a case on two open agendas."""
    if not facts.on_agenda:
        return None
    return Refusal("on_agenda", "本件已列入待审议名单。", "五（二）4")


def on_agenda(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a decision on a case that was not put before the meeting."""
    if facts.on_agenda:
        return None
    return Refusal("not_on_agenda", "本件尚未提请主席办公会议审议。", "五（二）4")


def meeting_minuted(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a decision without date, attendance and minutes of the meeting."""
    if facts.meeting_recorded:
        return None
    return Refusal("minutes_missing", "请先登记会议日期、出席人员和会议纪要。", "五（二）4")


# ---- withdrawing after the list went up: none of this is in the notice


def withdrawal_in_time(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse once a list of the cycle is before the meeting; alike for every case whose outcome is not told yet."""
    if facts.state not in UNDER_DELIBERATION:
        return None
    if facts.released:
        return Refusal("results_released", "本周期结果已经公开，不能撤回。", NOT_IN_NOTICE)
    if facts.deliberated:
        return Refusal("meeting_begun", "本周期已提请主席办公会议审议，不能再撤回。", NOT_IN_NOTICE)
    return None


def no_withdrawal_open(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a second request while one is open."""
    if facts.withdrawal is None:
        return None
    waits = "全国工商联会员部办理" if facts.withdrawal.agreed else "推荐单位提出意见"
    return Refusal("withdrawal_open", f"已申请撤回，等待{waits}，不能重复申请。", NOT_IN_NOTICE)


def withdrawal_asked(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to answer what was not asked."""
    if facts.withdrawal is not None:
        return None
    return Refusal("no_withdrawal", "没有待办理的撤回申请。", NOT_IN_NOTICE)


def unit_not_heard(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a second word of the unit."""
    if facts.withdrawal is None or not facts.withdrawal.agreed:
        return None
    return Refusal("unit_heard", "推荐单位已同意撤回，等待全国工商联会员部办理。", NOT_IN_NOTICE)


def unit_agrees(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to accept before the recommending unit has agreed."""
    if facts.withdrawal is None or facts.withdrawal.agreed:
        return None
    return Refusal("unit_not_heard", "推荐单位尚未同意撤回，不能接受。", NOT_IN_NOTICE)


def list_was_accepted(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to take a case out of a list that came up and was not accepted: its unit may still recall it."""
    if facts.state != State.RECOMMENDED or facts.batch_state == BatchState.ACCEPTED:
        return None
    sentence = "推荐名单尚未接收，接收后再办理；接收前推荐单位可以撤回上报。"
    return Refusal("batch_not_accepted", sentence, NOT_IN_NOTICE)


# ---- the public notice and after it: none of this is in the notice


def notice_is_asked(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a public notice where the cycle has none."""
    if facts.public_notice:
        return None
    return Refusal("no_notice", "本周期公布前不公示。", NOT_IN_NOTICE)


def notice_over(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to publish before the public notice is over, where the cycle has one."""
    if facts.state == State.APPROVED:
        if not facts.public_notice:
            return None
        return Refusal("not_announced", "本周期公布前须公示，本件尚未公示。", NOT_IN_NOTICE)
    if facts.notice_closes is not None and facts.now < facts.notice_closes:
        return Refusal("notice_runs", f"公示至{_moment(facts.notice_closes)}，期满后才能公布。", NOT_IN_NOTICE)
    return None


def objections_settled(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to publish while an objection to the case is not settled."""
    if not facts.objections_open:
        return None
    return Refusal("objection_open", f"本件有{facts.objections_open}件异议未办结，暂缓公布。", NOT_IN_NOTICE)


def objection_under_way(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to hold a case back without an objection that was admitted."""
    if facts.objections_under_way:
        return None
    return Refusal("no_objection", "本件没有已受理的异议。", NOT_IN_NOTICE)


def no_objection_under_way(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to go on while an objection is being looked into."""
    if not facts.objections_under_way:
        return None
    words = f"本件还有{facts.objections_under_way}件异议正在核查，办结后再办理。"
    return Refusal("objection_under_way", words, NOT_IN_NOTICE)


def objections_dismissed(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to let a case go on while an objection is looked into or was upheld."""
    if facts.objections_upheld:
        return Refusal("objection_upheld", "本件异议成立，不能恢复公示。", NOT_IN_NOTICE)
    return no_objection_under_way(facts, act)


def objection_upheld(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to reopen a decision that no objection has shaken."""
    if facts.objections_upheld:
        return None
    return Refusal("no_objection_upheld", "没有成立的异议。", NOT_IN_NOTICE)


def objection_upheld_if_held(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to propose disqualification of a held case before an objection is upheld."""
    return objection_upheld(facts, act) if facts.state == State.OBJECTION_HOLD else None


def stood_there(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a correction to a state other than the one before the outcome."""
    if facts.stood_in is not None and act.details.get("back_to", facts.stood_in) == facts.stood_in:
        return None
    return Refusal("not_there_before", "只能更正回作出结果之前的环节。", NOT_IN_NOTICE)


def window_open_again(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to give a case back to somebody whose time is over: first the extension, then the correction."""
    if facts.back_until is None or facts.now < facts.back_until:
        return None
    sentence = (
        f"更正后由申报单位或者工商联继续办理，而办理期限已于{_moment(facts.back_until)}截止。请先由会员部办理延期，再提出更正。"
    )
    return Refusal("back_too_late", sentence, NOT_IN_NOTICE)


def not_declared_again(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to bring a case back whose chamber has another one in the cycle."""
    if not facts.declared_again:
        return None
    return Refusal("declared_again", f"该商会已另行申报（{facts.declared_again}），同一周期只能有一件。", NOT_IN_NOTICE)


def cycle_is_not_over(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse a correction once the next list was published."""
    if not facts.cycle_over:
        return None
    return Refusal("cycle_over", "下一周期名单已经公布，本周期结果不再更正。", NOT_IN_NOTICE)


# ---- a programme that a federation runs for those beneath it


def records_filed(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to apply before what the stages ask for is on record."""
    if not facts.records_missing:
        return None
    sentence = f"申请前须先登记：{_named(facts.records_missing)}。"
    return Refusal("records_missing", sentence, "四")


def findings_closed(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to apply while a finding of the inspection is not put right and closed."""
    if not facts.findings_open:
        return None
    sentence = f"督查问题须整改到位、由督查单位销号后才能申请，尚有：{_named(facts.findings_open)}。"
    return Refusal("findings_open", sentence, "四（四）")


def score_passes(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to recognise below the score that the programme asks for."""
    verdict = facts.holder_verdict
    if verdict is not None and verdict.eligible:
        return None
    reasons = "".join(verdict.reasons) if verdict is not None else "本级尚未打分。"
    return Refusal("score_fails", f"按考评得分未达到认定条件：{reasons}", "四（五）")


def score_fails(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to end without recognition what has the score."""
    verdict = facts.holder_verdict
    if verdict is not None and not verdict.eligible:
        return None
    return Refusal("score_passes", "按考评得分已达到认定条件，应予认定。", "四（五）")


def list_not_issued(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to decide once the list of the cycle is given out."""
    if not facts.circular:
        return None
    return Refusal("circular_issued", f"本周期的名单已印发（{facts.circular}），不能再办理。", NOT_IN_PLAN)


def not_with_above(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to send up what is with the level above, or was confirmed by it."""
    if facts.upward in {None, UpwardState.RETURNED}:
        return None
    return Refusal("sent_up", f"本件已择优上报，现为“{facts.upward.label}”，不能重复上报。", "四（五）")


def with_above(facts: CaseFacts, act: Act) -> Refusal | None:
    """Refuse to answer what was not sent up, or is answered."""
    if facts.upward == UpwardState.SENT:
        return None
    word = f"现为“{facts.upward.label}”" if facts.upward is not None else "尚未上报"
    return Refusal("not_waiting_above", f"本件{word}，没有待办理的上报。", "四（五）")


def cited(clause: str, *guards: Guard) -> tuple[Guard, ...]:
    """Return guards of one programme for the table of another, each refusal with the clause that this one rests on."""
    return tuple(_Cited(clause, guard) for guard in guards)


@dataclass(frozen=True)
class _Cited:
    """A guard that quotes another clause; compares and is named like the guard itself."""

    clause: str
    guard: Guard

    @property
    def __name__(self) -> str:
        return self.guard.__name__

    def __call__(self, facts: CaseFacts, act: Act) -> Refusal | tuple[Refusal, ...] | None:
        said = self.guard(facts, act)
        if isinstance(said, tuple):
            return tuple(replace(one, clause=self.clause) for one in said)
        return None if said is None else replace(said, clause=self.clause)


def plain(guard: Guard) -> Guard:
    """Return the guard itself, whatever clause it is cited with."""
    return guard.guard if isinstance(guard, _Cited) else guard
