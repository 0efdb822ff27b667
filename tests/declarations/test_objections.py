"""The pure rules around objections and titles: tables, terms, limits, receipts, whom a revocation bars."""

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from declarations import objections, titles
from declarations.objections import LIMITS, MOVES, is_overdue, moves_from, new_receipt, overtaken, too_often
from declarations.states import InquiryState, ObjectionState, TitleState
from declarations.titles import INQUIRY_MOVES, TITLE_MOVES, Bar, barred_by

BEIJING = ZoneInfo("Asia/Shanghai")
AT = datetime(2020, 9, 8, 15, 30, tzinfo=BEIJING)
S, T = ObjectionState, TitleState


def test_the_table_leads_from_receipt_to_an_end_and_nowhere_else():
    found = {state: [move.target for move in moves_from(state)] for state in S}

    assert found == {
        S.RECEIVED: [S.ADMITTED, S.REFUSED],
        S.ADMITTED: [S.INVESTIGATED],
        S.INVESTIGATED: [S.UPHELD, S.DISMISSED],
        S.REFUSED: [],
        S.UPHELD: [],
        S.DISMISSED: [],
    }
    assert objections.PUBLIC_WORDS.keys() == set(S)


def test_a_step_from_another_state_is_refused_in_words():
    assert overtaken(MOVES["admit"], S.RECEIVED) is None
    assert str(overtaken(MOVES["uphold"], S.ADMITTED)) == "本件异议现为“已受理”，不能办理“异议成立”。（通知未规定）"


def test_the_answer_is_due_at_the_end_of_the_fifteenth_day():
    due = objections.answer_due(AT, 15)

    assert due == datetime(2020, 9, 24, 0, 0, tzinfo=BEIJING)
    assert is_overdue(S.RECEIVED, due, due - timedelta(seconds=1)) is False
    assert is_overdue(S.RECEIVED, due, due) is True
    assert [is_overdue(state, due, due) for state in (S.INVESTIGATED, S.REFUSED, S.UPHELD)] == [True, False, False]


def test_a_receipt_has_ten_signs_that_are_told_apart_and_two_are_never_the_same():
    chances = Random(1)
    found = {new_receipt(chances) for _ in range(500)}

    assert len(found) == 500
    assert all(one[:3] == "YY-" and len(one) == 14 and not set(one[3:]) & set("01IO") for one in found)


@pytest.mark.parametrize("form", LIMITS)
def test_each_limit_holds_for_one_source_and_for_all_at_its_boundary(form):
    free = [(limit.of_one - 1, limit.of_all - 1) for limit in LIMITS[form]]

    assert too_often(form, free) is None
    for place, limit in enumerate(LIMITS[form]):
        for used in ((limit.of_one, 0), (0, limit.of_all)):
            tried = [*free[:place], used, *free[place + 1 :]]
            assert too_often(form, tried).sentence.startswith("提交过于频繁")


def test_the_inquiry_waits_for_the_report_until_its_term_is_over():
    due = AT + timedelta(days=1)

    assert objections.report_lacks(None, due, AT).sentence == "推荐单位尚未报告，等待至9月9日15:30。"
    assert objections.report_lacks(AT, due, AT) is None
    assert objections.report_lacks(None, due, due) is None
    assert objections.report_lacks(None, None, AT) is None


# ---- titles


def test_a_title_moves_as_the_table_says():
    found = {name: (sorted(move.sources), move.target.value) for name, move in TITLE_MOVES.items()}

    assert found == {
        "renew": (["active", "expired"], "renewed"),
        "expire": (["active"], "expired"),
        "suspend": (["active"], "suspended"),
        "reinstate": (["suspended"], "active"),
        "lapse": (["suspended"], "expired"),
        "revoke": (["active", "expired", "renewed", "suspended"], "revoked"),
        "relinquish": (["active"], "relinquished"),
    }
    assert titles.refused(TITLE_MOVES["revoke"], T.SUSPENDED) is None
    words = "证书效力现为“已撤销”，不能办理“放弃认定”。（通知未规定）"
    assert str(titles.refused(TITLE_MOVES["relinquish"], T.REVOKED)) == words


def test_an_inquiry_revokes_only_by_way_of_the_meeting():
    order = ["propose", "decide", "revoke"]
    states = [InquiryState.OPEN, *(INQUIRY_MOVES[name].target for name in order)]

    assert [INQUIRY_MOVES[name].sources == {state} for name, state in zip(order, states, strict=False)] == [True] * 3
    assert states[-1] == InquiryState.REVOKED
    assert titles.inquiry_refused(INQUIRY_MOVES["revoke"], InquiryState.PROPOSED).sentence == (
        "本次核查现为“待主席办公会议审议”，不能办理“公布撤销认定”。"
    )


def test_a_revocation_bars_from_as_many_cycles_as_it_says():
    year = timedelta(days=365)
    revoked, openings = AT, [AT - year, AT + year, AT + 3 * year, AT + 5 * year]

    def barred(cycles: int) -> list[bool]:
        return [barred_by([Bar(revoked, cycles)], openings, asked) is not None for asked in openings]

    assert barred(0) == [False, False, False, False]
    assert barred(1) == [False, True, False, False]
    assert barred(2) == [False, True, True, False]
    assert barred_by([], openings, openings[1]) is None
