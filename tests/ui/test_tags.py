"""The vocabulary, word for word."""

import re
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace as Thing

import pytest

from sihao.ui.formats import BEIJING
from sihao.ui.icons import DRAWINGS

NOW = datetime(2020, 10, 11, 9, 20, tzinfo=BEIJING)
HOSTILE = '"><script>x</script>'
SAFE = "&quot;&gt;&lt;script&gt;x&lt;/script&gt;"


def words(html: str) -> str:
    """What a reader reads, tags taken out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


@pytest.mark.parametrize(
    ("kind", "sign"),
    [
        ("neutral", DRAWINGS["dot"]),
        ("info", DRAWINGS["info"]),
        ("success", DRAWINGS["check"]),
        ("warning", DRAWINGS["warning"]),
        ("danger", DRAWINGS["stop"]),
        ("seal", DRAWINGS["seal"]),
        ("veto", "*"),
        ("baseline", "※"),
    ],
)
def test_badge_has_a_sign_and_a_word_beside_its_colour(draw, kind, sign):
    assert draw("{% badge text kind %}", text="已推荐", kind=kind) == (
        f'<span class="badge badge-{kind}">{sign}已推荐</span>'
    )


def test_badge_escapes_its_word(draw):
    assert (
        draw("{% badge text %}", text=HOSTILE)
        == f'<span class="badge badge-neutral">{DRAWINGS["dot"]}{SAFE}</span>'
    )


def test_card_without_options(draw):
    assert draw('{% card title="概要" %}<p>内容</p>{% endcard %}') == (
        '<section class="card"><div class="card-head"><h2>概要</h2></div>'
        '<div class="card-body"><p>内容</p></div></section>'
    )


def test_card_with_link_and_foot(draw):
    html = draw(
        '{% card title=t id="basics" href="/edit/" link="修改" foot="说明" %}{{ t }}{% endcard %}', t="<b>"
    )

    assert html == (
        '<section class="card" id="basics"><div class="card-head"><h2>&lt;b&gt;</h2>'
        '<a href="/edit/">修改<span class="visually-hidden">：&lt;b&gt;</span></a></div>'
        '<div class="card-body">&lt;b&gt;</div><div class="card-foot">说明</div></section>'
    )


def test_alert_keeps_the_markup_inside_and_escapes_the_rest(draw):
    html = draw(
        '{% alert "danger" title live=True %}<p>{{ text }}</p>{% endalert %}', title=HOSTILE, text=HOSTILE
    )

    assert html == (
        f'<div class="alert alert-danger" role="alert">{DRAWINGS["stop"]}<div class="alert-body">'
        f'<p class="alert-title">{SAFE}</p><p>{SAFE}</p></div></div>'
    )


def test_alert_that_is_not_live_has_no_role(draw):
    assert draw('{% alert "info" %}<p>一</p>{% endalert %}') == (
        f'<div class="alert alert-info">{DRAWINGS["info"]}<div class="alert-body"><p>一</p></div></div>'
    )


def test_score_bar_shows_points_and_maximum(draw):
    assert draw("{% score_bar points 115 label %}", points=Decimal("82.50"), label="服务发展") == (
        '<div class="score-bar"><span class="score-label">服务发展</span>'
        '<span class="score"><span class="score-points">82.5</span><span class="score-maximum">/115</span></span>'
        '<svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="bar-track" width="100" height="6"/><rect class="bar-fill" width="71.7" height="6"/></svg></div>'
    )


@pytest.mark.parametrize(
    ("points", "classes", "text"),
    [
        (110, "bar-fill bar-fill-full", "110 /110"),
        (0, "bar-fill bar-fill-zero", "0 /110"),
        (None, "bar-fill bar-fill-blank", "未填 /110"),
        (120, "bar-fill bar-fill-full", "120 /110"),
    ],
)
def test_score_bar_at_its_ends(draw, points, classes, text):
    html = draw("{% score_bar points 110 %}", points=points)

    assert re.findall(r'class="(bar-fill[^"]*)"', html) == [classes]
    assert words(html) == text


def verdict(**changes):
    return {
        "total": Decimal("412.0"),
        "maximum": 500,
        "bonus": Decimal(38),
        "bonus_maximum": 60,
        "veto_zero": 0,
        "veto_count": 7,
        "baseline_short": 2,
        "baseline_count": 7,
        "baseline_limit": 4,
        "eligible": True,
        "conclusion": "符合认定条件",
        **changes,
    }


def test_verdict_strip_reads_as_the_clause_does(draw):
    html = draw("{% verdict_strip v %}", v=verdict())

    assert words(html) == (
        "总分 412 /500 （加分 38/60） 否决项为0 0 /7 基础达标未满 2 /7 （上限4） 结论 符合认定条件"
    )
    assert html.startswith('<section class="verdict verdict-passed" aria-label="判定：符合认定条件">')


def test_verdict_strip_says_which_gate_failed_and_leads_to_its_rows(draw):
    passes = {"total": True, "veto": False, "baseline": True}
    html = draw(
        "{% verdict_strip v %}", v=verdict(eligible=False, passes=passes, urls={"veto": "#veto"}, note="注")
    )

    assert words(html) == (
        "总分 412 /500 （加分 38/60） 符合 否决项为0 0 /7 不符合 基础达标未满 2 /7 （上限4） 符合 结论 符合认定条件 注"
    )
    assert re.findall(r"<a [^>]+>[^<]+</a>", html) == ['<a href="#veto">否决项为0</a>']


def test_timeline_says_what_a_mark_means(draw):
    entries = [
        Thing(title="提交申报", at=datetime(2020, 9, 20, 16, 5, tzinfo=BEIJING), who="会长", kind="done"),
        {"title": "退回修改", "kind": "returned", "text": HOSTILE},
        Thing(title="县级审核", kind="current", who="现由临江县工商联办理"),
        Thing(title="省级推荐", kind="future"),
    ]
    html = draw("{% timeline entries %}", entries=entries)

    assert words(html) == (
        f"提交申报 2020年9月20日 16:05 · 会长 退回 退回修改 {SAFE} 当前 县级审核 现由临江县工商联办理 尚未开始 省级推荐"
    )
    assert re.findall(r"<li[^>]*>", html) == [
        '<li class="timeline-done">',
        '<li class="timeline-returned">',
        '<li class="timeline-current" aria-current="step">',
        '<li class="timeline-future">',
    ]
    assert re.findall(r"<time[^>]*>", html) == ['<time datetime="2020-09-20T16:05:00+08:00">']


def test_timeline_takes_a_generator(draw):
    assert words(draw("{% timeline entries %}", entries=({"title": t} for t in ("甲", "乙")))) == "甲 乙"


def test_steps_say_their_state(draw):
    items = [
        {"label": "冻结名单", "state": "done"},
        {"label": "审议", "state": "current", "note": "1人回避"},
        {"label": "决议"},
    ]

    assert words(draw("{% steps items %}", items=items)) == (
        "冻结名单 ，已完成 2 审议 （1人回避） ，当前 3 决议 ，尚未开始"
    )


def test_empty_says_what_comes_and_when(draw):
    assert draw('{% empty "暂无待办" "县级工商联报送后，将在此列出。" "/all/" "查看全部" %}') == (
        '<div class="empty"><p class="empty-title">暂无待办</p><p class="empty-text">县级工商联报送后，将在此列出。</p>'
        '<a class="btn btn-secondary" href="/all/">查看全部</a></div>'
    )


@pytest.mark.parametrize(
    "pairs",
    [
        [("会员数", 0), ("评估等级", None), ("备注", HOSTILE)],
        {"会员数": 0, "评估等级": "", "备注": HOSTILE},
        [
            Thing(label="会员数", value=0),
            Thing(label="评估等级", value=None),
            Thing(label="备注", value=HOSTILE),
        ],
    ],
)
def test_key_values_say_what_is_blank_and_keep_zero(draw, pairs):
    assert draw("{% key_values pairs %}", pairs=pairs) == (
        '<dl class="key-values"><div><dt>会员数</dt><dd>0</dd></div>'
        '<div><dt>评估等级</dt><dd><span class="blank">未填</span></dd></div>'
        f"<div><dt>备注</dt><dd>{SAFE}</dd></div></dl>"
    )


@pytest.mark.parametrize(
    ("due", "text", "state"),
    [
        (datetime(2020, 10, 14, 0, 0, tzinfo=BEIJING), "还有2天 · 10月13日24:00", "soon"),
        (date(2020, 10, 13), "还有2天 · 10月13日24:00", "soon"),
        (datetime(2020, 10, 9, 0, 0, tzinfo=BEIJING), "已逾期3天 · 10月8日24:00", "late"),
        (datetime(2021, 1, 1, 0, 0, tzinfo=BEIJING), "还有81天 · 12月31日24:00", "calm"),
        (datetime(2021, 1, 2, 0, 0, tzinfo=BEIJING), "还有82天 · 2021年1月1日24:00", "calm"),
    ],
)
def test_countdown_says_how_long_and_until_when(draw, due, text, state):
    html = draw("{% countdown due now %}", due=due, now=NOW)

    assert words(html) == text
    assert html.startswith(f'<span class="countdown countdown-{state}" data-now="{NOW.isoformat()}">')


def test_countdown_takes_the_shells_clock(draw):
    due = datetime(2020, 10, 14, 0, 0, tzinfo=BEIJING)

    assert draw("{% countdown due %}", due=due, server_now=NOW) == draw(
        "{% countdown due now %}", due=due, now=NOW
    )
    assert draw("{% countdown due %}", due=None) == ""


def test_action_bar_puts_the_primary_act_first_and_gives_reasons_for_the_closed(draw):
    acts = [
        Thing(label="退回修改", url="/return/"),
        Thing(label="报上级审核", url="/forward/", kind="primary", confirm="报送后不能再改。"),
        Thing(label="推荐", url="/r/", refusals=[Thing(sentence="本级没有名额。", clause="五（二）")]),
        {"label": "取消认定资格", "url": "/c/", "refusals": ["初审开始后方可办理。"]},
    ]
    html = draw("{% action_bar acts %}", acts=acts)

    assert words(html) == (
        "报上级审核 退回修改 为何不能办理（2项） 推荐 本级没有名额。 依据：五（二） 取消认定资格 初审开始后方可办理。"
    )
    assert re.findall(r'action="([^"]+)"', html) == ["/forward/", "/return/"]
    assert re.findall(r'data-confirm="([^"]+)"', html) == ["报送后不能再改。"]


def test_action_bar_without_acts_is_not_there(draw):
    assert draw("{% action_bar acts %}", acts=[]) == ""


def test_act_that_does_something_is_a_form_with_a_token(draw):
    one = Thing(label="切换", url="/go/?a=1&b=2", hidden={"case": HOSTILE}, name="step", value="2")

    assert draw("{% act one %}", one=one, csrf_token="t0ken") == (
        '<form class="act-form act-form-secondary" method="post" action="/go/?a=1&amp;b=2">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="t0ken">'
        f'<input type="hidden" name="case" value="{SAFE}">'
        '<button class="btn btn-secondary" type="submit" name="step" value="2">切换</button></form>'
    )


def test_act_that_only_leads_somewhere_is_a_link(draw):
    assert draw("{% act one %}", one={"label": "打印", "url": "/p/", "method": "get", "kind": "link"}) == (
        '<a class="btn btn-link" href="/p/">打印</a>'
    )


def test_chips_mark_the_present_one(draw):
    options = [
        {"label": "全部", "url": "?", "count": 0},
        {"label": "待我办理", "url": "?s=mine", "current": True},
    ]

    assert draw('{% chips options label="状态" %}', options=options) == (
        '<nav class="chips" aria-label="状态"><span class="muted" aria-hidden="true">状态</span><ul>'
        '<li><a class="chip" href="?">全部 <span class="figure">0</span></a></li>'
        '<li><a class="chip" href="?s=mine" aria-current="true">待我办理</a></li></ul></nav>'
    )


def test_pager_shows_no_count(draw):
    page = Thing(previous_url="?b=1", next_url="?a=2", first_url="?")

    assert words(draw("{% pager page %}", page=page)) == "回到首页 上一页 下一页"
    assert draw("{% pager page %}", page=Thing(previous_url="", next_url="", first_url="?")) == ""


@pytest.mark.parametrize(
    ("done", "total", "dash"), [(0, 8, []), (3, 8, ["37.5 100"]), (8, 8, ["100 100"]), (0, 0, [])]
)
def test_ring_is_as_full_as_the_section(draw, done, total, dash):
    html = draw("{% ring done total %}", done=done, total=total)

    assert re.findall(r'stroke-dasharray="([^"]+)"', html) == dash
    assert words(html) == f"已填 {done}/{total}"


def test_histogram_counts_each_total_once_with_the_line_between(draw):
    totals = [Decimal("349.5"), Decimal(350), Decimal("350.5"), Decimal(500), Decimal(0)]
    html = draw("{% histogram totals line=350 maximum=500 step=50 caption='一句话。' %}", totals=totals)
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th><td class="num">(\d+)</td></tr>', html)

    assert rows == [
        ("0—50", "1"),
        ("50—100", "0"),
        ("100—150", "0"),
        ("150—200", "0"),
        ("200—250", "0"),
        ("250—300", "0"),
        ("300—350", "1"),
        ("350—400", "2"),
        ("400—450", "0"),
        ("450—500", "1"),
        ("合计", "5"),
    ]
    assert re.findall(r'class="(bar[^"]*)"', html) == ["bar bar-below"] * 7 + ["bar"] * 3


def test_histogram_of_nothing_is_an_empty_plot(draw):
    assert words(draw("{% histogram totals %}", totals=[])).endswith("合计 0")


def test_bar_table_scales_against_the_largest(draw):
    html = draw("{% bar rows %}", rows=[("甲", Decimal("50.0")), ("乙", 25), (HOSTILE, 0)])

    assert re.findall(r'<rect class="bar" width="([^"]+)"', html) == ["100", "50", "0"]
    assert words(html) == f"项目 数值 甲 50 乙 25 {SAFE} 0"


def test_error_summary_leads_to_the_fields(draw):
    lines = [{"id": "uscc", "label": "统一社会信用代码", "message": "应为18位。"}, {"message": "材料不全。"}]
    html = draw("{% error_summary lines %}", lines=lines)

    assert words(html) == "有2处需要改正 统一社会信用代码：应为18位。 材料不全。"
    assert re.findall(r'href="([^"]+)"', html) == ["#uscc"]
    assert draw("{% error_summary lines %}", lines=[]) == ""


def test_slot_leaves_out_what_is_blank(draw):
    assert draw('{% slot "lead" %}  {% endslot %}') == ""
    assert draw('{% slot "lead" %}限期{% endslot %}') == '<p class="page-lead">限期</p>'


def test_crumbs_end_without_an_address(draw):
    assert draw('{% crumb "待办" "/work/" %}{% crumb name %}', name=HOSTILE) == (
        f'<li><a href="/work/">待办</a></li><li aria-current="page">{SAFE}</li>'
    )


def test_job_progress_says_how_far(draw):
    job = Thing(label="正在生成汇总表", done=420, total=1500, state="running")
    html = draw("{% job_progress job '/jobs/1/' %}", job=job)

    assert words(html) == "正在生成汇总表 420/1500 本页不会自行更新，请稍后刷新查看。"
    assert html.startswith('<div class="job" data-job-url="/jobs/1/" data-job-state="running">')


def test_filters_stand_in_every_template(draw):
    html = draw(
        '{{ p|points }} {{ p|fraction:500 }} {{ m|money }} {{ at|beijing:"short" }} {{ at|deadline:"year" }}'
        " {{ tel|mask_mobile }} {{ yes|yes_no }}",
        p=Decimal("412.50"),
        m=3,
        at=datetime(2020, 10, 15, tzinfo=BEIJING),
        tel="13812340000",
        yes=True,
    )

    assert html == "412.5 412.5/500 3万元 10月15日 00:00 2020年10月14日24:00 138****0000 是"
