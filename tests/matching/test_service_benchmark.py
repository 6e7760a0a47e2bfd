"""Generated records in the database, and what is measured of the service with them."""

from __future__ import annotations

import pytest
from django.conf import settings

from capabilities.queries import open_for_matching as open_capabilities
from matching.benchmark.data import Data, generate
from matching.benchmark.service import fill, measure, pages
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.models import Side
from matching.pipeline import Domain, load_capabilities, load_domain, load_scenarios
from scenarios.queries import open_for_matching as open_scenarios
from taxonomy.models import Concept


def some(scenarios: int, capabilities: int) -> tuple[Data, Domain]:
    domain = load_domain()
    names = list(Concept.objects.order_by("pk").values_list("label", flat=True))
    data = generate(
        domain.tables,
        names,
        settings.SEEDS_DIR,
        scenarios=scenarios,
        capabilities=capabilities,
    )
    fill(data, domain)
    return data, domain


def stated(record: CapabilityRecord) -> tuple[object, ...]:
    """Without the keys, which the database gives."""
    facts = {**vars(record)}
    del facts["key"], facts["organization"]
    return tuple(facts.values())


def asked(record: ScenarioRecord) -> tuple[object, ...]:
    return (
        record.title,
        record.body.splitlines()[0],  # must-haves are told in words too
        record.concepts,
        record.city,
        record.budget,
        record.must_concepts,
        record.must_qualifications,
        record.must_readiness,
        len(record.organizations),
    )


@pytest.mark.django_db
def test_every_record_is_open_and_says_what_was_generated() -> None:
    data, domain = some(40, 120)

    capabilities = load_capabilities(open_capabilities(), domain).records
    assert [stated(each) for each in capabilities] == [stated(each) for each in data.capabilities]
    scenarios = load_scenarios(open_scenarios(), domain).records
    assert [asked(each) for each in scenarios] == [asked(each) for each in data.scenarios]


def test_the_whole_service_is_measured(committed_db: str) -> None:
    some(20, 300)

    times = measure(3)

    assert times.full_run.keys() == {"reading", "ranking", "writing"}
    assert times.change.keys() == {*Side.values}
    for change in times.change.values():
        assert change.count == 3
        assert 0 < change.p50 <= change.p95
        assert change.lists_touched > 1  # its own, and those of others
    for queued in times.queued.values():
        assert 0 < queued["p50"] <= queued["p95"]
    assert 0 < times.ready_first_ms < times.cold_first_ms
    assert pages(Side.SCENARIO, 2).count == 2
