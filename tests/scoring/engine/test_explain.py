"""A verdict and a standard read as plain Chinese, and a failed verdict says what would change it."""

from decimal import Decimal

import pytest

from scoring.engine import (
    Change,
    Programme,
    explain,
    load_programme,
    partial,
    possible_points,
    rule_text,
    what_would_change,
)


def marks_of(programme: Programme, **changed: object) -> dict[str, Decimal]:
    marks = {item.id: item.points for item in programme.rubric.items()}
    return marks | {key.replace("_", "."): Decimal(str(value)) for key, value in changed.items()}


def test_passed_verdict_is_explained(sample) -> None:
    verdict = partial(sample, marks_of(sample, A1_2=4, B1_1=7.5))

    assert explain(sample, verdict) == [
        "结论：3道门槛全部通过。",
        "总分51.5分（满分60分），其中加分12.5分（满分20分），不含加分39分（满分40分）。",
        "各部分得分：甲部分39分（满分40分），加分12.5分（满分20分）。",
        "门槛G1〔一（一）：总分30分以下，不能通过〕总分51.5分，分数线30分，高出21.5分；恰为30分按达线处理；通过。",
        "门槛G2〔否决项有一项为0分，不能通过〕否决项为0分的有0项，限0项；有一项为0分即不通过；通过。",
        "门槛G3〔基础达标项超过1项不是满分，不能通过〕基础达标项不是满分的有1项（A1.2），限1项；恰为1项按通过处理；通过。",
    ]


def test_failed_verdict_is_explained(sample) -> None:
    marks = marks_of(sample, A1_1=0, A1_2=0, A1_3=0, A1_4=0, A1_5=0, A1_6=0, A2_2=0.5)

    assert explain(sample, partial(sample, marks)) == [
        "结论：3道门槛中有3道未通过（G1、G2、G3）。",
        "总分26.5分（满分60分），其中加分20分（满分20分），不含加分6.5分（满分40分）。",
        "各部分得分：甲部分6.5分（满分40分），加分20分（满分20分）。",
        "门槛G1〔一（一）：总分30分以下，不能通过〕总分26.5分，分数线30分，差3.5分；恰为30分按达线处理；未通过。",
        "门槛G2〔否决项有一项为0分，不能通过〕否决项为0分的有1项（A1.1），限0项；有一项为0分即不通过；未通过。",
        "门槛G3〔基础达标项超过1项不是满分，不能通过〕基础达标项不是满分的有2项（A1.2、A1.3），限1项；恰为1项按通过处理；未通过。",
    ]


@pytest.mark.parametrize(
    ("switch", "reading"),
    [("true", "恰为30分按达线处理；通过"), ("false", "恰为30分按不达线处理；未通过")],
)
def test_boundary_is_explained_with_the_reading_in_force(sample_text: str, switch: str, reading: str) -> None:
    programme = load_programme(sample_text.replace("boundary_passes = true", f"boundary_passes = {switch}"))
    sentences = explain(programme, partial(programme, marks_of(programme, A1_4=0, A1_5=0, A1_6=0, B1_1=0)))

    assert sentences[3] == f"门槛G1〔一（一）：总分30分以下，不能通过〕总分30分，分数线30分；{reading}。"
    assert sentences[6] == "总分30分恰在线上，须在汇总中列出。"


def test_interim_verdict_names_what_is_not_marked(sample) -> None:
    marks = marks_of(sample)
    del marks["A2.2"]
    sentences = explain(sample, partial(sample, marks))

    assert sentences[0] == "暂时结论：3道门槛全部通过。"
    assert sentences[-1] == "尚有1行未评分，暂按0分计：A2.2。"


def test_programme_without_bonus_does_not_speak_of_it(wuhao) -> None:
    sentences = explain(wuhao, partial(wuhao, marks_of(wuhao, L1_1=3.5, M1_3=0)))

    assert sentences == [
        "结论：1道门槛全部通过。",
        "总分93.5分（满分100分）。",
        "各部分得分：领导班子好21.5分（满分22分），会员发展好14分（满分20分），商会建设好20分（满分20分），作用发挥好24分（满分24分），工作保障好14分（满分14分）。",
        "门槛G1〔四（五）：分值在90分以上认定为市级“五好”县级工商联〕总分93.5分，分数线90分，高出3.5分；恰为90分按达线处理；通过。",
    ]


STANDARDS = {
    "A1.1": "“有制度”为“是”且（次数不低于2次或“类型”为“大”“中”之一）的得4分，否则得0分；投入高于9.5万元的得0分；“登记日期”不早于2020年6月1日的不适用，按满分计。",  # noqa: E501 - the sentence whole
    "A1.2": "“类型”：“大”得5分，“中”得2.5分，“小”得0分。",
    "A1.3": "次数、场数合计：达10次得6分，达5次得3分，达1次得1.5分，不足1次得0分。",
    "A1.4": "“事项”共4项，每项得2分，最高5分。",
    "A1.5": "“事项”共4项：有1项得1分，有3项得4分。",
    "A1.6": "增速减满意率的差：达0%得6分，达-10%得2分，不足-10%得0分。",
    "A2.1": "分项相加：（1）场数比次数的增长率高于0%的得2分，否则得0分；“登记日期”早于2019年1月1日的不适用，按满分计；（2）次数占次数、场数合计的比例：达50%得4分，达25%得2分，不足25%得0分。",  # noqa: E501 - the sentence whole
    "A2.2": "由评审人按档评定：A 4分、B 2分、D 0分；“类型”为“小”的不适用，按满分计。",
    "B1.1": "“奖励”：国家级每项8分、省级每项5分，同一事项只取最高级，最高15分。",
    "B1.2": "投入、次数取低值：达2.5万元得5分，不足2.5万元得0分。",
}


@pytest.mark.parametrize("row", STANDARDS)
def test_standard_of_a_row_is_plain_chinese(sample, row: str) -> None:
    assert rule_text(sample.rubric.item(row)) == STANDARDS[row]


def test_standard_folds_the_years(sihao) -> None:
    assert rule_text(sihao.rubric.item("A1.1")) == (
        "2019年、2020年政治理论学习次数取低值：达4次得10分，达2次得7分，达1次得4分，不足1次得0分；"
        "“周期内有无违反政治纪律或造成重大负面政治影响的事件”为“是”的得0分。"
    )


def test_standard_keeps_names_apart_that_differ_in_more_than_the_year(sihao) -> None:
    assert rule_text(sihao.rubric.item("B2.8")) == (
        "2019年有效联系会员企业数（去重）占2019年底会员企业数的比例、"
        "2020年有效联系会员企业数（去重）占填报日会员企业数的比例取低值："
        "达60%得4分，达50%得3分，达40%得1分，不足40%得0分。"
    )


POSSIBLE = {
    "A1.1": "4 0",
    "A1.2": "5 2.5 0",
    "A1.3": "6 3 1.5 0",
    "A1.4": "5 4 2 0",
    "A1.5": "4 1 0",
    "A1.6": "6 2 0",
    "A2.1": "6 4 2 0",
    "A2.2": "4 2 0",
    "B1.1": "15 13 10 8 5 0",
    "B1.2": "5 0",
}


@pytest.mark.parametrize("row", POSSIBLE)
def test_possible_points_of_a_row(sample, row: str) -> None:
    assert possible_points(sample.rubric.item(row).rule) == tuple(map(Decimal, POSSIBLE[row].split()))


def test_nothing_has_to_change_for_a_passed_verdict(sample) -> None:
    marks = marks_of(sample)

    assert what_would_change(sample, marks, partial(sample, marks)) == []


def test_veto_at_nought_has_to_rise(sample) -> None:
    marks = marks_of(sample, A1_1=0)

    assert what_would_change(sample, marks, partial(sample, marks)) == [
        Change(("A1.1",), None, "否决项A1.1须高于0分。")
    ]


def test_as_many_short_rows_as_are_too_many_have_to_be_full(sample) -> None:
    marks = marks_of(sample, A1_2=4, A1_3=3)

    assert what_would_change(sample, marks, partial(sample, marks)) == [
        Change(
            ("A1.2", "A1.3"),
            Decimal(1),
            "基础达标项不是满分的有2项，限1项：A1.2、A1.3中至少1项须评满分，分差最大的是A1.3（尚可加3分）。",
        )
    ]


def test_fewest_rows_that_hold_the_missing_points(sample) -> None:
    marks = marks_of(sample, A1_4=0, A1_5=1, A1_6=0, A2_1=2, B1_1=0)

    assert what_would_change(sample, marks, partial(sample, marks)) == [
        Change(("B1.1",), Decimal(3), "总分至少还差3分：最少涉及1行，B1.1（尚可加15分）。")
    ]


def test_rows_that_must_move_anyway_count_towards_the_total(sample) -> None:
    marks = marks_of(sample, A1_1=0, A1_4=0, A1_5=0, A1_6=0, B1_1=0)

    assert what_would_change(sample, marks, partial(sample, marks)) == [
        Change(("A1.1",), None, "否决项A1.1须高于0分。"),
        Change((), Decimal(4), "总分至少还差4分：上述A1.1补至满分即可补足。"),
    ]


def test_further_rows_are_named_when_those_are_not_enough(sample) -> None:
    marks = marks_of(sample, A1_1=0, A1_4=0, A1_5=0, A1_6=0, A2_1=0, B1_1=0)

    assert what_would_change(sample, marks, partial(sample, marks))[-1] == Change(
        ("B1.1",),
        Decimal(10),
        "总分至少还差10分：上述A1.1补至满分后仍差6分，最少再涉及1行，B1.1（尚可加15分）。",
    )


def test_exactly_on_a_line_that_does_not_pass_one_step_is_missing(sample_text: str) -> None:
    programme = load_programme(sample_text.replace("boundary_passes = true", "boundary_passes = false"))
    marks = marks_of(programme, A1_4=0, A1_5=0, A1_6=0, B1_1=0)

    assert what_would_change(programme, marks, partial(programme, marks)) == [
        Change(("B1.1",), Decimal("0.5"), "总分至少还差0.5分：最少涉及1行，B1.1（尚可加15分）。")
    ]
