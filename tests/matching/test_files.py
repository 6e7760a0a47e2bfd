"""An index comes back from disk as it was, mapped, and no process changes it for others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matching.engine import compiled, files
from matching.engine.concepts import ConceptGraph, nearness
from matching.engine.index import Index
from matching.engine.profile import STANDARD
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.scoring import Tables

NEAR = nearness(ConceptGraph(size=3, broader=[(1, 0), (2, 0)]))
TABLES = Tables(NEAR, np.zeros((2, 3), np.int64), np.eye(2, dtype=bool))
SCENARIOS = [
    ScenarioRecord(
        key=7,
        organizations=frozenset({1}),
        title="码头巡检",
        concepts=(1,),
        must_qualifications=frozenset({"iso9001"}),
    ),
    ScenarioRecord(key=9, organizations=frozenset({2}), title="海水淡化"),
]
CAPABILITIES = [
    CapabilityRecord(
        key=3,
        organization=5,
        title="巡检机器人",
        concepts=(1, 2),
        qualifications=frozenset({"iso9001", "cr"}),
    ),
    CapabilityRecord(key=4, organization=6, title="淡化膜", city=1),
]


def build(**options: Any) -> Index:
    return Index.build(SCENARIOS, CAPABILITIES, TABLES, STANDARD, room=4, **options)


def flat(rows: Any) -> list[np.ndarray]:
    return [array for each in rows for array in (flat(each) if isinstance(each, tuple) else [each])]


def test_index_comes_back_equal(tmp_path: Path) -> None:
    index = build()
    files.save(index, tmp_path / "one")

    back = files.load(tmp_path / "one")

    for one, other in zip(flat(index.arrays), flat(back.arrays), strict=True):
        assert one.dtype == other.dtype
        assert one.shape == other.shape
        assert (one == other).all()
    assert back.encoder.groups.known == index.encoder.groups.known
    assert back.encoder.qualifications.known == index.encoder.qualifications.known
    assert len(back.encoder.vocabulary) == len(index.encoder.vocabulary)
    before, after = (compiled.rank_part(each, 0, 1) for each in (index, back))
    assert (before.of_scenarios == after.of_scenarios).all()
    assert before.of_scenarios[:, 0].any()


def test_what_one_process_changes_others_do_not_see(tmp_path: Path) -> None:
    files.save(build(), tmp_path / "one")
    mine, theirs = files.load(tmp_path / "one"), files.load(tmp_path / "one")

    mine.add_capability(CapabilityRecord(key=5, organization=8, title="岸桥巡检", concepts=(0,)))
    mine.capabilities.alive[0] = 0

    assert mine.capabilities.key[2] == 5
    assert theirs.capabilities.key[2] == 0
    assert theirs.capabilities.alive[0] == 1


def test_shared_floors_are_seen_by_all(tmp_path: Path) -> None:
    files.write(tmp_path / "floors.npy", np.zeros(3, np.int64))
    mine = files.mapped(tmp_path / "floors.npy", "r+")

    mine[1] = 8

    assert files.mapped(tmp_path / "floors.npy", "r+").tolist() == [0, 8, 0]


def test_half_a_snapshot_is_none(tmp_path: Path) -> None:
    files.save(build(), tmp_path / "one")
    (tmp_path / "one").rename(tmp_path / "two.new")

    with pytest.raises(FileNotFoundError):
        files.load(tmp_path / "two")


def test_snapshot_written_again_takes_the_place_of_a_broken_draft(tmp_path: Path) -> None:
    (tmp_path / "one.new").mkdir()
    (tmp_path / "one.new" / "rubbish.npy").write_bytes(b"")

    files.save(build(), tmp_path / "one")

    assert files.load(tmp_path / "one").scenario_count == 2
    assert not (tmp_path / "one" / "rubbish.npy").exists()
