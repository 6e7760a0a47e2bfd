"""What allauth asks the site about accounts."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are opened by the operator; nothing that a request claims about its host counts."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("电子邮箱或密码不正确。"),
        "enter_current_password": _("当前密码不正确。"),
        "too_many_login_attempts": _("登录失败次数过多，请 5 分钟后再试，或重置密码。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Programs have the API; these pages have one form only."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Paths of this site alone (THREATS A23)."""
        return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On the configured address, whatever the request's Host header says (THREATS A25)."""
        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{settings.BASE_URL}{path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        own = {"base_url": settings.BASE_URL, "contact": settings.SITE_CONTACT}
        super().send_mail(template_prefix, email, {**context, **own})

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """The account alone: allauth adds the Host header, whose port anybody may vary."""
        return str(credentials.get("email", "")).lower()
