"""Reads organizations and memberships."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from common.actor import Actor
from common.errors import NotFound
from organizations.enums import IdentifierScheme, MemberRole, OrganizationState
from organizations.models import Membership, Organization
from organizations.validators import clean_credit_code


def roles_in(organization: Organization, actor: Actor) -> set[MemberRole]:
    """The roles that the actor has in the organization; empty for strangers."""
    if actor.user_id is None:
        return set()
    held = Membership.objects.filter(organization=organization, user_id=actor.user_id)
    return {MemberRole(role) for role in held.values_list("role", flat=True)}


def role_of(organization: Organization, person: User) -> MemberRole | None:
    """None for those who are no members."""
    held = Membership.objects.filter(organization=organization, user=person).first()
    return MemberRole(held.role) if held else None


def own_organizations(actor: Actor) -> QuerySet[Organization]:
    """Organizations that the actor is a member of."""
    if actor.user_id is None:
        return Organization.objects.none()
    return Organization.objects.filter(memberships__user_id=actor.user_id)


def editable_organizations(actor: Actor) -> QuerySet[Organization]:
    """Organizations for which the actor writes records, in whatever state they are."""
    if actor.user_id is None:
        return Organization.objects.none()
    writing = Membership.objects.filter(
        user_id=actor.user_id, role__in=[MemberRole.OWNER, MemberRole.EDITOR]
    )
    return Organization.objects.filter(memberships__in=writing)


def verified_organizations() -> QuerySet[Organization]:
    return Organization.objects.filter(state=OrganizationState.VERIFIED)


def visible_to(actor: Actor, *, administrator: bool) -> QuerySet[Organization]:
    """Verified organizations and one's own; all of them for administrators."""
    if administrator:
        return Organization.objects.all()
    return Organization.objects.filter(
        Q(state=OrganizationState.VERIFIED) | Q(pk__in=own_organizations(actor))
    )


def awaiting_verification() -> QuerySet[Organization]:
    """What administrators have to verify, the longest waiting first; ``waiting`` since then."""
    return (
        Organization.objects.filter(state=OrganizationState.SUBMITTED)
        .annotate(waiting=Now() - F("created_at"))
        .select_related("city")
        .order_by("created_at", "pk")
    )


def seen_of_organization(
    actor: Actor, *, public: Q, administrator: bool, path: str = "organization"
) -> Q:
    """The condition under which ``actor`` sees records of the organization at ``path``.

    ``public`` is what everybody sees once the organization is verified; its members and
    administrators see the rest too. The visibility of every noun is built of this.
    """
    if administrator:
        return Q()
    everybody = public & Q(**{f"{path}__state": OrganizationState.VERIFIED})
    if actor.user_id is None:
        return everybody
    return everybody | Q(**{f"{path}__in": own_organizations(actor)})


def any_registered() -> bool:
    return Organization.objects.exists()


def holds_demonstration() -> bool:
    """Whether any organization here is invented."""
    return Organization.objects.filter(is_demonstration=True).exists()


def by_identifier(scheme: IdentifierScheme, identifier: str) -> Organization | None:
    return Organization.objects.filter(identifier_scheme=scheme, identifier=identifier).first()


def by_credit_code(codes: set[str]) -> dict[str, Organization]:
    """Organizations by unified social credit code; codes that nobody has are absent."""
    found = Organization.objects.filter(
        identifier_scheme=IdentifierScheme.CREDIT_CODE, identifier__in=codes
    )
    return {each.identifier: each for each in found}


def registered(code: str) -> Organization:
    """The organization with this credit code; raises ValueError (a wrong code) or NotFound."""
    code = clean_credit_code(code)
    found = by_credit_code({code}).get(code)
    if found is None:
        raise NotFound(
            f"没有登记过信用代码为“{code}”的组织，请先用 manage.py register_organization 登记。"
        )
    return found
