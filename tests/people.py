"""People who come to act for an organization, for tests."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from common.actor import Actor
from organizations import joining
from organizations.enums import IdentifierScheme, MemberRole
from organizations.models import Invitation, JoinRequest, Organization
from tests.records import make_member

CODE = IdentifierScheme.CREDIT_CODE


def make_person(email: str = "new@example.org") -> Actor:
    return Actor.of(User.objects.create_user(email))


def ask(organization: Organization, actor: Actor, **values: Any) -> JoinRequest:
    return joining.ask_to_join(
        scheme=CODE, identifier=organization.identifier, actor=actor, **values
    )


def invited(organization: Organization, email: str = "new@example.org") -> Invitation:
    owner = make_member(organization, "owner")
    return joining.invite(
        organization=organization, email=email, role=MemberRole.EDITOR, actor=owner
    )
