"""What is said when a prepared act is sent back or taken back."""

from typing import Any

from django import forms

from sihao.ui.forms import HouseForm


class DropForm(HouseForm, forms.Form):
    """The reason; who takes his own act back need not give one."""

    submit_kind = "secondary"

    reason = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, mine: bool = False, **kwargs: Any) -> None:
        """Ask for the reason unless the act is the viewer's own."""
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = not mine
