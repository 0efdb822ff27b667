"""What the meeting's secretary writes down: the record, and an outcome for each case."""

from collections.abc import Iterable, Mapping

from django import forms

from declarations.states import Outcome
from sihao.ui.forms import HouseForm

REMARK_LIMIT = 1000


class MeetingForm(HouseForm, forms.Form):
    """The record of the chairman's meeting; a draft may have gaps."""

    form_tag = False

    meeting_on = forms.DateField(label="会议日期", required=False)
    present = forms.CharField(
        label="出席人员", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    recused = forms.CharField(
        label="回避人员",
        help_text="没有回避的写“无”。",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    minutes = forms.CharField(
        label="会议纪要", required=False, max_length=10000, widget=forms.Textarea(attrs={"rows": 8})
    )


def outcomes_of(data: Mapping[str, str], items: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return the outcomes that were sent for these items, each with its remark; an unknown word is none."""
    found = {}
    for pk in items:
        outcome, remark = data.get(f"outcome-{pk}"), data.get(f"remark-{pk}")
        if outcome is not None or remark is not None:
            known = outcome if outcome in Outcome.values else ""
            found[pk] = (known, (remark or "").replace("\x00", "").strip()[:REMARK_LIMIT])
    return found
