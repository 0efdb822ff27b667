"""Queries that are asked again and again with other keys: put together once a process, as a statement is prepared.

Django puts every query together anew, which costs several times what the database takes for a row with its names.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.query import ModelIterable, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row", bound=models.Model)
Value = int | str | tuple[int, ...] | tuple[str, ...]
STANDS_FOR_A_KEY = 8_000_000_000_000_000
STANDS_FOR_A_WORD = "〈{}〉"


@dataclass(frozen=True)
class _Compiled:
    """A query as the database gets it, and which of the values given stands at which of its places."""

    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]
    converters: dict[int, Any]
    locks: bool


class _Answered:
    """What Django makes rows of: a query that is compiled already."""

    _known_related_objects: dict[Any, Any] = {}

    def __init__(self, compiler: SQLCompiler) -> None:
        self.db = compiler.using
        self.query = self
        self.compiler = compiler

    def get_compiler(self, using: str) -> SQLCompiler:
        return self.compiler


class Prepared(Generic[Row]):
    """A query of rows by keys or words; ``query`` puts it together of what is given for them.

    The values may be whole numbers, words, or tuples of either, and nothing else: None and the truth values change the
    words of a query, so they belong into ``query``. No value may be altered on its way into the query. What ``query``
    returns must depend on its values alone; rows are read without what is prefetched.
    """

    def __init__(self, query: Callable[..., QuerySet[Row]]) -> None:
        self.query = query
        self._compiled: dict[tuple[Any, ...], _Compiled] = {}

    def __call__(self, *values: Value) -> list[Row]:
        """Return the rows, read now."""
        connection = connections[DEFAULT_DB_ALIAS]
        shape = (connection.vendor, *(_shape(value) for value in values))
        if shape not in self._compiled:
            self._compiled[shape] = _compile(self.query, values)
        known = self._compiled[shape]
        if known.locks and connection.get_autocommit():
            raise TransactionManagementError("a row is locked within a transaction alone")
        flat, params = _flat(values), list(known.params)
        for place, number in known.places:
            params[place] = type(params[place])(flat[number])
        compiler = copy(known.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_, **__: (known.sql, tuple(params))
        compiler.get_converters = lambda _: known.converters
        return list(ModelIterable(_Answered(compiler)))

    def get(self, *values: Value) -> Row:
        """Return the one row, or raise ``DoesNotExist``; the values name one row at most."""
        rows = self(*values)
        if not rows:
            raise self.query(*values).model.DoesNotExist
        return rows[0]

    def first(self, *values: Value) -> Row | None:
        """Return the first row, or None."""
        return next(iter(self(*values)), None)


def _shape(value: Value) -> Any:
    """Return what the words of a query depend on; a value that would change them is refused."""
    if isinstance(value, tuple):
        return tuple(_shape(one) for one in value)
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError(f"no key and no word: {value!r}")
    return "word" if isinstance(value, str) else "key"


def _flat(values: tuple[Value, ...]) -> list[int | str]:
    return [one for value in values for one in (value if isinstance(value, tuple) else (value,))]


def _compile(query: Callable[..., QuerySet[Any]], values: tuple[Value, ...]) -> _Compiled:
    """Put the query together of values that are told apart from all others, and find each where it went."""
    signs: list[int | str] = []

    def sign(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(sign(one) for one in value)
        number = len(signs)
        signs.append(
            STANDS_FOR_A_WORD.format(number) if isinstance(value, str) else STANDS_FOR_A_KEY + number
        )
        return signs[number]

    rows = query(*(sign(value) for value in values))
    compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
    sql, params = compiler.as_sql()
    places = tuple((place, signs.index(param)) for place, param in enumerate(params) if param in signs)
    if {number for _, number in places} != set(range(len(signs))):
        raise ValueError("a value does not stand in the query as it was given")
    converters = compiler.get_converters([column for column, _, _ in compiler.select[: compiler.col_count]])
    locks = rows.query.select_for_update and compiler.connection.features.has_select_for_update
    return _Compiled(compiler, sql, tuple(params), places, converters, locks)
