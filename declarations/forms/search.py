"""Searching and filtering the list of cases."""

from django import forms

from declarations.queries.lists import Narrowing
from declarations.states import State
from sihao.ui.forms import HouseForm


class CaseSearch(HouseForm, forms.Form):
    """Words of the name or the number, and one state; what is not understood does not narrow."""

    words = forms.CharField(label="名称或编号", required=False, max_length=60)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *State.choices])
    overdue = forms.BooleanField(label="逾期", required=False)
    held = forms.BooleanField(label="本单位办理中", required=False)
    unit = forms.RegexField(r"\A\d{6}\Z", label="推荐单位", required=False)

    def narrowing(self) -> Narrowing:
        """Return what to narrow by."""
        self.is_valid()
        found = self.cleaned_data
        words = found.get("words", "").replace("\x00", "")
        rest = (found.get("state", ""), found.get("overdue", False), found.get("held", False), found.get("unit", ""))
        return Narrowing(words, *rest)
