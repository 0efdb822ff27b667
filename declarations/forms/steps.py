"""What a person hands in with a step; cleaned into the keywords of one action."""

from django import forms

from declarations.states import DeclineReason
from sihao.ui.forms import HouseForm


class ConfirmForm(HouseForm, forms.Form):
    """A step that asks for nothing but the decision."""


class ReasonForm(HouseForm, forms.Form):
    """A step with its reason."""

    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 4}), max_length=1000)


class DeclineForm(HouseForm, forms.Form):
    """Not recommending: a reason from the list and in words."""

    code = forms.ChoiceField(label="原因", choices=DeclineReason.choices)
    reason = forms.CharField(
        label="理由", help_text="将告知申报商会。", widget=forms.Textarea(attrs={"rows": 4}), max_length=1000
    )

