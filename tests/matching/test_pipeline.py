"""Records as the engine sees them: everything that was stated, in an order of its own."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

import capabilities.queries
import scenarios.queries
from capabilities.models import Capability
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.pipeline import Snapshot, load_capabilities, load_domain, load_scenarios, plain
from policy.queries import current
from scenarios.models import Scenario
from taxonomy.models import City, CityFocus, Concept
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    make_capability,
    make_organization,
    make_scenario,
)

pytestmark = pytest.mark.django_db


def number(code: str) -> int:
    return load_domain().concepts[Concept.objects.get(code=code).pk]


def place(code: str) -> int:
    return load_domain().cities[City.objects.get(code=code).pk]


def test_scenario_arrives_whole() -> None:
    host, partner = make_organization(), make_organization()
    scenario = make_scenario(
        host,
        name="港口巡检",
        problem="高温",
        goals=[{"indicator": "漏检率", "target": "1%"}],
        needs=[
            {"strength": "must", "text": "本地部署", "concept": "gd-2024-large-models"},
            {"strength": "must", "text": "全天候"},
            {"strength": "wish", "text": "国产", "concept": "gd-2024-quantum"},
        ],
        concepts=["gd-2024-quantum", "gd-2024-embodied-robots"],
        city=GUANGZHOU,
        readiness_min=5,
        readiness_max=7,
        readiness_is_must=True,
        budget_min_fen=1,
        budget_max_fen=2,
        required_qualifications=["ＩＳＯ 9001"],
        co_publishers=[partner.identifier],
    )

    (record,) = load_scenarios(scenarios.queries.open_for_matching(), load_domain()).records

    assert record == ScenarioRecord(
        key=scenario.pk,
        organizations=frozenset({host.pk, partner.pk}),
        title="港口巡检",
        body="高温\n漏检率 1%\n本地部署\n全天候\n国产",
        concepts=tuple(sorted([number("gd-2024-quantum"), number("gd-2024-embodied-robots")])),
        city=place(GUANGZHOU),
        readiness=(5, 7),
        budget=(1, 2),
        must_concepts=(number("gd-2024-large-models"),),
        must_qualifications=frozenset({"iso9001"}),
        must_readiness=True,
    )


def test_capability_arrives_whole() -> None:
    supplier = make_organization(city=SHENZHEN)
    capability = make_capability(
        supplier,
        name="机器人",
        summary="轮式",
        highlights=["续航", "防水"],
        concepts=["gd-2024-embodied-robots"],
        readiness=7,
        price_min_fen=1,
        price_max_fen=2,
        qualifications=["ISO9001"],
        cities_served=[GUANGZHOU],
    )

    (record,) = load_capabilities(capabilities.queries.open_for_matching(), load_domain()).records

    assert record == CapabilityRecord(
        key=capability.pk,
        organization=supplier.pk,
        title="机器人",
        body="轮式\n续航\n防水",
        concepts=(number("gd-2024-embodied-robots"),),
        city=place(SHENZHEN),
        readiness=7,
        price=(1, 2),
        qualifications=frozenset({"iso9001"}),
        cities_served=frozenset({place(GUANGZHOU)}),
    )


def test_bare_records_arrive_with_nothing_stated() -> None:
    scenario, capability = make_scenario(name="甲"), make_capability(name="乙")

    snapshot = Snapshot.read()

    host, supplier = scenario.organization_id, capability.organization_id
    assert snapshot.scenarios.records == [
        ScenarioRecord(scenario.pk, frozenset({host}), "甲", body="")
    ]
    assert snapshot.capabilities.records == [CapabilityRecord(capability.pk, supplier, "乙")]


def test_only_what_is_open_arrives() -> None:
    unverified = make_organization(verified=False)
    make_scenario(published=False)
    make_scenario(unverified, published=False)
    make_capability(published=False)
    make_capability(unverified, published=False)

    snapshot = Snapshot.read()

    assert (snapshot.scenarios.records, snapshot.capabilities.records) == ([], [])


def test_reading_costs_the_same_at_any_size(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    domain = load_domain()
    for count in (1, 30):
        while Scenario.objects.count() < count:
            make_scenario(concepts=["gd-2024-quantum"], goals=[{"indicator": "甲"}])
            make_capability(concepts=["gd-2024-quantum"], cities_served=[GUANGZHOU])
        with django_assert_num_queries(1):
            load_scenarios(scenarios.queries.open_for_matching(), domain)
        with django_assert_num_queries(1):
            load_capabilities(capabilities.queries.open_for_matching(), domain)
    assert Capability.objects.count() == 30


def test_domain_knows_every_current_focus_area() -> None:
    domain = load_domain()

    assert sorted(domain.focus_ids) == sorted(current(CityFocus).values_list("pk", flat=True))
    assert domain.tables.focus.shape == (21, Concept.objects.count())
    assert domain.tables.metro[place(GUANGZHOU), place("440600")]
    assert not domain.tables.metro[place(GUANGZHOU), place(SHENZHEN)]


def test_qualifications_are_compared_without_width_capitals_and_spaces() -> None:
    assert plain(" ＩＳＯ 9001 ") == plain("iso9001") == "iso9001"
