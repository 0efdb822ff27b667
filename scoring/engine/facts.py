"""The declared answers of one case, parsed once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, Self

from .answers import parse_value
from .fields import FieldSpec, ValueProblem
from .figures import clip


class HasFields(Protocol):
    @property
    def fields(self) -> tuple[FieldSpec, ...]: ...


@dataclass(frozen=True)
class Facts:
    """Answers by field id. A field that is absent is not declared: it meets no condition and counts 0."""

    values: Mapping[str, object]

    @classmethod
    def parse(cls, programme: HasFields, raw: Mapping[str, object]) -> tuple[Self, dict[str, str]]:
        """The answers that can be read, and by field id a Chinese problem for each other one, unknown ids too."""
        specs = {spec.id: spec for spec in programme.fields}
        values: dict[str, object] = {}
        problems: dict[str, str] = {}
        for key, one in raw.items():
            if key not in specs:
                problems[key] = f"没有“{clip(key)}”这个字段"
                continue
            try:
                value = parse_value(specs[key], one)
            except ValueProblem as problem:
                problems[key] = f"“{specs[key].label}”：{problem}"
            else:
                values |= {} if value is None else {key: value}
        return cls(MappingProxyType(values)), problems

    def get(self, field_id: str) -> object | None:
        return self.values.get(field_id)

    def undeclared(self, specs: Iterable[FieldSpec]) -> tuple[FieldSpec, ...]:
        return tuple(spec for spec in specs if spec.id not in self.values)
