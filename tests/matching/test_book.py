"""Lists after changes are what a full run with the same statistics would give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from matching.engine import book, compiled, files
from matching.engine.book import Book, Standing
from matching.engine.concepts import ConceptGraph
from matching.engine.index import Array, Full
from matching.engine.profile import STANDARD, Profile
from matching.engine.ranking import SIZE, TOP, entries, keys_of
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.scoring import Ints
from tests.matching.crowds import (
    Crowd,
    CrowdDraw,
    Record,
    differences,
    ranked,
    read,
    tables_of,
)
from tests.matching.reference import World

NOWHERE = World(ConceptGraph(3), circles=[frozenset()])
Kept = dict[int, Ints]  # by key
CLOSED = 1 << 59  # no entry is above it


class Story:
    """A crowd that changes, and the book that is told of each change."""

    def __init__(
        self,
        draw: CrowdDraw,
        crowd: Crowd,
        *,
        block: int,
        room: int,
        size: int = SIZE,
        shown: int = TOP,
    ) -> None:
        self.shown = shown
        self.draw = draw
        self.crowd = crowd
        index = crowd.index(block=block, room=room)
        self.book = Book(index, ranked(index, size))
        self.scenarios = {each.key: each for each in crowd.scenarios}
        self.capabilities = {each.key: each for each in crowd.capabilities}
        # What is gone may come back.
        self.gone: list[int] = []

    @property
    def now(self) -> Crowd:
        return replace(
            self.crowd,
            scenarios=list(self.scenarios.values()),
            capabilities=list(self.capabilities.values()),
        )

    def change_scenario(self, key: int, record: ScenarioRecord | None) -> None:
        before = kept(self.book)
        self.book.change_scenario(key, record)
        _put(self.scenarios, key, record)
        self.check_touched(before, 0, key)

    def change_capability(self, key: int, record: CapabilityRecord | None) -> None:
        before = kept(self.book)
        self.book.change_capability(key, record)
        _put(self.capabilities, key, record)
        self.check_touched(before, 1, key)

    def step(self) -> None:
        """Somebody new, another text, or one less; of either side."""
        if self.draw.chance(0.5):
            key = self.key(self.scenarios)
            gone = key in self.scenarios and self.draw.chance(0.5)
            self.change_scenario(key, None if gone else self.draw.asking(key, self.crowd.world))
        else:
            key = self.key(self.capabilities)
            gone = key in self.capabilities and self.draw.chance(0.5)
            self.change_capability(key, None if gone else self.draw.offering(key, self.crowd.world))

    def key(self, known: Iterable[int]) -> int:
        """Two times of three one that is there."""
        keys = list(known)
        if keys and self.draw.chance(0.67):
            key = keys[self.draw.number(len(keys))]
            self.gone.append(key)
            return key
        if self.gone and self.draw.chance(0.3):
            return self.gone[self.draw.number(len(self.gone))]
        return 10**7 + self.draw.number(10**7)

    def check_touched(self, before: tuple[Kept, Kept], side: int, key: int) -> None:
        """All lists that show something else are told, and no more than those of the record itself
        and of those that had it or have it now: they may have come out the same.
        """
        after = kept(self.book)
        told = self.book.touched()
        for place in (0, 1):
            old, new = before[place], after[place]
            changed = {
                other
                for other, listed in new.items()
                if other not in old
                or not np.array_equal(listed[: self.shown], old[other][: self.shown])
            }
            mine = {key} if place == side else having(old, key) | having(new, key)
            assert changed <= told[place].keys() <= changed | mine
            for other, listed in told[place].items():
                assert np.array_equal(listed, new[other])
        assert self.book.touched() == ({}, {})

    def check(self) -> None:
        """Every list holds all that is above its floor, which is all that is shown and more."""
        scenarios, capabilities = self.now.lists(self.book.index.encoder.model, 10**6)
        own = self.book.index
        for side, rows, expected in (
            (self.book.scenarios, own.scenarios, scenarios),
            (self.book.capabilities, own.capabilities, capabilities),
        ):
            assert side.rows.keys() == expected.keys()
            assert {key: int(rows.key[row]) for key, row in side.rows.items()} == {
                key: key for key in side.rows
            }
            found = {key: read(side.listed[row]) for key, row in side.rows.items()}
            above = {
                key: read(listed[listed > side.floors[side.rows[key]]])
                for key, listed in ((key, as_entries(listed)) for key, listed in expected.items())
            }
            assert not differences((found, {}), (above, {}))
            for key, listed in found.items():
                assert listed[: self.shown] == expected[key][: self.shown]
            assert_closed(side, rows.alive)
        self.check_holders()

    def check_holders(self) -> None:
        """Nobody whose list holds a record is forgotten."""
        both = self.book.scenarios, self.book.capabilities
        for side, others in (both, both[::-1]):
            rows, places = np.nonzero(others.listed)
            holding: dict[int, set[int]] = {}
            for key, row in zip(keys_of(others.listed[rows, places]).tolist(), rows, strict=True):
                holding.setdefault(key, set()).add(int(row))
            for key, known in holding.items():
                assert known <= {*side.holders.of(side.rows[key]).tolist()}


def _put(records: dict[int, Record], key: int, record: Record | None) -> None:
    if record is None:
        records.pop(key, None)
    else:
        records[key] = record


def as_entries(listed: list[tuple[int, int]]) -> Ints:
    keys, scores = np.array(listed, np.int64).reshape(-1, 2).T
    return entries(scores, keys)


def assert_closed(side: Standing, alive: Array) -> None:
    """What is gone has no list, and nothing is to be looked for on its behalf."""
    count = max(side.rows.values(), default=-1) + 1
    gone = np.setdiff1d(np.arange(count), list(side.rows.values()))
    assert not alive[gone].any()
    assert alive[list(side.rows.values())].all()
    assert not side.listed[gone].any()
    assert (side.floors[gone] >= CLOSED).all()


def kept(own: Book) -> tuple[Kept, Kept]:
    """The lists of both sides, as they are now, by key."""
    listed = own.scenarios.listed.copy(), own.capabilities.listed.copy()
    return (
        {key: listed[0][row] for key, row in own.scenarios.rows.items()},
        {key: listed[1][row] for key, row in own.capabilities.rows.items()},
    )


def having(lists: Kept, key: int) -> set[int]:
    """Those whose lists hold ``key``."""
    if not lists:
        return set()
    every = np.stack(list(lists.values()))
    found = ((keys_of(every) == key) & (every > 0)).any(axis=1)
    return {other for other, has in zip(lists, found.tolist(), strict=True) if has}


@pytest.mark.parametrize(
    ("seed", "profile"), [(1, STANDARD), (2, replace(STANDARD, tag=0, nearness=300))]
)
def test_lists_stay_exact_over_a_thousand_changes(seed: int, profile: Profile) -> None:
    draw = CrowdDraw(seed, long=0.005)
    story = Story(draw, draw.crowd(110, 140, profile=profile), block=32, room=1000)
    story.check()

    for step in range(1, 1001):
        story.step()
        if step % 100 == 0 or step in (1, 10, 50):
            story.check()
    assert story.book.index.scenario_count > 400
    assert min(len(story.scenarios), len(story.capabilities)) > SIZE


@pytest.fixture
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    _shorten(monkeypatch)


def _shorten(patch: pytest.MonkeyPatch) -> None:
    """Two are shown and two are in reserve, so that few changes do what takes dozens."""
    for name, value in {"SIZE": 4, "TOP": 2}.items():
        patch.setattr(book, name, value)
    patch.setattr(compiled, "SIZE", 4)


@pytest.mark.usefixtures("short_lists")
@pytest.mark.parametrize("block", [1, 5, 2048])
@pytest.mark.parametrize("seed", range(3))
def test_short_lists_stay_exact_at_every_one_of_many_changes(seed: int, block: int) -> None:
    draw = CrowdDraw(seed, long=0)
    story = Story(draw, draw.crowd(12, 15), block=block, room=200, size=4, shown=2)

    for _ in range(100):
        story.step()
        story.check()


class Changes(RuleBasedStateMachine):
    """Changes in any order, after each of which all lists are exact."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        _shorten(self.patch)

    def teardown(self) -> None:
        self.patch.undo()

    @initialize(
        seed=st.integers(0, 1000),
        counts=st.tuples(st.integers(0, 9), st.integers(0, 9)),
        block=st.sampled_from([1, 3, 64]),
    )
    def begin(self, seed: int, counts: tuple[int, int], block: int) -> None:
        draw = CrowdDraw(seed, long=0)
        self.draw = draw
        self.story = Story(draw, draw.crowd(*counts), block=block, room=60, size=4, shown=2)
        self.story.check()

    @rule(key=st.integers(0, 20))
    def write_scenario(self, key: int) -> None:
        self.story.change_scenario(key, self.draw.asking(key, self.story.crowd.world))
        self.story.check()

    @rule(key=st.integers(0, 20))
    def write_capability(self, key: int) -> None:
        self.story.change_capability(key, self.draw.offering(key, self.story.crowd.world))
        self.story.check()

    @precondition(lambda self: self.story.scenarios)
    @rule(data=st.data())
    def withdraw_scenario(self, data: st.DataObject) -> None:
        self.story.change_scenario(data.draw(st.sampled_from(sorted(self.story.scenarios))), None)
        self.story.check()

    @precondition(lambda self: self.story.capabilities)
    @rule(data=st.data())
    def withdraw_capability(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.story.capabilities)))
        self.story.change_capability(key, None)
        self.story.check()

    @rule(key=st.integers(0, 20), side=st.booleans())
    def write_the_same_again(self, key: int, side: bool) -> None:
        if side and key in self.story.scenarios:
            self.story.change_scenario(key, self.story.scenarios[key])
        elif key in self.story.capabilities:
            self.story.change_capability(key, self.story.capabilities[key])
        self.story.check()


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def alike() -> Story:
    """One scenario, and capabilities that differ in their keys alone."""
    crowd = Crowd(
        NOWHERE,
        tables_of(NOWHERE),
        [ScenarioRecord(1, frozenset(), "水泵", concepts=(0,))],
        [CapabilityRecord(key, 9, "水泵", concepts=(0,)) for key in range(100, 300)],
    )
    return Story(CrowdDraw(0), crowd, block=32, room=300)


def mirrored() -> Story:
    """The other way round."""
    crowd = Crowd(
        NOWHERE,
        tables_of(NOWHERE),
        [ScenarioRecord(key, frozenset(), "水泵", concepts=(0,)) for key in range(100, 300)],
        [CapabilityRecord(1, 9, "水泵", concepts=(0,))],
    )
    return Story(CrowdDraw(0), crowd, block=32, room=300)


def test_the_reserve_of_a_scenario_is_used_up_before_its_list_is_made_anew() -> None:
    story = alike()
    side = story.book.scenarios

    for gone in range(1, SIZE - TOP + 1):
        story.change_capability(99 + gone, None)
        assert len(read(side.listed[0])) == SIZE - gone
    story.check()
    story.change_capability(99 + SIZE - TOP + 1, None)

    assert len(read(side.listed[0])) == SIZE
    story.check()


def test_the_reserve_of_a_capability_is_used_up_before_its_list_is_made_anew() -> None:
    story = mirrored()
    side = story.book.capabilities

    for gone in range(1, SIZE - TOP + 1):
        story.change_scenario(99 + gone, None)
        assert len(read(side.listed[0])) == SIZE - gone
    story.check()
    story.change_scenario(99 + SIZE - TOP + 1, None)

    assert len(read(side.listed[0])) == SIZE
    story.check()


def test_a_list_that_holds_all_there_is_is_never_made_anew() -> None:
    story = alike()
    for key in range(100, 299):
        story.change_capability(key, None)

    assert read(story.book.scenarios.listed[0]) == [(299, 6000)]
    assert story.book.scenarios.floors[0] == 0
    story.check()


def test_newcomers_fill_the_reserve_that_others_have_left() -> None:
    story = alike()
    story.change_capability(100, None)
    floor = int(story.book.scenarios.floors[0])

    # Behind the last place, so that nobody knows whether others come before it.
    story.change_capability(164, replace(story.capabilities[164], title="泵"))
    assert len(read(story.book.scenarios.listed[0])) == SIZE - 1
    # Before it: then it stands in the list, and the last place is what it was.
    story.change_capability(1, replace(story.capabilities[200], key=1))
    assert read(story.book.scenarios.listed[0])[0] == (1, 6000)
    assert story.book.scenarios.floors[0] == floor
    # One more pushes the last one out, which is the floor from now on.
    last = int(story.book.scenarios.listed[0, -1])
    story.change_capability(2, replace(story.capabilities[200], key=2))
    assert story.book.scenarios.floors[0] == last > floor
    story.check()


@pytest.mark.parametrize(("scenarios", "capabilities"), [(0, 0), (0, 9), (9, 0)])
def test_a_book_that_begins_with_nothing_fills(scenarios: int, capabilities: int) -> None:
    draw = CrowdDraw(5, long=0)
    story = Story(draw, draw.crowd(scenarios, capabilities), block=4, room=150)

    for _ in range(100):
        story.step()
    story.check()
    assert story.book.scenarios.listed.any()


def test_what_was_never_there_may_go() -> None:
    story = alike()

    story.book.change_scenario(777, None)
    story.book.change_capability(777, None)

    assert story.book.touched() == ({}, {})
    story.check()


def test_a_key_that_comes_back_is_another_record() -> None:
    story = alike()
    story.change_capability(100, None)
    story.change_capability(100, replace(story.capabilities[101], key=100, title="光伏"))
    story.change_scenario(1, None)
    story.change_scenario(1, ScenarioRecord(1, frozenset(), "光伏", concepts=(0,)))

    assert read(story.book.scenarios.listed[story.book.scenarios.rows[1]])[0][0] == 100
    story.check()


def test_what_nobody_had_before_counts_from_the_first_change_on() -> None:
    """Terms, sets of tags, qualifications and organizations that the full run did not know."""
    story = alike()
    asking = ScenarioRecord(
        2,
        frozenset([77]),
        "鲸歌",
        concepts=(1, 2),
        must_qualifications=frozenset(["cma", "iso"]),
    )
    offering = CapabilityRecord(
        2, 76, "鲸歌", concepts=(2, 1), qualifications=frozenset(["iso", "cma", "new"])
    )

    story.change_scenario(2, asking)
    assert read(story.book.scenarios.listed[1]) == []
    story.change_capability(2, offering)
    story.change_capability(3, replace(offering, key=3, organization=77))
    story.change_capability(4, replace(offering, key=4, qualifications=frozenset(["iso"])))
    story.change_capability(5, replace(offering, key=5, title="鲸", concepts=(2,)))
    story.change_scenario(3, replace(asking, key=3, title="海歌", organizations=frozenset()))

    assert [key for key, _ in read(story.book.scenarios.listed[1])] == [2, 5]
    assert [key for key, _ in read(story.book.scenarios.listed[2])] == [2, 3, 5]
    story.check()


def everything(own: Book) -> Iterator[Ints]:
    """Copies of all that a change may write."""
    waiting: list[object] = [own.index.arrays]
    while waiting:
        each = waiting.pop()
        if isinstance(each, tuple):
            waiting += each
        else:
            yield np.array(each)
    for side in (own.scenarios, own.capabilities):
        yield from (side.keys.copy(), side.listed.copy(), side.floors.copy())
        yield np.array(sorted(side.rows.items()))
        yield np.array(sorted(side.touched | side.shown))


def same(one: Book, other: Book) -> bool:
    return all(
        np.array_equal(*each) for each in zip(everything(one), everything(other), strict=True)
    )


@pytest.mark.parametrize("known", [True, False])
def test_without_room_nothing_changes(known: bool) -> None:
    draw = CrowdDraw(7, long=0)
    crowd = draw.crowd(30, 40)
    story = Story(draw, crowd, block=8, room=1)
    new = 10**7
    story.change_scenario(new, draw.asking(new, crowd.world))
    story.change_capability(new, draw.offering(new, crowd.world))
    key = new if known else 10**8
    before = list(everything(story.book))

    changes: list[Callable[[], None]] = [
        lambda: story.book.change_scenario(key, draw.asking(key, crowd.world)),
        lambda: story.book.change_capability(key, draw.offering(key, crowd.world)),
    ]
    for change in changes:
        with pytest.raises(Full):
            change()
        assert all(map(np.array_equal, everything(story.book), before))
    # What goes needs no room.
    story.change_scenario(new, None)
    story.change_capability(new, None)
    story.check()


def test_the_same_changes_give_the_same_book_in_another_process(tmp_path: Path) -> None:
    """Which reads the index from files."""
    draw = CrowdDraw(8, long=0)
    crowd = draw.crowd(60, 80)
    story = Story(draw, crowd, block=16, room=300)
    files.save(crowd.index(block=16, room=300), tmp_path / "index")
    index = files.load(tmp_path / "index")
    other = Book(index, ranked(index, SIZE))
    assert same(story.book, other)

    for _ in range(200):
        if draw.chance(0.5):
            key = story.key(story.scenarios)
            asking = draw.asking(key, crowd.world) if draw.chance(0.7) else None
            story.book.change_scenario(key, asking)
            other.change_scenario(key, asking)
            _put(story.scenarios, key, asking)
        else:
            key = story.key(story.capabilities)
            offering = draw.offering(key, crowd.world) if draw.chance(0.7) else None
            story.book.change_capability(key, offering)
            other.change_capability(key, offering)
            _put(story.capabilities, key, offering)

    assert same(story.book, other)
    story.check()
