"""Reads scenarios."""

from __future__ import annotations

from django.db.models import F, Prefetch, Q, QuerySet
from django.db.models.functions import Now

from common.actor import Actor
from common.models import ClockTimestamp
from organizations.enums import OrganizationState
from organizations.queries import seen_of_organization, verified_organizations
from organizations.rules import is_administrator
from scenarios.enums import ScenarioState
from scenarios.models import Scenario
from taxonomy.models import Concept

PUBLIC_STATES = (ScenarioState.PUBLISHED, ScenarioState.CLOSED)


def visible_to(actor: Actor) -> QuerySet[Scenario]:
    """Scenarios that the actor may see: published ones of verified hosts, and one's own."""
    seen = seen_of_organization(
        actor, public=Q(state__in=PUBLIC_STATES), administrator=is_administrator(actor)
    )
    return Scenario.objects.filter(seen)


def open_for_matching() -> QuerySet[Scenario]:
    """Published by a verified host, and not past the deadline by the database clock."""
    return Scenario.objects.filter(
        Q(deadline=None) | Q(deadline__gt=Now()),
        state=ScenarioState.PUBLISHED,
        organization__state=OrganizationState.VERIFIED,
    )


def has_passed(scenario: Scenario) -> bool:
    """Whether the deadline lies behind, by the database clock at this very moment."""
    return Scenario.objects.filter(pk=scenario.pk, deadline__lte=ClockTimestamp()).exists()


def with_details(scenarios: QuerySet[Scenario]) -> QuerySet[Scenario]:
    """Everything that a list row, a page or the API shows, in a fixed number of queries.

    ``time_left`` until the deadline, by the database clock. Partners that are not verified are
    left out: nothing may tell of them.
    """
    return (
        scenarios.annotate(time_left=F("deadline") - Now())
        .select_related("organization__city", "city", "district")
        .prefetch_related(
            Prefetch("concepts", Concept.objects.select_related("scheme")),
            Prefetch("technical_needs__concept", Concept.objects.select_related("scheme")),
            "goals",
            Prefetch("co_publishers", verified_organizations()),
        )
    )
