"""Working days by the State Council's calendar: across holidays, worked weekends, unknown years; both directions."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from declarations.actions.cycle import staggered
from declarations.working_days import official, read

BEIJING = ZoneInfo("Asia/Shanghai")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2020-09-26", False),
        ("2020-09-27", True),
        ("2020-09-30", True),
        ("2020-10-01", False),
        ("2020-10-08", False),
        ("2020-10-09", True),
        ("2020-10-10", True),
        ("2020-10-11", False),
        ("2021-02-20", True),
        ("2026-02-23", False),
        ("2026-02-28", True),
    ],
)
def test_day_is_worked_as_the_notices_say(day, works):
    assert official().includes(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2020-09-25 09:00", 1, "2020-09-28 00:00"),
        ("2020-09-30 23:59", 1, "2020-10-10 00:00"),
        ("2020-09-30 09:00", 2, "2020-10-11 00:00"),
        ("2020-09-30 09:00", 3, "2020-10-13 00:00"),
        ("2020-09-28 09:00", 10, "2020-10-20 00:00"),
        ("2020-10-09 00:00", 1, "2020-10-11 00:00"),
        ("2020-10-09 09:00", 0, "2020-10-10 00:00"),
    ],
)
def test_term_ends_with_the_working_day_that_fills_it(start, count, end):
    assert official().after(instant(start), count) == instant(end)


@pytest.mark.parametrize(
    ("end", "count", "before"),
    [
        ("2020-10-16 00:00", 1, "2020-10-15 00:00"),
        ("2020-10-15 18:00", 1, "2020-10-15 00:00"),
        ("2020-10-10 00:00", 1, "2020-10-01 00:00"),
        ("2020-10-13 00:00", 2, "2020-10-10 00:00"),
    ],
)
def test_deadline_before_is_the_end_of_a_working_day(end, count, before):
    assert official().before(instant(end), count) == instant(before)


def test_year_that_is_not_recorded_knows_weekends_alone():
    assert 2035 not in official().sources
    assert official().includes(date(2035, 10, 1))
    assert not official().includes(date(2035, 10, 6))


def test_every_year_between_the_first_and_the_last_is_recorded():
    years = set(official().sources)

    assert years == set(range(min(years), max(years) + 1))
    assert all(len([day for day in official().off if day.year == year]) > 10 for year in years)


def test_day_under_a_year_not_its_own_is_refused(tmp_path):
    file = tmp_path / "days.toml"
    days = "off = [[2020-12-31, 2021-01-02]]\non = []\n"
    file.write_text(f"[[years]]\nyear = 2020\nsource = ''\n{days}", encoding="utf-8")

    with pytest.raises(ValueError, match=r"days\.toml: 2021-01-01 stands under 2020"):
        read(file)


def test_tiers_close_staggered_back_from_the_national_deadline():
    data = {
        "province_closes": instant("2020-10-13 00:00"),
        "working_days_before": {"city_closes": 1, "county_closes": 2, "submission_closes": 1},
    }

    assert staggered(data) == {
        "city_closes": instant("2020-10-11 00:00"),
        "county_closes": instant("2020-10-01 00:00"),
        "submission_closes": instant("2020-09-30 00:00"),
    }


def test_deadline_stated_as_a_date_stands_and_those_below_follow_it():
    data = {
        "province_closes": instant("2020-10-16 00:00"),
        "county_closes": instant("2020-10-10 12:00"),
        "working_days_before": {"city_closes": 1, "submission_closes": 1},
    }

    assert staggered(data) == {
        "city_closes": instant("2020-10-15 00:00"),
        "county_closes": instant("2020-10-10 12:00"),
        "submission_closes": instant("2020-10-10 00:00"),
    }
