"""What allauth asks the site about accounts."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import get_ip
from allauth.core.ratelimit import clear, consume
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import may_sign_in
from accounts.sign_up import remove_unproven

log = structlog.get_logger(__name__)

RESET_MAILS = {"account/email/password_reset_key", "account/email/unknown_account"}
# Go to whatever address somebody typed.
UNPROVEN_MAILS = {
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
    "account/email/account_already_exists",
}
# What allauth calls the ways to prove again who one is.
BY_PASSWORD = "reauthenticate"  # noqa: S105 (a name, no secret)
METHODS = {
    BY_PASSWORD: _("用密码验证"),
    "mfa_reauthenticate": _("用动态验证码或恢复码验证"),
    "mfa_reauthenticate:webauthn": _("用通行密钥验证"),
}


class AccountAdapter(DefaultAccountAdapter):
    """Nothing that a request claims about its host counts; no answer tells who has an account."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("电子邮箱或密码不正确。"),
        "enter_current_password": _("当前密码不正确。"),
        "duplicate_email": _("这已是您登录用的电子邮箱。"),
        "incorrect_password": _("密码不正确。"),
        "rate_limited": _("尝试次数过多，请 5 分钟后再试。"),
        "too_many_login_attempts": _("登录失败次数过多，请 5 分钟后再试，或重置密码。"),
    }

    def is_ajax(self, request: HttpRequest) -> bool:
        """Programs have the API. One page asks from a script: for the challenge of a passkey."""
        asks = request.headers.get("Accept") == "application/json"
        return asks and request.path == reverse("mfa_login_webauthn")

    def get_login_stages(self) -> list[str]:
        """Terms come last: until everything else is proved, it is nobody's place to agree."""
        return [*super().get_login_stages(), "accounts.stages.ConsentStage"]

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [{**each, "description": METHODS[each["id"]]} for each in methods]

    def is_safe_url(self, url: str) -> bool:
        """Paths of this site alone (THREATS A23)."""
        return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On the configured address, whatever the request's Host header says (THREATS A25)."""
        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{settings.BASE_URL}{path}"

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """On the configured address too."""
        path = reverse("account_confirm_email", args=[emailconfirmation.key])
        return f"{settings.BASE_URL}{path}"

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Whoever reads the mailbox takes the address from whoever only typed it."""
        remove_unproven(email_address.email, keep=email_address.user_id)
        confirmed: bool = super().confirm_email(request, email_address)
        return confirmed

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_index")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        if template_prefix in RESET_MAILS and not self._may_mail(email):
            return
        if template_prefix in UNPROVEN_MAILS and not consume(
            self.request, action="unproven_mail", key=email.lower()
        ):
            return
        super().send_mail(template_prefix, email, {**context, **site_in_mails()})

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """A mail server that is away must not keep people from changing a password."""
        try:
            super().send_notification_mail(*args, **kwargs)
        except OSError:
            log.exception("account_notice_not_sent")

    def _may_mail(self, email: str) -> bool:
        """Nobody floods a mailbox; the page answers as if one more mail had been sent."""
        limits = {
            "reset_mail_from_address": account_and_address(self.request, email),
            "reset_mail": email.lower(),
        }
        return all(consume(self.request, action=name, key=key) for name, key in limits.items())

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse an address that failed too often, at all or at this account.

        An account at which many addresses together failed is never closed, or strangers could
        keep its owner out: it allows each address fewer failures.
        """
        super().pre_authenticate(request, **credentials)
        account = _account(credentials)
        pair = account_and_address(request, account)
        if not (
            consume(request, action="login_failed_account", key=account, dry_run=True)
            or consume(request, action="login_failed_strained", key=pair, dry_run=True)
        ):
            raise self.validation_error("too_many_login_attempts")

    def pre_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse | None:
        answer: HttpResponse | None = (
            super().pre_login(request, user, **options)
            if may_sign_in(user)
            else self.respond_user_inactive(request, user)
        )
        return answer

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        account = _account(credentials)
        consume(request, action="login_failed_account", key=account)
        pair = account_and_address(request, account)
        consume(request, action="login_failed_strained", key=pair)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """What ``login_failed`` counts per key.

        Without the Host header that allauth adds, whose port anybody may vary.
        """
        return account_and_address(request, _account(credentials))

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """After a reset."""
        super()._delete_login_attempts_cached_email(request, **credentials)
        pair = account_and_address(request, _account(credentials))
        clear(request, action="login_failed_strained", key=pair)


def site_in_mails() -> dict[str, str]:
    """What the templates of mails read of the site."""
    return {
        "base_url": settings.BASE_URL,
        "contact": settings.SITE_CONTACT,
        "operator": settings.SITE_OPERATOR,
    }


def account_and_address(request: HttpRequest, email: str) -> str:
    """The key of limits that close an account to one address alone."""
    return f"{get_ip(request)} {email.lower()}"


def _account(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email", "")).lower()
