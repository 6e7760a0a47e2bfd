"""Reasons account for the points: the way between tags, the focus area.

And for what is in no list: the hard filters that a pair does not pass.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.concepts import KEEPS, ONE, ConceptGraph, Link, Nearness, nearness
from matching.engine.explain import (
    FocusLink,
    Must,
    TagLink,
    Unmet,
    focus_link,
    tag_link,
    tied_tags,
    unmet,
)
from matching.engine.focus import Focus, focus_table, named_by_city, worth
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.scoring import Scorer, Tables
from matching.engine.text import TextModel
from tests.matching.reference import Draw, Reference, World

# 0 is a field with the sub-industries 1 and 2; 3 equals 1, 4 is close to 2, 5 is related to 0.
NEAR = nearness(
    ConceptGraph(7, broader=[(1, 0), (2, 0)], exact=[(3, 1)], close=[(2, 4)], related=[(0, 5)])
)
HERE, ELSEWHERE = 0, 1
PROVINCE, CITY = 0, 1


def scenario(*concepts: int) -> ScenarioRecord:
    return ScenarioRecord(1, frozenset(), "", concepts=concepts)


def capability(*concepts: int) -> CapabilityRecord:
    return CapabilityRecord(1, 1, "", concepts=concepts)


@pytest.mark.parametrize(
    ("asked", "offered", "expected"),
    [
        (1, 1, (Link.EQUAL, 1000, 1, 1)),
        (1, 3, (Link.EXACT, 950, 1, 3)),
        (4, 2, (Link.CLOSE, 850, 4, 2)),
        (0, 1, (Link.NARROWER, 700, 0, 1)),
        (1, 0, (Link.BROADER, 600, 1, 0)),
        (5, 0, (Link.RELATED, 500, 5, 0)),
        (1, 2, (Link.SIBLING, 400, 1, 2)),
        (3, 0, (Link.BROADER, 570, 1, 0)),
        (0, 4, (Link.NARROWER, 595, 0, 2)),
        (3, 4, (Link.SIBLING, 323, 1, 2)),
    ],
)
def test_a_tie_is_named_with_the_concepts_it_stands_between(
    asked: int, offered: int, expected: tuple[Link, int, int, int]
) -> None:
    assert tag_link(asked, offered, NEAR) == TagLink(asked, offered, *expected)


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        (ConceptGraph(3, close=[(0, 1), (1, 2)]), TagLink(0, 2, Link.CLOSE, 722, 1, 2)),
        (ConceptGraph(3, close=[(0, 1)], exact=[(1, 2)]), TagLink(0, 2, Link.EXACT, 807, 1, 2)),
        (ConceptGraph(3, exact=[(0, 1)], close=[(1, 2)]), TagLink(0, 2, Link.CLOSE, 807, 1, 2)),
        (ConceptGraph(3, exact=[(0, 1), (1, 2)]), TagLink(0, 2, Link.EXACT, 950, 0, 2)),
    ],
    ids=["close twice", "close, exact", "exact, close", "exact twice"],
)
def test_likeness_through_a_third_concept_names_it(graph: ConceptGraph, expected: TagLink) -> None:
    assert tag_link(0, 2, nearness(graph)) == expected


def assert_holds(found: TagLink, near: Nearness) -> None:
    """The named tie exists, and the way over it keeps what the share says."""
    first, second = found.near_asked, found.near_offered
    if found.link in {Link.EQUAL, Link.EXACT, Link.CLOSE}:
        assert near.alike[first, second] == KEEPS[found.link]
    else:
        assert near.kin[first, second] == found.link
    onward = KEEPS[found.link] * int(near.alike[second, found.offered]) // ONE
    assert int(near.alike[found.asked, first]) * onward // ONE == found.share


@pytest.mark.parametrize("seed", range(10))
def test_ways_of_random_graphs_account_for_every_share(seed: int) -> None:
    near = nearness(Draw(seed).graph(size=seed + 6))
    shares = np.zeros_like(near.value)

    for asked, offered in product(range(len(shares)), repeat=2):
        if near.value[asked, offered]:
            found = tag_link(asked, offered, near)
            assert_holds(found, near)
            assert (found.asked, found.offered) == (asked, offered)
            shares[asked, offered] = found.share

    assert shares.tolist() == near.value.tolist()


def test_each_tag_of_the_scenario_has_its_best_counterpart_the_nearest_first() -> None:
    # 6 is a stranger to all.
    assert tied_tags(scenario(0, 3, 6), capability(4, 1, 2), NEAR) == [(3, 1), (0, 1)]
    assert NEAR.value[3, 1] > NEAR.value[0, 1]


def test_equally_near_counterparts_go_by_number_and_equal_shares_by_the_order_asked() -> None:
    assert tied_tags(scenario(2, 1), capability(2, 0, 1), NEAR) == [(2, 2), (1, 1)]
    assert tied_tags(scenario(0), capability(2, 1), NEAR) == [(0, 1)]


def test_strangers_and_untagged_records_have_no_ties() -> None:
    assert tied_tags(scenario(6), capability(0, 1), NEAR) == []
    assert tied_tags(scenario(), capability(1), NEAR) == []
    assert tied_tags(scenario(1), capability(), NEAR) == []


def test_focus_names_the_best_place_of_each_source_the_worthiest_first() -> None:
    focus = [
        Focus(ELSEWHERE, 1, PROVINCE, is_field=False, is_group=False),
        Focus(HERE, 0, PROVINCE, is_field=True, is_group=False),
        Focus(HERE, 1, CITY, is_field=False, is_group=True),
        Focus(HERE, 2, CITY, is_field=False, is_group=False),
    ]

    found = focus_link(HERE, scenario(0), capability(6, 1), named_by_city(focus, NEAR), NEAR)

    assert found == FocusLink(concept=1, worth=700, relevance=700, focus=(1, 2))


def test_the_tag_that_gains_most_is_named_and_the_first_of_equals() -> None:
    focus = [
        Focus(HERE, 0, PROVINCE, is_field=True, is_group=False),
        Focus(HERE, 2, PROVINCE, is_field=False, is_group=False),
    ]

    more = focus_link(HERE, scenario(0), capability(1, 2), named_by_city(focus, NEAR), NEAR)
    equal = focus_link(HERE, scenario(0), capability(2, 1), named_by_city(focus[:1], NEAR), NEAR)

    # 700 · 600 is more than 700 · 400.
    assert more == FocusLink(concept=2, worth=600, relevance=700, focus=(1,))
    assert equal == FocusLink(concept=2, worth=400, relevance=700, focus=(0,))


@pytest.mark.parametrize("city", [None, ELSEWHERE])
def test_a_city_that_names_nothing_has_no_focus_to_show(city: int | None) -> None:
    focus = [Focus(HERE, 1, PROVINCE, is_field=False, is_group=False)]

    assert focus_link(city, scenario(1), capability(1), named_by_city(focus, NEAR), NEAR) is None
    assert focus_link(HERE, scenario(6), capability(1), named_by_city(focus, NEAR), NEAR) is None
    assert focus_link(HERE, scenario(), capability(1), named_by_city(focus, NEAR), NEAR) is None
    assert focus_link(HERE, scenario(1), capability(), named_by_city(focus, NEAR), NEAR) is None


@pytest.mark.parametrize("seed", range(8))
def test_random_focus_accounts_for_the_points_of_both_cities(seed: int) -> None:
    draw = Draw(seed)
    world = draw.world()
    near = nearness(world.graph)
    capabilities = [draw.capability(key, world) for key in range(12)]
    kernel = city_scorer(world, near, capabilities)

    for scenario_ in (draw.scenario(key, world) for key in range(12)):
        parts = kernel.score(scenario_).parts
        for row, each in enumerate(capabilities):
            for part, city, most in [
                ("host_focus", scenario_.city, 1500),
                ("supplier_focus", each.city, 1000),
            ]:
                found = focus_link(city, scenario_, each, named_by_city(world.focus, near), near)
                assert parts[part][row] == gained(found) * most // ONE
                assert_true_of(found, city, world, near)


def city_scorer(world: World, near: Nearness, capabilities: list[CapabilityRecord]) -> Scorer:
    cities = len(world.circles)
    tables = Tables(near, focus_table(cities, world.focus, near), np.eye(cities, dtype=bool))
    return Scorer(capabilities, tables, TextModel.freeze([]), world.profile)


def gained(found: FocusLink | None) -> int:
    return found.relevance * found.worth // ONE if found else 0


def assert_true_of(found: FocusLink | None, city: int | None, world: World, near: Nearness) -> None:
    """The named places are the city's, one of each source, and add up to the worth."""
    if found is None:
        return
    named = [world.focus[place] for place in found.focus]
    values = [int(worth(each, near)[found.concept]) for each in named]
    assert {each.city for each in named} == {city}
    assert len({each.source for each in named}) == len(named)
    assert values == sorted(values, reverse=True)
    assert min(sum(values), ONE) == found.worth
    assert min(values) > 0


tags = st.lists(st.integers(0, 6), max_size=3, unique=True).map(tuple)
levels = st.none() | st.integers(1, 9)
papers = st.frozensets(st.sampled_from(["iso9001", "cma", "civil-aviation"]), max_size=2)
places = st.none() | st.integers(0, 2)
demanding = st.builds(
    ScenarioRecord,
    key=st.just(1),
    organizations=st.frozensets(st.integers(0, 3), max_size=2),
    title=st.just("水泵"),
    city=places,
    readiness=st.tuples(levels, levels),
    must_concepts=tags,
    must_qualifications=papers,
    must_readiness=st.booleans(),
)
offering = st.builds(
    CapabilityRecord,
    key=st.just(1),
    organization=st.integers(0, 3),
    title=st.just("水泵"),
    concepts=tags,
    readiness=levels,
    qualifications=papers,
    cities_served=st.frozensets(st.integers(0, 2), max_size=2),
)


@given(demanding, offering, st.integers(0, 50))
@settings(max_examples=300, deadline=None)
def test_nothing_is_unmet_exactly_when_the_pair_is_eligible(
    asking: ScenarioRecord, offered: CapabilityRecord, seed: int
) -> None:
    world = World(Draw(seed).graph(size=7), circles=[frozenset()] * 3)
    near = nearness(world.graph)
    eligible = bool(city_scorer(world, near, [offered]).score(asking).eligible[0])

    found = unmet(asking, offered, near)

    assert (found == []) is eligible is Reference(world).eligible(asking, offered)
    assert len(found) == len(set(found))
    for each in found:
        assert unmet(only(asking, each), offered, near) == [each]


def only(asking: ScenarioRecord, missing: Unmet) -> ScenarioRecord:
    """A scenario with no other filter than the one that is named."""
    return ScenarioRecord(
        1,
        asking.organizations if missing.must is Must.OWN else frozenset(),
        "",
        city=asking.city if missing.must is Must.CITY else None,
        readiness=asking.readiness,
        must_concepts=() if missing.concept is None else (missing.concept,),
        must_qualifications=frozenset(filter(None, [missing.qualification])),
        must_readiness=missing.must is Must.READINESS,
    )


@pytest.mark.parametrize("seed", range(200, 212))
def test_what_random_worlds_leave_unmet_agrees_with_the_reference(seed: int) -> None:
    draw = Draw(seed)
    world = draw.world(concepts=seed % 12 + 1)
    near, reference = nearness(world.graph), Reference(world)
    pairs = list(
        product(
            (draw.scenario(key, world) for key in range(12)),
            [draw.capability(key, world) for key in range(12)],
        )
    )

    passed = [unmet(asking, offered, near) == [] for asking, offered in pairs]

    assert passed == [reference.eligible(asking, offered) for asking, offered in pairs]
    assert {*passed} == {True, False}


def test_every_filter_is_named_in_the_order_in_which_they_are_told() -> None:
    asking = ScenarioRecord(
        1,
        frozenset({7}),
        "",
        city=HERE,
        readiness=(6, 9),
        must_concepts=(1, 6),
        must_qualifications=frozenset({"iso9001", "cma", "civil-aviation"}),
        must_readiness=True,
    )
    offered = CapabilityRecord(
        1,
        7,
        "",
        concepts=(0, 2),
        readiness=5,
        qualifications=frozenset({"cma"}),
        cities_served=frozenset({ELSEWHERE}),
    )

    assert unmet(asking, offered, NEAR) == [
        Unmet(Must.OWN),
        Unmet(Must.CONCEPT, concept=1),
        Unmet(Must.CONCEPT, concept=6),
        Unmet(Must.READINESS),
        Unmet(Must.QUALIFICATION, qualification="civil-aviation"),
        Unmet(Must.QUALIFICATION, qualification="iso9001"),
        Unmet(Must.CITY),
    ]


@pytest.mark.parametrize(
    ("asked", "offered", "missing"),
    [
        ({"must_concepts": (1,)}, {"concepts": (1,)}, []),
        ({"must_concepts": (1,)}, {"concepts": (3,)}, []),  # equal
        ({"must_concepts": (0,)}, {"concepts": (1,)}, []),  # lies inside
        ({"must_concepts": (1,)}, {"concepts": (0,)}, [Must.CONCEPT]),  # wider is not enough
        ({"must_concepts": (1,)}, {}, [Must.CONCEPT]),
        ({"readiness": (6, 9)}, {"readiness": 1}, []),  # not a must
        ({"readiness": (6, 9), "must_readiness": True}, {"readiness": 6}, []),
        ({"readiness": (6, 9), "must_readiness": True}, {"readiness": 5}, [Must.READINESS]),
        ({"readiness": (6, 9), "must_readiness": True}, {}, [Must.READINESS]),
        ({"readiness": (1, 3), "must_readiness": True}, {"readiness": 9}, []),  # riper is fine
        ({"readiness": (None, 3), "must_readiness": True}, {}, []),
        ({"city": HERE}, {}, []),  # serves all
        ({"city": HERE}, {"cities_served": frozenset({HERE, ELSEWHERE})}, []),
        ({"city": HERE}, {"cities_served": frozenset({ELSEWHERE})}, [Must.CITY]),
        ({}, {"cities_served": frozenset({ELSEWHERE})}, []),
        ({"organizations": frozenset({5, 1})}, {}, [Must.OWN]),
        ({"organizations": frozenset({5})}, {}, []),
    ],
)
def test_a_filter_alone_is_met_or_named(
    asked: dict[str, object], offered: dict[str, object], missing: list[Must]
) -> None:
    found = unmet(replace(scenario(), **asked), replace(capability(), **offered), NEAR)

    assert [each.must for each in found] == missing
