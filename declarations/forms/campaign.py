"""What is typed in a programme that a federation runs: records, findings, what was put right, targets, what goes up."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from crispy_forms.layout import HTML, Layout, Row
from django import forms
from django.utils import timezone
from django.utils.html import format_html

from declarations.actions.campaign import Told
from declarations.actions.own_cycle import LAW_NOTE, OwnCycle
from declarations.actions.own_decision import Chosen
from declarations.actions.questions import MOST_FILES
from declarations.forms.evidence import SeveralFiles
from declarations.forms.review import end_of_day
from declarations.queries.campaign import Ranked
from declarations.states import Standing, Verb
from scoring.engine import Programme, figure
from scoring.models import ProgrammeVersion
from sihao.documents.intake.kinds import EXTENSIONS
from sihao.ui.forms import HouseForm

MOST_WORDS = 1000
DAY_ERRORS = {"required": "请填写日期。", "invalid": "日期请写成2020-10-12这样的年月日。"}
CLOSE, REOPEN, CONFIRM, RETURN = "close", "reopen", "confirm", "return"


def day_field(label: str, help_text: str = "") -> forms.DateField:
    """Return the field of a day."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, widget=widget, error_messages=DAY_ERRORS)


def words_field(label: str, *, required: bool = True, help_text: str = "") -> forms.CharField:
    """Return the field of some words."""
    area = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(label=label, required=required, help_text=help_text, max_length=MOST_WORDS, widget=area)


def files_field(label: str) -> SeveralFiles:
    """Return the field of at least one file."""
    field = SeveralFiles(label=label, help_text=f"至少一份，最多{MOST_FILES}份。")
    field.widget.attrs["accept"] = ",".join(f".{one}" for one in EXTENSIONS)
    return field


class RecordForm(HouseForm, forms.Form):
    """One thing done in a stage, with its papers."""

    submit_label = "登记"

    matter = forms.ChoiceField(label="事项")
    about = forms.CharField(
        label="所属商会",
        required=False,
        max_length=100,
        help_text="所属街道商会、行业商会或者团体会员的工作计划填写，本单位的不填。",
    )
    held_on = day_field("日期")
    text = words_field("内容")
    files = files_field("材料")

    def __init__(self, *args: Any, matters: Sequence[tuple[str, Sequence[tuple[str, str]]]], **kwargs: Any) -> None:
        """Take the deliverables, stage by stage."""
        super().__init__(*args, **kwargs)
        self.fields["matter"].choices = [("", "请选择"), *matters]  # type: ignore[attr-defined]

    def layout(self) -> Layout:
        """Set what and when beside each other."""
        return Layout(Row("matter", "held_on"), "about", "text", "files")

    @property
    def told(self) -> Told:
        """Return what was typed."""
        typed = self.cleaned_data
        return Told(typed["matter"], typed["held_on"], typed["text"], typed["about"])


class FindingForm(HouseForm, forms.Form):
    """What the inspection found of one row."""

    submit_label = "登记问题"

    code = forms.ChoiceField(label="指标")
    text = words_field("发现的问题")
    due_on = day_field("整改期限", "至当日24:00。")

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        """Take the rows of the standard, section by section."""
        super().__init__(*args, **kwargs)
        rows = [
            (f"{section.code} {section.name}", [(item.id, f"{item.id} {item.name}") for item in section.items()])
            for section in programme.rubric.sections
        ]
        self.fields["code"].choices = [("", "请选择"), *rows]  # type: ignore[attr-defined]


class RectifyForm(HouseForm, forms.Form):
    """How a finding was put right."""

    submit_label = "提交整改情况"

    text = words_field("整改情况")
    files = files_field("整改佐证材料")


class SettleForm(HouseForm, forms.Form):
    """Whether it was put right."""

    submit_label = "提交核查意见"

    outcome = forms.ChoiceField(
        label="核查结果",
        choices=[(CLOSE, "整改到位，予以销号"), (REOPEN, "整改未到位，退回继续整改")],
        widget=forms.RadioSelect,
    )
    remark = words_field("核查意见", required=False, help_text="退回继续整改的须写明理由。")


class TargetForm(HouseForm, forms.Form):
    """Where a federation stood before."""

    standing = forms.ChoiceField(label="以往情况", choices=Standing.choices)
    before_year = forms.IntegerField(
        label="几年前完成", required=False, min_value=2000, max_value=2100, help_text="以往情况为“计划完成”的填写。"
    )


class AnswerAboveForm(HouseForm, forms.Form):
    """What the level above says of what was sent up."""

    submit_label = "提交意见"

    outcome = forms.ChoiceField(
        label="办理意见", choices=[(CONFIRM, "确认"), (RETURN, "退回")], widget=forms.RadioSelect
    )
    reason = words_field("意见说明", required=False, help_text="退回的须写明理由。")


class BestForm(HouseForm, forms.Form):
    """Which of the recognised ones go up, each with its reason."""

    submit_label = "择优上报"
    confirm = "上报后由上级工商联办理，退回前不能重复上报。"

    def __init__(self, *args: Any, rows: Iterable[Ranked], **kwargs: Any) -> None:
        """Take the ranked cases that may go."""
        super().__init__(*args, **kwargs)
        self.rows = [row for row in rows if row.may_go]
        for row in self.rows:
            pk = row.case.pk
            self.add(f"go-{pk}", forms.BooleanField(label="上报", required=False))
            self.add(f"reason-{pk}", words_field("上报理由", required=False))

    def layout(self) -> Layout:
        """Stand each case under its place, name and score."""
        parts: list[Any] = []
        for row in self.rows:
            head = format_html(
                "<h3>第{}位 {}（{}分）</h3>", row.place, row.case.applicant_name, figure(row.case.final_total)
            )
            parts += [HTML(head), f"go-{row.case.pk}", f"reason-{row.case.pk}"]
        return Layout(*parts)

    def clean(self) -> dict[str, Any]:
        """Ask for at least one, and for the reason of each that goes."""
        typed = super().clean() or {}
        going = [row for row in self.rows if typed.get(f"go-{row.case.pk}")]
        if not going:
            self.add_error(None, "请至少选择一个上报单位。")
        for row in going:
            if not (typed.get(f"reason-{row.case.pk}") or "").strip():
                self.add_error(f"reason-{row.case.pk}", "请写明上报理由。")
        return typed

    @property
    def chosen(self) -> list[Chosen]:
        """Return those that go, with place and reason."""
        typed = self.cleaned_data
        going = (row for row in self.rows if typed[f"go-{row.case.pk}"])
        return [Chosen(row.case, row.place, typed[f"reason-{row.case.pk}"]) for row in going]


class OpenOwnForm(HouseForm, forms.Form):
    """Opening a cycle of one's own, knowingly."""

    submit_label = "开启"
    confirm = "开启后辖区内各单位即可看到本项工作。标准在有申请后不再改变。"

    programme = forms.TypedChoiceField(label="认定标准", coerce=int)
    name = forms.CharField(label="周期", max_length=40, help_text="如：2020年度。")
    title = forms.CharField(label="全称", max_length=120)
    honour = forms.CharField(label="称号", max_length=60)
    plan = forms.CharField(label="实施方案名称", max_length=200)
    verb = forms.ChoiceField(label="结果的称谓", choices=Verb.choices, help_text="证书、通知和页面按所选称谓书写。")
    law_note = words_field("开展依据", help_text="写明依据或者批准文件的名称和文号。")
    knows = forms.BooleanField(label="已知悉上述规定，确认本单位开展本项工作有依据", required=False)
    opens_on = day_field("开始申请")
    closes_on = day_field("申请截止", "至当日24:00。")
    decides_by = day_field("考评截止", "至当日24:00。")

    def __init__(self, *args: Any, programmes: Sequence[ProgrammeVersion], **kwargs: Any) -> None:
        """Take the standards that such a federation decides by itself."""
        super().__init__(*args, **kwargs)
        choices = [(one.pk, one.title) for one in programmes]
        self.fields["programme"].choices = choices  # type: ignore[attr-defined]

    def layout(self) -> Layout:
        """Stand the note on the law before what is to be confirmed."""
        note = format_html('<div class="alert alert-warning" role="note"><p>{}</p></div>', LAW_NOTE)
        return Layout(
            "programme", Row("name", "verb"), "title", "honour", "plan", HTML(note), "law_note", "knows",
            Row("opens_on", "closes_on", "decides_by"),
        )  # fmt: skip

    @property
    def words(self) -> OwnCycle:
        """Return what was decided."""
        typed = self.cleaned_data
        told = {name: typed[name] for name in ("name", "title", "honour", "plan", "law_note", "knows")}
        return OwnCycle(
            **told,
            verb=Verb(typed["verb"]),
            opens_at=_beginning(typed["opens_on"]),
            submission_closes=end_of_day(typed["closes_on"]),
            decides_by=end_of_day(typed["decides_by"]),
        )


def _beginning(day: date) -> datetime:
    """Return 0:00 of a day in Beijing time."""
    return timezone.make_aware(datetime.combine(day, time.min))


class CircularForm(HouseForm, forms.Form):
    """Giving the list out: the document's number and date."""

    submit_label = "印发名单"
    confirm = "印发后文号、日期和名单即固定，本周期不再办理其他单位的申请。"

    number = forms.CharField(label="发文字号", max_length=60, help_text="如：漯联〔2020〕14号。")
    dated_on = day_field("成文日期")
