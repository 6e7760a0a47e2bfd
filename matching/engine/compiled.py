"""Ranks with the compiled kernel: everything, in parts, or one record against all others.

Imports numba: only the matching worker comes here (see .importlinter).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from matching.engine import kernel
from matching.engine.concepts import ConceptGraph, nearness
from matching.engine.index import Array, Index
from matching.engine.profile import STANDARD
from matching.engine.ranking import KEY_BITS, SIZE
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.scoring import Tables
from matching.engine.text import Ints

SLICE = 1 << 14  # scenarios asked together, at most
PROMISES = 256 << 20  # bytes for what runs promise them: two for each scenario and run


@dataclass(frozen=True)
class Part:
    """Lists of some blocks: (scenarios, size) of what those blocks hold, (rows, size) of their
    capabilities; best first, 0 for none.
    """

    of_scenarios: Ints
    of_capabilities: Ints


def rank_part(
    index: Index,
    first: int,
    last: int,
    *,
    shared: Ints | None = None,
    size: int = SIZE,
    blocks: Any = iter,
) -> Part:
    """Rank all scenarios and the blocks from ``first`` up to ``last``.

    ``shared``: floors of all scenarios that other processes raise too, in any order: below the last
    place of what was found by any of them, whichever is read. ``blocks`` passes the numbers on and
    may show how far it is; it is asked once for each slice of scenarios.
    """
    part = _Ranking(index, first, last, shared, size)
    alive = those_alike_together(index)
    at_once = max(min(SLICE, PROMISES // (2 * max(len(index.blocks.runs.values), 1))), 1)
    for start in range(0, len(alive), at_once):
        part.take(alive[start : start + at_once], blocks)
    return part.result()


def those_alike_together(index: Index) -> Ints:
    """Scenarios that are there, by tags and city: what neighbours share is worked out once."""
    scenarios = index.scenarios
    alive = np.flatnonzero(scenarios.alive[: index.scenario_count])

    def asked(row: int) -> tuple[object, ...]:
        tags, musts = (
            each.values[each.bounds[row] : each.bounds[row + 1]].tolist()
            for each in (scenarios.tags, scenarios.must_tags)
        )
        return tags, musts, int(scenarios.city[row]), row

    return np.array(sorted(alive.tolist(), key=asked), np.int64)


class _Ranking:
    def __init__(self, index: Index, first: int, last: int, shared: Ints | None, size: int) -> None:
        self._index = index
        rows = index.blocks.rows
        self._begin = int(rows[first])
        self._blocks = range(first, last)
        self._of_scenarios = np.zeros((index.scenario_count, size), np.int64)
        self._of_capabilities = np.zeros((int(rows[last]) - self._begin, size), np.int64)
        self._own = np.zeros(int(rows[-1]), np.int64)
        self._shared = shared
        self._begun = False
        self._work = kernel.Work.room(index.blocks, size, len(index.encoder.vocabulary))

    def take(self, rows: Ints, blocks: Any) -> None:
        index, work = self._index, self._work
        asking = ask(index, rows, self._blocks)
        floors = np.zeros(len(rows), np.int64)
        kernel.first_floors(*index.arrays, asking, floors, work)
        self._share(rows, floors)
        of_scenarios = self._of_scenarios[rows]
        for block in blocks(self._blocks):
            first, last = index.blocks.runs.bounds[block : block + 2] - (0, 1)
            if not self._begun:
                promise = np.zeros((last - first, len(asking.promise)), np.int16)
                kernel.turn(asking, first, last, promise)
                kernel.first_own_floors(*index.arrays, block, asking, promise, self._own, work)
            most = np.zeros(len(rows), np.int16)
            kernel.look_at_promises(asking, first, last, most)
            order = np.argsort(-most, kind="stable")
            self._share(rows, floors)
            begin, end = index.blocks.rows[block : block + 2] - self._begin
            kernel.rank_block(
                *index.arrays,
                block,
                asking,
                order,
                floors,
                of_scenarios,
                self._own,
                self._of_capabilities[begin:end],
                work,
            )
        self._share(rows, floors)
        self._of_scenarios[rows] = of_scenarios
        self._begun = True

    def _share(self, rows: Ints, floors: Ints) -> None:
        """Take over what other processes have found, and let them know.

        One less than the least entry, so that it passes: a part that died is ranked again, by a
        process that does not have it.
        """
        if self._shared is not None:
            np.maximum(floors, self._shared[rows], out=floors)
            self._shared[rows] = np.maximum(floors - 1, self._shared[rows])

    def result(self) -> Part:
        return Part(best_first(self._of_scenarios), best_first(self._of_capabilities))


def warm() -> None:
    """Compile the kernel, or load it: a moment when the host has done it before."""
    record = CapabilityRecord(key=1, organization=1, title="场景", concepts=(0,))
    asked = ScenarioRecord(key=1, organizations=frozenset({2}), title="场景", concepts=(0,))
    graph = nearness(ConceptGraph(size=1))
    tables = Tables(graph, np.zeros((1, 1), np.int64), np.zeros((1, 1), bool))
    index = Index.build([asked], [record], tables, STANDARD, room=1)
    rank_part(index, 0, 1)
    single = Single(index)
    single.of_scenario(0, np.zeros(2, np.int64))
    single.of_capability(0, np.zeros(2, np.int64))
    listed, row = np.zeros((1, SIZE), np.int64), np.zeros(1, np.int64)
    put_in(listed, row.copy(), row, row + 1)
    take_out(listed, row, 1)


def take_out(listed: Ints, rows: Ints, key: int) -> Ints:
    """Take ``key`` out of the lists of ``rows``; returns its places."""
    places = np.zeros(len(rows), np.int64)
    kernel.take_out(listed, rows, key, places)
    return places


def put_in(listed: Ints, floors: Ints, rows: Ints, new: Ints) -> Ints:
    """Put entries above the ``floors`` into the lists of ``rows``, raise floors by what they push
    out; returns their places, SIZE for what finds none.
    """
    places = np.zeros(len(rows), np.int64)
    kernel.put_in(listed, floors, rows, new, places)
    return places


def best_first(listed: Ints) -> Ints:
    return np.asarray(-np.sort(-listed))


def merged(parts: list[Part]) -> Part:
    """The parts of all blocks, in their order, as one."""
    every = np.concatenate([each.of_scenarios for each in parts], axis=1)
    others = every.shape[1] - parts[0].of_scenarios.shape[1]
    every.partition(others, axis=1)
    return Part(
        best_first(every[:, others:]), np.concatenate([each.of_capabilities for each in parts])
    )


def ask(index: Index, rows: Ints, blocks: range) -> kernel.Asking:
    """``rows``: which scenarios."""
    asking = kernel.Asking.room(rows, index.domain, index.blocks)
    room = kernel.Room(
        np.zeros(index.group_bits.shape[1], np.uint64),
        np.zeros(len(index.blocks.runs.values), np.int32),
    )
    first, last = index.blocks.runs.bounds[[blocks.start, blocks.stop]]
    kinds = kernel.ask(
        *index.arrays[:2], index.group_bits, *index.arrays[2:], asking, room, first, last - 1
    )
    return asking._replace(near=asking.near[:kinds], promise=asking.promise[:kinds])


class Single:
    """One record against all others, also those that came after the blocks were made."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._work = kernel.Work.room(index.blocks, SIZE)
        self._near = np.zeros(len(index.domain.near), np.int32)

    def _by_term(self) -> Array:
        """Zeros for every term, which each use leaves as zeros."""
        if len(self._weights) < len(self._index.encoder.vocabulary):
            self._weights = np.zeros(2 * len(self._index.encoder.vocabulary), np.int32)
        return self._weights

    _weights: Array = np.zeros(0, np.int32)

    def of_scenario(self, row: int, floors: Ints) -> tuple[Ints, Ints]:
        """Rows and scores of all capabilities that belong in the scenario's list, or whose own
        list it may enter: those have a floor that its entry passes. ``floors``: by capability.
        """
        index, work = self._index, self._work
        asking = ask(index, np.array([row]), range(len(index.blocks.rows) - 1))
        own = np.zeros(1, np.int64)
        kernel.first_floors(*index.arrays, asking, own, work)
        rows, scores = [], []
        for block in range(len(index.blocks.rows) - 1):
            count = kernel.pass_block(*index.arrays, block, asking, own[0], floors, work)
            rows.append(work.rows[:count].astype(np.int64))
            scores.append(work.scores[:count].astype(np.int64))
        first, last = int(index.blocks.rows[-1]), index.capability_count
        later = np.zeros(last - first, np.int32)
        domain, groups, capabilities, _, scenarios = index.arrays
        kernel.score_rows(
            domain,
            groups,
            capabilities,
            scenarios,
            row,
            first,
            last,
            self._near,
            work.levels,
            self._by_term(),
            later,
        )
        rows.append(first + np.flatnonzero(later))
        scores.append(later[later > 0].astype(np.int64))
        return np.concatenate(rows), np.concatenate(scores)

    def of_capability(self, row: int, floors: Ints) -> tuple[Ints, Ints]:
        """The same the other way round; ``floors``: by scenario."""
        domain, groups, capabilities, _, scenarios = self._index.arrays
        asking = np.arange(self._index.scenario_count)
        scores, tagged = np.zeros((2, len(asking)), np.int32)
        kernel.points_without_text(
            domain,
            groups,
            capabilities,
            scenarios,
            row,
            asking,
            self._near,
            self._work.levels,
            scores,
            tagged,
        )
        best = np.partition(tagged, -SIZE)[-SIZE] if len(tagged) >= SIZE else 0
        own = max(int(best), 0) << KEY_BITS
        kernel.score_scenarios(
            domain,
            groups,
            capabilities,
            scenarios,
            row,
            asking,
            own,
            floors,
            self._by_term(),
            scores,
        )
        return np.flatnonzero(scores), scores[scores > 0].astype(np.int64)
