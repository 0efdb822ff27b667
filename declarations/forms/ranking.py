"""What an office types as it orders its list."""

from collections.abc import Mapping

from django import forms

from sihao.ui.forms import HouseForm

RANK = "rank-"
MOST = 100_000


class MoveForm(HouseForm, forms.Form):
    """The rank a case moves to, on which list, and which order the person had before the eyes."""

    to = forms.IntegerField(label="位次", min_value=1, max_value=MOST)
    side = forms.CharField(required=False, max_length=10)
    reason = forms.CharField(label="理由", required=False, max_length=1000)
    seen = forms.IntegerField(required=False, min_value=0)


class RankReasonForm(HouseForm, forms.Form):
    """Why a case stands where it stands."""

    submit_label = "保存理由"

    reason = forms.CharField(
        label="排序理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="随名单交领导班子集体研究，并随名单固定。",
    )


def typed_ranks(data: Mapping[str, str]) -> tuple[dict[int, int] | None, int | None]:
    """Return the ranks typed beside the cases, by key (None where one is no rank), and which order was seen."""
    wanted: dict[int, int] = {}
    for name, value in data.items():
        if name.startswith(RANK):
            key, rank = _whole(name.removeprefix(RANK)), _whole(value.strip())
            if key is None or rank is None or not 1 <= rank <= MOST:
                return None, None
            wanted[key] = rank
    return wanted, _whole(data.get("seen", ""))


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) + 12 else None
