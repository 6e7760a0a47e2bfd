"""How near concepts are: every kind of tie by hand, and random graphs against the reference."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from matching.engine.concepts import ConceptGraph, Link, nearness
from tests.matching.reference import Draw, Reference, World

FIELD, ONE_SUB, OTHER_SUB = 0, 1, 2
TREE = [(ONE_SUB, FIELD), (OTHER_SUB, FIELD)]


def value(graph: ConceptGraph) -> list[list[int]]:
    return nearness(graph).value.tolist()


def test_a_concept_without_ties_is_near_to_itself_alone() -> None:
    assert value(ConceptGraph(2)) == [[1000, 0], [0, 1000]]


def test_a_graph_without_concepts_has_empty_tables() -> None:
    near = nearness(ConceptGraph(0))

    shapes = {each.shape for each in (near.value, near.alike, near.kin, near.parents)}
    assert shapes == {(0, 0)}


def test_what_lies_inside_is_nearer_than_what_is_wider_and_siblings_are_farthest() -> None:
    # Rows are asked for, columns are offered.
    assert value(ConceptGraph(3, broader=TREE)) == [
        [1000, 700, 700],
        [600, 1000, 400],
        [600, 400, 1000],
    ]


@pytest.mark.parametrize(("kind", "keeps"), [("exact", 950), ("close", 850), ("related", 500)])
@pytest.mark.parametrize("pair", [(0, 1), (1, 0)])
def test_mappings_and_relations_hold_both_ways(
    kind: str, keeps: int, pair: tuple[int, int]
) -> None:
    graph = ConceptGraph(2, **{kind: [pair]})

    assert value(graph) == [[1000, keeps], [keeps, 1000]]


@pytest.mark.parametrize("chain", [[(0, 1), (1, 2), (2, 3)], [(3, 2), (0, 1), (2, 1)]])
def test_exact_mappings_are_transitive(chain: list[tuple[int, int]]) -> None:
    near = nearness(ConceptGraph(5, exact=chain))

    whole = np.full((4, 4), 950)
    np.fill_diagonal(whole, 1000)
    assert near.alike[:4, :4].tolist() == whole.tolist()
    assert near.value[:4, :4].tolist() == whole.tolist()
    assert near.alike[4].tolist() == [0, 0, 0, 0, 1000]


def test_close_mappings_are_not_transitive() -> None:
    near = nearness(ConceptGraph(4, close=[(0, 1), (1, 2), (2, 3)]))

    assert near.alike[0].tolist() == [1000, 850, 0, 0]
    # The concept in the middle is a kinship like any other, with something close at either end;
    # a third mapping leads nowhere.
    assert near.value[0].tolist() == [1000, 850, 722, 0]


def test_a_close_mapping_does_not_become_exact_by_way_of_an_exact_one() -> None:
    near = nearness(ConceptGraph(3, close=[(0, 1)], exact=[(1, 2)]))

    assert near.alike[0].tolist() == [1000, 850, 0]
    assert near.value[0].tolist() == [1000, 850, 807]


def test_no_more_than_one_step_of_kinship_counts() -> None:
    # 0 > 1 > 2, 1 > 3 and 0 > 4; 5 is related to 2 and to 6, 6 is the parent of 7.
    graph = ConceptGraph(
        8, broader=[(1, 0), (2, 1), (3, 1), (4, 0), (7, 6)], related=[(2, 5), (5, 6)]
    )

    near = nearness(graph)

    assert near.value[2].tolist() == [0, 600, 1000, 400, 0, 500, 0, 0]
    assert near.value[0].tolist() == [1000, 700, 0, 0, 700, 0, 0, 0]
    assert near.value[5].tolist() == [0, 0, 500, 0, 0, 1000, 500, 0]


def test_likeness_counts_at_either_end_of_a_kinship_and_at_both() -> None:
    # 1 lies inside 0; 2 equals 0, 3 is close to 1.
    near = nearness(ConceptGraph(4, broader=[(1, 0)], exact=[(0, 2)], close=[(1, 3)]))

    assert near.value.tolist() == [
        [1000, 700, 950, 595],
        [600, 1000, 570, 850],
        [950, 665, 1000, 565],  # 950 · (700 · 850)
        [510, 850, 484, 1000],
    ]
    assert near.alike.tolist() == [
        [1000, 0, 950, 0],
        [0, 1000, 0, 850],
        [950, 0, 1000, 0],
        [0, 850, 0, 1000],
    ]


def test_a_mapping_to_a_wider_concept_makes_a_parent_but_no_siblings() -> None:
    # 1 and 2 lie in 0; 2 is mapped to the wider 3, and so is 4; 5 lies in 3.
    near = nearness(ConceptGraph(6, broader=[*TREE, (5, 3)], wider=[(OTHER_SUB, 3), (4, 3)]))

    assert near.value[2].tolist() == [600, 400, 1000, 600, 0, 0]
    assert near.value[3].tolist() == [0, 0, 700, 1000, 700, 700]
    assert np.argwhere(near.parents).tolist() == [[1, 0], [2, 0], [2, 3], [4, 3], [5, 3]]


def test_a_concept_in_two_branches_of_a_tree_has_siblings_in_both() -> None:
    near = nearness(ConceptGraph(5, broader=[*TREE, (OTHER_SUB, 3), (4, 3)]))

    assert near.value[1].tolist() == [600, 1000, 400, 0, 0]
    assert near.value[2].tolist() == [600, 400, 1000, 600, 400]
    # Parents of one child are no kin by it.
    assert near.value[0, 3] == 0


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        (ConceptGraph(3, broader=TREE, related=[(1, 2)]), (500, 500)),
        (ConceptGraph(3, broader=[*TREE, (2, 1)]), (700, 600)),
        (ConceptGraph(3, broader=TREE, wider=[(2, 1)]), (700, 600)),
        (ConceptGraph(3, broader=[(2, 1)], related=[(2, 1)]), (700, 600)),
        (ConceptGraph(3, broader=[(1, 2), (2, 1)]), (700, 700)),
        (ConceptGraph(3, broader=[(1, 2)], close=[(2, 1)]), (850, 850)),
        (ConceptGraph(3, exact=[(1, 2)], close=[(2, 1)]), (950, 950)),
        (ConceptGraph(3, related=[(1, 1)], close=[(2, 2)], exact=[(1, 1)]), (0, 0)),
    ],
    ids=[
        "related siblings",
        "nested siblings",
        "mapped siblings",
        "related parent",
        "circle",
        "close parent",
        "exact and close",
        "tied to itself",
    ],
)
def test_the_strongest_of_several_ties_counts(
    graph: ConceptGraph, expected: tuple[int, int]
) -> None:
    near = nearness(graph)

    assert (near.value[1, 2], near.value[2, 1]) == expected
    assert np.diagonal(near.value).tolist() == [1000, 1000, 1000]


def test_parts_name_the_tie_in_the_middle_and_the_parents() -> None:
    near = nearness(ConceptGraph(4, broader=TREE, exact=[(1, 3)]))

    nothing = -1
    assert near.kin.tolist() == [
        [Link.EQUAL, Link.NARROWER, Link.NARROWER, nothing],
        [Link.BROADER, Link.EQUAL, Link.SIBLING, nothing],
        [Link.BROADER, Link.SIBLING, Link.EQUAL, nothing],
        [nothing, nothing, nothing, Link.EQUAL],
    ]
    assert np.argwhere(near.parents).tolist() == [[1, 0], [2, 0]]


@pytest.mark.parametrize("seed", range(12))
def test_random_graphs_agree_with_the_reference(seed: int) -> None:
    graph = Draw(seed).graph(size=seed + 4)
    reference = Reference(World(graph))

    near = nearness(graph)

    every = list(product(range(graph.size), repeat=2))
    assert {pair: near.value[pair] for pair in every} == reference.near
    assert {pair: near.alike[pair] for pair in every} == reference.like


def test_order_and_repetition_of_the_ties_change_nothing() -> None:
    graph = Draw(99).graph(size=20)
    turned = ConceptGraph(
        graph.size,
        broader=[*graph.broader[::-1], *graph.broader],
        wider=[*graph.wider[::-1], *graph.wider],
        exact=[(other, one) for one, other in graph.exact[::-1]],
        close=[(other, one) for one, other in graph.close[::-1]],
        related=[(other, one) for one, other in graph.related[::-1]],
    )

    assert value(turned) == value(graph)
