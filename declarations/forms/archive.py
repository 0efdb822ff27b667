"""What goes into the archive package of a cycle."""

from django import forms

from sihao.ui.forms import HouseForm

EVIDENCE = (("listed", "仅目录：列出名称、大小和摘要值"), ("kept", "含佐证材料：收入系统中保存的文件"))
TRAIL = (("cycle", "本周期的条目；同期其他条目只列封存值"), ("whole", "同期全部条目，可以逐条重算"))


class ArchiveForm(HouseForm, forms.Form):
    """Whether the files that were handed in go along; for one who reads the whole trail, how much of it is told."""

    submit_label = "生成归档包"

    evidence = forms.ChoiceField(
        label="佐证材料", choices=EVIDENCE, initial="listed", widget=forms.RadioSelect
    )
    trail = forms.ChoiceField(label="办理留痕", choices=TRAIL, initial="cycle", widget=forms.RadioSelect)

    def __init__(self, *args: object, whole: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if not whole:
            del self.fields["trail"]

    def asked(self) -> dict[str, bool]:
        """Return the choices as the action takes them."""
        given = self.cleaned_data
        return {"evidence": given["evidence"] == "kept", "whole": given.get("trail") == "whole"}
