"""Reads capabilities and products."""

from __future__ import annotations

from django.db.models import Prefetch, Q, QuerySet

from accounts.enums import Duty
from accounts.jurisdiction import EVERYTHING, NOTHING, within
from capabilities.enums import CapabilityState
from capabilities.facts import COLUMNS, CapabilityFacts, ProductFacts
from capabilities.models import Capability, Product
from common.actor import Actor
from organizations.enums import OrganizationState
from organizations.models import Organization
from organizations.queries import own_organizations, seen_of_organization
from taxonomy.models import City, Concept


def visible_to(actor: Actor) -> QuerySet[Capability]:
    """Capabilities that the actor may see: published ones of verified suppliers, and one's own."""
    seen = seen_of_organization(
        actor,
        public=Q(state=CapabilityState.PUBLISHED),
        administered=_overseen_by(actor),
    )
    return Capability.objects.filter(seen)


def open_for_matching() -> QuerySet[Capability]:
    """Published by a verified supplier."""
    return Capability.objects.filter(
        state=CapabilityState.PUBLISHED, organization__state=OrganizationState.VERIFIED
    )


def serving(city: City) -> QuerySet[Capability]:
    """Those that state the city, or no city at all and so serve the whole province."""
    return Capability.objects.filter(Q(cities_served=None) | Q(cities_served=city))


def own_capabilities(actor: Actor) -> QuerySet[Capability]:
    """Those of the actor's organizations, in every state."""
    return Capability.objects.filter(organization__in=own_organizations(actor))


def own_products(actor: Actor) -> QuerySet[Product]:
    return Product.objects.filter(organization__in=own_organizations(actor))


def in_brief(capabilities: QuerySet[Capability]) -> QuerySet[Capability]:
    """What a short list shows, in a fixed number of queries."""
    return capabilities.select_related("organization__city").prefetch_related(
        Prefetch("concepts", Concept.objects.select_related("scheme"))
    )


def with_details(capabilities: QuerySet[Capability]) -> QuerySet[Capability]:
    """Everything that a list row, a page or the API shows, in a fixed number of queries."""
    return in_brief(capabilities).prefetch_related("products", "reference_cases", "cities_served")


def visible_products(actor: Actor) -> QuerySet[Product]:
    """Products that published capabilities name, and one's own in any case."""
    seen = seen_of_organization(
        actor,
        public=Q(pk__in=open_for_matching().filter(products__isnull=False).values("products")),
        administered=_overseen_by(actor) | _chosen_from_by(actor),
    )
    return Product.objects.filter(seen)


def _overseen_by(actor: Actor) -> Q:
    return within(actor, Duty.CONTENT, city="organization__city", district="organization__district")


def _chosen_from_by(actor: Actor) -> Q:
    """Who curates a catalogue chooses among the products of the whole province and beyond."""
    return EVERYTHING if actor.holds(Duty.CATALOGUE) else NOTHING


def products_of(organization: Organization) -> QuerySet[Product]:
    return Product.objects.filter(organization=organization)


def stated_facts(capability: Capability) -> CapabilityFacts:
    """What the supplier stated; ``change_capability`` with it changes nothing."""
    return CapabilityFacts(
        **{name: getattr(capability, name) for name in COLUMNS},
        concepts=list(
            capability.concepts.order_by("scheme__position", "position").values_list(
                "code", flat=True
            )
        ),
        cases=list(capability.reference_cases.values("title", "client", "year")),
        cities_served=list(
            capability.cities_served.order_by("position").values_list("code", flat=True)
        ),
        products=list(capability.products.order_by("pk").values_list("public_id", flat=True)),
    )


def stated_product_facts(product: Product) -> ProductFacts:
    return ProductFacts(**{name: getattr(product, name) for name in ProductFacts.model_fields})
