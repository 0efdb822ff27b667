"""What a tier names to be mended."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from crispy_forms.layout import Layout, Row
from django import forms
from django.http import QueryDict
from django.utils import timezone

from declarations.actions.delta import Redo
from declarations.actions.review import Mend
from declarations.queries.review import Choices, mend_label
from declarations.states import ReturnReason
from scoring.engine import Programme
from sihao.ui.forms import HouseForm

MOST_ITEMS = 20
BLANK_LINES = 3


class MendForm(HouseForm, forms.Form):
    """One line of a return; a line in which nothing was entered is left out."""

    form_tag = False

    item = forms.ChoiceField(label="指标或字段", required=False)
    reason = forms.ChoiceField(label="原因", required=False, choices=[("", "请选择"), *ReturnReason.choices])
    text = forms.CharField(
        label="需要怎样修改", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, Choices]] = (), **kwargs: Any) -> None:
        """Take the rows and fields to choose from."""
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]

    def layout(self) -> Layout:
        """Set what and why beside each other."""
        return Layout(Row("item", "reason"), "text")

    def clean(self) -> dict[str, Any]:
        """Ask for the other parts of a line as soon as one is there."""
        found = super().clean() or {}
        if any(found.get(name) for name in self.fields) or self.errors:
            words = {"item": "请选择指标或字段。", "reason": "请选择原因。", "text": "请写明需要怎样修改。"}
            for name, sentence in words.items():
                if not found.get(name) and name not in self.errors:
                    self.add_error(name, sentence)
        return found


class DueForm(HouseForm, forms.Form):
    """Until the end of which day something is to be done."""

    form_tag = False
    prefix = "until"

    day = forms.DateField(
        label="修改期限",
        help_text="至当日24:00。",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写日期。", "invalid": "日期请写成2020-10-12这样的年月日。"},
    )

    @property
    def due(self) -> datetime:
        """Return the end of the day, in Beijing time."""
        return end_of_day(self.cleaned_data["day"])


def end_of_day(day: date) -> datetime:
    """Return 24:00 of a day in Beijing time; the last day there is ends a second early."""
    try:
        return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    except OverflowError:
        return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


def last_day(due: datetime) -> date:
    """Return the day at whose end, or in which, something is due."""
    return timezone.localdate(due - timedelta(seconds=1))


class MendLines(forms.BaseFormSet):
    """The lines of a return: each row or field once, at most twenty."""

    default_error_messages = {"missing_management_form": "页面内容不完整，请刷新后重新填写。"}

    def clean(self) -> None:
        """Refuse a row or field that stands in two lines."""
        seen: set[str] = set()
        for form in self.forms:
            item = form.cleaned_data.get("item") if hasattr(form, "cleaned_data") else ""
            if item and item in seen:
                form.add_error("item", "这一项已在上面列出，请合并填写。")
            seen.add(item or "")

    def mends(self, programme: Programme) -> list[Mend]:
        """Return the lines that were filled in."""
        lines = [form.cleaned_data for form in self.forms if form.cleaned_data.get("item")]
        return [
            Mend(line["item"], mend_label(programme, line["item"]), ReturnReason(line["reason"]), line["text"])
            for line in lines
        ]


MendFormSet = forms.formset_factory(
    MendForm, formset=MendLines, extra=BLANK_LINES, max_num=MOST_ITEMS, absolute_max=MOST_ITEMS, validate_max=True
)


class RedoForm(HouseForm, forms.Form):
    """One row that a lower tier must mark again; a line in which nothing was entered is left out."""

    form_tag = False

    item = forms.ChoiceField(label="指标", required=False)
    text = forms.CharField(
        label="重新审核的要求", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, Choices]] = (), **kwargs: Any) -> None:
        """Take the rows to choose from."""
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the other part of a line as soon as one is there."""
        found = super().clean() or {}
        words = {"item": "请选择指标。", "text": "请写明重新审核的要求。"}
        if any(found.get(name) for name in words):
            for name, sentence in words.items():
                if not found.get(name) and name not in self.errors:
                    self.add_error(name, sentence)
        return found


class RedoLines(MendLines):
    """The rows that a lower tier must redo, each once."""

    def redos(self, programme: Programme) -> list[Redo]:
        """Return the lines that were filled in."""
        lines = [form.cleaned_data for form in self.forms if form.cleaned_data.get("item")]
        return [Redo(line["item"], mend_label(programme, line["item"]), line["text"]) for line in lines]


RedoFormSet = forms.formset_factory(
    RedoForm, formset=RedoLines, extra=BLANK_LINES, max_num=MOST_ITEMS, absolute_max=MOST_ITEMS, validate_max=True
)


class SendDownForm(HouseForm, forms.Form):
    """To which lower tier, whether its opinion is to be given anew, and what is said to it."""

    form_tag = False
    prefix = "down"

    to = forms.TypedChoiceField(label="退回哪一级", coerce=int)
    opinion = forms.BooleanField(label="重新填写审核意见", required=False)
    reason = forms.CharField(
        label="总的说明", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, tiers: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        """Take the tiers below."""
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = list(tiers)  # type: ignore[attr-defined]


def with_more_lines(data: QueryDict) -> QueryDict:
    """Return what was sent with a few more blank lines asked for."""
    more = data.copy()
    sent = data.get("form-TOTAL_FORMS", "0")
    lines = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 0
    more["form-TOTAL_FORMS"] = str(min(lines + BLANK_LINES, MOST_ITEMS))
    return more
