"""A sheet of marks is complete and within its rows, or every row that is not is named."""

from decimal import Decimal

import pytest

from scoring.engine import ScoreSheet, ValueProblem, evaluate, parse_mark, partial

TAKEN = [
    ("4", 4),
    (4, 4),
    (Decimal("3.50"), Decimal("3.5")),
    (3.5, Decimal("3.5")),
    ("０．５", Decimal("0.5")),
    (" 0 ", 0),
    ("-0", 0),
    (Decimal("1E+0"), 1),
]
REFUSED = [
    (None, "A1.1：未评分"),
    ("", "A1.1：未评分"),
    ("  ", "A1.1：未评分"),
    ([], "A1.1：未评分"),
    ("优", "A1.1：“优”不是数字，请只填数字，不带单位，如12"),
    (True, "A1.1：应填数字"),
    ({"points": 4}, "A1.1：应填数字"),
    (Decimal("NaN"), "A1.1：应填数字"),
    (float("inf"), "A1.1：应填数字"),
    ("-0.5", "A1.1：评分不能为负数"),
    (4.5, "A1.1：评4.5分，超过该行满分4分"),
    ("1000000000000", "A1.1：数字过长，最多12位"),
    ("3.7", "A1.1：评3.7分，不是0.5分的整数倍"),
    ("0.000001", "A1.1：评0.000001分，不是0.5分的整数倍"),
]


@pytest.mark.parametrize(("raw", "mark"), TAKEN, ids=[str(number) for number in range(len(TAKEN))])
def test_mark_is_taken(sample, raw: object, mark: object) -> None:
    taken = parse_mark(sample.rubric.item("A1.1"), sample.step, raw)

    assert taken == mark
    assert isinstance(taken, Decimal)
    assert not taken.is_signed()


@pytest.mark.parametrize(("raw", "message"), REFUSED, ids=[str(number) for number in range(len(REFUSED))])
def test_mark_is_refused_by_row(sample, raw: object, message: str) -> None:
    with pytest.raises(ValueProblem) as refusal:
        parse_mark(sample.rubric.item("A1.1"), sample.step, raw)

    assert str(refusal.value) == message


def test_sheet_names_every_row_that_is_wrong(sample) -> None:
    marks = {item.id: item.points for item in sample.rubric.items()} | {"A1.2": "6", "B1.1": "x", "Z9": 1}
    del marks["A2.2"]

    sheet, problems = ScoreSheet.parse(sample.rubric, sample.step, marks)

    assert sheet is None
    assert problems == {
        "A1.2": "A1.2：评6分，超过该行满分5分",
        "A2.2": "A2.2：未评分",
        "B1.1": "B1.1：“x”不是数字，请只填数字，不带单位，如12",
        "Z9": "没有“Z9”这一行",
    }


def test_sheet_keeps_the_order_of_the_rubric_and_cannot_be_changed(sample) -> None:
    marks = {item.id: "0" for item in reversed(sample.rubric.items())}

    sheet, problems = ScoreSheet.parse(sample.rubric, sample.step, marks)

    assert problems == {}
    assert list(sheet.marks) == [item.id for item in sample.rubric.items()]
    with pytest.raises(TypeError):
        sheet.marks["A1.1"] = Decimal(4)


def test_partial_counts_what_is_missing_as_nought(sample) -> None:
    verdict = partial(sample, {"A1.2": Decimal("2.5"), "B1.1": Decimal(3)})

    assert verdict.total == Decimal("5.5")
    assert verdict.sections == {"A": Decimal("2.5"), "B": Decimal(3)}
    assert verdict.bonus == Decimal(3)
    assert verdict.unmarked == ("A1.1", "A1.3", "A1.4", "A1.5", "A1.6", "A2.1", "A2.2", "B1.2")
    assert verdict.veto_zero == ("A1.1",)
    assert verdict.baseline_short == ("A1.2", "A1.3")
    assert not verdict.eligible


def test_verdict_refuses_rows_that_are_missing_or_unknown(sample) -> None:
    with pytest.raises(ValueProblem, match=r"^没有这些行：Z9$"):
        partial(sample, {"Z9": Decimal(1)})
    with pytest.raises(ValueProblem, match=r"^未评分：A1.2、A1.3、A1.4、A1.5、A1.6、A2.1、A2.2、B1.1、B1.2$"):
        evaluate(sample, ScoreSheet({"A1.1": Decimal(1)}))
