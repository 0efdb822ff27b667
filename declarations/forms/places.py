"""What an office types as it shares places out."""

from decimal import Decimal
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms

from declarations.actions.places import Parameters
from declarations.queries.places import PlanTable
from sihao.ui.forms import HouseForm

WEIGHT, COUNT, PLACES = "weight-", "count-", "places-"
MOST_PLACES = 100_000
MOST_CHAMBERS = 1_000_000


class ParametersForm(HouseForm, forms.Form):
    """Total and floor; for the nation the weights of its regions, for the others how a limit works."""

    submit_label = "保存并重新计算"

    total = forms.IntegerField(label="名额总数", min_value=1, max_value=MOST_PLACES)
    floor = forms.IntegerField(
        label="保底数",
        min_value=0,
        max_value=1000,
        help_text="按公式不足这个数的单位，按这个数分配，其余单位重新计算。不设保底填0。",
    )

    def __init__(self, *args: Any, table: PlanTable, **kwargs: Any) -> None:
        """Begin with the plan as it stands."""
        plan = table.plan
        kwargs.setdefault("initial", {"total": plan.total or None, "floor": plan.floor})
        super().__init__(*args, **kwargs)
        for region in table.regions:
            self.add(f"{WEIGHT}{region.pk}", _weight_field(region.name, region.weight))
        if not table.national:
            self.add("hard", _hard_field(plan.hard))

    def parameters(self) -> Parameters:
        """Return what was typed."""
        typed = self.cleaned_data
        weights = {
            int(name.removeprefix(WEIGHT)): value for name, value in typed.items() if name.startswith(WEIGHT)
        }
        return Parameters(typed["total"], typed["floor"], hard=typed.get("hard", False), weights=weights)


def _hard_field(hard: bool) -> forms.BooleanField:
    words = "勾选后，下级报满名额即不能再报；不勾选时只作提醒。"
    return forms.BooleanField(label="额满不能再报", required=False, initial=hard, help_text=words)


def _weight_field(name: str, weight: Decimal) -> forms.DecimalField:
    return forms.DecimalField(
        label=f"{name}权重",
        min_value=Decimal("0.001"),
        max_value=Decimal(100),
        max_digits=6,
        decimal_places=3,
        initial=weight.normalize(),
    )


class CountFileForm(HouseForm, forms.Form):
    """The filled-in template; what it is, the reading finds out."""

    submit_label = "上传并预览"

    file = forms.FileField(
        label="填好的商会统计表",
        help_text="XLSX工作簿，不超过10 MB。上传后先预览，确认前不会写入。",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


class CountsForm(HouseForm, forms.Form):
    """The counts typed by hand, a field for each unit; an empty one stays as it is."""

    submit_label = "保存商会统计"

    def layout(self) -> Layout:
        """Stand side by side."""
        return Layout(Div(*self.fields, css_class="grid-3"))

    def __init__(self, *args: Any, table: PlanTable, **kwargs: Any) -> None:
        """Begin with the counts as they stand."""
        super().__init__(*args, **kwargs)
        for row in table.rows:
            field = forms.IntegerField(
                label=row.name, min_value=0, max_value=MOST_CHAMBERS, required=False, initial=row.size
            )
            self.add(f"{COUNT}{row.unit.code}", field)

    def numbers(self) -> dict[str, int]:
        """Return the counts by code."""
        named = ((name.removeprefix(COUNT), value) for name, value in self.cleaned_data.items())
        return {code: value for code, value in named if value is not None}


class OfficialForm(HouseForm, forms.Form):
    """The places of all units as an official table has them, a field for each unit, with one reason."""

    submit_label = "按此调整"

    def layout(self) -> Layout:
        """Stand side by side, the reason beneath."""
        names = [name for name in self.fields if name != "reason"]
        return Layout(Div(*names, css_class="grid-3"), "reason")

    def __init__(self, *args: Any, table: PlanTable, **kwargs: Any) -> None:
        """Begin with the places as they are proposed."""
        super().__init__(*args, **kwargs)
        for row in table.rows:
            field = forms.IntegerField(
                label=row.name, min_value=0, max_value=MOST_PLACES, required=False, initial=row.proposed
            )
            self.add(f"{PLACES}{row.unit.code}", field)
        reason = forms.CharField(
            label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text="如“按通知附件2的名额”。"
        )
        self.add("reason", reason)

    def places(self) -> dict[str, int]:
        """Return the places by code."""
        named = ((name.removeprefix(PLACES), value) for name, value in self.cleaned_data.items() if name != "reason")
        return {code: value for code, value in named if value is not None}


class OverrideForm(HouseForm, forms.Form):
    """A unit's places set otherwise than computed."""

    submit_label = "按此调整"

    places = forms.IntegerField(label="名额", min_value=0, max_value=MOST_PLACES)
    reason = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

