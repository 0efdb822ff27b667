"""What is typed in a question and in its answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crispy_forms.layout import Layout, Row
from django import forms

from declarations.actions.questions import MOST_FILES
from declarations.forms.evidence import SeveralFiles
from declarations.forms.review import end_of_day
from declarations.queries.review import Choices
from sihao.documents.intake.kinds import EXTENSIONS
from sihao.ui.forms import HouseForm

MOST_WORDS = 1000


class QuestionForm(HouseForm, forms.Form):
    """Whom, about what, in words, until when."""

    submit_label = "提出询问"

    to = forms.TypedChoiceField(label="询问哪个单位", coerce=int)
    item = forms.ChoiceField(label="涉及的指标或字段", required=False)
    text = forms.CharField(
        label="询问内容",
        help_text="答复单位将看到全文；询问不退回申报，不改变已提交的内容。",
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    day = forms.DateField(
        label="答复期限",
        help_text="至当日24:00。",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写日期。", "invalid": "日期请写成2020-10-12这样的年月日。"},
    )

    def __init__(
        self,
        *args: Any,
        offices: Sequence[tuple[int, str]],
        items: Sequence[tuple[str, Choices]],
        **kwargs: Any,
    ) -> None:
        """Take whom one may ask, and the rows and fields."""
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = list(offices)  # type: ignore[attr-defined]
        self.fields["item"].choices = [("", "不限于某一项"), *items]  # type: ignore[attr-defined]

    def layout(self) -> Layout:
        """Set whom and until when beside each other."""
        return Layout(Row("to", "day"), "item", "text")

    @property
    def due(self) -> datetime:
        """Return the end of the day."""
        return end_of_day(self.cleaned_data["day"])


class AnswerForm(HouseForm, forms.Form):
    """The answer, with files as annexes."""

    submit_label = "提交答复"

    text = forms.CharField(label="答复", max_length=2 * MOST_WORDS, widget=forms.Textarea(attrs={"rows": 4}))
    files = SeveralFiles(label="附件", required=False)

    def __init__(self, *args: Any, number: int, **kwargs: Any) -> None:
        """Take the question's key, so that several answers on a page keep their names apart."""
        super().__init__(*args, prefix=f"answer-{number}", **kwargs)
        self.fields["files"].help_text = f"可不附，最多{MOST_FILES}个。附件随询问保存，不改变已提交的申报。"
        self.fields["files"].widget.attrs["accept"] = ",".join(f".{one}" for one in EXTENSIONS)
