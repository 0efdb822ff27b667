"""One strict parser for each kind of field: what was typed becomes a value or a problem that says how to mend it."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from unicodedata import category

from .fields import FieldSpec, ItemSpec, ValueProblem
from .figures import clip

FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
GROUPED = re.compile(r"-?[0-9]{1,3}([, ][0-9]{3})+(\.[0-9]+)?")
DATE = re.compile(
    r"([0-9]{4})(?:年([0-9]{1,2})月([0-9]{1,2})日|(?P<mark>[-/.])([0-9]{1,2})(?P=mark)([0-9]{1,2}))"
)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC = re.compile(rf"[{ALPHABET}]{{18}}")
DIVISION = re.compile(r"[1-8][0-9]{5}")
MOBILE = re.compile(r"1[3-9][0-9]{9}")
LANDLINE = re.compile(r"0[0-9]{2,3}-?[0-9]{7,8}(-[0-9]{1,6})?")

BOOLS = {"true": True, "是": True, "false": False, "否": False}
YEARS = range(1900, 2101)
DIGITS = 12
PLACES = 6
ROWS = 200
DEFAULT_CHARS = {"text": 200, "long_text": 5000}


def fold(text: str) -> str:
    """Full-width characters as half-width ones, without outer white space."""
    return text.translate(FULL_WIDTH).strip()


def is_blank(raw: object) -> bool:
    return raw is None or raw in ([], (), {}) or (isinstance(raw, str) and not raw.strip())


def parse_value(spec: FieldSpec, raw: object) -> object | None:
    """The typed answer, None for a blank. Whatever JSON-like value comes in, only ValueProblem is raised.

    int: int; decimal: Decimal; ratio: Decimal, a fraction of one; date: date; bool: bool; multi: tuple of options
    in the order of the form; list: tuple of read-only mappings by column; all other kinds: str.
    """
    value = None if is_blank(raw) else PARSERS[spec.kind](spec, raw)
    return None if value == () else value


def number_of(raw: object) -> Decimal:
    """An exact number of at most 12 whole digits and 6 decimals, from a number or numeric text."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | str):
        raise ValueProblem("应填数字")
    if isinstance(raw, int):
        return Decimal(_small(raw))
    return _sane(Decimal(_numeric(raw) if isinstance(raw, str) else str(raw)))


def _numeric(raw: str) -> str:
    text = fold(raw[:64]) if len(raw) <= 64 else ""
    if not NUMBER.fullmatch(text) and not GROUPED.fullmatch(text):
        raise ValueProblem(f"“{clip(raw.strip())}”不是数字，请只填数字，不带单位，如12")
    return text.replace(",", "").replace(" ", "")


def _small(number: int) -> int:
    if abs(number) >= 10**DIGITS:
        raise ValueProblem(f"数字过长，最多{DIGITS}位")
    return number


def _sane(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise ValueProblem("应填数字")
    if number and number.adjusted() >= DIGITS:
        raise ValueProblem(f"数字过长，最多{DIGITS}位")
    if number != round(number, PLACES):
        raise ValueProblem(f"小数最多{PLACES}位")
    return number or Decimal(0)


def _decimal(spec: FieldSpec, raw: object) -> Decimal:
    number = number_of(raw)
    if number < 0:
        raise ValueProblem("不能为负数")
    return number


def _int(spec: FieldSpec, raw: object) -> int:
    number = _decimal(spec, raw)
    if number != int(number):
        raise ValueProblem("应填整数，不带小数")
    return int(number)


def _ratio(spec: FieldSpec, raw: object) -> Decimal:
    percent = isinstance(raw, str) and fold(raw).endswith("%")
    number = number_of(fold(raw)[:-1]) / 100 if percent and isinstance(raw, str) else number_of(raw)
    if number < (-1 if spec.signed else 0):
        raise ValueProblem("不能低于-100%" if spec.signed else "不能为负数")
    if number > 1:
        raise ValueProblem("不能超过100%" if percent else "比例请写成85%或0.85，不要只写85")
    return number


def _bool(spec: FieldSpec, raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and fold(raw[:64]).lower() in BOOLS:
        return BOOLS[fold(raw[:64]).lower()]
    raise ValueProblem("应填“是”或“否”")


def _date(spec: FieldSpec, raw: object) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return _in_years(raw)
    found = DATE.fullmatch(re.sub(r"\s", "", fold(raw))) if isinstance(raw, str) and len(raw) <= 64 else None
    if not found:
        raise ValueProblem("日期请写成2020-01-05或2020年1月5日")
    try:
        return _in_years(date(*(int(part) for part in found.groups() if part and part.isdigit())))
    except ValueProblem:
        raise
    except ValueError:
        raise ValueProblem("没有这一天，请核对年月日") from None


def _in_years(value: date) -> date:
    if value.year not in YEARS:
        raise ValueProblem(f"年份应在{YEARS[0]}年至{YEARS[-1]}年之间")
    return value


def _text(spec: FieldSpec, raw: object) -> str:
    """One line for `text`, lines for `long_text`; characters are counted without white space."""
    if not isinstance(raw, str):
        raise ValueProblem("应填文字")
    text = re.sub(r"\r\n?", "\n", raw).strip()
    allowed = "\n\t" if spec.kind == "long_text" else ""
    if any(category(letter) in ("Cc", "Cs") and letter not in allowed for letter in text):
        raise ValueProblem("含有换行或不可见的字符，请重新输入")
    _check_length(spec, len("".join(text.split())))
    return text


def _check_length(spec: FieldSpec, count: int) -> None:
    most = spec.max_chars or DEFAULT_CHARS[spec.kind]
    if count < spec.min_chars:
        raise ValueProblem(f"现有{count}字，至少{spec.min_chars}字")
    if count > most:
        raise ValueProblem(f"现有{count}字，最多{most}字")


def _choice(spec: FieldSpec, raw: object) -> str:
    if not isinstance(raw, str):
        raise ValueProblem(f"应从选项中选一项：{'、'.join(spec.options)}")
    for option in spec.options:
        if fold(option) == fold(raw):
            return option
    raise ValueProblem(f"没有“{clip(raw.strip())}”这个选项，可选：{'、'.join(spec.options)}")


def _multi(spec: FieldSpec, raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple):
        raise ValueProblem(f"应为选项的列表，可选：{'、'.join(spec.options)}")
    chosen = {_choice(spec, one) for one in raw}
    return tuple(option for option in spec.options if option in chosen)


def _records(spec: FieldSpec, raw: object) -> tuple[Mapping[str, object], ...]:
    if not isinstance(raw, list | tuple):
        raise ValueProblem("应为记录的列表")
    if len(raw) > ROWS:
        raise ValueProblem(f"最多{ROWS}条记录")
    read = (_record(spec.item, number, row) for number, row in enumerate(raw, start=1))
    return tuple(row for row in read if row)


def _record(columns: tuple[ItemSpec, ...], number: int, raw: object) -> Mapping[str, object]:
    if not isinstance(raw, Mapping):
        raise ValueProblem(f"第{number}条应为一条记录")
    known = {column.id: column for column in columns}
    for key in raw:
        if key not in known:
            raise ValueProblem(f"第{number}条有不认识的栏目“{clip(key)}”")
    values = {key: _cell(known[key], number, value) for key, value in raw.items()}
    return MappingProxyType({key: value for key, value in values.items() if value is not None})


def _cell(column: ItemSpec, number: int, raw: object) -> object | None:
    spec = FieldSpec(id=column.id, label=column.label, kind=column.kind, options=column.options)
    try:
        return parse_value(spec, raw)
    except ValueProblem as problem:
        raise ValueProblem(f"第{number}条“{column.label}”：{problem}") from None


def _code(raw: object) -> str:
    """Digits and letters of a code or telephone number: folded, without spaces, upper case."""
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw < 10**18:
        return str(raw)
    if not isinstance(raw, str) or len(raw) > 64:
        raise ValueProblem("应填文字")
    return re.sub(r"\s", "", fold(raw)).upper()


def _uscc(spec: FieldSpec, raw: object) -> str:
    """Length and alphabet only: a wrong check character is a warning, not an error (GB 32100-2015)."""
    code = _code(raw)
    if len(code) != 18:
        raise ValueProblem(f"统一社会信用代码应为18位，现为{len(code)}位")
    if not USCC.fullmatch(code):
        raise ValueProblem("统一社会信用代码只含数字和大写字母，不含I、O、S、V、Z")
    return code


def _division(spec: FieldSpec, raw: object) -> str:
    code = _code(raw)
    if not DIVISION.fullmatch(code):
        raise ValueProblem("行政区划代码应为6位数字，如410000")
    return code


def _telephone(spec: FieldSpec, raw: object) -> str:
    number = re.sub("[‐-―－]", "-", _code(raw)).removeprefix("+86")
    if MOBILE.fullmatch(number.replace("-", "")):
        return number.replace("-", "")
    if not LANDLINE.fullmatch(number):
        raise ValueProblem("电话请填11位手机号或带区号的座机号，如010-12345678")
    return number


PARSERS: Mapping[str, Callable[[FieldSpec, object], object]] = {
    "text": _text,
    "long_text": _text,
    "int": _int,
    "decimal": _decimal,
    "ratio": _ratio,
    "date": _date,
    "bool": _bool,
    "choice": _choice,
    "multi": _multi,
    "list": _records,
    "uscc": _uscc,
    "gb2260": _division,
    "mobile": _telephone,
}
