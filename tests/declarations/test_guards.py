"""Each guard on both sides of its boundary, with the sentence that people read."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from declarations import guards
from declarations.guards import Act, CaseFacts, Judged, Opinion, Preliminary, Withdrawal
from declarations.states import BatchState, Stance, State

BEIJING = ZoneInfo("Asia/Shanghai")
CLOSES = datetime(2020, 10, 13, tzinfo=BEIJING)
UP = datetime(2020, 10, 16, tzinfo=BEIJING)
SECOND = timedelta(seconds=1)
OURS = guards.NOT_IN_NOTICE
PASSING = Judged(True, Decimal(400))
FAILING = Judged(False, Decimal(340), ("总分340，低于350。",))

FACTS = CaseFacts(
    state=State.DRAFT,
    now=CLOSES - SECOND,
    opens_at=datetime(2020, 3, 31, tzinfo=BEIJING),
    submission_closes=CLOSES,
    province_closes=UP,
    committed=True,
    self_verdict=PASSING,
    holder_is_unit=True,
    opinion=Opinion("同意", True, Stance.AGREE),
    holder_verdict=PASSING,
    places=1,
    places_used=0,
    batch_state=BatchState.MEETING_HELD,
    preliminary=Preliminary(complete=True, logical=True, true=True),
    sheets=2,
    sheets_confirmed=2,
    panel_verdict=PASSING,
    on_agenda=True,
    meeting_recorded=True,
)
ACT = Act(actor=7, reason="理由")

# guard, what makes it refuse, the sentence, the clause
REFUSING = [
    (
        guards.before_submission_closes,
        {"now": CLOSES},
        "申报已于2020年10月12日24:00截止，不能再提交。确有特殊情况的，请与所在地工商联联系。",
        "五（二）1",
    ),
    (
        guards.cycle_is_open,
        {"now": datetime(2020, 3, 30, 23, 59, 59, tzinfo=BEIJING)},
        "本周期自2020年3月31日起接受申报。",
        "五（二）1",
    ),
    (
        guards.form_complete,
        {"missing_fields": ("商会名称", "联系人")},
        "申报表还有必填项未填：商会名称、联系人。",
        "五（二）3",
    ),
    (guards.form_faultless, {"faulty_fields": ("会员数",)}, "申报表有填写错误：会员数。", "五（二）3"),
    (
        guards.carried_confirmed,
        {"carried_fields": ("会员数", "秘书长姓名")},
        "上期沿用，未确认2项。请逐项核对，确认无误或者改正。",
        "五（二）3",
    ),
    (
        guards.every_row_marked,
        {"unmarked_rows": ("A1.1学习",)},
        "自评表还有未打分的指标：A1.1学习。",
        "五（一）",
    ),
    (
        guards.every_mark_proven,
        {"unproven_rows": ("A1.1学习",)},
        "自评得分大于0的指标须上传佐证材料或写明实际情况：A1.1学习。",
        "五（二）3",
    ),
    (guards.commitment_signed, {"committed": False}, "请在申报表末尾确认真实性承诺。", "五（二）3"),
    (
        guards.self_verdict_passes,
        {"self_verdict": FAILING},
        "自评未达到认定条件：总分340，低于350。",
        "五（一）",
    ),
    (
        guards.returned_items_answered,
        {"unanswered_items": ("A1.1学习",)},
        "退回事项还未逐项说明：A1.1学习。",
        "五（二）1",
    ),
    (
        guards.below_unit,
        {"holder_is_unit": True},
        "本级即为推荐单位，请列入拟推荐名单，不再向上级转报。",
        "五（二）1",
    ),
    (guards.at_unit, {"holder_is_unit": False}, "本级不持有推荐名额，请报上级审核。", "五（二）1"),
    (guards.opinion_given, {"opinion": None}, "请先填写本级审核意见。", "五（二）1"),
    (
        guards.opinion_given,
        {"opinion": Opinion("同意", False, Stance.AGREE)},
        "请先确认已核对申报材料的真实性。",
        "五（二）3",
    ),
    (
        guards.key_rows_marked,
        {"holder_unmarked_key_rows": ("A1.1学习",)},
        "否决项和基础达标项须逐项审核打分，尚缺：A1.1学习。",
        "五（一）",
    ),
    (
        guards.unit_rows_marked,
        {"holder_unmarked_rows": ("A1.2",)},
        "本级审核还有未打分的指标：A1.2。",
        "五（二）1",
    ),
    (
        guards.differences_reasoned,
        {"holder_unreasoned_rows": ("A1.2",)},
        "审核得分与下一级不同的指标须写明理由：A1.2。",
        "五（二）1",
    ),
    (
        guards.unit_verdict_passes,
        {"holder_verdict": FAILING},
        "按本级审核得分，未达到认定条件：总分340，低于350。",
        "五（一）",
    ),
    (
        guards.unit_verdict_passes,
        {"holder_verdict": None},
        "按本级审核得分，未达到认定条件：本级尚未打分。",
        "五（一）",
    ),
    (guards.place_left, {"places": 47, "places_used": 47}, "推荐名额已满（47/47），可列为备选。", "四"),
    (guards.place_left, {"places": None}, "本周期尚未给本单位分配推荐名额。", "四"),
    (
        guards.list_is_open,
        {"batch_state": BatchState.FROZEN},
        "推荐名单已固定，如需调整请先重新打开名单。",
        "五（二）1",
    ),
    (
        guards.own_list_is_open,
        {"state": State.SHORTLISTED},
        "推荐名单已固定，如需调整请先重新打开名单。",
        "五（二）1",
    ),
    (guards.returns_left, {"returns": 3, "returns_max": 3}, "本件已退回3次，达到上限。", ""),
    (guards.before_province_closes, {"now": UP}, "推荐上报已于2020年10月15日24:00截止。", "五（二）1"),
    (guards.on_the_list, {"is_reserve": True}, "备选对象不随名单上报。", "四"),
    (
        guards.meeting_held,
        {"batch_state": BatchState.FROZEN},
        "推荐名单须经领导班子集体研究后，由分管领导整体上报。",
        "五（二）1",
    ),
    (
        guards.upload_recalled,
        {"batch_state": BatchState.UPLOADED},
        "推荐名单尚未撤回上报，单件不能撤回。",
        "五（二）1",
    ),
    (
        guards.list_is_before_meeting,
        {"batch_state": BatchState.MEETING_HELD},
        "只有集体研究固定的名单时可以决定不列入。",
        "五（二）1",
    ),
    (guards.batch_accepted, {"batch_state": BatchState.UPLOADED}, "该省推荐名单尚未接收。", "五（二）3"),
    (
        guards.withdrawal_in_time,
        {"state": State.PROPOSED, "deliberated": True},
        "本周期已提请主席办公会议审议，不能再撤回。",
        OURS,
    ),
    # Alike for a case that is ruled out: the answer tells no outcome.
    (
        guards.withdrawal_in_time,
        {"state": State.NOT_ELIGIBLE, "deliberated": True},
        "本周期已提请主席办公会议审议，不能再撤回。",
        OURS,
    ),
    (
        guards.withdrawal_in_time,
        {"state": State.NOT_ELIGIBLE, "deliberated": True, "released": True},
        "本周期结果已经公开，不能撤回。",
        OURS,
    ),
    (
        guards.no_withdrawal_open,
        {"withdrawal": Withdrawal()},
        "已申请撤回，等待推荐单位提出意见，不能重复申请。",
        OURS,
    ),
    (
        guards.no_withdrawal_open,
        {"withdrawal": Withdrawal(agreed=True)},
        "已申请撤回，等待全国工商联会员部办理，不能重复申请。",
        OURS,
    ),
    (guards.withdrawal_asked, {}, "没有待办理的撤回申请。", OURS),
    (
        guards.unit_not_heard,
        {"withdrawal": Withdrawal(agreed=True)},
        "推荐单位已同意撤回，等待全国工商联会员部办理。",
        OURS,
    ),
    (guards.unit_agrees, {"withdrawal": Withdrawal()}, "推荐单位尚未同意撤回，不能接受。", OURS),
    (
        guards.list_was_accepted,
        {"state": State.RECOMMENDED, "batch_state": BatchState.UPLOADED},
        "推荐名单尚未接收，接收后再办理；接收前推荐单位可以撤回上报。",
        OURS,
    ),
    (
        guards.three_answers_yes,
        {"preliminary": Preliminary(True, False, None)},
        "初审三问须全部为“是”才能通过，尚缺：内容逻辑是否通顺、材料与事实是否相符。",
        "五（二）3",
    ),
    (
        guards.not_flagged,
        {"preliminary": Preliminary(flagged=True)},
        "本件已提出取消认定资格，须先办结。",
        "五（二）3",
    ),
    (guards.is_flagged, {}, "尚未提出取消认定资格。", "五（二）3"),
    (
        guards.second_person,
        {"preliminary": Preliminary(proposers=frozenset({7}))},
        "提出人不能自己确认，请由另一人办理。",
        "五（二）3",
    ),
    (
        guards.province_heard,
        {"preliminary": Preliminary(flagged=True, answer_due=CLOSES)},
        "须先与省级工商联沟通：等待答复至2020年10月12日24:00。",
        "五（二）3",
    ),
    (
        guards.sheets_all_in,
        {"sheets_confirmed": 1},
        "每件须有2名专家评分并全部确认，现已分派2名、确认1名。",
        "五（二）3",
    ),
    (
        guards.sheets_all_in,
        {"sheets": 1, "sheets_confirmed": 1},
        "每件须有2名专家评分并全部确认，现已分派1名、确认1名。",
        "五（二）3",
    ),
    (
        guards.marked_rows_agreed,
        {"unsettled_rows": ("A1.1",)},
        "否决项和基础达标项须由专家组商定一致得分，尚缺：A1.1。",
        "五（一）",
    ),
    (
        guards.veto_zero_evidenced,
        {"veto_without_evidence": ("D1.1",)},
        "否决项判0分须写明理由并列明依据：D1.1。",
        "五（一）",
    ),
    (
        guards.panel_passes,
        {"panel_verdict": FAILING},
        "按复审得分未达到认定条件：总分340，低于350。",
        "五（一）",
    ),
    (guards.panel_fails, {}, "按复审得分已达到认定条件，应列为拟认定。", "五（一）"),
    (guards.not_on_agenda, {}, "本件已列入待审议名单。", "五（二）4"),
    (guards.on_agenda, {"on_agenda": False}, "本件尚未提请主席办公会议审议。", "五（二）4"),
    (
        guards.meeting_minuted,
        {"meeting_recorded": False},
        "请先登记会议日期、出席人员和会议纪要。",
        "五（二）4",
    ),
]

# guard, what lets it pass although it stands hard at the boundary
PASSING_AT_THE_BOUNDARY = [
    (guards.before_submission_closes, {"now": CLOSES - SECOND}),
    (guards.cycle_is_open, {"now": FACTS.opens_at}),
    (guards.form_complete, {}),
    (guards.form_faultless, {}),
    (guards.carried_confirmed, {}),
    (guards.every_row_marked, {}),
    (guards.every_mark_proven, {}),
    (guards.commitment_signed, {}),
    (guards.self_verdict_passes, {}),
    (guards.self_verdict_passes, {"self_verdict": FAILING, "failing_self_blocks": False}),
    (guards.returned_items_answered, {}),
    (guards.below_unit, {"holder_is_unit": False}),
    (guards.at_unit, {}),
    (guards.opinion_given, {}),
    (guards.key_rows_marked, {}),
    (guards.unit_rows_marked, {}),
    (guards.differences_reasoned, {}),
    (guards.unit_verdict_passes, {}),
    (guards.place_left, {"places": 47, "places_used": 46}),
    (guards.list_is_open, {"batch_state": BatchState.OPEN}),
    (guards.list_is_open, {"batch_state": None}),
    (guards.own_list_is_open, {"state": State.LOCAL_REVIEW}),
    (guards.own_list_is_open, {"state": State.SHORTLISTED, "is_reserve": True}),
    (guards.returns_left, {"returns": 2, "returns_max": 3}),
    (guards.before_province_closes, {"now": UP - SECOND}),
    (guards.on_the_list, {}),
    (guards.meeting_held, {"batch_state": BatchState.UPLOADED}),
    (guards.upload_recalled, {"batch_state": BatchState.SEALED}),
    (guards.upload_recalled, {"batch_state": BatchState.MEETING_HELD}),
    (guards.list_is_before_meeting, {"batch_state": BatchState.FROZEN}),
    (guards.batch_accepted, {"batch_state": BatchState.ACCEPTED}),
    (guards.three_answers_yes, {}),
    (guards.not_flagged, {}),
    (guards.is_flagged, {"preliminary": Preliminary(flagged=True)}),
    (guards.second_person, {"preliminary": Preliminary(proposers=frozenset({8}))}),
    (guards.second_person, {"preliminary": Preliminary(proposers=frozenset({7})), "two_disqualify": False}),
    (guards.province_heard, {"preliminary": Preliminary(flagged=True, answer_due=CLOSES - SECOND)}),
    (guards.province_heard, {"preliminary": Preliminary(flagged=True, answered=True, answer_due=UP)}),
    (guards.province_heard, {}),
    (guards.sheets_all_in, {}),
    (guards.sheets_all_in, {"sheets": 3, "sheets_confirmed": 3}),
    (guards.marked_rows_agreed, {}),
    (guards.veto_zero_evidenced, {}),
    (guards.panel_passes, {}),
    (guards.panel_fails, {"panel_verdict": FAILING}),
    (guards.not_on_agenda, {"on_agenda": False}),
    (guards.on_agenda, {}),
    (guards.meeting_minuted, {}),
    (guards.withdrawal_in_time, {"state": State.PROPOSED}),
    (guards.withdrawal_in_time, {"state": State.NOT_ELIGIBLE}),
    (guards.withdrawal_in_time, {"state": State.EXPERT_REVIEW, "deliberated": True}),
    (guards.no_withdrawal_open, {}),
    (guards.withdrawal_asked, {"withdrawal": Withdrawal()}),
    (guards.unit_not_heard, {"withdrawal": Withdrawal()}),
    (guards.unit_agrees, {"withdrawal": Withdrawal(agreed=True)}),
    (guards.list_was_accepted, {"state": State.RECOMMENDED, "batch_state": BatchState.ACCEPTED}),
    (guards.list_was_accepted, {"state": State.PRELIMINARY_REVIEW, "batch_state": None}),
]


@pytest.mark.parametrize(("guard", "change", "sentence", "clause"), REFUSING)
def test_guard_refuses_with_its_sentence_and_clause(guard, change, sentence, clause):
    refusal = guard(replace(FACTS, **change), ACT)

    assert refusal is not None
    assert (refusal.sentence, refusal.clause) == (sentence, clause)


@pytest.mark.parametrize(("guard", "change"), PASSING_AT_THE_BOUNDARY)
def test_guard_lets_pass_at_the_boundary(guard, change):
    assert guard(replace(FACTS, **change), ACT) is None


@pytest.mark.parametrize(
    ("demand", "act", "sentence"),
    [
        (guards.reason_given, Act(reason="  "), "请写明理由。"),
        (guards.items_named, Act(), "请至少写明一项需要修改的指标或字段，并逐项说明原因。"),
        (guards.opinion_written, Act(details={"text": " "}), "请填写审核意见。"),
        (
            guards.one_ground,
            Act(details={"ground": "other"}),
            "取消认定资格只能依据三类事由之一：报送材料不全、内容逻辑不通、与事实不符。",
        ),
    ],
)
def test_demand_refuses_what_is_handed_in(demand, act, sentence):
    assert demand(FACTS, act).sentence == sentence


@pytest.mark.parametrize(
    ("demand", "act"),
    [
        (guards.reason_given, ACT),
        (guards.items_named, Act(details={"items": [SimpleNamespace(text="补充签到表。")]})),
        (guards.opinion_written, Act(details={"text": "同意"})),
        (guards.one_ground, Act(details={"ground": "untrue"})),
        (guards.sheet_complete, Act()),
    ],
)
def test_demand_takes_what_is_enough(demand, act):
    assert demand(FACTS, act) is None


def test_long_lists_are_cut_and_counted():
    rows = tuple(f"A{number}" for number in range(1, 9))

    refusal = guards.form_complete(replace(FACTS, missing_fields=rows), ACT)

    assert refusal.sentence == "申报表还有必填项未填：A1、A2、A3、A4、A5、A6等8项。"
