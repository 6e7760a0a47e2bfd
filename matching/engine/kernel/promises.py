"""What tags and city focus promise each run of capabilities, before any pair is looked at."""

from __future__ import annotations

import numpy as np

from matching.engine.index import WORD
from matching.engine.kernel.arrays import HOST, NEVER, ONE, SUPPLIER, TAG
from matching.engine.kernel.compiling import compiled, inlined
from matching.engine.kernel.points import (
    covered,
    focus_points,
    greatest_nearness,
    level_points,
    relevance,
    tag_points,
)

_TURNED = 32  # rows of a table turned together


@inlined
def greatest(values):
    most = values[0]
    for place in range(len(values)):
        most = max(most, values[place])
    return most


@inlined
def _alike(lists, one, other):
    count = lists.bounds[one + 1] - lists.bounds[one]
    if lists.bounds[other + 1] - lists.bounds[other] != count:
        return False
    for place in range(count):
        if lists.values[lists.bounds[one] + place] != lists.values[lists.bounds[other] + place]:
            return False
    return True


@inlined
def _promise_tags(
    domain, groups, bits, capabilities, blocks, scenarios, s, near, first, last, room
):
    """Fill ``near`` and, for some runs, ``room.promise`` with what tags and the focus of any
    supplier's city can give, NEVER for what shares no tag.
    """
    for word in range(len(room.wanted)):
        room.wanted[word] = 0
    for tag in range(len(near)):
        near[tag] = relevance(domain.near, scenarios.tags, s, tag)
        if near[tag]:
            room.wanted[tag // WORD] |= np.uint64(1) << np.uint64(tag % WORD)
    for run in range(first, last):
        group = capabilities.group[blocks.runs.values[run]]
        shared = np.uint64(0)
        for word in range(len(room.wanted)):
            shared |= room.wanted[word] & bits[group, word]
        points = np.int32(NEVER)
        if shared:
            points = greatest_nearness(near, groups, group) * domain.points[SUPPLIER] // ONE
            most = domain.points[TAG]
            points += tag_points(domain.near, most, scenarios.tags, s, groups, group)
        room.promise[run] = points


@compiled
def ask(domain, groups, bits, capabilities, blocks, scenarios, asking, room, first, last):
    """Fill ``asking`` for runs from ``first`` up to ``last``; returns how many kinds there are.

    ``bits``: tags of each group as bits of words. Scenarios with the same tags are to follow each
    other, and among them those in the same city.
    """
    kinds = 0
    for place in range(len(asking.rows)):
        s = asking.rows[place]
        level_points(domain, scenarios, s, asking.levels[place])
        before = asking.rows[place - 1] if place else s
        same = place > 0 and _alike(scenarios.tags, before, s)
        same_city = same and scenarios.city[before] == scenarios.city[s]
        if same_city and _alike(scenarios.must_tags, before, s):
            asking.kinds[place] = kinds - 1
            continue
        asking.kinds[place] = kinds
        near, promise = asking.near[kinds], asking.promise[kinds]
        if same:
            for tag in range(len(near)):
                near[tag] = asking.near[kinds - 1, tag]
        else:
            _promise_tags(
                domain, groups, bits, capabilities, blocks, scenarios, s, near, first, last, room
            )
        kinds += 1
        city = scenarios.city[s]
        must = scenarios.must_tags.bounds[s + 1] > scenarios.must_tags.bounds[s]
        for run in range(first, last):
            points = np.int32(0)
            group = capabilities.group[blocks.runs.values[run]]
            if room.promise[run] != NEVER:
                host = domain.points[HOST]
                points = room.promise[run] + focus_points(
                    domain.focus, host, city, near, groups, group
                )
            if must and not covered(domain.covers, scenarios.must_tags, s, groups, group):
                points = NEVER
            promise[run] = points
    return kinds


@compiled
def look_at_promises(asking, first, last, most):
    """Fill ``most``, by place, with the greatest promise of some runs."""
    for place in range(len(asking.rows)):
        most[place] = greatest(asking.promise[asking.kinds[place], first:last])


@compiled
def turn(asking, first, last, promise):
    """Fill ``promise`` (runs, kinds) with those of some runs, a few kinds at a time."""
    kinds = promise.shape[1]
    for start in range(0, kinds, _TURNED):
        for run in range(last - first):
            for kind in range(start, min(start + _TURNED, kinds)):
                promise[run, kind] = asking.promise[kind, first + run]
