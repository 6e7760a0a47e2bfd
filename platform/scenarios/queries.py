"""Reads scenarios."""

from __future__ import annotations

from django.db.models import F, Prefetch, Q, QuerySet
from django.db.models.functions import Now

from common.actor import Actor
from common.errors import Conflict
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


def hold_open(scenario: Scenario) -> None:
    """Lock a scenario whose call is open until the transaction ends, so that it stays open.

    The deadline is judged by the database clock once the lock is held: who waited for it beyond
    the deadline is late (THREATS F11). Raises Conflict that says why the call is not open.
    """
    held = Scenario.objects.select_for_update(of=("self",)).get(pk=scenario.pk)
    if held.state != ScenarioState.PUBLISHED:
        raise Conflict(f"场景“{held.get_state_display()}”，目前不接受申请。")
    if held.organization.state != OrganizationState.VERIFIED:
        raise Conflict("发布单位目前未处于已核验状态，场景暂不接受申请。")
    if has_passed(held):
        raise Conflict("对接截止时间已过，不再接受申请。")


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
