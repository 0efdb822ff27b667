"""What anybody may ask: the recognised list and the certificate."""

import re
import unicodedata

from django import forms

from declarations.queries.public import Sought, chamber_types, published_cycles, unit_choices
from declarations.states import TitleState
from sihao.ui.forms import HouseForm

LONGEST = 60
# What NFKC leaves of the strokes that people type for the hyphen: hyphen, figure dash, dashes, minus.
DASHES = dict.fromkeys(map(ord, "\u2010\u2012\u2013\u2014\u2015\u2212"), "-")
NUMBER = re.compile(r"[\w-]+")
FULL_WIDTH = str.maketrans("(),:", "（），：")


def folded(text: str) -> str:
    """Return text in plain letters: full width folded, blanks and control characters gone."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(char for char in plain if char.isprintable() and not char.isspace())


def folded_number(text: str) -> str:
    """Return a certificate number in the register's spelling; what is too long for one is cut to be no number."""
    return folded(text[: 2 * LONGEST]).translate(DASHES).upper()[: LONGEST + 1]


def spellings(text: str) -> tuple[str, ...]:
    """Return the ways a name may be registered: as typed, folded, and folded with the stops of Chinese print."""
    typed = "".join(char for char in text if char.isprintable()).strip()[:LONGEST]
    plain = folded(typed)
    return tuple(word for word in dict.fromkeys((typed, plain, plain.translate(FULL_WIDTH))) if word)


class RecognisedSearch(HouseForm, forms.Form):
    """Name or number, recommending unit, type, cycle; what is not understood does not narrow."""

    form_method = "get"
    submit_label = "查找"

    words = forms.CharField(label="商会名称或证书编号", required=False)
    unit = forms.ChoiceField(label="推荐单位", required=False)
    kind = forms.ChoiceField(label="商会类型", required=False)
    cycle = forms.ChoiceField(label="周期", required=False)
    state = forms.ChoiceField(label="效力", required=False, choices=[("", "全部"), *TitleState.choices])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [("", "全部"), *unit_choices()]
        self.fields["kind"].choices = [("", "全部"), *((kind, kind) for kind in chamber_types())]
        self.fields["cycle"].choices = [("", "全部"), *published_cycles()]

    def sought(self) -> Sought:
        """Return what to look for."""
        self.is_valid()
        given = self.cleaned_data
        return Sought(
            names=spellings(given.get("words", "")),
            number=folded_number(given.get("words", "")),
            unit=given.get("unit", ""),
            kind=given.get("kind", ""),
            cycle=given.get("cycle", ""),
            state=given.get("state", ""),
        )


CODE = re.compile(r"[A-HJ-NP-Z2-9]{12}")


def folded_code(text: str) -> str:
    """Return a check code as it is kept: no strokes between its letters, capitals; cut where it is too long for one."""
    return folded(text[: 2 * LONGEST]).translate(DASHES).replace("-", "").upper()[:LONGEST]


class PaperCheck(HouseForm, forms.Form):
    """One field: the check code on a paper."""

    form_method = "get"
    submit_label = "查验"

    code = forms.CharField(
        label="校验码", help_text="印在每页左上角，十二位字母和数字，可以不输入“-”。", max_length=LONGEST, strip=True
    )

    def clean_code(self) -> str:
        """Fold what was typed to the form in which codes are kept."""
        code = folded_code(self.cleaned_data["code"])
        if not CODE.fullmatch(code):
            raise forms.ValidationError("校验码是十二位字母和数字，没有I、O、0、1。请按文书上所印填写。")
        return code


class CertificateCheck(HouseForm, forms.Form):
    """One field: the number on the certificate."""

    submit_label = "查验"

    number = forms.CharField(
        label="证书编号", help_text="印在证书下方，字母大小写均可。", max_length=LONGEST, strip=True
    )

    def clean_number(self) -> str:
        """Fold what was typed to the spelling of the register."""
        number = folded_number(self.cleaned_data["number"])
        if not NUMBER.fullmatch(number):
            raise forms.ValidationError("证书编号由文字、字母、数字和“-”组成，请按证书上所印填写。")
        return number
