"""allauth's forms in our words: labels that say what to type, no text that vanishes on typing."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as allauth
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import may_sign_in
from accounts.sign_up import has_account, sign_up
from common.contact import clean_phone
from common.errors import Conflict
from common.text import clean_line

PASSWORD_HINT = _("至少 8 个字符，不能全是数字，也不能太常见或与电子邮箱、姓名相近。")
NAME_HINT = _("请填写真实姓名，同一组织的同事和审核人员会看到。")
AGREE = _("我已阅读并同意《服务条款》和《隐私政策》")
SHARE = _("同意向对接方提供我的联系方式（可选）")
SHARE_HINT = _("只提供给与您所在组织达成对接的组织；不同意也能使用网站，随时可在“个人信息”中撤回。")


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


class SignUpForm(Worded, allauth.SignupForm):
    """Nothing is ticked before; no answer tells whether the address has an account (A21)."""

    field_order = ("email", "name", "password1", "terms", "shares_contacts")
    name = forms.CharField(max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    terms = forms.BooleanField(error_messages={"required": _("须同意后才能注册。")})
    shares_contacts = forms.BooleanField(required=False)
    labels = {
        "email": _("电子邮箱"),
        "name": _("姓名"),
        "password1": _("密码"),
        "terms": AGREE,
        "shares_contacts": SHARE,
    }
    hints = {
        "email": _("用来登录和接收通知，注册后须打开邮件中的链接验证。"),
        "name": NAME_HINT,
        "password1": PASSWORD_HINT,
        "shares_contacts": SHARE_HINT,
    }

    def clean_name(self) -> str:
        return _one_line(self.cleaned_data["name"])

    def validate_unique_email(self, value: str) -> str:
        self.account_already_exists = has_account(value)
        return value

    def clean(self) -> dict[str, Any]:
        """As the service judges the password: beside the name too."""
        given: dict[str, Any] = super().clean()
        if password := given.get("password1"):
            person = User(email=given.get("email", ""), name=given.get("name", ""))
            try:
                get_adapter().clean_password(password, user=person)
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return given

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        given = self.cleaned_data
        if not self.account_already_exists:
            try:
                person = sign_up(
                    email=given["email"],
                    name=given["name"],
                    password=given["password1"],
                    shares_contacts=given["shares_contacts"],
                )
            except Conflict:  # somebody else was faster
                pass
            else:
                return person, None
        else:
            User().set_password(given["password1"])  # the same work as for a new account
        return None, prevent_enumeration(request, email=given["email"])


class ConsentForm(forms.Form):
    """Terms in force, asked of people who have not agreed to them yet."""

    terms = forms.BooleanField(label=AGREE, error_messages={"required": _("须同意后才能继续。")})
    shares_contacts = forms.BooleanField(label=SHARE, help_text=SHARE_HINT, required=False)


class ContactForm(forms.Form):
    name = forms.CharField(
        label=_("姓名"),
        help_text=NAME_HINT,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("电话（可选）"),
        help_text=_("内地手机或座机直接填写；香港、澳门和境外号码请加国际区号，如 +852 91234567。"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )

    def clean_name(self) -> str:
        return _one_line(self.cleaned_data["name"])

    def clean_phone(self) -> str:
        try:
            return clean_phone(self.cleaned_data["phone"])
        except ValueError as error:
            raise forms.ValidationError(f"{error}。") from None


class ClosingForm(forms.Form):
    sure = forms.BooleanField(
        label=_("我知道注销后无法恢复"), error_messages={"required": _("请先确认。")}
    )


class ChangeAddressForm(Worded, allauth.AddEmailForm):
    labels = {"email": _("新的电子邮箱")}
    hints = {"email": _("我们会向它发送验证链接；验证之前，仍用原来的邮箱登录。")}


class ReauthenticateForm(Worded, allauth.ReauthenticateForm):
    labels = {"password": _("密码")}


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
    """Whoever may not sign in gets no link, and no other answer than an unknown address.

    Nor does an address to which somebody wants to change and that is not verified: a slip in
    typing it would hand the account to a stranger.
    """

    labels = {"email": _("电子邮箱")}
    users: list[User]

    def clean_email(self) -> str:
        email: str = super().clean_email()
        self.users = [
            each
            for each in self.users
            if may_sign_in(each)
            and each.has_usable_password()
            and each.email.lower() == email.lower()
        ]
        return email


class ResetPasswordKeyForm(Worded, allauth.ResetPasswordKeyForm):
    labels = {"password1": _("新密码"), "password2": _("再次输入新密码")}
    hints = {"password1": PASSWORD_HINT}


class NumericCode:
    """Phones show the keys for digits."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "maxlength": 20}


class CodeForm(NumericCode, Worded, mfa.AuthenticateForm):
    labels = {"code": _("验证码")}
    hints = {"code": _("验证器应用上的 6 位数字；手机不在身边时，填写一个 8 位恢复码。")}


class CodeAgainForm(NumericCode, Worded, mfa.ReauthenticateForm):
    labels = CodeForm.labels
    hints = CodeForm.hints


class ActivateAppForm(NumericCode, Worded, totp.ActivateTOTPForm):
    labels = {"code": _("验证码")}
    hints = {"code": _("扫码后，验证器应用上显示的 6 位数字。")}


class Ceremony:
    """What a browser returns of a passkey: whatever else is sent is refused, not a fault of ours.

    allauth foresees some of what ``fido2`` raises; a made-up credential finds the rest.
    """

    def clean(self) -> dict[str, Any]:
        return self._refusing(super().clean) or {}  # type: ignore[misc]

    def _refusing(self, check: Any) -> Any:
        try:
            return check()
        except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
            if isinstance(error, forms.ValidationError):
                raise
            raise _made_up() from error


class AddPasskeyForm(Ceremony, Worded, webauthn.AddWebAuthnForm):
    """Each can sign in by itself: one kind of key, so that nobody has to know two."""

    labels = {"name": _("名称"), "credential": "", "passwordless": ""}
    hints = {"name": _("便于以后辨认，如“办公电脑”“手机”。")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["maxlength"] = 60
        self.fields["passwordless"].widget = forms.HiddenInput()
        self.fields["passwordless"].initial = "on"

    def clean_name(self) -> str:
        return _one_line(super().clean_name())[:60]


class NamePasskeyForm(Worded, webauthn.EditWebAuthnForm):
    labels = {"name": _("名称")}
    hints = AddPasskeyForm.hints

    def clean_name(self) -> str:
        return _one_line(self.cleaned_data["name"])[:60]


class Proof(Ceremony):
    def clean_credential(self) -> Any:
        return self._refusing(super().clean_credential)  # type: ignore[misc]


class PasskeyForm(Proof, Worded, webauthn.AuthenticateWebAuthnForm):
    labels = {"credential": ""}


class PasskeySignInForm(Proof, Worded, webauthn.LoginWebAuthnForm):
    labels = {"credential": ""}


class PasskeyAgainForm(Proof, Worded, webauthn.ReauthenticateWebAuthnForm):
    labels = {"credential": ""}


def _made_up() -> forms.ValidationError:
    return forms.ValidationError(_("通行密钥验证没有通过，请重试。"))


def _one_line(text: str) -> str:
    try:
        return clean_line(text)
    except ValueError as error:
        raise forms.ValidationError(f"{error}。") from None
