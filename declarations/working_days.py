"""Working days by the State Council's yearly calendar: which weekdays are off, which weekends are worked."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone

SATURDAY = 5
DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingDays:
    """The calendar of some years, each with the notice it follows; of any other year only the weekends are known."""

    off: frozenset[date]
    on: frozenset[date]
    sources: Mapping[int, str]

    def includes(self, day: date) -> bool:
        """Return whether people work on that day."""
        return day in self.on or (day not in self.off and day.weekday() < SATURDAY)

    def after(self, start: datetime, count: int) -> datetime:
        """Return the end (24:00, Beijing time) of the n-th working day after the day of ``start``."""
        return self._end_of(timezone.localdate(start), count, DAY)

    def before(self, end: datetime, count: int) -> datetime:
        """Return the end of the n-th working day before the last day that lies within ``end``."""
        return self._end_of(timezone.localdate(end - timedelta(microseconds=1)), count, -DAY)

    def _end_of(self, day: date, count: int, step: timedelta) -> datetime:
        while count > 0:
            day += step
            count -= self.includes(day)
        return timezone.make_aware(datetime.combine(day + DAY, datetime.min.time()))


def read(path: Path) -> WorkingDays:
    """Read a calendar from its file; raises ``ValueError`` for a day that stands in a year not its own."""
    off: set[date] = set()
    on: set[date] = set()
    known = tomllib.loads(path.read_text(encoding="utf-8"))["years"]
    for one in known:
        days = {day for first, last in one["off"] for day in _span(first, last)}
        if strays := [day for day in (*days, *one["on"]) if day.year != one["year"]]:
            raise ValueError(f"{path.name}: {min(strays)} stands under {one['year']}")
        off |= days
        on |= set(one["on"])
    return WorkingDays(frozenset(off), frozenset(on), {one["year"]: one["source"] for one in known})


def _span(first: date, last: date) -> list[date]:
    return [first + number * DAY for number in range((last - first).days + 1)]


@cache
def official() -> WorkingDays:
    """Return the calendar that terms are counted by."""
    return read(settings.BASE_DIR / "fixtures" / "working-days.toml")
