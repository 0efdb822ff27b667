"""What a person types about stepping back: posts, kinship, single cases."""

from collections.abc import Iterable
from typing import Any

from django import forms

from declarations.actions.ties import Post, Relative
from declarations.models import Kinship
from sihao.accounts.models import Seat
from sihao.ui.forms import HouseForm

BODY = {
    "label": "商会全称或统一社会信用代码",
    "max_length": 100,
    "help_text": "尚未在本系统登记的商会，登记后自动对应。",
}


def _day(label: str, *, required: bool, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"})
    )


class PostForm(HouseForm, forms.Form):
    """A post in a chamber, held now or left."""

    submit_label = "申报任职"
    name = forms.CharField(**BODY)
    post = forms.CharField(label="职务", max_length=50)
    since = _day("任职日期", required=False)
    left_on = _day("离任日期", required=False, help_text="现仍任职的留空。离任已满两年的不必申报。")

    def declared(self) -> Post:
        """Return what was typed."""
        return Post(**self.cleaned_data)


class KinshipForm(HouseForm, forms.Form):
    """Kinship to somebody of a chamber."""

    submit_label = "申报亲属关系"
    name = forms.CharField(**BODY)
    relation = forms.ChoiceField(label="关系", choices=Kinship.choices)
    relative = forms.CharField(
        label="亲属姓名", required=False, max_length=50, help_text="可以不填；不填时与该商会的全部申报均回避。"
    )

    def declared(self) -> Relative:
        """Return what was typed."""
        typed = self.cleaned_data
        return Relative(typed["name"], Kinship(typed["relation"]), typed["relative"])


class LeaveForm(HouseForm, forms.Form):
    """The day on which a post was left."""

    submit_label = "登记离任"
    left_on = _day("离任日期", required=True, help_text="离任后两年内仍须回避，满两年自动解除。")


class WhyForm(HouseForm, forms.Form):
    """A reason, where nothing else is asked."""

    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 3}), max_length=200)

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        """Say on the button what will be done."""
        super().__init__(*args, **kwargs)
        self.submit_label = label


class RecuseForm(HouseForm, forms.Form):
    """Who steps back from a case, why, and who takes it on; choices are seats by key."""

    submit_label = "登记回避"
    who = forms.ChoiceField(label="回避人")
    reason = forms.CharField(
        label="理由", help_text="例如：与该会会长是近姻亲。", widget=forms.Textarea(attrs={"rows": 3}), max_length=300
    )
    substitute = forms.ChoiceField(
        label="接办人", required=False, help_text="可以不选；不选时由本单位其他人办理。"
    )

    def __init__(self, *args: Any, seat: Seat, others: Iterable[Seat], free: Iterable[Seat], **kwargs: Any) -> None:
        """Offer oneself first, then those one answers for."""
        super().__init__(*args, **kwargs)
        self.seats = {str(one.pk): one for one in (seat, *others, *free)}
        self.fields["who"].choices = [(str(seat.pk), "本人"), *((str(one.pk), str(one)) for one in others)]
        self.fields["substitute"].choices = [("", "不指定"), *((str(one.pk), str(one)) for one in free)]

    def chosen(self) -> dict[str, Any]:
        """Return what was typed, with the seats."""
        typed = self.cleaned_data
        return {
            "who": self.seats[typed["who"]],
            "reason": typed["reason"],
            "substitute": self.seats.get(typed["substitute"]),
        }
