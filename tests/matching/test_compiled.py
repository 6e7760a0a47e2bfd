"""The compiled engine, pair by pair and list by list the same as the plain one."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import compiled, files, index, kernel
from matching.engine.compiled import Part, Single, merged, rank_part
from matching.engine.concepts import ConceptGraph
from matching.engine.index import Index
from matching.engine.profile import STANDARD, Profile
from matching.engine.ranking import KEY_BITS, SIZE, TOP, entries
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.scoring import Ints, Scorer
from tests.matching.crowds import (
    Crowd,
    CrowdDraw,
    Lists,
    differences,
    lists_of,
    ranked,
    read,
    tables_of,
)
from tests.matching.reference import Draw, Reference, World

PROFILES = {
    "standard": STANDARD,
    "nearby": replace(STANDARD, nearness=300),
    "without tags": replace(STANDARD, tag=0),
    "text alone": Profile("text", 1, 0, 0, 0, 10_000, 0, 0),
    "without text": replace(STANDARD, text=0),
    "ripe and cheap": replace(STANDARD, tag=1, host_focus=0, supplier_focus=0, text=1, scale=9000),
}
NOWHERE = World(ConceptGraph(1), circles=[frozenset()])


def assert_exact(crowd: Crowd, size: int, found: Part, own: Index) -> None:
    expected = crowd.lists(own.encoder.model, size)

    assert not differences(lists_of(own, found), expected)
    assert found.of_scenarios.shape == (len(crowd.scenarios), size)
    assert found.of_capabilities.shape == (len(crowd.capabilities), size)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("block", "size"), [(1, 1), (2, 5), (7, TOP), (64, SIZE), (2048, 5), (2048, SIZE)]
)
def test_lists_are_those_of_the_plain_engine(block: int, size: int, profile: str) -> None:
    draw = CrowdDraw(block * size)
    crowd = draw.crowd(120, 180, profile=PROFILES[profile])
    own = crowd.index(block=block)

    assert_exact(crowd, size, ranked(own, size), own)


@given(
    seed=st.integers(0, 2**32),
    counts=st.tuples(st.integers(0, 60), st.integers(0, 60)),
    cities=st.integers(1, 5),
    block=st.sampled_from([1, 2, 7, 64]),
    size=st.integers(1, 8),
    profile=st.sampled_from(list(PROFILES.values())),
)
@settings(max_examples=150, deadline=None)
def test_lists_of_any_crowd_are_those_of_the_plain_engine(
    seed: int, counts: tuple[int, int], cities: int, block: int, size: int, profile: Profile
) -> None:
    crowd = CrowdDraw(seed, long=0).crowd(*counts, cities=cities, profile=profile)
    own = crowd.index(block=block)

    assert_exact(crowd, size, ranked(own, size), own)


@pytest.mark.parametrize("seed", range(4))
def test_scores_are_those_of_the_reference(seed: int) -> None:
    """Whose text, tags and city focus are worked out a second time."""
    draw = CrowdDraw(seed, long=0)
    crowd = draw.crowd(30, 25, profile=PROFILES["nearby"])
    texts = [(each.title, each.body) for each in crowd.capabilities]
    reference = Reference(replace(crowd.world, corpus=texts))
    found, _ = lists_of(own := crowd.index(block=7), ranked(own, SIZE))

    for scenario in crowd.scenarios:
        expected = {each.key: reference.total(scenario, each) for each in crowd.capabilities}
        assert dict(found[scenario.key]) == {key: one for key, one in expected.items() if one}


# Shares and most terms: see ``index``.
TIERS = {
    "all rare": {"FREQUENT": 0, "MIDDLE": 0},
    "all middle": {"FREQUENT": 0, "MIDDLE": 10**9},
    "all frequent": {"FREQUENT": 10**9, "MIDDLE": 10**9, "DENSE": 1 << 15},
    "one frequent": {"DENSE": 1},
    "one middle": {"DENSE": 1, "COMMON": 2},
    "no middle": {"FREQUENT": 20, "MIDDLE": 20},
    "half": {"FREQUENT": 2, "MIDDLE": 4},
}


@pytest.mark.parametrize("size", [1, 5, SIZE])
@pytest.mark.parametrize("block", [7, 64, 2048])
@pytest.mark.parametrize("tiers", TIERS)
def test_whatever_is_skipped_lists_stay_exact(
    tiers: str, block: int, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of 0 to 12 terms and very long ones, with every term, or none, on either side of what
    is bounded and summed late.
    """
    for name, value in TIERS[tiers].items():
        monkeypatch.setattr(index, name, value)
    draw = CrowdDraw(block + size, long=0.05)
    crowd = draw.crowd(100, 150, profile=[*PROFILES.values()][draw.number(len(PROFILES))])
    own = crowd.index(block=block)

    assert_exact(crowd, size, ranked(own, size), own)


def test_tiers_are_what_the_adversarial_test_means(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = CrowdDraw(1).crowd(20, 30)
    known = len(crowd.index().encoder.model.vocabulary)
    found = {}
    for tiers, values in TIERS.items():
        with monkeypatch.context() as patch:
            for name, value in values.items():
                patch.setattr(index, name, value)
            own = crowd.index()
        found[tiers] = own.encoder.vocabulary.frequent, own.encoder.vocabulary.common
        # Terms of scenarios alone are rare whatever happens.
        assert len(own.encoder.vocabulary) > known
    assert found["all rare"] == (0, 0)
    assert found["all middle"] == (0, known)
    assert found["all frequent"] == (known, known)
    assert found["one frequent"][0] == 1
    assert found["one middle"] == (1, 2)


@pytest.mark.parametrize("slice_", [1, 3, 50, 99])
@pytest.mark.parametrize("size", [2, SIZE])
def test_scenarios_asked_in_slices_give_the_same(
    slice_: int, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thresholds of capabilities come from the first slice, which may hold few or nothing."""
    crowd = CrowdDraw(size).crowd(100, 120)
    own = crowd.index(block=16)
    monkeypatch.setattr(compiled, "SLICE", slice_)

    assert_exact(crowd, size, ranked(own, size), own)
    assert_exact(crowd, size, ranked(own, size, parts=3), own)


def test_so_many_are_asked_together_as_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = CrowdDraw(4).crowd(100, 120)
    own = crowd.index(block=16)
    monkeypatch.setattr(compiled, "PROMISES", 60 * len(own.blocks.runs.values))
    slices = []
    ask = compiled.ask

    def told(index: Index, rows: Ints, blocks: range) -> kernel.Asking:
        slices.append(len(rows))
        return ask(index, rows, blocks)

    monkeypatch.setattr(compiled, "ask", told)

    assert_exact(crowd, 5, ranked(own, 5), own)
    assert slices == [30, 30, 30, 10]


@pytest.mark.parametrize("block", [7, 64])
def test_shuffled_input_gives_identical_lists(block: int) -> None:
    draw = CrowdDraw(block)
    crowd = draw.crowd(150, 200)
    own, other = crowd.index(block=block), crowd.shuffled(draw).index(block=block)

    assert lists_of(own, ranked(own, TOP)) == lists_of(other, ranked(other, TOP))


def test_order_of_capabilities_changes_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks are laid out for speed alone: any other order does as well."""
    draw = CrowdDraw(9)
    crowd = draw.crowd(150, 200)
    own = crowd.index(block=16)
    expected = lists_of(own, ranked(own, 5))

    for order in (draw.rng.permutation(200), np.argsort([each.key for each in crowd.capabilities])):
        rows = [crowd.capabilities[row] for row in order]
        monkeypatch.setattr(index, "order_for_blocks", lambda *_, rows=rows: rows)
        other = crowd.index(block=16)
        assert lists_of(other, ranked(other, 5)) == expected


@pytest.mark.parametrize("shares_floors", [False, True])
@pytest.mark.parametrize("parts", [1, 2, 3, 4, 5])
def test_parts_give_what_the_whole_gives(parts: int, shares_floors: bool) -> None:
    crowd = CrowdDraw(parts).crowd(150, 250)
    own = crowd.index(block=16)
    for size in (1, 5, SIZE):
        whole = ranked(own, size)
        shared = np.zeros(len(crowd.scenarios), np.int64) if shares_floors else None

        together = ranked(own, size, parts=parts, shared=shared)

        assert together.of_scenarios.tolist() == whole.of_scenarios.tolist()
        assert together.of_capabilities.tolist() == whole.of_capabilities.tolist()
        if shared is not None:
            # Below the last place, as another process may read them at any moment.
            assert (shared[whole.of_scenarios[:, -1] == 0] == 0).all()
            full = whole.of_scenarios[:, -1] > 0
            assert (shared[full] < whole.of_scenarios[full, -1]).all()
            assert shared.any() or size == SIZE


class Killed(BaseException):
    pass


@pytest.mark.parametrize("size", [1, 5, SIZE])
@pytest.mark.parametrize("died_at", [1, 8, 11, None])
def test_a_part_that_died_is_ranked_again_over_the_floors_that_it_left(
    died_at: int | None, size: int
) -> None:
    """None: after its last block, before anybody saw what it had found."""
    crowd = CrowdDraw(size).crowd(150, 250)
    own = crowd.index(block=16)
    whole = ranked(own, size)
    shared = np.zeros(len(crowd.scenarios), np.int64)

    def until(blocks: Iterable[int]) -> Iterator[int]:
        for block in blocks:
            if block == died_at:
                raise Killed
            yield block

    with pytest.raises(Killed) if died_at else nullcontext():
        rank_part(own, 0, 12, shared=shared, size=size, blocks=until)
    again = ranked(own, size, parts=2, shared=shared)

    assert again.of_scenarios.tolist() == whole.of_scenarios.tolist()
    assert again.of_capabilities.tolist() == whole.of_capabilities.tolist()


def test_floors_that_others_have_raised_to_the_utmost_change_nothing() -> None:
    """The last place of the whole list is known before the first block is looked at."""
    crowd = CrowdDraw(3).crowd(150, 250)
    own = crowd.index(block=16)
    whole = ranked(own, 5)
    # The last entry itself must still pass.
    shared = np.maximum(whole.of_scenarios[:, -1] - 1, 0)

    again = ranked(own, 5, parts=2, shared=shared.copy())

    assert again.of_scenarios.tolist() == whole.of_scenarios.tolist()
    assert again.of_capabilities.tolist() == whole.of_capabilities.tolist()


def rank_mapped(folder: Path, shared: Path, first: int, last: int) -> Part:
    """In a process of its own."""
    floors = np.load(shared, mmap_mode="r+")
    return rank_part(files.load(folder), first, last, shared=floors)


def test_two_processes_over_mapped_files_give_what_one_gives(tmp_path: Path) -> None:
    crowd = CrowdDraw(4).crowd(400, 500)
    own = crowd.index(block=32)
    files.save(own, tmp_path / "index")
    np.save(tmp_path / "floors.npy", np.zeros(len(crowd.scenarios), np.int64))
    half, last = len(own.blocks.rows) // 2, len(own.blocks.rows) - 1

    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        both = [
            pool.submit(rank_mapped, tmp_path / "index", tmp_path / "floors.npy", *each)
            for each in ((0, half), (half, last))
        ]
        together = merged([each.result() for each in both])

    assert_exact(crowd, SIZE, together, own)
    assert np.load(tmp_path / "floors.npy").any()


def test_progress_names_every_block_once_for_each_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    own = CrowdDraw(5).crowd(50, 60).index(block=10)
    seen: list[list[int]] = []

    def blocks(numbers: Iterable[int]) -> Iterator[int]:
        seen.append([])
        for number in numbers:
            seen[-1].append(number)
            yield number

    monkeypatch.setattr(compiled, "SLICE", 20)
    rank_part(own, 2, 5, blocks=blocks)

    assert seen == [[2, 3, 4]] * 3


@pytest.mark.parametrize("block", [4, 2048])
def test_those_who_are_gone_are_in_no_list(block: int) -> None:
    draw = CrowdDraw(block)
    crowd = draw.crowd(120, 160)
    own = crowd.index(block=block)
    rows = {key: row for row, key in enumerate(own.capabilities.key.tolist())}
    gone = draw.rng.random(120) < 0.3, draw.rng.random(160) < 0.3
    assert own.scenarios.key.tolist() == [each.key for each in crowd.scenarios]
    own.scenarios.alive[gone[0]] = 0
    own.capabilities.alive[[rows[each.key] for each in crowd.capabilities]] = ~gone[1]
    left = replace(
        crowd,
        scenarios=[each for each, out in zip(crowd.scenarios, gone[0], strict=True) if not out],
        capabilities=[
            each for each, out in zip(crowd.capabilities, gone[1], strict=True) if not out
        ],
    )

    found = lists_of(own, ranked(own, 5))

    expected = left.lists(own.encoder.model, 5)
    for lists, others in zip(found, expected, strict=True):
        assert {key: listed for key, listed in lists.items() if key in others} == others
        assert not any(listed for key, listed in lists.items() if key not in others)


@pytest.mark.parametrize(("scenarios", "capabilities"), [(0, 0), (0, 9), (9, 0), (1, 1)])
def test_nobody_on_one_side_leaves_the_other_with_empty_lists(
    scenarios: int, capabilities: int
) -> None:
    crowd = CrowdDraw(6).crowd(scenarios, capabilities)
    own = crowd.index(block=4, room=1)

    assert_exact(crowd, SIZE, ranked(own, SIZE), own)


def test_records_without_tags_and_words_are_in_no_list() -> None:
    scenario = ScenarioRecord(1, frozenset(), "，", readiness=(1, 9), budget=(None, 9))
    capability = CapabilityRecord(2, 9, "水泵", readiness=5, price=(1, 1))
    crowd = Crowd(NOWHERE, tables_of(NOWHERE), [scenario], [capability])
    own = crowd.index()

    assert lists_of(own, ranked(own, SIZE)) == ({1: []}, {2: []})


LONG = "".join(chr(0x4E00 + place) for place in range(20_000))
EXTREMES = [
    ("泵", ""),
    ("泵" * 4000, ""),
    ("泵", "泵" * 20_000),
    ("", "泵"),
    ("水", LONG),
    (LONG[:4000], "水"),
    ("水" * 200, LONG[5000:]),
    ("，", ""),
]


EXTREME = replace(NOWHERE, corpus=EXTREMES, profile=PROFILES["text alone"])


@pytest.fixture(scope="module")
def extreme_lists() -> Lists:
    """Of scenarios, from sums that have no end."""
    reference = Reference(EXTREME).text
    weights = [reference.weights(text) for text in EXTREMES]
    impacts = [reference.impacts(text) for text in EXTREMES]
    lists: Lists = {}
    for key, weighed in enumerate(weights):
        sums = [
            sum(weight * impact.get(term, 0) for term, weight in weighed.items())
            for impact in impacts
        ]
        points = {other: min(each * 10_000 // 2**23, 10_000) for other, each in enumerate(sums)}
        found = sorted((-each, other) for other, each in points.items() if each)
        lists[key] = [(other, -each) for each, other in found]
    return lists


@pytest.mark.parametrize("tiers", ["all rare", "all middle", "all frequent"])
def test_extreme_texts_leave_no_sum_of_thirty_two_bits(
    tiers: str, extreme_lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in TIERS[tiers].items():
        monkeypatch.setattr(index, name, value)
    monkeypatch.setattr(index, "DENSE", 1 << 16)
    crowd = Crowd(
        EXTREME,
        tables_of(EXTREME),
        [ScenarioRecord(key, frozenset(), *text) for key, text in enumerate(EXTREMES)],
        [CapabilityRecord(key, 9, *text) for key, text in enumerate(EXTREMES)],
    )
    own = crowd.index(block=3, room=9)

    lists = lists_of(own, ranked(own, SIZE))

    assert lists[0] == extreme_lists
    assert lists[0][0][0] == (0, 10_000)
    single = Single(own)
    for row in range(len(EXTREMES)):
        rows, scores = single.of_scenario(row, np.zeros(len(own.capabilities.key), np.int64))
        listed = entries(scores, own.capabilities.key[rows])
        assert read(-np.sort(-listed)) == extreme_lists[int(own.scenarios.key[row])]


def asked(own: Index) -> tuple[kernel.Asking, kernel.Work]:
    """All scenarios by all blocks, for lists of five."""
    work = kernel.Work.room(own.blocks, 5, len(own.encoder.vocabulary))
    rows = np.arange(own.scenario_count)
    return compiled.ask(own, rows, range(len(own.blocks.rows) - 1)), work


@pytest.mark.parametrize("profile", ["standard", "nearby", "without tags", "ripe and cheap"])
@pytest.mark.parametrize("seed", range(3))
def test_first_thresholds_are_below_the_last_place_and_never_where_lists_are_not_full(
    seed: int, profile: str
) -> None:
    crowd = CrowdDraw(seed).crowd(150, 200, profile=PROFILES[profile])
    own = crowd.index(block=32)
    whole = ranked(own, 5)
    asking, work = asked(own)

    floors = np.zeros(own.scenario_count, np.int64)
    kernel.first_floors(*own.arrays, asking, floors, work)
    own_floors = np.zeros(own.capability_count, np.int64)
    for block in range(len(own.blocks.rows) - 1):
        runs = own.blocks.runs.bounds[block : block + 2]
        promise = np.ascontiguousarray(asking.promise[:, runs[0] : runs[1] - 1].T)
        kernel.first_own_floors(*own.arrays, block, asking, promise, own_floors, work)

    for found, listed in ((floors, whole.of_scenarios), (own_floors, whole.of_capabilities)):
        full = listed[:, -1] > 0
        assert (found[full] < listed[full, -1]).all()
        assert (found[~full] == 0).all()
        # They would be of no use if they were nothing.
        assert found.any() or profile == "without tags"


@pytest.mark.parametrize("seed", range(4))
def test_promises_hold_for_every_capability_of_a_run(seed: int) -> None:
    """None gets more from tags and city focus; what is promised nothing at all lacks a must."""
    crowd = CrowdDraw(seed).crowd(60, 150)
    own = crowd.index(block=32)
    asking, _ = asked(own)
    scorer = Scorer(
        sorted(crowd.capabilities, key=lambda each: own.capabilities.key.tolist().index(each.key)),
        crowd.tables,
        own.encoder.model,
        crowd.profile,
    )
    barred = 0

    for place, scenario in enumerate(crowd.scenarios):
        found = scorer.score(scenario)
        points = found.parts["tag"] + found.parts["host_focus"] + found.parts["supplier_focus"]
        for block in range(len(own.blocks.rows) - 1):
            runs = own.blocks.runs.bounds[block : block + 2]
            for run in range(runs[0], runs[1] - 1):
                rows = slice(*own.blocks.runs.values[run : run + 2])
                promise = int(asking.promise[asking.kinds[place], run])
                if promise == kernel.NEVER:
                    assert scenario.must_concepts
                    assert not found.eligible[rows].any()
                    barred += 1
                else:
                    assert promise >= points[rows].max()
    assert barred


@pytest.mark.parametrize("seed", range(4))
def test_scenarios_that_ask_alike_are_asked_once(seed: int) -> None:
    """In whatever order they come, each is promised what it is promised alone."""
    draw = CrowdDraw(seed)
    crowd = draw.crowd(60, 150)
    several = [
        replace(each, key=each.key + turn, title="泵", must_readiness=bool(turn % 2))
        for each in crowd.scenarios
        for turn in (1 << 20, 2 << 20, 3 << 20)
    ]
    own = replace(crowd, scenarios=several).shuffled(draw).index(block=32)
    blocks = range(len(own.blocks.rows) - 1)

    together = compiled.those_alike_together(own)
    assert sorted(together.tolist()) == list(range(180))
    assert len(compiled.ask(own, together, blocks).promise) <= 60
    for rows in (together, draw.rng.permutation(180)):
        asking = compiled.ask(own, rows, blocks)
        for place, row in enumerate(rows.tolist()):
            alone = compiled.ask(own, np.array([row]), blocks)
            kind = asking.kinds[place]
            assert (asking.promise[kind] == alone.promise[0]).all()
            assert (asking.near[kind] == alone.near[0]).all()
            assert (asking.levels[place] == alone.levels[0]).all()


@pytest.mark.parametrize("tiers", [*TIERS, "shipped"])
@pytest.mark.parametrize("profile", PROFILES)
def test_one_record_finds_all_that_enter_its_list_or_have_it_enter_theirs(
    profile: str, tiers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in TIERS.get(tiers, {}).items():
        monkeypatch.setattr(index, name, value)
    draw = CrowdDraw(len(profile) + len(tiers))
    crowd = draw.crowd(90, 130, profile=PROFILES[profile])
    own = crowd.index(block=16)
    scores = table(crowd, own)
    single = Single(own)

    for row in range(0, 90, 6):
        floors = some_floors(draw, own.capability_count)
        one = single.of_scenario(row, floors)
        assert_found(*one, scores[row], own.capabilities.key, own.scenarios.key[row], floors)
    for row in range(0, 130, 9):
        floors = some_floors(draw, own.scenario_count)
        one = single.of_capability(row, floors)
        assert_found(*one, scores[:, row], own.scenarios.key, own.capabilities.key[row], floors)


def table(crowd: Crowd, own: Index) -> Ints:
    """The score of every pair by rows of the index."""
    scorer = Scorer(crowd.capabilities, crowd.tables, own.encoder.model, crowd.profile)
    places = {key: place for place, key in enumerate(scorer.keys.tolist())}
    columns = [places[key] for key in own.capabilities.key.tolist()]
    return np.array([scorer.score(each).counted[columns] for each in crowd.scenarios])


def some_floors(draw: Draw, count: int) -> Ints:
    """Open, closed, and at scores that many pairs have."""
    scores = draw.rng.choice([0, 1, 1000, 2000, 4000, 5000, 1 << 20], count)
    return np.asarray((scores << KEY_BITS) | draw.rng.integers(0, 1 << KEY_BITS, count))


def assert_found(
    rows: Ints, scores: Ints, expected: Ints, keys: Ints, key: int, floors: Ints
) -> None:
    assert len(set(rows.tolist())) == len(rows)
    assert scores.tolist() == expected[rows].tolist()
    found = set(rows.tolist())
    best = np.argsort(-entries(expected, keys))[:SIZE]
    assert found >= {int(row) for row in best if expected[row]}
    passing = entries(expected, np.full(len(expected), key)) > floors
    assert found >= set(np.flatnonzero(passing & (expected > 0)).tolist())
