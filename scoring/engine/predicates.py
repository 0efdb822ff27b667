"""The closed language of findings: conditions over everything a check can look at."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from .figures import SHARE, clip
from .scope import Scope
from .tables import Table, as_number
from .terms import DATE, FLAG, LIST, NUMBER, RECORDS, WORDS, Lexicon, Term, alike
from .vocabulary import parse_term

NUMERIC = (NUMBER, SHARE)
ORDERED = ("eq", "ne", "gt", "gte", "lt", "lte")
OPERATORS: Mapping[str, tuple[str, ...]] = {
    NUMBER: (*ORDERED, "in"),
    SHARE: (*ORDERED, "in"),
    DATE: (*ORDERED, "in"),
    FLAG: ("eq", "ne"),
    WORDS: ("eq", "ne", "in", "contains"),
    LIST: ("has", "lacks"),
    RECORDS: (),
}
NAMES = (*ORDERED, "in", "contains", "has", "lacks")
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "contains": lambda value, part: part in value,
    "has": lambda values, one: one in values,
    "lacks": lambda values, one: one not in values,
}


class Predicate(Protocol):
    def holds(self, scope: Scope) -> bool: ...
    def terms(self) -> tuple[Term, ...]: ...


@dataclass(frozen=True)
class Compared:
    """A term against others, of which one must fit; not met while either side is not known."""

    left: Term
    operator: str
    rights: tuple[Term, ...]
    as_is: bool

    def holds(self, scope: Scope) -> bool:
        value = self._value(self.left, scope)
        return value is not None and any(self._fits(value, right, scope) for right in self.rights)

    def _fits(self, value: object, right: Term, scope: Scope) -> bool:
        limit = self._value(right, scope)
        return limit is not None and COMPARE[self.operator](value, limit)

    def _value(self, term: Term, scope: Scope) -> object | None:
        value = term.read(scope)
        return value if self.as_is or value is None else _folded(value)

    def terms(self) -> tuple[Term, ...]:
        return (self.left, *self.rights)


@dataclass(frozen=True)
class Filled:
    """A term is there, or is not there; an answer that is typed and cannot be read is neither."""

    term: Term
    wanted: bool

    def holds(self, scope: Scope) -> bool:
        unread = scope.case.around.unread
        if any(field in unread for field in self.term.fields):
            return False
        return (self.term.read(scope) is not None) == self.wanted

    def terms(self) -> tuple[Term, ...]:
        return (self.term,)


@dataclass(frozen=True)
class Joined:
    """All parts, or any of them. What is not known holds nowhere, and nothing is negated: it gives no finding."""

    parts: tuple[Predicate, ...]
    every: bool

    def holds(self, scope: Scope) -> bool:
        held = (part.holds(scope) for part in self.parts)
        return all(held) if self.every else any(held)

    def terms(self) -> tuple[Term, ...]:
        return tuple(term for part in self.parts for term in part.terms())


def _folded(value: object) -> object:
    """Words as they are compared when either side is free text."""
    if isinstance(value, str):
        return alike(value)
    return tuple(alike(one) for one in value if isinstance(one, str)) if isinstance(value, tuple) else value


def parse_predicate(raw: object, lexicon: Lexicon) -> Predicate:
    """{word, operator: limit or {word}}, {missing|present: field or {word}}, {all: [...]} or {any: [...]}."""
    table = Table(raw, lexicon.where)
    found: Predicate
    if joint := next((key for key in ("all", "any") if table.has(key)), None):
        parts = tuple(parse_predicate(one, lexicon) for one in table.array(joint))
        if not parts:
            raise table.error(f"“{joint}”不能为空")
        found = Joined(parts, joint == "all")
    elif test := next((key for key in ("missing", "present") if table.has(key)), None):
        found = Filled(_term(table.take(test), lexicon), test == "present")
    else:
        found = _compared(table, lexicon)
    table.end()
    return found


def _term(raw: object, lexicon: Lexicon) -> Term:
    """A term from its table, or from the bare id of a field."""
    table = Table({"field": raw} if isinstance(raw, str) else raw, lexicon.where)
    term = parse_term(table, lexicon)
    table.end()
    return term


def _compared(table: Table, lexicon: Lexicon) -> Compared:
    left = parse_term(table, lexicon)
    found = [name for name in NAMES if table.has(name)]
    if len(found) != 1:
        raise table.error(f"条件应有且只有一个比较词：{'、'.join(NAMES)}")
    name = found[0]
    if name not in OPERATORS[left.kind]:
        raise table.error(f"{_kind(left.kind)}不能用“{name}”比较")
    raws = table.array(name) if name == "in" else [table.take(name)]
    if not raws:
        raise table.error("“in”不能为空")
    rights = tuple(_right(left, one, lexicon) for one in raws)
    as_is = left.kind not in (WORDS, LIST) or all(term.coded for term in (left, *rights))
    return Compared(left, "eq" if name == "in" else name, rights, as_is)


def _right(left: Term, raw: object, lexicon: Lexicon) -> Term:
    """The other side: a term of the same kind, or a literal that the left side can be."""
    kind = WORDS if left.kind == LIST else left.kind
    if isinstance(raw, dict):
        right = _term(raw, lexicon)
        if right.kind != kind:
            raise lexicon.error(f"{_kind(left.kind)}不能与{_kind(right.kind)}比较")
        return right
    value = _literal(left, kind, raw, lexicon)
    return Term(f"“{clip(str(raw))}”", kind, lambda scope: value, coded=True)


def _literal(left: Term, kind: str, raw: object, lexicon: Lexicon) -> object:
    if kind in NUMERIC:
        return Fraction(as_number(raw, f"{lexicon.where}：条件的界限"))
    fits = {FLAG: type(raw) is bool, DATE: type(raw).__name__ == "date", WORDS: isinstance(raw, str)}[kind]
    if not fits or (left.options and raw not in left.options):
        raise lexicon.error(f"“{clip(str(raw))}”不是“{left.name or '度量'}”可有的值")
    return raw


def _kind(kind: str) -> str:
    return "比例" if kind == SHARE else kind
