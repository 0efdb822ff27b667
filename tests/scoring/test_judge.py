"""`manage.py judge`: one JSON in, one JSON or one line out."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from scoring.engine import load_programme
from scoring.judging import JudgeError, judge

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "fixtures/programmes"


def full_marks(name: str) -> dict[str, str]:
    programme = load_programme((FOLDER / f"{name}.toml").read_text("utf-8"))
    return {item.id: str(item.points) for item in programme.rubric.items()}


def ask(**request: object) -> dict:
    return judge(json.dumps(request).encode(), FOLDER)


def test_marks_are_judged() -> None:
    marks = full_marks("sihao-2019-2020") | {"A1.1": "0", "A2.1": 9.5, "E1.1": "0"}

    answer = ask(programme="sihao-2019-2020", marks=marks)

    explanation = answer.pop("explanation")
    assert answer == {
        "programme": "sihao-2019-2020",
        "total": "479.5",
        "sections": {"A": "114.5", "B": "110", "C": "115", "D": "90", "E": "50"},
        "bonus": "50",
        "eligible": False,
        "gates": [
            {"id": "G1", "passed": True, "figure": "479.5", "limit": "350", "rows": []},
            {"id": "G2", "passed": False, "figure": "1", "limit": "0", "rows": ["A1.1"]},
            {"id": "G3", "passed": True, "figure": "1", "limit": "4", "rows": ["A2.1"]},
        ],
        "veto_zero": ["A1.1"],
        "baseline_short": ["A2.1"],
    }
    assert explanation[0] == "结论：3道门槛中有1道未通过（G2）。"
    assert len(explanation) == 6


def test_facts_alone_give_proposals_and_findings() -> None:
    answer = ask(
        programme="wuhao-2015", facts={"growth_3y": "4%", "national_growth_3y": 0.03, "chair_name": "某某"}
    )

    assert list(answer) == ["programme", "proposed", "findings"]
    assert answer["findings"] == []
    assert len(answer["proposed"]) == 28
    assert answer["proposed"]["M1.3"] == {
        "points": "6",
        "because": "近三年会员年均增长率4%，减全国同期平均增长率（主办方填）3%得1%，得6分",
    }
    assert answer["proposed"]["L1.3"] == {
        "points": None,
        "because": "由评审人按档评定：A 3分、B 2分、C 1分、D 0分",
    }


def test_marks_and_facts_together_give_both_in_the_stated_order() -> None:
    answer = ask(programme="wuhao-2015", marks=full_marks("wuhao-2015"), facts={})

    assert list(answer) == [
        "programme",
        "total",
        "sections",
        "bonus",
        "eligible",
        "gates",
        "veto_zero",
        "baseline_short",
        "proposed",
        "findings",
        "explanation",
    ]


def test_findings_are_told_with_their_fields_and_rows() -> None:
    facts = {"visited_members": 15, "ent_members": 100, "members_total": 120}

    answer = ask(programme="wuhao-2015", marks=full_marks("wuhao-2015"), facts=facts)

    assert [one for one in answer["findings"] if one["id"] == "X11"] == [
        {
            "id": "X11",
            "severity": "block",
            "message": "年度走访会员企业15家，占企业会员100家的15%，不足20%，M1.5不能评满分3分",
            "clause": "四（二）",
            "fields": ["visited_members", "ent_members"],
            "rows": ["M1.5"],
        }
    ]
    assert ask(programme="wuhao-2015", facts=facts)["findings"] == []


WUHAO = '{"programme": "wuhao-2015", '
REFUSALS = [
    (b"", "不是合法的JSON：第1行第1列"),
    (b"{\n  1", "不是合法的JSON：第2行第3列"),
    (b"\xff\xfe", "输入不是UTF-8编码"),
    (b"[]", "输入应为JSON对象"),
    (b"null", "输入应为JSON对象"),
    (b"{}", "programme应写明标准的名称，可用：sihao-2019-2020、wuhao-2015"),
    (b'{"programme": 7}', "programme应写明标准的名称，可用：sihao-2019-2020、wuhao-2015"),
    (b'{"programme": "wuhao"}', "没有“wuhao”这个标准，可用：sihao-2019-2020、wuhao-2015"),
    (b'{"programme": "../wuhao-2015"}', "没有“../wuhao-2015”这个标准，可用：sihao-2019-2020、wuhao-2015"),
    (b'{"programme": "a\\u0000\\ud800\\nb"}', "没有“a□□□b”这个标准，可用：sihao-2019-2020、wuhao-2015"),
    (b'{"programme": "wuhao-2015"}', "没有可评的内容：请给出marks（评分）或facts（申报数据）"),
    (WUHAO + '"mark": {}}', "有不认识的键：mark；可用：programme、marks、facts"),
    (WUHAO + '"marks": []}', "marks应为JSON对象"),
    (WUHAO + '"facts": null}', "facts应为JSON对象"),
    (WUHAO + '"facts": {}, "facts": {}}', "JSON中“facts”重复出现"),
    (WUHAO + '"facts": {"name": "甲", "name": "乙"}}', "JSON中“name”重复出现"),
    (WUHAO + '"facts": {"chair_meetings": NaN}}', "JSON中不能有NaN"),
    (WUHAO + '"facts": {"chair_meetings": -Infinity}}', "JSON中不能有-Infinity"),
    (WUHAO + '"facts": {"chair_meetings": 1e99999999999999999999}}', "JSON中有超出范围的数字"),
    (
        WUHAO + f'"facts": {{"chair_meetings": {"7" * 9999}}}}}',
        "JSON中有超出范围的数字：777777777777777777777777…",
    ),
    (
        WUHAO + '"facts": {"chair_meetings": -1, "nix": 1, "growth_3y": "4"}}',
        (
            "facts有误：chair_meetings“年度主席会议次数”：不能为负数；没有“nix”这个字段；"
            "growth_3y“近三年会员年均增长率”：比例请写成85%或0.85，不要只写85"
        ),
    ),
    (b"[" * 100000, "JSON嵌套过深"),
    (WUHAO + '"facts": ' + '{"a":' * 100000, "JSON嵌套过深"),
    (b" " * 5_000_000, "不是合法的JSON：第1行第5000001列"),
    (
        WUHAO + f'"facts": {{"chair_meetings": {"7" * 30}}}}}',
        "facts有误：chair_meetings“年度主席会议次数”：数字过长，最多12位",
    ),
    (b" " * 5_000_001, "输入过大，最多5000000字节"),
]


@pytest.mark.parametrize(
    ("request_text", "line"), REFUSALS, ids=[str(number) for number in range(len(REFUSALS))]
)
def test_bad_request_is_refused_in_one_line(request_text: bytes | str, line: str) -> None:
    raw = request_text if isinstance(request_text, bytes) else request_text.encode()

    with pytest.raises(JudgeError) as refusal:
        judge(raw, FOLDER)

    assert str(refusal.value) == line


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"L1.1": "4.5"}, "marks有误：L1.1：评4.5分，超过该行满分4分"),
        ({"L1.1": "-1"}, "marks有误：L1.1：评分不能为负数"),
        ({"L1.1": "0.3"}, "marks有误：L1.1：评0.3分，不是0.5分的整数倍"),
        ({"L1.1": "好"}, "marks有误：L1.1：“好”不是数字，请只填数字，不带单位，如12"),
        ({"L1.1": True}, "marks有误：L1.1：应填数字"),
        ({"L1.1": None, "L1.3": ""}, "marks有误：未评分：L1.1、L1.3"),
        ({"Z1.1": "1"}, "marks有误：没有“Z1.1”这一行"),
        ({"Z1.1": None}, "marks有误：没有“Z1.1”这一行"),
        ({"L1.1": None, "L1.2": -1}, "marks有误：L1.2：评分不能为负数；未评分：L1.1"),
        (
            dict.fromkeys(("L1.1", "L1.2", "L1.3", "L1.4", "L1.5"), "-1"),
            (
                "marks有误：L1.1：评分不能为负数；L1.2：评分不能为负数；L1.3：评分不能为负数；"
                "L1.4：评分不能为负数；L1.5：评分不能为负数"
            ),
        ),
        (
            dict.fromkeys(("L1.1", "L1.2", "L1.3", "L1.4", "L1.5", "L1.6"), "-1"),
            (
                "marks有误：L1.1：评分不能为负数；L1.2：评分不能为负数；L1.3：评分不能为负数；"
                "L1.4：评分不能为负数；L1.5：评分不能为负数；……共6处"
            ),
        ),
    ],
    ids=[str(number) for number in range(11)],
)
def test_bad_marks_are_refused_by_row(changed: dict, line: str) -> None:
    with pytest.raises(JudgeError) as refusal:
        ask(programme="wuhao-2015", marks=full_marks("wuhao-2015") | changed)

    assert str(refusal.value) == line


def test_programme_file_that_does_not_add_up_is_refused(tmp_path: Path) -> None:
    text = (FOLDER / "wuhao-2015.toml").read_text("utf-8")
    (tmp_path / "broken.toml").write_text(text.replace("total = 100", "total = 99"), "utf-8")

    with pytest.raises(JudgeError) as refusal:
        judge(b'{"programme": "broken", "facts": {}}', tmp_path)

    assert str(refusal.value) == "标准文件broken不能使用：总分：写明99分，各项相加为100分"


def test_byte_order_mark_is_read_over() -> None:
    request = "\ufeff" + json.dumps({"programme": "wuhao-2015", "facts": {}})

    assert list(judge(request.encode(), FOLDER)) == ["programme", "proposed", "findings"]


def test_command_prints_the_answer_of_a_file(tmp_path: Path) -> None:
    file, out = tmp_path / "request.json", io.StringIO()
    file.write_text(json.dumps({"programme": "wuhao-2015", "marks": full_marks("wuhao-2015")}), "utf-8")

    call_command("judge", str(file), stdout=out)

    assert json.loads(out.getvalue())["total"] == "100"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("nix.json", "No such file or directory"), (".", "Is a directory"), ("a\0b", "embedded null byte")],
)
def test_command_names_a_file_it_cannot_read(tmp_path: Path, name: str, reason: str) -> None:
    file, errors = f"{tmp_path}/{name}", io.StringIO()

    with pytest.raises(SystemExit) as leaving:
        call_command("judge", file, stderr=errors)

    assert leaving.value.code == 2
    assert errors.getvalue() == f"读不到文件“{file}”：{reason}\n"


def run(request: bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "manage.py", "judge", "-"],
        cwd=ROOT,
        input=request,
        capture_output=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", **environment},
    )


def test_process_judges_standard_input_without_a_database() -> None:
    done = run(json.dumps({"programme": "wuhao-2015", "marks": full_marks("wuhao-2015")}).encode())

    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["eligible"] is True


def test_process_refuses_with_two_and_one_line_in_any_locale() -> None:
    done = run('{"programme": "五好\\ud800"}'.encode(), PYTHONIOENCODING="ascii", LC_ALL="C")

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == "没有“五好□”这个标准，可用：sihao-2019-2020、wuhao-2015\n"
