"""What lists will pass at least: thresholds are high from the start."""

from __future__ import annotations

import numpy as np

from matching.engine.kernel.arrays import BUCKETS, SCALE
from matching.engine.kernel.compiling import compiled, inlined
from matching.engine.kernel.entries import keep
from matching.engine.kernel.points import admitted, base_points, points_of_row, serves, shares_tag
from matching.engine.ranking import KEY_BITS

_SPARE = 3  # first thresholds look at so many times the rows that a list holds
_BUCKET = 6  # bits of points in one bucket


@inlined
def _cut(wanted, buckets):
    """What must be promised so that ``wanted`` are looked at; ``buckets``: how many promise it."""
    total = 0
    for bucket in range(BUCKETS - 1, 0, -1):
        total += buckets[bucket]
        if total >= wanted:
            return bucket << _BUCKET
    return 1


@compiled
def _cut_of_runs(promises, runs, wanted, buckets):
    """``runs``: the first row of each run."""
    for bucket in range(BUCKETS):
        buckets[bucket] = 0
    for run in range(len(runs) - 1):
        if promises[run] > 0:
            buckets[promises[run] >> _BUCKET] += runs[run + 1] - runs[run]
    return _cut(wanted, buckets)


@compiled
def _cut_of_scenarios(promises, kinds, wanted, buckets):
    for bucket in range(BUCKETS):
        buckets[bucket] = 0
    for place in range(len(kinds)):
        promise = promises[kinds[place]]
        if promise > 0:
            buckets[promise >> _BUCKET] += 1
    return _cut(wanted, buckets)


@compiled
def first_floors(domain, groups, capabilities, blocks, scenarios, asking, floors, work):
    """Fill ``floors`` with what lists will pass at least: the score of the last place by tags,
    city focus, readiness and scale alone, among the capabilities that promise most.
    """
    runs = blocks.runs.values
    best = work.best[0]
    for place in range(len(asking.rows)):
        s = asking.rows[place]
        near, levels = asking.near[asking.kinds[place]], asking.levels[place]
        promise = asking.promise[asking.kinds[place]]
        cut = _cut_of_runs(promise, runs, len(best) * _SPARE, work.buckets)
        for each in range(len(best)):
            best[each] = 0
        for run in range(len(runs) - 1):
            if promise[run] < cut:
                continue
            group = capabilities.group[runs[run]]
            if not shares_tag(domain, groups, scenarios, s, group):
                continue
            base = base_points(domain, groups, scenarios, s, near, group)
            for row in range(runs[run], runs[run + 1]):
                points = points_of_row(
                    domain, groups, capabilities, scenarios, s, near, levels, base, row
                )
                if points > best[0] and admitted(capabilities, scenarios, s, row):
                    keep(best, points)
        floors[place] = best[0] << KEY_BITS


@compiled
def first_own_floors(
    domain, groups, capabilities, blocks, scenarios, b, asking, promise, floors, work
):
    """The same for the capabilities of block ``b``; ``promise``: (runs of the block, kinds)."""
    size = work.best.shape[1]
    for row in range(len(work.best)):
        for each in range(size):
            work.best[row, each] = 0
    for run in range(blocks.runs.bounds[b], blocks.runs.bounds[b + 1] - 1):
        promises = promise[run - blocks.runs.bounds[b]]
        cut = _cut_of_scenarios(promises, asking.kinds, size * _SPARE, work.buckets)
        _own_floors_of_run(
            domain,
            groups,
            capabilities,
            blocks,
            scenarios,
            b,
            run,
            asking,
            promises,
            cut,
            np.int32(1 << 15),
            work,
        )
        # What serves few cities finds too few among the best.
        _own_floors_of_run(
            domain, groups, capabilities, blocks, scenarios, b, run, asking, promises, 1, cut, work
        )
    for row in range(blocks.rows[b], blocks.rows[b + 1]):
        floors[row] = work.best[row - blocks.rows[b], 0] << KEY_BITS


@compiled
def _own_floors_of_run(
    domain, groups, capabilities, blocks, scenarios, b, run, asking, promises, least, most, work
):
    """Look at scenarios that promise at least ``least`` and less than ``most``, for the rows whose
    list is not full.
    """
    first, last = blocks.runs.values[run], blocks.runs.values[run + 1]
    group = capabilities.group[first]
    count = 0
    for row in range(first, last):
        if work.best[row - blocks.rows[b], 0] == 0:
            work.rows[count] = row
            count += 1
    if count == 0:
        return
    for place in range(len(asking.rows)):
        promise = promises[asking.kinds[place]]
        if promise < least or promise >= most:
            continue
        s = asking.rows[place]
        near, levels = asking.near[asking.kinds[place]], asking.levels[place]
        base = np.int32(-1)
        for each in range(count):
            row = work.rows[each]
            best = work.best[row - blocks.rows[b]]
            level = levels[capabilities.readiness[row]]
            if promise + level + domain.points[SCALE] <= best[0]:
                continue
            if not serves(capabilities, scenarios, s, row):
                continue
            if base < 0:  # worked out for the first that wants it
                if not shares_tag(domain, groups, scenarios, s, group):
                    break
                base = base_points(domain, groups, scenarios, s, near, group)
            points = points_of_row(
                domain, groups, capabilities, scenarios, s, near, levels, base, row
            )
            if points > best[0] and admitted(capabilities, scenarios, s, row):
                keep(best, points)
