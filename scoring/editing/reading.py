"""Sheets of texts into a programme file's data; whatever cannot be read is named by sheet, row and column."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from scoring.editing.layout import HEAD, LISTS, SHEETS, Column
from scoring.editing.rulewords import Names, NotARule, read_rule
from scoring.editing.toml import NotToml, parse, parse_inline
from scoring.editing.writing import GATE_LIMIT, Content, Texts, labels

SCHEMA = "rubric/1"
NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,6})?")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
FLAGS = {"是": True, "否": False, "true": True, "false": False}
LONGEST = 4000
MOST_ROWS = 400


@dataclass(frozen=True)
class Fault:
    """What is wrong and how to mend it: in which sheet, in which of its rows (from 0), in which column."""

    sheet: str
    index: int | None
    key: str
    message: str


class NotSo(Exception):
    """A text that is not of its column's kind."""


def data_of(content: Content) -> tuple[dict[str, Any], list[Fault]]:
    """Return the data of the sheets, as far as it can be read, and everything that cannot."""
    faults: list[Fault] = []
    names = labels(content)
    head = _values("head", None, content.get("head", {}), names, faults)
    rows = {name: _rows(name, content.get(name, []), names, faults) for name in LISTS}
    faults += _strays(rows)
    data = {
        **_head(head, rows["rows"]),
        "gates": [_gate(row) for row in rows["gates"]],
        "stages": rows["stages"],
        "fields": [_opened(row) for row in rows["fields"]],
        "sections": [_section(section, rows) for section in rows["sections"]],
        "cross_checks": [_opened(row) for row in rows["checks"]],
    }
    return {key: value for key, value in data.items() if value or key in {"gates", "sections"}}, faults


def _rows(sheet: str, rows: list[Texts], names: Names, faults: list[Fault]) -> list[dict[str, Any]]:
    if len(rows) > MOST_ROWS:
        faults.append(
            Fault(sheet, None, "", f"“{SHEETS[sheet].title}”最多{MOST_ROWS}行，现有{len(rows)}行，请删减")
        )
    found = [_values(sheet, index, row, names, faults) for index, row in enumerate(rows[:MOST_ROWS])]
    key = SHEETS[sheet].key
    seen: set[str] = set()
    for index, row in enumerate(found):
        code = row.get(key, "")
        if code and code in seen:
            faults.append(Fault(sheet, index, key, f"“{code}”与前面一行重复，请改用另一个代号"))
        seen.add(code)
    return found


def _values(sheet: str, index: int | None, row: Texts, names: Names, faults: list[Fault]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column in SHEETS[sheet].columns:
        text = row.get(column.key, "").strip()
        try:
            if text:
                found[column.key] = _value(column, text, names)
            elif column.required:
                raise NotSo("不能为空，请填写")
        except NotSo as problem:
            faults.append(Fault(sheet, index, column.key, str(problem)))
    return found


def _value(column: Column, text: str, names: Names) -> object:
    if len(text) > LONGEST:
        raise NotSo(f"最多{LONGEST}字，现有{len(text)}字，请缩短")
    if column.kind == "rule":
        try:
            return read_rule(text, names)
        except NotARule as problem:
            raise NotSo(str(problem)) from None
    reader = VALUES.get(column.kind)
    return reader(column, text) if reader is not None else text


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _number(column: Column, text: str) -> Decimal:
    if not NUMBER.fullmatch(_plain(text)):
        raise NotSo(f"应填数字，现为“{text[:20]}”")
    return Decimal(_plain(text))


def _whole(column: Column, text: str) -> int:
    number = _number(column, text)
    if number < 0 or number != int(number):
        raise NotSo(f"应填不小于0的整数，现为“{text[:20]}”")
    return int(number)


def _flag(column: Column, text: str) -> bool:
    if text not in FLAGS:
        raise NotSo(f"应填“是”或者“否”，现为“{text[:20]}”")
    return FLAGS[text]


def _day(column: Column, text: str) -> date:
    found = DAY.fullmatch(_plain(text))
    try:
        return date(*map(int, found.groups())) if found else _no_day(text)
    except ValueError:
        return _no_day(text)


def _no_day(text: str) -> date:
    raise NotSo(f"应填日期，如2020-01-31，现为“{text[:20]}”")


def _list(column: Column, text: str) -> list[str]:
    if text.startswith("["):
        found = _inline(column, text)
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise NotSo("方括号里应是用逗号隔开、带引号的文字")
        return found
    return [one.strip() for one in re.split(r"[；;\n]", text) if one.strip()]


def _choice(column: Column, text: str) -> str:
    codes = {word: code for code, word in column.words.items()} | {code: code for code in column.words}
    if text not in codes:
        raise NotSo(f"不认识“{text[:20]}”，可填：{'、'.join(column.words.values())}")
    return codes[text]


def _inline(column: Column, text: str) -> object:
    try:
        return parse_inline(text)
    except NotToml as problem:
        raise NotSo(f"写法不对（{problem}），请照标准文件改正") from None


def _more(column: Column, text: str) -> dict[str, Any]:
    try:
        return parse(text)
    except NotToml as problem:
        raise NotSo(f"写法不对（{problem}），应为一行一项的“键 = 值”") from None


VALUES: Mapping[str, Callable[[Column, str], object]] = {
    "number": _number,
    "whole": _whole,
    "flag": _flag,
    "day": _day,
    "list": _list,
    "choice": _choice,
    "inline": _inline,
    "more": _more,
}


def _strays(rows: Mapping[str, list[dict[str, Any]]]) -> Iterable[Fault]:
    """Name what hangs on nothing, and what nothing hangs on."""
    for below, key, above in (("groups", "section", "sections"), ("rows", "group", "groups")):
        title = SHEETS[above].title
        codes = {row.get("code") for row in rows[above]}
        used = {row.get(key) for row in rows[below]}
        for index, row in enumerate(rows[below]):
            if key in row and row[key] not in codes:
                yield Fault(below, index, key, f"没有{title}“{row[key][:20]}”，请改正代号或者先增加{title}")
        for index, row in enumerate(rows[above]):
            if row.get("code") and row["code"] not in used:
                yield Fault(above, index, "code", f"其下没有{SHEETS[below].title}，请增加，或者删去这一行")


def _opened(row: dict[str, Any]) -> dict[str, Any]:
    return {**{key: value for key, value in row.items() if key != "more"}, **row.get("more", {})}


def _section(section: Mapping[str, Any], rows: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    groups = [
        _group(row, rows["rows"]) for row in rows["groups"] if row.get("section") == section.get("code")
    ]
    stated = {"points": _sum(groups), **section}
    return {**stated, "groups": groups}


def _group(group: Mapping[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    items = [_item(row) for row in rows if row.get("group") == group.get("code")]
    stated = {"points": _sum(items), **{key: value for key, value in group.items() if key != "section"}}
    return {**stated, "items": items}


def _sum(parts: Iterable[Mapping[str, Any]]) -> Decimal:
    return sum((part.get("points", Decimal(0)) for part in parts), Decimal(0))


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: value for key, value in row.items() if key != "group"}
    points = found.get("points", Decimal(0))
    rule = found.setdefault("rule", {"type": "rating", "anchors": {"符合": points, "不符合": Decimal(0)}})
    found.setdefault("auto", "manual" if rule.get("type") == "rating" else "full")
    found.setdefault("fields", list(dict.fromkeys(_answers(rule))))
    return found


def _answers(rule: object) -> Iterable[str]:
    """Return the fields that a rule looks at, in their order."""
    if isinstance(rule, list):
        for one in rule:
            yield from _answers(one)
    if not isinstance(rule, Mapping):
        return
    for key, value in rule.items():
        if key == "field" and isinstance(value, str):
            yield value
        elif key in {"ratio", "growth", "diff"} and isinstance(value, list):
            yield from (one for one in value if isinstance(one, str))
        elif key not in {"points_by", "anchors", "by_count", "by_level"}:
            yield from _answers(value)


def _gate(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: value for key, value in row.items() if key not in {"limit", "boundary_passes"}}
    limit = GATE_LIMIT.get(str(row.get("type")))
    if "limit" in row:
        found[limit or "limit"] = row["limit"]
    if "boundary_passes" in row:
        found["boundary_passes"] = row["boundary_passes"] == "true"
    return found


def _head(head: Mapping[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    taken = {
        column.key for column in HEAD.columns if column.key.startswith(("period_", "veto_", "baseline_"))
    }
    plain = {key: value for key, value in head.items() if key not in taken}
    period = {key: head[f"period_{key}"] for key in ("start", "end", "note") if f"period_{key}" in head}
    return {
        "schema": SCHEMA,
        "status": "issued",
        "short_status": head.get("status_label_zh", ""),
        **plain,
        "period": period,
        "marks": dict(_marks(head, rows)),
    }


def _marks(head: Mapping[str, Any], rows: list[dict[str, Any]]) -> Iterable[tuple[str, dict[str, Any]]]:
    """Return how marks are printed; one that nothing is said of and no row carries is left out."""
    for mark, word, symbol in (("veto", "否决项", "*"), ("baseline", "基础达标项", "※")):
        number = sum(row.get("mark") == mark for row in rows)
        if number or any(f"{mark}_{key}" in head for key in ("symbol", "zh", "count")):
            yield (
                mark,
                {
                    "symbol": head.get(f"{mark}_symbol", symbol),
                    "zh": head.get(f"{mark}_zh", word),
                    "count": head.get(f"{mark}_count", number),
                },
            )
