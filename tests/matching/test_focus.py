"""What focus areas are worth: the rules by hand, and random lists against the reference."""

from __future__ import annotations

from itertools import product

import pytest

from matching.engine.concepts import ConceptGraph, nearness
from matching.engine.focus import Focus, focus_table, worth
from tests.matching.reference import Draw, Reference

HERE, ELSEWHERE = 0, 1
PROVINCE, CITY, DISTRICT = 0, 1, 2
# 0 is a field with the sub-industries 1 and 2, and 3 is mapped into 1; 4 equals 1, 5 is close to
# it, 6 lies inside 4; 7 is related to 1 and stands outside.
GRAPH = ConceptGraph(
    8,
    broader=[(1, 0), (2, 0), (6, 4)],
    wider=[(3, 1)],
    exact=[(1, 4)],
    close=[(1, 5)],
    related=[(1, 7)],
)
NEAR = nearness(GRAPH)


def named(
    concept: int,
    *,
    source: int = PROVINCE,
    city: int = HERE,
    is_field: bool = False,
    is_group: bool = False,
) -> Focus:
    return Focus(city, concept, source, is_field, is_group)


def here(*focus: Focus) -> list[int]:
    return focus_table(2, focus, NEAR)[HERE].tolist()


@pytest.mark.parametrize(
    ("is_field", "is_group", "expected"),
    [(False, False, 600), (True, False, 400), (False, True, 300), (True, True, 200)],
)
def test_a_sub_industry_counts_more_than_a_field_and_a_group_half(
    is_field: bool, is_group: bool, expected: int
) -> None:
    # 2 has nothing inside or like it.
    found = here(named(2, is_field=is_field, is_group=is_group))

    assert found == [0, 0, expected, 0, 0, 0, 0, 0]


def test_a_named_sub_industry_counts_for_what_is_inside_or_like_it_and_for_nothing_else() -> None:
    # 3 inside: whole. 4 and 5: by likeness. Field, sibling and relation have no share in it, and
    # neither has 6, which lies in a like concept: that one's own likeness is what is inside it.
    assert here(named(1)) == [0, 600, 0, 600, 570, 510, 570, 0]


def test_an_unnamed_sub_industry_falls_back_to_its_field() -> None:
    assert here(named(0, is_field=True))[:3] == [400, 400, 400]
    # A named one has the better of the two of one source.
    both = here(named(0, is_field=True), named(1))
    assert both[:3] == [400, 600, 400]


def test_what_lies_inside_a_field_ends_after_one_step() -> None:
    assert here(named(0, is_field=True))[3] == 0


def test_the_equal_of_a_concept_inside_lies_inside_too() -> None:
    # 4 equals 1, which lies in 0.
    assert here(named(0, is_field=True))[4] == 380


@pytest.mark.parametrize("turn", [1, -1])
def test_a_source_counts_once_with_the_best_that_it_says(turn: int) -> None:
    focus = [named(2, is_group=True), named(2), named(2, is_field=True)][::turn]

    assert here(*focus)[2] == 600


def test_sources_add_up_to_the_whole_at_most() -> None:
    province = named(2, is_field=True)
    city = named(2, source=CITY, is_group=True)
    district = named(2, source=DISTRICT)

    assert here(province, city)[2] == 700
    assert here(city, district)[2] == 900
    assert here(province, district)[2] == 1000
    assert here(province, city, district)[2] == 1000


def test_other_cities_have_nothing_of_it() -> None:
    table = focus_table(3, [named(2), named(1, city=ELSEWHERE)], NEAR)

    assert table[:, 2].tolist() == [600, 0, 0]
    assert table[:, 1].tolist() == [0, 600, 0]
    assert table.shape == (3, GRAPH.size)


def test_a_city_without_list_is_worth_nothing() -> None:
    assert focus_table(2, [], NEAR).tolist() == [[0] * GRAPH.size] * 2


def test_tables_may_lack_cities_or_concepts() -> None:
    nothing = nearness(ConceptGraph(0))

    assert focus_table(0, [], NEAR).shape == (0, GRAPH.size)
    assert focus_table(2, [], nothing).shape == (2, 0)


def test_worth_of_one_focus_is_the_table_of_it_alone() -> None:
    focus = named(1, is_group=True)

    assert worth(focus, NEAR).tolist() == here(focus)


@pytest.mark.parametrize("seed", range(12))
def test_random_lists_agree_with_the_reference(seed: int) -> None:
    world = Draw(seed).world(concepts=10, cities=3)
    reference = Reference(world)

    table = focus_table(3, world.focus, nearness(world.graph))

    every = list(product(range(3), range(10)))
    assert {pair: table[pair] for pair in every} == {pair: reference.focus(*pair) for pair in every}
    backwards = focus_table(3, world.focus[::-1], nearness(world.graph))
    assert backwards.tolist() == table.tolist()
