"""One JSON request judged by a programme file, without Django: what `manage.py judge` does."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from scoring.engine import (
    Facts,
    OwnMark,
    Programme,
    ProgrammeError,
    ScoreSheet,
    Verdict,
    check,
    clip,
    evaluate,
    explain,
    figure,
    is_blank,
    load_programme,
    propose,
)

KEYS = ("programme", "marks", "facts")
NAMED = 5
LONGEST = 5_000_000
DIGITS = 30


class JudgeError(ValueError):
    """A request that cannot be judged; the message is one Chinese line that names what is wrong."""


def judge(request: bytes, folder: Path) -> dict[str, object]:
    """The answer to one request by a programme of `folder`: a verdict for marks, proposals and findings for facts.

    Raises JudgeError for anything that cannot be judged; numbers in the answer are strings.
    """
    asked = _parse(request)
    if strange := [key for key in asked if key not in KEYS]:
        raise JudgeError(f"有不认识的键：{'、'.join(clip(key) for key in strange)}；可用：{'、'.join(KEYS)}")
    programme = _programme(asked.get("programme"), folder)
    if not {"marks", "facts"} & set(asked):
        raise JudgeError("没有可评的内容：请给出marks（评分）或facts（申报数据）")
    answer: dict[str, object] = {"programme": programme.id}
    sheet = _sheet(programme, _object(asked["marks"], "marks")) if "marks" in asked else ScoreSheet({})
    if "marks" in asked:
        answer |= _judged(programme, evaluate(programme, sheet))
    if "facts" in asked:
        facts = _facts(programme, _object(asked["facts"], "facts"))
        answer |= {"proposed": _proposed(programme, facts), "findings": _findings(programme, facts, sheet)}
    if "marks" in asked:
        answer["explanation"] = answer.pop("explanation")
    return answer


def _parse(request: bytes) -> Mapping[str, object]:
    if len(request) > LONGEST:
        raise JudgeError(f"输入过大，最多{LONGEST}字节")
    try:
        asked = json.loads(
            request.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_int=_whole,
            parse_constant=_no_constant,
            object_pairs_hook=_no_twins,
        )
    except UnicodeDecodeError:
        raise JudgeError("输入不是UTF-8编码") from None
    except json.JSONDecodeError as error:
        raise JudgeError(f"不是合法的JSON：第{error.lineno}行第{error.colno}列") from None
    except RecursionError:
        raise JudgeError("JSON嵌套过深") from None
    except ArithmeticError:
        raise JudgeError("JSON中有超出范围的数字") from None
    return _object(asked, "输入")


def _whole(digits: str) -> int:
    if len(digits) > DIGITS:
        raise JudgeError(f"JSON中有超出范围的数字：{clip(digits)}")
    return int(digits)


def _no_constant(name: str) -> None:
    raise JudgeError(f"JSON中不能有{name}")


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [key for key, _ in pairs]
        twin = next(key for key in names if names.count(key) > 1)
        raise JudgeError(f"JSON中“{clip(twin)}”重复出现")
    return found


def _object(raw: object, name: str) -> Mapping[str, object]:
    if not isinstance(raw, dict):
        raise JudgeError(f"{name}应为JSON对象")
    return raw


def _programme(raw: object, folder: Path) -> Programme:
    """The programme by name; only names of files that lie in the folder are known."""
    known = {path.stem: path for path in sorted(folder.glob("*.toml"))}
    if not isinstance(raw, str) or raw not in known:
        what = f"没有“{clip(raw)}”这个标准" if isinstance(raw, str) else "programme应写明标准的名称"
        raise JudgeError(f"{what}，可用：{'、'.join(known)}")
    try:
        return load_programme(known[raw].read_text("utf-8"))
    except (ProgrammeError, UnicodeDecodeError) as error:
        raise JudgeError(f"标准文件{raw}不能使用：{error}") from None


def _sheet(programme: Programme, raw: Mapping[str, object]) -> ScoreSheet:
    """The sheet; refused marks and unknown rows are told first, then every row without a mark."""
    sheet, problems = ScoreSheet.parse(programme.rubric, programme.step, raw)
    if sheet is not None:
        return sheet
    rows = {item.id for item in programme.rubric.items()}
    blank = [row for row in problems if row in rows and is_blank(raw.get(row))]
    told = (
        [_line([text for row, text in problems.items() if row not in blank])]
        if len(blank) < len(problems)
        else []
    )
    told += [f"未评分：{'、'.join(blank)}"] if blank else []
    raise JudgeError(f"marks有误：{'；'.join(told)}")


def _facts(programme: Programme, raw: Mapping[str, object]) -> Facts:
    facts, problems = Facts.parse(programme, raw)
    if problems:
        known = {spec.id for spec in programme.fields}
        told = [f"{key if key in known else ''}{text}" for key, text in problems.items()]
        raise JudgeError(f"facts有误：{_line(told)}")
    return facts


def _proposed(programme: Programme, facts: Facts) -> dict[str, object]:
    return {
        row: {"points": None if one.points is None else figure(one.points), "because": one.because}
        for row, one in propose(programme, facts).items()
    }


def _findings(programme: Programme, facts: Facts, sheet: ScoreSheet) -> list[dict[str, object]]:
    """What the logic checks find; a request has no words beside its marks and no evidence."""
    marks = {row: OwnMark(points) for row, points in sheet.marks.items()}
    return [
        {
            "id": finding.id,
            "severity": finding.severity,
            "message": finding.message,
            "clause": finding.clause,
            "fields": list(finding.fields),
            "rows": list(finding.rows),
        }
        for finding in check(programme, facts, marks)
    ]


def _line(problems: list[str]) -> str:
    more = f"；……共{len(problems)}处" if len(problems) > NAMED else ""
    return "；".join(problems[:NAMED]) + more


def _judged(programme: Programme, verdict: Verdict) -> dict[str, object]:
    return {
        "total": figure(verdict.total),
        "sections": {code: figure(points) for code, points in verdict.sections.items()},
        "bonus": figure(verdict.bonus),
        "eligible": verdict.eligible,
        "gates": [
            {
                "id": gate.id,
                "passed": gate.passed,
                "figure": figure(gate.figure),
                "limit": figure(gate.limit),
                "rows": list(gate.rows),
            }
            for gate in verdict.gates
        ],
        "veto_zero": list(verdict.veto_zero),
        "baseline_short": list(verdict.baseline_short),
        "explanation": explain(programme, verdict),
    }
