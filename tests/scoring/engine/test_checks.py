"""The logic checks: the cases of tests/scoring/cases, what a programme file may not say, and what always holds."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine import (
    Evidence,
    Facts,
    FieldSpec,
    Finding,
    OwnMark,
    Programme,
    ProgrammeError,
    Surroundings,
    check,
    load_programme,
)

ROOT = Path(__file__).resolve().parents[3]
CASES = ROOT / "tests/scoring/cases"
FULL = Decimal(6)


def case_files() -> dict[str, list[dict]]:
    files = [
        tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
        for path in sorted(CASES.glob("checks-*.toml"))
    ]
    return {file["programme"]: file["case"] for file in files}


FILES = case_files()
ALL = [
    pytest.param(name, case, id=f"{name} {case['check']} {number}")
    for name, cases in FILES.items()
    for number, case in enumerate(cases)
]


@pytest.fixture(scope="module")
def programmes(sihao: Programme, wuhao: Programme, sample: Programme) -> dict[str, Programme]:
    return {one.id: one for one in (sihao, wuhao, sample)}


def beside(case: dict) -> dict:
    """The case with its one small change made."""
    changed = {key: dict(value) if isinstance(value, dict) else value for key, value in case.items()}
    for key, value in case["beside"].items():
        if key == "drop":
            changed["facts"] = {name: one for name, one in changed["facts"].items() if name not in value}
        elif isinstance(value, dict):
            changed[key] = {**changed.get(key, {}), **value}
        else:
            changed[key] = [*changed.get(key, []), *value]
    return changed


def found(programme: Programme, case: dict) -> tuple[Finding, ...]:
    facts, problems = Facts.parse(programme, case.get("facts", {}))
    assert problems == {}
    marks = {
        row: OwnMark(
            Decimal(points), words=row in case.get("words", ()), reason=row in case.get("reasons", ())
        )
        for row, points in case.get("marks", {}).items()
    }
    evidence = {
        code: Evidence(hung.get("count", 0), tuple(hung.get("dates", ())), hung.get("elsewhere", 0))
        for code, hung in case.get("evidence", {}).items()
    }
    around = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in case.get("around", {}).items()
    }
    known = Surroundings(
        evidence=evidence if "evidence" in case else None, unread=case.get("unread", {}), **around
    )
    return check(programme, facts, marks, known)


@pytest.mark.parametrize(("name", "case"), ALL)
def test_case_is_found_and_the_one_beside_it_is_not(
    programmes: dict[str, Programme], name: str, case: dict
) -> None:
    programme = programmes[name]
    asked = next(one for one in programme.checks if one.id == case["check"])

    findings = [one for one in found(programme, case) if one.id == asked.id]

    assert findings == [
        Finding(
            asked.id,
            asked.severity,
            case["message"],
            asked.clause,
            tuple(case.get("fields", ())),
            tuple(case.get("rows", ())),
        )
    ]
    assert [one for one in found(programme, beside(case)) if one.id == asked.id] == []
    assert len(case["beside"]) == 1


@pytest.mark.parametrize("name", list(FILES))
def test_every_branch_of_every_check_has_a_case(programmes: dict[str, Programme], name: str) -> None:
    bare = []
    for one in programmes[name].checks:
        messages = [case["message"] for case in FILES[name] if case["check"] == one.id]
        for number, branch in enumerate(one.branches, start=1):
            told = "(.*)".join(re.escape(words) for words in branch.message.words)
            bare += [] if any(re.fullmatch(told, message) for message in messages) else [(one.id, number)]

    assert bare == []


def test_both_programmes_are_carried_out_whole_and_quote_figures(sihao: Programme, wuhao: Programme) -> None:
    for programme in (sihao, wuhao):
        assert [one.id for one in programme.checks if not one.branches] == []
        assert [one.id for one in programme.checks if not one.clause] == []
        branches = [(one.id, branch) for one in programme.checks for branch in one.branches]
        assert [name for name, branch in branches if not branch.message.terms] == []
    assert len(sihao.checks) >= 45
    assert {one.severity for one in sihao.checks} == {"block", "explain", "hint"}


@pytest.mark.parametrize(("visited", "blocked"), [(15, True), (19, True), (20, False), (100, False)])
def test_full_marks_for_visits_need_a_fifth_of_the_members(
    sihao: Programme, visited: int, blocked: bool
) -> None:
    years = {"visited_2019": 30, "ent_members_2019": 100, "visited_2020": visited, "ent_members_2020": 100}
    facts, _ = Facts.parse(sihao, years)

    findings = check(sihao, facts, {"B2.7": OwnMark(FULL, words=True, reason=True)})

    blocking = [one for one in findings if one.severity == "block"]
    assert bool(blocking) is blocked
    assert all(one.fields == ("visited_2020", "ent_members_2020") for one in blocking)
    assert all(f"{visited}家" in one.message and "100家" in one.message for one in blocking)


def test_several_rows_and_records_each_give_a_finding(sihao: Programme) -> None:
    award = {"title": "示例奖", "level": "县级", "issuer": "示例局", "date": "2018-01-01"}
    facts, _ = Facts.parse(sihao, {"awards": [award | {"matter": "甲"}, award | {"matter": "乙"}]})
    marks = {row: OwnMark(Decimal(1)) for row in ("A1.3", "A2.3", "A2.4")}

    findings = check(sihao, facts, marks, Surroundings(evidence={"A2.3": Evidence(1)}))

    assert [(one.id, one.rows) for one in findings if one.id == "X15"] == [
        ("X15", ("A1.3",)),
        ("X15", ("A2.4",)),
    ]
    assert [one.message[:4] for one in findings if one.id == "X19"] == ["第1项奖", "第2项奖"]


def test_nothing_known_gives_nothing(sihao: Programme, wuhao: Programme) -> None:
    for programme in (sihao, wuhao):
        assert check(programme, Facts({}), {}) == ()
        assert check(programme, Facts({}), {}, Surroundings(evidence={})) == ()


def test_evidence_is_asked_for_only_where_it_is_known(sihao: Programme) -> None:
    marks = {"A1.3": OwnMark(Decimal(3))}

    assert check(sihao, Facts({}), marks) == ()
    assert [one.id for one in check(sihao, Facts({}), marks, Surroundings(evidence={}))] == ["X15"]


def test_a_missing_answer_that_was_typed_is_not_missing(sihao: Programme) -> None:
    facts, _ = Facts.parse(sihao, {"party_form": "单独建立"})

    silent = check(sihao, facts, {}, Surroundings(unread={"party_superior": "\x00"}))

    assert [one.id for one in check(sihao, facts, {})] == ["X42"]
    assert silent == ()


def test_an_unread_code_is_told_as_typed_and_in_one_line(sihao: Programme) -> None:
    (finding,) = check(sihao, Facts({}), {}, Surroundings(unread={"uscc": "5141\n" + "9" * 400}))

    assert finding.id == "X01"
    assert "为404位" in finding.message
    assert finding.message.isprintable()
    assert len(finding.message) < 260


ROW = 'each = "rows"\nwhen = {row = "mark", gt = 0}\nmessage = "{row.code}"'
PLAIN = 'fields = ["n"]\nwhen = {field = "n", gt = 0}\nmessage = "{n}"'
TAIL = (
    "field、count、mark、proposed、full、evidence、period、province、uscc_length、uscc_alphabet、uscc_last、uscc_due、"
    "uscc_prefix、uscc_province、uscc_division、around、row、section、file、record、earlier"
)
REFUSALS = [
    # The check itself.
    (PLAIN + "\nwhat = 1", "有不认识的键：what"),
    ('fields = ["q"]', "没有字段“q”"),
    ('rows = ["Z1.1"]', "没有指标“Z1.1”"),
    ('each = "row"', "“each”不认识“row”，可用：rows、sections、files、prizes"),
    ('each = "ticks"', "“each”不认识“ticks”，可用：rows、sections、files、prizes"),
    ('fields = ["n"]\nwhen = {field = "n", gt = 0}', "缺少“message”"),
    ('message = "甲"', "缺少“when”"),
    ("cases = []", "“cases”不能为空"),
    ("cases = 3", "“cases”应为数组"),
    ('cases = [{when = {around = "barred", eq = true}}]', "第1种：缺少“message”"),
    (
        'cases = [{when = {around = "barred", eq = true}, message = "甲", clause = "三"}]',
        "第1种：有不认识的键：clause",
    ),
    (
        'when = 1\ncases = [{when = {around = "barred", eq = true}, message = "甲"}]',
        "有不认识的键：when",
    ),
    ('when = {field = "n", gt = 0}\nmessage = "甲"', "条件用到“n”，“fields”中却没有写"),
    ('when = {mark = "A1.1", gt = 0}\nmessage = "甲"', "条件用到“A1.1”，“rows”中却没有写"),
    (
        'each = "prizes"\nwhen = {record = "number", gt = 3}\nmessage = "甲"',
        "条件用到“prizes”，“fields”中却没有写",
    ),
    # What is looked at.
    ('when = {gt = 0}\nmessage = "甲"', f"应有且只有一个所看之物：metric、{TAIL}"),
    (
        'when = {field = "n", count = "ticks", gt = 0}\nmessage = "甲"',
        f"应有且只有一个所看之物：metric、{TAIL}",
    ),
    ('when = {field = "q", gt = 0}\nmessage = "甲"', "没有字段“q”"),
    ('when = {metric = {ratio = ["n", "q"]}, gt = 0}\nmessage = "甲"', "没有字段“q”"),
    (
        'when = {metric = {ration = ["n", "m"]}, gt = 0}\nmessage = "甲"',
        "度量应为field、ratio、growth、diff、min、sum之一",
    ),
    ('when = {count = "n", gt = 0}\nmessage = "甲"', "字段“n”不能计数"),
    ('when = {mark = "n", gt = 0}\nmessage = "甲"', "没有指标“n”"),
    ('when = {full = 3, gt = 0}\nmessage = "甲"', "“full”应为文字"),
    ('when = {evidence = "Z1", gt = 0}\nmessage = "甲"', "没有指标“Z1”"),
    ('when = {period = "mid", gt = 2020-01-01}\nmessage = "甲"', "“period”不认识“mid”，可用：start、end"),
    ('when = {province = "title", eq = "41"}\nmessage = "甲"', "字段“title”不是行政区划代码"),
    ('when = {uscc_last = "title", eq = "A"}\nmessage = "甲"', "字段“title”不是统一社会信用代码"),
    (
        'when = {around = "moon", eq = true}\nmessage = "甲"',
        "“around”不认识“moon”，可用：same_code_in_cycle、barred、recognised_before、divisions、province、level、register_name",
    ),
    (
        ROW.replace('"mark"', '"colour"'),
        "“row”不认识“colour”，可用：code、name、auto、flag、full、mark、on_step、words、reason、proposed、because、files",
    ),
    (ROW.replace("rows", "sections"), "“row”只能用在each为rows的校验里"),
    (ROW.replace('each = "rows"\n', ""), "“row”只能用在each为rows的校验里"),
    ('when = {section = "mark", gt = 0}\nmessage = "甲"', "“section”只能用在each为sections的校验里"),
    ('each = "rows"\nwhen = {file = "count", gt = 0}\nmessage = "甲"', "“file”只能用在each为files的校验里"),
    (
        'each = "rows"\nwhen = {record = "on", gt = 2020-01-01}\nmessage = "甲"',
        "“record”只能用在each为列表字段的校验里",
    ),
    ('when = {earlier = "on", gt = 0}\nmessage = "甲"', "“earlier”只能用在each为列表字段的校验里"),
    (
        'each = "prizes"\nwhen = {record = "colour", eq = "红"}\nmessage = "甲"',
        "字段“prizes”没有栏目“colour”",
    ),
    ('each = "prizes"\nwhen = {present = {earlier = "on"}}\nmessage = "甲"', "“earlier”的栏目“on”应为文字"),
    # How it is compared.
    ('when = {all = []}\nmessage = "甲"', "“all”不能为空"),
    ('when = {any = [{field = "n", gt = 0}], all = []}\nmessage = "甲"', "“all”不能为空"),
    ('when = {missing = "n", gt = 0}\nmessage = "甲"', "有不认识的键：gt"),
    ('when = {present = 3}\nmessage = "甲"', "应为一张表"),
    (
        'when = {field = "n"}\nmessage = "甲"',
        "条件应有且只有一个比较词：eq、ne、gt、gte、lt、lte、in、contains、has、lacks",
    ),
    (
        'when = {field = "n", gt = 0, lt = 9}\nmessage = "甲"',
        "条件应有且只有一个比较词：eq、ne、gt、gte、lt、lte、in、contains、has、lacks",
    ),
    ('when = {field = "n", gt = 0, mod = 9}\nmessage = "甲"', "有不认识的键：mod"),
    ('when = {field = "n", has = 0}\nmessage = "甲"', "数量不能用“has”比较"),
    ('when = {field = "yes", gt = true}\nmessage = "甲"', "是非不能用“gt”比较"),
    ('when = {field = "title", gt = "甲"}\nmessage = "甲"', "文字不能用“gt”比较"),
    ('when = {field = "ticks", eq = "一"}\nmessage = "甲"', "多项不能用“eq”比较"),
    ('when = {field = "prizes", eq = "一"}\nmessage = "甲"', "记录不能用“eq”比较"),
    ('when = {field = "n", in = []}\nmessage = "甲"', "“in”不能为空"),
    ('when = {field = "n", in = 3}\nmessage = "甲"', "“in”应为数组"),
    ('when = {field = "n", gt = "3"}\nmessage = "甲"', "条件的界限应为数字"),
    ('when = {field = "n", gt = nan}\nmessage = "甲"', "条件的界限数字超出范围"),
    ('when = {field = "yes", eq = 1}\nmessage = "甲"', "“1”不是“yes”可有的值"),
    (
        'when = {field = "day", eq = 2020-01-01T00:00:00}\nmessage = "甲"',
        "“2020-01-01 00:00:00”不是“day”可有的值",
    ),
    ('when = {field = "kind", eq = "微"}\nmessage = "甲"', "“微”不是“kind”可有的值"),
    ('when = {field = "ticks", has = "五"}\nmessage = "甲"', "“五”不是“ticks”可有的值"),
    ('when = {field = "n", gt = {field = "q"}}\nmessage = "甲"', "没有字段“q”"),
    ('when = {field = "n", gt = {field = "rate"}}\nmessage = "甲"', "数量不能与比例比较"),
    ('when = {field = "day", gt = {field = "n"}}\nmessage = "甲"', "日期不能与数量比较"),
    ('when = {field = "n", gt = {field = "m", lt = 3}}\nmessage = "甲"', "有不认识的键：lt"),
    # What is said.
    (PLAIN.replace("{n}", ""), "“message”应为文字"),
    (PLAIN.replace("{n}", "{q}"), "没有字段“q”"),
    (PLAIN.replace("{n}", "{}"), "没有字段“”"),
    (PLAIN.replace("{n}", "{n"), "“message”的花括号不成对"),
    (PLAIN.replace("{n}", "n}"), "“message”的花括号不成对"),
    (PLAIN.replace("{n}", "{{n}}"), "“message”的花括号不成对"),
    (PLAIN.replace("{n}", "{prizes}"), "“message”里写不下列表字段“prizes”"),
    (PLAIN.replace("{n}", "{moon.n}"), f"“message”不认识“{{moon.n}}”，可用字段、figures和{TAIL}"),
    (PLAIN.replace("{n}", "{row.mark}"), "“row”只能用在each为rows的校验里"),
    (PLAIN.replace("{n}", "{full.Z1}"), "没有指标“Z1”"),
    (PLAIN.replace("{n}", "{metric.n}"), f"“message”不认识“{{metric.n}}”，可用字段、figures和{TAIL}"),
    ('figures = {m = {field = "n"}}\n' + PLAIN, "的figures：“m”与字段或词同名"),
    ('figures = {"row.mark" = {field = "n"}}\n' + PLAIN, "的figures：“row.mark”与字段或词同名"),
    ('figures = {x = {field = "q"}}\n' + PLAIN, "没有字段“q”"),
    ('figures = {x = {field = "n", gt = 3}}\n' + PLAIN, "的figures：有不认识的键：gt"),
    ('figures = {x = {field = "n"}}\n' + PLAIN, "figures里的“x”没有用到"),
]


@pytest.mark.parametrize(("text", "message"), REFUSALS, ids=[str(number) for number in range(len(REFUSALS))])
def test_a_wrong_check_is_refused_by_name(sample_text: str, text: str, message: str) -> None:
    added = f'[[cross_checks]]\nid = "X99"\nseverity = "block"\ntext = "甲"\n{text}\n'

    with pytest.raises(ProgrammeError) as refusal:
        load_programme(f"{sample_text}\n{added}")

    own = message if message.startswith(("的figures", "第")) else f"：{message}"
    assert str(refusal.value) == f"逻辑校验X99{own}"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('severity = "block"\n', 'severity = "warn"\n', "“severity”不认识“warn”，可用：block、explain、hint"),
        ('severity = "block"\n', "", "缺少“severity”"),
        ('text = "甲"\n', "", "缺少“text”"),
        ('id = "X99"', 'id = "X02"', "编号重复"),
    ],
)
def test_a_check_without_its_parts_is_refused(sample_text: str, old: str, new: str, message: str) -> None:
    added = f'[[cross_checks]]\nid = "X99"\nseverity = "block"\ntext = "甲"\n{PLAIN}\n'
    name = "X02" if "X02" in new else "X99"

    with pytest.raises(ProgrammeError) as refusal:
        load_programme(f"{sample_text}\n{added.replace(old, new, 1)}")

    assert str(refusal.value) == f"逻辑校验{name}：{message}"


def test_a_check_in_words_only_is_read_and_finds_nothing(sample: Programme) -> None:
    words = sample.checks[0]

    assert (words.id, words.severity, words.branches) == ("X01", "explain", ())
    facts, _ = Facts.parse(sample, {"n": 9, "m": 1, "code": "91350100M000100Y43"})
    assert "X01" not in {one.id for one in check(sample, facts, {})}


def test_loading_leaves_the_figures_of_one_check_out_of_another(sample_text: str) -> None:
    two = PLAIN.replace("{n}", "{share}")

    with pytest.raises(ProgrammeError, match=r"^逻辑校验X99：没有字段“share”$"):
        load_programme(
            f'{sample_text}\n[[cross_checks]]\nid = "X99"\nseverity = "hint"\ntext = "甲"\n{two}\n'
        )


LETTERS = st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17)
CODES = LETTERS | st.text(max_size=20) | st.sampled_from(["51", "9" * 18, "９" * 18, "\ud800" * 18])


@cache
def sane(kind: str) -> st.SearchStrategy:
    """Answers that mostly can be read, for a kind of field."""
    numbers = st.integers(0, 300).map(str)
    return {
        "int": numbers,
        "decimal": numbers,
        "ratio": st.integers(0, 100).map(lambda share: f"{share}%"),
        "date": st.dates(date(2010, 1, 1), date(2022, 1, 1)).map(str),
        "bool": st.sampled_from(["是", "否"]),
        "uscc": CODES,
        "gb2260": st.sampled_from(["410000", "411122", "100000"]),
    }.get(kind, st.sampled_from(["甲", "乙", "{n}", ""]))


@cache
def answer(spec: FieldSpec) -> st.SearchStrategy:
    """Answers to one field."""
    if spec.options:
        chosen = st.sampled_from(spec.options)
        return st.lists(chosen, max_size=4) if spec.kind == "multi" else chosen
    if spec.item:
        parts = {one.id: st.sampled_from(one.options) if one.options else sane(one.kind) for one in spec.item}
        return st.lists(st.fixed_dictionaries({}, optional=parts), max_size=3)
    return sane(spec.kind)


@st.composite
def answers(draw: st.DrawFn, programme: Programme) -> Mapping[str, object]:
    chosen = draw(st.lists(st.sampled_from(programme.fields), max_size=60, unique=True))
    return {spec.id: draw(answer(spec)) for spec in chosen}


POINTS = st.integers(0, 40).map(lambda halves: Decimal(halves) / 2) | st.decimals(
    allow_nan=True, allow_infinity=True
)
HUNG = st.builds(
    Evidence,
    st.integers(0, 3),
    st.lists(st.dates(date(2010, 1, 1), date(2022, 1, 1)), max_size=2).map(tuple),
    st.integers(0, 2),
)


@cache
def marks_of(codes: tuple[str, ...]) -> st.SearchStrategy:
    """Marks for some of the rows."""
    return st.dictionaries(
        st.sampled_from(codes), st.builds(OwnMark, POINTS, st.booleans(), st.booleans()), max_size=40
    )


@cache
def surroundings(places: tuple[str, ...]) -> st.SearchStrategy:
    """What is known beside the answers, with evidence at some of the places."""
    return st.builds(
        Surroundings,
        unread=st.dictionaries(st.sampled_from(["uscc", "name", "nix"]), CODES, max_size=2),
        evidence=st.none() | st.dictionaries(st.sampled_from(places), HUNG, max_size=8),
        divisions=st.lists(st.sampled_from(["410000", "x"]), max_size=2).map(tuple),
        province=st.sampled_from(["", "41", "420000"]),
        level=st.sampled_from(["", "县级", "省级"]),
        register_name=st.sampled_from(["", "甲", "丙"]),
        same_code_in_cycle=st.booleans(),
        barred=st.booleans(),
        recognised_before=st.none() | st.booleans(),
    )


@st.composite
def declarations(draw: st.DrawFn, programme: Programme) -> tuple:
    facts, problems = Facts.parse(programme, draw(answers(programme)))
    marks = draw(marks_of((*(item.id for item in programme.rubric.items()), "Z9.9")))
    known = draw(surroundings((*(spec.id for spec in programme.fields), "B2.7", "A1.3", "L1.1", "Z9.9")))
    return facts, marks, replace(known, unread={**known.unread, **dict.fromkeys(problems, "不能读的")})


@pytest.mark.parametrize("name", ["sihao-2019-2020", "wuhao-2015", "sample"])
@settings(derandomize=True, deadline=None, max_examples=60)
@given(data=st.data())
def test_any_declaration_is_checked_and_what_is_found_is_there(
    programmes: dict[str, Programme], name: str, data: st.DataObject
) -> None:
    programme = programmes[name]
    facts, marks, around = data.draw(declarations(programme))

    findings = check(programme, facts, marks, around)

    fields = {spec.id for spec in programme.fields}
    rows = {item.id for item in programme.rubric.items()}
    for one in findings:
        assert set(one.fields) <= fields
        assert set(one.rows) <= rows
        assert one.message.isprintable()
        assert one.severity in ("block", "explain", "hint")
    turned = check(replace(programme, checks=programme.checks[::-1]), facts, marks, around)
    assert sorted(turned, key=repr) == sorted(findings, key=repr)
    assert check(programme, facts, marks, around) == findings


@settings(derandomize=True, deadline=None, max_examples=100)
@given(LETTERS)
def test_the_check_character_agrees_with_the_library(stem: str) -> None:
    from stdnum.cn import uscc

    from scoring.engine.uscc import check_character

    assert check_character(stem) == uscc.calc_check_digit(stem)
