"""Two versions of a standard beside each other, and what an earlier declaration's marks come to under another one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from scoring.editing.layout import SEVERITIES
from scoring.editing.toml import lines_of, parse
from scoring.engine import FieldSpec, Gate, Item, Programme, Section, Verdict, figure, partial, rule_text

GATE_WORDS = {"min_total": "分", "any_zero": "项", "max_not_full": "项"}


@dataclass(frozen=True)
class Part:
    """One part of a row that reads differently."""

    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """One row that was added, removed or changed; ``kind`` says which: added, removed, changed."""

    kind: str
    what: str
    code: str
    name: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Version:
    """A programme with its text."""

    programme: Programme
    text: str


def compare(before: Version, after: Version) -> list[Difference]:
    """Return every difference: the head, sections, rows, gates, fields, checks, in this order."""
    old, new = before.programme, after.programme
    checks = [
        {one["id"]: one for one in parse(text).get("cross_checks", [])} for text in (before.text, after.text)
    ]
    return [
        *_changed("基本情况", {"": old}, {"": new}, _head),
        *_changed("一级指标", _by(old.rubric.sections, "code"), _by(new.rubric.sections, "code"), _section),
        *_changed("指标", _by(old.rubric.items(), "id"), _by(new.rubric.items(), "id"), _teller(old, new)),
        *_changed("门槛", _by(old.rubric.gates, "id"), _by(new.rubric.gates, "id"), _gate),
        *_changed("字段", _by(old.fields, "id"), _by(new.fields, "id"), _field),
        *_changed("校验", *checks, _check),
    ]


def _by(rows: Iterable[Any], key: str) -> dict[str, Any]:
    return {getattr(row, key): row for row in rows}


Tell = Callable[[Any, int], dict[str, str]]


def _changed(what: str, old: Mapping[str, Any], new: Mapping[str, Any], tell: Tell) -> Iterable[Difference]:
    for code in [*new, *(code for code in old if code not in new)]:
        before = tell(old[code], 0) if code in old else None
        after = tell(new[code], 1) if code in new else None
        told = after or before or {}
        if before is None:
            yield Difference(
                "added", what, code, told["名称"], tuple(Part(k, "", v) for k, v in told.items() if v)
            )
        elif after is None:
            yield Difference(
                "removed", what, code, told["名称"], tuple(Part(k, v, "") for k, v in told.items() if v)
            )
        elif parts := tuple(Part(key, before[key], after[key]) for key in after if before[key] != after[key]):
            yield Difference("changed", what, code, told["名称"], parts)


def _head(programme: Programme, _: int) -> dict[str, str]:
    return {
        "名称": programme.title,
        "总分": figure(programme.total),
        "打分单位": figure(programme.step),
        "来源说明": programme.status_label,
        "考察期": f"{programme.period_start}至{programme.period_end}",
    }


def _section(section: Section, _: int) -> dict[str, str]:
    return {"名称": section.name, "分值": figure(section.points), "加分项": "是" if section.bonus else "否"}


def _teller(*programmes: Programme) -> Tell:
    """Return what tells a row of the first or of the second programme."""

    def tell(item: Item, which: int) -> dict[str, str]:
        programme = programmes[which]
        return {
            "名称": item.name,
            "分值": figure(item.points),
            "标记": programme.mark_label(item.mark),
            "评分标准": rule_text(item),
            "佐证材料": "；".join(item.evidence),
            "所在": programme.rubric.section_of(item.id).name,
        }

    return tell


def _gate(gate: Gate, _: int) -> dict[str, str]:
    reading = "" if gate.kind != "min_total" else "达线" if gate.boundary_passes else "不达线"
    return {"名称": gate.text, "界限": f"{figure(gate.limit)}{GATE_WORDS[gate.kind]}", "恰在线上": reading}


def _field(field: FieldSpec, _: int) -> dict[str, str]:
    return {
        "名称": field.label,
        "分组": field.group,
        "选项": "；".join(field.options),
        "必填": "是" if field.required else "否",
        "填写说明": field.help,
    }


def _check(check: Mapping[str, Any], _: int) -> dict[str, str]:
    rest = {key: value for key, value in check.items() if key not in {"id", "text", "severity"}}
    return {
        "名称": check["text"],
        "轻重": SEVERITIES.get(check["severity"], ""),
        "条件和提示": lines_of(rest),
    }


@dataclass(frozen=True)
class Carried:
    """Marks as they stand under another programme: which rows carried over, in part, not at all; which are new."""

    marks: Mapping[str, Decimal]
    scaled: tuple[str, ...]
    dropped: tuple[str, ...]
    fresh: tuple[str, ...]


def carry(marks: Mapping[str, Decimal], old: Programme, new: Programme) -> Carried:
    """Return marks given under one programme as they stand under another.

    A row of the same code and points keeps its mark; where the points are others it keeps its share of them, down to
    the next step, so that full stays full and nothing stays nothing. A new row has no mark and counts 0.
    """
    before = {item.id: item for item in old.rubric.items()}
    found: dict[str, Decimal] = {}
    scaled = []
    for item in new.rubric.items():
        if item.id not in before or item.id not in marks:
            continue
        found[item.id] = marks[item.id]
        if item.points != before[item.id].points:
            share = marks[item.id] * item.points / before[item.id].points
            found[item.id] = (share / new.step).to_integral_value(ROUND_FLOOR) * new.step
            scaled.append(item.id)
    codes = {item.id for item in new.rubric.items()}
    return Carried(
        found,
        tuple(scaled),
        tuple(code for code in before if code not in codes),
        tuple(sorted(codes - set(before))),
    )


def would_be(marks: Mapping[str, Decimal], old: Programme, new: Programme) -> tuple[Verdict, Verdict]:
    """Return the verdicts on the same marks under both programmes."""
    known = {code: mark for code, mark in marks.items() if code in {item.id for item in old.rubric.items()}}
    return partial(old, known), partial(new, carry(known, old, new).marks)
