"""What is typed about the public notice of a cycle, about feedback and about stories."""

from typing import Any

from django import forms

from declarations.models.announcement import FEWEST_DAYS
from sihao.ui.forms import HouseForm

MOST_DAYS = 60
STORY_LIMIT = 6000


class NoticeRulesForm(HouseForm, forms.Form):
    """Whether the list is announced before it is published, and for how many working days."""

    submit_label = "提请第二人确认"

    public_notice = forms.ChoiceField(
        label="公布前是否公示", choices=[("yes", "公示"), ("no", "不公示")], widget=forms.RadioSelect
    )
    days = forms.IntegerField(
        label="公示期（工作日）",
        min_value=FEWEST_DAYS,
        max_value=MOST_DAYS,
        help_text="按国务院办公厅公布的放假安排计算工作日，不少于5个工作日。",
    )
    reason = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def rules(self) -> dict[str, Any]:
        """Return what was chosen as the action takes it."""
        given = self.cleaned_data
        return {
            "public_notice": given["public_notice"] == "yes",
            "days": given["days"],
            "reason": given["reason"],
        }


class StoryForm(HouseForm, forms.Form):
    """The story of a chamber, with a picture."""

    submit_label = "保存"

    title = forms.CharField(label="标题", max_length=60)
    text = forms.CharField(
        label="事迹",
        help_text="以商会申报的主要事迹为底稿编辑。不写得分、名次和个人联系方式。",
        max_length=STORY_LIMIT,
        widget=forms.Textarea(attrs={"rows": 18}),
    )
    picture = forms.FileField(
        label="图片",
        required=False,
        help_text="JPEG或者PNG，不超过10MB。保存时重新生成图片，去掉拍摄地点等信息。不选则保留原图。",
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png"}),
    )
    caption = forms.CharField(
        label="图片说明",
        max_length=80,
        required=False,
        help_text="有图片时必填，供看不到图片的读者使用。",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class WithdrawStoryForm(HouseForm, forms.Form):
    """Taking a story off the site."""

    submit_label = "撤下"
    submit_kind = "danger"

    reason = forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
