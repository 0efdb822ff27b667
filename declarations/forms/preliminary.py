"""What the department writes in the preliminary review, and the province's answer."""

from django import forms

from sihao.ui.forms import HouseForm

ANSWERS = (("yes", "是"), ("no", "否"))
READ = {"yes": True, "no": False}


class QuestionField(forms.ChoiceField):
    """One question, answered 是 or 否, or not yet."""

    def __init__(self, label: str) -> None:
        super().__init__(label=label, choices=ANSWERS, required=False, widget=forms.RadioSelect)

    def clean(self, value: object) -> bool | None:
        """Return the answer, None where there is none yet."""
        return READ.get(super().clean(value))


class QuestionsForm(HouseForm, forms.Form):
    """The three questions; answers may be kept one by one."""

    submit_label = "保存初审结论"

    complete = QuestionField("材料是否齐全")
    logical = QuestionField("内容逻辑是否通顺")
    true = QuestionField("材料与事实是否相符")
    remarks = forms.CharField(
        label="审核说明",
        help_text="写明核对了哪些材料、发现了什么问题。",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ProposalAnswerForm(HouseForm, forms.Form):
    """The unit's answer to a proposal of disqualification."""

    submit_label = "提交答复"
    confirm = "答复提交后送全国工商联会员部。"

    text = forms.CharField(
        label="答复意见",
        help_text="逐项说明核实情况；材料与事实不符的，写明原因。",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
