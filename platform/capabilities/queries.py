"""Reads capabilities and products."""

from __future__ import annotations

from django.db.models import Prefetch, Q, QuerySet

from capabilities.enums import CapabilityState
from capabilities.models import Capability, Product
from common.actor import Actor
from organizations.enums import OrganizationState
from organizations.queries import own_organizations, seen_of_organization
from organizations.rules import is_administrator
from taxonomy.models import Concept


def visible_to(actor: Actor) -> QuerySet[Capability]:
    """Capabilities that the actor may see: published ones of verified suppliers, and one's own."""
    seen = seen_of_organization(
        actor,
        public=Q(state=CapabilityState.PUBLISHED),
        administrator=is_administrator(actor),
    )
    return Capability.objects.filter(seen)


def open_for_matching() -> QuerySet[Capability]:
    """Published by a verified supplier."""
    return Capability.objects.filter(
        state=CapabilityState.PUBLISHED, organization__state=OrganizationState.VERIFIED
    )


def own_products(actor: Actor) -> QuerySet[Product]:
    return Product.objects.filter(organization__in=own_organizations(actor))


def with_details(capabilities: QuerySet[Capability]) -> QuerySet[Capability]:
    """Everything that a list row, a page or the API shows, in a fixed number of queries."""
    return capabilities.select_related("organization__city").prefetch_related(
        Prefetch("concepts", Concept.objects.select_related("scheme")),
        "products",
        "reference_cases",
        "cities_served",
    )
