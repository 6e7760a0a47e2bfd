"""Who a session belongs to."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User
from accounts.queries import may_sign_in


class AccountBackend(AuthenticationBackend):
    """allauth's; sessions of people who may no longer sign in end too."""

    def get_user(self, user_id: Any) -> User | None:
        person = super().get_user(user_id)
        return person if isinstance(person, User) and may_sign_in(person) else None
