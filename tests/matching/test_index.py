"""Records as arrays: what is written is what the records say, and room is kept for more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import index
from matching.engine.concepts import ConceptGraph
from matching.engine.index import (
    WORD,
    Array,
    Capabilities,
    Full,
    Index,
    Lists,
    Scenarios,
    Terms,
    Vocabulary,
    fits,
    order_for_blocks,
    put,
    spread_out,
    with_room,
)
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.text import Text, TextModel, tokenize
from tests.matching import reference
from tests.matching.crowds import Crowd, CrowdDraw, lists_of, ranked, tables_of
from tests.matching.reference import World

NOWHERE = World(ConceptGraph(1), circles=[frozenset()])
NEVER_STATED = ScenarioRecord(1, frozenset(), "")


def code(term: str) -> int:
    return ord(term) if len(term) == 1 else ord(term[0]) << 21 | ord(term[1])


def crowd_of(
    scenarios: Sequence[ScenarioRecord] = (),
    capabilities: Sequence[CapabilityRecord] = (),
    world: World = NOWHERE,
) -> Crowd:
    return Crowd(world, tables_of(world), list(scenarios), list(capabilities))


def row_of(lists: Lists | Terms, row: int) -> list[int]:
    return list(map(int, lists[1][lists.bounds[row] : lists.bounds[row + 1]]))


def values_by_code(own: Index, side: Capabilities | Scenarios, row: int) -> dict[int, int]:
    """Impacts or weights of a row's terms, from all three tiers; no term is in two of them."""
    vocabulary = own.encoder.vocabulary
    codes = {number: each for each, number in zip(vocabulary.codes, vocabulary.known, strict=True)}
    found: dict[int, int] = {}
    for tier, low, high in (
        (side.rare, vocabulary.common, len(vocabulary)),
        (side.middle, vocabulary.frequent, vocabulary.common),
    ):
        values = tier.values[tier.bounds[row] : tier.bounds[row + 1]].tolist()
        for number, value in zip(row_of(tier, row), values, strict=True):
            assert low <= number < high
            assert value > 0
            assert codes[number] not in found
            found[codes[number]] = value
    for number, value in enumerate(frequent_values(side, row)):
        if value:
            found[codes[number]] = value
    return found


def frequent_values(side: Capabilities | Scenarios, row: int) -> list[int]:
    values = side.frequent[row].astype(np.int64)
    if isinstance(side, Scenarios):
        assert bool(side.heavy[row]) == side.above[row].any()
        values += side.above[row].astype(np.int64) << index.LOW
    return [int(each) for each in values]


@pytest.mark.parametrize("shares", [(10, 100), (2, 4), (0, 0), (0, 10**9), (10**9, 10**9)])
def test_every_row_holds_the_terms_of_its_record(
    shares: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "FREQUENT", shares[0])
    monkeypatch.setattr(index, "MIDDLE", shares[1])
    crowd = CrowdDraw(sum(shares) % 97).crowd(40, 60)
    own = crowd.index(room=3)
    plain = reference.TextReference([(each.title, each.body) for each in crowd.capabilities])
    keys = own.capabilities.key.tolist()

    for row, asking in enumerate(crowd.scenarios):
        expected = plain.weights((asking.title, asking.body))
        assert values_by_code(own, own.scenarios, row) == by_code(expected)
    for offering in crowd.capabilities:
        row = keys.index(offering.key)
        expected = plain.impacts((offering.title, offering.body))
        assert values_by_code(own, own.capabilities, row) == by_code(expected)


def by_code(values: dict[str, int]) -> dict[int, int]:
    return {code(term): value for term, value in values.items()}


def test_norms_are_those_of_the_middle_and_the_frequent_terms() -> None:
    own = CrowdDraw(1, long=0.1).crowd(40, 60).index()

    for side in (own.capabilities, own.scenarios):
        for row, (middle, frequent) in enumerate(side.norms.tolist()):
            values = side.middle.values[side.middle.bounds[row] : side.middle.bounds[row + 1]]
            assert middle**2 == pytest.approx(sum(each**2 for each in values.tolist()))
            values = frequent_values(side, row)
            assert frequent**2 == pytest.approx(sum(each**2 for each in values))
        assert side.norms.any(axis=0).all()
    # What the kernel goes by is not below, however it was rounded.
    assert (own.capabilities.bounds >= own.capabilities.norms[:, 1]).all()
    assert own.capabilities.bounds == pytest.approx(own.capabilities.norms[:, 1])


def test_texts_of_few_words_have_weights_beyond_16_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "FREQUENT", 10**9)
    own = CrowdDraw(1).crowd(40, 60).index()

    assert 0 < own.scenarios.heavy.sum() < len(own.scenarios.heavy)


@pytest.mark.parametrize("block", [1, 2, 7, 64, 2048])
def test_postings_of_a_block_are_the_terms_of_its_rows(block: int) -> None:
    own = CrowdDraw(block).crowd(30, 150).index(block=block, room=4)
    blocks = own.blocks
    rows = own.capabilities

    assert blocks.rows.tolist() == [*range(0, 150, block), 150]
    for number, (first, last) in enumerate(pairwise(blocks.rows.tolist())):
        terms = blocks.terms[blocks.bounds[number] : blocks.bounds[number + 1]]
        assert (np.diff(terms) > 0).all()
        found = {
            (int(blocks.terms[term]), first + int(blocks.row[place])): int(blocks.impact[place])
            for term in range(blocks.bounds[number], blocks.bounds[number + 1])
            for place in range(blocks.term_bounds[term], blocks.term_bounds[term + 1])
        }
        expected = {
            (int(tier.terms[place]), row): int(tier.values[place])
            for tier in (rows.rare, rows.middle)
            for row in range(first, last)
            for place in range(tier.bounds[row], tier.bounds[row + 1])
        }
        assert found == expected
        # Neighbours with the same tags are one run, from the block's first row to its last.
        runs = row_of(blocks.runs, number)
        assert (runs[0], runs[-1]) == (first, last)
        groups = rows.group[first:last].tolist()
        assert runs[1:-1] == [
            first + place for place in range(1, len(groups)) if groups[place - 1] != groups[place]
        ]


def test_what_records_do_not_state_is_kept_apart_from_nothing() -> None:
    stated = replace(
        NEVER_STATED,
        city=0,
        readiness=(None, 4),
        budget=(None, 0),
        concepts=(0,),
        must_concepts=(0,),
        must_qualifications=frozenset(["b", "a"]),
        organizations=frozenset([9, 3]),
    )
    silent = CapabilityRecord(1, 7, "")
    told = CapabilityRecord(2, 8, "", "", (0,), 0, 9, (0, 5), frozenset(["c", "a"]), frozenset([0]))
    own = crowd_of([NEVER_STATED, stated], [silent, told]).index()
    asking, offering = own.scenarios, own.capabilities

    assert asking.city.tolist() == [-1, 0]
    assert asking.lowest.tolist() == [0, 1]
    assert asking.highest.tolist() == [0, 4]
    assert asking.purse.tolist() == [-1, 0]
    assert [row_of(asking.organizations, row) for row in (0, 1)] == [[], [3, 9]]
    assert [row_of(asking.tags, row) for row in (0, 1)] == [[], [0]]
    assert [row_of(asking.must_tags, row) for row in (0, 1)] == [[], [0]]
    wanted = [row_of(asking.wanted, row) for row in (0, 1)]
    rows = [offering.key.tolist().index(key) for key in (1, 2)]
    held = [row_of(offering.held, row) for row in rows]
    assert (wanted[0], held[0]) == ([], [])
    assert (len(set(wanted[1])), len(set(held[1])), len({*wanted[1], *held[1]})) == (2, 2, 3)
    assert offering.city[rows].tolist() == [-1, 0]
    assert offering.readiness[rows].tolist() == [0, 9]
    assert offering.price[rows].tolist() == [-1, 0]
    assert offering.organization[rows].tolist() == [7, 8]
    # Who names no city serves them all.
    assert offering.served[rows].tolist() == [[2**64 - 1], [1]]
    assert [row_of(own.groups, int(offering.group[row])) for row in rows] == [[], [0]]


@pytest.mark.parametrize(
    ("readiness", "must", "expected"),
    [
        ((None, None), True, (0, 0, 0)),
        ((None, 3), True, (1, 3, 0)),
        ((4, None), True, (4, 9, 4)),
        ((4, 6), False, (4, 6, 0)),
    ],
)
def test_readiness_ranges_and_musts(
    readiness: tuple[int | None, int | None], must: bool, expected: tuple[int, int, int]
) -> None:
    record = replace(NEVER_STATED, readiness=readiness, must_readiness=must)

    rows = crowd_of([record]).index().scenarios

    assert (int(rows.lowest[0]), int(rows.highest[0]), int(rows.must_readiness[0])) == expected


@pytest.mark.parametrize("cities", [1, 63, 64, 65, 130])
def test_cities_beyond_one_word_are_served_like_others(cities: int) -> None:
    crowd = CrowdDraw(cities).crowd(80, 100, cities=cities)
    last = [
        replace(crowd.scenarios[0], key=10**6, city=cities - 1),
        replace(crowd.scenarios[0], key=10**6 + 1, city=0),
    ]
    offered = [
        replace(
            crowd.capabilities[0],
            key=10**6 + each,
            title=last[0].title + "水泵",
            cities_served=frozenset([each]),
        )
        for each in range(0, cities, max(cities // 8, 1))
    ]
    crowd = replace(
        crowd,
        scenarios=[*crowd.scenarios, *last],
        capabilities=[*crowd.capabilities, *offered],
    )
    own = crowd.index(block=16)

    assert own.capabilities.served.shape == (len(crowd.capabilities), -(-cities // WORD))
    assert lists_of(own, ranked(own, 5)) == crowd.lists(own.encoder.model, 5)


def test_tags_beyond_one_word_are_compared_like_others() -> None:
    world = CrowdDraw(2).world(concepts=150)
    draw = CrowdDraw(3)
    draw.tags = [(5, 70), (64,), (63, 64), (128, 149), (0, 149), (127,), (2,), ()]
    scenarios = draw.many(draw.asking, world, 60)
    capabilities = draw.many(draw.offering, world, 90)
    crowd = crowd_of(scenarios, capabilities, world)
    own = crowd.index(block=16, room=2)

    assert own.group_bits.shape[1] == 3
    for group, bits in enumerate(own.group_bits.tolist()):
        tags = {tag for tag in range(150) if bits[tag // WORD] >> (tag % WORD) & 1}
        assert tags == set(row_of(own.groups, group))
    assert lists_of(own, ranked(own, 5)) == crowd.lists(own.encoder.model, 5)


words = st.text(st.sampled_from("水泵降噪光伏Aa7，"), max_size=8)
corpora = st.lists(st.tuples(words, words), max_size=12)


@given(corpora, corpora)
@settings(deadline=None)
def test_terms_are_numbered_by_falling_frequency(offered: list[Text], asked: list[Text]) -> None:
    model = TextModel.freeze(offered)
    tokens = tokenize(asked)
    vocabulary = Vocabulary.freeze(model, [tokens.codes])

    assert set(vocabulary.codes.tolist()) == {*model.vocabulary.tolist(), *tokens.codes.tolist()}
    assert sorted(vocabulary.known.tolist()) == list(range(len(vocabulary)))
    spread = np.zeros(len(vocabulary), np.int64)
    spread[vocabulary.known] = model.spread(vocabulary.codes)
    assert (np.diff(spread) <= 0).all()
    # A tenth and a hundredth of all texts.
    assert vocabulary.frequent == sum(10 * each >= max(len(offered), 1) for each in spread.tolist())
    assert vocabulary.common == sum(100 * each >= max(len(offered), 1) for each in spread.tolist())
    assert vocabulary.numbers(vocabulary.codes).tolist() == vocabulary.known.tolist()


def test_most_terms_of_a_tier_are_the_most_frequent_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "DENSE", 2)
    monkeypatch.setattr(index, "COMMON", 3)
    model = TextModel.freeze([("水，泵，降", ""), ("水，泵，噪", ""), ("水，泵", ""), ("水", "")])

    vocabulary = Vocabulary.freeze(model, [])

    assert (vocabulary.frequent, vocabulary.common) == (2, 3)
    assert vocabulary.numbers(np.array([code("水"), code("泵")])).tolist() == [0, 1]


@pytest.mark.parametrize("known", [[], [("水泵", "")]])
def test_later_terms_are_numbered_behind_all_others_and_keep_their_numbers(
    known: list[Text],
) -> None:
    vocabulary = Vocabulary.freeze(TextModel.freeze(known), [])
    count = len(vocabulary)
    later = np.array([code("鲸"), code("0"), code("鲸")])

    first = vocabulary.numbers(later).tolist()

    assert first == [count, count + 1, count]
    assert len(vocabulary) == count + 2
    assert vocabulary.numbers(np.array([code("海"), code("0")])).tolist() == [count + 2, count + 1]
    assert vocabulary.numbers(later).tolist() == first
    assert vocabulary.numbers(np.zeros(0, np.int64)).tolist() == []


def capabilities_of(draw: CrowdDraw, count: int) -> tuple[Index, list[CapabilityRecord]]:
    """An index of ``count``, and other records of its world."""
    crowd = draw.crowd(5, count)
    more = [
        replace(each, key=5 * 10**6 + place)
        for place, each in enumerate(draw.many(draw.offering, crowd.world, 20))
    ]
    return crowd.index(room=0), more


def flat(rows: object) -> list[Array]:
    if isinstance(rows, tuple):
        return [array for each in rows for array in flat(each)]
    assert isinstance(rows, np.ndarray)
    return [rows]


@given(
    counts=st.lists(st.integers(0, 3), min_size=1, max_size=5),
    room=st.integers(0, 12),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_rows_put_one_after_the_other_are_those_encoded_together(
    counts: list[int], room: int, seed: int
) -> None:
    draw = CrowdDraw(seed, long=0)
    own, more = capabilities_of(draw, 6)
    rows = with_room(own.capabilities, room)
    taken = 6
    for count in counts:
        new = own.encoder.capabilities(more[taken - 6 : taken - 6 + count])
        before = [each.copy() for each in flat(rows)]
        if fits(rows, taken, new):
            put(rows, taken, new)
            taken += count
        else:
            with pytest.raises(Full):
                put(rows, taken, new)
            assert all(map(np.array_equal, flat(rows), before))
    assert taken <= 6 + room

    ordered = own.capabilities.key.tolist()
    together = own.encoder.capabilities(more[: taken - 6])
    for name, array in rows._asdict().items():
        new, old = getattr(together, name), getattr(own.capabilities, name)
        if isinstance(array, Lists | Terms):
            for row in range(taken):
                source, place = (old, row) if row < 6 else (new, row - 6)
                for field in range(1, len(array)):
                    assert (
                        array[field][array.bounds[row] : array.bounds[row + 1]].tolist()
                        == source[field][source.bounds[place] : source.bounds[place + 1]].tolist()
                    )
        else:
            assert np.array_equal(array[:taken], np.concatenate([old, new])), name
            assert not array[taken:].any()
    assert rows.key[:6].tolist() == ordered


def test_room_is_for_more_rows_and_for_lists_of_twice_the_average() -> None:
    rows = Lists(np.array([0, 2, 8]), np.arange(8, dtype=np.int32))

    roomy = with_room(rows, 10)

    assert len(roomy.bounds) == 3 + 10
    assert len(roomy.values) >= 8 + 10 * 2 * 4
    assert roomy.bounds[:3].tolist() == [0, 2, 8]
    assert roomy.values[:8].tolist() == list(range(8))
    assert roomy.values.dtype == np.int32
    # A copy: what is put there does not show in the original.
    put(roomy, 2, Lists(np.array([0, 1]), np.array([7], np.int32)))
    assert (rows.bounds.tolist(), row_of(roomy, 2)) == ([0, 2, 8], [7])


@pytest.mark.parametrize(
    ("room", "lengths", "fitting"), [(1, [3], True), (1, [1, 1], False), (0, [0], False)]
)
def test_lists_fit_where_there_is_room_for_rows_and_for_what_they_hold(
    room: int, lengths: list[int], fitting: bool
) -> None:
    rows = with_room(Lists(np.array([0, 2]), np.arange(2)), room)
    new = Lists(np.cumsum([0, *lengths]), np.arange(sum(lengths)))

    assert bool(fits(rows, 1, new)) is fitting


def test_a_list_as_long_as_all_room_fits_and_one_that_is_longer_does_not() -> None:
    rows = with_room(Lists(np.array([0, 2]), np.arange(2)), 1)
    free = len(rows.values) - 2

    for length, fitting in ((free, True), (free + 1, False)):
        new = Lists(np.array([0, length]), np.arange(length))
        assert bool(fits(rows, 1, new)) is fitting


def test_a_record_is_added_behind_the_others_until_there_is_no_room() -> None:
    draw = CrowdDraw(4)
    crowd = draw.crowd(8, 9)
    own = crowd.index(room=2)
    offering = draw.offering(10**6, crowd.world)
    asking = draw.asking(10**6, crowd.world)

    for place in range(2):
        assert own.add_capability(replace(offering, key=place)) == 9 + place
        assert own.add_scenario(replace(asking, key=place)) == 8 + place
    assert own.capabilities.key[9:].tolist() == own.scenarios.key[8:].tolist() == [0, 1]
    with pytest.raises(Full):
        own.add_capability(offering)
    with pytest.raises(Full):
        own.add_scenario(asking)
    assert (own.capability_count, own.scenario_count) == (11, 10)


def test_a_later_set_of_tags_is_a_group_of_its_own_and_a_known_one_is_not() -> None:
    world = CrowdDraw(5).world(concepts=12)
    offered = [CapabilityRecord(key, 9, "水泵", concepts=(key,)) for key in range(3)]
    own = crowd_of([], offered, world).index(room=4)

    for key, tags in enumerate([(2,), (4, 5), (4, 5), ()], 3):
        row = own.add_capability(CapabilityRecord(key, 9, "", concepts=tags))
        assert row_of(own.groups, int(own.capabilities.group[row])) == list(tags)
    assert len(own.encoder.groups.known) == 5


def test_tags_that_found_no_room_do_not_harm_those_that_come_later() -> None:
    """What was given up half-way must not count as known."""
    world = World(ConceptGraph(200), circles=[frozenset()])
    offered = [CapabilityRecord(key, 9, "水泵", concepts=(key,)) for key in range(3)]
    own = crowd_of([], offered, world).index(room=1)
    many = CapabilityRecord(9, 9, "水泵", concepts=tuple(range(100, 200)))

    for _ in range(2):
        with pytest.raises(Full):
            own.add_capability(many)
    row = own.add_capability(replace(many, concepts=(7, 8)))

    assert row_of(own.groups, int(own.capabilities.group[row])) == [7, 8]
    assert [row_of(own.groups, int(own.capabilities.group[row])) for row in range(3)] == [
        list(offered[key].concepts) for key in own.capabilities.key[:3].tolist()
    ]


def test_numbers_beyond_the_tables_of_the_index_are_refused() -> None:
    """As after another policy edition: the kernel would read what lies behind the tables."""
    own = CrowdDraw(2).crowd(3, 3).index(room=3)
    concepts, cities = len(own.domain.near), len(own.domain.focus)
    offered = CapabilityRecord(9, 9, "水泵", concepts=(concepts - 1,), city=cities - 1)
    asked = ScenarioRecord(9, frozenset(), "水泵", concepts=(concepts - 1,), city=cities - 1)
    own.add_capability(offered)
    own.add_scenario(asked)
    counts = own.capability_count, own.scenario_count

    for bad in (
        replace(offered, concepts=(concepts,)),
        replace(offered, city=cities),
        replace(offered, cities_served=frozenset({cities})),
    ):
        with pytest.raises(ValueError, match="none of the"):
            own.add_capability(bad)
    for wrong in (
        replace(asked, concepts=(concepts,)),
        replace(asked, must_concepts=(concepts,)),
        replace(asked, city=cities),
    ):
        with pytest.raises(ValueError, match="none of the"):
            own.add_scenario(wrong)
    assert (own.capability_count, own.scenario_count) == counts


def test_blocks_hold_every_capability_once_whatever_the_order() -> None:
    draw = CrowdDraw(6)
    crowd = draw.crowd(60, 200)

    ordered = order_for_blocks(crowd.capabilities, crowd.scenarios, crowd.tables)

    assert sorted(each.key for each in ordered) == sorted(each.key for each in crowd.capabilities)
    other = crowd.shuffled(draw)
    assert order_for_blocks(other.capabilities, other.scenarios, other.tables) == ordered
    # Neighbours share their tags far more often than the records as they were drawn.
    together = [one.concepts == other.concepts for one, other in pairwise(ordered)]
    drawn = [one.concepts == other.concepts for one, other in pairwise(crowd.capabilities)]
    assert sum(together) > 2 * sum(drawn) > 0


@pytest.mark.parametrize("count", [0, 1, 4, 5, 39, 400, 403])
def test_any_few_neighbouring_blocks_are_a_sample_of_all(count: int) -> None:
    records = [CapabilityRecord(key, 9, "水泵") for key in range(count)]

    spread = [each.key for each in spread_out(records, 4)]

    assert sorted(spread) == list(range(count))
    whole = count // 4 * 4
    assert spread[whole:] == list(range(whole, count))
    assert all(
        spread[first : first + 4] == list(range(spread[first], spread[first] + 4))
        for first in range(0, whole, 4)
    )
    for share in (2, 4):
        part = len(records) // share
        for first in range(0, part * share if count >= 400 else 0, max(part, 1)):
            middle = np.mean(spread[first : first + part]) / count
            assert middle == pytest.approx(0.5, abs=0.05)


def test_a_taxonomy_of_no_concepts_at_all_has_an_index() -> None:
    world = World(ConceptGraph(0), circles=[frozenset()])
    crowd = crowd_of(
        [ScenarioRecord(1, frozenset(), "水泵")], [CapabilityRecord(2, 9, "水泵")], world
    )
    own = crowd.index()

    assert lists_of(own, ranked(own, 5)) == ({1: [(2, 2000)]}, {2: [(1, 2000)]})
