"""Draws the fields of a large form straight into HTML: no widgets, one pass, everything escaped.

A field is any plain object (or dict) with ``id name label kind`` and, where they apply, ``value options unit help
example clause required error saved_at min_chars max_chars columns rows disabled number uses preamble prompt found``.
What is missing counts as empty. What was typed is drawn whatever it is: an answer outside the options stands beside
them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from sihao.ui.formats import beijing
from sihao.ui.icons import DRAWINGS

RADIO_LIMIT = 5
LONG_TEXT = 500
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TRUTHS = {"true": "true", "是": "true", "false": "false", "否": "false"}
OUTSIDE = "（不在选项内）"
# How the kinds that fit one line differ: class of the control, further attributes.
LINES = {
    "text": ("form-control", ""),
    "int": ("form-control control-figure", ' inputmode="numeric" autocomplete="off"'),
    "decimal": ("form-control control-figure", ' inputmode="decimal" autocomplete="off"'),
    "ratio": ("form-control control-figure", ' inputmode="decimal" autocomplete="off"'),
    "uscc": (
        "form-control control-code",
        ' autocapitalize="characters" autocomplete="off" spellcheck="false"',
    ),
    "gb2260": (
        "form-control control-code control-code-short",
        ' inputmode="numeric" autocomplete="off"',
    ),
    "mobile": ("form-control control-mobile", ' inputmode="tel" autocomplete="off"'),
}


def form_fields(fields: Iterable[Any]) -> SafeString:
    """Return the HTML of all the fields, in their order."""
    return mark_safe("".join(map(_field, fields)))  # noqa: S308 every value passes through escape


def form_field(field: Any) -> SafeString:
    """Return the HTML of one field."""
    return mark_safe(_field(field))  # noqa: S308 every value passes through escape


def _field(field: Any) -> str:
    read = _reader(field)
    kind = read("kind")
    key = escape(str(read("id")))
    described = _described(read, key)
    grouped = _is_group(kind, read)
    control = _CONTROLS.get(kind, _line)(read, key, described)
    classes = "field field-wide field-list" if kind == "list" else "field"
    classes += " field-invalid" if read("error") else ""
    group = ""
    if grouped:
        role = "radiogroup" if kind in ("bool", "choice") else "group"
        required = ' aria-required="true"' if read("required") and role == "radiogroup" else ""
        group = f' role="{role}" aria-labelledby="{key}-label"{described}{required}'
    return (
        f'<div class="{classes}" id="{key}-field" data-field="{_name(read)}"{group}>{_label(read, key, grouped)}'
        f'<div class="field-control">{_preamble(read)}{control}{_prompt(read)}{_notes(read, key)}</div></div>'
    )


def _reader(field: Any) -> Callable[[str], Any]:
    if isinstance(field, Mapping):
        return lambda name: _or_empty(field.get(name))
    return lambda name: _or_empty(getattr(field, name, None))


def _or_empty(value: Any) -> Any:
    return "" if value is None else value


def _is_group(kind: str, read: Callable[[str], Any]) -> bool:
    if kind == "choice":
        return len(read("options") or ()) <= RADIO_LIMIT
    return kind in ("bool", "multi", "list")


def _label(read: Callable[[str], Any], key: str, grouped: bool) -> str:
    number = f'<span class="field-number">{escape(str(read("number")))}</span>' if read("number") else ""
    label = number + escape(str(read("label")))
    tag = f'span class="label" id="{key}-label"' if grouped else f'label for="{key}"'
    word = f"<{tag}>{label}</{tag.partition(' ')[0]}>"
    required = '<span class="required">必填</span>' if read("required") else ""
    clause = f'<span class="clause">{escape(str(read("clause")))}</span>' if read("clause") else ""
    saved = read("saved_at")
    moment = ""
    if saved:
        words = saved if isinstance(saved, str) else f"已保存 {beijing(saved, 'time')}"
        moment = f'<span class="saved">{escape(words)}</span>'
    return f'<div class="field-label">{word}{required}{clause}{moment}</div>'


def _uses(uses: Any) -> str:
    """What the answer is for: each use as (code, name, clause); narrow screens leave the names out."""
    if not uses:
        return ""
    told = "；".join(
        f"<b>{escape(code)}</b>"
        + (f'<span class="use-name"> {escape(name)}</span>' if name else "")
        + (f"〔{escape(clause)}〕" if clause else "")
        for code, name, clause in uses
    )
    return f'<p class="field-uses">用于{told}</p>'


def _preamble(read: Callable[[str], Any]) -> str:
    """The text that is agreed to, line by line."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in str(read("preamble")).splitlines() if line.strip())
    return f'<div class="field-preamble">{lines}</div>' if lines else ""


def _prompt(read: Callable[[str], Any]) -> str:
    """What is asked at a field: words, and the button that answers by posting ``_then``."""
    words, label, value = read("prompt") or ("", "", "")
    if not words:
        return ""
    button = (
        f'<button class="btn btn-secondary btn-small" type="submit" name="_then" value="{escape(value)}" data-prompt>'
        f'{escape(label)}<span class="visually-hidden">：{escape(str(read("label")))}</span></button>'
    )
    return f'<p class="field-prompt no-print">{DRAWINGS["clock"]}<span>{escape(words)}</span>{button}</p>'


def _described(read: Callable[[str], Any], key: str) -> str:
    names = [f"{key}-{part}" for part in ("unit", "help", "example", "error") if read(part)]
    return f' aria-describedby="{" ".join(names)}"' if names else ""


def _notes(read: Callable[[str], Any], key: str) -> str:
    html = ""
    if read("help"):
        html += f'<p class="field-help" id="{key}-help">{escape(str(read("help")))}</p>'
    if read("example"):
        html += f'<p class="field-example" id="{key}-example">例：{escape(str(read("example")))}</p>'
    html += _uses(read("uses"))
    if read("error"):
        words = f"<span>{escape(str(read('error')))}</span>"
        html += f'<p class="field-error" id="{key}-error">{DRAWINGS["stop"]}{words}</p>'
    return html + _found(read("found"))


def _found(found: Any) -> str:
    """What a check says of the field: its weight, the sentence, and where a word on it is written."""
    if not found:
        return ""
    lines = "".join(
        f'<li class="found"><span class="badge badge-{escape(one.kind)}">{escape(one.word)}</span>'
        f"<span>{escape(one.sentence)}"
        + (f'<a href="{escape(one.url)}">{escape(one.note)}</a>' if one.note else "")
        + "</span></li>"
        for one in found
    )
    return f'<ul class="found-list" data-found-list>{lines}</ul>'


def _flags(read: Callable[[str], Any]) -> str:
    return (
        (' aria-invalid="true"' if read("error") else "")
        + (" required" if read("required") else "")
        + (" disabled" if read("disabled") else "")
    )


def _name(read: Callable[[str], Any]) -> str:
    return escape(str(read("name")))


def _line(read: Callable[[str], Any], key: str, described: str) -> str:
    classes, attributes = LINES.get(read("kind"), LINES["text"])
    html = (
        f'<input type="text" class="{classes}" id="{key}" name="{_name(read)}" value="{escape(str(read("value")))}"'
        f"{attributes}{described}{_flags(read)}>"
    )
    if not read("unit"):
        return html
    unit = f'<span class="unit" id="{key}-unit">{escape(str(read("unit")))}</span>'
    return f'<div class="with-unit">{html}{unit}</div>'


def _day(read: Callable[[str], Any], key: str, described: str) -> str:
    value = str(read("value"))
    shape = _day_shape(value)
    return (
        f'<input type="{shape}" class="form-control control-date" id="{key}" name="{_name(read)}"'
        f' value="{escape(value)}"{described}{_flags(read)}>'
    )


def _day_shape(value: str) -> str:
    """A browser blanks what is no date: while the answer is wrong it stays visible as text."""
    if not value:
        return "date"
    try:
        return "date" if ISO_DAY.fullmatch(value) and date.fromisoformat(value) else "text"
    except ValueError:
        return "text"


def _long_text(read: Callable[[str], Any], key: str, described: str) -> str:
    """No maxlength: a browser would cut a pasted text; the limits are told and judged, never enforced."""
    limits = "".join(
        f' data-{name}="{escape(str(read(limit)))}"'
        for name, limit in (("minimum", "min_chars"), ("maximum", "max_chars"))
        if read(limit)
    )
    limits += " data-charcount" if limits else ""
    rows = 12 if str(read("max_chars")).isdecimal() and int(read("max_chars")) >= LONG_TEXT else 4
    return (
        f'<textarea class="form-control" id="{key}" name="{_name(read)}" rows="{rows}"{limits}{described}'
        f"{_flags(read)}>\n{escape(str(read('value')))}</textarea>"
    )


def _truth(read: Callable[[str], Any], key: str, described: str) -> str:
    typed = read("value")
    word = str(typed).lower() if isinstance(typed, bool) else str(typed)
    return _radios(read, key, (("true", "是"), ("false", "否")), TRUTHS.get(word, word))


def _choice(read: Callable[[str], Any], key: str, described: str) -> str:
    options = _pairs(read("options"))
    chosen = str(read("value"))
    if len(options) <= RADIO_LIMIT:
        return _radios(read, key, options, chosen)
    return (
        f'<select class="form-select control-short" id="{key}" name="{_name(read)}"{described}{_flags(read)}>'
        f'<option value="">请选择</option>{_option_lines(options, chosen)}</select>'
    )


def _option_lines(options: list[tuple[str, str]], chosen: str) -> str:
    return "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(label)}</option>'
        for value, label in (*options, *_outside(options, [chosen]))
    )


def _outside(options: Iterable[tuple[str, str]], chosen: Iterable[str]) -> list[tuple[str, str]]:
    """What was answered beside the options: drawn so that it is seen and stays."""
    known = {value for value, _ in options}
    return [(one, f"{one}{OUTSIDE}") for one in chosen if one and one not in known]


def _radios(read: Callable[[str], Any], key: str, options: Iterable[tuple[str, str]], chosen: str) -> str:
    name = _name(read)
    off = " disabled" if read("disabled") else ""
    return _boxes("radio", key, name, [*options, *_outside(options, [chosen])], {chosen} if chosen else set(), off)


def _multi(read: Callable[[str], Any], key: str, described: str) -> str:
    value = read("value")
    chosen = [str(one) for one in value] if isinstance(value, (list, tuple)) else [str(value)] if value else []
    options = _pairs(read("options"))
    flags = (' aria-invalid="true"' if read("error") else "") + (" disabled" if read("disabled") else "")
    drawn = [*options, *_outside(options, dict.fromkeys(chosen))]
    return _boxes("checkbox", key, _name(read), drawn, set(chosen), flags)


def _boxes(
    shape: str, key: str, name: str, options: Iterable[tuple[str, str]], chosen: set[str], flags: str
) -> str:
    html, longest = "", 0
    for number, (value, label) in enumerate(options):
        mark = key if number == 0 else f"{key}-{number}"
        on = " checked" if value in chosen else ""
        longest = max(longest, len(label))
        html += (
            f'<div class="form-check"><input type="{shape}" class="form-check-input" id="{mark}" name="{name}"'
            f' value="{escape(value)}"{on}{flags}>'
            f'<label class="form-check-label" for="{mark}">{escape(label)}</label></div>'
        )
    return f'<div class="checks{" checks-long" if longest > 14 else ""}">{html}</div>'


def _list(read: Callable[[str], Any], key: str, described: str) -> str:
    columns = [_reader(column) for column in read("columns") or ()]
    rows = [*(read("rows") or read("value") or ()), {}]
    name = _name(read)
    head = "".join(f'<th scope="col">{escape(str(column("label")))}</th>' for column in columns)
    body = "".join(_list_row(columns, row, key, name, str(number), number) for number, row in enumerate(rows))
    blank = _list_row(columns, {}, f"{key}-new", name, "__row__", None)
    label = escape(str(read("label")))
    return (
        f'<div class="table-wrap" data-rows="{name}"><table class="table table-dense table-stack">'
        f'<caption class="visually-hidden">{label}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        f'<template>{blank}</template></div><input type="hidden" name="{name}-rows" value="{len(rows)}">'
    )


def _list_row(
    columns: list[Callable[[str], Any]], row: Any, key: str, name: str, index: str, number: int | None
) -> str:
    cells = "".join(
        _list_cell(column, row, key, name, index, number, place) for place, column in enumerate(columns)
    )
    return f"<tr>{cells}</tr>"


def _list_cell(
    column: Callable[[str], Any], row: Any, key: str, name: str, index: str, number: int | None, place: int
) -> str:
    field = str(column("name"))
    value = str(_reader(row)(field))
    spoken = "" if number is None else f"第{number + 1}行"
    mark = key if number == 0 and place == 0 else f"{key}-{index}-{escape(field)}"
    label = escape(str(column("label")))
    common = f' id="{mark}" name="{name}-{index}-{escape(field)}" aria-label="{spoken}{label}"'
    kind = column("kind")
    if kind == "choice":
        options = f'<option value="">请选择</option>{_option_lines(_pairs(column("options")), value)}'
        return f'<td data-label="{label}"><select class="form-select"{common}>{options}</select></td>'
    shape = _day_shape(value) if kind == "date" else "text"
    figure = " control-figure" if kind in ("int", "decimal", "ratio") else ""
    start = f'<td data-label="{label}"><input type="{shape}" class="form-control{figure}"'
    return f'{start}{common} value="{escape(value)}"></td>'


def _pairs(options: Any) -> list[tuple[str, str]]:
    """Options come as words, or as (value, label)."""
    return [
        (str(one[0]), str(one[1])) if isinstance(one, (list, tuple)) else (str(one), str(one))
        for one in options or ()
    ]


_CONTROLS: dict[str, Callable[[Callable[[str], Any], str, str], str]] = {
    "long_text": _long_text,
    "date": _day,
    "bool": _truth,
    "choice": _choice,
    "multi": _multi,
    "list": _list,
}
