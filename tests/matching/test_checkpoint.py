"""A book that comes back from its checkpoint is the one that lived through all changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from matching.engine import checkpoint
from matching.engine.book import Book
from matching.engine.compiled import Part
from matching.engine.index import Index
from matching.engine.ranking import SIZE
from matching.engine.records import CapabilityRecord, ScenarioRecord
from tests.matching.crowds import Crowd, CrowdDraw, ranked
from tests.matching.test_book import Story, same

MARK = (7, 1_700_000_000_000_000)


def told(scenarios: int = 60, capabilities: int = 80, *, seed: int = 8) -> tuple[Story, Part]:
    """A story, and the lists from which it began."""
    draw = CrowdDraw(seed, long=0)
    story = Story(draw, draw.crowd(scenarios, capabilities), block=16, room=400)
    return story, ranked(story.book.index, SIZE)


def begun(crowd: Crowd) -> Book:
    index = crowd.index(block=16, room=400)
    return Book(index, ranked(index, SIZE))


def back(story: Story, lists: Part, file: Path) -> Book:
    """What another process makes of the checkpoint."""
    other = begun(story.crowd)
    saved = checkpoint.read(file)
    assert saved is not None
    assert checkpoint.mark_of(saved) == MARK
    checkpoint.restore(other, lists, saved)
    return other


def assert_same(one: Book, other: Book) -> None:
    assert same(one, other)
    for left, right in ((one.scenarios, other.scenarios), (one.capabilities, other.capabilities)):
        assert left.holders.later == right.holders.later
    assert numbers(one.index) == numbers(other.index)


def numbers(index: Index) -> tuple[object, ...]:
    encoder = index.encoder
    return (
        index.scenario_count,
        index.capability_count,
        *map(list, (encoder.groups.known, encoder.qualifications.known)),
        list(encoder.vocabulary.later.known),
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_restored_book_is_the_same_and_changes_alike(seed: int, tmp_path: Path) -> None:
    story, lists = told(seed=seed)
    file = tmp_path / "changes.npz"

    for changes in (0, 1, 60, 60):
        for _ in range(changes):
            story.step()
        checkpoint.save(story.book, lists, file, MARK)
        assert_same(story.book, back(story, lists, file))

    other = back(story, lists, file)
    for _ in range(60):
        repeat(story, other)
    assert_same(story.book, other)
    story.check()


def repeat(story: Story, other: Book) -> None:
    """A step of the story, and the same in the other book."""
    before = {**story.scenarios}, {**story.capabilities}
    story.step()
    for old, new, change in (
        (before[0], story.scenarios, other.change_scenario),
        (before[1], story.capabilities, other.change_capability),
    ):
        for key in old.keys() | new.keys():
            if old.get(key) is not new.get(key):
                change(key, new.get(key))
    other.touched()


def test_a_book_that_began_with_nothing_is_restored(tmp_path: Path) -> None:
    story, lists = told(0, 0)
    for _ in range(40):
        story.step()

    checkpoint.save(story.book, lists, tmp_path / "one", MARK)

    assert_same(story.book, back(story, lists, tmp_path / "one"))


def test_what_nobody_had_before_is_restored(tmp_path: Path) -> None:
    """Terms, sets of tags, qualifications and organizations that the full run did not know."""
    story, lists = told()
    story.change_scenario(
        2,
        ScenarioRecord(
            2,
            frozenset([77]),
            "鲸歌",
            concepts=(1, 2),
            must_qualifications=frozenset(["新", "iso"]),
        ),
    )
    offering = CapabilityRecord(2, 76, "鲸歌", concepts=(0, 1, 2))
    story.change_capability(2, replace(offering, qualifications=frozenset(["新", "iso", "cma"])))

    checkpoint.save(story.book, lists, tmp_path / "one", MARK)

    other = back(story, lists, tmp_path / "one")
    assert_same(story.book, other)
    assert other.scenarios.listed[other.scenarios.rows[2]].any()


def test_a_torn_checkpoint_is_none(tmp_path: Path) -> None:
    story, lists = told()
    story.step()
    file = tmp_path / "changes.npz"
    checkpoint.save(story.book, lists, file, MARK)
    whole = file.read_bytes()

    for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        assert checkpoint.read(file) is None
    # As long as before, but a page of it never reached the disk.
    middle = whole.index(b"capabilities.listed")
    file.write_bytes(whole[: middle + 200] + bytes(4096) + whole[middle + 4296 :])
    assert checkpoint.read(file) is None
    assert checkpoint.read(tmp_path / "none") is None


def test_whatever_byte_is_damaged_reading_never_fails(tmp_path: Path) -> None:
    story, lists = told()
    story.step()
    file = tmp_path / "changes.npz"
    checkpoint.save(story.book, lists, file, MARK)
    whole = file.read_bytes()
    rng = np.random.default_rng(1)
    none = 0

    for place in rng.integers(len(whole) // 2, len(whole), 400).tolist():
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        saved = checkpoint.read(file)
        checkpoint.read(file, "mark")
        none += saved is None
    assert none > 50


def test_one_that_died_before_the_rename_leaves_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story, lists = told()
    story.step()
    file = tmp_path / "changes.npz"
    checkpoint.save(story.book, lists, file, MARK)
    before = file.read_bytes()
    story.step()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            checkpoint.save(story.book, lists, file, MARK)

    assert file.read_bytes() == before
    checkpoint.save(story.book, lists, file, MARK)
    assert_same(story.book, back(story, lists, file))
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_only_what_differs_is_saved(tmp_path: Path) -> None:
    story, lists = told()
    checkpoint.save(story.book, lists, tmp_path / "none", MARK)
    none = checkpoint.read(tmp_path / "none")
    story.change_capability(10**8, story.draw.offering(10**8, story.crowd.world))
    checkpoint.save(story.book, lists, tmp_path / "one", MARK)
    one = checkpoint.read(tmp_path / "one")

    assert none is not None
    assert one is not None
    assert (len(none["capabilities.key"]), len(none["capabilities.changed"])) == (0, 0)
    assert not len(none["scenarios.changed"])
    assert (len(one["capabilities.key"]), len(one["scenarios.key"])) == (1, 0)
    holding = np.flatnonzero(
        (story.book.scenarios.listed[: len(lists.of_scenarios)] != (lists.of_scenarios)).any(axis=1)
    )
    assert one["scenarios.changed"].tolist() == holding.tolist()
