"""Invented data for the gallery: one example of each part in each state."""

from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace as Thing
from typing import Any

from crispy_forms.bootstrap import AppendedText
from crispy_forms.layout import Fieldset, Layout, Row
from django import forms
from django.conf import settings

from sihao.ui.formats import BEIJING
from sihao.ui.forms import HouseForm

NOW = datetime(2020, 10, 11, 9, 20, tzinfo=BEIJING)


class ExampleForm(HouseForm, forms.Form):
    """Every kind of control that a Django form draws."""

    submit_label = "提交审核意见"
    cancel_url = "#"
    confirm = "提交后将转交省级工商联，审核意见不能再改。"

    opinion = forms.CharField(
        label="审核意见",
        widget=forms.Textarea,
        max_length=200,
        help_text="写明审核情况和主要依据，不超过200字。",
    )
    decision = forms.ChoiceField(
        label="审核结论",
        choices=[("forward", "报上级审核"), ("return", "退回修改")],
        widget=forms.RadioSelect,
    )
    grounds = forms.MultipleChoiceField(
        label="退回原因",
        required=False,
        choices=[("missing", "材料不全"), ("logic", "内容逻辑不通"), ("facts", "与事实不符")],
        widget=forms.CheckboxSelectMultiple,
    )
    score = forms.DecimalField(label="审核得分", max_digits=5, decimal_places=1, min_value=0, max_value=500)
    meeting_on = forms.DateField(label="领导班子研究日期", help_text="以会议纪要所载日期为准。")
    level = forms.ChoiceField(
        label="商会层级",
        choices=[("", "请选择"), *((w, w) for w in ("全国", "省级", "市级", "县级", "乡镇街道"))],
    )
    minutes = forms.FileField(label="会议纪要", required=False, help_text="PDF或图片，不超过20兆。")
    confirmed = forms.BooleanField(label="已核对申报表与自评表，内容一致")

    def layout(self) -> Layout:
        """Return the fields in two groups."""
        return Layout(
            Fieldset("审核", "opinion", "decision", "grounds"),
            Fieldset(
                "会议", Row(AppendedText("score", "分"), "meeting_on"), Row("level", "minutes"), "confirmed"
            ),
        )


DUES = ((20, 0), (13, 0), (12, 0), (11, 8), (9, 0))


def example() -> dict[str, Any]:
    """Return all the data of the gallery page."""
    return {
        "now": NOW,
        "dues": [datetime(2020, 10, day, hour, tzinfo=BEIJING) for day, hour in DUES],
        "form": ExampleForm(),
        "cases": CASES,
        "chips": CHIPS,
        "passed": verdict("412", "38", 0, 2, eligible=True, conclusion="符合认定条件"),
        "failed": verdict("348.5", "21", 1, 5, eligible=False, conclusion="不能参与认定"),
        "waiting": verdict("126", "0", 3, 7, eligible=None, conclusion="尚未填完") | {"passes": {}},
        "timeline": TIMELINE,
        "steps": STEPS,
        "pairs": PAIRS,
        "acts": ACTS,
        "scores": SCORES,
        "totals": TOTALS,
        "sections": [
            ("班子建设", 118),
            ("党建工作", 102),
            ("服务发展", 97),
            ("自律规范", 84),
            ("加分项", 38),
        ],
        "page": Thing(previous_url="?before=20", next_url="?after=40", first_url="?"),
        "job": Thing(label="正在生成汇总表", done=420, total=1500, state="paused"),
        "fields": FIELDS,
        "marks": MARKS,
        "crumb_url": "#top",
    }


def public_shell() -> dict[str, Any]:
    """Return the shell of a page without login."""
    labels = ("首页", "认定标准", "认定名单", "证书查验", "登录")
    navigation = [
        {"label": label, "url": "#", "current": label == "认定标准", "count": None} for label in labels
    ]
    return shell() | {"seat": None, "seats": [], "unread": 0, "navigation": navigation}


def shell() -> dict[str, Any]:
    """Return the shell of a signed-in officer, as the context processor would."""
    county = Thing(pk=1, organisation=Thing(name="临江县工商业联合会"), get_role_display="工作人员")
    expert = Thing(pk=2, organisation=Thing(name="全国工商联会员部"), get_role_display="评审专家")
    counts = {"待办": 5, "会议": 1}
    labels = ("待办", "案件", "名额", "会议", "汇总", "统计", "本单位")
    return {
        "seat": county,
        "seats": [county, expert],
        "unread": 3,
        "rehearsal": True,
        "site_name": settings.SITE_NAME,
        "cycle_label": "2019—2020年度",
        "standard_status": "认定标准为重建稿，非官方附件1",
        "server_now": NOW,
        "navigation": [
            {"label": label, "url": "#", "current": label == "案件", "count": counts.get(label)}
            for label in labels
        ],
    }


def verdict(
    total: str, bonus: str, veto: int, short: int, *, eligible: bool | None, conclusion: str
) -> dict[str, Any]:
    """Return a verdict as the strip reads it."""
    return {
        "total": Decimal(total),
        "maximum": 500,
        "bonus": Decimal(bonus),
        "bonus_maximum": 60,
        "veto_zero": veto,
        "veto_count": 7,
        "baseline_short": short,
        "baseline_count": 7,
        "baseline_limit": 4,
        "eligible": eligible,
        "conclusion": conclusion,
        "note": "“350分以下”按不含本数执行，恰为350分视为达到；“超过4项”自第5项起算。依据：通知四（一）。",
        "passes": {"total": Decimal(total) >= 350, "veto": veto == 0, "baseline": short <= 4},
        "urls": {"total": "#scores", "veto": "#scores", "baseline": "#scores", "conclusion": "#verdict"},
    }


def _case(
    number: str, name: str, place: str, state: str, kind: str, day: int, act: str, hour: int = 0
) -> Thing:
    due = datetime(2020, 10, day, hour, tzinfo=BEIJING)
    return Thing(
        number=number, name=name, place=place, state=state, kind=kind, due=due, act=act, days=NOW.day - 8
    )


CASES = [
    _case("0417", "临江县机械制造行业商会", "江北省临江市临江县", "待县级审核", "warning", 9, "审核"),
    _case("0422", "江北省新能源汽车及零部件产业链商会联合会", "江北省", "退回修改", "danger", 11, "查看", 18),
    _case("0431", "临江市温州商会", "江北省临江市", "待市级审核", "info", 13, "审核"),
    _case("0440", "青石镇商会", "江北省临江市青石县", "已推荐", "success", 26, "查看"),
    _case("0445", "直属商会示例", "全国工商联直属", "草稿", "neutral", 31, "填报"),
]
CHIPS = [
    Thing(label="全部状态", url="?", current=False, count=37),
    Thing(label="待我办理", url="?state=mine", current=True, count=5),
    Thing(label="退回修改", url="?state=returned", current=False, count=2),
    Thing(label="已推荐", url="?state=recommended", current=False, count=30),
]
TIMELINE = [
    Thing(
        title="提交申报",
        at=datetime(2020, 9, 20, 16, 5, tzinfo=BEIJING),
        who="临江县机械制造行业商会 · 会长",
        kind="done",
    ),
    Thing(
        title="退回修改",
        at=datetime(2020, 9, 24, 10, 40, tzinfo=BEIJING),
        who="临江县工商联 · 工作人员",
        kind="returned",
        text="走访企业15家，占会员企业100家的15%，低于20%。请核对走访数，或将自评分改为4分。",
    ),
    Thing(
        title="重新提交",
        at=datetime(2020, 9, 27, 9, 12, tzinfo=BEIJING),
        who="临江县机械制造行业商会 · 会长",
        kind="done",
        badge="第2稿",
    ),
    Thing(title="县级审核", who="现由临江县工商联办理 · 已3天 · 限10月12日24:00", kind="current"),
    Thing(title="市级审核", kind="future"),
    Thing(title="省级推荐", kind="future"),
]
STEPS = [
    Thing(label="冻结名单", state="done", note=""),
    Thing(label="签到与回避", state="done", note="1人回避"),
    Thing(label="逐项审议", state="current", note=""),
    Thing(label="形成决议", state="future", note=""),
]
PAIRS = [
    ("商会名称", "临江县机械制造行业商会"),
    ("统一社会信用代码", "51330100MJ8600001X"),
    ("所在地", "江北省临江市临江县"),
    ("会员数", "128"),
    ("评估等级", None),
]
ACTS = [
    Thing(
        label="退回修改",
        url="#",
        kind="secondary",
        method="post",
        confirm="退回后，商会可修改申报表和自评表，本级意见随案退回。",
    ),
    Thing(
        label="报上级审核",
        url="#",
        kind="primary",
        method="post",
        confirm="报送后，本案转交临江市工商联办理，县级审核得分不能再改。",
    ),
    Thing(label="打印申报表", url="#", kind="link", method="get"),
    Thing(
        label="推荐",
        url="#",
        refusals=[
            Thing(sentence="推荐由持有名额的省级工商联办理，本级没有名额。", clause="五（二）"),
            Thing(sentence="本案基础达标项有5项未得满分，超过4项。", clause="四（一）"),
        ],
    ),
    Thing(label="取消认定资格", url="#", refusals=["初审开始后方可办理。"]),
]
SCORES = [
    Thing(label="班子建设", points=Decimal("118.0"), maximum=125),
    Thing(label="党建工作", points=Decimal(110), maximum=110),
    Thing(label="服务发展", points=Decimal("82.5"), maximum=115),
    Thing(label="自律规范", points=Decimal(0), maximum=90),
    Thing(label="加分项", points=None, maximum=60),
]
TOTALS = [Decimal(300 + (n * 37) % 181) + Decimal(n % 2) / 2 for n in range(1, 97)]
MARKS = [
    Thing(
        code="A1.1",
        flag="否决项",
        kind="veto",
        text="领导班子健全，会长无违法违纪行为",
        maximum=10,
        own="10",
        lower="10",
        agreed=True,
    ),
    Thing(
        code="A1.4",
        flag="",
        text="会长每年走访会员企业不少于20%",
        maximum=8,
        own="8",
        lower="4",
        agreed=False,
    ),
    Thing(
        code="B2.3",
        flag="基础达标项",
        kind="baseline",
        text="建立党组织，按期换届",
        maximum=12,
        own="12",
        lower="12",
        agreed=True,
    ),
]
FIELDS = [
    Thing(
        id="name",
        name="name",
        label="商会名称",
        kind="text",
        value="临江县机械制造行业商会",
        required=True,
        saved_at="已保存 14:03",
    ),
    Thing(
        id="uscc",
        name="uscc",
        label="统一社会信用代码",
        kind="uscc",
        value="51330100MJ86000",
        required=True,
        error="应为18位，现为15位。请对照登记证书核对。",
    ),
    Thing(
        id="chamber_type",
        name="chamber_type",
        label="商会类型",
        kind="choice",
        value="行业商会",
        options=["行业商会", "异地商会", "乡镇（街道）商会", "园区商会", "市场商会", "楼宇商会", "其他"],
    ),
    Thing(
        id="check_2019",
        name="check_2019",
        label="2019年度年检（年报）结论",
        kind="choice",
        options=["合格", "基本合格", "不合格", "未参加"],
        value="合格",
    ),
    Thing(
        id="registered",
        name="registered",
        label="已在民政部门登记",
        kind="bool",
        value=None,
        required=True,
        error="请选择是或否。",
    ),
    Thing(id="reg_date", name="reg_date", label="成立登记日期", kind="date", value="2012-06-18"),
    Thing(
        id="members",
        name="members",
        label="会员企业数",
        kind="int",
        value="100",
        unit="家",
        help="截至2020年10月15日，不含个人会员。",
    ),
    Thing(id="growth", name="growth", label="会员增长率", kind="ratio", value="12.5", unit="%"),
    Thing(
        id="charity",
        name="charity",
        label="公益捐赠",
        kind="decimal",
        value="326.5",
        unit="万元",
        example="326.5",
        clause="三（三）",
    ),
    Thing(id="mobile", name="contact_mobile", label="联系人手机", kind="mobile", value="13800000000"),
    Thing(
        id="region",
        name="region_code",
        label="所在地行政区划代码",
        kind="gb2260",
        value="330100",
        help="六位数字。",
    ),
    Thing(
        id="platforms",
        name="platforms",
        label="已建服务平台",
        kind="multi",
        value=["融资", "人才"],
        options=["融资", "信息", "技术", "人才", "对外交流"],
    ),
    Thing(
        id="summary",
        name="summary",
        label="主要做法",
        kind="long_text",
        value="建立会员走访台账。",
        min_chars=50,
        max_chars=500,
        help="写明做法、次数和成效。",
    ),
    Thing(
        id="awards",
        name="awards",
        label="奖励表彰",
        kind="list",
        help="同一事项只填最高级别的一次。",
        columns=[
            Thing(name="title", label="奖项名称", kind="text"),
            Thing(name="level", label="级别", kind="choice", options=["国家级", "省部级", "市级", "县级"]),
            Thing(name="date", label="日期", kind="date"),
        ],
        rows=[{"title": "全省先进社会组织", "level": "省部级", "date": "2019-12-20"}],
    ),
]
