"""The fields of a large form: each kind as it stands, hostile text, and the time it takes."""

import re
import sys
import time
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace as Thing

import pytest

from sihao.ui.fields import form_field, form_fields
from sihao.ui.formats import BEIJING
from sihao.ui.icons import DRAWINGS

KINDS = (
    "text",
    "long_text",
    "int",
    "decimal",
    "ratio",
    "date",
    "bool",
    "choice",
    "multi",
    "list",
    "uscc",
    "gb2260",
    "mobile",
)
HOSTILE = """'"></textarea></select><script>alert(1)</script><img src=x onerror=alert(1)>"""


def control(html: str) -> str:
    """The part between the label and the notes."""
    return html.partition('<div class="field-control">')[2].removesuffix("</div></div>")


def test_text_with_everything():
    field = Thing(
        id="f-name",
        name="name",
        label="商会名称",
        kind="text",
        value="临江商会",
        help="按登记证书填写。",
        example="某县总商会",
        clause="三（一）",
        required=True,
        error="请填写商会名称。",
        saved_at=datetime(2020, 10, 11, 14, 3, tzinfo=BEIJING),
        max_chars=60,
    )

    assert form_field(field) == (
        '<div class="field field-invalid" id="f-name-field" data-field="name">'
        '<div class="field-label"><label for="f-name">商会名称</label><span class="required">必填</span>'
        '<span class="clause">三（一）</span><span class="saved">已保存 14:03</span></div>'
        '<div class="field-control"><input type="text" class="form-control" id="f-name" name="name" value="临江商会"'
        ' aria-describedby="f-name-help f-name-example f-name-error" aria-invalid="true" required>'
        '<p class="field-help" id="f-name-help">按登记证书填写。</p>'
        '<p class="field-example" id="f-name-example">例：某县总商会</p>'
        f'<p class="field-error" id="f-name-error">{DRAWINGS["stop"]}<span>请填写商会名称。</span></p></div></div>'
    )


def test_a_bare_field_is_enough():
    assert form_field({"id": "a", "name": "a", "label": "甲", "kind": "text"}) == (
        '<div class="field" id="a-field" data-field="a"><div class="field-label"><label for="a">甲</label></div>'
        '<div class="field-control"><input type="text" class="form-control" id="a" name="a" value=""></div></div>'
    )


def test_figures_show_their_unit_and_name_it():
    html = control(form_field(Thing(id="m", name="m", label="会员数", kind="int", value=0, unit="家")))

    assert html == (
        '<div class="with-unit"><input type="text" class="form-control control-figure" id="m" name="m" value="0"'
        ' inputmode="numeric" autocomplete="off" aria-describedby="m-unit">'
        '<span class="unit" id="m-unit">家</span></div>'
    )


@pytest.mark.parametrize(("value", "chosen"), [(True, ["true"]), ("否", ["false"]), (None, []), ("", [])])
def test_bool_is_two_radios_without_a_default(value, chosen):
    html = form_field(Thing(id="r", name="r", label="已登记", kind="bool", value=value, required=True))

    assert [
        part.split('"')[0] for part in html.split('value="')[1:] if '" checked' in part.split(">")[0]
    ] == chosen
    assert control(html).count('type="radio"') == 2
    assert html.startswith(
        '<div class="field" id="r-field" data-field="r" role="radiogroup"'
        ' aria-labelledby="r-label" aria-required="true">'
    )


@pytest.mark.parametrize(("count", "shape"), [(5, "radio"), (6, "select")])
def test_choice_is_radios_up_to_five_options(count, shape):
    options = [f"选项{number}" for number in range(count)]
    html = control(
        form_field(Thing(id="c", name="c", label="类", kind="choice", options=options, value="选项1"))
    )

    assert ('type="radio"' in html, "<select" in html) == (shape == "radio", shape == "select")
    assert html.count(" checked") + html.count(" selected") == 1


def test_choice_takes_pairs_of_value_and_label():
    html = control(
        form_field(
            Thing(id="c", name="c", label="类", kind="choice", options=[("a", "甲"), ("b", "乙")], value="b")
        )
    )

    assert html == (
        '<div class="checks">'
        '<div class="form-check"><input type="radio" class="form-check-input" id="c" name="c" value="a">'
        '<label class="form-check-label" for="c">甲</label></div>'
        '<div class="form-check"><input type="radio" class="form-check-input" id="c-1" name="c" value="b" checked>'
        '<label class="form-check-label" for="c-1">乙</label></div></div>'
    )


def test_multi_ticks_what_is_chosen():
    html = control(
        form_field(
            Thing(id="p", name="p", label="平台", kind="multi", options=["融资", "人才"], value=["人才"])
        )
    )

    assert html.count(" checked") == 1
    assert 'value="人才" checked' in html


@pytest.mark.parametrize(("value", "shape"), [("2020-10-15", "date"), ("", "date"), ("去年夏天", "text")])
def test_date_that_is_none_stays_readable(value, shape):
    assert control(form_field(Thing(id="d", name="d", label="日", kind="date", value=value))) == (
        f'<input type="{shape}" class="form-control control-date" id="d" name="d" value="{value}">'
    )


def test_long_text_keeps_a_leading_line_break_and_tells_its_limits():
    field = Thing(id="t", name="t", label="做法", kind="long_text", value="\n甲", min_chars=50, max_chars=500)

    assert control(form_field(field)) == (
        '<textarea class="form-control" id="t" name="t" rows="12" data-minimum="50" data-maximum="500" data-charcount>'
        "\n\n甲</textarea>"
    )


def test_list_draws_its_rows_and_one_more():
    columns = [
        Thing(name="title", label="奖项", kind="text"),
        Thing(name="level", label="级别", kind="choice", options=["省", "市"]),
    ]
    html = form_field(
        Thing(
            id="aw",
            name="aw",
            label="表彰",
            kind="list",
            columns=columns,
            rows=[{"title": "甲", "level": "市"}],
        )
    )

    assert html.count("<tr>") == 4  # head, one row, one blank, the blank that scripts copy
    assert 'id="aw" name="aw-0-title" aria-label="第1行奖项" value="甲"' in html
    assert '<option value="市" selected>市</option>' in html
    assert 'name="aw-1-title" aria-label="第2行奖项" value=""' in html
    assert '<input type="hidden" name="aw-rows" value="2">' in html
    assert 'name="aw-__row__-title"' in html


class Tags(HTMLParser):
    """Collects tags and attributes as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_text_stays_text_in_every_place(kind):
    column = Thing(name=HOSTILE, label=HOSTILE, kind="choice", options=[HOSTILE])
    field = Thing(
        id=HOSTILE,
        name=HOSTILE,
        label=HOSTILE,
        kind=kind,
        value=[HOSTILE] if kind == "multi" else HOSTILE,
        options=[HOSTILE],
        unit=HOSTILE,
        help=HOSTILE,
        example=HOSTILE,
        clause=HOSTILE,
        error=HOSTILE,
        saved_at=HOSTILE,
        min_chars=HOSTILE,
        max_chars=HOSTILE,
        columns=[column, Thing(name="b", label="乙", kind="text")],
        rows=[{HOSTILE: HOSTILE, "b": HOSTILE}],
    )
    seen = Tags()

    seen.feed(form_field(field))

    assert seen.tags.isdisjoint({"script", "img"})
    assert not {name for name in seen.attributes if name.startswith("on") or name == "style"}


def test_the_whole_declaration_is_drawn_in_a_few_milliseconds():
    options = [f"选项{number}" for number in range(8)]
    many = [
        Thing(
            id=f"f{n}",
            name=f"f{n}",
            label="统一社会信用代码",
            kind=KINDS[n % len(KINDS)],
            value="甲",
            options=options,
            unit="家",
            help="按登记证书填写。",
            columns=[],
        )
        for n in range(136)
    ]
    form_fields(many)
    runs = []
    for _ in range(5):
        start = time.process_time()
        form_fields(many)
        runs.append(time.process_time() - start)

    assert min(runs) < 0.012


def test_what_is_asked_at_a_field_is_answered_by_a_button():
    field = {"id": "f", "name": "n", "label": "<会员数>", "kind": "int", "prompt": ("请<核对>", "确认&", 'ask:"n"')}

    assert control(form_field(field)).endswith(
        f'<p class="field-prompt no-print">{DRAWINGS["clock"]}<span>请&lt;核对&gt;</span>'
        '<button class="btn btn-secondary btn-small" type="submit" name="_then" value="ask:&quot;n&quot;" data-prompt>'
        '确认&amp;<span class="visually-hidden">：&lt;会员数&gt;</span></button></p>'
    )


def test_a_field_that_asks_nothing_has_no_button():
    field = {"id": "f", "name": "n", "label": "会员数", "kind": "int", "prompt": ("", "", "")}

    assert "<button" not in form_field(field)


def test_the_number_and_the_uses_of_a_field_are_told_and_the_text_it_agrees_to():
    uses = [("B2.7", "每年实地走访", "二（二）2"), ("附件3", "汇总表", "")]
    agreed = "一、真实。\n\n二、完整<b>。"
    field = Thing(id="c", name="c", label="承诺", kind="bool", number="十一（1）", uses=uses, preamble=agreed)

    html = form_field(field)

    assert '<span class="label" id="c-label"><span class="field-number">十一（1）</span>承诺</span>' in html
    assert '<div class="field-preamble"><p>一、真实。</p><p>二、完整&lt;b&gt;。</p></div><div class="checks">' in html
    assert (
        '<p class="field-uses">用于<b>B2.7</b><span class="use-name"> 每年实地走访</span>〔二（二）2〕；'
        '<b>附件3</b><span class="use-name"> 汇总表</span></p>'
    ) in html


@pytest.mark.parametrize(
    ("kind", "value"), [("choice", "火星"), ("multi", ["甲", "火星"]), ("bool", "火星")]
)
def test_an_answer_outside_the_options_stands_beside_them(kind, value):
    html = form_field(Thing(id="x", name="x", label="类", kind=kind, value=value, options=["甲", "乙"]))

    assert 'value="火星" checked><label class="form-check-label" for="x-2">火星（不在选项内）</label>' in html


@pytest.mark.parametrize("value", ["2020-02-30", "0000-01-01", "２０２０-01-01", "2020-1-5"])
def test_a_day_that_a_browser_would_blank_is_drawn_as_text(value):
    assert f'<input type="text" class="form-control control-date" id="d" name="d" value="{value}">' in form_field(
        Thing(id="d", name="d", label="日", kind="date", value=value)
    )


def test_no_control_cuts_what_is_pasted():
    fields = [Thing(id=kind, name=kind, label="甲", kind=kind, max_chars=5, columns=[]) for kind in KINDS]

    assert "maxlength" not in form_fields(fields)


def test_browser_and_server_leave_the_same_blanks_uncounted():
    """The server counts with ``str.split``; the script's own list of blanks is to hold the same characters."""
    script = (Path(__file__).resolve().parents[2] / "static" / "js" / "charcount.js").read_text(encoding="utf-8")
    blank = re.search(r"const BLANK = /(\[.+\])/g;", script)[1]
    letters = "".join(map(chr, range(sys.maxunicode + 1)))

    assert re.findall(blank, letters) == [letter for letter in letters if letter.isspace()]
