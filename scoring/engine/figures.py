"""Exact numbers and dates as they are printed in Chinese sentences."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

SHARE = "share"
"""The unit of a figure that is a fraction of one: printed in per cent."""

CLIP = 24


def figure(value: Decimal) -> str:
    """A number without exponent or trailing zeros: 350, 349.5."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def points(value: Decimal) -> str:
    return f"{figure(value)}分"


def show(value: Fraction, unit: str) -> str:
    """A figure with its unit; one that does not end is cut, never rounded up to a limit it misses."""
    if unit == SHARE:
        return f"{_digits(value * 100, 2)}%"
    return f"{_digits(value, 6)}{unit}"


def _digits(value: Fraction, places: int) -> str:
    scaled = abs(value) * 10**places
    whole, rest = divmod(floor(scaled), 10**places)
    text = f"{whole}.{rest:0{places}d}".rstrip("0").rstrip(".")
    sign = "-" if value < 0 else ""
    return sign + text if scaled.denominator == 1 else f"约{sign}{text}"


def day(value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


def quoted(names: Iterable[str]) -> str:
    return "".join(f"“{name}”" for name in names)


NUMERALS = "一二三四五六七八九"


def numeral(number: int) -> str:
    """A heading's number from 1 to 99 in Chinese: 十一."""
    tens, ones = divmod(number, 10)
    head = f"{NUMERALS[tens - 1] if tens > 1 else ''}十" if tens else ""
    return head + (NUMERALS[ones - 1] if ones else "")


def clip(raw: object, most: int = CLIP) -> str:
    """Foreign text for a message: one line, short, printable."""
    text = raw if isinstance(raw, str) else type(raw).__name__
    safe = "".join(letter if letter.isprintable() else "□" for letter in text[: most + 1])
    return safe if len(safe) <= most else safe[:most] + "…"
