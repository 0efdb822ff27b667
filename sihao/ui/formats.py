"""Figures, instants and numbers as an official writes them."""

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.utils import timezone

BEIJING = ZoneInfo("Asia/Shanghai")
BLANK = "未填"


def points(value: object) -> str:
    """Return a mark without trailing zeros; what is no number comes back as it is, nothing as 未填."""
    if value is None or value == "":
        return BLANK
    number = _decimal(value)
    return str(value) if number is None else _plain(number)


def fraction(value: object, maximum: object) -> str:
    """Return “得分/满分”."""
    return f"{points(value)}/{points(maximum)}"


def money(value: object) -> str:
    """Return an amount in 万元 with separators and at most two decimals."""
    if value is None or value == "":
        return BLANK
    number = _decimal(value)
    if number is None:
        return str(value)
    whole, _, rest = f"{number:,.2f}".partition(".")
    rest = rest.rstrip("0")
    return f"{whole}{'.' + rest if rest else ''}万元"


def beijing(value: datetime | date | None, form: str = "") -> str:
    """Return an instant on Beijing's clock; forms: whole (default), date, short, time."""
    if not isinstance(value, date):
        return ""
    if not isinstance(value, datetime):
        return _day(value, with_year=form != "short")
    local = local_time(value)
    day = _day(local, with_year=form != "short")
    return {"date": day, "time": f"{local:%H:%M}"}.get(form, f"{day} {local:%H:%M}")


def deadline(value: datetime | date | None, *, with_year: bool = False) -> str:
    """Return a limit; midnight belongs to the day that ends, as 24:00."""
    if not isinstance(value, date):
        return ""
    day = last_day(value)
    clock = "24:00"
    if isinstance(value, datetime) and not _is_midnight(value):
        clock = f"{local_time(value):%H:%M}"
    return f"{_day(day, with_year=with_year)}{clock}"


def last_day(value: datetime | date) -> date:
    """Return the last day that still lies within the limit."""
    if not isinstance(value, datetime):
        return value
    local = local_time(value)
    return (local - timedelta(days=1)).date() if _is_midnight(value) else local.date()


def time_left(due: datetime, now: datetime) -> tuple[str, str]:
    """Return the words for the time left and how pressing it is: calm, soon or late."""
    today = local_time(now).date()
    days = (last_day(due) - today).days
    if now >= due:
        late = (today - last_day(due)).days
        return (f"已逾期{late}天", "late") if late > 0 else ("今天已到期", "late")
    if days == 0:
        return f"今天到期，{_hours_left(due - now)}", "soon"
    return f"还有{days}天", "soon" if days <= 3 else "calm"


def _hours_left(span: timedelta) -> str:
    """Return what is left of the last day, in whole minutes that are really left."""
    minutes = span // timedelta(minutes=1)
    if minutes < 1:
        return "不足1分钟"
    hours, rest = divmod(minutes, 60)
    return f"还有{f'{hours}小时' if hours else ''}{f'{rest}分钟' if rest else ''}"


def local_time(value: datetime) -> datetime:
    """Return the instant on Beijing's clock; a naive one is taken for Beijing's already."""
    return value.astimezone(BEIJING) if timezone.is_aware(value) else value.replace(tzinfo=BEIJING)


def mask_mobile(value: object) -> str:
    """Return a telephone number with its middle covered: 138****0000."""
    text = "" if value is None else str(value).strip()
    if len(text) < 7:
        return "*" * len(text)
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"


def yes_no(value: object) -> str:
    """Return 是, 否 or 未填."""
    return {True: "是", False: "否"}.get(value, BLANK) if isinstance(value, bool) else BLANK


def _decimal(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _day(value: date, *, with_year: bool) -> str:
    day = f"{value.month}月{value.day}日"
    return f"{value.year}年{day}" if with_year else day


def _is_midnight(value: datetime) -> bool:
    local = local_time(value)
    return (local.hour, local.minute, local.second) == (0, 0, 0)
