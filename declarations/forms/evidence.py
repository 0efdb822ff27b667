"""Uploading evidence: a row and files; each file is judged by the action, one by one."""

from typing import Any

from django import forms

from sihao.documents.intake.kinds import EXTENSIONS
from sihao.ui.forms import HouseForm


class SeveralFilesInput(forms.FileInput):
    """A file input that takes several files at once."""

    allow_multiple_selected = True


class SeveralFiles(forms.FileField):
    """Files as they came; what each one is, the action finds out."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files; refuses only that there is none."""
        files = list(data or [])
        if not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return files


class EvidenceForm(HouseForm, forms.Form):
    """Which row the files prove, and the files."""

    submit_label = "上传佐证材料"

    row = forms.ChoiceField(label="所证指标")
    files = SeveralFiles(label="文件", help_text="可一次选择多个文件。")

    def __init__(self, *args: Any, rows: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["row"].choices = [("", "请选择"), *rows]
        self.fields["files"].widget.attrs["accept"] = ",".join(f".{one}" for one in EXTENSIONS)
