"""Order within the places, with the reason for each."""

from decimal import Decimal

import pytest

from scoring.engine import Placed, RankEntry, rank


def entry(key: str, total: object, *tiebreaks: object) -> RankEntry:
    return RankEntry(key, Decimal(str(total)), tuple(Decimal(str(one)) for one in tiebreaks))


def test_higher_total_comes_first() -> None:
    assert rank([entry("甲", 90), entry("乙", 91.5), entry("丙", 89)], 2) == [
        Placed("乙", 1, within=True, tied=False, because="总分91.5分，第1名"),
        Placed("甲", 2, within=True, tied=False, because="总分90分，第2名"),
        Placed("丙", 3, within=False, tied=False, because="总分89分，第3名"),
    ]


def test_ties_are_broken_by_the_stated_keys_and_only_as_far_as_needed() -> None:
    entries = [
        entry("甲", 90, 30, 8),
        entry("乙", 90, 40, 5),
        entry("丙", 90, 30, 9),
        entry("丁", 80, 99, 99),
    ]

    assert rank(entries, 3, ("作用发挥好得分", "走访率")) == [
        Placed("乙", 1, within=True, tied=False, because="总分90分，同分比较作用发挥好得分40，第1名"),
        Placed(
            "丙",
            2,
            within=True,
            tied=False,
            because="总分90分，同分比较作用发挥好得分30，同分比较走访率9，第2名",
        ),
        Placed(
            "甲",
            3,
            within=True,
            tied=False,
            because="总分90分，同分比较作用发挥好得分30，同分比较走访率8，第3名",
        ),
        Placed("丁", 4, within=False, tied=False, because="总分80分，第4名"),
    ]


def test_equals_that_straddle_the_last_place_are_left_to_people() -> None:
    entries = [entry("甲", 95), entry("乙", 90), entry("丙", 90), entry("丁", 80)]

    assert rank(entries, 2) == [
        Placed("甲", 1, within=True, tied=False, because="总分95分，第1名"),
        Placed(
            "丙",
            2,
            within=False,
            tied=True,
            because="总分90分，并列第2名（2家），并列跨越2个名额，须集体研究",
        ),
        Placed(
            "乙",
            2,
            within=False,
            tied=True,
            because="总分90分，并列第2名（2家），并列跨越2个名额，须集体研究",
        ),
        Placed("丁", 4, within=False, tied=False, because="总分80分，第4名"),
    ]
    assert [one.within for one in rank(entries, 3)] == [True, True, True, False]
    assert rank(entries, 3)[1].because == "总分90分，并列第2名（2家）"
    assert [one.within for one in rank(entries, 1)] == [True, False, False, False]
    assert rank(entries, 1)[1].because == "总分90分，并列第2名（2家）"


def test_nobody_and_no_places() -> None:
    assert rank([], 5) == []
    assert [one.within for one in rank([entry("甲", 95)], 0)] == [False]


def test_entries_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^tiebreaks and keys differ in number$"):
        rank([entry("甲", 90, 1)], 1)
    with pytest.raises(ValueError, match=r"^a key is used twice$"):
        rank([entry("甲", 90), entry("甲", 80)], 1)
