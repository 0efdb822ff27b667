"""What the department writes in the preliminary review, and what is said with the recommending unit."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from declarations.actions.consulting import Cited
from declarations.actions.questions import MOST_FILES
from declarations.forms.application import clean_text
from declarations.forms.evidence import SeveralFiles
from declarations.forms.review import BLANK_LINES, MOST_ITEMS, MendLines
from declarations.queries.review import Choices, mend_label
from declarations.states import Ground
from scoring.engine import Programme
from sihao.documents.intake.kinds import EXTENSIONS
from sihao.ui.forms import HouseForm

ANSWERS = (("yes", "是"), ("no", "否"))
READ = {"yes": True, "no": False}
WORD_LIMIT = 300
NOTED, WORD = "noted-", "word-"


class QuestionField(forms.ChoiceField):
    """One question, answered 是 or 否, or not yet."""

    def __init__(self, label: str) -> None:
        super().__init__(label=label, choices=ANSWERS, required=False, widget=forms.RadioSelect)

    def clean(self, value: object) -> bool | None:
        """Return the answer, None where there is none yet."""
        return READ.get(super().clean(value))


class QuestionsForm(HouseForm, forms.Form):
    """The three questions; answers may be kept one by one."""

    form_tag = False

    complete = QuestionField("材料是否齐全")
    logical = QuestionField("内容逻辑是否通顺")
    true = QuestionField("材料与事实是否相符")
    remarks = forms.CharField(
        label="审核说明",
        help_text="写明核对了哪些材料、发现了什么问题。",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def sent_notes(data: QueryDict, known: Iterable[tuple[int, str]]) -> dict[str, str]:
    """Return the words on findings, by key: of those (row and key) that are ticked or have a word."""
    found = {key: clean_text(data.get(f"{WORD}{pk}", "")).strip()[:WORD_LIMIT] for pk, key in known}
    return {key: found[key] for pk, key in known if f"{NOTED}{pk}" in data or found[key]}


class StatementForm(HouseForm, forms.Form):
    """What one side of a consultation says, with files as annexes."""

    submit_label = "提交答复"

    text = forms.CharField(label="答复意见", max_length=2000, widget=forms.Textarea(attrs={"rows": 6}))
    files = SeveralFiles(label="附件", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say what files are taken."""
        super().__init__(*args, **kwargs)
        self.fields["files"].help_text = f"可不附，最多{MOST_FILES}个。附件随沟通保存，不改变已提交的申报。"
        self.fields["files"].widget.attrs["accept"] = ",".join(f".{one}" for one in EXTENSIONS)


class CitedForm(HouseForm, forms.Form):
    """One row or field that is talked about; a line in which nothing was entered is left out."""

    form_tag = False

    item = forms.ChoiceField(label="指标或字段", required=False)
    text = forms.CharField(
        label="依据",
        required=False,
        max_length=500,
        help_text="哪份材料、哪一页，有什么问题。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, Choices]] = (), **kwargs: Any) -> None:
        """Take the rows and fields to choose from."""
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the other part of a line as soon as one is there."""
        found = super().clean() or {}
        words = {"item": "请选择指标或字段。", "text": "请写明依据。"}
        if any(found.get(name) for name in words):
            for name, sentence in words.items():
                if not found.get(name) and name not in self.errors:
                    self.add_error(name, sentence)
        return found


class CitedLines(MendLines):
    """The rows and fields, each once."""

    def cited(self, programme: Programme) -> list[Cited]:
        """Return the lines that were filled in."""
        lines = [form.cleaned_data for form in self.forms if form.cleaned_data.get("item")]
        return [Cited(line["item"], mend_label(programme, line["item"]), line["text"]) for line in lines]


CitedFormSet = forms.formset_factory(
    CitedForm, formset=CitedLines, extra=BLANK_LINES, max_num=MOST_ITEMS, absolute_max=MOST_ITEMS, validate_max=True
)


class ClarificationForm(HouseForm, forms.Form):
    """What the recommending unit is asked to clarify."""

    form_tag = False
    prefix = "talk"

    reason = forms.CharField(
        label="需要说明的材料问题",
        help_text="只问材料，不请求补充新的业绩；推荐单位将看到全文。",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ProposalForm(HouseForm, forms.Form):
    """A proposal of disqualification: exactly one ground, and what it rests on."""

    form_tag = False
    prefix = "talk"

    ground = forms.ChoiceField(label="事由", choices=Ground.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="具体情况",
        help_text="推荐单位将看到全文，并据此答复。",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class DeskForm(HouseForm, forms.Form):
    """Whose desk a case goes to."""

    submit_label = "指定经办人"

    seat = forms.TypedChoiceField(label="初审经办人", coerce=int)

    def __init__(self, *args: Any, seats: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        """Take the officers who may have it."""
        super().__init__(*args, **kwargs)
        self.fields["seat"].choices = list(seats)  # type: ignore[attr-defined]


def sent_liaisons(data: QueryDict, units: Iterable[int]) -> dict[int, int | None]:
    """Return who is to look after each unit (by key); what is no key takes nobody."""
    found = {unit: data.get(f"unit-{unit}") for unit in units if f"unit-{unit}" in data}
    return {unit: _key(value) for unit, value in found.items()}


def sent_keys(data: QueryDict, most: int) -> list[int]:
    """Return the cases that were chosen, each once, at most so many."""
    keys = dict.fromkeys(key for value in data.getlist("case") if (key := _key(value)) is not None)
    return list(keys)[:most]


def _key(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 12 else None
