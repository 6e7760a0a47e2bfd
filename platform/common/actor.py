"""Who acts: the value that every verb receives."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from common.errors import Forbidden


class ActorKind(StrEnum):
    PERSON = "person"
    TOKEN = "token"  # noqa: S105 (a kind, no secret)
    SYSTEM = "system"
    VISITOR = "visitor"


@dataclass(frozen=True)
class Grant:
    """A duty that somebody holds on the platform itself, and where.

    ``duty``: ``system``, ``content``, ``catalogue``, ``audit`` of an authority, or ``expert``.
    The jurisdiction is a city, a district of it, or (both None) the whole province; ``body_id``
    is the responsible body of the policy texts that the authority is, if it is one.
    """

    duty: str
    authority_id: int | None = None
    body_id: int | None = None
    city_id: int | None = None
    district_id: int | None = None


@dataclass(frozen=True)
class Actor:
    """A person, a person's program (token), the system itself, or a visitor not signed in.

    ``label`` names a command, task or token, and no person: the audit log keeps it for ever, and
    people may have their names deleted. A token acts for one organization and holds
    ``permissions`` alone, and none that its maker (``user_id``) has not; for others both are None.
    """

    kind: ActorKind
    user_id: int | None = None
    label: str = ""
    grants: frozenset[Grant] = field(default_factory=frozenset)
    organization_id: int | None = None
    permissions: frozenset[str] | None = None
    token_id: int | None = None

    @classmethod
    def system(cls, label: str) -> Actor:
        """The platform acting by itself: ``label`` names the command or task."""
        return cls(ActorKind.SYSTEM, label=label)

    @classmethod
    def of(cls, user: AbstractBaseUser | AnonymousUser) -> Actor:
        """The actor behind a signed-in request; visitors are actors without rights.

        A program that signed in with a token is the actor that its token made (``acting``).
        """
        if not user.is_authenticated or not user.is_active:
            return cls(ActorKind.VISITOR)
        acting = getattr(user, "acting", None)
        if isinstance(acting, Actor):
            return acting
        return cls(
            ActorKind.PERSON,
            user_id=user.pk,
            grants=frozenset(getattr(user, "grants", ())),
        )

    @property
    def is_system(self) -> bool:
        return self.kind is ActorKind.SYSTEM

    def holds(self, duty: str) -> bool:
        """Whether the actor has the duty anywhere."""
        return self.is_system or any(grant.duty == duty for grant in self.grants)

    def grants_of(self, duty: str) -> list[Grant]:
        return [grant for grant in self.grants if grant.duty == duty]


def require_actor(actor: Actor | None) -> Actor:
    """Verbs refuse to run without an actor, so that no path forgets to say who acts."""
    if not isinstance(actor, Actor):
        raise Forbidden("操作缺少身份信息，已拒绝。")
    return actor
