"""Reads scenarios."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce, Now

import audit.queries
from accounts.enums import Duty
from accounts.jurisdiction import within
from common.actor import Actor
from common.errors import Conflict
from common.models import ClockTimestamp
from organizations.enums import OrganizationState
from organizations.models import Organization
from organizations.queries import (
    own_organizations,
    seen_of_organization,
    verified_organizations,
)
from scenarios.enums import ScenarioState, Strength
from scenarios.facts import COLUMNS, ContactFacts, NeedFacts, ScenarioFacts
from scenarios.models import Scenario
from taxonomy.models import City, Concept
from taxonomy.queries import cities

PUBLIC_STATES = (ScenarioState.PUBLISHED, ScenarioState.CLOSED)


def visible_to(actor: Actor) -> QuerySet[Scenario]:
    """Scenarios that the actor may see: published ones of verified hosts, and one's own."""
    seen = seen_of_organization(
        actor, public=Q(state__in=PUBLIC_STATES), administered=overseen_by(actor)
    )
    return Scenario.objects.filter(seen)


def overseen_by(actor: Actor) -> Q:
    """The rule ``oversees`` as a condition."""
    host = within(actor, Duty.CONTENT, city="organization__city", district="organization__district")
    return within(actor, Duty.CONTENT) | (Q(city=None) & host)


def own_scenarios(actor: Actor) -> QuerySet[Scenario]:
    """Those that the actor's organizations host, in every state."""
    return Scenario.objects.filter(organization__in=own_organizations(actor))


def awaiting_review(actor: Actor) -> QuerySet[Scenario]:
    """What administrators have to decide, the longest waiting first.

    ``waiting`` since it was submitted: under review nothing else writes a scenario.
    """
    return (
        Scenario.objects.filter(overseen_by(actor), state=ScenarioState.SUBMITTED)
        .annotate(waiting=Now() - F("updated_at"))
        .order_by("updated_at", "pk")
    )


def changed_since_review(actor: Actor) -> QuerySet[Scenario]:
    """Published scenarios whose text was changed after an administrator had seen it.

    The latest change (``changed_at``) first. What an import published was never reviewed.
    """
    reviewed = Coalesce(audit.queries.latest("scenarios.scenario.publish", field="id"), 0)
    return (
        Scenario.objects.filter(overseen_by(actor), state=ScenarioState.PUBLISHED)
        .annotate(
            changed_at=audit.queries.latest("scenarios.scenario.change", field="at"),
            change=audit.queries.latest("scenarios.scenario.change", field="id"),
        )
        .filter(change__gt=reviewed)
        .order_by("-change")
    )


def changed_at(scenario: Scenario) -> datetime | None:
    """When the text of a scenario was last changed, None when it never was."""
    found: datetime | None = (
        Scenario.objects.filter(pk=scenario.pk)
        .values_list(audit.queries.latest("scenarios.scenario.change", field="at"), flat=True)
        .first()
    )
    return found


def open_for_matching() -> QuerySet[Scenario]:
    """Published by a verified host, and not past the deadline by the database clock."""
    return Scenario.objects.filter(
        Q(deadline=None) | Q(deadline__gt=Now()),
        state=ScenarioState.PUBLISHED,
        organization__state=OrganizationState.VERIFIED,
    )


def cities_with_open_counts() -> list[tuple[City, int]]:
    """Every city with the number of scenarios there that can still be answered.

    Two queries: a subquery among the counts of ``cities`` would run for each row they join.
    """
    counts = dict(open_for_matching().order_by().values_list("city").annotate(Count("pk")))
    return [(city, counts.get(city.pk, 0)) for city in cities()]


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


def in_brief(scenarios: QuerySet[Scenario]) -> QuerySet[Scenario]:
    """What a short list shows, in a fixed number of queries.

    ``time_left`` until the deadline, by the database clock.
    """
    return (
        scenarios.annotate(time_left=F("deadline") - Now())
        .select_related("organization", "city")
        .prefetch_related(Prefetch("concepts", Concept.objects.select_related("scheme")))
    )


def with_details(scenarios: QuerySet[Scenario]) -> QuerySet[Scenario]:
    """Everything that a list row, a page or the API shows, in a fixed number of queries.

    Partners that are not verified are left out: nothing may tell of them.
    """
    return (
        in_brief(scenarios)
        .select_related("organization__city", "district")
        .prefetch_related(
            Prefetch("technical_needs__concept", Concept.objects.select_related("scheme")),
            "goals",
            Prefetch("co_publishers", verified_organizations()),
        )
    )


def stated_facts(scenario: Scenario) -> ScenarioFacts:
    """What the publisher stated, partners that are not verified included: for its own eyes.

    ``change_scenario`` with it changes nothing.
    """
    return ScenarioFacts(
        **{name: getattr(scenario, name) for name in COLUMNS},
        city=scenario.city and scenario.city.code,
        district=scenario.district and scenario.district.code,
        concepts=list(
            scenario.concepts.order_by("scheme__position", "position").values_list(
                "code", flat=True
            )
        ),
        goals=list(scenario.goals.values("indicator", "target")),
        needs=[
            NeedFacts(strength=Strength(strength), text=text, concept=code)
            for strength, text, code in scenario.technical_needs.values_list(
                "strength", "text", "concept__code"
            )
        ],
        co_publishers=[each.identifier for each in stated_partners(scenario)],
    )


def stated_contact(scenario: Scenario) -> ContactFacts:
    values = {name: getattr(scenario, name) for name in ContactFacts.model_fields}
    return ContactFacts.model_construct(**values)


def stated_partners(scenario: Scenario) -> QuerySet[Organization]:
    """Every co-publisher, verified or not: for those who stated them.

    Not by way of ``scenario.co_publishers``, which may hold what ``with_details`` left over.
    """
    return Organization.objects.filter(co_published=scenario).order_by("pk")
