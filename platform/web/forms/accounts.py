"""allauth's forms in our words: labels that say what to type, no text that vanishes on typing."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as allauth
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import may_sign_in

PASSWORD_HINT = _("至少 8 个字符，不能全是数字，也不能太常见或与电子邮箱、姓名相近。")


class Worded:
    """Gives the fields of an allauth form the labels and hints stated here."""

    labels: ClassVar[dict[str, Any]] = {}
    hints: ClassVar[dict[str, Any]] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.labels[name]
            field.help_text = self.hints.get(name, "")
            field.widget.attrs.pop("placeholder", None)


class SignInForm(Worded, allauth.LoginForm):
    labels = {"login": _("电子邮箱"), "password": _("密码"), "remember": _("在这台设备上保持登录")}


class ChangePasswordForm(Worded, allauth.ChangePasswordForm):
    labels = {
        "oldpassword": _("当前密码"),
        "password1": _("新密码"),
        "password2": _("再次输入新密码"),
    }
    hints = {"password1": PASSWORD_HINT}


class SetPasswordForm(Worded, allauth.SetPasswordForm):
    labels = {"password1": _("新密码"), "password2": _("再次输入新密码")}
    hints = {"password1": PASSWORD_HINT}


class ResetPasswordForm(Worded, allauth.ResetPasswordForm):
    """Whoever may not sign in gets no link, and no other answer than an unknown address."""

    labels = {"email": _("电子邮箱")}
    users: list[User]

    def clean_email(self) -> str:
        email: str = super().clean_email()
        self.users = [
            each for each in self.users if may_sign_in(each) and each.has_usable_password()
        ]
        return email


class ResetPasswordKeyForm(Worded, allauth.ResetPasswordKeyForm):
    labels = {"password1": _("新密码"), "password2": _("再次输入新密码")}
    hints = {"password1": PASSWORD_HINT}
