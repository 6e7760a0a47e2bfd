"""Programs sign in with a token of an organization; people with their session, as on the pages."""

from __future__ import annotations

import structlog
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import User
from api.throttling import count_failure
from tokens.models import ApiToken
from tokens.services import actor_of, open_with


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer sbt_…``; the maker becomes the user, and acts as the token's actor.

    Browsers do not send the header by themselves, so there is nothing to forge and no CSRF check.
    One answer for a token that is wrong, expired or revoked, or whose maker may act no longer.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = open_with(text.strip())
        if token is None:
            count_failure(request)
            raise AuthenticationFailed(
                _("访问令牌无效：不存在、已过期、已撤销，或创建者已不是成员。")
            )
        structlog.contextvars.bind_contextvars(token=token.prefix)
        maker = token.user
        maker.acting = actor_of(token)  # type: ignore[attr-defined]
        return maker, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="SceneBridge"'
