"""What a person hands in with a step; cleaned into the keywords of one action."""

from django import forms

from declarations.states import DeclineReason, Ground
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


class DisqualificationForm(HouseForm, forms.Form):
    """A proposal of disqualification: exactly one ground, and what it rests on."""

    ground = forms.ChoiceField(label="事由", choices=Ground.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="具体情况",
        help_text="写明涉及的指标、材料和依据，省级工商联将据此答复。",
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=2000,
    )
