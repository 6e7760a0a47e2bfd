"""What a scenario does not say yet."""

from typing import Any

import pytest

from scenarios.completeness import WANTED, gaps
from scenarios.facts import ScenarioFacts

FULL: dict[str, Any] = {
    "concepts": ["gd-2024-embodied-robots"],
    "city": "440100",
    "problem": "人工巡检频次低",
    "goals": [{"indicator": "漏检率"}],
    "deadline": "2027-03-31T18:00:00+08:00",
    "budget_max_fen": 0,
    "readiness_min": 1,
    "contact_email": "chen@example.com",
}


def missing(**facts: Any) -> list[str]:
    return [each.fields[0] for each in gaps(ScenarioFacts(name="巡检", **facts))]


def test_bare_scenario_lacks_everything_that_is_wanted() -> None:
    assert missing() == [each.fields[0] for each in WANTED]


def test_full_scenario_lacks_nothing_and_nought_is_a_statement() -> None:
    assert missing(**FULL) == []


@pytest.mark.parametrize("field", FULL)
def test_each_is_missed_alone(field: str) -> None:
    facts = {name: value for name, value in FULL.items() if name != field}

    (gap,) = gaps(ScenarioFacts(name="巡检", **facts))
    assert field in gap.fields


@pytest.mark.parametrize("field", ["budget_min_fen", "readiness_max", "contact_phone"])
def test_either_end_or_way_will_do(field: str) -> None:
    other = {
        "budget_min_fen": "budget_max_fen",
        "readiness_max": "readiness_min",
        "contact_phone": "contact_email",
    }[field]
    value: Any = "020-1" if field == "contact_phone" else 5

    assert missing(**{**FULL, field: value, other: "" if field == "contact_phone" else None}) == []
