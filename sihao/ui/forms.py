"""The house's way with forms: one helper for crispy, one summary of what has to be put right."""

from collections.abc import Iterable
from dataclasses import dataclass

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.forms.boundfield import BoundField

WORDS = {
    "max_length": "不超过%(limit_value)d字，现为%(show_value)d字。",
    "min_length": "不少于%(limit_value)d字，现为%(show_value)d字。",
    "max_value": "不得大于%(limit_value)s。",
    "min_value": "不得小于%(limit_value)s。",
    "max_digits": "数字总位数不超过%(max)s位。",
    "max_decimal_places": "小数不超过%(max)s位。",
    "max_whole_digits": "整数部分不超过%(max)s位。",
    "empty": "所选文件是空的，请重新选择。",
    "missing": "没有收到文件，请重新上传。",
}


@dataclass(frozen=True)
class ErrorLine:
    """One thing to put right, and the place on the page where it is put right."""

    id: str
    label: str
    message: str


class HouseForm(forms.BaseForm):
    """Mixin for every form that crispy draws; stands before ``forms.Form`` or ``forms.ModelForm``."""

    submit_label = "保存"
    submit_kind = "primary"
    submit_name = ""
    cancel_url = ""
    cancel_label = "返回"
    confirm = ""
    form_action = ""
    form_method = "post"
    form_class = ""
    form_tag = True

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for field in self.fields.values():
            _at_home(field)

    def add(self, name: str, field: forms.Field) -> None:
        """Add a field that the form learns of as it is made; it speaks like the others."""
        _at_home(field)
        self.fields[name] = field

    def layout(self) -> Layout:
        """Return what stands where; fields in their order unless a form says otherwise."""
        return Layout(*self.fields)

    @property
    def helper(self) -> FormHelper:
        """Return what ``{% crispy form %}`` asks for."""
        helper = FormHelper()
        helper.layout = self.layout()
        helper.form_method = self.form_method
        helper.form_action = self.form_action
        helper.form_class = self.form_class
        helper.form_tag = self.form_tag
        helper.disable_csrf = self.form_method == "get" or not self.form_tag
        helper.render_hidden_fields = True
        # The errors are ours: in words, under the field and in the summary, the same in every browser.
        helper.attrs = {"novalidate": True}
        if self.is_multipart():
            helper.attrs["enctype"] = "multipart/form-data"
        helper.house = {
            name: getattr(self, name)
            for name in (
                "submit_label",
                "submit_kind",
                "submit_name",
                "cancel_url",
                "cancel_label",
                "confirm",
            )
        }
        return helper


def error_lines(source: forms.BaseForm | Iterable[object]) -> list[object]:
    """Return the errors of a form, its own first, then field by field; a list of lines passes through."""
    if not isinstance(source, forms.BaseForm):
        return list(source or ())
    if not source.is_bound:
        return []
    own = [ErrorLine("", "", str(message)) for message in source.non_field_errors()]
    return own + [
        ErrorLine(anchor(field), str(field.label), str(m)) for field in source for m in field.errors
    ]


def anchor(field: BoundField) -> str:
    """Return the id of the first control of a field: where a link in the summary leads."""
    return field.id_for_label or f"{field.auto_id}_0"


def _at_home(field: forms.Field) -> None:
    _use_browser_pickers(field)
    _speak_plainly(field)


def _speak_plainly(field: forms.Field) -> None:
    """Replace Django's own words by the house's, where the form has not chosen its own."""
    stock: dict[str, object] = {}
    for base in reversed(type(field).__mro__):
        stock.update(getattr(base, "default_error_messages", {}))
    for code, words in {**WORDS, **_invalid_words(field), "required": _required_words(field)}.items():
        if field.error_messages.get(code) == stock.get(code):
            field.error_messages[code] = words


def _invalid_words(field: forms.Field) -> dict[str, str]:
    if isinstance(field, forms.DateField):
        return {"invalid": "请填写有效的日期，如2020-10-15。"}
    if isinstance(field, forms.IntegerField):  # decimals among them
        return {"invalid": "请填写数字，不带单位。"}
    if isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)):
        return {"invalid_choice": "所选内容不在可选范围内，请重新选择。"}
    return {}


def _required_words(field: forms.Field) -> str:
    label = field.label or "本项"
    if isinstance(field, forms.BooleanField):
        return f"请确认并勾选“{label}”。"
    if isinstance(field, forms.FileField):
        return f"请上传{label}。"
    chosen = isinstance(
        field,
        (forms.ChoiceField, forms.ModelChoiceField, forms.DateField, forms.DateTimeField, forms.TimeField),
    )
    return f"请选择{label}。" if chosen else f"请填写{label}。"


def _use_browser_pickers(field: forms.Field) -> None:
    widget = field.widget
    if type(widget) is forms.DateInput:
        widget.input_type, widget.format = "date", "%Y-%m-%d"
    elif type(widget) is forms.DateTimeInput:
        widget.input_type, widget.format = "datetime-local", "%Y-%m-%dT%H:%M"
