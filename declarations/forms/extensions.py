"""A deadline to be put off: for whom, which, until when, and why."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from declarations.models import Deadline
from declarations.queries.deadlines import organisations_called
from sihao.accounts.models import Organisation
from sihao.ui.forms import HouseForm


class ExtensionForm(HouseForm, forms.Form):
    """An extension as it is proposed; the end is the end of a day in Beijing."""

    submit_label = "提请延期"
    organisation = forms.CharField(
        label="适用单位",
        max_length=100,
        help_text="商会全称或统一社会信用代码（只延一件），或者工商联名称、六位行政区划代码（延其辖区内全部申报）。",
    )
    deadline = forms.ChoiceField(label="期限", choices=Deadline.choices)
    until = forms.DateField(label="延至（当日24:00）", widget=forms.DateInput)
    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 4}), max_length=1000)

    def clean_organisation(self) -> Organisation:
        """Find the one organisation that is called so."""
        found = organisations_called(self.cleaned_data["organisation"].strip())
        if len(found) == 1:
            return found[0]
        raise forms.ValidationError(
            f"有{len(found)}个同名的单位，请填写代码。" if found else "没有找到这个单位，请核对名称或代码。"
        )

    def clean_until(self) -> datetime:
        """Return the midnight that ends the day."""
        try:
            day = self.cleaned_data["until"] + timedelta(days=1)
            return timezone.make_aware(datetime.combine(day, time.min))
        except (OverflowError, ValueError):
            raise forms.ValidationError("请填写有效的日期，如2020-10-15。") from None

    def facts(self) -> dict[str, Any]:
        """Return the keywords of the action."""
        return {name: self.cleaned_data[name] for name in ("organisation", "deadline", "until", "reason")}


class EndExtensionForm(HouseForm, forms.Form):
    """Why an extension ends before its time."""

    submit_label = "终止延期"
    submit_kind = "danger"
    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 3}), max_length=500)
