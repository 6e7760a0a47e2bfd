"""Verbs on organizations."""

from __future__ import annotations

from typing import Annotated

from django.db import transaction
from pydantic import Field, ValidationInfo, field_validator

from accounts.models import User
from common.actor import Actor, require_actor
from common.errors import Forbidden
from common.facts import Code, Facts, Line, Name, unique
from common.models import refuse_duplicates
from common.permissions import may
from lifecycle.news import announce
from lifecycle.services import advance
from lifecycle.steps import Steps
from organizations.enums import Attribute, Capacity, IdentifierScheme, LegalKind, MemberRole
from organizations.models import Membership, Organization
from organizations.validators import clean_identifier
from taxonomy.vocabulary import Vocabulary


class OrganizationFacts(Facts):
    """What an organization states when it registers; ``city`` and ``district`` are codes."""

    name: Name
    legal_kind: LegalKind = LegalKind.ENTERPRISE
    identifier_scheme: IdentifierScheme = IdentifierScheme.CREDIT_CODE
    identifier: str
    capacities: Annotated[list[Capacity], unique] = Field(
        default=[Capacity.PUBLISH, Capacity.SUPPLY], min_length=1
    )
    attributes: Annotated[list[Attribute], unique] = []
    city: Code | None = None
    district: Code | None = None
    seat: Annotated[Line, Field(max_length=60)] = ""

    @field_validator("identifier")
    @classmethod
    def _identifier_of_its_scheme(cls, value: str, info: ValidationInfo) -> str:
        scheme = info.data.get("identifier_scheme", IdentifierScheme.CREDIT_CODE)
        return clean_identifier(scheme, value)


def register_organization(*, facts: OrganizationFacts, actor: Actor) -> Organization:
    """Take up an organization, to be verified.

    Raises Forbidden, InvalidInput (unknown city or district), Conflict (the identifier is taken).
    """
    actor = require_actor(actor)
    if not may("organizations.register", actor):
        raise Forbidden("您没有登记组织的权限。")
    values = facts.model_dump(exclude={"city", "district"})
    place = Vocabulary.load().place(facts.city, facts.district)
    taken = f"证件号码“{facts.identifier}”已经登记过，一个号码只能登记一次。"
    with transaction.atomic():
        with refuse_duplicates("organizations_one_per_identifier", taken):
            organization = Organization.objects.create(**values, **place)
        announce(organization, "register", actor)
    return organization


def verify_organization(*, organization: Organization, actor: Actor) -> Organization:
    return advance(organization, "verify", actor)


def suspend_organization(*, organization: Organization, actor: Actor) -> Organization:
    return advance(organization, "suspend", actor)


def add_member(
    *, organization: Organization, person: User, role: MemberRole, actor: Actor
) -> Membership:
    """Let a person act for the organization.

    Raises Forbidden, Conflict (already a member, in whatever role).
    """
    actor = require_actor(actor)
    if not may("organizations.add_member", actor, organization):
        raise Forbidden("您没有为这个组织添加成员的权限。")
    taken = f"{person} 已经是“{organization}”的成员。"
    with transaction.atomic(), refuse_duplicates("organizations_one_membership", taken):
        membership = Membership.objects.create(organization=organization, user=person, role=role)
        recorded = {"user": person.pk, "role": role}
        announce(organization, "add_member", actor, recorded=recorded)
    return membership


STEPS = Steps("organization", {"verify": verify_organization, "suspend": suspend_organization})
