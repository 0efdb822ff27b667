"""Programmes as sheets: there and back without loss, every fault beside its row, versions compared, marks carried."""

import tomllib
from copy import deepcopy
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.editing.comparing import Version, carry, compare, would_be
from scoring.editing.edits import Edit, NoSuchRow, edited
from scoring.editing.judging import judge, opened, signature
from scoring.editing.rulewords import Names, NotARule, read_rule, write_rule
from scoring.editing.toml import NotToml, dumps, inline, parse_inline
from scoring.engine import ProgrammeError, load_programme

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "programmes"
TEXTS = {name: (FOLDER / f"{name}.toml").read_text("utf-8") for name in ("sihao-2019-2020", "wuhao-2015")}
NAMES = Names(
    {"office": "办公场所", "staff": "人数", "all": "总数", "a": "同名", "b": "同名", "kind": "类型"}
)


@pytest.fixture(scope="module")
def kept():
    return opened(TEXTS["wuhao-2015"])


@pytest.fixture
def content(kept):
    return deepcopy(kept)


def changed(content, *edits):
    return judge(edited(content, edits))


def told(found):
    return [(one.sheet, one.index, one.key, one.message) for one in found.faults]


def place(content, sheet, code, key="id"):
    return next(index for index, row in enumerate(content[sheet]) if row[key] == code)


# ---- there and back


@pytest.mark.parametrize("name", TEXTS)
def test_a_programme_file_goes_onto_sheets_and_back_without_loss(name):
    found = judge(opened(TEXTS[name]))

    assert found.faults == ()
    assert signature(found.text) == signature(TEXTS[name])
    assert load_programme(found.text).total == load_programme(TEXTS[name]).total


VALUES = st.recursive(
    st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.dates()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.decimals(-1000, 1000, places=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('键aA_-. "\\', min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_any_value_is_spelled_so_that_it_is_read_again(value):
    assert parse_inline(inline(value)) == value


def test_a_programme_file_is_written_as_one_reads_it():
    data = tomllib.loads(TEXTS["wuhao-2015"], parse_float=Decimal)

    assert tomllib.loads(dumps(data), parse_float=Decimal) == data


@pytest.mark.parametrize("text", ["1\ny = 2", "[", "nan nan", "{a = 1", "[" * 3000])
def test_what_is_no_single_value_is_refused(text):
    with pytest.raises(NotToml):
        parse_inline(text)


# ---- rules in words


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("评定：好＝5；无＝0", {"type": "rating", "anchors": {"好": Decimal(5), "无": Decimal(0)}}),
        ("是：办公场所", {"type": "binary", "when": {"field": "office", "eq": True}}),
        ("否：office", {"type": "binary", "when": {"field": "office", "eq": False}}),
        ("选项：类型：甲＝5；乙＝0", {"type": "choice", "field": "kind", "points_by": {"甲": 5, "乙": 0}}),
        (
            "分档：人数：3及以上＝5；1＝2",
            {"type": "tiered", "metric": {"field": "staff"}, "tiers": [[3, 5], [1, 2]]},
        ),
        (
            "分档：人数÷总数：50%及以上＝5",
            {"type": "tiered", "metric": {"ratio": ["staff", "all"]}, "tiers": [[Decimal("0.5"), 5]]},
        ),
        (
            "分档：较少者（人数，总数）：2及以上＝1",
            {"type": "tiered", "metric": {"min": [{"field": "staff"}, {"field": "all"}]}, "tiers": [[2, 1]]},
        ),
        ("多选：类型：每项1，最多3", {"type": "checklist", "field": "kind", "each": 1, "cap": 3}),
        ("多选：类型：1项＝1；2项＝3", {"type": "checklist", "field": "kind", "by_count": {"1": 1, "2": 3}}),
        ('{type = "sum", parts = []}', {"type": "sum", "parts": []}),
    ],
)
def test_words_mean_a_rule_and_a_rule_is_told_in_words_that_mean_it(words, rule):
    assert read_rule(words, NAMES) == rule
    assert read_rule(write_rule(rule, NAMES), NAMES) == rule
    assert (write_rule(rule, NAMES)[0] == "{") == (words[0] == "{")


def test_yes_is_not_one_and_no_is_not_nought():
    assert write_rule({"type": "binary", "when": {"field": "staff", "eq": 0}}, NAMES) == (
        '{type = "binary", when = {field = "staff", eq = 0}}'
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "好就得分",
            "不认识“好就得分”，可用“评定”“是”“否”“选项”“分档”“多选”，或者按标准文件的写法写在花括号里",
        ),
        ("评定：好", "“好”应写成“某一档＝分数”，各档之间用；隔开"),
        ("评定：", "没有写各档得分，应写成“某一档＝分数；另一档＝分数”"),
        ("评定：好＝5；好＝3", "“好”写了两次，请删去一处"),
        ("是：没有", "没有字段“没有”，请写字段的代号或者名称，并先在“字段”中列出"),
        ("是：同名", "没有字段“同名”，请写字段的代号或者名称，并先在“字段”中列出"),
        ("分档：人数：多＝5", "“多”应写成“某数及以上”，如“100及以上＝5”"),
        ("{type = ", "花括号里的写法不对（"),
        ("{}x", "花括号里的写法不对（"),
    ],
)
def test_words_that_mean_nothing_are_refused_with_the_way_to_mend_them(words, message):
    with pytest.raises(NotARule) as refused:
        read_rule(words, NAMES)
    assert str(refused.value).startswith(message)


# ---- faults beside their rows


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        (("rows", "L1.1", {"points": "x"}), ("rows", "points", "应填数字，现为“x”")),
        (
            ("rows", "L1.1", {"rule": "评定：好＝3；无＝0"}),
            ("rows", "", "规则最高得3分，达不到分值4分，请使计分规则的最高分与该行分值相同"),
        ),
        (("rows", "L1.1", {"mark": "红线"}), ("rows", "mark", "不认识“红线”，可填：否决项、基础达标项")),
        (("rows", "L1.1", {"name": ""}), ("rows", "name", "不能为空，请填写")),
        (("rows", "L1.1", {"id": "L1.2"}), ("rows", "id", "“L1.2”与前面一行重复，请改用另一个代号")),
        (
            ("rows", "L1.1", {"group": "Z"}),
            ("rows", "group", "没有二级指标“Z”，请改正代号或者先增加二级指标"),
        ),
        (
            ("gates", "G1", {"limit": "101"}),
            ("gates", "", "分数线101分应大于0且不超过总分100分，请按填写说明改正"),
        ),
        (("fields", "name", {"type": "单选", "options": ""}), ("fields", "", "缺少“选项”，请补上")),
    ],
)
def test_a_fault_stands_beside_its_row_with_the_way_to_mend_it(content, edit, fault):
    sheet, code, values = edit
    index = place(content, sheet, code)
    index_told = index + 1 if values.get("id") else index

    assert (fault[0], index_told, *fault[1:]) in told(changed(content, Edit(sheet, index, values)))


def test_several_faulty_rows_are_all_named_at_once(content):
    first, second = place(content, "rows", "L1.1"), place(content, "rows", "L1.6")
    rule = {"rule": "评定：好＝99；无＝0"}

    found = changed(content, Edit("rows", first, rule), Edit("rows", second, rule))

    assert [(one.index, one.message[:13]) for one in found.faults] == [
        (first, "规则最高得99分，超过分值"[:13]),
        (second, "规则最高得99分，超过分值"[:13]),
    ]
    assert found.programme is None


def test_points_that_do_not_add_up_are_named_at_every_level(content):
    index = place(content, "rows", "L1.1")
    found = changed(content, Edit("rows", index, {"points": "5", "rule": "评定：好＝5；无＝0"}))

    assert [(one.sheet, one.key) for one in found.faults] == [
        ("groups", "points"),
        ("sections", "points"),
        ("head", "total"),
    ]


def test_points_left_out_are_added_up(content):
    for sheet in ("groups", "sections"):
        for row in content[sheet]:
            row["points"] = ""

    assert judge(content).programme.rubric.sections[0].points == 22


def test_a_code_that_changes_takes_along_what_hangs_on_it(content):
    group = place(content, "groups", "L1", "code")

    found = edited(content, [Edit("groups", group, {"code": "L9"})])

    assert {row["group"] for row in found["rows"] if row["id"].startswith("L1.")} == {"L9"}
    assert judge(found).faults == ()


def test_a_section_is_taken_out_with_all_that_hangs_on_it(content):
    found = edited(content, [Edit("sections", 0, None)])

    assert not [row for row in found["rows"] if row["id"].startswith("L1.")]
    assert len(found["sections"]) == len(content["sections"]) - 1
    assert len(content["rows"]) == 28


def test_a_row_that_is_not_there_is_not_written(content):
    with pytest.raises(NoSuchRow):
        edited(content, [Edit("gates", 9, {"text": "x"})])


def test_a_file_that_the_loader_refuses_is_not_opened():
    with pytest.raises(ProgrammeError, match="不是合法的TOML文件"):
        opened("x = ")


# ---- two versions


def version(found):
    return Version(found.programme, found.text)


def test_a_comparison_names_what_was_added_removed_and_changed(content):
    before = judge(content)
    first, second = place(content, "rows", "L1.1"), place(content, "rows", "L1.2")
    rule = {"rule": "评定：好＝3；无＝0", "points": "3"}
    new = {"group": "L1", "id": "L1.9", "name": "新增一项", "points": content["rows"][second]["points"]}
    after = changed(
        content,
        Edit("rows", first, rule),
        Edit("rows", second, None),
        Edit("rows", None, new),
        Edit("groups", 0, {"points": ""}),
        Edit("sections", 0, {"points": ""}),
        Edit("head", 0, {"total": "99"}),
        Edit("gates", 0, {"limit": "88"}),
        Edit("checks", 0, {"text": "改写"}),
    )

    found = compare(version(before), version(after))

    assert [(one.kind, one.what, one.code) for one in found] == [
        ("changed", "基本情况", ""),
        ("changed", "一级指标", "L"),
        ("changed", "指标", "L1.1"),
        ("added", "指标", "L1.9"),
        ("removed", "指标", "L1.2"),
        ("changed", "门槛", "G1"),
        ("changed", "校验", content["checks"][0]["id"]),
    ]
    row = next(one for one in found if one.code == "L1.1")
    assert next((part.title, part.before, part.after) for part in row.parts) == ("分值", "4", "3")
    assert compare(version(before), version(before)) == []


def test_marks_are_carried_where_rows_map_and_scaled_down_to_the_step(content):
    index = place(content, "rows", "L1.1")
    old = judge(content).programme
    gone = content["rows"][index + 1]["id"]
    total = 99 - int(content["rows"][index + 1]["points"])
    new = changed(
        content,
        Edit("rows", index, {"points": "3", "rule": "评定：好＝3；无＝0"}),
        Edit("rows", index + 1, None),
        Edit("groups", 0, {"points": ""}),
        Edit("sections", 0, {"points": ""}),
        Edit("head", 0, {"total": str(total)}),
    ).programme

    marks = {item.id: item.points for item in old.rubric.items()}
    full = carry(marks, old, new)
    part = carry({"L1.1": Decimal("3.5")}, old, new)
    nothing = carry({"L1.1": Decimal(0)}, old, new)

    assert full.marks["L1.1"] == 3
    assert full.dropped == (gone,)
    assert part.marks == {"L1.1": Decimal("2.5")}
    assert nothing.marks == {"L1.1": 0}
    assert part.scaled == ("L1.1",)


@pytest.mark.parametrize(("limit", "passes"), [("90", True), ("90.5", False)])
def test_another_limit_turns_the_verdict_on_the_same_marks(content, limit, passes):
    old = judge(content).programme
    new = changed(content, Edit("gates", 0, {"limit": limit})).programme
    marks = {item.id: item.points for item in old.rubric.items()}
    for item in old.rubric.items():
        marks[item.id] -= min(item.points, sum(marks.values()) - 90)
    assert sum(marks.values()) == 90

    before, after = would_be(marks, old, new)

    assert (before.eligible, after.eligible, after.total) == (True, passes, 90)


# ---- order


def shelf(*codes):
    """Return sheets with rows of these codes; the letter is the heading."""
    return {"rows": [{"group": code[0], "id": code} for code in codes]}


def order(content):
    return [row["id"] for row in content["rows"]]


@pytest.mark.parametrize(
    ("index", "to", "expected"),
    [
        (0, "down", ["P2", "P1", "Q1", "P3"]),
        (0, "up", ["P1", "P2", "Q1", "P3"]),
        (3, "down", ["P1", "P2", "Q1", "P3"]),
        (3, "up", ["P1", "P3", "P2", "Q1"]),
        (0, "3", ["P2", "Q1", "P3", "P1"]),
        (0, "4", ["P2", "Q1", "P3", "P1"]),
        (3, "1", ["P3", "P1", "P2", "Q1"]),
        (2, "1", ["P1", "P2", "Q1", "P3"]),
    ],
)
def test_a_row_moves_among_its_own(index, to, expected):
    assert order(edited(shelf("P1", "P2", "Q1", "P3"), [Edit("rows", index, {}, to)])) == expected


def test_all_numbers_typed_at_once_give_that_order():
    typed = [Edit("rows", at, {}, to) for at, to in enumerate(("3", "1", "2"))]

    assert order(edited(shelf("P1", "P2", "P3"), typed)) == ["P2", "P3", "P1"]


def test_a_row_under_another_heading_comes_last_there():
    made = edited(shelf("P1", "Q1", "P2"), [Edit("rows", 0, {"group": "Q"}, "1")])

    assert order(made) == ["Q1", "P1", "P2"]


def test_a_row_that_is_taken_out_moves_nowhere():
    made = edited(shelf("P1", "P2"), [Edit("rows", 0, {}, "2"), Edit("rows", 0, None)])

    assert order(made) == ["P2"]
