"""What is entered on the experts' pages: who is assigned, marks row by row, reasons."""

from collections.abc import Iterable, Mapping

from django import forms
from django.http import QueryDict

from declarations.actions.panel import Agreed, Proofs
from scoring.actions import TYPED_LIMIT, Entered
from sihao.accounts.roles import ChamberType
from sihao.ui.forms import HouseForm

REASON_LIMIT, SOURCE_LIMIT = 1000, 300


class AssignForm(HouseForm, forms.Form):
    """Which experts get the case; drawn as boxes in the table of experts."""

    experts = forms.MultipleChoiceField(label="专家", error_messages={"required": "请选择要分派的专家。"})

    def __init__(self, seats: Iterable[int], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["experts"].choices = [(pk, pk) for pk in seats]

    def chosen(self) -> list[int]:
        """Return the keys of the seats."""
        return [int(pk) for pk in self.cleaned_data["experts"]]


class TakingForm(HouseForm, forms.Form):
    """Taking the case from one of its experts, with the reason."""

    submit_kind = "danger"

    review = forms.TypedChoiceField(label="专家", coerce=int)
    reason = forms.CharField(max_length=REASON_LIMIT, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, lines: Iterable[tuple[int, str]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["review"].choices = list(lines)
        self.fields["reason"].label = self.reason_label


class DepartmentRecusalForm(TakingForm):
    """Taking the case from an expert who has a tie to it."""

    submit_label = "办理回避"
    submit_name = "recuse"
    confirm = "办理后该专家不再评审本件，已填草稿不计入结果。"
    reason_label = "回避理由"


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


class LeaveForm(HouseForm, forms.Form):
    """Not taking an offer, or stepping back from it, with the reason."""

    submit_label = "提交"
    submit_kind = "danger"

    way = forms.ChoiceField(
        label="情形",
        choices=[
            ("recuse", "应当回避：与申报单位或者其负责人有任职、亲属等关系"),
            ("decline", "不能评审：时间冲突、健康等其他原因"),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="理由", max_length=REASON_LIMIT, widget=forms.Textarea(attrs={"rows": 3}))


class ReleaseForm(TakingForm):
    """Taking a case back from an expert who has no tie to it."""

    submit_label = "收回分派"
    submit_name = "release"
    confirm = "收回后该专家不再评审本件，已填草稿不计入结果。"
    reason_label = "收回理由"


class ThirdForm(HouseForm, forms.Form):
    """Asking for a third reader by hand."""

    submit_label = "增加第三名专家"
    submit_name = "third"

    reason = forms.CharField(label="理由", max_length=REASON_LIMIT, widget=forms.Textarea(attrs={"rows": 2}))


class ReopenForm(HouseForm, forms.Form):
    """Sending a confirmed sheet back to its expert."""

    submit_label = "退回重新评分"
    submit_kind = "danger"
    confirm = "退回后该评分表不计入结果，由专家本人修改并重新确认。"

    reason = forms.CharField(
        label="退回理由",
        help_text="写明哪些指标、为何须重新评分；得分仍由专家本人给出。",
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class PlanForm(HouseForm, forms.Form):
    """What an assignment is made from."""

    submit_label = "拟定方案"

    readers = forms.IntegerField(label="每件专家数", min_value=1, max_value=9)
    spread = forms.IntegerField(
        label="件数相差上限",
        help_text="任何两名还能承担评审的专家，件数相差不超过几件。",
        min_value=1,
        max_value=50,
    )
    seed = forms.CharField(
        label="种子",
        help_text="事先公布。种子和名单相同，结果就相同；任何人可以据此复核。",
        max_length=64,
    )
    begins = forms.DateField(label="评审起", widget=forms.DateInput(attrs={"type": "date"}))
    ends = forms.DateField(label="评审止", widget=forms.DateInput(attrs={"type": "date"}))


class MemberForm(HouseForm, forms.Form):
    """What the pool keeps of an expert."""

    submit_label = "保存"

    employer = forms.CharField(label="工作单位", max_length=100)
    province = forms.TypedChoiceField(
        label="工作所在省",
        help_text="全国性单位选“无”。与申报单位同省的，不分派。",
        coerce=int,
        empty_value=None,
        required=False,
    )
    kinds = forms.MultipleChoiceField(
        label="专长（商会类型）", choices=ChamberType.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    available_from = forms.DateField(
        label="可评审起", help_text="不填为不限。", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    available_until = forms.DateField(
        label="可评审止", help_text="不填为不限。", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    most = forms.IntegerField(
        label="最多评审件数", help_text="不填为不限。", required=False, min_value=1, max_value=9999
    )
    draws = forms.BooleanField(label="参加抽取", required=False)

    def __init__(self, provinces: Iterable[tuple[int, str]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["province"].choices = [("", "无（全国性单位）"), *provinces]


class PoolFileForm(HouseForm, forms.Form):
    """A sheet of experts; what it is, the reading finds out."""

    submit_label = "上传并预览"

    file = forms.FileField(
        label="填好的专家名单",
        help_text="XLSX工作簿，不超过10 MB。上传后先预览，确认前不会写入。",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


class VoiceForm(forms.Form):
    """What a reader says of one agreed mark."""

    code = forms.CharField(max_length=20)
    agrees = forms.ChoiceField(choices=[("yes", "同意"), ("no", "保留意见")])
    reason = forms.CharField(max_length=300, required=False)


def chosen_keys(data: QueryDict, name: str, most: int = 500) -> list[int]:
    """Return the keys that were ticked; what is no key is left out."""
    return [int(text) for text in data.getlist(name)[:most] if text.isascii() and text.isdigit() and len(text) < 18]


def agreed_of(data: QueryDict, codes: Iterable[str]) -> Agreed:
    """Return what was sent of the agreed rows: marks, reasons, and the evidence named; other names are not read."""
    listed = list(codes)
    entries = entries_of(data, listed)
    proofs = {
        code: Proofs(chosen_keys(data, f"files-{code}"), _plain(data.get(f"source-{code}"), SOURCE_LIMIT) or "")
        for code in listed
        if f"source-{code}" in data
    }
    return Agreed(entries, proofs)


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
