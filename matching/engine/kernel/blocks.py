"""All pairs of many scenarios and one block of capabilities."""

from __future__ import annotations

import numpy as np

from matching.engine.kernel.arrays import NEARNESS, NEVER, SCALE, TEXT
from matching.engine.kernel.compiling import compiled, inlined
from matching.engine.kernel.entries import entry, keep
from matching.engine.kernel.points import (
    admitted,
    base_points,
    scale_points,
    seat_points,
    serves,
    shares_tag,
)
from matching.engine.kernel.promises import greatest
from matching.engine.kernel.texts import add_all, bound_texts, frequent_sum, text_points
from matching.engine.ranking import KEY_BITS

_REFRESH = 8  # scenarios between two looks at a block's thresholds


@inlined
def _promising(blocks, b, promises, own, least, more):
    """Whether with ``more`` points some run reaches its own limit or the scenario's."""
    for run in range(blocks.runs.bounds[b], blocks.runs.bounds[b + 1] - 1):
        if promises[run] + more >= min(own, least[run]) and promises[run] != NEVER:
            return True
    return False


@inlined
def _likely(capabilities, first, rows, levels, more, own, work):
    """Fill ``work.likely`` with the rows of a run that may reach a limit; returns how many.

    ``more``: what all but readiness and text can give. No branches: which rows go on cannot be
    foretold.
    """
    count = 0
    for row in range(rows[0], rows[1]):
        level = levels[capabilities.readiness[first + row]]
        work.likely[count] = row
        limit = min(own, work.limits[row])
        count += (level + more + work.texts[row] >= limit) & (level >= 0)
    return count


@inlined
def _likely_by_facts(
    domain, groups, capabilities, scenarios, s, near, levels, base, first, count, own, work
):
    """Leave in ``work.likely`` what is open and may still pass, its points in ``work.points``."""
    scale, purse = domain.points[SCALE], scenarios.purse[s]
    seat = np.int32(-2)
    at_seat = np.int32(0)
    left = 0
    for each in range(count):
        place = work.likely[each]
        row = first + place
        if capabilities.city[row] != seat:  # neighbours are often of one city
            seat = capabilities.city[row]
            group = capabilities.group[row]
            at_seat = seat_points(domain, groups, scenarios, s, near, group, seat)
        score = base + at_seat + levels[capabilities.readiness[row]]
        score += scale_points(scale, purse, capabilities.price[row])
        work.likely[left] = place
        work.points[left] = score
        passes = score + work.texts[place] >= min(own, work.limits[place])
        left += passes & serves(capabilities, scenarios, s, row)
    return left


@compiled
def _passing(
    domain, groups, capabilities, blocks, scenarios, b, asking, place, floor, floors, work
):
    """Pairs of one scenario and block ``b`` that pass the scenario's floor or the capability's.

    ``floor``, ``floors`` (by row): entries. Fills ``work.rows`` and ``work.scores``; returns how
    many.
    """
    s = asking.rows[place]
    near = asking.near[asking.kinds[place]]
    promises = asking.promise[asking.kinds[place]]
    own = np.int32(floor >> KEY_BITS)
    text = domain.points[TEXT]
    levels = asking.levels[place]
    level_most = greatest(levels)
    more = domain.points[NEARNESS]
    more += domain.points[SCALE] if scenarios.purse[s] >= 0 else np.int32(0)
    if not _promising(blocks, b, promises, own, work.least, level_most + more + text):
        return 0
    first = blocks.rows[b]
    sums = work.sums
    for row in range(blocks.rows[b + 1] - first):
        sums[row] = 0
    add_all(blocks, b, scenarios.rare, s, work)
    add_all(blocks, b, scenarios.middle, s, work)
    # From here on text can give far less than in theory.
    rest = (
        level_most
        + more
        + bound_texts(
            text,
            scenarios.norms[s, 1],
            capabilities.bounds[first : blocks.rows[b + 1]],
            sums,
            work.texts,
        )
    )
    kept = 0
    for run in range(blocks.runs.bounds[b], blocks.runs.bounds[b + 1] - 1):
        promise = np.int32(promises[run])
        if promise + rest < min(own, work.least[run]) or promise == NEVER:
            continue
        rows = blocks.runs.values[run] - first, blocks.runs.values[run + 1] - first
        count = _likely(capabilities, first, rows, levels, promise + more, own, work)
        if count == 0:
            continue
        group = capabilities.group[blocks.runs.values[run]]
        base = np.int32(0)
        if promise:
            base = base_points(domain, groups, scenarios, s, near, group)
        left = _likely_by_facts(
            domain, groups, capabilities, scenarios, s, near, levels, base, first, count, own, work
        )
        for each in range(left):
            row = first + work.likely[each]
            likeness = np.int64(sums[row - first]) + frequent_sum(scenarios, s, capabilities, row)
            work.said[each] = text_points(text, likeness)
        for each in range(left):
            row = first + work.likely[each]
            score = work.points[each] + work.said[each]
            if score < min(own, work.limits[row - first]):
                continue
            if not admitted(capabilities, scenarios, s, row):
                continue
            # Ripe and cheap is not enough: a match shares a tag or a word.
            if work.said[each] == 0 and not shares_tag(domain, groups, scenarios, s, group):
                continue
            passes = entry(score, capabilities.key[row]) > floor
            if passes or entry(score, scenarios.key[s]) > floors[row]:
                work.rows[kept] = row
                work.scores[kept] = score
                kept += 1
    return kept


@compiled
def _look_at_floors(blocks, b, floors, work):
    """The score that each row would take, and some row of each run."""
    first = blocks.rows[b]
    for run in range(blocks.runs.bounds[b], blocks.runs.bounds[b + 1] - 1):
        lowest = floors[blocks.runs.values[run]] >> KEY_BITS
        for row in range(blocks.runs.values[run], blocks.runs.values[run + 1]):
            limit = floors[row] >> KEY_BITS
            work.limits[row - first] = limit
            lowest = min(lowest, limit)
        work.least[run] = lowest


@compiled
def rank_block(
    domain,
    groups,
    capabilities,
    blocks,
    scenarios,
    b,
    asking,
    order,
    floors,
    of_scenarios,
    own_floors,
    of_capabilities,
    work,
):
    """Rank all pairs of ``asking`` and block ``b`` into the lists of both sides.

    ``order``: places of ``asking``, best first; ``floors`` by place and ``own_floors`` by row: what
    a newcomer must pass, raised as lists fill; ``of_scenarios`` (asking, size) and
    ``of_capabilities`` (rows of the block, size): entries, unordered, 0 for none.
    """
    begin = blocks.rows[b]
    for slot in range(blocks.bounds[b], blocks.bounds[b + 1]):
        work.slots[blocks.terms[slot]] = slot
    _look_at_floors(blocks, b, own_floors, work)
    visited = 0
    for place in order:
        s = asking.rows[place]
        found = _passing(
            domain,
            groups,
            capabilities,
            blocks,
            scenarios,
            b,
            asking,
            place,
            floors[place],
            own_floors,
            work,
        )
        for each in range(found):
            row = work.rows[each]
            new = entry(work.scores[each], capabilities.key[row])
            if new > floors[place]:
                floors[place] = max(floors[place], keep(of_scenarios[place], new))
            new = entry(work.scores[each], scenarios.key[s])
            if new > own_floors[row]:
                own_floors[row] = max(own_floors[row], keep(of_capabilities[row - begin], new))
                work.limits[row - begin] = own_floors[row] >> KEY_BITS
        visited += found > 0
        if found and visited % _REFRESH == 0:
            _look_at_floors(blocks, b, own_floors, work)
    for slot in range(blocks.bounds[b], blocks.bounds[b + 1]):
        work.slots[blocks.terms[slot]] = -1


@compiled
def pass_block(domain, groups, capabilities, blocks, scenarios, b, asking, floor, floors, work):
    """Pairs of the one scenario of ``asking`` and block ``b`` that pass its floor or their own.

    Fills ``work.rows`` and ``work.scores``; returns how many.
    """
    _look_at_floors(blocks, b, floors, work)
    return _passing(
        domain, groups, capabilities, blocks, scenarios, b, asking, 0, floor, floors, work
    )
