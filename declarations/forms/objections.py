"""What the public types at the notice, and what the officers type about it."""

import unicodedata
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms

from declarations.actions.objecting import MOST_FILES
from declarations.forms.evidence import SeveralFiles
from declarations.forms.public import folded_number
from declarations.states import ObjectionRefusal
from sihao.documents.intake.kinds import EXTENSIONS
from sihao.ui.forms import HouseForm

MOST_FACTS = 3000
NAMED, UNNAMED = "named", "unnamed"


def plain(text: str) -> str:
    """Return typed text without characters that are none to read: controls, direction marks, halves of characters."""
    kept = (char for char in text.replace("\r\n", "\n") if char == "\n" or unicodedata.category(char)[0] != "C")
    return "".join(kept).strip()


class PlainField(forms.CharField):
    """A text of which only what can be read is kept."""

    def to_python(self, value: Any) -> str:
        """Return the readable part."""
        return plain(super().to_python(value))


class ObjectionForm(HouseForm, forms.Form):
    """The public form: which chamber, by name or without, what the facts are, with files."""

    submit_label = "提交"

    entry = forms.TypedChoiceField(label="所涉商会", coerce=int)
    way = forms.ChoiceField(
        label="方式",
        choices=[(NAMED, "实名提出异议"), (UNNAMED, "匿名反映线索")],
        widget=forms.RadioSelect,
        help_text="实名异议登记受理并答复；匿名线索单独登记，供工作参考，不启动核查，也不答复。",
    )
    name = PlainField(
        label="姓名或者单位名称",
        max_length=60,
        required=False,
        help_text="实名提出异议的填写，只供两名指定登记人查看。",
    )
    contact = PlainField(
        label="联系方式", max_length=120, required=False, help_text="电话或者邮箱，用于核实和答复，同样只供登记人查看。"
    )
    facts = PlainField(
        label="具体事实",
        max_length=MOST_FACTS,
        help_text="写明时间、事项和依据。请不要在这里写身份证号等个人信息。",
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    files = SeveralFiles(label="佐证材料", required=False)
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, entries: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        """Take the names that may be objected to."""
        super().__init__(*args, **kwargs)
        self.fields["entry"].choices = [("", "请选择"), *entries]  # type: ignore[attr-defined]
        self.fields["token"].initial = uuid.uuid4
        self.fields["files"].help_text = f"实名异议可附，最多{MOST_FILES}个，每个不超过10MB。"
        self.fields["files"].widget.attrs["accept"] = ",".join(f".{one}" for one in EXTENSIONS)

    @property
    def is_named(self) -> bool:
        """Whether the objection is made by name."""
        return self.cleaned_data["way"] == NAMED


class ReceiptForm(HouseForm, forms.Form):
    """One field: the number of the receipt."""

    submit_label = "查询"

    receipt = forms.CharField(label="回执编号", max_length=40, help_text="提交异议时给出的编号，如YY-7K3MQ-2RWXA。")

    def clean_receipt(self) -> str:
        """Fold what was typed to the spelling of the register."""
        return folded_number(self.cleaned_data["receipt"])


class OfficersForm(HouseForm, forms.Form):
    """The two who register objections."""

    submit_label = "提请第二人确认"

    seats = forms.TypedMultipleChoiceField(
        label="异议登记人",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="选两名。只有这两人可以查看异议人姓名、联系方式和异议原文，每次查看留痕。",
    )

    def __init__(self, *args: Any, offices: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        """Take who may be named."""
        super().__init__(*args, **kwargs)
        self.fields["seats"].choices = list(offices)  # type: ignore[attr-defined]


class AdmitForm(HouseForm, forms.Form):
    """Admitting an objection."""

    submit_label = "受理"
    submit_name = "admit"

    summary = forms.CharField(
        label="核查事项",
        help_text="推荐单位和核查人据此办理。不写异议人的姓名、单位和可以推知其身份的内容。",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    officer = forms.TypedChoiceField(label="核查人", coerce=int, help_text="没有办理过本件、也不应当回避的人员。")
    shared = forms.TypedMultipleChoiceField(
        label="供核查使用的材料", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, officers: Sequence[tuple[int, str]], pieces: Sequence[tuple[int, str]], **kwargs: Any
    ) -> None:
        """Take who may look into it, and the evidence that was brought."""
        super().__init__(*args, prefix="admit", **kwargs)
        self.fields["officer"].choices = [("", "请选择"), *officers]  # type: ignore[attr-defined]
        self.fields["shared"].choices = list(pieces)  # type: ignore[attr-defined]
        if not pieces:
            del self.fields["shared"]


class RefuseForm(HouseForm, forms.Form):
    """Refusing an objection."""

    submit_label = "不予受理"
    submit_kind = "secondary"
    submit_name = "refuse"

    ground = forms.ChoiceField(label="理由", choices=[("", "请选择"), *ObjectionRefusal.choices])
    answer = forms.CharField(
        label="给异议人的答复",
        help_text="异议人凭回执编号查看。",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="refuse", **kwargs)


class FindingsForm(HouseForm, forms.Form):
    """What the inquiry found, or what the unit reports."""

    submit_label = "登记核查情况"

    text = forms.CharField(label="核查情况", max_length=4000, widget=forms.Textarea(attrs={"rows": 8}))


class OutcomeForm(HouseForm, forms.Form):
    """Whether the objection is upheld, and the answer."""

    submit_label = "提出结论"

    outcome = forms.ChoiceField(
        label="结论", choices=[("uphold", "异议成立"), ("dismiss", "异议不成立")], widget=forms.RadioSelect
    )
    answer = forms.CharField(
        label="给异议人的答复",
        help_text="异议人凭回执编号查看。写明核查结果和理由。",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class TipForm(HouseForm, forms.Form):
    """That a tip was read, and what is thought of it."""

    submit_label = "登记已阅"

    remark = forms.CharField(label="处理说明", required=False, max_length=300)
