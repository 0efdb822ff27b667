"""What stands against returning, looking again at named rows, a second look and a question: both sides, exact words."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from declarations import guards
from declarations.guards import Act, CaseFacts, Declined, Delta, Opinion
from declarations.states import Stance, State
from sihao.accounts.roles import Level

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2020, 10, 9, 10, 0, tzinfo=BEIJING)
COUNTY = datetime(2020, 10, 14, tzinfo=BEIJING)
UP = datetime(2020, 10, 16, tzinfo=BEIJING)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)

FACTS = CaseFacts(
    state=State.LOCAL_REVIEW,
    now=NOW,
    opens_at=NOW - DAY,
    submission_closes=NOW,
    province_closes=UP,
    holder_level=Level.COUNTY,
    return_limit=COUNTY,
    due_at=COUNTY,
)
ROUND = replace(FACTS, delta=Delta(awaited_by="某省工商联"))
DECLINED = Declined(office="某县工商联", decliner=7, closes=COUNTY)
ASKED = replace(DECLINED, asked=True, has_another=True)


ACT = Act(actor=7)


def told(guard, facts, act=ACT):
    refusal = guard(facts, act)
    return refusal.sentence if refusal else None


def due(at):
    return Act(details={"due": at, "text": "请说明。"})


def with_round(**change):
    return replace(FACTS, delta=replace(ROUND.delta, **change))


def with_decline(**change):
    return replace(FACTS, declined=replace(ASKED, **change))


# ---- the date of a return


def test_a_date_up_to_the_tiers_own_deadline_is_taken():
    assert told(guards.due_in_time, FACTS, due(COUNTY)) is None
    assert told(guards.due_in_time, FACTS, due(NOW + SECOND)) is None


def test_a_later_date_is_refused_with_both():
    late = told(guards.due_in_time, FACTS, due(COUNTY + DAY))

    assert late == "修改期限2020年10月14日24:00晚于县级审核截止时间2020年10月13日24:00，请提前。"


def test_a_date_that_is_past_is_refused():
    assert told(guards.due_in_time, FACTS, due(NOW)) == "修改期限2020年10月9日10:00已过，请另定日期。"


def test_after_the_tiers_deadline_no_date_is_left():
    late = replace(FACTS, now=COUNTY)

    assert told(guards.due_in_time, late, due(UP)) == (
        "修改期限2020年10月15日24:00晚于县级审核截止时间2020年10月13日24:00，"
        "请由上级工商联接办，或由全国工商联批准延期。"
    )


def test_each_item_is_returned_in_words():
    items = [SimpleNamespace(label="A1.1 学习", text=" "), SimpleNamespace(label="A1.2 活动", text="补充。")]

    assert told(guards.items_named, FACTS, Act(details={"items": items})) == (
        "请逐项写明需要怎样修改，尚缺：A1.1 学习。"
    )


def test_items_that_came_back_are_settled_before_the_case_goes_on():
    assert told(guards.returned_items_settled, FACTS) is None
    assert told(guards.returned_items_settled, replace(FACTS, unsettled_items=("A1.1 学习",))) == (
        "退回事项重新提交后须逐项核对，尚缺：A1.1 学习。"
    )


# ---- a round of named rows


def test_a_whole_case_is_not_dealt_with_in_a_round():
    assert told(guards.not_in_round, FACTS) is None
    assert told(guards.not_in_round, ROUND) == "本级只核对变动的指标，核对后交某省工商联办理，不在本级办理这一步。"


def test_a_round_is_ended_only_where_there_is_one():
    assert told(guards.in_round, ROUND) is None
    assert told(guards.in_round, FACTS) == "本件没有待核对的变动指标。"


def test_a_round_ends_when_every_row_is_settled():
    assert told(guards.round_rows_settled, ROUND) is None
    assert told(guards.round_rows_settled, with_round(open_rows=("A1.1学习",))) == (
        "变动的指标须逐项核对，尚缺：A1.1学习。"
    )


def test_a_mark_of_a_round_that_differs_carries_its_reason():
    assert told(guards.round_differences_reasoned, ROUND) is None
    assert told(guards.round_differences_reasoned, with_round(unreasoned_rows=("A1.2活动",))) == (
        "审核得分与下一级不同的指标须写明理由：A1.2活动。"
    )


def test_an_opinion_is_asked_for_only_where_a_mark_moved_or_the_tier_above_asked():
    given = Opinion("同意。", authentic=True, stance=Stance.AGREE)

    assert told(guards.round_opinion_given, ROUND) is None
    assert told(guards.round_opinion_given, with_round(moved=True)) == "核对后得分有变动，请重新填写本级审核意见。"
    assert told(guards.round_opinion_given, with_round(opinion_asked=True)) == (
        "上级要求重写审核意见，请重新填写本级审核意见。"
    )
    assert told(guards.round_opinion_given, replace(with_round(moved=True), opinion=given)) is None
    unchecked = replace(with_round(moved=True), opinion=replace(given, authentic=False))
    assert told(guards.round_opinion_given, unchecked) == "请先确认已核对申报材料的真实性。"


def test_an_opinion_that_holds_is_not_written_anew():
    assert told(guards.opinion_is_asked, FACTS) is None
    assert told(guards.opinion_is_asked, with_round(moved=True)) is None
    assert told(guards.opinion_is_asked, ROUND) == "得分没有变动，本级原审核意见继续有效，不需另写。"


def test_a_case_is_sent_down_only_where_a_tier_lies_below():
    assert told(guards.tier_below, replace(FACTS, lower_tiers=("5",))) is None
    assert told(guards.tier_below, FACTS) == "本件没有经下级工商联审核，不能退回下级。"


@pytest.mark.parametrize(
    ("details", "sentence"),
    [
        ({}, "请指明下级须重新审核的指标，或者要求重写审核意见。"),
        ({"rows": [SimpleNamespace(text=" ")]}, "请逐项写明重新审核的要求。"),
        ({"rows": [SimpleNamespace(text="核对签到表。")]}, None),
        ({"opinion": True}, None),
    ],
)
def test_sending_down_says_what_is_to_be_redone(details, sentence):
    assert told(guards.redo_named, FACTS, Act(details=details)) == sentence


# ---- a second look


def test_without_a_decline_there_is_nothing_to_look_at():
    assert told(guards.look_not_taken, FACTS) == "本件没有不予推荐的决定。"


def test_each_tier_looks_a_second_time_once():
    sentence = "已向某县工商联申请过复核，每一级只能申请一次。"

    assert told(guards.look_not_taken, replace(FACTS, declined=DECLINED)) is None
    assert told(guards.look_not_taken, replace(FACTS, declined=replace(DECLINED, asked=True))) == sentence
    assert told(guards.look_not_taken, replace(FACTS, declined=replace(DECLINED, looked=True))) == sentence


def test_a_second_look_is_asked_for_in_time():
    facts = replace(FACTS, declined=DECLINED)

    assert told(guards.look_in_time, replace(facts, now=COUNTY - SECOND)) is None
    assert told(guards.look_in_time, replace(facts, now=COUNTY)) == (
        "申请复核限收到告知后5个工作日内，已于2020年10月13日24:00截止。"
    )
    assert told(guards.look_in_time, replace(facts, now=UP, declined=replace(DECLINED, closes=None))) is None


def test_a_cycle_may_offer_no_second_look():
    assert told(guards.look_offered, replace(FACTS, second_look_days=1)) is None
    assert told(guards.look_offered, replace(FACTS, second_look_days=0)) == "本周期不受理复核申请。"


def test_only_what_was_asked_for_is_settled_and_once():
    assert told(guards.look_asked, with_decline()) is None
    assert told(guards.look_asked, with_decline(asked=False)) == "商会没有待办理的复核申请。"
    assert told(guards.look_asked, with_decline(settled=True)) == "商会没有待办理的复核申请。"


def test_another_than_who_declined_looks_again_where_the_office_has_one():
    assert told(guards.another_officer, with_decline()) == "不予推荐由您办理，复核须由本单位另一人办理。"
    assert told(guards.another_officer, with_decline(has_another=False)) is None
    assert told(guards.another_officer, with_decline(), Act(actor=8)) is None


# ---- questions


def test_a_question_has_words():
    assert told(guards.question_whole, FACTS, due(COUNTY)) is None
    assert told(guards.question_whole, FACTS, Act(details={"text": " \n"})) == "请写明要询问的内容。"


def test_an_answer_is_due_within_the_askers_own_term():
    assert told(guards.question_due_in_time, FACTS, due(COUNTY)) is None
    assert told(guards.question_due_in_time, FACTS, due(NOW)) == "答复期限2020年10月9日10:00已过，请另定日期。"
    assert told(guards.question_due_in_time, FACTS, due(COUNTY + SECOND)) == (
        "答复期限2020年10月14日00:00晚于本级办理期限2020年10月13日24:00，请提前。"
    )
    assert told(guards.question_due_in_time, replace(FACTS, due_at=None), due(UP + DAY)) is None


def test_an_office_that_is_overdue_may_ask_until_its_tiers_deadline():
    overdue = replace(FACTS, due_at=NOW)

    assert told(guards.question_due_in_time, overdue, due(COUNTY)) is None
    assert told(guards.question_due_in_time, overdue, due(COUNTY + SECOND)) == (
        "答复期限2020年10月14日00:00晚于本级办理期限2020年10月13日24:00，请提前。"
    )
