"""Top lists both ways: exact against sorting every pair, ties by key, whatever the input order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pytest

from matching.engine.concepts import ConceptGraph, nearness
from matching.engine.focus import focus_table
from matching.engine.ranking import TOP, Ranking, TopList, rank, top
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.scoring import Ints, Scorer, Tables
from matching.engine.text import TextModel
from tests.matching.reference import Draw, Reference, World

Lists = dict[int, list[tuple[int, int]]]  # key → (key, score) of its counterparts, best first


@dataclass(frozen=True)
class Counted:
    counted: Ints


@dataclass(frozen=True)
class Given:
    """Scores given as a table: one row a scenario, one column a capability."""

    keys: Ints
    rows: dict[int, Ints]

    def score(self, scenario: ScenarioRecord) -> Counted:
        return Counted(self.rows[scenario.key])


def ranked(
    scores: Ints,
    scenario_keys: list[int],
    capability_keys: list[int],
    size: int = TOP,
) -> tuple[Lists, Lists]:
    """Both kinds of lists for a table of scores."""
    given = Given(
        np.array(capability_keys, dtype=np.int64), dict(zip(scenario_keys, scores, strict=True))
    )
    scenarios = [ScenarioRecord(key, frozenset(), "") for key in scenario_keys]
    return plain(rank(scenarios, cast("Scorer", given), size))


def plain(ranking: Ranking) -> tuple[Lists, Lists]:
    return (
        {key: pairs(found) for key, found in ranking.of_scenarios.items()},
        {key: pairs(found) for key, found in ranking.of_capabilities.items()},
    )


def pairs(found: TopList) -> list[tuple[int, int]]:
    return list(zip(found.keys.tolist(), found.scores.tolist(), strict=True))


def best(scores: dict[int, int], size: int) -> list[tuple[int, int]]:
    """The definition: all with any point, the highest first, equals by ascending key."""
    found = [(key, score) for key, score in scores.items() if score > 0]
    return sorted(found, key=lambda each: (-each[1], each[0]))[:size]


def brute(
    scores: Ints, scenario_keys: list[int], capability_keys: list[int], size: int = TOP
) -> tuple[Lists, Lists]:
    table = {
        (one, other): int(scores[row, column])
        for row, one in enumerate(scenario_keys)
        for column, other in enumerate(capability_keys)
    }
    return (
        {
            one: best({other: table[one, other] for other in capability_keys}, size)
            for one in scenario_keys
        },
        {
            other: best({one: table[one, other] for one in scenario_keys}, size)
            for other in capability_keys
        },
    )


def drawn_keys(draw: Draw, count: int) -> list[int]:
    """Different keys in no order, some of them far beyond 32 bits."""
    keys = draw.rng.choice(10 * count + 10, count, replace=False)
    return [int(key) + (2**40 if draw.chance(0.5) else 0) for key in keys]


def listed(keys: list[int], scores: list[int], size: int = TOP) -> list[tuple[int, int]]:
    return pairs(top(np.array(keys, dtype=np.int64), np.array(scores, dtype=np.int64), size))


def test_lists_hold_fifty() -> None:
    assert TOP == 50
    assert len(listed(list(range(60)), [1] * 60)) == 50


def test_best_come_first_and_equals_by_ascending_key() -> None:
    assert listed([9, 4, 7, 1], [5, 8, 5, 2]) == [(4, 8), (7, 5), (9, 5), (1, 2)]


def test_what_has_no_point_is_not_listed() -> None:
    assert listed([1, 2, 3], [0, 1, 0]) == [(2, 1)]
    assert listed([1, 2], [0, 0]) == []
    assert listed([], []) == []


@pytest.mark.parametrize("count", [7, 8, 9, 10, 500])
def test_ties_at_the_edge_go_to_the_smallest_keys(count: int) -> None:
    # All equal but one; around four times the size, from where on only a part is sorted.
    keys = [(each * 7919) % 10_007 for each in range(count)]
    scores = [3] * (count - 1) + [4]

    assert listed(keys, scores, 2) == [(keys[-1], 4), (min(keys[:-1]), 3)]


@pytest.mark.parametrize("highest", [1, 2, 5, 10_000])
@pytest.mark.parametrize("size", [1, 2, 10, 50])
def test_top_of_many_is_that_of_sorting_all(highest: int, size: int) -> None:
    draw = Draw(highest + size)
    for count in (0, 1, size - 1, size, size + 1, 4 * size, 4 * size + 1, 700):
        keys = drawn_keys(draw, count)
        scores = [draw.number(highest + 1) for _ in range(count)]
        assert listed(keys, scores, size) == best(dict(zip(keys, scores, strict=True)), size)


@pytest.mark.parametrize("size", [1, 3, TOP])
@pytest.mark.parametrize("highest", [1, 3, 9999])
@pytest.mark.parametrize(
    ("scenarios", "capabilities"),
    [(0, 0), (0, 3), (3, 0), (1, 1), (63, 5), (64, 5), (65, 5), (128, 3), (150, 230)],
)
def test_both_lists_are_those_of_sorting_every_pair(
    scenarios: int, capabilities: int, highest: int, size: int
) -> None:
    draw = Draw(1000 * size + scenarios)
    scores = draw.rng.integers(0, highest + 1, (scenarios, capabilities))
    keys = drawn_keys(draw, scenarios), drawn_keys(draw, capabilities)

    assert ranked(scores, *keys, size) == brute(scores, *keys, size)


def test_shuffled_input_gives_identical_lists() -> None:
    draw = Draw(5)
    scores = draw.rng.integers(0, 4, (200, 260))
    scenario_keys, capability_keys = drawn_keys(draw, 200), drawn_keys(draw, 260)
    rows, columns = draw.rng.permutation(200), draw.rng.permutation(260)

    shuffled = ranked(
        scores[rows][:, columns],
        [scenario_keys[row] for row in rows],
        [capability_keys[column] for column in columns],
    )

    assert shuffled == ranked(scores, scenario_keys, capability_keys)


def test_both_lists_agree_on_every_pair_that_fits_in_both() -> None:
    draw = Draw(6)
    scores = draw.rng.integers(0, 3, (40, 45))
    of_scenarios, of_capabilities = ranked(scores, list(range(40)), list(range(45)))

    # No list is full, so that each pair with a point is in both.
    one_way = {(one, other, s) for one, found in of_scenarios.items() for other, s in found}
    other_way = {(one, other, s) for other, found in of_capabilities.items() for one, s in found}
    assert one_way == other_way
    assert len(one_way) == (scores > 0).sum()


def test_scenarios_may_come_one_by_one_and_lists_are_whole_numbers() -> None:
    given = Given(np.array([7], dtype=np.int64), {1: np.array([5]), 2: np.array([6])})
    stream = (ScenarioRecord(key, frozenset(), "") for key in (1, 2))

    found = rank(stream, cast("Scorer", given))

    assert pairs(found.of_capabilities[7]) == [(2, 6), (1, 5)]
    lists = [*found.of_scenarios.values(), *found.of_capabilities.values()]
    assert {array.dtype for each in lists for array in (each.keys, each.scores)} == {
        np.dtype(np.int64)
    }


def scorer(world: World, capabilities: list[CapabilityRecord]) -> Scorer:
    near = nearness(world.graph)
    cities = range(len(world.circles))
    metro = np.array([[world.together(one, other) for other in cities] for one in cities])
    tables = Tables(near, focus_table(len(cities), world.focus, near), metro)
    return Scorer(capabilities, tables, TextModel.freeze(world.corpus), world.profile)


def drawn_records(
    draw: Draw, world: World, scenarios: int, capabilities: int
) -> tuple[list[ScenarioRecord], list[CapabilityRecord]]:
    """Records of few different texts, so that many pairs tie; keys in no order."""
    some = [draw.scenario(0, world) for _ in range(scenarios // 3)]
    others = [draw.capability(0, world) for _ in range(capabilities // 3)]
    return (
        [replace(some[draw.number(len(some))], key=key) for key in drawn_keys(draw, scenarios)],
        [
            replace(others[draw.number(len(others))], key=key)
            for key in drawn_keys(draw, capabilities)
        ],
    )


@pytest.mark.parametrize(("seed", "size"), [(1, 1), (2, 4), (3, TOP)])
def test_ranking_of_records_is_that_of_the_reference(seed: int, size: int) -> None:
    draw = Draw(seed)
    world = draw.world()
    scenarios, capabilities = drawn_records(draw, world, 70, 40)
    reference = Reference(world)
    scores = np.array(
        [[reference.total(one, other) for other in capabilities] for one in scenarios]
    )
    keys = [each.key for each in scenarios], [each.key for each in capabilities]

    found = plain(rank(scenarios, scorer(world, capabilities), size))

    assert found == brute(scores, *keys, size)
    # Ties and pairs that no list may hold are among them.
    assert len(np.unique(scores)) < scores.size / 4
    assert (scores == 0).any()


def test_shuffled_records_give_identical_rankings() -> None:
    draw = Draw(4)
    world = draw.world()
    scenarios, capabilities = drawn_records(draw, world, 90, 240)

    one = rank(scenarios, scorer(world, capabilities))
    other = rank(scenarios[::-1], scorer(world, capabilities[::-1]))

    assert plain(one) == plain(other)


def test_records_without_anything_in_common_have_empty_lists() -> None:
    world = World(ConceptGraph(0), circles=[frozenset()])
    scenario = ScenarioRecord(1, frozenset(), "水泵")
    capability = CapabilityRecord(2, 9, "光伏")

    found = rank([scenario], scorer(world, [capability]))

    assert plain(found) == ({1: []}, {2: []})


def test_own_capabilities_are_in_neither_list() -> None:
    world = World(ConceptGraph(0), circles=[frozenset()])
    scenario = ScenarioRecord(1, frozenset({9}), "水泵")
    own, other = CapabilityRecord(2, 9, "水泵"), CapabilityRecord(3, 8, "水泵")

    found = rank([scenario], scorer(world, [own, other]))

    assert plain(found) == ({1: [(3, 2000)]}, {2: [], 3: [(1, 2000)]})
