"""What is typed about a title: an inquiry, a statement, a proposal, what the meeting said."""

from django import forms

from declarations.actions.titles import MeetingRecord
from declarations.states import RevocationGround
from sihao.ui.forms import HouseForm

WORDS = {"max_length": 3000, "widget": forms.Textarea(attrs={"rows": 6})}


class InquiryForm(HouseForm, forms.Form):
    """Opening an inquiry."""

    submit_label = "立项核查"
    confirm = "立项后告知商会，请其在规定时限内陈述意见。"

    ground = forms.ChoiceField(
        label="事由",
        choices=RevocationGround.choices,
        widget=forms.RadioSelect,
        help_text="通知未规定撤销认定，事由由本系统设定。",
    )
    facts = forms.CharField(label="具体情况", help_text="将告知商会。", **WORDS)
    suspend = forms.BooleanField(label="核查期间暂停认定效力", required=False, help_text="证书查验显示“暂停”。")


class WordsForm(HouseForm, forms.Form):
    """One text: a statement, a proposal, a reason."""

    text = forms.CharField(label="内容", **WORDS)

    def __init__(self, *args: object, label: str, submit: str, **kwargs: object) -> None:
        """Take what is asked for and the verb of the button."""
        super().__init__(*args, **kwargs)
        self.fields["text"].label, self.submit_label = label, submit


class RevocationForm(HouseForm, forms.Form):
    """What the chairman's meeting decided on a proposal to revoke."""

    submit_label = "登记审议结果"
    confirm = "登记后不能更改。"

    on = forms.DateField(label="会议日期")
    present = forms.CharField(label="出席人员", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    minutes = forms.CharField(label="会议纪要", max_length=10000, widget=forms.Textarea(attrs={"rows": 6}))
    outcome = forms.ChoiceField(
        label="审议结果", choices=[("revoke", "撤销认定"), ("keep", "不予撤销")], widget=forms.RadioSelect
    )

    def meeting(self) -> MeetingRecord:
        """Return the record of the meeting."""
        return MeetingRecord(**{name: self.cleaned_data[name] for name in ("on", "present", "minutes")})


class TitleSearch(HouseForm, forms.Form):
    """Name or certificate number."""

    form_method = "get"

    words = forms.CharField(label="商会名称或证书编号", required=False, max_length=60)
