"""What an office types about its recommendation list."""

from typing import Any

from django import forms

from declarations.actions.upward import Defect
from declarations.states import FormDefect, PaperKind
from sihao.ui.forms import HouseForm


class ReopenForm(HouseForm, forms.Form):
    """Opening a frozen list again."""

    submit_label = "重新打开名单"
    submit_kind = "danger"
    confirm = "重新打开后，已固定的名单和集体研究情况不再作数，须重新固定、重新研究。"

    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 4}), max_length=1000)


class RecallForm(HouseForm, forms.Form):
    """Taking a list back that was sent up."""

    submit_label = "撤回上报"
    submit_kind = "danger"
    confirm = "撤回后，名单回到上报之前，回执作废；截止前可以重新上报。"

    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 4}), max_length=1000)


class ReportForm(HouseForm, forms.Form):
    """The text of the report."""

    submit_label = "保存报告"

    text = forms.CharField(
        label="报告正文",
        max_length=20000,
        strip=False,
        help_text="每行一段；以“一、”“二、”开头的行排为标题。标题、附件和落款由系统排印。",
        widget=forms.Textarea(attrs={"rows": 24}),
    )


class SendBackForm(HouseForm, forms.Form):
    """What is wrong in form: for each paper the defects ticked, and on which pages."""

    submit_label = "退回补正"
    submit_kind = "danger"
    confirm = "退回后由推荐单位更换所列材料的扫描件；名单和各件申报不变。"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add the fields of every paper."""
        super().__init__(*args, **kwargs)
        for kind in PaperKind:
            words = {"label": f"《{kind.label}》", "choices": FormDefect.choices, "required": False}
            box = forms.MultipleChoiceField(**words, widget=forms.CheckboxSelectMultiple)
            self.add(kind.value, box)
            pages = forms.CharField(label=f"《{kind.label}》页次", max_length=40, required=False)
            pages.widget.attrs["placeholder"] = "如第2、3页"
            self.add(f"{kind.value}_pages", pages)

    def defects(self) -> list[Defect]:
        """Return what was ticked."""
        data = self.cleaned_data
        return [
            Defect(kind, FormDefect(defect), data.get(f"{kind.value}_pages", ""))
            for kind in PaperKind
            for defect in data.get(kind.value, ())
        ]


class UploadForm(HouseForm, forms.Form):
    """Sending a list up: nothing but the decision."""

    submit_label = "推荐上报"

    def __init__(self, *args: Any, confirm: str = "", cancel_url: str = "", **kwargs: Any) -> None:
        """Take what will happen, in words."""
        super().__init__(*args, **kwargs)
        self.confirm, self.cancel_url = confirm, cancel_url
