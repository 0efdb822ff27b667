"""What may be typed into a field of each kind, and what is said when it may not."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from scoring.engine import Facts, FieldSpec, ValueProblem, parse_value

OPTIONS = ("行业商会", "乡镇（街道）商会")


def spec(kind: str, **more) -> FieldSpec:
    return FieldSpec(id="x", label="某项", kind=kind, **more)


def numbered(cases: list[tuple]) -> list[str]:
    return [f"{number} {case[0]}" for number, case in enumerate(cases)]


ACCEPTED = [
    ("int", 12, 12),
    ("int", "12", 12),
    ("int", " １２ ", 12),
    ("int", "1,234,567", 1234567),
    ("int", "1，234", 1234),
    ("int", "1 234", 1234),
    ("int", "007", 7),
    ("int", "12.0", 12),
    ("int", Decimal("1E+3"), 1000),
    ("int", 12.0, 12),
    ("int", "999999999999", 999999999999),
    ("int", 0, 0),
    ("int", "-0", 0),
    ("int", "", None),
    ("int", "　", None),
    ("int", None, None),
    ("decimal", "12.5", Decimal("12.5")),
    ("decimal", 0.1, Decimal("0.1")),
    ("decimal", "0.000001", Decimal("0.000001")),
    ("decimal", "１２．５", Decimal("12.5")),
    ("ratio", "0.85", Decimal("0.85")),
    ("ratio", "85%", Decimal("0.85")),
    ("ratio", "85.5 %", Decimal("0.855")),
    ("ratio", "８５％", Decimal("0.85")),
    ("ratio", "100%", Decimal(1)),
    ("ratio", 1, Decimal(1)),
    ("ratio", 0, Decimal(0)),
    ("bool", True, True),
    ("bool", "true", True),
    ("bool", "是", True),
    ("bool", " 否 ", False),
    ("bool", "FALSE", False),
    ("bool", False, False),
    ("date", "2020-01-05", date(2020, 1, 5)),
    ("date", "2020年1月5日", date(2020, 1, 5)),
    ("date", "２０２０年 1 月 5 日", date(2020, 1, 5)),
    ("date", "2020/1/5", date(2020, 1, 5)),
    ("date", "2020.1.5", date(2020, 1, 5)),
    ("date", date(2020, 1, 5), date(2020, 1, 5)),
    ("date", "2020-02-29", date(2020, 2, 29)),
    ("date", "1900-01-01", date(1900, 1, 1)),
    ("date", "2100-12-31", date(2100, 12, 31)),
    ("text", " 某某商会 ", "某某商会"),
    ("text", "=1+1", "=1+1"),
    ("long_text", "一\r\n二\r三", "一\n二\n三"),
    ("choice", "行业商会", "行业商会"),
    ("choice", " 乡镇(街道)商会 ", "乡镇（街道）商会"),
    ("multi", ["乡镇（街道）商会", "行业商会", "行业商会"], ("行业商会", "乡镇（街道）商会")),
    ("multi", [], None),
    ("list", [], None),
    ("uscc", " 51410000 5000100007 ", "514100005000100007"),
    ("uscc", "５1110000600037341l", "51110000600037341L"),
    ("uscc", "511100005000000261", "511100005000000261"),
    ("gb2260", "410000", "410000"),
    ("gb2260", 410000, "410000"),
    ("mobile", "138 0013 8000", "13800138000"),
    ("mobile", "138-0013-8000", "13800138000"),
    ("mobile", "+86 13800138000", "13800138000"),
    ("mobile", 13800138000, "13800138000"),
    ("mobile", "010-12345678", "010-12345678"),
    ("mobile", "０３９５－1234567－801", "0395-1234567-801"),
]


@pytest.mark.parametrize(("kind", "raw", "value"), ACCEPTED, ids=numbered(ACCEPTED))
def test_value_is_taken(kind: str, raw: object, value: object) -> None:
    taken = parse_value(spec(kind, options=OPTIONS), raw)

    assert taken == value
    assert type(taken) is type(value)


CHOICES = "行业商会、乡镇（街道）商会"
REFUSED = [
    ("int", -1, "不能为负数"),
    ("int", "-3", "不能为负数"),
    ("int", "3.5", "应填整数，不带小数"),
    ("int", True, "应填数字"),
    ("int", float("nan"), "应填数字"),
    ("int", Decimal("Infinity"), "应填数字"),
    ("int", Decimal("sNaN"), "应填数字"),
    ("int", [1], "应填数字"),
    ("int", "NaN", "“NaN”不是数字，请只填数字，不带单位，如12"),
    ("int", "1e3", "“1e3”不是数字，请只填数字，不带单位，如12"),
    ("int", "15人", "“15人”不是数字，请只填数字，不带单位，如12"),
    ("int", "1,23", "“1,23”不是数字，请只填数字，不带单位，如12"),
    ("int", "²", "“²”不是数字，请只填数字，不带单位，如12"),
    ("int", "x" * 24, f"“{'x' * 24}”不是数字，请只填数字，不带单位，如12"),
    ("int", "x" * 25, f"“{'x' * 24}…”不是数字，请只填数字，不带单位，如12"),
    ("int", "1000000000000", "数字过长，最多12位"),
    ("int", 10**12, "数字过长，最多12位"),
    ("int", 10**9999, "数字过长，最多12位"),
    ("int", -(10**12), "数字过长，最多12位"),
    ("int", "9" * 99, "“999999999999999999999999…”不是数字，请只填数字，不带单位，如12"),
    ("decimal", Decimal("1E+999999"), "数字过长，最多12位"),
    ("decimal", Decimal("1E-999999"), "小数最多6位"),
    ("decimal", "0.0000001", "小数最多6位"),
    ("decimal", -0.5, "不能为负数"),
    ("ratio", "85", "比例请写成85%或0.85，不要只写85"),
    ("ratio", 85, "比例请写成85%或0.85，不要只写85"),
    ("ratio", "100.1%", "不能超过100%"),
    ("ratio", "-1%", "不能为负数"),
    ("ratio", "%", "“”不是数字，请只填数字，不带单位，如12"),
    ("bool", "有", "应填“是”或“否”"),
    ("bool", 1, "应填“是”或“否”"),
    ("date", "2020-13-01", "没有这一天，请核对年月日"),
    ("date", "2019-02-29", "没有这一天，请核对年月日"),
    ("date", "1899-12-31", "年份应在1900年至2100年之间"),
    ("date", "2101-01-01", "年份应在1900年至2100年之间"),
    ("date", "2020-1/5", "日期请写成2020-01-05或2020年1月5日"),
    ("date", "20200105", "日期请写成2020-01-05或2020年1月5日"),
    ("date", 2020, "日期请写成2020-01-05或2020年1月5日"),
    ("date", datetime(2020, 1, 5), "日期请写成2020-01-05或2020年1月5日"),
    ("text", "一\n二", "含有换行或不可见的字符，请重新输入"),
    ("text", "一\x00二", "含有换行或不可见的字符，请重新输入"),
    ("text", "一\ud800", "含有换行或不可见的字符，请重新输入"),
    ("long_text", "一\x1b二", "含有换行或不可见的字符，请重新输入"),
    ("text", 5, "应填文字"),
    ("text", "字" * 201, "现有201字，最多200字"),
    ("long_text", "字" * 5001, "现有5001字，最多5000字"),
    ("choice", "异地商会", f"没有“异地商会”这个选项，可选：{CHOICES}"),
    ("choice", 1, f"应从选项中选一项：{CHOICES}"),
    ("multi", ["行业商会", "异地商会"], f"没有“异地商会”这个选项，可选：{CHOICES}"),
    ("multi", "行业商会", f"应为选项的列表，可选：{CHOICES}"),
    ("multi", [None], f"应从选项中选一项：{CHOICES}"),
    ("list", {"a": 1}, "应为记录的列表"),
    ("list", [1], "第1条应为一条记录"),
    ("list", [{}] * 201, "最多200条记录"),
    ("uscc", "51410000500010000", "统一社会信用代码应为18位，现为17位"),
    ("uscc", "51410000500010000I", "统一社会信用代码只含数字和大写字母，不含I、O、S、V、Z"),
    ("uscc", True, "应填文字"),
    ("uscc", 10**18, "应填文字"),
    ("uscc", "1" * 65, "应填文字"),
    ("uscc", "1" * 64, "统一社会信用代码应为18位，现为64位"),
    ("uscc", 0, "统一社会信用代码应为18位，现为1位"),
    ("gb2260", "4100", "行政区划代码应为6位数字，如410000"),
    ("gb2260", "010000", "行政区划代码应为6位数字，如410000"),
    ("gb2260", -410000, "应填文字"),
    ("mobile", "12800138000", "电话请填11位手机号或带区号的座机号，如010-12345678"),
    ("mobile", "1380013800", "电话请填11位手机号或带区号的座机号，如010-12345678"),
    ("mobile", "12345678", "电话请填11位手机号或带区号的座机号，如010-12345678"),
]


@pytest.mark.parametrize(("kind", "raw", "message"), REFUSED, ids=numbered(REFUSED))
def test_value_is_refused_with_a_remedy(kind: str, raw: object, message: str) -> None:
    with pytest.raises(ValueProblem) as refusal:
        parse_value(spec(kind, options=OPTIONS), raw)

    assert str(refusal.value) == message


def test_signed_ratio_may_fall() -> None:
    assert parse_value(spec("ratio", signed=True), "-3.5%") == Decimal("-0.035")
    assert parse_value(spec("ratio", signed=True), "-100%") == Decimal(-1)
    with pytest.raises(ValueProblem, match=r"^不能低于-100%$"):
        parse_value(spec("ratio", signed=True), "-100.1%")


def test_characters_are_counted_without_white_space() -> None:
    words = spec("long_text", min_chars=3, max_chars=4)

    assert parse_value(words, " 一 二\n三 ") == "一 二\n三"
    assert parse_value(words, "一 二\n三\t四") == "一 二\n三\t四"
    with pytest.raises(ValueProblem, match=r"^现有2字，至少3字$"):
        parse_value(words, "一  二")
    with pytest.raises(ValueProblem, match=r"^现有5字，最多4字$"):
        parse_value(words, "一二三四五")


def test_records_are_read_by_column(sample) -> None:
    prizes = sample.field("prizes")

    taken = parse_value(
        prizes, [{"title": " 甲 ", "level": "国家级", "on": "2020/1/5", "matter": ""}, {"title": ""}, {}]
    )

    assert taken == ({"title": "甲", "level": "国家级", "on": date(2020, 1, 5)},)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"level": "镇级"}, "第2条“级别”：没有“镇级”这个选项，可选：国家级、省级"),
        ({"rank": 1}, "第2条有不认识的栏目“rank”"),
        ({"on": "昨天"}, "第2条“日期”：日期请写成2020-01-05或2020年1月5日"),
        ("甲", "第2条应为一条记录"),
    ],
)
def test_record_is_refused_by_number_and_column(sample, row: object, message: str) -> None:
    with pytest.raises(ValueProblem) as refusal:
        parse_value(sample.field("prizes"), [{"title": "甲"}, row])

    assert str(refusal.value) == message


def test_facts_keep_what_can_be_read_and_name_the_rest(sample) -> None:
    facts, problems = Facts.parse(
        sample, {"n": "3", "m": "", "yes": "也许", "code": "１", "nix": 1, "x\n\ud800y": None}
    )

    assert dict(facts.values) == {"n": 3}
    assert facts.get("n") == 3
    assert facts.get("m") is None
    assert problems == {
        "yes": "“有制度”：应填“是”或“否”",
        "code": "“代码”：统一社会信用代码应为18位，现为1位",
        "nix": "没有“nix”这个字段",
        "x\n\ud800y": "没有“x□□y”这个字段",
    }


def test_two_hundred_records_are_taken(sample) -> None:
    rows = parse_value(sample.field("prizes"), [{"title": "甲"}] * 200)

    assert len(rows) == 200


def test_facts_cannot_be_changed(sample) -> None:
    facts, _ = Facts.parse(sample, {"n": 3, "prizes": [{"title": "甲"}]})

    with pytest.raises(TypeError):
        facts.values["n"] = 4
    with pytest.raises(TypeError):
        facts.get("prizes")[0]["title"] = "乙"
    with pytest.raises(AttributeError):
        facts.values = {}
