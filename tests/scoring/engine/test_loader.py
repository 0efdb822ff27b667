"""A programme file is taken whole or refused with the row, field or gate that is wrong."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from scoring.engine import ItemSpec, MarkSpec, ProgrammeError, Stage, load_programme, numeral

ROOT = Path(__file__).resolve().parents[3]
A11 = 'rule = {type = "binary", when = {all'
WHEN = "when = {metric = {growth"

REFUSALS = [
    # The file.
    ("total = 60", "total = ", "不是合法的TOML文件：Invalid value (at line 8, column 9)"),
    ("total = 60", "total = 61", "总分：写明61分，各项相加为60分"),
    ("total = 60", 'total = "60"', "文件：“total”应为数字"),
    ("total = 60", "total = nan", "文件：“total”数字超出范围"),
    ("total = 60", "total = 1e30", "文件：“total”数字超出范围"),
    ("total = 60", "total = true", "文件：“total”应为数字"),
    ("total = 60", "total = 0", "文件：“total”和“score_step”应大于0"),
    ("total = 60\n", "", "文件：缺少“total”"),
    ("score_step = 0.5", "score_step = 0", "文件：“total”和“score_step”应大于0"),
    ("score_step = 0.5", "score_step = 1", "指标A1.2：规则给出的2.5分不是1分的整数倍"),
    ('schema = "rubric/1"', 'schema = "rubric/2"', "文件：“schema”不认识“rubric/2”，可用：rubric/1"),
    ('source = "无"', 'source = "无"\nsorce = "无"', "文件：有不认识的键：sorce"),
    ('title = "样例标准"', 'title = " "', "文件：“title”应为文字"),
    (
        "start = 2019-01-01, end = 2020-12-31",
        "start = 2021-01-01, end = 2020-12-31",
        "周期：“end”早于“start”",
    ),
    ("start = 2019-01-01, end", 'start = "2019", end', "周期：“start”应为日期，如2019-01-01"),
    ("start = 2019-01-01, end", "start = 2019-01-01T00:00:00, end", "周期：“start”应为日期，如2019-01-01"),
    # Marks.
    ('"否决项", count = 1', '"否决项", count = 2', "标记veto：写明2项否决项，实有1项"),
    ('"基础达标项", count = 2', '"基础达标项", count = 1', "标记baseline：写明1项基础达标项，实有2项"),
    ('"否决项", count = 1', '"否决项", count = 1.5', "标记veto：“count”应为不小于0的整数"),
    ("marks = {veto", "marks = {stop", "标记：不认识“stop”，可用：veto、baseline"),
    ('mark = "veto"\nrule', 'mark = "stop"\nrule', "指标A1.1：“mark”不认识“stop”，可用：veto、baseline"),
    # Gates.
    (
        'type = "min_total"',
        'type = "max_total"',
        "门槛G1：“type”不认识“max_total”，可用：min_total、any_zero、max_not_full",
    ),
    ("threshold = 30", "threshold = 61", "门槛G1：分数线61分应大于0且不超过总分60分"),
    ("threshold = 30", "threshold = 0", "门槛G1：分数线0分应大于0且不超过总分60分"),
    (
        "threshold = 30\nboundary_passes = true",
        "threshold = 60\nboundary_passes = false",
        "门槛G1：分数线等于总分时应达线即通过，否则无人能通过",
    ),
    ("boundary_passes = true", "boundary_passes = 1", "门槛G1：“boundary_passes”应为true或false"),
    ("boundary_passes = true\n", "", "门槛G1：缺少“boundary_passes”"),
    ("max_not_full = 1", "max_not_full = -1", "门槛G3：“max_not_full”应为不小于0的整数"),
    ('type = "any_zero"\nmark = "veto"', 'type = "any_zero"', "门槛G2：缺少“mark”"),
    (
        'type = "any_zero"\nmark = "veto"',
        'type = "any_zero"\nmark = "x"',
        "门槛G2：“mark”不认识“x”，可用：veto、baseline",
    ),
    ('id = "G2"', 'id = "G1"', "门槛G1：编号重复"),
    ('id = "G2"', "id = 2", "文件“gates”第2项：“id”应为文字"),
    ('type = "any_zero"\n', 'type = "any_zero"\nthreshold = 3\n', "门槛G2：有不认识的键：threshold"),
    # Fields.
    (
        'type = "gb2260"',
        'type = "county"',
        "字段place：“type”不认识“county”，可用：text、long_text、date、bool、list、uscc、gb2260、mobile、int、decimal、ratio、choice、multi",
    ),
    ('id = "place"', 'id = "code"', "字段code：编号重复"),
    ('options = ["大", "中", "小"]', "options = []", "字段kind：“options”不能为空"),
    ('options = ["大", "中", "小"]', 'options = ["大", "大"]', "字段kind：“options”有重复项"),
    ('options = ["大", "中", "小"]', 'options = ["大", 1]', "字段kind：“options”各项应为文字"),
    ('options = ["大", "中", "小"]', 'options = "大"', "字段kind：“options”应为数组"),
    ("min_chars = 2", "min_chars = 12", "字段words：“min_chars”大于“max_chars”"),
    ('label = "名称"\ntype', 'lable = "名称"\ntype', "字段title：缺少“label”"),
    ('label = "代码"', 'label = "代码"\nrequierd = false', "字段code：有不认识的键：requierd"),
    (
        'item = {title = "text"',
        'item = {title = "list"',
        "字段prizes的item：“title”不认识“list”，可用：text、long_text、date、bool、uscc、gb2260、mobile、int、decimal、ratio、choice、multi",
    ),
    ('item = {title = "text"', 'item = {title = "choice"', "字段prizes的item_options：“title”的选项不能为空"),
    ("item_labels = {title", "item_labels = {name", "字段prizes的item_labels：有不认识的键：name"),
    ("signed = true", "signed = 1", "字段growth：“signed”应为true或false"),
    # Sums.
    (
        'code = "A1"\nname = "甲一"\nclause = "二（一）"\npoints = 30',
        'code = "A1"\nname = "甲一"\npoints = 31',
        "二级指标A1：写明31分，各项相加为30分",
    ),
    ('name = "甲部分"\npoints = 40', 'name = "甲部分"\npoints = 39', "一级指标A：写明39分，各项相加为40分"),
    ('code = "A2"', 'code = "A1"', "二级指标A1：编号重复"),
    ('code = "B"', 'code = "A"', "一级指标A：编号重复"),
    ('id = "A1.2"', 'id = "A1.1"', "指标A1.1：编号重复"),
    ('name = "是非"\npoints = 4', 'name = "是非"\npoints = 0', "指标A1.1：分值应大于0"),
    ('name = "是非"\npoints = 4', 'name = "是非"\npoints = -4', "指标A1.1：分值应大于0"),
    ('name = "选项"\n', 'name = "选项"\nfields = ["nix"]\n', "指标A1.2：没有字段“nix”"),
    ('auto = "manual"', 'auto = "half"', "指标A2.2：“auto”不认识“half”，可用：full、assist、manual"),
    ('name = "选项"\n', 'name = "选项"\nevidnce = []\n', "指标A1.2：有不认识的键：evidnce"),
    # Rules.
    (
        A11,
        'rule = {type = "binry", when = {all',
        "指标A1.1：“type”不认识“binry”，可用：binary、choice、tiered、checklist、sum、rating、awards",
    ),
    (A11, 'rule = {type = "binary", points = 3, when = {all', "指标A1.1：规则写明的3分与该行分值4分不一致"),
    (A11, 'rule = {type = "binary", wenn = 1, when = {all', "指标A1.1：有不认识的键：wenn"),
    ('"中" = 2.5, "小" = 0', '"中" = 2.5', "指标A1.2：“points_by”缺少字段“kind”的选项“小”"),
    ('"小" = 0}', '"小" = 0, "微" = 0}', "指标A1.2：“points_by”的“微”不是字段“kind”的选项"),
    ('"大" = 5', '"大" = 6', "指标A1.2：规则最高得6分，超过分值5分"),
    ('"大" = 5', '"大" = 4', "指标A1.2：规则最高得4分，达不到分值5分"),
    ('"小" = 0}', '"小" = -1}', "指标A1.2：规则给出负分"),
    ('"choice", field = "kind"', '"choice", field = "n"', "指标A1.2：字段“n”应为“choice”类，现为“int”类"),
    ('"choice", field = "kind"', '"choice", field = "nix"', "指标A1.2：没有字段“nix”"),
    (
        "[[10, 6], [5, 3], [1, 1.5]]",
        "[[5, 6], [10, 3]]",
        "指标A1.3：“tiers”应从高到低排列，下限和得分都逐档递减",
    ),
    (
        "[[10, 6], [5, 3], [1, 1.5]]",
        "[[10, 6], [10, 3]]",
        "指标A1.3：“tiers”应从高到低排列，下限和得分都逐档递减",
    ),
    (
        "[[10, 6], [5, 3], [1, 1.5]]",
        "[[10, 6], [5, 6]]",
        "指标A1.3：“tiers”应从高到低排列，下限和得分都逐档递减",
    ),
    ("[[10, 6], [5, 3], [1, 1.5]]", "[]", "指标A1.3：“tiers”不能为空"),
    ("[[10, 6], [5, 3], [1, 1.5]]", "[[10, 6, 1]]", "指标A1.3：“tiers”每档应为[下限, 得分]"),
    ("[[10, 6], [5, 3], [1, 1.5]]", '[["10", 6]]', "指标A1.3：“tiers”的下限应为数字"),
    ("[[10, 6], [5, 3], [1, 1.5]]", "[[10, 7]]", "指标A1.3：规则最高得7分，超过分值6分"),
    ("each = 2, cap = 5", "each = 2, cap = 6", "指标A1.4：规则最高得6分，超过分值5分"),
    ("each = 2, cap = 5", "each = 1, cap = 5", "指标A1.4：全选只得4分，达不到封顶5分"),
    ("each = 2, cap = 5", "each = 2", "指标A1.4：缺少“cap”"),
    ("{1 = 1, 3 = 4}", "{1 = 1, 5 = 4}", "指标A1.5：“by_count”的项数应为1至4的整数"),
    ("{1 = 1, 3 = 4}", "{0 = 1, 3 = 4}", "指标A1.5：“by_count”的项数应为1至4的整数"),
    ("{1 = 1, 3 = 4}", "{x = 1, 3 = 4}", "指标A1.5：“by_count”的项数应为1至4的整数"),
    ("{1 = 1, 3 = 4}", "{1 = 4, 3 = 1}", "指标A1.5：“by_count”的得分应随项数递增"),
    ("{1 = 1, 3 = 4}", "{1 = 1, 3 = 3}", "指标A1.5：规则最高得3分，达不到分值4分"),
    ("{1 = 1, 3 = 4}", "{}", "指标A1.5：“by_count”应为非空的表"),
    ('[{type = "binary", points = 2, when', '[{type = "binary", when', "指标A2.1第1部分：缺少“points”"),
    (
        '[{type = "binary", points = 2, when',
        '[{type = "binary", points = 3, when',
        "指标A2.1：规则最高得7分，超过分值6分",
    ),
    (
        "[[0.5, 4], [0.25, 2]]}]",
        "[[0.5, 4], [0.25, 2]], points = 5}]",
        "指标A2.1第2部分：规则最高得4分，达不到分值5分",
    ),
    (
        '[{type = "binary", points = 2, when',
        '[{type = "rating", anchors = {A = 2}}, {type = "binary", points = 2, when',
        "指标A2.1：“parts”不能为空，也不能含由人评定的rating",
    ),
    ("{A = 4, B = 2, D = 0}", "{A = 4, B = 4, D = 0}", "指标A2.2：“anchors”应从高到低排列"),
    ("{A = 4, B = 2, D = 0}", "{A = 3, B = 2, D = 0}", "指标A2.2：规则最高得3分，达不到分值4分"),
    ("{A = 4, B = 2, D = 0}", "{A = 4, B = 2.2, D = 0}", "指标A2.2：规则给出的2.2分不是0.5分的整数倍"),
    ("cap = 15", "cap = 0", "指标B1.1：各级别得分和封顶都应大于0，封顶不超过最低一级的1000倍"),
    ("cap = 15", "cap = 5001", "指标B1.1：各级别得分和封顶都应大于0，封顶不超过最低一级的1000倍"),
    ("cap = 15", "cap = 5000", "指标B1.1：规则最高得5000分，超过分值15分"),
    ("cap = 15", "cap = 14", "指标B1.1：规则最高得14分，达不到分值15分"),
    ('dedupe = "matter"', 'dedupe = "case"', "指标B1.1：字段“prizes”没有栏目“case”"),
    ('"省级" = 5}', '"省级" = 0}', "指标B1.1：各级别得分和封顶都应大于0，封顶不超过最低一级的1000倍"),
    ('level = "choice", on', 'rank = "text", on', "字段prizes的item_labels：有不认识的键：level"),
    # Conditions and metrics.
    ('{field = "yes", eq = true}', '{field = "nix", eq = true}', "指标A1.1：没有字段“nix”"),
    (
        '{field = "yes", eq = true}',
        '{field = "yes", ne = true}',
        "指标A1.1：条件应有且只有一个比较词：eq、gt、gte、lt、lte、in",
    ),
    (
        '{field = "yes", eq = true}',
        '{field = "yes", eq = true, gt = 1}',
        "指标A1.1：条件应有且只有一个比较词：eq、gt、gte、lt、lte、in",
    ),
    ('{field = "yes", eq = true}', '{field = "yes", gt = true}', "指标A1.1：“bool”类字段不能用“gt”比较"),
    ('{field = "yes", eq = true}', '{field = "yes", eq = 1}', "指标A1.1：“1”不是该字段可有的值"),
    ('{field = "yes", eq = true}', '{field = "ticks", eq = "一"}', "指标A1.1：“multi”类字段不能用“eq”比较"),
    ('{field = "yes", eq = true}', "{}", "指标A1.1：缺少“field”"),
    ('{field = "yes", eq = true}', '{field = "yes", eq = true, or = 1}', "指标A1.1：有不认识的键：or"),
    (
        '{all = [{field = "yes", eq = true}, {any = [{field = "n", gte = 2}, {field = "kind", in = ["大", "中"]}]}]}',
        "{all = []}",
        "指标A1.1：“all”不能为空",
    ),
    ('in = ["大", "中"]', 'in = ["大", "微"]', "指标A1.1：“微”不是该字段可有的值"),
    ('in = ["大", "中"]', "in = []", "指标A1.1：“in”不能为空"),
    ("gte = 2020-06-01", "gte = 2020", "指标A1.1的na_when：“2020”不是该字段可有的值"),
    ("gt = 9.5", 'gt = "9.5"', "指标A1.1的zero_when：条件的界限应为数字"),
    (WHEN, "when = {metric = {shrink", "指标A2.1第1部分：度量应为field、ratio、growth、diff、min、sum之一"),
    ('{growth = ["n", "m"]}', '{growth = ["n"]}', "指标A2.1第1部分：“growth”应有两项"),
    ('{growth = ["n", "m"]}', '{growth = ["n", "rate"]}', "指标A2.1第1部分：比例和数量不能放在一起比较"),
    ('{growth = ["n", "m"]}', '{growth = ["n", "m"], min = ["n"]}', "指标A2.1第1部分：有不认识的键：min"),
    ('{growth = ["n", "m"]}', '{min = ["n", "rate"]}', "指标A2.1第1部分：比例和数量不能放在一起比较"),
    ('{growth = ["n", "m"]}', "{min = []}", "指标A2.1第1部分：“min”不能为空"),
    ('{growth = ["n", "m"]}', '"yes"', "指标A2.1第1部分：字段“yes”不是数字，不能作度量"),
    ('{growth = ["n", "m"]}', "7", "指标A2.1第1部分：应为一张表"),
    # Checks and stages.
    (
        'severity = "warn"',
        'severity = "stop"',
        "逻辑校验X01：“severity”不认识“stop”，可用：block、explain、hint、warn",
    ),
    ('fields = ["n", "m"]', 'fields = ["n", "q"]', "逻辑校验X01：没有字段“q”"),
    ("end = 2019-02-01", "end = 2018-02-01", "步骤S1：“end”早于“start”"),
]


@pytest.mark.parametrize(
    ("old", "new", "message"), REFUSALS, ids=[str(number) for number in range(len(REFUSALS))]
)
def test_loader_refuses_by_name(sample_text: str, old: str, new: str, message: str) -> None:
    assert old in sample_text

    with pytest.raises(ProgrammeError) as refusal:
        load_programme(sample_text.replace(old, new, 1))

    assert str(refusal.value) == message


MINIMAL = """
schema = "rubric/1"
id = "third"
title = "第三个标准"
status = "sample"
status_label_zh = "样例"
source = "无"
total = 1
score_step = 1
period = {start = 2020-01-01, end = 2020-01-01}
gates = [{id = "G1", text = "1分", type = "min_total", threshold = 1, boundary_passes = true}]
[[sections]]
code = "A"
name = "甲"
points = 1
groups = [{code = "A1", name = "甲", points = 1, items = [
  {id = "A1.1", name = "甲", points = 1, auto = "manual", rule = {type = "rating", anchors = {A = 1}}},
]}]
"""


def test_smallest_file_needs_no_form_no_marks_and_no_tables() -> None:
    programme = load_programme(MINIMAL)

    assert [item.id for item in programme.rubric.items()] == ["A1.1"]
    assert (programme.fields, programme.marks, programme.checks, programme.stages) == ((), (), (), ())
    assert (programme.workflow, programme.short_status) == ("", "样例")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("gates = [", "gates = [] #", "文件：至少应有一道门槛"),
        ("gates = [", "gate = [", "文件：缺少“gates”"),
        ("[[sections]]", "[[section]]", "文件：缺少“sections”"),
        ('auto = "manual"', 'auto = "manual", mark = "veto"', "指标A1.1：标记“veto”未在marks中写明"),
        ("rating", "binary", "指标A1.1：缺少“when”"),
    ],
)
def test_smallest_file_is_refused_without_its_parts(old: str, new: str, message: str) -> None:
    with pytest.raises(ProgrammeError) as refusal:
        load_programme(MINIMAL.replace(old, new, 1))

    assert str(refusal.value) == message


def test_loader_refuses_a_list_without_columns(sample_text: str) -> None:
    text = sample_text.replace(
        'item = {title = "text", level = "choice", on = "date", matter = "text"}', "item = {}"
    )
    bare = "\n".join(line for line in text.splitlines() if not line.startswith("item_labels"))

    with pytest.raises(ProgrammeError, match=r"^字段prizes：“item”不能为空$"):
        load_programme(bare)


def test_loader_refuses_bottomless_nesting(sample_text: str) -> None:
    deep = "{all = [" * 200 + '{field = "yes", eq = true}' + "]}" * 200

    with pytest.raises(ProgrammeError, match=r"^文件：嵌套过深$"):
        load_programme(sample_text.replace('{field = "yes", eq = true}', deep, 1))


def test_loader_refuses_endless_digits(sample_text: str) -> None:
    with pytest.raises(ProgrammeError, match=r"^不是合法的TOML文件：Exceeds the limit"):
        load_programme(sample_text.replace("total = 60", f"total = {'6' * 5000}"))


def test_sihao_has_the_points_and_marks_of_the_notice(sihao) -> None:
    assert {section.code: section.points for section in sihao.rubric.sections} == {
        "A": 125,
        "B": 110,
        "C": 115,
        "D": 90,
        "E": 60,
    }
    assert [section.code for section in sihao.rubric.sections if section.bonus] == ["E"]
    assert sihao.total == Decimal(500)
    assert sihao.step == Decimal("0.5")
    assert [item.id for item in sihao.rubric.marked("veto")] == [
        "A1.1",
        "A3.1",
        "B1.1",
        "B1.6",
        "D1.1",
        "D1.2",
        "D1.3",
    ]
    assert [item.id for item in sihao.rubric.marked("baseline")] == [
        "A2.1",
        "A3.8",
        "B2.4",
        "B2.7",
        "B3.1",
        "D1.4",
        "D1.7",
    ]
    assert sihao.marks == (MarkSpec("veto", "*", "否决项", 7), MarkSpec("baseline", "※", "基础达标项", 7))
    assert [(gate.id, gate.clause, gate.limit) for gate in sihao.rubric.gates] == [
        ("G1", "五（一）", 350),
        ("G2", "五（一）", 0),
        ("G3", "五（一）", 4),
    ]


def test_sihao_carries_its_form_and_tables(sihao) -> None:
    assert (sihao.id, sihao.workflow, sihao.short_status) == ("sihao-2019-2020", "sihao", "重建稿，非官方")
    assert (sihao.period_start, sihao.period_end) == (date(2019, 1, 1), date(2020, 10, 15))
    assert [name for name, _ in sihao.field_groups()] == [
        "基本情况",
        "会长班子",
        "党的建设",
        "政治引领",
        "会员队伍",
        "秘书处",
        "服务发展",
        "自律规范",
        "加分",
        "主要事迹",
        "真实性承诺",
    ]
    assert sum(len(fields) for _, fields in sihao.field_groups()) == len(sihao.fields)
    assert (sihao.field("deeds").min_chars, sihao.field("deeds").max_chars) == (800, 1500)
    assert sihao.field("awards").item == (
        ItemSpec("title", "text", "奖励名称"),
        ItemSpec("level", "choice", "级别", ("国家级", "省部级", "市厅级", "县级")),
        ItemSpec("issuer", "text", "颁奖单位"),
        ItemSpec("date", "date", "日期"),
        ItemSpec("doc_no", "text", "文号"),
        ItemSpec("matter", "text", "事项"),
    )
    assert len(sihao.annex3_columns) == 19
    assert len(sihao.annex5_columns) == 14
    assert sorted(check.id for check in sihao.checks) == [f"X{number:02}" for number in range(1, 77)]
    assert all(spec.unit for spec in sihao.fields if spec.kind in ("int", "decimal"))


def test_wuhao_has_one_gate_no_marks_and_five_stages(wuhao) -> None:
    assert (wuhao.workflow, wuhao.total) == ("wuhao", 100)
    assert [(gate.id, gate.clause, gate.limit) for gate in wuhao.rubric.gates] == [("G1", "四（五）", 90)]
    assert [item.id for item in wuhao.rubric.items() if item.mark] == []
    assert wuhao.stages[0] == Stage(
        "S1",
        "动员部署",
        date(2015, 4, 1),
        date(2015, 6, 30),
        ("工作方案上报市工商联", "街道商会、行业商会和团体会员工作计划报市工商联会员部"),
    )
    assert len(wuhao.stages) == 5


def test_a_text_may_have_one_length(sample_text: str) -> None:
    words = load_programme(sample_text.replace("min_chars = 2", "min_chars = 10")).field("words")

    assert words.min_chars == words.max_chars == 10


def test_a_stage_may_be_one_day(sample_text: str) -> None:
    programme = load_programme(sample_text.replace("end = 2019-02-01", "end = 2019-01-01"))

    assert programme.stages[0].start == programme.stages[0].end == date(2019, 1, 1)


def test_levels_of_a_list_default_to_those_paid_for(sample) -> None:
    assert sample.field("prizes").item[1] == ItemSpec("level", "choice", "级别", ("国家级", "省级"))


def test_rows_are_found_by_id(sample) -> None:
    assert sample.rubric.item("A2.1").name == "相加"
    assert sample.rubric.section_of("A2.1").code == "A"
    assert sample.field("n").label == "次数"
    with pytest.raises(KeyError):
        sample.rubric.item("Z9")


def test_fields_are_numbered_by_heading_and_place(sihao) -> None:
    assert (sihao.numbers["name"], sihao.numbers["visited_2020"], sihao.numbers["commitment"]) == (
        "一（1）",
        "五（14）",
        "十一（1）",
    )
    assert list(sihao.numbers) == [spec.id for spec in sihao.fields]


@pytest.mark.parametrize(
    ("number", "word"), [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (20, "二十"), (35, "三十五"), (99, "九十九")]
)
def test_headings_are_counted_in_chinese(number: int, word: str) -> None:
    assert numeral(number) == word


def test_each_field_knows_the_rows_that_are_judged_by_it(sihao, wuhao) -> None:
    told = {name: [(use.item.id, use.clause) for use in uses] for name, uses in sihao.uses.items()}
    assert told["ent_members_2020"] == [("B2.7", "二（二）2"), ("B2.8", "二（二）2"), ("B2.9", "二（二）2")]
    assert "contact_name" not in told
    assert [(use.item.id, use.clause) for use in wuhao.uses["chair_name"]] == [("L1.3", "2012标准一（二）")]


def test_what_is_signed_and_agreed_to_is_in_the_file(sihao) -> None:
    commitment = sihao.field("commitment")
    assert commitment.signatures == ("法定代表人（会长）签字", "商会（盖章）")
    assert [line[:2] for line in commitment.text.splitlines()] == ["本会", "一、", "二、", "三、", "四、"]
    assert {spec.id for spec in sihao.fields if spec.text or spec.signatures} == {"commitment"}
