"""Who may do what to an organization, and the predicates that its records build on."""

from __future__ import annotations

from accounts.rules import is_administrator
from common.actor import Actor
from common.permissions import allow, predicate
from organizations.enums import MemberRole
from organizations.models import Organization
from organizations.queries import roles_in


@predicate
def is_member(actor: Actor, organization: Organization) -> bool:
    return bool(roles_in(organization, actor))


@predicate
def is_editor(actor: Actor, organization: Organization) -> bool:
    """Owners edit too."""
    return bool(roles_in(organization, actor) & {MemberRole.OWNER, MemberRole.EDITOR})


@predicate
def is_owner(actor: Actor, organization: Organization) -> bool:
    return MemberRole.OWNER in roles_in(organization, actor)


allow("organizations.register", is_administrator)
# Whoever belongs to an organization does not check it.
allow("organizations.verify", is_administrator & ~is_member)
allow("organizations.suspend", is_administrator)
allow("organizations.add_member", is_administrator | is_owner)
allow("organizations.change_role", is_administrator | is_owner)
allow("organizations.remove_member", is_administrator | is_owner)
