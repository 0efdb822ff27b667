"""The closed language of conditions over the declared facts, and the Chinese it reads as."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Protocol

from .facts import Facts
from .fields import NUMBER_KINDS
from .figures import clip
from .metrics import Answer, Fields, Figure, Operand, field_of, parse_metric, tell
from .tables import Table, as_number

EMPTY: tuple[str, ...] = ()
ORDER = ("eq", "gt", "gte", "lt", "lte", "in")
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, allowed: value in allowed,
}
OPERATORS_BY_KIND = {"bool": ("eq",), "choice": ("eq", "in"), "date": ORDER} | dict.fromkeys(
    NUMBER_KINDS, ORDER
)
WORDS = {"eq": "为{}", "in": "为{}之一", "gt": "高于{}", "gte": "不低于{}", "lt": "低于{}", "lte": "不高于{}"}
DATE_WORDS = WORDS | {"gt": "晚于{}", "gte": "不早于{}", "lt": "早于{}", "lte": "不晚于{}"}


class Condition(Protocol):
    def holds(self, facts: Facts) -> bool: ...
    def told(self, facts: Facts) -> str: ...
    def wanted(self) -> str: ...


@dataclass(frozen=True)
class Comparison:
    """An operand against a fixed limit; not met when a field is not declared."""

    operand: Operand
    operator: str
    limit: object

    def holds(self, facts: Facts) -> bool:
        value = self.operand.value(facts)
        return value is not None and COMPARE[self.operator](value, self.limit)

    def told(self, facts: Facts) -> str:
        return tell(self.operand, facts)

    def wanted(self) -> str:
        one = self.limit[0] if isinstance(self.limit, tuple) else self.limit
        words = DATE_WORDS if isinstance(one, date) else WORDS
        return self.operand.name() + words[self.operator].format(self.operand.shown(self.limit))


@dataclass(frozen=True)
class Every:
    """All parts must hold; when they do not, those that fail are told."""

    parts: tuple[Condition, ...]

    def holds(self, facts: Facts) -> bool:
        return all(part.holds(facts) for part in self.parts)

    def told(self, facts: Facts) -> str:
        failing = [part for part in self.parts if not part.holds(facts)]
        return "，".join(part.told(facts) for part in failing or self.parts)

    def wanted(self) -> str:
        either = (f"（{part.wanted()}）" if isinstance(part, Some) else part.wanted() for part in self.parts)
        return "且".join(either)


@dataclass(frozen=True)
class Some:
    """One part must hold; when one does, those that hold are told."""

    parts: tuple[Condition, ...]

    def holds(self, facts: Facts) -> bool:
        return any(part.holds(facts) for part in self.parts)

    def told(self, facts: Facts) -> str:
        holding = [part for part in self.parts if part.holds(facts)]
        return "，".join(part.told(facts) for part in holding or self.parts)

    def wanted(self) -> str:
        return "或".join(part.wanted() for part in self.parts)


def parse_condition(raw: object, where: str, fields: Fields) -> Condition:
    """{field|metric, operator: limit}, {all: [...]} or {any: [...]}; the limit must fit the field."""
    table = Table(raw, where)
    if table.has("all"):
        condition: Condition = Every(_conditions(table, "all", fields))
    elif table.has("any"):
        condition = Some(_conditions(table, "any", fields))
    else:
        condition = _comparison(table, fields)
    table.end()
    return condition


def _conditions(table: Table, key: str, fields: Fields) -> tuple[Condition, ...]:
    parts = tuple(parse_condition(raw, table.where, fields) for raw in table.array(key))
    if not parts:
        raise table.error(f"“{key}”不能为空")
    return parts


def _comparison(table: Table, fields: Fields) -> Comparison:
    if table.has("metric"):
        operand: Operand = parse_metric(table.take("metric"), table.where, fields)
        kind, options = "decimal", EMPTY
    else:
        spec = field_of(table, "field", fields)
        operand = Figure(spec) if spec.kind in NUMBER_KINDS else Answer(spec)
        kind, options = spec.kind, spec.options
    name = _operator(table, kind)
    raw = table.array(name) if name == "in" else [table.take(name)]
    limits = tuple(_limit(table, kind, options, one) for one in raw)
    if not limits:
        raise table.error("“in”不能为空")
    return Comparison(operand, name, limits if name == "in" else limits[0])


def _operator(table: Table, kind: str) -> str:
    allowed = OPERATORS_BY_KIND.get(kind, ())
    found = [name for name in ORDER if table.has(name)]
    if len(found) != 1:
        raise table.error(f"条件应有且只有一个比较词：{'、'.join(ORDER)}")
    if found[0] not in allowed:
        raise table.error(f"“{kind}”类字段不能用“{found[0]}”比较")
    return found[0]


def _limit(table: Table, kind: str, options: tuple[str, ...], raw: object) -> object:
    if kind in NUMBER_KINDS:
        return Fraction(as_number(raw, f"{table.where}：条件的界限"))
    fits = {"bool": isinstance(raw, bool), "date": type(raw) is date, "choice": raw in options}[kind]
    if not fits:
        raise table.error(f"“{clip(str(raw))}”不是该字段可有的值")
    return raw
