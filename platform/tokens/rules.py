"""Who may do what to tokens."""

from accounts.rules import is_platform
from common.actor import Actor, ActorKind
from common.permissions import allow, predicate
from organizations.rules import is_editor, is_owner
from tokens.models import ApiToken


@predicate
def is_person(actor: Actor) -> bool:
    """No token makes another."""
    return actor.kind is ActorKind.PERSON


@predicate
def owns(actor: Actor, token: ApiToken) -> bool:
    return bool(is_owner(actor, token.organization))


allow("tokens.list", is_person & is_editor)
allow("tokens.create", is_person & is_owner)
allow("tokens.revoke", is_platform | (is_person & owns))
