"""When a meeting's decision holds: who may vote, how votes add up, what may stand on the list. No database."""

from dataclasses import replace

import pytest

from declarations.decision import Person, Point, Record, Tally, listed, refusals, tally
from declarations.states import Choice, DecisionWay, Duty, PointResult, Presence

YES, NO, HELD = Choice.IN_FAVOUR, Choice.AGAINST, Choice.ABSTAINED
CHAIR = Person(1, "张主席", duty=Duty.CHAIR)
PEOPLE = (
    CHAIR,
    Person(2, "李副主席"),
    Person(3, "赵副主席"),
    Person(4, "钱副主席", Presence.ABSENT),
    Person(5, "王记录", Presence.OBSERVING, Duty.RECORDER),
)
POINTS = (Point(1, "甲商会", decided_place=1), Point(2, "乙商会", decided_place=2))
AGREED = Record(PEOPLE, POINTS, minutes="同意推荐。")
VOTED = replace(AGREED, way=DecisionWay.VOTE, ballots={1: YES, 2: YES, 3: YES})


def told(record):
    return [refusal.sentence for refusal in refusals(record)]


def first(**changes):
    return (replace(POINTS[0], **changes), POINTS[1])


def test_a_consensus_holds_and_has_no_counts():
    assert told(AGREED) == []
    assert tally(AGREED, POINTS[0]) == Tally(3)
    assert tally(AGREED, POINTS[0]).words == "3人一致同意"


def test_a_named_vote_holds_and_adds_up():
    assert told(VOTED) == []
    assert tally(VOTED, POINTS[0]).words == "应表决3人，赞成3票，反对0票，弃权0票"


def test_one_who_stands_aside_neither_votes_nor_counts():
    record = replace(VOTED, points=first(aside=frozenset({3})))

    assert told(record) == []
    assert tally(record, record.points[0]) == Tally(2, 2, 0, 0)
    assert tally(record, record.points[1]) == Tally(3, 3, 0, 0)


def test_a_vote_of_its_own_goes_before_the_votes_on_the_list():
    record = replace(VOTED, points=first(ballots={2: NO}, aside=frozenset({3})))

    assert tally(record, record.points[0]) == Tally(2, 1, 1, 0)
    assert told(record) == ["第1项甲商会：赞成1票，未超过应到3人（已扣除回避人员）的半数，不能列入。"]


@pytest.mark.parametrize(
    ("ballots", "sentences"),
    [
        ({1: YES, 2: YES, 3: NO}, ["赞成2票"]),
        ({1: YES, 2: YES, 3: YES}, []),
        ({1: YES, 2: HELD, 3: NO}, ["赞成1票"]),
    ],
)
def test_more_than_half_of_all_who_belong_must_be_in_favour(ballots, sentences):
    found = told(replace(VOTED, ballots=ballots))

    names = ("第1项甲商会", "第2项乙商会")
    expected = [f"{name}：{one}，未超过应到4人的半数，不能列入。" for name in names for one in sentences]
    assert found == expected


def test_what_is_struck_needs_no_majority_but_a_reason():
    struck = first(result=PointResult.STRUCK, decided_place=None, reason="近期有投诉，待查。")
    record = replace(VOTED, points=(struck[0], replace(POINTS[1], decided_place=1)))

    assert told(record) == []
    blank = replace(record, points=(replace(struck[0], reason=" "), record.points[1]))
    assert told(blank) == ["第1项甲商会不列入，请写明理由。"]


def test_a_missing_ballot_is_named_with_both_figures():
    record = replace(VOTED, ballots={1: YES, 2: YES})

    assert told(record) == [
        "第1项甲商会：赵副主席尚未登记表决意见（应表决3人，已登记2人）。",
        "第2项乙商会：赵副主席尚未登记表决意见（应表决3人，已登记2人）。",
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"aside": frozenset({2}), "ballots": {1: YES, 2: YES, 3: YES}},
            "第1项甲商会：李副主席已回避，不能表决。",
        ),
        ({"ballots": {1: YES, 2: YES, 3: YES, 4: YES}}, "第1项甲商会：钱副主席未出席会议，不能表决。"),
        ({"ballots": {1: YES, 2: YES, 3: YES, 5: NO}}, "第1项甲商会：王记录未出席会议，不能表决。"),
        ({"aside": frozenset({1, 2, 3})}, "第1项甲商会：出席人员全部回避，不能由本次会议决定。"),
    ],
)
def test_who_may_not_vote_on_a_case_is_told(changes, sentence):
    assert told(replace(AGREED, points=first(**changes))) == [sentence]


def test_a_vote_on_the_list_by_one_who_was_away_is_told():
    assert told(replace(VOTED, ballots={**VOTED.ballots, 4: YES})) == ["钱副主席未出席会议，不能表决。"]


@pytest.mark.parametrize(
    ("absent", "sentences"),
    [(1, []), (2, ["应到4人，出席2人，未超过半数，不能研究决定。"])],
)
def test_more_than_half_must_be_there(absent, sentences):
    away = [replace(one, presence=Presence.ABSENT) for one in PEOPLE[4 - absent : 4]]
    here = [*PEOPLE[: 4 - absent], *away, PEOPLE[4]]

    assert [one for one in told(replace(AGREED, people=here)) if "出席" in one] == sentences


@pytest.mark.parametrize("duty", [Duty.CHAIR, Duty.RECORDER])
def test_somebody_presides_and_somebody_writes(duty):
    people = [replace(one, duty=Duty.MEMBER) if one.duty == duty else one for one in PEOPLE]

    assert told(replace(AGREED, people=people)) == [f"请指定一位会议{duty.label}。"]


@pytest.mark.parametrize(
    ("places", "shown"), [((1, 3), "1、3"), ((1, 1), "1、1"), ((2, 3), "2、3"), ((None, 1), "未填、1")]
)
def test_the_order_is_one_to_n(places, shown):
    points = [replace(point, decided_place=place) for point, place in zip(POINTS, places, strict=True)]

    assert told(replace(AGREED, points=points)) == [f"研究确定的次序须从1起连续编号、不重复，现为{shown}。"]


def test_a_list_is_not_struck_altogether():
    gone = [replace(point, result=PointResult.STRUCK, decided_place=None, reason="另议") for point in POINTS]

    assert told(replace(AGREED, points=gone)) == ["名单内至少要有一家，全部不列入的请重新拟定名单。"]


def test_the_list_is_what_stays_in_the_order_decided():
    points = (replace(POINTS[0], decided_place=2), replace(POINTS[1], decided_place=1))

    assert [point.name for point in listed(points)] == ["乙商会", "甲商会"]


@pytest.mark.parametrize(
    ("minutes", "sentence"),
    [
        (" ", "请写明会议纪要。"),
        ("会议听取了【汇报人】的汇报。", "会议纪要里还有待填的内容：【汇报人】。"),
        ("××同志汇报，待补充。", "会议纪要里还有待填的内容：××、待补充。"),
    ],
)
def test_minutes_are_written_and_leave_nothing_to_fill_in(minutes, sentence):
    assert told(replace(AGREED, minutes=minutes)) == [sentence]
