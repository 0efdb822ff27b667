"""What anybody may ask: the recognised list and the certificate."""

import unicodedata

from django import forms

from declarations.queries.public import Sought, published_cycles, unit_choices
from sihao.ui.forms import HouseForm

LONGEST = 60


def folded(text: str) -> str:
    """Return text in plain letters: full width folded, blanks and control characters gone."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(char for char in plain if char.isprintable() and not char.isspace())


class RecognisedSearch(HouseForm, forms.Form):
    """Name or number, recommending unit, type, cycle; what is not understood does not narrow."""

    form_method = "get"
    submit_label = "查找"

    words = forms.CharField(label="商会名称或证书编号", required=False)
    unit = forms.ChoiceField(label="推荐单位", required=False)
    kind = forms.CharField(label="商会类型", required=False)
    cycle = forms.ChoiceField(label="周期", required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [("", "全部"), *unit_choices()]
        self.fields["cycle"].choices = [("", "全部"), *published_cycles()]

    def sought(self) -> Sought:
        """Return what to look for."""
        self.is_valid()
        given = self.cleaned_data
        words = folded(given.get("words", ""))[:LONGEST]
        kind = folded(given.get("kind", ""))[:LONGEST]
        return Sought(words, given.get("unit", ""), kind, given.get("cycle", ""))


class CertificateCheck(HouseForm, forms.Form):
    """One field: the number on the certificate."""

    submit_label = "查验"

    number = forms.CharField(
        label="证书编号", help_text="印在证书下方，字母大小写均可。", max_length=LONGEST, strip=True
    )

    def clean_number(self) -> str:
        """Fold what was typed to the spelling of the register."""
        return folded(self.cleaned_data["number"]).upper()
