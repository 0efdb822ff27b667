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
    """Return the keys of the letters that were ticked, or of all that were listed; what is no key is none."""
    named = data.getlist("listed" if "all" in data else "letter")
    return [int(one) for one in named if one.isascii() and one.isdigit() and len(one) < MOST_DIGITS]


class MailSearch(HouseForm, forms.Form):
    """Whose mail, and whether only what did not leave; what is not understood does not narrow."""

    q = forms.CharField(required=False, max_length=60)
    failed = forms.BooleanField(required=False)

    def narrowing(self) -> tuple[str, bool]:
        """Return the words and whether only what did not leave."""
        self.is_valid()
        return self.cleaned_data.get("q", "").replace("\x00", ""), self.cleaned_data.get("failed", False)
