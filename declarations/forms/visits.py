"""What is typed about draws and visits; a record is read as it was posted, field by field."""

from collections.abc import Iterable
from datetime import date

from crispy_forms.layout import Layout, Row
from django import forms
from django.http import QueryDict

from declarations.forms.application import BLANK_MARKER, THEIRS_MARKER, clean_text
from declarations.forms.evidence import UNREADABLE, SeveralFiles
from sihao.ui.forms import HouseForm

MOST_CASES = 1000
MOST_DIGITS = 18


class AnnounceForm(HouseForm, forms.Form):
    """A draw's number of cases and its seed; without one the system makes it."""

    submit_label = "公布种子和件数"
    confirm = "公布后种子和件数不能改动，只能作废整个批次，作废的批次也留在页面上。"

    cases = forms.IntegerField(label="抽取件数", min_value=1, max_value=MOST_CASES)
    seed = forms.CharField(
        label="种子",
        required=False,
        max_length=100,
        help_text="任意文字。可用公开产生的号码，如某期彩票开奖号码；留空由系统随机生成。",
    )
    source = forms.CharField(
        label="种子来源", required=False, max_length=200, help_text="写明号码从何而来，便于任何人查对。"
    )

    def layout(self) -> Layout:
        """Set number and seed beside each other."""
        return Layout(Row("cases", "seed"), "source")

    def clean(self) -> dict[str, object]:
        """Ask where a typed seed comes from."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("seed", "").strip() and not cleaned.get("source", "").strip():
            self.add_error("source", "自定种子的，请写明种子来源。")
        return cleaned


class AgainForm(HouseForm, forms.Form):
    """With which seed a draw is computed again."""

    submit_label = "复算"
    submit_kind = "secondary"

    seed = forms.CharField(
        label="种子", max_length=100, help_text="用公布的种子复算，结果应当相同；改用其他种子试算，不影响已抽取的结果。"
    )


class WhyForm(HouseForm, forms.Form):
    """A reason."""

    reason = forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class ProposalForm(HouseForm, forms.Form):
    """What a proposal of disqualification rests on."""

    submit_label = "提出取消认定资格"
    submit_kind = "danger"
    confirm = "提出后将与省级工商联沟通，答复或期满后由另一人确认。"

    reason = forms.CharField(
        label="具体情况",
        help_text="按走访记录起草，请核对。省级工商联将据此答复。",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class PlanForm(HouseForm, forms.Form):
    """On which day a visit is planned."""

    planned_on = forms.DateField(
        label="拟走访日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "日期请写成2020-11-05这样的年月日。"},
    )

    @property
    def day(self) -> date | None:
        """Return the day, or None where none is planned yet."""
        return self.cleaned_data["planned_on"]


class ReportForm(HouseForm, forms.Form):
    """The report as a person leaves it."""

    submit_label = "保存报告"

    text = forms.CharField(label="报告", max_length=20000, widget=forms.Textarea(attrs={"rows": 24}))


class PhotosForm(HouseForm, forms.Form):
    """Photographs, one or several."""

    submit_label = "上传照片"
    submit_kind = "secondary"

    files = SeveralFiles(label="照片")

    def __init__(self, *args: object, extensions: str, **kwargs: object) -> None:
        """Take the endings that are accepted."""
        super().__init__(*args, **kwargs)
        self.fields["files"].widget.attrs["accept"] = extensions


class BeginPhoto(HouseForm, forms.Form):
    """What a script says before it sends a photograph piece by piece."""

    token = forms.UUIDField()
    size = forms.IntegerField(min_value=0)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in ("token", "size"):
            self.fields[name].error_messages |= dict.fromkeys(self.fields[name].error_messages, UNREADABLE)

    def clean(self) -> dict[str, object]:
        """Add the name as it was sent."""
        return {**self.cleaned_data, "name": self.data.get("name", "")}


def chosen_seats(data: QueryDict) -> list[int]:
    """Return the keys of the seats that were ticked, each once; what is no key is none."""
    named = dict.fromkeys(data.getlist("seat"))
    return [int(one) for one in named if one.isascii() and one.isdigit() and len(one) < MOST_DIGITS]


def typed_record(data: QueryDict, known: Iterable[str]) -> dict[str, str]:
    """Return the fields that were posted, without what the writer yields; a box without a tick is empty."""
    yielded = set(data.getlist(THEIRS_MARKER))
    emptied = set(" ".join(data.getlist(BLANK_MARKER)).split())
    names = [name for name in known if name not in yielded]
    return {name: clean_text(data.get(name, "")) for name in names if name in data or name in emptied}
