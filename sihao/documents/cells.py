"""Cells as spreadsheet XML: text that can never become a formula, figures with the digits they have."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape

from openpyxl.utils.datetime import to_excel

from sihao.documents.table import Value

MAX_TEXT = 32_767
TRUNCATED = "……（超出单元格上限，其余从略）"
FIRST_DATE = date(1900, 3, 1)

_MAX_DIGITS = 15
_MAX_EXPONENT = 300
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FORMULA_START = ("=", "+", "-", "@", "\t", "|", "%")


@dataclass(frozen=True, slots=True)
class Look:
    """The style numbers of one column: for its own kind, for text, and for text that looks like a formula."""

    figure: int
    text: int
    quoted: int
    takes_figures: bool

    def cell(self, place: str, value: Value) -> str:
        """Return the XML of the cell at ``place``; a figure or date Excel cannot hold exactly goes in as text."""
        match value:
            case None | "":
                return f'<c r="{place}" s="{self.figure}"/>'
            case int() | Decimal() if self.takes_figures and _exact_in_excel(value):
                return f'<c r="{place}" s="{self.figure}"><v>{Decimal(value):f}</v></c>'
            case date() if self.takes_figures and _day(value) >= FIRST_DATE:
                return f'<c r="{place}" s="{self.figure}"><v>{to_excel(value)}</v></c>'
        return self.words(place, str(value))

    def words(self, place: str, text: str) -> str:
        """Return the XML of a text cell, which stays text also after somebody edits it in Excel."""
        text = clean(text)
        style = self.quoted if text.startswith(_FORMULA_START) else self.text
        space = ' xml:space="preserve"' if text != text.strip() else ""
        inner = escape(_ESCAPE.sub("_x005F_", text))
        return f'<c r="{place}" s="{style}" t="inlineStr"><is><t{space}>{inner}</t></is></c>'


def clean(text: str) -> str:
    """Return ``text`` as a cell can hold it: no control characters, one kind of line end, cut at 32,767."""
    text = _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if _units(text) <= MAX_TEXT:
        return text
    return cut(text, MAX_TEXT - _units(TRUNCATED)) + TRUNCATED


def cut(text: str, limit: int) -> str:
    """Return the beginning of ``text``, at most ``limit`` long as Excel counts."""
    text = text[:limit]
    while _units(text) > limit:
        text = text[: -((_units(text) - limit + 1) // 2)]
    return text


def _units(text: str) -> int:
    """Return the length as Excel counts it, in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _exact_in_excel(value: int | Decimal) -> bool:
    """Say whether a double keeps every digit."""
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > _MAX_EXPONENT:
        return False
    return len(number.normalize().as_tuple().digits) <= _MAX_DIGITS


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
