"""A self-assessment that was filled in offline: the file, and the choices made in front of the comparison."""

from django import forms
from django.http import QueryDict

from sihao.ui.forms import HouseForm

CHOICE = "pick-"


class SheetForm(HouseForm, forms.Form):
    """The workbook; what it is, the reading finds out."""

    submit_label = "上传并比对"

    file = forms.FileField(
        label="填好的自评表",
        help_text="XLSX工作簿，不超过10 MB。上传后先比对，确认前不会写入。",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


def chosen_cells(data: QueryDict) -> dict[str, bool]:
    """Return, for each clash that was drawn, whether what stands in the workbook counts."""
    return {name.removeprefix(CHOICE): data[name] == "mine" for name in data if name.startswith(CHOICE)}
