"""What is done about letters on decisions: which, and in which words."""

from django import forms
from django.http import QueryDict

from sihao.ui.forms import HouseForm

MOST_DIGITS = 18


class WordingForm(HouseForm, forms.Form):
    """The words of one letter."""

    submit_label = "保存内容"
    submit_kind = "secondary"
    body = forms.CharField(label="通知内容", widget=forms.Textarea(attrs={"rows": 6}), max_length=2000)


class VoidForm(HouseForm, forms.Form):
    """Why a letter is not sent."""

    submit_label = "作废"
    submit_kind = "danger"
    reason = forms.CharField(label="作废理由", max_length=200)


def chosen_letters(data: QueryDict) -> list[int]:
    """Return the keys of the letters that were ticked; what is no key is none."""
    return [int(one) for one in data.getlist("letter") if one.isascii() and one.isdigit() and len(one) < MOST_DIGITS]
