"""What a visit's record lacks before it is handed in, sentence by sentence, and what its rows come to."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from declarations.guards import Act, visit_settled
from declarations.states import VisitFinding, VisitState
from declarations.visiting import Submission, findings_of, gravest, lacking, problem_of

VETO = SimpleNamespace(id="A1.1", name="政治学习", mark="veto", points=Decimal(10))
PLAIN = SimpleNamespace(id="A1.2", name="走访企业", mark=None, points=Decimal(8))
ITEMS, HALF = (VETO, PLAIN), Decimal("0.5")
DRAWN, TODAY = date(2020, 11, 2), date(2020, 11, 10)
WHOLE = {
    "visited_on": "2020-11-05",
    "place": "秘书处",
    "received_by": "会长",
    "interviews": "座谈。",
    "found-A1.1": "consistent",
}
SENT = Submission(WHOLE, ITEMS, HALF, {"A1.2": Decimal(8)}, photos=1, drawn_on=DRAWN, today=TODAY)


def said(sent: Submission = SENT, **changed: str) -> list[str]:
    return [one.sentence for one in lacking(replace(sent, record=dict(sent.record) | changed))]


def row(**parts: str) -> dict[str, str]:
    return {f"{part}-A1.2": text for part, text in parts.items()}


def test_a_whole_record_lacks_nothing():
    assert said() == []
    assert [one.clause for one in lacking(replace(SENT, photos=0))] == ["通知未规定"]


def test_required_fields_are_named_together():
    assert said(place=" ", interviews="") == ["走访记录还有必填项未填：走访地点、访谈记录。"]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2020-11-02", ""),
        ("2020-11-01", "走访日期不能早于抽取日期。"),
        ("2020-11-10", ""),
        ("2020-11-11", "走访日期不能晚于今天。"),
        ("11月5日", "走访日期请写成2020-11-05这样的年月日。"),
        ("2020-02-30", "走访日期请写成2020-11-05这样的年月日。"),
    ],
)
def test_the_day_lies_between_the_draw_and_today(day, sentence):
    assert said(visited_on=day) == ([sentence] if sentence else [])


def test_every_marked_row_must_be_looked_at_and_a_photograph_be_there():
    assert said(**{"found-A1.1": ""}) == ["否决项和基础达标项须逐项实地核对，尚缺：A1.1政治学习。"]
    assert [one.sentence for one in lacking(replace(SENT, photos=0))] == ["请至少上传一张走访照片。"]


@pytest.mark.parametrize(
    ("parts", "sentences"),
    [
        ({"found": "minor", "mark": "7.5", "note": "少1次"}, []),
        ({"found": "minor", "mark": "0", "note": "没有"}, []),
        ({"found": "minor", "note": "少1次"}, ["轻微不符的指标须填写建议得分：A1.2走访企业。"]),
        ({"found": "minor", "mark": "8.5", "note": "x"}, ["轻微不符的指标须填写建议得分：A1.2走访企业。"]),
        ({"found": "minor", "mark": "7.2", "note": "x"}, ["轻微不符的指标须填写建议得分：A1.2走访企业。"]),
        ({"found": "minor", "mark": "7"}, ["轻微不符和不实的指标须写明情况：A1.2走访企业。"]),
        ({"found": "untrue", "note": "没有台账"}, []),
        ({"found": "untrue"}, ["轻微不符和不实的指标须写明情况：A1.2走访企业。"]),
        ({"found": "consistent"}, []),
        (
            {"found": "minor", "mark": "8", "note": "x"},
            ["建议得分与推荐单位审核得分相同的，请改为一致或者改正得分：A1.2走访企业。"],
        ),
    ],
)
def test_a_difference_needs_words_and_a_minor_one_a_mark_that_differs(parts, sentences):
    assert said(**row(**parts)) == sentences


@pytest.mark.parametrize(
    ("findings", "gravest_of_all"),
    [
        ({}, VisitFinding.CONSISTENT),
        ({"found-A1.1": "consistent", "found-A1.2": "minor"}, VisitFinding.MINOR),
        ({"found-A1.1": "untrue", "found-A1.2": "minor"}, VisitFinding.UNTRUE),
        ({"found-A1.1": "nonsense"}, VisitFinding.CONSISTENT),
    ],
)
def test_a_visit_finds_what_its_gravest_row_finds(findings, gravest_of_all):
    assert gravest(findings_of(findings, ITEMS, HALF)) == gravest_of_all


def test_a_mark_is_proposed_by_a_minor_row_alone():
    record = row(found="untrue", mark="3", note="无") | {"found-A1.1": "minor", "mark-A1.1": "9", "note-A1.1": "少"}

    found = findings_of(record, ITEMS, HALF)
    assert [(one.item.id, one.mark) for one in found] == [("A1.1", Decimal(9)), ("A1.2", None)]


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("visited_on", "昨天", "日期请写成2020-11-05这样的年月日。"),
        ("visited_on", "2020-11-05", ""),
        ("mark-A1.2", "9", "A1.2：评9分，超过该行满分8分。"),
        ("mark-A1.2", "", ""),
        ("found-A1.2", "好", "请在所列结论中选择。"),
        ("place", "任何地方", ""),
    ],
)
def test_what_is_wrong_is_told_while_it_is_kept(field, value, problem):
    assert problem_of(field, value, {item.id: item for item in ITEMS}, HALF) == problem


# ---- T18


def closed(**facts: object) -> str:
    told = {"visit_open": None, "visit_untrue": False} | facts
    return str(visit_settled(SimpleNamespace(**told), Act()) or "")


@pytest.mark.parametrize(
    ("state", "word"), [(VisitState.DRAWN, "已抽中"), (VisitState.ASSIGNED, "待走访"), (VisitState.VISITED, "待核定")]
)
def test_an_open_visit_holds_the_case(state, word):
    assert closed(visit_open=state) == (
        f"本件列为实地抽查对象，现为“{word}”，调研组核定后才能通过初审；不需走访的，由会员部负责人写明理由免于走访。"
        "（五（二）2）"
    )


def test_an_untrue_case_is_held_until_something_is_done_and_others_are_not():
    assert closed(visit_untrue=True) == (
        "实地抽查核定为不实，须先提出取消认定资格；不提出的，由会员部负责人写明理由。（五（二）3）"
    )
    assert closed() == ""
