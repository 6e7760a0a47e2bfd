"""What a capability does not say yet."""

from typing import Any
from uuid import UUID

import pytest

from capabilities.completeness import WANTED, gaps
from capabilities.facts import CapabilityFacts

FULL: dict[str, Any] = {
    "concepts": ["gd-2024-embodied-robots"],
    "summary": "轮式底盘",
    "readiness": 7,
    "price_min_fen": 0,
    "cases": [{"title": "码头"}],
    "products": [UUID(int=1)],
}


def test_bare_capability_lacks_everything_that_is_wanted() -> None:
    assert gaps(CapabilityFacts(name="巡检")) == list(WANTED)


def test_full_capability_lacks_nothing_and_nought_is_a_statement() -> None:
    assert gaps(CapabilityFacts(name="巡检", **FULL)) == []


@pytest.mark.parametrize("field", FULL)
def test_each_is_missed_alone(field: str) -> None:
    facts = {name: value for name, value in FULL.items() if name != field}

    (gap,) = gaps(CapabilityFacts(name="巡检", **facts))
    assert field in gap.fields
