"""How an organization's people can be reached: masked on pages, in full for whoever must call."""

from __future__ import annotations

from django.db import transaction

import audit.services
from accounts.contacts import Contact, contact_of
from common.actor import Actor, require_actor
from common.errors import Forbidden
from common.permissions import may
from organizations.models import Membership


def reveal_member_contact(*, membership: Membership, actor: Actor) -> Contact:
    """What pages show masked, in full; that somebody read it is on record with the organization.

    Raises Forbidden.
    """
    actor = require_actor(actor)
    organization = membership.organization
    if not may("organizations.reveal_contact", actor, organization):
        raise Forbidden("您没有查看这个组织成员完整联系方式的权限。")
    with transaction.atomic():
        audit.services.record(
            actor=actor,
            verb="organizations.organization.reveal_contact",
            obj=organization,
            details={"user": membership.user_id},
        )
    return contact_of(membership.user)
