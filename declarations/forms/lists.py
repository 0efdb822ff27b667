"""What an office types about its recommendation list."""

from typing import Any

from django import forms

from declarations.actions.batch import MeetingRecord
from sihao.ui.forms import HouseForm


class ReopenForm(HouseForm, forms.Form):
    """Opening a frozen list again."""

    submit_label = "重新打开名单"
    submit_kind = "danger"
    confirm = "重新打开后，已固定的名单和集体研究情况不再作数，须重新固定、重新研究。"

    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 4}), max_length=1000)


class MeetingForm(HouseForm, forms.Form):
    """The record of the meeting that decided the list."""

    submit_label = "登记"

    on = forms.DateField(label="集体研究日期")
    name = forms.CharField(label="会议名称", max_length=100, help_text="如主席会议、党组会议。")
    present = forms.CharField(label="出席人员", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    recused = forms.CharField(
        label="回避人员", max_length=1000, help_text="没有回避人员的写“无”。", widget=forms.Textarea(attrs={"rows": 2})
    )
    minutes = forms.CharField(label="研究意见", max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))

    def record(self) -> MeetingRecord:
        """Return what was written down."""
        return MeetingRecord(**self.cleaned_data)


class UploadForm(HouseForm, forms.Form):
    """Sending a list up: nothing but the decision."""

    submit_label = "推荐上报"

    def __init__(self, *args: Any, confirm: str = "", cancel_url: str = "", **kwargs: Any) -> None:
        """Take what will happen, in words."""
        super().__init__(*args, **kwargs)
        self.confirm, self.cancel_url = confirm, cancel_url
