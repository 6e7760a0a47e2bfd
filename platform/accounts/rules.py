"""Who administers the platform, and what they may do to accounts."""

from __future__ import annotations

from common.actor import Actor
from common.permissions import allow, predicate


@predicate
def is_administrator(actor: Actor) -> bool:
    """The platform itself, and people who administer it."""
    return actor.is_system or bool({"administrator", "superuser"} & actor.roles)


@predicate
def is_platform(actor: Actor) -> bool:
    return actor.is_system


allow("accounts.create", is_administrator)
# Nobody takes over the account of somebody else; the platform's operator may on the machine.
allow("accounts.set_password", is_platform)
