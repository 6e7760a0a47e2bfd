"""Who acts: the value that every verb receives."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from common.errors import Forbidden


class ActorKind(StrEnum):
    PERSON = "person"
    SYSTEM = "system"
    VISITOR = "visitor"


@dataclass(frozen=True)
class Actor:
    """A person, the system itself, or a visitor who has not signed in.

    ``label`` is what the audit log shows later, when the account may be gone.
    """

    kind: ActorKind
    user_id: int | None = None
    label: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def system(cls, label: str) -> Actor:
        """The platform acting by itself: ``label`` names the command or task."""
        return cls(ActorKind.SYSTEM, label=label)

    @classmethod
    def of(cls, user: AbstractBaseUser | AnonymousUser) -> Actor:
        """The actor behind a signed-in request; visitors are actors without rights."""
        if not user.is_authenticated or not user.is_active:
            return cls(ActorKind.VISITOR)
        roles = {*getattr(user, "roles", ())}
        if getattr(user, "is_superuser", False):
            roles.add("superuser")
        return cls(ActorKind.PERSON, user_id=user.pk, label=str(user), roles=frozenset(roles))

    @property
    def is_system(self) -> bool:
        return self.kind is ActorKind.SYSTEM


def require_actor(actor: Actor | None) -> Actor:
    """Verbs refuse to run without an actor, so that no path forgets to say who acts."""
    if not isinstance(actor, Actor):
        raise Forbidden("操作缺少身份信息，已拒绝。")
    return actor
