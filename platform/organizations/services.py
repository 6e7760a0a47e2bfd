"""Verbs on organizations."""

from __future__ import annotations

from typing import Annotated

from django.db import transaction
from pydantic import Field, ValidationInfo, field_validator

from accounts.models import User
from common.actor import Actor, require_actor
from common.errors import Conflict, Forbidden, NotFound
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


def register_organization(
    *, facts: OrganizationFacts, actor: Actor, is_demonstration: bool = False
) -> Organization:
    """Take up an organization, to be verified.

    ``is_demonstration``: it is invented, and so is all that it will publish. Raises Forbidden,
    InvalidInput (unknown city or district), Conflict (the identifier is taken).
    """
    actor = require_actor(actor)
    if not may("organizations.register", actor):
        raise Forbidden("您没有登记组织的权限。")
    values = facts.model_dump(exclude={"city", "district"})
    place = Vocabulary.load().place(facts.city, facts.district)
    taken = f"证件号码“{facts.identifier}”已经登记过，一个号码只能登记一次。"
    with transaction.atomic():
        with refuse_duplicates("organizations_one_per_identifier", taken):
            organization = Organization.objects.create(
                **values, **place, is_demonstration=is_demonstration
            )
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


def change_role(
    *, organization: Organization, person: User, role: MemberRole, actor: Actor
) -> Membership:
    """Give a member another role; an organization that has an owner keeps one.

    Raises Forbidden, NotFound (no member), Conflict (has the role already, or is the last owner).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        members = _lock_members(organization)
        if not may("organizations.change_role", actor, organization):
            raise Forbidden("您没有更改这个组织成员角色的权限。")
        membership = _membership(members, organization, person)
        before = membership.role
        if before == role:
            label = MemberRole(role).label
            raise Conflict(f"{person} 已经是“{organization}”的成员，角色就是“{label}”。")
        _keep_an_owner(members, membership)
        membership.role = role
        membership.save(update_fields=["role"])
        recorded = {"user": person.pk, "before": before, "after": role}
        announce(organization, "change_role", actor, recorded=recorded)
    return membership


def remove_member(*, organization: Organization, person: User, actor: Actor) -> None:
    """End what a person may do for the organization, from their next request on.

    Raises Forbidden, NotFound (no member), Conflict (the last owner).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        members = _lock_members(organization)
        if not may("organizations.remove_member", actor, organization):
            raise Forbidden("您没有移除这个组织成员的权限。")
        membership = _membership(members, organization, person)
        _keep_an_owner(members, membership)
        membership.delete()
        recorded = {"user": person.pk, "role": membership.role}
        announce(organization, "remove_member", actor, recorded=recorded)


def _lock_members(organization: Organization) -> list[Membership]:
    """All of them, so that of two owners who remove each other the second is judged afterwards."""
    members = Membership.objects.select_for_update(of=("self",))
    return list(members.filter(organization=organization).order_by("pk"))


def _membership(members: list[Membership], organization: Organization, person: User) -> Membership:
    for membership in members:
        if membership.user_id == person.pk:
            return membership
    raise NotFound(f"{person} 不是“{organization}”的成员。")


def _keep_an_owner(members: list[Membership], leaving: Membership) -> None:
    owners = [each for each in members if each.role == MemberRole.OWNER]
    if owners == [leaving]:
        raise Conflict("这是最后一位负责人。请先设另一位负责人。")


STEPS = Steps("organization", {"verify": verify_organization, "suspend": suspend_organization})
