"""Uploading evidence: a row and files; each file is judged by the action, one by one."""

from typing import Any

from crispy_forms.layout import Column, Layout, Row
from django import forms

from sihao.documents.intake.kinds import EXTENSIONS
from sihao.ui.forms import HouseForm

PAGES_LIMIT = 40
TOO_LONG = f"页码提示不超过{PAGES_LIMIT}字。"
NO_DATE = "材料日期请写成2020-05-01这样的年月日。"
UNREADABLE = "上传的请求不完整，请刷新页面后重试。"


class SeveralFilesInput(forms.FileInput):
    """A file input that takes several files at once."""

    allow_multiple_selected = True


class SeveralFiles(forms.FileField):
    """Files as they came; what each one is, the action finds out. Where none is asked for, there may be none."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files; refuses only that there is none where one is asked for."""
        files = list(data or [])
        if not files and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return files


def pages_field() -> forms.CharField:
    """Return the field that says where in the material to look."""
    return forms.CharField(
        label="页码提示",
        max_length=PAGES_LIMIT,
        required=False,
        help_text="证明内容所在的页，如：第3—5页。",
        error_messages={"max_length": TOO_LONG},
    )


def dated_field() -> forms.DateField:
    """Return the field of the material's own date."""
    return forms.DateField(
        label="材料日期", required=False, help_text="材料形成的日期。", error_messages={"invalid": NO_DATE}
    )


class EvidenceForm(HouseForm, forms.Form):
    """What the files prove, the files, and what helps to read them."""

    submit_label = "上传佐证材料"

    row = forms.ChoiceField(label="所证指标")
    files = SeveralFiles(label="文件", help_text="可一次选择多个文件。")
    pages = pages_field()
    dated = dated_field()

    def layout(self) -> Layout:
        """Stand two by two, so that the rows below are in sight."""
        return Layout(Row(Column("row"), Column("files")), Row(Column("pages"), Column("dated")))

    def __init__(self, *args: Any, rows: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["row"].choices = [("", "请选择"), *rows]
        self.fields["files"].widget.attrs["accept"] = ",".join(f".{one}" for one in EXTENSIONS)


class HintForm(HouseForm, forms.Form):
    """Where in a piece of evidence to look, and of what date it is."""

    pages = pages_field()
    dated = dated_field()


class BeginForm(HouseForm, forms.Form):
    """What a script says before it sends a file piece by piece; row, name and size are judged by the action."""

    token = forms.UUIDField()
    row = forms.CharField(max_length=60)
    size = forms.IntegerField(min_value=0)
    pages = pages_field()
    dated = dated_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("token", "row", "size"):
            self.fields[name].error_messages |= dict.fromkeys(self.fields[name].error_messages, UNREADABLE)

    def clean(self) -> dict[str, Any]:
        """Add the name as it was sent: blanks and strange characters are part of what is judged."""
        return {**self.cleaned_data, "name": self.data.get("name", "")}
