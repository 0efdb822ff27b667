"""What people type: signing in, passwords, accounts, seats, chambers, and the filters of lists."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as NotValid

from sihao.accounts.activation import code_fits
from sihao.accounts.models import Seat, User
from sihao.accounts.queries import person, person_by_username
from sihao.accounts.roles import ChamberType, Role
from sihao.audit.events import Event
from sihao.ui.forms import HouseForm

USERNAME = RegexValidator(r"^[A-Za-z0-9._-]{3,64}$", "登录名为3至64位字母、数字或 . _ -。")
MOBILE = RegexValidator(r"^1\d{10}$", "请填写11位手机号码。")
PASSWORD_RULES = "至少10个字符，不能全是数字，不能是常见密码，也不能与登录名相近。"  # noqa: S105 words about passwords
DAYS = (MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2099, 12, 31)))


class SignInForm(HouseForm, AuthenticationForm):
    """Sign-in name and password; whatever is wrong, the answer is the same."""

    submit_label = "登录"
    error_messages = {"invalid_login": "登录名或密码不正确。", "inactive": "登录名或密码不正确。"}


class NewPassword(HouseForm):
    """Says in one line what a password must be."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = PASSWORD_RULES
        self.fields["new_password2"].help_text = ""


class ChangePasswordForm(NewPassword, PasswordChangeForm):
    """One's own new password."""

    submit_label = "修改密码"


class ActivationForm(NewPassword, SetPasswordForm):
    """The first password, or a new one after a reset."""

    submit_label = "设置密码"


class CodeForm(HouseForm, forms.Form):
    """The code on the printed sheet; whatever is wrong, the answer is the same."""

    submit_label = "下一步：设置密码"
    username = forms.CharField(label="登录名", max_length=64)
    code = forms.CharField(
        label="设置码", max_length=40, help_text="设置单上的16位字母和数字，横线可以不填，不分大小写。"
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.fields["code"].widget.attrs["autocomplete"] = "one-time-code"

    def clean(self) -> dict[str, Any]:
        """Find the person of the code."""
        cleaned = super().clean()
        if {"username", "code"} <= cleaned.keys():
            found = person_by_username(cleaned["username"])
            if not code_fits(found, cleaned["code"], self.now):
                raise forms.ValidationError(
                    "登录名或设置码不正确，或者设置码已失效。请核对，或向发给您的单位索取新的。"
                )
            cleaned["person"] = found
        return cleaned


class ContactForm(HouseForm, forms.Form):
    """Telephone and e-mail address of a person."""

    submit_label = "保存联系方式"
    mobile = forms.CharField(label="手机", required=False, validators=[MOBILE])
    email = forms.EmailField(
        label="电子邮箱", required=False, help_text="设置链接和每日摘要发到这里；不填则不发邮件。"
    )


class EndSeatForm(HouseForm, forms.Form):
    """When and why somebody left, and who gets what is open."""

    submit_label = "收回席位"
    submit_kind = "danger"
    left_on = forms.DateField(label="离任日期", widget=forms.DateInput, validators=DAYS)
    reason = forms.CharField(label="原因", max_length=200, help_text="如：调离、退休、换届、辞职。")
    successor = forms.ChoiceField(
        label="接任人",
        required=False,
        help_text="接任人得到同一席位和未办事项。尚无账号的，先开设账号再办理。",
    )

    def __init__(self, *args: Any, colleagues: Iterable[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.colleagues = {str(one.pk): one for one in colleagues}
        named = [(pk, f"{one.name}（{one.username}）") for pk, one in self.colleagues.items()]
        self.fields["successor"].choices = [("", "暂无接任人"), *named]

    def clean_successor(self) -> User | None:
        """Return the person chosen."""
        return self.colleagues.get(self.cleaned_data["successor"])


class StandInForm(HouseForm, forms.Form):
    """For whom somebody stands in, who, from which day to which, and why."""

    submit_label = "指定代办"
    absent = forms.ChoiceField(label="被代办人")
    substitute = forms.ChoiceField(label="代办人", help_text="同一单位的在任人员。")
    since = forms.DateField(
        label="起", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), validators=DAYS
    )
    until = forms.DateField(
        label="止",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        validators=DAYS,
        help_text="至当日24:00，到期自动结束。",
    )
    reason = forms.CharField(label="事由", max_length=200, help_text="如：病假、出差、学习。")

    def __init__(self, *args: Any, seats: Iterable[Seat], people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seats = {str(one.pk): one for one in seats}
        self.people = {str(one.pk): one for one in people}
        named = [(pk, f"{one.user.name}（{one.get_role_display()}）") for pk, one in self.seats.items()]
        self.fields["absent"].choices = [("", "请选择"), *named]
        self.fields["substitute"].choices = [("", "请选择"), *((pk, one.name) for pk, one in self.people.items())]

    def clean_absent(self) -> Seat:
        """Return the seat chosen."""
        return self.seats[self.cleaned_data["absent"]]

    def clean_substitute(self) -> User:
        """Return the person chosen."""
        return self.people[self.cleaned_data["substitute"]]


class EndStandInForm(HouseForm, forms.Form):
    """Why it ends before its time."""

    submit_label = "结束代办"
    reason = forms.CharField(label="原因", max_length=200, help_text="如：本人已回岗。")


class RosterForm(HouseForm, forms.Form):
    """The workbook; what it holds, the reading finds out."""

    submit_label = "上传并预览"
    file = forms.FileField(
        label="填好的名册",
        help_text="XLSX工作簿，不超过10 MB。上传后先预览，确认前不会写入。",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


class PeopleForm(HouseForm, forms.Form):
    """Words to look for among people."""

    submit_label = "查找"
    form_method = "get"
    q = forms.CharField(label="姓名、登录名或单位", required=False, max_length=50)
    state = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)


class RoleChoice(HouseForm, forms.Form):
    """Offers the roles that the acting seat may grant here."""

    role = forms.ChoiceField(label="角色")

    def __init__(self, *args: Any, roles: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in Role if role in set(roles)]


class EnrolForm(RoleChoice):
    """A new account with its first seat."""

    submit_label = "开设账号"
    username = forms.CharField(
        label="登录名", validators=[USERNAME], help_text="3至64位字母、数字或 . _ -，开设后不能修改。"
    )
    name = forms.CharField(label="姓名", max_length=50)
    mobile = forms.CharField(label="手机", required=False, validators=[MOBILE])
    email = forms.EmailField(label="电子邮箱", required=False)
    field_order = ("username", "name", "mobile", "email", "role")


class GrantForm(RoleChoice):
    """A further seat for somebody who has an account already."""

    submit_label = "授予席位"
    username = forms.CharField(label="登录名", max_length=64)
    name = forms.CharField(label="姓名", max_length=50, help_text="登录名与姓名须一致，防止误授。")
    field_order = ("username", "name", "role")

    def clean(self) -> dict[str, Any]:
        """Find the person; a wrong name and an unknown sign-in name get the same answer."""
        cleaned = super().clean()
        if {"username", "name"} <= cleaned.keys():
            cleaned["user"] = person(cleaned["username"], cleaned["name"])
            if cleaned["user"] is None:
                raise forms.ValidationError("没有找到登录名与姓名一致的账号。")
        return cleaned

    @property
    def person(self) -> User:
        """The person found."""
        return self.cleaned_data["user"]


class ChamberForm(HouseForm, forms.Form):
    """A chamber to be registered under a federation."""

    submit_label = "登记商会"
    name = forms.CharField(label="商会名称", max_length=100)
    uscc = forms.CharField(
        label="统一社会信用代码", required=False, max_length=18, help_text="18位；尚未取得的可以留空。"
    )
    chamber_type = forms.ChoiceField(
        label="商会类型", required=False, choices=[("", "暂不填写"), *ChamberType.choices]
    )

    def clean_uscc(self) -> str:
        """Check length, letters and check digit."""
        code = self.cleaned_data["uscc"]
        try:
            return uscc.validate(code) if code else ""
        except NotValid:
            raise forms.ValidationError("统一社会信用代码不正确，请核对。") from None


class SearchForm(HouseForm, forms.Form):
    """Words to look for in a list of organisations."""

    submit_label = "查找"
    form_method = "get"
    q = forms.CharField(label="名称、地区或行政区划代码", required=False, max_length=50)


class TrailForm(HouseForm, forms.Form):
    """Whose entries, which event, from when until when."""

    submit_label = "筛选"
    form_method = "get"
    person = forms.CharField(label="办理人登录名或姓名", required=False, max_length=64)
    event = forms.ChoiceField(label="事项", required=False, choices=[("", "全部"), *Event.choices])
    since = forms.DateField(label="起", required=False, widget=forms.DateInput, validators=DAYS)
    until = forms.DateField(label="止", required=False, widget=forms.DateInput, validators=DAYS)

    def layout(self) -> Layout:
        """Put the four in one row."""
        return Layout(Row(*(Column(name) for name in self.fields)))
