"""What a tier types: marks with reasons, an opinion, what has to be mended."""

from collections.abc import Mapping, Sequence
from typing import Any

from crispy_forms.layout import Layout, Row
from django import forms
from django.http import QueryDict

from declarations.actions.review import Mend
from declarations.queries.review import Choices, Typed, mend_label, print_of
from declarations.states import ReturnReason
from scoring.actions import Entered
from scoring.engine import Programme
from sihao.ui.forms import ErrorLine, HouseForm

REASON_LIMIT = 500
MARK_LIMIT = 200
MOST_ITEMS = 20
BLANK_LINES = 3


def plain(text: str) -> str:
    """Return the text without the one character no database takes."""
    return text.replace("\x00", "")


class MarkSheet:
    """The rows of a review as they were sent: only those that were drawn, and of these what was changed.

    A row sends ``mark-A1.1``, ``reason-A1.1`` and ``was-A1.1``, the print of what was drawn: what another person saved
    meanwhile is left alone where this one changed nothing.
    """

    def __init__(self, programme: Programme, data: QueryDict, standing: Mapping[str, Typed]) -> None:
        """Take the programme, what was sent, and what stands in the own layer."""
        codes = [item.id for item in programme.rubric.items()]
        self.typed = {code: _typed(data, code) for code in codes if f"mark-{code}" in data or f"reason-{code}" in data}
        self.changed = {
            code: typed
            for code, typed in self.typed.items()
            if print_of(typed) != (data.get(f"was-{code}") or print_of(standing.get(code, Typed())))
        }

    @property
    def errors(self) -> list[ErrorLine]:
        """Return what is too long to be kept; everything else is kept as typed."""
        long = [code for code, typed in self.changed.items() if len(typed.reason) > REASON_LIMIT]
        words = f"理由不超过{REASON_LIMIT}字。"
        return [ErrorLine(f"reason-{code}", f"{code}理由", words) for code in long]

    def entries(self) -> dict[str, Entered]:
        """Return the changed rows as the action takes them."""
        return {code: Entered(points=typed.mark, reason=typed.reason) for code, typed in self.changed.items()}


def _typed(data: QueryDict, code: str) -> Typed:
    mark = plain(data.get(f"mark-{code}", "")).strip()[:MARK_LIMIT]
    return Typed(mark, plain(data.get(f"reason-{code}", "")).strip())


class OpinionForm(HouseForm, forms.Form):
    """The tier's opinion, and its word that the material was checked."""

    submit_label = "保存审核意见"

    text = forms.CharField(
        label="审核意见",
        help_text="写明核对情况、主要依据和是否同意推荐；报出时随申报一并固定。",
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=2000,
    )
    authentic = forms.BooleanField(label="已逐项核对申报材料，材料真实", required=False)


class MendForm(HouseForm, forms.Form):
    """One line of a return; a line in which nothing was entered is left out."""

    form_tag = False

    item = forms.ChoiceField(label="指标或字段", required=False)
    reason = forms.ChoiceField(label="原因", required=False, choices=[("", "请选择"), *ReturnReason.choices])
    text = forms.CharField(
        label="需要怎样修改", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, Choices]] = (), **kwargs: Any) -> None:
        """Take the rows and fields to choose from."""
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]

    def layout(self) -> Layout:
        """Set what and why beside each other."""
        return Layout(Row("item", "reason"), "text")

    def clean(self) -> dict[str, Any]:
        """Ask for the other parts of a line as soon as one is there."""
        found = super().clean() or {}
        if any(found.get(name) for name in self.fields) or self.errors:
            words = {"item": "请选择指标或字段。", "reason": "请选择原因。", "text": "请写明需要怎样修改。"}
            for name, sentence in words.items():
                if not found.get(name) and name not in self.errors:
                    self.add_error(name, sentence)
        return found


class MendLines(forms.BaseFormSet):
    """The lines of a return: each row or field once, at most twenty."""

    default_error_messages = {"missing_management_form": "页面内容不完整，请刷新后重新填写。"}

    def clean(self) -> None:
        """Refuse a row or field that stands in two lines."""
        seen: set[str] = set()
        for form in self.forms:
            item = form.cleaned_data.get("item") if hasattr(form, "cleaned_data") else ""
            if item and item in seen:
                form.add_error("item", "这一项已在上面列出，请合并填写。")
            seen.add(item or "")

    def mends(self, programme: Programme) -> list[Mend]:
        """Return the lines that were filled in."""
        lines = [form.cleaned_data for form in self.forms if form.cleaned_data.get("item")]
        return [
            Mend(line["item"], mend_label(programme, line["item"]), ReturnReason(line["reason"]), line["text"])
            for line in lines
        ]


MendFormSet = forms.formset_factory(
    MendForm, formset=MendLines, extra=BLANK_LINES, max_num=MOST_ITEMS, absolute_max=MOST_ITEMS, validate_max=True
)


def with_more_lines(data: QueryDict) -> QueryDict:
    """Return what was sent with a few more blank lines asked for."""
    more = data.copy()
    sent = data.get("form-TOTAL_FORMS", "0")
    lines = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 0
    more["form-TOTAL_FORMS"] = str(min(lines + BLANK_LINES, MOST_ITEMS))
    return more
