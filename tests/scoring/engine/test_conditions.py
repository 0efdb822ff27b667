"""Each word of comparison, on both sides of its limit."""

from decimal import Decimal

import pytest

from scoring.engine import Facts, load_programme, propose, rule_text

EITHER = '{any = [{field = "n", gte = 2}, {field = "kind", in = ["大", "中"]}]}'
PLACE = f'when = {{all = [{{field = "yes", eq = true}}, {EITHER}]}}'

WORDS = [
    ('{field = "n", eq = 2}', "次数为2次", {"n": {1: False, 2: True, 3: False}}),
    ('{field = "n", gt = 2}', "次数高于2次", {"n": {1: False, 2: False, 3: True}}),
    ('{field = "n", gte = 2}', "次数不低于2次", {"n": {1: False, 2: True, 3: True}}),
    ('{field = "n", lt = 2}', "次数低于2次", {"n": {1: True, 2: False, 3: False}}),
    ('{field = "n", lte = 2}', "次数不高于2次", {"n": {1: True, 2: True, 3: False}}),
    ('{field = "n", in = [1, 3]}', "次数为1次、3次之一", {"n": {1: True, 2: False, 3: True}}),
    ('{field = "rate", gte = 0.5}', "满意率不低于50%", {"rate": {"49.9999%": False, "50%": True}}),
    ('{field = "money", lt = 0.5}', "投入低于0.5万元", {"money": {"0.499999": True, "0.5": False}}),
    (
        '{field = "day", eq = 2020-01-02}',
        "“登记日期”为2020年1月2日",
        {"day": {"2020-01-01": False, "2020-01-02": True}},
    ),
    (
        '{field = "day", gt = 2020-01-02}',
        "“登记日期”晚于2020年1月2日",
        {"day": {"2020-01-02": False, "2020-01-03": True}},
    ),
    (
        '{field = "day", gte = 2020-01-02}',
        "“登记日期”不早于2020年1月2日",
        {"day": {"2020-01-01": False, "2020-01-02": True}},
    ),
    (
        '{field = "day", lt = 2020-01-02}',
        "“登记日期”早于2020年1月2日",
        {"day": {"2020-01-01": True, "2020-01-02": False}},
    ),
    (
        '{field = "day", lte = 2020-01-02}',
        "“登记日期”不晚于2020年1月2日",
        {"day": {"2020-01-02": True, "2020-01-03": False}},
    ),
    (
        '{field = "day", in = [2020-01-02, 2020-01-04]}',
        "“登记日期”为2020年1月2日、2020年1月4日之一",
        {"day": {"2020-01-02": True, "2020-01-03": False, "2020-01-04": True}},
    ),
    ('{field = "yes", eq = false}', "“有制度”为“否”", {"yes": {True: False, False: True}}),
    ('{field = "kind", eq = "中"}', "“类型”为“中”", {"kind": {"大": False, "中": True}}),
    (
        '{field = "kind", in = ["大", "中"]}',
        "“类型”为“大”“中”之一",
        {"kind": {"大": True, "中": True, "小": False}},
    ),
    ('{metric = {field = "n"}, gt = 2}', "次数高于2次", {"n": {2: False, 3: True}}),
    (
        '{any = [{field = "n", eq = 1}, {all = [{field = "n", gt = 2}, {field = "n", lt = 4}]}]}',
        "次数为1次或次数高于2次且次数低于4次",
        {"n": {1: True, 2: False, 3: True, 4: False}},
    ),
]


@pytest.mark.parametrize(
    ("condition", "words", "answers"), WORDS, ids=[str(number) for number in range(len(WORDS))]
)
def test_condition_on_both_sides_of_its_limit(
    sample_text: str, condition: str, words: str, answers: dict
) -> None:
    assert PLACE in sample_text
    programme = load_programme(sample_text.replace(PLACE, f"when = {condition}"))

    assert rule_text(programme.rubric.item("A1.1")).startswith(f"{words}的得4分，否则得0分；")
    for field, outcomes in answers.items():
        for answer, met in outcomes.items():
            facts, problems = Facts.parse(programme, {field: answer})
            assert problems == {}
            assert propose(programme, facts)["A1.1"].points == (Decimal(4) if met else Decimal(0))
        assert propose(programme, Facts({}))["A1.1"].points == 0
