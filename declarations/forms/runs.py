"""What is entered to compute verdicts again: corrected rows of a case, corrected parameters of the cycle."""

from collections.abc import Mapping

from django import forms

from declarations.actions.recomputing import REASON_LIMIT, Corrected, Parameters
from sihao.ui.forms import HouseForm

PASSES = (("yes", "达线"), ("no", "不达线"))


class CorrectionForm(HouseForm, forms.Form):
    """One settled row as it is to stand, and why."""

    submit_label = "试算"

    code = forms.ChoiceField(label="指标")
    points = forms.CharField(label="更正后得分", max_length=20)
    reason = forms.CharField(
        label="理由和依据",
        help_text="写明原得分错在哪里、依据什么材料。评审专家的评分表不改，更正另列一层。",
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, rows: list[tuple[str, str]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = rows

    def rows(self) -> dict[str, Corrected]:
        """Return the row by its code."""
        given = self.cleaned_data
        return {given["code"]: Corrected(given["points"].strip(), given["reason"])}


class ParametersForm(HouseForm, forms.Form):
    """How the limits are read and how marks are settled, and why that is corrected."""

    submit_label = "试算"

    method = forms.ChoiceField(label="一般指标取分方法")
    reason = forms.CharField(
        label="更正理由",
        help_text="例如主办方对“350分以下”是否包含350分作出书面解释。",
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self, readings: Mapping[str, tuple[str, bool]], methods: Mapping[str, str], method: str, *args: object
    ) -> None:
        super().__init__(
            *args,
            initial={"method": method} | {f"gate-{gate}": _word(on) for gate, (_, on) in readings.items()},
        )
        self.fields["method"].choices = list(methods.items())
        self.gates = list(readings)
        for gate, (label, _) in readings.items():
            self.fields[f"gate-{gate}"] = forms.ChoiceField(label=label, choices=PASSES)
        self.order_fields([*(f"gate-{gate}" for gate in self.gates), "method", "reason"])

    def parameters(self) -> Parameters:
        """Return what was chosen."""
        given = self.cleaned_data
        return Parameters({gate: given[f"gate-{gate}"] == "yes" for gate in self.gates}, given["method"])


def _word(passes: bool) -> str:
    return "yes" if passes else "no"
