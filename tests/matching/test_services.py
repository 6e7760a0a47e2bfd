"""Generations, single rankings and what readers see of them."""

from __future__ import annotations

import pytest

from matching.queries import capabilities_for, scenarios_for
from matching.services import rank_all
from tests.records import make_capability, make_scenario

pytestmark = pytest.mark.django_db


def test_ranking_reads_both_ways() -> None:
    scenario = make_scenario(
        name="机场行李搬运机器人", concepts=["gd-2024-intelligent-robots"] if 0 else []
    )
    near = make_capability(name="行李搬运机器人")
    far = make_capability(name="海水淡化膜")

    rank_all()

    assert [each.record for each in capabilities_for(scenario)] == [near]
    assert [each.record for each in scenarios_for(near)] == [scenario]
    assert list(scenarios_for(far)) == []
