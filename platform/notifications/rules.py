"""Whoever is told reads it, and decides how to be told; nobody else, not even administrators."""

from __future__ import annotations

from common.actor import Actor, ActorKind
from common.permissions import allow, predicate


@predicate
def is_a_person(actor: Actor) -> bool:
    """Not a token: verbs touch the person's own rows, and a token is an organization's."""
    return actor.kind is ActorKind.PERSON


allow("notifications.read", is_a_person)
allow("notifications.choose", is_a_person)
