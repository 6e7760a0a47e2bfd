"""One record against all others."""

from __future__ import annotations

import numpy as np

from matching.engine.kernel.arrays import TEXT
from matching.engine.kernel.compiling import compiled, inlined
from matching.engine.kernel.entries import entry
from matching.engine.kernel.points import (
    admitted,
    base_points,
    covered,
    level_points,
    points_of_row,
    relevance,
    shares_tag,
)
from matching.engine.kernel.texts import frequent_sum, shared, spread, text_points
from matching.engine.ranking import KEY_BITS


@inlined
def _near_group(domain, groups, scenarios, s, group, near):
    """Fill ``near`` with the relevance of the tags of one group only."""
    for place in range(groups.bounds[group], groups.bounds[group + 1]):
        tag = groups.values[place]
        near[tag] = relevance(domain.near, scenarios.tags, s, tag)


@inlined
def _pair_without_text(domain, groups, capabilities, scenarios, s, row, near, levels):
    """-1 for what no list may hold. ``levels``: the scenario's; fills ``near``."""
    group = capabilities.group[row]
    if not covered(domain.covers, scenarios.must_tags, s, groups, group):
        return np.int32(-1)
    if not admitted(capabilities, scenarios, s, row):
        return np.int32(-1)
    _near_group(domain, groups, scenarios, s, group, near)
    base = base_points(domain, groups, scenarios, s, near, group)
    return points_of_row(domain, groups, capabilities, scenarios, s, near, levels, base, row)


@inlined
def _score(domain, groups, capabilities, scenarios, s, row, points, rare):
    """All points of a pair; 0 for what has neither a tag nor a word in common."""
    likeness = rare + frequent_sum(scenarios, s, capabilities, row)
    text = text_points(domain.points[TEXT], likeness)
    if text == 0 and not shares_tag(domain, groups, scenarios, s, capabilities.group[row]):
        return np.int32(0)
    return points + text


@compiled
def score_rows(
    domain, groups, capabilities, scenarios, s, first, last, near, levels, weights, scores
):
    """Score scenario ``s`` against the capabilities from ``first`` up to ``last``, 0 for none.

    ``near``, ``levels``: room; ``weights``: by term, all 0, as they are left.
    """
    level_points(domain, scenarios, s, levels)
    spread(scenarios.rare, s, weights, np.int32(1))
    spread(scenarios.middle, s, weights, np.int32(1))
    for row in range(first, last):
        points = _pair_without_text(domain, groups, capabilities, scenarios, s, row, near, levels)
        scores[row - first] = 0
        if points >= 0:
            rare = shared(weights, capabilities.rare, row)
            rare += shared(weights, capabilities.middle, row)
            scores[row - first] = _score(
                domain, groups, capabilities, scenarios, s, row, points, rare
            )
    spread(scenarios.rare, s, weights, np.int32(0))
    spread(scenarios.middle, s, weights, np.int32(0))


@compiled
def points_without_text(
    domain, groups, capabilities, scenarios, row, asking, near, levels, points, tagged
):
    """Fill ``points`` for capability ``row`` and every scenario of ``asking``, -1 for none, and
    ``tagged`` with those that count whatever their texts say, -1 for others.
    """
    group = capabilities.group[row]
    for place in range(len(asking)):
        s = asking[place]
        points[place] = -1
        tagged[place] = -1
        if scenarios.alive[s]:
            level_points(domain, scenarios, s, levels)
            points[place] = _pair_without_text(
                domain, groups, capabilities, scenarios, s, row, near, levels
            )
            if points[place] > 0 and shares_tag(domain, groups, scenarios, s, group):
                tagged[place] = points[place]


@compiled
def score_scenarios(
    domain, groups, capabilities, scenarios, row, asking, floor, floors, weights, scores
):
    """Turn points without text into scores, 0 for what passes neither ``floor`` nor its own.

    ``scores``: as ``points_without_text`` left them; ``floors``: by place; ``weights``: by term,
    all 0, as they are left.
    """
    spread(capabilities.rare, row, weights, np.int32(1))
    spread(capabilities.middle, row, weights, np.int32(1))
    text = domain.points[TEXT]
    for place in range(len(asking)):
        s = asking[place]
        points = scores[place]
        scores[place] = 0
        if points < 0 or points + text < min(floor, floors[place]) >> KEY_BITS:
            continue
        least = min(floor, floors[place]) >> KEY_BITS
        bound = np.int64(scenarios.norms[s, 1] * capabilities.norms[row, 1]) + 1
        middle = np.int64(scenarios.norms[s, 0] * capabilities.norms[row, 0]) + 1
        rare = shared(weights, scenarios.rare, s)
        if points + text_points(text, rare + middle + bound) < least:
            continue
        rare += shared(weights, scenarios.middle, s)
        if points + text_points(text, rare + bound) < least:
            continue
        score = _score(domain, groups, capabilities, scenarios, s, row, points, rare)
        passes = entry(score, scenarios.key[s]) > floor
        if passes or entry(score, capabilities.key[row]) > floors[place]:
            scores[place] = score
    spread(capabilities.rare, row, weights, np.int32(0))
    spread(capabilities.middle, row, weights, np.int32(0))
