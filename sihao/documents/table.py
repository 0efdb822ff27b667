"""Tables defined once for screen and sheet: titled columns, rows as they come, notes and a footer."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

Kind = Literal["text", "int", "decimal", "date", "datetime", "percent"]
Align = Literal["left", "center", "right"]
Value = str | int | Decimal | date | datetime | None

BEIJING = ZoneInfo("Asia/Shanghai")
PERCENT_PLACES = 2
_ALIGN: dict[Kind, Align] = {
    "text": "left",
    "int": "right",
    "decimal": "right",
    "percent": "right",
    "date": "center",
    "datetime": "center",
}


@dataclass(frozen=True, slots=True)
class Steps:
    """The figures that a cell takes: from ``low`` to ``high``, each a step of ``step`` from the last."""

    low: Decimal
    high: Decimal
    step: Decimal

    def figures(self) -> list[str]:
        """Return every figure as it is typed."""
        count = int((self.high - self.low) // self.step)
        return [shortest(self.low + self.step * number) for number in range(count + 1)]

    def __str__(self) -> str:
        """Say what may be typed."""
        return f"应填{shortest(self.low)}至{shortest(self.high)}、{shortest(self.step)}的整数倍。"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``key`` names a mapping key or an attribute of the row, or is a function of the row.

    ``width`` counts half-width characters (a Chinese character is two) and is measured when None. A ``percent`` holds
    the ratio itself: ``Decimal("0.2")`` shows as 20.00%. ``places`` fixes the decimals; without it a decimal shows the
    digits it has. ``fillable`` says of a row whether its cell is for the reader to fill in, ``steps`` of what figures.
    """

    title: str
    kind: Kind = "text"
    key: str | Callable[[Any], object] = ""
    width: int | None = None
    align: Align | None = None
    places: int | None = None
    fillable: Callable[[Any], bool] | None = None
    steps: Callable[[Any], Steps] | None = None

    def value(self, row: object) -> Value:
        """Return the cell of ``row``; a key or attribute the row lacks raises, as a silent blank would hide it."""
        if callable(self.key):
            return plain(self.key(row))
        if isinstance(row, Mapping):
            return plain(row[self.key or self.title])
        return plain(getattr(row, self.key))

    def text(self, value: Value) -> str:
        """Return ``value`` as it is read on screen; the sheet shows the same characters."""
        match value:
            case None:
                return ""
            case datetime():
                return value.strftime("%Y-%m-%d %H:%M" if self.kind == "datetime" else "%Y-%m-%d")
            case date():
                return value.isoformat()
            case int() | Decimal() if self.kind != "text":
                return self._figure(Decimal(value))
        return str(value)

    @property
    def alignment(self) -> Align:
        """Return the alignment asked for, or that of the kind."""
        return self.align or _ALIGN[self.kind]

    def _figure(self, number: Decimal) -> str:
        if not number.is_finite():
            return str(number)
        if self.kind == "percent":
            places = PERCENT_PLACES if self.places is None else self.places
            return f"{fixed(number * 100, places):f}%"
        if self.places is None:
            return shortest(number)
        return f"{fixed(number, self.places):f}"


@dataclass(frozen=True, slots=True)
class Table:
    """A title, columns and rows; rows may be any iterable and are read once, so a generator streams.

    A row is a mapping, an object, or a list or tuple that already holds the cells in order. ``captions`` stand
    between title and head (reporting unit, date), ``notes`` below the last row; ``footer`` rows (totals) stay out
    of the filter. ``sheet`` names the sheet where the title is too long for that, ``pinned`` columns stay in sight, and
    a ``guarded`` sheet takes input in fillable cells alone: against slips, as there is no password. ``fitted`` rows
    have the height of their text, for programs that do not measure it themselves.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[object]
    captions: Sequence[str] = ()
    notes: Sequence[str] = ()
    footer: Sequence[object] = ()
    landscape: bool = True
    sheet: str = ""
    pinned: int = 0
    guarded: bool = False
    fitted: bool = False

    def cells(self, row: object) -> tuple[Value, ...]:
        """Return the values of ``row``, one for each column; a ready row of another length raises ``ValueError``."""
        if not isinstance(row, (list, tuple)):
            return tuple(column.value(row) for column in self.columns)
        if len(row) != len(self.columns):
            raise ValueError(f"the row has {len(row)} cells, the table {len(self.columns)} columns")
        return tuple(plain(cell) for cell in row)

    def texts(self, row: object) -> tuple[str, ...]:
        """Return the cells of ``row`` as they are read on screen."""
        return tuple(column.text(value) for column, value in zip(self.columns, self.cells(row), strict=True))

    def lines(self) -> Iterator[tuple[str, ...]]:
        """Yield every row, footer last, as it is read on screen."""
        for row in self.rows:
            yield self.texts(row)
        for row in self.footer:
            yield self.texts(row)


def plain(value: object) -> Value:
    """Return ``value`` as one of the few types a cell holds: yes and no in Chinese, instants in Beijing time."""
    match value:
        case None | str() | Decimal():
            return value
        case bool():
            return "是" if value else "否"
        case int():
            return int(value)
        case float():
            return Decimal(str(value))
        case datetime():
            return value.astimezone(BEIJING).replace(tzinfo=None) if value.tzinfo else value
        case date():
            return value
    return str(value)


def fixed(number: Decimal, places: int) -> Decimal:
    """Return ``number`` with that many decimals, halves away from zero as spreadsheets do."""
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def shortest(number: Decimal) -> str:
    """Return all digits of ``number`` without exponent and without trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
