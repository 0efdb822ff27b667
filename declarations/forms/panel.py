"""What is entered on the experts' pages: who is assigned, marks row by row, reasons."""

from collections.abc import Iterable, Mapping

from django import forms

from scoring.actions import TYPED_LIMIT, Entered
from sihao.ui.forms import HouseForm

REASON_LIMIT = 1000


class AssignForm(HouseForm, forms.Form):
    """Which experts get the case; drawn as boxes in the table of experts."""

    experts = forms.MultipleChoiceField(label="专家", error_messages={"required": "请选择要分派的专家。"})

    def __init__(self, seats: Iterable[int], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["experts"].choices = [(pk, pk) for pk in seats]

    def chosen(self) -> list[int]:
        """Return the keys of the seats."""
        return [int(pk) for pk in self.cleaned_data["experts"]]


class DepartmentRecusalForm(HouseForm, forms.Form):
    """Taking the case from an expert, with the reason."""

    submit_label = "办理回避"
    submit_kind = "danger"
    submit_name = "recuse"
    confirm = "办理后该专家不再评审本件，已填草稿不计入结果。"

    review = forms.TypedChoiceField(label="专家", coerce=int)
    reason = forms.CharField(label="回避理由", max_length=REASON_LIMIT, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, lines: Iterable[tuple[int, str]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["review"].choices = list(lines)


class RecusalForm(HouseForm, forms.Form):
    """Stepping back from a case oneself."""

    submit_label = "申请回避"
    submit_kind = "danger"
    confirm = "回避后不再评审本件，已填草稿不计入结果，由会员部另行分派。"

    reason = forms.CharField(
        label="回避理由",
        help_text="例如与申报单位有任职、投资或亲属关系。",
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class CommentForm(HouseForm, forms.Form):
    """What an expert says of the whole case."""

    # Browsers count a line break once and send it as two letters; the field takes what they let through.
    comment = forms.CharField(
        label="评审意见",
        help_text="不超过2000字。",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000}),
    )


def entries_of(data: Mapping[str, str], codes: Iterable[str]) -> dict[str, Entered]:
    """Return the rows that were sent, each with its mark as typed and its reason; other names are not read."""
    found = {}
    for code in codes:
        points, reason = data.get(f"points-{code}"), data.get(f"reason-{code}")
        if points is not None or reason is not None:
            found[code] = Entered(points=_plain(points, TYPED_LIMIT), reason=_plain(reason, REASON_LIMIT))
    return found


def _plain(text: str | None, most: int) -> str | None:
    """Return the text without what no database keeps; None stays None and leaves the part alone."""
    return None if text is None else text.replace("\x00", "").strip()[:most]
