"""What the tokens app holds of a person (``accounts.personal_data``)."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from common.actor import Actor
from tokens.idempotency import forget_answers
from tokens.models import ApiToken


def tokens_part(person: User) -> list[dict[str, Any]]:
    columns = ("name", "prefix", "permissions", "created_at", "expires_at", "last_used_at")
    made = ApiToken.objects.filter(user=person).order_by("pk")
    return list(made.values("organization__name", *columns, "revoked_at"))


def erase_answers(person: User, actor: Actor) -> None:
    """The tokens themselves open nothing without their maker; owners still see that they were."""
    forget_answers(person)
