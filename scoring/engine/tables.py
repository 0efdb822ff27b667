"""Strict reading of the tables of a programme file: every key is asked for, what is left over is refused."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from .figures import clip

ABSENT = object()


class ProgrammeError(ValueError):
    """A programme file that cannot be used; the Chinese message names the row, field or gate that is wrong."""


class Table:
    """One TOML table. `where` names it in messages; `end()` refuses the keys nobody asked for."""

    def __init__(self, raw: object, where: str) -> None:
        self.where = where
        if not isinstance(raw, dict):
            raise self.error("应为一张表")
        self._left: dict[str, object] = dict(raw)

    def error(self, message: str) -> ProgrammeError:
        return ProgrammeError(f"{self.where}：{message}")

    def has(self, key: str) -> bool:
        return key in self._left

    def names(self) -> list[str]:
        return list(self._left)

    def take(self, key: str, default: object = ABSENT) -> object:
        value = self._left.pop(key, default)
        if value is ABSENT:
            raise self.error(f"缺少“{key}”")
        return value

    def end(self) -> None:
        if self._left:
            names = "、".join(clip(key) for key in sorted(self._left))
            raise self.error(f"有不认识的键：{names}")

    def text(self, key: str, default: object = ABSENT) -> str:
        value = self.take(key, default)
        if not isinstance(value, str) or (default is ABSENT and not value.strip()):
            raise self.error(f"“{key}”应为文字")
        return value

    def choice(self, key: str, allowed: Sequence[str], default: object = ABSENT) -> str:
        value = self.text(key, default)
        if value not in allowed:
            raise self.error(f"“{key}”不认识“{clip(value)}”，可用：{'、'.join(allowed)}")
        return value

    def flag(self, key: str, default: object = ABSENT) -> bool:
        value = self.take(key, default)
        if not isinstance(value, bool):
            raise self.error(f"“{key}”应为true或false")
        return value

    def number(self, key: str, default: object = ABSENT) -> Decimal:
        return as_number(self.take(key, default), f"{self.where}：“{key}”")

    def whole(self, key: str, default: object = ABSENT) -> int:
        value = self.number(key, default)
        if value != int(value) or value < 0:
            raise self.error(f"“{key}”应为不小于0的整数")
        return int(value)

    def day(self, key: str) -> date:
        value = self.take(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.error(f"“{key}”应为日期，如2019-01-01")
        return value

    def array(self, key: str, default: object = ABSENT) -> list[object]:
        value = self.take(key, default)
        if not isinstance(value, list | tuple):
            raise self.error(f"“{key}”应为数组")
        return list(value)

    def texts(self, key: str, default: object = ABSENT) -> tuple[str, ...]:
        values = self.array(key, default)
        texts = tuple(value for value in values if isinstance(value, str))
        if len(texts) != len(values):
            raise self.error(f"“{key}”各项应为文字")
        if len(set(texts)) != len(texts):
            raise self.error(f"“{key}”有重复项")
        return texts

    def numbers_by(self, key: str) -> dict[str, Decimal]:
        """A table of names and numbers, such as points by option."""
        inner = self.take(key)
        if not isinstance(inner, dict) or not inner:
            raise self.error(f"“{key}”应为非空的表")
        return {name: as_number(value, f"{self.where}：“{key}”的“{name}”") for name, value in inner.items()}


def as_number(raw: object, where: str) -> Decimal:
    """An exact finite number; TOML integers and decimals only."""
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise ProgrammeError(f"{where}应为数字")
    value = Decimal(raw)
    if not value.is_finite() or (value and not -6 <= value.adjusted() <= 12):
        raise ProgrammeError(f"{where}数字超出范围")
    return value


def named_tables(
    parent: Table, key: str, name: str, label: str, default: Sequence[object] | None = None
) -> list[Table]:
    """The array of tables under `key`, each named for messages by its own `name` key; names must be unique."""
    raws = parent.array(key) if default is None else parent.array(key, default)
    tables = [Table(raw, f"{parent.where}“{key}”第{number}项") for number, raw in enumerate(raws, start=1)]
    for table, raw in zip(tables, raws, strict=True):
        given = raw.get(name) if isinstance(raw, dict) else None
        table.where = f"{label}{clip(given)}" if isinstance(given, str) and given.strip() else table.where
    return tables


def refuse_twins(names: Iterable[tuple[str, str]]) -> None:
    seen = set()
    for label, name in names:
        if name in seen:
            raise ProgrammeError(f"{label}{clip(name)}：编号重复")
        seen.add(name)
