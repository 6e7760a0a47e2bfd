"""What ships in ``seeds/demo/``: enough of it, everywhere, and nothing that could be real."""

from __future__ import annotations

from collections import Counter

import pytest
from django.conf import settings
from django.db.models import Count

from applications.enums import ApplicationState
from applications.models import Application
from capabilities.enums import CapabilityState
from capabilities.models import Capability, Product
from catalogue.enums import ItemState
from catalogue.models import CatalogueEdition, CatalogueItem
from demonstration.services import load_demonstration
from demonstration.world import World, read_world
from lifecycle.queries import steps_of
from matching.queries import capabilities_for
from matching.services import rank_all
from organizations.enums import IdentifierScheme
from organizations.models import Organization
from organizations.queries import awaiting_verification
from scenarios.enums import ScenarioState
from scenarios.models import Scenario
from taxonomy.models import City, Concept, Scheme
from tests.records import SYSTEM

DIRECTORY = settings.SEEDS_DIR / "demo"
SCENARIOS, CAPABILITIES, PRODUCTS = 60, 200, 40
RESERVED = ("example.org", "demo.example.org")  # RFC 2606


@pytest.fixture(scope="module")
def world() -> World:
    return read_world(DIRECTORY)


def test_there_is_enough_of_everything_open_to_the_public(world: World) -> None:
    scenarios = Counter(each.entry.state for each in world.scenarios)
    capabilities = Counter(each.entry.state for each in world.capabilities)

    assert scenarios[ScenarioState.PUBLISHED] >= SCENARIOS
    assert capabilities[CapabilityState.PUBLISHED] >= CAPABILITIES
    assert len(world.products) >= PRODUCTS


def test_there_is_one_sign_in_for_each_role(world: World) -> None:
    """Nobody who keeps accounts or audits does anything else."""
    assert [(each.entry.duties, each.entry.role) for each in world.people] == [
        ([], "owner"),
        ([], "owner"),
        (["content", "catalogue"], None),
        (["system"], None),
        (["audit"], None),
    ]
    publisher, supplier = (each.entry.organization for each in world.people[:2])
    assert publisher in {each.entry.organization for each in world.scenarios}
    assert supplier in {each.entry.organization for each in world.capabilities}
    assert publisher != supplier


def test_names_and_numbers_cannot_be_taken_for_real(world: World) -> None:
    """DEM stands where a registry puts figures or letters of its own choice; where there are
    figures alone, no registry has given out so low a number.
    """
    marks = {IdentifierScheme.CREDIT_CODE: "DEM", IdentifierScheme.FOREIGN: "DEMO-"}
    for each in world.organizations:
        facts = each.entry.facts
        assert marks.get(facts.identifier_scheme, "00000") in facts.identifier, each.entry.key
    addresses = {each.entry.email for each in world.people}
    addresses |= {each.entry.facts.contact_email for each in world.scenarios}
    assert {address.partition("@")[2] for address in addresses if address} <= set(RESERVED)
    assert not any(each.entry.facts.contact_phone for each in world.scenarios)
    assert all("演示" in each.entry.facts.name for each in world.catalogues)


def test_no_text_is_there_twice(world: World) -> None:
    texts = [each.entry.facts.problem for each in world.scenarios]
    texts += [each.entry.facts.summary for each in world.capabilities]
    texts += [each.entry.facts.proposal for each in world.applications]
    texts += [each.entry.facts.name for each in (*world.scenarios, *world.capabilities)]

    assert [text for text, times in Counter(texts).items() if text and times > 1] == []


@pytest.mark.django_db
def test_shipped_world_is_loaded_whole_and_spread_over_the_province(world: World) -> None:
    load_demonstration(directory=DIRECTORY, actor=SYSTEM)
    rank_all()

    counts = [
        model.objects.count()
        for model in (Organization, Scenario, Capability, Product, Application)
    ]
    assert counts == [
        len(entries)
        for entries in (
            world.organizations,
            world.scenarios,
            world.capabilities,
            world.products,
            world.applications,
        )
    ]

    public = Scenario.objects.filter(state=ScenarioState.PUBLISHED)
    assert set(public.exclude(city=None).values_list("city__code", flat=True)) == set(
        City.objects.values_list("code", flat=True)
    )
    seats = Organization.objects.filter(capabilities__state=CapabilityState.PUBLISHED)
    assert seats.exclude(city=None).values("city").distinct().count() >= 20
    tagged = Concept.objects.filter(scenarios__in=public) | Concept.objects.filter(
        capabilities__state=CapabilityState.PUBLISHED
    )
    schemes = Scheme.objects.filter(retired_in=None)
    assert set(tagged.values_list("scheme__code", flat=True)) == set(
        schemes.values_list("code", flat=True)
    )

    lonely = [each.name for each in public if len(capabilities_for(each)) < 3]
    assert lonely == []

    assert set(Application.objects.values_list("state", flat=True)) >= {
        each.value for each in ApplicationState if each is not ApplicationState.DISCARDED
    }
    answered = Application.objects.values("scenario").annotate(answers=Count("id"))
    assert max(row["answers"] for row in answered) >= 3
    assert set(CatalogueItem.objects.values_list("state", flat=True)) == {*ItemState.values}
    assert CatalogueEdition.objects.count() == len(world.catalogues)
    assert Scenario.objects.filter(state=ScenarioState.SUBMITTED).exists()
    assert awaiting_verification(SYSTEM).exists()
    # Somebody took each of these steps: none was set by hand.
    for scenario in Scenario.objects.exclude(state=ScenarioState.DRAFT):
        assert [step.name for step in steps_of(scenario)][:2] == ["create", "submit"]
