"""The closed words of the checks: what each looks at, of which kind it is, and how it reads in Chinese."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from .answers import fold
from .fields import NUMBER_KINDS, OPTION_KINDS, FieldSpec
from .figures import SHARE, clip, day, show
from .metrics import Fields, parse_metric
from .rubric import Rubric
from .scope import Scope
from .tables import ProgrammeError

NUMBER = "数量"
DATE = "日期"
FLAG = "是非"
WORDS = "文字"
LIST = "多项"
RECORDS = "记录"
"""The kinds of values that are compared with one another; SHARE is the kind of ratios."""

UNFILLED = "未填"
LONGEST = 200


@dataclass(frozen=True)
class Term:
    """One value of a scope: None as long as it is not known. `fields` and `rows` are what it looks at.

    `coded` words are compared as they are, others regardless of width, case and white space.
    """

    name: str
    kind: str
    read: Callable[[Scope], object | None]
    options: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    coded: bool = False

    def spelled(self, scope: Scope) -> str:
        """The value in a Chinese sentence: 12, 15%, 2020年6月1日, 是, a、b; what was typed where it cannot be read."""
        value = self.read(scope)
        if value is not None:
            return spell(self.kind, value)
        typed = (scope.case.around.unread.get(field) for field in self.fields[:1])
        return next((clip(text, LONGEST) for text in typed if text), UNFILLED)


@dataclass(frozen=True)
class Lexicon:
    """What the words of one check may name."""

    where: str
    fields: Fields
    rubric: Rubric
    each: str = ""

    def error(self, message: str) -> ProgrammeError:
        return ProgrammeError(f"{self.where}：{message}")

    def spec(self, name: str) -> FieldSpec:
        if name not in self.fields:
            raise self.error(f"没有字段“{clip(name)}”")
        return self.fields[name]

    def row(self, name: str) -> str:
        if name not in {item.id for item in self.rubric.items()}:
            raise self.error(f"没有指标“{clip(name)}”")
        return name


def spell(kind: str, value: Any) -> str:
    """A value of a kind as it stands in a sentence."""
    if kind in (NUMBER, SHARE):
        return show(value, SHARE if kind == SHARE else "")
    if kind == DATE:
        return day(value)
    if kind == FLAG:
        return "是" if value else "否"
    return clip("、".join(value) if kind == LIST else value, LONGEST)


def kind_of(field_kind: str) -> str:
    """The kind of value that a field of some kind has."""
    known = {"ratio": SHARE, "date": DATE, "bool": FLAG, "multi": LIST, "list": RECORDS}
    return known.get(field_kind, NUMBER if field_kind in NUMBER_KINDS else WORDS)


def value_of(kind: str, raw: object) -> object | None:
    """A declared value as one of its kind, None for one that is not."""
    if kind in (NUMBER, SHARE):
        return exact(raw) if isinstance(raw, int | Decimal) and not isinstance(raw, bool) else None
    if kind in (LIST, RECORDS):
        return raw if isinstance(raw, tuple) else None
    fits = {DATE: date, FLAG: bool, WORDS: str}[kind]
    return raw if isinstance(raw, fits) else None


def exact(number: int | Decimal | None) -> Fraction | None:
    """A number as a fraction, None for none and for what is no finite number."""
    known = number is not None and (isinstance(number, int) or number.is_finite())
    return _fraction(number) if known and number is not None else None


@lru_cache(maxsize=4096)
def _fraction(number: int | Decimal) -> Fraction:
    return Fraction(number)


def alike(raw: str) -> str:
    """Words as they are compared: half-width, without white space, without case."""
    return "".join(fold(raw).split()).casefold()


def _field(key: str, lexicon: Lexicon) -> Term:
    spec = lexicon.spec(key)
    kind = kind_of(spec.kind)
    options = spec.options if spec.kind in OPTION_KINDS else ()
    return Term(
        key,
        kind,
        lambda scope: value_of(kind, scope.case.facts.get(key)),
        options,
        (key,),
        coded=bool(options),
    )


def metric(raw: object, lexicon: Lexicon, name: str = "") -> Term:
    """A metric of the rules, such as {ratio = ["visited_2020", "ent_members_2020"]}."""
    made = parse_metric(raw, lexicon.where, lexicon.fields)
    fields = tuple(dict.fromkeys(spec.id for spec in made.specs()))
    kind = SHARE if made.unit == SHARE else NUMBER
    return Term(name, kind, lambda scope: made.value(scope.case.facts), (), fields)


def _count(key: str, lexicon: Lexicon) -> Term:
    """How many options, records or characters."""
    spec = lexicon.spec(key)
    if spec.kind not in ("multi", "list", "text", "long_text"):
        raise lexicon.error(f"字段“{key}”不能计数")

    def read(scope: Scope) -> object | None:
        value = scope.case.facts.get(key)
        if isinstance(value, str):
            return Fraction(len("".join(value.split())))
        return Fraction(len(value)) if isinstance(value, tuple) else None

    return Term(f"count.{key}", NUMBER, read, (), (key,))


def _mark(key: str, lexicon: Lexicon) -> Term:
    row = lexicon.row(key)
    return Term(f"mark.{row}", NUMBER, lambda scope: exact(scope.case.mark(row)), (), (), (row,))


def _proposed(key: str, lexicon: Lexicon) -> Term:
    row = lexicon.row(key)
    return Term(
        f"proposed.{row}", NUMBER, lambda scope: exact(scope.case.proposal(row).points), (), (), (row,)
    )


def _full(key: str, lexicon: Lexicon) -> Term:
    full = Fraction(lexicon.rubric.item(lexicon.row(key)).points)
    return Term(f"full.{key}", NUMBER, lambda scope: full, (), (), (key,))


def _evidence(key: str, lexicon: Lexicon) -> Term:
    """How many files are hung on a row or a field."""
    fields, rows = ((key,), ()) if key in lexicon.fields else ((), (lexicon.row(key),))
    return Term(f"evidence.{key}", NUMBER, lambda scope: _files(scope, key), (), fields, rows)


def _files(scope: Scope, code: str) -> Fraction | None:
    hung = scope.case.evidence(code)
    return None if hung is None else Fraction(hung.count)


def _period(key: str, lexicon: Lexicon) -> Term:
    if key not in ("start", "end"):
        raise lexicon.error(f"“period”不认识“{clip(key)}”，可用：start、end")
    return Term(f"period.{key}", DATE, lambda scope: scope.case.period[key == "end"])


def _province(key: str, lexicon: Lexicon) -> Term:
    """The first two digits of a division code."""
    if lexicon.spec(key).kind != "gb2260":
        raise lexicon.error(f"字段“{key}”不是行政区划代码")

    def read(scope: Scope) -> object | None:
        code = scope.case.facts.get(key)
        return code[:2] if isinstance(code, str) else None

    return Term(f"province.{key}", WORDS, read, (), (key,), coded=True)


Reader = Callable[[str, Lexicon], Term]

PLAIN: Mapping[str, Reader] = {
    "field": _field,
    "count": _count,
    "mark": _mark,
    "proposed": _proposed,
    "full": _full,
    "evidence": _evidence,
    "period": _period,
    "province": _province,
}
"""The words by which a check looks at the declaration as a whole; `vocabulary.py` adds those of codes and for-each."""
