"""The vocabulary of the pages: tags over templates/components/, and filters for figures and instants.

Every template has them without ``{% load %}``; ``sihao/ui/README.md`` shows one example of each.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms, template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from sihao import clock
from sihao.ui import charts, fields, formats
from sihao.ui import forms as house
from sihao.ui.icons import DRAWINGS
from sihao.ui.qr import qr_code

register = template.Library()

SIGNS = {
    "neutral": "dot",
    "info": "info",
    "success": "check",
    "warning": "warning",
    "danger": "stop",
    "seal": "seal",
}
# The notice's own signs for the rows that decide.
FLAG_SIGNS = {"veto": "*", "baseline": "※"}
# What the shell wraps around a block that has something in it.
SLOTS = {
    "breadcrumb": ('<nav class="breadcrumb" aria-label="当前位置"><ol>', "</ol></nav>"),
    "lead": ('<p class="page-lead">', "</p>"),
    "tools": ('<div class="page-tools">', "</div>"),
    "paper tools": ('<header class="paper-tools">', "</header>"),
    "aside": ('<aside class="page-aside" aria-label="相关信息">', "</aside>"),
}
TIMELINE_SIGNS = {"done": "check", "current": "right", "returned": "back", "closed": "cross"}
TIMELINE_WORDS = {"current": "当前", "future": "尚未开始", "returned": "退回", "closed": "终止"}
STEP_WORDS = {"done": "已完成", "current": "当前", "future": "尚未开始"}


# ---- figures, instants, numbers


@register.filter
def points(value: object) -> str:
    """Drop the trailing zeros of a mark."""
    return formats.points(value)


@register.filter
def fraction(value: object, maximum: object) -> str:
    """Write a mark as 得分/满分."""
    return formats.fraction(value, maximum)


@register.filter
def money(value: object) -> str:
    """Write an amount in 万元."""
    return formats.money(value)


@register.filter
def beijing(value: datetime | date | None, form: str = "") -> str:
    """Write an instant on Beijing's clock: whole, "date", "short" or "time"."""
    return formats.beijing(value, form)


@register.filter
def deadline(value: datetime | date | None, form: str = "") -> str:
    """Write a limit; midnight is 24:00 of the day before."""
    return formats.deadline(value, with_year=form == "year")


@register.filter
def mask_mobile(value: object) -> str:
    """Cover the middle of a telephone number."""
    return formats.mask_mobile(value)


@register.filter
def yes_no(value: object) -> str:
    """Write a truth as 是, 否 or 未填."""
    return formats.yes_no(value)


# ---- the shell


@register.simple_block_tag(takes_context=True)
def keep(context: Context, content: str, name: str) -> str:
    """Print a block and keep its words, so that ``kept`` prints them once more (title and h1)."""
    context.render_context[f"kept {name}"] = content
    return content


@register.simple_tag(takes_context=True)
def kept(context: Context, name: str) -> str:
    """Print again what ``keep`` kept."""
    return context.render_context.get(f"kept {name}", "")


@register.simple_block_tag
def slot(content: str, name: str) -> SafeString:
    """Wrap a block that has something in it; leave out one that is blank."""
    before, after = SLOTS[name]
    words = content.strip()
    return mark_safe(f"{before}{words}{after}") if words else mark_safe("")  # noqa: S308 a rendered block


@register.simple_tag
def crumb(label: str, url: str = "") -> SafeString:
    """One step of the breadcrumb; the last one has no address."""
    if url:
        return format_html('<li><a href="{}">{}</a></li>', url, label)
    return format_html('<li aria-current="page">{}</li>', label)


@register.simple_tag
def qr(text: str, label: str = "二维码") -> SafeString:
    """A QR code of a text, read out as the label."""
    return qr_code(text, label)


@register.simple_tag
def icon(name: str) -> SafeString:
    """One sign; it carries no meaning of its own, a word stands beside it."""
    return DRAWINGS[name]


# ---- parts with something inside


@register.simple_block_tag
def card(content: str, title: str = "", **options: object) -> str:
    """A sheet with a head; options: id, href and link (beside the title), foot, level (2 or 3), kind (a class)."""
    return render_to_string("components/card.html", {"content": content, "title": title, **options})


@register.simple_block_tag
def alert(content: str, kind: str = "info", title: str = "", *, live: bool = False) -> str:
    """A remark that must not be missed; live ones are read out as they appear."""
    words = {"content": content, "kind": kind, "title": title, "sign": SIGNS[kind], "live": live}
    return render_to_string("components/alert.html", words)


# ---- parts


@register.simple_tag
def badge(text: str, kind: str = "neutral") -> SafeString:
    """A state: a sign and a word, the colour only beside them."""
    sign = FLAG_SIGNS.get(kind) or DRAWINGS[SIGNS[kind]]
    return format_html('<span class="badge badge-{}">{}{}</span>', kind, sign, text)


@register.inclusion_tag("components/pager.html")
def pager(page: object) -> dict[str, object]:
    """Earlier and later rows of a list that pages by key."""
    return {"page": page}


@register.inclusion_tag("components/score_bar.html")
def score_bar(value: object, maximum: object, label: str = "") -> dict[str, object]:
    """A mark as 得分/满分 with a bar."""
    length = charts.share(value, maximum)
    blank = value is None or value == ""
    state = {"100": "full", "0": "zero"}.get(length, "") if not blank else "blank"
    return {"points": value, "maximum": maximum, "label": label, "length": length, "state": state}


@register.inclusion_tag("components/verdict_strip.html")
def verdict_strip(verdict: object) -> dict[str, object]:
    """The four figures that decide, each leading to its rows."""
    return {"verdict": verdict}


@register.inclusion_tag("components/timeline.html")
def timeline(entries: Iterable[object]) -> dict[str, object]:
    """What happened, what is going on, what comes."""
    drawn = []
    for entry in entries:
        kind = _read(entry, "kind") or "done"
        sign, word = TIMELINE_SIGNS.get(kind, ""), TIMELINE_WORDS.get(kind, "")
        drawn.append({"it": entry, "kind": kind, "sign": sign, "word": word})
    return {"entries": drawn}


@register.inclusion_tag("components/steps.html")
def steps(items: Iterable[object]) -> dict[str, object]:
    """The steps of one piece of work, the present one marked."""
    return {"items": [{"it": item, "word": STEP_WORDS[_read(item, "state") or "future"]} for item in items]}


@register.inclusion_tag("components/empty.html")
def empty(title: str, text: str = "", url: str = "", link: str = "") -> dict[str, object]:
    """What stands where a list will be, and when."""
    return {"title": title, "text": text, "url": url, "link": link}


@register.inclusion_tag("components/key_values.html")
def key_values(pairs: Any) -> dict[str, object]:
    """Names and values; what is blank says so."""
    items = pairs.items() if isinstance(pairs, Mapping) else pairs
    return {"pairs": [_pair(item) for item in items]}


@register.simple_tag(takes_context=True)
def countdown(context: Context, due: datetime | date | None, now: datetime | None = None) -> SafeString | str:
    """How long is left, and until when."""
    if due is None or due == "":
        return ""
    if not isinstance(due, datetime):
        due = datetime.combine(due + timedelta(days=1), datetime.min.time(), formats.BEIJING)
    now = now or context.get("server_now") or clock.now()
    words, state = formats.time_left(due, now)
    other_year = formats.last_day(due).year != formats.local_time(now).year
    return format_html(
        '<span class="countdown countdown-{}" data-now="{}"><span class="countdown-left">{}</span>'
        '<span aria-hidden="true">·</span><time datetime="{}">{}</time></span>',
        state,
        formats.local_time(now).isoformat(timespec="seconds"),
        words,
        formats.local_time(due).isoformat(timespec="minutes"),
        formats.deadline(due, with_year=other_year),
    )


@register.inclusion_tag("components/action_bar.html")
def action_bar(acts: Iterable[object]) -> dict[str, object]:
    """What may be done here: one primary act first, others beside it, closed ones with their reasons."""
    listed = list(acts or ())
    closed = [one for one in listed if _read(one, "refusals")]
    return {
        "open": sorted(
            (one for one in listed if one not in closed), key=lambda one: _read(one, "kind") != "primary"
        ),
        "closed": [{"label": _read(one, "label"), "refusals": _refusals(one)} for one in closed],
    }


@register.inclusion_tag("components/act.html")
def act(one: object) -> dict[str, object]:
    """One act as a button: a link if it only leads somewhere, a form if it does something."""
    return {"act": one, "hidden": _read(one, "hidden") or {}}


@register.inclusion_tag("components/chips.html")
def chips(options: Iterable[object], label: str = "") -> dict[str, object]:
    """Ways to narrow a list; each is an address."""
    return {"options": options, "label": label}


@register.inclusion_tag("components/ring.html")
def ring(done: int, total: int) -> dict[str, object]:
    """How much of a section is filled in."""
    return {
        "done": done,
        "total": total,
        "length": charts.share(done, total),
        "full": bool(total) and done >= total,
    }


@register.inclusion_tag("components/job_progress.html")
def job_progress(job: object, url: str) -> dict[str, object]:
    """How far a piece of work in the background has come."""
    return {"job": job, "url": url}


# ---- plots


@register.inclusion_tag("components/bar.html")
def bar(rows: Iterable[tuple[object, object]], maximum: object = None, **words: str) -> dict[str, object]:
    """A table whose rows carry a bar; words: caption, head (of the names), unit (of the values)."""
    return {"rows": charts.bar_rows(rows, maximum), **words}


@register.inclusion_tag("components/histogram.html")
def histogram(
    values: Iterable[object] | Mapping[object, int],
    line: object = 350,
    maximum: object = 500,
    step: object = 25,
    **words: str,
) -> dict[str, object]:
    """How the totals spread, with the line that decides, beside the table of the same figures; words: caption, unit.

    ``values`` are the totals, or how many there are of each.
    """
    marks = values if isinstance(values, Mapping) else Counter(value for value in values if value is not None)
    return {"plot": charts.histogram(marks, line, maximum, step), "count": sum(marks.values()), **words}


# ---- forms


@register.inclusion_tag("components/error_summary.html")
def error_summary(source: forms.BaseForm | Iterable[object]) -> dict[str, object]:
    """All that has to be put right, each line leading to its field."""
    return {"lines": house.error_lines(source)}


@register.simple_tag
def form_field(field: object) -> SafeString:
    """One field of a large form."""
    return fields.form_field(field)


@register.simple_tag(name="form_fields")
def all_form_fields(many: Iterable[object]) -> SafeString:
    """The fields of a large form."""
    return fields.form_fields(many)


@register.simple_tag
def house_widget(field: forms.BoundField) -> SafeString:
    """The control of a Django field, with the classes of the house."""
    return field.as_widget(attrs=_widget_attributes(field))


@register.simple_tag
def house_option(option: forms.boundfield.BoundWidget) -> SafeString:
    """One radio button or checkbox of a Django field, with the class of the house."""
    option.data["attrs"]["class"] = "form-check-input"
    return option.tag()


@register.filter
def control_shape(field: forms.BoundField) -> str:
    """How a field is laid out: line, check or checks."""
    if isinstance(field.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "checks"
    return "check" if isinstance(field.field.widget, forms.CheckboxInput) else "line"


def _widget_attributes(field: forms.BoundField) -> dict[str, object]:
    widget = field.field.widget
    attributes: dict[str, object] = {
        "class": f"{widget.attrs.get('class', '')} {_control_class(widget)}".strip()
    }
    if isinstance(widget, forms.Textarea):
        if str(widget.attrs.get("rows", "10")) == "10":
            attributes["rows"] = 4
        if "maxlength" in widget.attrs:
            attributes["data-charcount"] = True
    return attributes


def _control_class(widget: forms.Widget) -> str:
    if isinstance(widget, (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "form-check-input"
    if isinstance(widget, forms.Select):
        return "form-select"
    if isinstance(widget, forms.NumberInput):
        return "form-control control-figure"
    return (
        "form-control control-date" if isinstance(widget, forms.widgets.DateTimeBaseInput) else "form-control"
    )


def _pair(item: Any) -> dict[str, object]:
    if isinstance(item, (tuple, list)):
        return {"label": item[0], "value": item[1]}
    return {name: _read(item, name) for name in ("label", "value", "url", "wide")}


def _refusals(one: object) -> list[dict[str, object]]:
    return [
        {"sentence": refusal}
        if isinstance(refusal, str)
        else {n: _read(refusal, n) for n in ("sentence", "clause")}
        for refusal in _read(one, "refusals")
    ]


def _read(thing: object, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)
