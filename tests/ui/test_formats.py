"""Figures and instants, to the letter."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sihao.ui import formats
from sihao.ui.formats import BEIJING


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Decimal("412.50"), "412.5"),
        (Decimal("412.00"), "412"),
        (Decimal(100), "100"),
        (Decimal("1E+2"), "100"),
        (Decimal("-0.0"), "0"),
        (0, "0"),
        ("8.0", "8"),
        ("弃权", "弃权"),
        (Decimal("NaN"), "NaN"),
        (None, "未填"),
        ("", "未填"),
    ],
)
def test_points_drop_trailing_zeros(value, words):
    assert formats.points(value) == words


def test_fraction_always_shows_the_maximum():
    assert formats.fraction(Decimal("4.0"), 8) == "4/8"
    assert formats.fraction(None, 60) == "未填/60"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Decimal("1234.50"), "1,234.5万元"),
        (Decimal(1234567), "1,234,567万元"),
        ("0", "0万元"),
        ("约三百", "约三百"),
        (None, "未填"),
    ],
)
def test_money_is_in_wan_yuan_with_separators(value, words):
    assert formats.money(value) == words


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("", "2020年10月15日 14:03"),
        ("date", "2020年10月15日"),
        ("short", "10月15日 14:03"),
        ("time", "14:03"),
    ],
)
def test_beijing_reads_an_instant_on_beijings_clock(form, words):
    assert formats.beijing(datetime(2020, 10, 15, 6, 3, tzinfo=UTC), form) == words


def test_beijing_takes_days_and_nothing():
    assert formats.beijing(date(2020, 1, 5)) == "2020年1月5日"
    assert formats.beijing(None) == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (datetime(2020, 10, 15, 0, 0, tzinfo=BEIJING), "10月14日24:00"),
        (datetime(2020, 10, 14, 16, 0, tzinfo=UTC), "10月14日24:00"),
        (datetime(2021, 1, 1, 0, 0, tzinfo=BEIJING), "12月31日24:00"),
        (datetime(2020, 10, 15, 17, 30, tzinfo=BEIJING), "10月15日17:30"),
        (datetime(2020, 10, 15, 0, 0, 1, tzinfo=BEIJING), "10月15日00:00"),
        (date(2020, 10, 14), "10月14日24:00"),
        (None, ""),
    ],
)
def test_deadline_gives_midnight_to_the_day_that_ends(value, words):
    assert formats.deadline(value) == words


def test_deadline_names_the_year_when_asked():
    assert formats.deadline(datetime(2021, 1, 1, tzinfo=BEIJING), with_year=True) == "2020年12月31日24:00"


DUE = datetime(2020, 10, 13, 0, 0, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("now", "words", "state"),
    [
        (datetime(2020, 10, 8, 9, 0, tzinfo=BEIJING), "还有4天", "calm"),
        (datetime(2020, 10, 9, 9, 0, tzinfo=BEIJING), "还有3天", "soon"),
        (datetime(2020, 10, 10, 23, 59, tzinfo=BEIJING), "还有2天", "soon"),
        (datetime(2020, 10, 11, 0, 0, tzinfo=BEIJING), "还有1天", "soon"),
        (datetime(2020, 10, 12, 0, 0, tzinfo=BEIJING), "今天到期，还有24小时", "soon"),
        (datetime(2020, 10, 12, 14, 29, 30, tzinfo=BEIJING), "今天到期，还有9小时30分钟", "soon"),
        (datetime(2020, 10, 12, 23, 30, tzinfo=BEIJING), "今天到期，还有30分钟", "soon"),
        (datetime(2020, 10, 12, 23, 59, 0, tzinfo=BEIJING), "今天到期，还有1分钟", "soon"),
        (datetime(2020, 10, 12, 23, 59, 1, tzinfo=BEIJING), "今天到期，不足1分钟", "soon"),
        (datetime(2020, 10, 12, 23, 59, 59, tzinfo=BEIJING), "今天到期，不足1分钟", "soon"),
        (datetime(2020, 10, 13, 0, 0, tzinfo=BEIJING), "已逾期1天", "late"),
        (datetime(2020, 10, 15, 8, 0, tzinfo=BEIJING), "已逾期3天", "late"),
    ],
)
def test_time_left_counts_days_on_the_calendar(now, words, state):
    assert formats.time_left(DUE, now) == (words, state)


def test_time_left_on_the_day_after_the_hour():
    noon = datetime(2020, 10, 12, 12, 0, tzinfo=BEIJING)

    assert formats.time_left(noon, datetime(2020, 10, 12, 12, 0, tzinfo=BEIJING)) == ("今天已到期", "late")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("13812340000", "138****0000"),
        ("+8613812340000", "+86*******0000"),
        ("12345", "*****"),
        (None, ""),
        ("", ""),
    ],
)
def test_mask_mobile_covers_the_middle(value, words):
    assert formats.mask_mobile(value) == words


@pytest.mark.parametrize(
    ("value", "words"), [(True, "是"), (False, "否"), (None, "未填"), ("", "未填"), (1, "未填")]
)
def test_yes_no_knows_only_truths(value, words):
    assert formats.yes_no(value) == words
