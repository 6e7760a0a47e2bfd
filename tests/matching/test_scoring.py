"""Points by part: every rule by hand, and thousands of random pairs against the reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from matching.engine.concepts import ConceptGraph, nearness
from matching.engine.focus import Focus, focus_table
from matching.engine.profile import PARTS, STANDARD, Profile
from matching.engine.records import CapabilityRecord, Range, ScenarioRecord
from matching.engine.scoring import Scorer, Scores, Tables
from matching.engine.text import TextModel
from tests.matching.reference import Draw, Reference, World

# 0 is a field with the sub-industries 1 and 2; 3 equals 1; 4 is a stranger.
FIELD, SUB, SIBLING, EQUAL, STRANGER = range(5)
GRAPH = ConceptGraph(5, broader=[(SUB, FIELD), (SIBLING, FIELD)], exact=[(SUB, EQUAL)])
HERE, NEXT, FAR = range(3)  # the first two share a metro circle
PROVINCE, CITY = 0, 1
WORLD = World(
    GRAPH,
    focus=[
        Focus(HERE, SUB, PROVINCE, is_field=False, is_group=False),
        Focus(HERE, STRANGER, CITY, is_field=True, is_group=False),
        Focus(FAR, FIELD, PROVINCE, is_field=True, is_group=True),
    ],
    circles=[frozenset({"广佛"}), frozenset({"广佛"}), frozenset()],
)
NEARBY = replace(STANDARD, nearness=300)
HOST, PARTNER, SUPPLIER = 1, 2, 3
LARGEST = 2**63 - 1

SCENARIO = ScenarioRecord(key=1, organizations=frozenset({HOST, PARTNER}), title="水泵")
CAPABILITY = CapabilityRecord(key=1, organization=SUPPLIER, title="光伏")


def scorer(world: World, capabilities: Sequence[CapabilityRecord]) -> Scorer:
    near = nearness(world.graph)
    cities = range(len(world.circles))
    metro = [[world.together(one, other) for other in cities] for one in cities]
    tables = Tables(
        near,
        focus_table(len(cities), world.focus, near),
        np.array(metro, dtype=bool).reshape(len(cities), len(cities)),
    )
    return Scorer(capabilities, tables, TextModel.freeze(world.corpus), world.profile)


def score(
    scenario: ScenarioRecord, *capabilities: CapabilityRecord, profile: Profile = STANDARD
) -> Scores:
    return scorer(replace(WORLD, profile=profile), capabilities).score(scenario)


def part(name: str, scenario: ScenarioRecord, capability: CapabilityRecord) -> int:
    return int(score(scenario, capability, profile=NEARBY).parts[name][0])


def eligible(scenario: ScenarioRecord, capability: CapabilityRecord) -> bool:
    return bool(score(scenario, capability).eligible[0])


def unpacked(found: Scores, row: int) -> tuple[dict[str, int], dict[str, bool], bool]:
    points = {name: int(values[row]) for name, values in found.parts.items()}
    stated = {name: bool(values[row]) for name, values in found.stated.items()}
    return points, stated, bool(found.eligible[row])


def test_standard_profile_puts_tags_first_then_city_focus_then_the_rest() -> None:
    maxima = STANDARD.maxima()

    assert list(maxima) == list(PARTS)
    focus = maxima["host_focus"] + maxima["supplier_focus"]
    order = [maxima["tag"], focus, maxima["text"], maxima["readiness"], maxima["scale"]]
    assert order == sorted(set(order), reverse=True)
    assert maxima["nearness"] == 0
    assert sum(maxima.values()) == 10_000


@pytest.mark.parametrize(
    ("asked", "offered", "points"),
    [
        ([SUB], [SUB], 4000),
        ([SUB], [EQUAL], 3800),
        ([FIELD], [SUB], 2800),
        ([SUB], [FIELD], 2400),
        ([SUB], [SIBLING], 1600),
        ([SUB], [STRANGER], 0),
        # More on offer takes nothing away.
        ([SUB], [STRANGER, SUB, SIBLING], 4000),
        # Half the best, half the average: 1000 and 500, 1000 and 333, 700 and 233.
        ([SUB, STRANGER], [SUB], 3000),
        ([SUB, STRANGER, EQUAL], [SUB], 3300),
        ([STRANGER, SUB], [STRANGER, SUB], 4000),
        ([FIELD, STRANGER], [SUB], 2100),
        ([], [SUB], 0),
        ([SUB], [], 0),
        ([], [], 0),
    ],
)
def test_tag_points_are_half_the_best_and_half_the_average(
    asked: list[int], offered: list[int], points: int
) -> None:
    scenario = replace(SCENARIO, concepts=tuple(asked))

    assert part("tag", scenario, replace(CAPABILITY, concepts=tuple(offered))) == points


@pytest.mark.parametrize(
    ("asked", "offered", "city", "share"),
    [
        ([SUB], [SUB], HERE, 600),
        ([SUB], [SUB], FAR, 200),  # unnamed there, but its field is, with a group
        ([SUB], [SUB], NEXT, 0),
        ([SUB], [SUB], None, 0),
        ([SUB], [EQUAL], HERE, 541),  # 950 · 570
        ([SIBLING], [SUB], HERE, 240),  # 400 · 600
        ([SUB], [SIBLING], HERE, 0),
        ([STRANGER], [SUB], HERE, 0),
        ([SUB, STRANGER], [SUB, STRANGER], HERE, 600),  # the best one, not their sum
        ([SIBLING, STRANGER], [SUB, STRANGER], HERE, 400),
        ([], [SUB], HERE, 0),
        ([SUB], [], HERE, 0),
    ],
)
def test_city_focus_is_weighed_by_nearness_to_the_scenario(
    asked: list[int], offered: list[int], city: int | None, share: int
) -> None:
    scenario = replace(SCENARIO, concepts=tuple(asked))
    capability = replace(CAPABILITY, concepts=tuple(offered))

    assert part("host_focus", replace(scenario, city=city), capability) == share * 1500 // 1000
    assert part("supplier_focus", scenario, replace(capability, city=city)) == share


def test_city_focus_of_either_side_says_nothing_of_the_other() -> None:
    scenario = replace(SCENARIO, concepts=(SUB,), city=NEXT)
    capability = replace(CAPABILITY, concepts=(SUB,), city=HERE)

    assert part("host_focus", scenario, capability) == 0
    assert part("supplier_focus", scenario, capability) == 600


@pytest.mark.parametrize(
    ("asked", "offered", "points"),
    [
        ((3, 5), 3, 1000),
        ((3, 5), 5, 1000),
        ((3, 5), 2, 650),
        ((3, 5), 1, 300),
        ((5, 9), 2, 0),  # three levels below would be less than nothing
        ((5, 9), 1, 0),
        ((1, 3), 4, 900),
        ((1, 3), 9, 400),
        ((None, 3), 1, 1000),
        ((None, 3), 4, 900),
        ((6, None), 9, 1000),
        ((6, None), 5, 650),
        ((5, 3), 4, 550),  # upside down: both are missed
        ((None, None), 5, 0),
        ((3, 5), None, 0),
        ((None, 1), None, 0),
    ],
)
def test_readiness_loses_more_below_the_range_than_above(
    asked: Range, offered: int | None, points: int
) -> None:
    scenario = replace(SCENARIO, readiness=asked)

    assert part("readiness", scenario, replace(CAPABILITY, readiness=offered)) == points


@pytest.mark.parametrize(
    ("budget", "price", "points"),
    [
        ((None, 100), (100, 300), 500),
        ((None, 100), (100, None), 500),
        ((20, 100), (100, 300), 500),
        ((None, 100), (1, 1), 500),
        ((None, 99), (100, None), 495),
        ((None, 50), (100, 300), 250),
        ((None, 49), (100, 300), 0),
        ((None, 749), (1000, None), 374),
        # The lower end stands in where the upper one is not stated, and the other way round.
        ((100, None), (100, None), 500),
        ((80, None), (100, None), 400),
        ((None, 100), (None, 100), 500),
        ((None, 60), (None, 100), 300),
        # Nothing is a number like others.
        ((None, 0), (0, None), 500),
        ((None, 0), (None, 0), 500),
        ((0, None), (1, None), 0),
        ((9, 0), (1, None), 0),
        ((None, 5), (0, 9), 500),
        # The largest numbers there are.
        ((None, LARGEST), (LARGEST, None), 500),
        ((None, LARGEST - 1), (LARGEST, None), 499),
        ((None, 2**62), (LARGEST, None), 250),
        ((None, 1), (LARGEST, None), 0),
        ((None, LARGEST), (0, LARGEST), 500),
        ((None, None), (1, 2), 0),
        ((1, 2), (None, None), 0),
        ((None, None), (None, None), 0),
    ],
)
def test_scale_is_whole_when_the_budget_reaches_the_lowest_price_and_nothing_below_half(
    budget: Range, price: Range, points: int
) -> None:
    scenario = replace(SCENARIO, budget=budget)

    assert part("scale", scenario, replace(CAPABILITY, price=price)) == points


@pytest.mark.parametrize("thousandth", [500, 501, 583, 667, 749, 999])
def test_scale_keeps_every_thousandth_of_sums_up_to_billions(thousandth: int) -> None:
    # A thousand points, so that none is lost; 7 and 99 999 999 are as odd as numbers get.
    profile = replace(STANDARD, scale=1000)
    for unit in (1, 7, 99_999_999):
        scenario = replace(SCENARIO, budget=(None, thousandth * unit))
        capability = replace(CAPABILITY, price=(1000 * unit, None))
        assert score(scenario, capability, profile=profile).parts["scale"][0] == thousandth


@pytest.mark.parametrize(
    ("host", "supplier", "points"),
    [
        (HERE, HERE, 300),
        (HERE, NEXT, 300),
        (NEXT, HERE, 300),
        (HERE, FAR, 0),
        (FAR, FAR, 300),
        (None, HERE, 0),
        (HERE, None, 0),
        (FAR, None, 0),  # the last city is none's by default
        (None, None, 0),
    ],
)
def test_nearness_is_the_same_city_or_metro_circle(
    host: int | None, supplier: int | None, points: int
) -> None:
    scenario, capability = replace(SCENARIO, city=host), replace(CAPABILITY, city=supplier)

    assert part("nearness", scenario, capability) == points
    assert score(scenario, capability).parts["nearness"].tolist() == [0]


def test_supplier_outside_the_province_has_no_city_focus() -> None:
    # FAR is the last city of the tables and names the field of what is offered.
    scenario = replace(SCENARIO, concepts=(SUB,))
    capability = replace(CAPABILITY, concepts=(SUB,), city=None)

    assert part("supplier_focus", scenario, capability) == 0
    assert part("supplier_focus", scenario, replace(capability, city=FAR)) == 200


def test_text_points_come_from_title_and_body_of_both() -> None:
    scenario = replace(SCENARIO, title="水泵", body="降噪")
    same = replace(CAPABILITY, title="水泵")
    told = replace(CAPABILITY, title="外壳", body="水泵降噪")

    points = score(scenario, same, told, CAPABILITY).parts["text"].tolist()

    assert points[0] == 2000
    assert 0 < points[1] < 2000
    assert points[2] == 0


FULL_SCENARIO = replace(SCENARIO, concepts=(SUB,), city=HERE, readiness=(3, 5), budget=(None, 100))
FULL_CAPABILITY = replace(CAPABILITY, concepts=(SUB,), city=HERE, readiness=4, price=(1, 2))


@pytest.mark.parametrize(
    ("scenario", "capability", "missing"),
    [
        ({}, {}, set()),
        ({"concepts": ()}, {}, {"tag", "host_focus", "supplier_focus"}),
        ({}, {"concepts": ()}, {"tag", "host_focus", "supplier_focus"}),
        ({"city": None}, {}, {"host_focus", "nearness"}),
        ({}, {"city": None}, {"supplier_focus", "nearness"}),
        ({"readiness": (None, None)}, {}, {"readiness"}),
        ({"readiness": (None, 5)}, {}, set()),
        ({}, {"readiness": None}, {"readiness"}),
        ({"budget": (None, None)}, {}, {"scale"}),
        ({"budget": (0, None)}, {}, set()),
        ({}, {"price": (None, None)}, {"scale"}),
        ({}, {"price": (0, None)}, set()),
        ({}, {"price": (None, 0)}, set()),
        ({"title": "", "body": ""}, {"title": "", "body": ""}, set()),
    ],
)
def test_what_one_side_leaves_out_is_not_stated_and_has_no_points(
    scenario: dict[str, object], capability: dict[str, object], missing: set[str]
) -> None:
    found = score(
        replace(FULL_SCENARIO, **scenario),
        replace(FULL_CAPABILITY, **capability),
        profile=NEARBY,
    )

    points, stated, _ = unpacked(found, 0)
    assert stated == {name: name not in missing for name in PARTS}
    assert {points[name] for name in missing} <= {0}


def test_stated_things_that_do_not_fit_stay_stated() -> None:
    scenario = replace(FULL_SCENARIO, concepts=(STRANGER,), readiness=(9, 9), city=FAR)
    capability = replace(FULL_CAPABILITY, readiness=1, price=(10**9, None))

    points, stated, eligible_ = unpacked(score(scenario, capability, profile=NEARBY), 0)

    assert points == dict.fromkeys(PARTS, 0)
    assert stated == dict.fromkeys(PARTS, True)
    assert eligible_


@pytest.mark.parametrize(("organization", "passes"), [(HOST, False), (PARTNER, False), (3, True)])
def test_hosts_and_partners_are_not_offered_what_is_their_own(
    organization: int, passes: bool
) -> None:
    assert eligible(SCENARIO, replace(CAPABILITY, organization=organization)) is passes


def test_a_scenario_of_no_organization_is_offered_everything() -> None:
    assert eligible(replace(SCENARIO, organizations=frozenset()), CAPABILITY)


@pytest.mark.parametrize(
    ("must", "offered", "passes"),
    [
        ([SUB], [SUB], True),
        ([SUB], [EQUAL], True),
        ([FIELD], [SUB], True),
        ([SUB], [FIELD], False),
        ([SUB], [SIBLING], False),
        ([SUB], [STRANGER, SUB], True),
        ([SUB, STRANGER], [SUB], False),
        ([SUB, STRANGER], [SUB, STRANGER], True),
        ([SUB, FIELD], [EQUAL, SUB], True),
        ([SUB], [], False),
        ([], [], True),
    ],
)
def test_must_have_tags_are_met_by_the_same_the_equal_or_what_lies_inside(
    must: list[int], offered: list[int], passes: bool
) -> None:
    scenario = replace(SCENARIO, must_concepts=tuple(must))

    assert eligible(scenario, replace(CAPABILITY, concepts=tuple(offered))) is passes


def covers(graph: ConceptGraph, must: int, offered: int) -> bool:
    scenario = replace(SCENARIO, must_concepts=(must,))
    capability = replace(CAPABILITY, concepts=(offered,))
    found = scorer(World(graph, circles=WORLD.circles), [capability]).score(scenario)
    return bool(found.eligible[0])


def test_must_have_tags_are_met_by_a_close_mapping_but_not_by_a_related_one() -> None:
    assert covers(ConceptGraph(2, close=[(0, 1)]), 0, 1)
    assert not covers(ConceptGraph(2, related=[(0, 1)]), 0, 1)


def test_must_have_tags_are_met_by_what_lies_inside_their_equal() -> None:
    # 0 equals 1, inside which 2 lies: the same extent, 665 thousandths.
    assert covers(ConceptGraph(3, exact=[(0, 1)], broader=[(2, 1)]), 0, 2)


def test_must_have_tags_are_not_met_by_the_close_of_a_close_one() -> None:
    # Close mappings are not transitive: nobody vouches for 0 and 2; 722 thousandths.
    assert not covers(ConceptGraph(3, close=[(0, 1), (1, 2)]), 0, 2)


@pytest.mark.parametrize(
    ("must", "asked", "offered", "passes"),
    [
        (True, (5, 7), 5, True),
        (True, (5, 7), 4, False),
        (True, (5, 7), 9, True),  # riper than needed is no obstacle
        (True, (5, 7), None, False),
        (True, (None, 7), None, True),
        (True, (None, 7), 9, True),
        (True, (None, None), None, True),
        (False, (5, 7), 1, True),
        (False, (5, 7), None, True),
    ],
)
def test_readiness_filters_only_from_below_and_only_when_it_must(
    must: bool, asked: Range, offered: int | None, passes: bool
) -> None:
    scenario = replace(SCENARIO, must_readiness=must, readiness=asked)

    assert eligible(scenario, replace(CAPABILITY, readiness=offered)) is passes


@pytest.mark.parametrize(
    ("must", "own", "passes"),
    [
        (set(), set(), True),
        (set(), {"a"}, True),
        ({"a"}, {"a"}, True),
        ({"a"}, {"a", "b"}, True),
        ({"a", "b"}, {"a"}, False),
        ({"a"}, {"ab"}, False),
        ({"a"}, set(), False),
    ],
)
def test_every_must_have_qualification_is_needed(
    must: set[str], own: set[str], passes: bool
) -> None:
    scenario = replace(SCENARIO, must_qualifications=frozenset(must))

    assert eligible(scenario, replace(CAPABILITY, qualifications=frozenset(own))) is passes


@pytest.mark.parametrize(
    ("city", "served", "passes"),
    [
        (HERE, {HERE}, True),
        (HERE, {FAR, HERE}, True),
        (HERE, {NEXT}, False),  # sharing a metro circle is not being served
        (FAR, {HERE, NEXT}, False),
        (HERE, set(), True),
        (None, {NEXT}, True),
    ],
)
def test_stated_cities_served_shut_out_scenarios_elsewhere(
    city: int | None, served: set[int], passes: bool
) -> None:
    scenario = replace(SCENARIO, city=city)

    assert eligible(scenario, replace(CAPABILITY, cities_served=frozenset(served))) is passes


def test_totals_add_the_parts_up_and_count_only_what_is_eligible() -> None:
    own = replace(FULL_CAPABILITY, organization=HOST)

    found = score(FULL_SCENARIO, FULL_CAPABILITY, own, profile=NEARBY)

    # Tag, both city focuses, readiness, scale, nearness; the titles have nothing in common.
    total = 4000 + 900 + 600 + 1000 + 500 + 300
    assert found.total.tolist() == [total, total]
    assert found.counted.tolist() == [total, 0]
    assert list(found.parts) == list(found.stated) == list(PARTS)


def test_no_capabilities_have_no_scores() -> None:
    scenario = replace(
        FULL_SCENARIO, must_concepts=(SUB,), must_readiness=True, must_qualifications=frozenset("a")
    )

    found = score(scenario)

    arrays = [*found.parts.values(), *found.stated.values(), found.eligible, found.counted]
    assert {each.shape for each in arrays} == {(0,)}


def test_scores_are_whole_numbers_whatever_is_left_out() -> None:
    found = score(SCENARIO, CAPABILITY)

    assert {each.dtype for each in found.parts.values()} == {np.dtype(np.int64)}
    assert {each.dtype for each in [*found.stated.values(), found.eligible]} == {np.dtype(bool)}
    assert found.total.dtype == found.counted.dtype == np.int64
    assert found.counted.tolist() == [0]


def test_capabilities_without_tags_leave_the_tags_of_others_in_place() -> None:
    offered: list[tuple[int, ...]] = [(), (SUB,), (), (), (SIBLING, FIELD), (STRANGER,), ()]
    capabilities = [replace(CAPABILITY, concepts=tags, city=HERE) for tags in offered]

    found = score(replace(SCENARIO, concepts=(SUB,), city=HERE), *capabilities)

    assert found.parts["tag"].tolist() == [0, 4000, 0, 0, 2400, 0, 0]
    assert found.parts["host_focus"].tolist() == [0, 900, 0, 0, 0, 0, 0]
    assert found.parts["supplier_focus"].tolist() == [0, 600, 0, 0, 0, 0, 0]
    assert found.stated["tag"].tolist() == [False, True, False, False, True, True, False]


def test_keys_are_kept_in_the_order_given() -> None:
    keys = [2**40, 3, 2**62]

    assert scorer(WORLD, [replace(CAPABILITY, key=key) for key in keys]).keys.tolist() == keys


@pytest.mark.parametrize("seed", range(16))
def test_random_pairs_agree_with_the_reference(seed: int) -> None:
    draw = Draw(seed)
    world = draw.world(concepts=seed + 1, cities=1 + seed % 5, profile=NEARBY)
    reference = Reference(world)
    scenarios = [draw.scenario(key, world) for key in range(16)]
    capabilities = [draw.capability(key, world) for key in range(16)]
    kernel = scorer(world, capabilities)

    for scenario in scenarios:
        found = kernel.score(scenario)
        for row, capability in enumerate(capabilities):
            assert unpacked(found, row) == (
                reference.points(scenario, capability),
                reference.stated(scenario, capability),
                reference.eligible(scenario, capability),
            )
        expected = [reference.total(scenario, each) for each in capabilities]
        assert found.counted.tolist() == expected


@pytest.mark.parametrize("seed", range(100, 104))
def test_no_part_is_negative_or_above_its_maximum(seed: int) -> None:
    draw = Draw(seed)
    world = draw.world(profile=NEARBY)
    kernel = scorer(world, [draw.capability(key, world) for key in range(200)])
    reached = dict.fromkeys(PARTS, 0)

    for key in range(40):
        for name, points in kernel.score(draw.scenario(key, world)).parts.items():
            assert points.min() >= 0
            reached[name] = max(reached[name], int(points.max()))

    maxima = NEARBY.maxima()
    assert all(0 < reached[name] <= maxima[name] for name in PARTS)


def test_a_capability_scores_alone_as_it_does_among_others() -> None:
    draw = Draw(7)
    world = draw.world(profile=NEARBY)
    capabilities = [draw.capability(key, world) for key in range(20)]
    scenario = draw.scenario(1, world)

    together = scorer(world, capabilities).score(scenario)
    alone = [scorer(world, [each]).score(scenario) for each in capabilities]

    assert [unpacked(together, row) for row in range(20)] == [unpacked(each, 0) for each in alone]


@pytest.mark.parametrize("seed", range(8))
def test_a_scenario_scores_alone_as_it_does_among_others(seed: int) -> None:
    draw = Draw(seed)
    world = draw.world()
    kernel = scorer(world, [draw.capability(key, world) for key in range(9)])
    scenarios = [draw.scenario(key, world) for key in range(20)]

    together = kernel.score_all(scenarios)

    for row, scenario in enumerate(scenarios):
        alone, among = kernel.score(scenario), together.of(row)
        for one, other in ((alone.parts, among.parts), (alone.stated, among.stated)):
            assert one.keys() == other.keys()
            assert all(one[part].tolist() == other[part].tolist() for part in one)
        assert alone.eligible.tolist() == among.eligible.tolist()
        assert alone.counted.tolist() == together.counted[row].tolist()
    assert kernel.score_all([]).counted.shape == (0, 9)


def test_order_of_tags_changes_nothing() -> None:
    draw = Draw(8)
    world = draw.world()
    scenario = replace(draw.scenario(1, world), concepts=(0, 3, 5))
    turned = replace(scenario, concepts=(5, 0, 3))
    capabilities = [
        replace(draw.capability(key, world), concepts=draw.numbers(12, 5)) for key in range(50)
    ]
    backwards = [replace(each, concepts=each.concepts[::-1]) for each in capabilities]

    one = scorer(world, capabilities).score(scenario)
    other = scorer(world, backwards).score(turned)

    assert [unpacked(one, row) for row in range(50)] == [unpacked(other, row) for row in range(50)]


def test_ripe_and_cheap_strangers_are_in_no_list() -> None:
    scenario = replace(SCENARIO, title="水泵", readiness=(5, 9), budget=(None, 100))
    stranger = replace(CAPABILITY, title="光伏", readiness=9, price=(1, 1))

    scores = score(scenario, stranger)

    assert (int(scores.total[0]), bool(scores.eligible[0])) == (1500, True)
    assert int(scores.counted[0]) == 0
    shared = score(scenario, replace(stranger, title="光伏水泵"))
    assert int(shared.counted[0]) == int(shared.total[0]) > 1500
