"""Several sheets become one, and a third is called for by rule."""

from decimal import Decimal

import pytest

from scoring.engine import ScoreSheet, ValueProblem, needs_third, settle

AGREED = {"A1.1": Decimal(4), "A1.2": Decimal("2.5"), "A1.3": Decimal(6)}


def sheet(programme, **changed: object) -> ScoreSheet:
    marks = {item.id: item.points for item in programme.rubric.items()}
    return ScoreSheet(marks | {key.replace("_", "."): Decimal(str(value)) for key, value in changed.items()})


@pytest.mark.parametrize(
    ("given", "settled"),
    [
        ([3], 3),
        ([3, 4], Decimal("3.5")),
        ([0, 3, 4], 3),
        ([4, 0, 3, 3.5], Decimal("3.25")),
        ([4, 4, 0, 0, 1], 1),
    ],
    ids=str,
)
def test_median_of_the_sheets(sample, given: list, settled: object) -> None:
    result = settle(sample, [sheet(sample, A1_5=mark) for mark in given], AGREED)

    assert result.marks["A1.5"] == settled


def test_marked_rows_are_as_agreed_and_not_as_any_expert_said(sample) -> None:
    result = settle(sample, [sheet(sample, A1_2=0), sheet(sample, A1_2=5)], AGREED)

    assert {row: result.marks[row] for row in AGREED} == AGREED
    assert list(result.marks) == [item.id for item in sample.rubric.items()]


@pytest.mark.parametrize(
    ("given", "settled"),
    [
        ([0, 1, 1, 2, 4], "1.33"),
        ([0, 1, 2, 2, 4], "1.67"),
        ([4, 4, 4, 4, 0], "4.00"),
        ([0, 2, 2, 2, 2.5, 4], "2.13"),
    ],
    ids=str,
)
def test_trimmed_mean_leaves_out_the_highest_and_the_lowest(sample, given: list, settled: str) -> None:
    result = settle(sample, [sheet(sample, A1_5=mark) for mark in given], AGREED, "trimmed_mean")

    assert result.marks["A1.5"] == Decimal(settled)


def test_settling_is_refused_by_name(sample) -> None:
    sheets = [sheet(sample)] * 4
    refusals = [
        (([], AGREED), "没有评分表"),
        ((sheets, AGREED, "mean"), "没有“mean”这种合分办法，可用：median、trimmed_mean"),
        ((sheets, AGREED, "trimmed_mean"), "去掉最高最低分取平均至少要5张评分表，现有4张"),
        ((sheets, {"A1.2": Decimal(5)}), "否决项和基础达标项须由评审组共同认定，尚缺：A1.1、A1.3"),
        ((sheets, AGREED | {"A1.4": Decimal(5)}), "只有否决项和基础达标项由评审组共同认定，不应有：A1.4"),
        ((sheets, AGREED | {"A1.1": Decimal(5)}), "A1.1：评5分，超过该行满分4分"),
        ((sheets, AGREED | {"A1.1": Decimal("0.2")}), "A1.1：评0.2分，不是0.5分的整数倍"),
    ]

    for arguments, message in refusals:
        with pytest.raises(ValueProblem) as refusal:
            settle(sample, *arguments)
        assert str(refusal.value) == message


def test_two_like_sheets_need_no_third(sample) -> None:
    assert needs_third(sample, sheet(sample), sheet(sample)) is None


def test_spread_of_exactly_the_limit_needs_no_third(sample) -> None:
    one, other = sheet(sample), sheet(sample, A1_4=0, B1_1=0, B1_2=0)

    assert needs_third(sample, one, other) is None
    assert needs_third(sample, other, one, spread=Decimal("24.5")) == "总分相差25分，超过24.5分"


def test_each_reason_for_a_third_is_given(sample) -> None:
    one, other = sheet(sample), sheet(sample, A1_1=0, A1_2=4.5, B1_1=0, A1_4=0)

    assert needs_third(sample, one, other) == (
        "两份评分结论不同（通过、未通过）；否决项或基础达标项评分不同（A1.1、A1.2）"
    )
    assert needs_third(
        sample,
        sheet(sample, A1_4=0, A1_5=0, A1_6=0, B1_1=0),
        sheet(sample, B1_1=0, A1_4=0, A1_5=0, A1_6=0, B1_2=4.5),
    ) == ("两份评分结论不同（通过、未通过）")
