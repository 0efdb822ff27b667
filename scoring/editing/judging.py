"""What the loader says of sheets: the programme, or every fault beside the row it names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from scoring.editing.layout import SHEETS
from scoring.editing.reading import Fault, data_of
from scoring.editing.toml import dumps, parse
from scoring.editing.writing import Content, content_of
from scoring.engine import Programme, ProgrammeError, load_programme

MOST_TRIES = 12
NAMED = {
    "指标": "rows",
    "字段": "fields",
    "门槛": "gates",
    "逻辑校验": "checks",
    "步骤": "stages",
    "一级指标": "sections",
    "二级指标": "groups",
}
OF_HEAD = {
    "总分": "total",
    "周期": "period_start",
    "标记veto": "veto_count",
    "标记baseline": "baseline_count",
}
OF_HEAD |= {"汇总表列": "annex3_fields", "比对": "likeness"}
MENDS = (
    (r"相加为", "请改正各行分值，或者改正、清空写明的分值"),
    (r"写明\d+项", "请改正写明的项数，或者补上、删去标记"),
    (r"没有字段", "请先在“字段”中增加，或者改正代号"),
    (r"不认识的键", "请删去，或者照标准文件改正"),
    (r"规则写明的|规则最高得", "请使计分规则的最高分与该行分值相同"),
    (r"整数倍", "请改正得分，或者在“基本情况”中改打分单位"),
    (r"缺少“", "请补上"),
    (r"从高到低", "请由高到低排列"),
    (r"至少应有一道门槛", "请在“门槛”中增加一行"),
    (r"选项", "请使计分规则的各档与该字段的选项一一对应"),
)


@dataclass(frozen=True)
class Judged:
    """A programme with its text, or none and what is wrong."""

    programme: Programme | None
    text: str
    faults: tuple[Fault, ...]

    def at(self, sheet: str, index: int | None = None) -> list[Fault]:
        """Return the faults of a sheet, or of one of its rows."""
        return [one for one in self.faults if one.sheet == sheet and (index is None or one.index == index)]


@lru_cache(maxsize=16)
def _loaded(text: str) -> Programme:
    """Return what the loader makes of a text; between two changes a draft is looked at again and again."""
    return load_programme(text)


def judge(content: Content) -> Judged:
    """Return what the loader makes of the sheets; one faulty row does not hide the others."""
    data, faults = data_of(content)
    if faults:
        return Judged(None, "", tuple(faults))
    text, programme = dumps(data), None
    while len(faults) < MOST_TRIES:
        try:
            programme = _loaded(dumps(data) if faults else text)
            break
        except ProgrammeError as problem:
            fault = _fault(content, str(problem))
            if (fault.sheet, fault.index, fault.key) in {(one.sheet, one.index, one.key) for one in faults}:
                break
            faults.append(fault)
            if not _set_aside(data, content, fault):
                break
    return Judged(programme if not faults else None, text, tuple(faults))


def opened(text: str) -> Content:
    """Return the sheets of a programme file. Raises ``ProgrammeError`` where it cannot be used or edited."""
    programme = _loaded(text)
    content = content_of(parse(text))
    again = judge(content)
    if again.programme is None or signature(again.text) != signature(text):
        words = again.faults[0].message if again.faults else ""
        raise ProgrammeError(f"标准“{programme.id}”有表格写不下的内容，不能逐项编辑。{words}")
    return content


@lru_cache(maxsize=16)
def signature(text: str) -> dict[str, Any]:
    """Return what a file says, without what may as well be left out."""
    return {key: _without_blanks(value) for key, value in parse(text).items() if value or value == 0}


def _without_blanks(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _without_blanks(one) for key, one in value.items() if one not in ("", [])}
    return [_without_blanks(one) for one in value] if isinstance(value, list) else value


def _fault(content: Content, message: str) -> Fault:
    where, _, words = message.partition("：")
    head = next((key for name, key in OF_HEAD.items() if where.startswith(name)), None)
    if head is not None:
        return Fault("head", None, head, _spoken("head", words or message))
    for name, sheet in NAMED.items():
        if not where.startswith(name):
            continue
        rest, key = where.removeprefix(name), SHEETS[sheet].key
        codes = [row.get(key, "").strip() for row in content.get(sheet, [])]
        fits = [code for code in codes if code and (rest == code or rest.startswith(code))]
        if fits:
            best = max(fits, key=len)
            part = rest.removeprefix(best)
            column = "points" if "相加为" in words else ""
            return Fault(
                sheet, codes.index(best), column, _spoken(sheet, f"{part}：{words}" if part else words)
            )
    return Fault("head", None, "", _spoken("head", message))


def _spoken(sheet: str, words: str) -> str:
    """Return the loader's words with the columns called by their titles, and how to mend it."""
    told = words
    for column in SHEETS[sheet].columns:
        told = told.replace(f"“{column.key}”", f"“{column.title}”")
        for code, word in column.words.items():
            told = told.replace(f"“{code}”", f"“{word}”")
    told = told.replace("“threshold”", "“界限”").replace("“max_not_full”", "“界限”")
    mend = next((mend for pattern, mend in MENDS if re.search(pattern, words)), "请按填写说明改正")
    return f"{told}，{mend}"


def _set_aside(data: dict[str, Any], content: Content, fault: Fault) -> bool:
    """Put something harmless in the place of what is wrong, so that the next fault is seen; False where that fails."""
    if fault.index is None:
        return False
    sheet = SHEETS[fault.sheet]
    code = content[fault.sheet][fault.index][sheet.key].strip()
    groups = [group for section in data["sections"] for group in section["groups"]]
    items = [item for group in groups for item in group["items"]]
    if fault.sheet == "rows":
        return _neutral(next(item for item in items if item["id"] == code))
    if fault.sheet == "checks":
        _mute(next(check for check in data["cross_checks"] if check["id"] == code))
        return True
    if fault.key == "points":
        parts = groups if fault.sheet == "groups" else data["sections"]
        _add_up(next(part for part in parts if part["code"] == code))
        return True
    return False


def _mute(check: dict[str, Any]) -> None:
    code = check["id"]
    check.clear()
    check |= {"id": code, "severity": "hint", "text": "略"}


def _neutral(item: dict[str, Any]) -> bool:
    points = item.get("points", Decimal(0))
    if points <= 0:
        return False
    item |= {
        "rule": {"type": "rating", "anchors": {"是": points, "否": Decimal(0)}},
        "auto": "manual",
        "fields": [],
    }
    return True


def _add_up(part: dict[str, Any]) -> None:
    inner = part["items"] if "items" in part else part["groups"]
    part["points"] = sum((one["points"] for one in inner), Decimal(0))
