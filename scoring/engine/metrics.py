"""The closed language of metrics: exact figures made from the declared facts, and the Chinese they read as."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from .facts import Facts
from .fields import NUMBER_KINDS, FieldSpec
from .figures import SHARE, clip, day, quoted, show
from .tables import Table

Fields = Mapping[str, FieldSpec]

UNDECLARED = "未申报"
YEAR = re.compile(r"([0-9]{4}年)(.+)")


class Operand(Protocol):
    """What a condition looks at: an answer or a metric."""

    def specs(self) -> tuple[FieldSpec, ...]: ...
    def value(self, facts: Facts) -> object | None: ...
    def name(self) -> str: ...
    def told(self, facts: Facts) -> str: ...
    def shown(self, value: Any) -> str: ...


class Metric(Operand, Protocol):
    """An operand that is an exact number: None as soon as one of its fields is not declared."""

    @property
    def unit(self) -> str: ...
    def value(self, facts: Facts) -> Fraction | None: ...


def tell(operand: Operand, facts: Facts) -> str:
    """The declared figures behind an operand, or which fields are not declared."""
    missing = dict.fromkeys(spec.label for spec in facts.undeclared(operand.specs()))
    return f"{quoted(missing)}{UNDECLARED}" if missing else operand.told(facts)


def exact(metric: Metric, facts: Facts) -> Fraction:
    """The value of a metric whose fields are all declared."""
    value = metric.value(facts)
    assert value is not None  # noqa: S101 - callers ask only after undeclared() or value()
    return value


@dataclass(frozen=True)
class Answer:
    """A yes or no, a choice or a date as declared."""

    spec: FieldSpec

    def specs(self) -> tuple[FieldSpec, ...]:
        return (self.spec,)

    def value(self, facts: Facts) -> object | None:
        return facts.get(self.spec.id)

    def name(self) -> str:
        return f"“{self.spec.label}”"

    def told(self, facts: Facts) -> str:
        return f"{self.name()}为{self.shown(self.value(facts))}"

    def shown(self, value: object) -> str:
        if isinstance(value, tuple):
            return ("、" if isinstance(value[0], date) else "").join(self.shown(one) for one in value)
        if isinstance(value, bool):
            return "“是”" if value else "“否”"
        return day(value) if isinstance(value, date) else f"“{value}”"


class _Measured(ABC):
    """What all metrics share: their values are printed with the unit."""

    @property
    @abstractmethod
    def unit(self) -> str: ...

    def shown(self, value: Any) -> str:
        if isinstance(value, tuple):
            return "、".join(self.shown(one) for one in value)
        return show(value, self.unit)


@dataclass(frozen=True)
class Figure(_Measured):
    """One number as declared."""

    spec: FieldSpec

    @property
    def unit(self) -> str:
        return SHARE if self.spec.kind == "ratio" else self.spec.unit

    def specs(self) -> tuple[FieldSpec, ...]:
        return (self.spec,)

    def value(self, facts: Facts) -> Fraction | None:
        value = facts.get(self.spec.id)
        return Fraction(value) if isinstance(value, int | Decimal) else None

    def name(self) -> str:
        return self.spec.label

    def told(self, facts: Facts) -> str:
        return f"{self.spec.label}{self.shown(exact(self, facts))}"


@dataclass(frozen=True)
class Pair(_Measured):
    """A metric over two others; a zero divisor makes it 0."""

    first: Metric
    second: Metric

    def specs(self) -> tuple[FieldSpec, ...]:
        return self.first.specs() + self.second.specs()

    def value(self, facts: Facts) -> Fraction | None:
        first, second = self.first.value(facts), self.second.value(facts)
        return None if first is None or second is None else self.compute(first, second)

    @abstractmethod
    def compute(self, first: Fraction, second: Fraction) -> Fraction: ...


class Ratio(Pair):
    """first ÷ second."""

    unit = SHARE

    def compute(self, first: Fraction, second: Fraction) -> Fraction:
        return first / second if second else Fraction(0)

    def name(self) -> str:
        return f"{self.first.name()}占{self.second.name()}的比例"

    def told(self, facts: Facts) -> str:
        first, second = self.first.told(facts), self.second.told(facts)
        if not exact(self.second, facts):
            return f"{first}，{second}，比例按0计"
        return f"{first}，占{second}的{self.shown(exact(self, facts))}"


class Growth(Pair):
    """(second − first) ÷ first."""

    unit = SHARE

    def compute(self, first: Fraction, second: Fraction) -> Fraction:
        return (second - first) / first if first else Fraction(0)

    def name(self) -> str:
        return f"{self.second.name()}比{self.first.name()}的增长率"

    def told(self, facts: Facts) -> str:
        told = f"{self.second.told(facts)}，比{self.first.told(facts)}"
        growth = exact(self, facts)
        if not exact(self.first, facts):
            return f"{told}的增长率按0计"
        if not growth:
            return f"{told}持平"
        return f"{told}{'增长' if growth > 0 else '下降'}{self.shown(abs(growth))}"


class Diff(Pair):
    """first − second."""

    @property
    def unit(self) -> str:
        return self.first.unit

    def compute(self, first: Fraction, second: Fraction) -> Fraction:
        return first - second

    def name(self) -> str:
        return f"{self.first.name()}减{self.second.name()}的差"

    def told(self, facts: Facts) -> str:
        return f"{self.first.told(facts)}，减{self.second.told(facts)}得{self.shown(exact(self, facts))}"


@dataclass(frozen=True)
class Many(_Measured):
    """A metric over several others of one unit."""

    parts: tuple[Metric, ...]
    combine: Callable[[list[Fraction]], Fraction]
    word: str

    @property
    def unit(self) -> str:
        return self.parts[0].unit

    def specs(self) -> tuple[FieldSpec, ...]:
        return tuple(spec for part in self.parts for spec in part.specs())

    def value(self, facts: Facts) -> Fraction | None:
        values = [value for part in self.parts if (value := part.value(facts)) is not None]
        return self.combine(values) if len(values) == len(self.parts) else None

    def name(self) -> str:
        return fold_years([part.name() for part in self.parts]) + self.word

    def told(self, facts: Facts) -> str:
        told = "；".join(part.told(facts) for part in self.parts)
        return f"{told}；{self.word}{self.shown(exact(self, facts))}"


def fold_years(names: list[str]) -> str:
    """2019年学习次数 and 2020年学习次数 as 2019年、2020年学习次数; other names are only joined."""
    found = [YEAR.fullmatch(name) for name in names]
    years = [match[1] for match in found if match]
    if len(years) == len(names) and len({match[2] for match in found if match}) == 1:
        return "、".join(years) + names[0].removeprefix(years[0])
    return "、".join(names)


def field_of(table: Table, key: str, fields: Fields) -> FieldSpec:
    """The field that a rule names."""
    return _known(table.text(key), table, fields)


def _known(name: str, table: Table, fields: Fields) -> FieldSpec:
    if name not in fields:
        raise table.error(f"没有字段“{clip(name)}”")
    return fields[name]


def parse_metric(raw: object, where: str, fields: Fields) -> Metric:
    """A metric from its table, or from the bare id of a field of numbers."""
    table = Table({"field": raw} if isinstance(raw, str) else raw, where)
    word = next((word for word in METRICS if table.has(word)), None)
    if word is None:
        raise table.error(f"度量应为{'、'.join(METRICS)}之一")
    metric = METRICS[word](table, fields)
    table.end()
    return metric


def _figure(table: Table, fields: Fields) -> Metric:
    spec = field_of(table, "field", fields)
    if spec.kind not in NUMBER_KINDS:
        raise table.error(f"字段“{spec.id}”不是数字，不能作度量")
    return Figure(spec)


def _pair(word: str, kind: type[Ratio | Growth | Diff]) -> Callable[[Table, Fields], Metric]:
    def read(table: Table, fields: Fields) -> Metric:
        parts = _parts(table, word, fields)
        if len(parts) != 2:
            raise table.error(f"“{word}”应有两项")
        if kind is not Ratio:
            _one_unit(table, parts)
        return kind(*parts)

    return read


def _many(
    word: str, combine: Callable[[list[Fraction]], Fraction], said: str
) -> Callable[[Table, Fields], Metric]:
    def read(table: Table, fields: Fields) -> Metric:
        parts = _parts(table, word, fields)
        _one_unit(table, parts)
        return Many(parts, combine, said)

    return read


def _parts(table: Table, word: str, fields: Fields) -> tuple[Metric, ...]:
    parts = tuple(parse_metric(raw, table.where, fields) for raw in table.array(word))
    if not parts:
        raise table.error(f"“{word}”不能为空")
    return parts


def _one_unit(table: Table, parts: tuple[Metric, ...]) -> None:
    if len({part.unit == SHARE for part in parts}) > 1:
        raise table.error("比例和数量不能放在一起比较")


METRICS: Mapping[str, Callable[[Table, Fields], Metric]] = {
    "field": _figure,
    "ratio": _pair("ratio", Ratio),
    "growth": _pair("growth", Growth),
    "diff": _pair("diff", Diff),
    "min": _many("min", min, "取低值"),
    "sum": _many("sum", lambda values: sum(values, Fraction(0)), "合计"),
}
