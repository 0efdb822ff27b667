"""A programme file in TOML becomes a Programme, or an error that names the row, field or gate that is wrong."""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from .checkfile import parse_checks
from .figures import clip, points
from .form import Levels, award_levels, parse_fields
from .marking import possible_points
from .metrics import Fields
from .programme import Likeness, Programme
from .rubric import (
    AUTO,
    GATE_KINDS,
    MARKS,
    Gate,
    Group,
    Item,
    MarkSpec,
    Rubric,
    Section,
    Stage,
)
from .rules import parse_rule
from .tables import ProgrammeError, Table, named_tables, refuse_twins

SCHEMA = "rubric/1"


def load_programme(text: str) -> Programme:
    """The programme of a TOML text. Raises ProgrammeError, and nothing else, for a text that cannot be used."""
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
        return _programme(Table(raw, "文件"), award_levels(raw))
    except ProgrammeError:
        raise
    except RecursionError:
        raise ProgrammeError("文件：嵌套过深") from None
    except (ValueError, ArithmeticError) as error:
        raise ProgrammeError(f"不是合法的TOML文件：{clip(str(error), 80)}") from None


def _programme(table: Table, levels: Levels) -> Programme:
    table.choice("schema", (SCHEMA,))
    fields = parse_fields(table, levels)
    known = {spec.id: spec for spec in fields}
    marks = _marks(table)
    total, step = table.number("total"), table.number("score_step")
    if step <= 0 or total <= 0:
        raise table.error("“total”和“score_step”应大于0")
    sections = _sections(table, known, step)
    rubric = Rubric(sections, _gates(table, total, marks))
    start, end, note = _period(table)
    programme = Programme(
        id=table.text("id"),
        title=table.text("title"),
        status=table.text("status"),
        status_label=(label := table.text("status_label_zh")),
        short_status=table.text("short_status", label),
        source=table.text("source"),
        official=table.text("official", ""),
        workflow=table.text("workflow", ""),
        total=total,
        step=step,
        period_start=start,
        period_end=end,
        period_note=note,
        rubric=rubric,
        fields=fields,
        marks=marks,
        checks=parse_checks(table, known, rubric),
        annex3_columns=(columns := table.texts("annex3_columns", ())),
        annex3_fields=_column_fields(table, columns, known),
        annex5_columns=table.texts("annex5_columns", ()),
        stages=_stages(table),
        likeness=_likeness(table, known),
    )
    table.end()
    _check_sums(programme)
    _check_marks(programme)
    return programme


def _column_fields(table: Table, columns: Sequence[str], fields: Fields) -> Mapping[str, str]:
    """Which field fills a column whose title is not the field's own label."""
    named = Table(table.take("annex3_fields", {}), "汇总表列")
    found = {column: named.text(column) for column in named.names()}
    for column, field in found.items():
        if column not in columns:
            raise named.error(f"“annex3_columns”里没有“{clip(column)}”")
        if field not in fields:
            raise named.error(f"“{clip(column)}”指向的字段“{clip(field)}”不存在")
    return MappingProxyType(found)


def _likeness(table: Table, fields: Fields) -> Likeness:
    """Which fields say that two cases are of one kind, or have one person at their head."""
    named = Table(table.take("likeness", {}), "比对")
    found = Likeness(
        peers=named.texts("peers", ()),
        person=named.text("person", ""),
        person_label=named.text("person_label", ""),
        post=named.text("post", ""),
        phone=named.text("phone", ""),
    )
    for name in (*found.peers, found.person, found.post, found.phone):
        if name and name not in fields:
            raise named.error(f"没有字段“{clip(name)}”")
    named.end()
    return found


def _marks(table: Table) -> tuple[MarkSpec, ...]:
    marks = Table(table.take("marks", {}), "标记")
    specs = []
    for name in marks.names():
        if name not in MARKS:
            raise marks.error(f"不认识“{clip(name)}”，可用：{'、'.join(MARKS)}")
        one = Table(marks.take(name), f"标记{name}")
        specs.append(MarkSpec(name, one.text("symbol"), one.text("zh"), one.whole("count")))
        one.end()
    return tuple(specs)


def _sections(table: Table, fields: Fields, step: Decimal) -> tuple[Section, ...]:
    sections = tuple(
        _section(one, fields, step) for one in named_tables(table, "sections", "code", "一级指标")
    )
    refuse_twins(("一级指标", section.code) for section in sections)
    refuse_twins(("二级指标", group.code) for section in sections for group in section.groups)
    refuse_twins(("指标", item.id) for section in sections for item in section.items())
    return sections


def _section(table: Table, fields: Fields, step: Decimal) -> Section:
    section = Section(
        code=table.text("code"),
        name=table.text("name"),
        points=table.number("points"),
        bonus=table.flag("bonus", default=False),
        groups=tuple(_group(one, fields, step) for one in named_tables(table, "groups", "code", "二级指标")),
    )
    table.end()
    return section


def _group(table: Table, fields: Fields, step: Decimal) -> Group:
    group = Group(
        code=table.text("code"),
        name=table.text("name"),
        clause=table.text("clause", ""),
        points=table.number("points"),
        items=tuple(_item(one, fields, step) for one in named_tables(table, "items", "id", "指标")),
    )
    table.end()
    return group


def _item(table: Table, fields: Fields, step: Decimal) -> Item:
    most = table.number("points")
    item = Item(
        id=table.text("id"),
        name=table.text("name"),
        points=most,
        rule=parse_rule(table.take("rule"), table.where, fields, most),
        auto=table.choice("auto", AUTO),
        mark=table.choice("mark", MARKS) if table.has("mark") else None,
        mark_reason=table.text("mark_reason", ""),
        basis=table.text("basis", ""),
        fields=_known(table, fields),
        evidence=table.texts("evidence", ()),
        note=table.text("note", ""),
        verify_by=table.text("verify_by", ""),
    )
    table.end()
    for given in possible_points(item.rule):
        if given % step:
            raise table.error(f"规则给出的{points(given)}不是{points(step)}的整数倍")
    return item


def _known(table: Table, fields: Fields) -> tuple[str, ...]:
    names = table.texts("fields", ())
    for name in names:
        if name not in fields:
            raise table.error(f"没有字段“{clip(name)}”")
    return names


def _gates(table: Table, total: Decimal, marks: tuple[MarkSpec, ...]) -> tuple[Gate, ...]:
    gates = tuple(_gate(one, total, marks) for one in named_tables(table, "gates", "id", "门槛"))
    refuse_twins(("门槛", gate.id) for gate in gates)
    if not gates:
        raise table.error("至少应有一道门槛")
    return gates


def _gate(table: Table, total: Decimal, marks: tuple[MarkSpec, ...]) -> Gate:
    kind = table.choice("type", GATE_KINDS)
    gate = Gate(
        id=table.text("id"),
        text=table.text("text"),
        clause=table.text("clause", ""),
        kind=kind,
        limit=GATE_LIMITS[kind](table),
        mark=None if kind == "min_total" else table.choice("mark", [spec.id for spec in marks if spec.count]),
        boundary_passes=table.flag("boundary_passes") if kind == "min_total" else True,
        note=table.text("note", ""),
    )
    table.end()
    if kind == "min_total" and not 0 < gate.limit <= total:
        raise table.error(f"分数线{points(gate.limit)}应大于0且不超过总分{points(total)}")
    if gate.limit == total and not gate.boundary_passes:
        raise table.error("分数线等于总分时应达线即通过，否则无人能通过")
    return gate


GATE_LIMITS: dict[str, Callable[[Table], Decimal]] = {
    "min_total": lambda table: table.number("threshold"),
    "any_zero": lambda table: Decimal(0),
    "max_not_full": lambda table: Decimal(table.whole("max_not_full")),
}


def _stages(table: Table) -> tuple[Stage, ...]:
    stages = tuple(_stage(one) for one in named_tables(table, "stages", "id", "步骤", ()))
    refuse_twins(("步骤", stage.id) for stage in stages)
    return stages


def _stage(table: Table) -> Stage:
    stage = Stage(
        table.text("id"), table.text("name"), table.day("start"), table.day("end"), table.texts("deliver", ())
    )
    table.end()
    if stage.end < stage.start:
        raise table.error("“end”早于“start”")
    return stage


def _period(table: Table) -> tuple[date, date, str]:
    period = Table(table.take("period"), "周期")
    start, end, note = period.day("start"), period.day("end"), period.text("note", "")
    period.end()
    if end < start:
        raise period.error("“end”早于“start”")
    return start, end, note


def _check_sums(programme: Programme) -> None:
    """Rows add up to their group, groups to their section, sections to the total."""
    sections = programme.rubric.sections
    for section in sections:
        for group in section.groups:
            _same_sum(f"二级指标{group.code}", group.points, (item.points for item in group.items))
        _same_sum(f"一级指标{section.code}", section.points, (group.points for group in section.groups))
    _same_sum("总分", programme.total, (section.points for section in sections))


def _same_sum(where: str, stated: Decimal, parts: Iterable[Decimal]) -> None:
    added = sum(parts, Decimal(0))
    if added != stated:
        raise ProgrammeError(f"{where}：写明{points(stated)}，各项相加为{points(added)}")


def _check_marks(programme: Programme) -> None:
    for spec in programme.marks:
        found = len(programme.rubric.marked(spec.id))
        if found != spec.count:
            raise ProgrammeError(f"标记{spec.id}：写明{spec.count}项{spec.label}，实有{found}项")
    declared = {spec.id for spec in programme.marks}
    for item in programme.rubric.items():
        if item.mark and item.mark not in declared:
            raise ProgrammeError(f"指标{item.id}：标记“{item.mark}”未在marks中写明")
