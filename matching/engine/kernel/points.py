"""What a pair is worth beside its texts: tags, city focus, readiness, scale, nearness; and the
filters.
"""

from __future__ import annotations

import numpy as np

from matching.engine.index import WORD
from matching.engine.kernel.arrays import (
    HOST,
    LEVELS,
    NEARNESS,
    ONE,
    READINESS,
    SCALE,
    SUPPLIER,
    TAG,
)
from matching.engine.kernel.compiling import inlined
from matching.engine.scoring import ABOVE_PER_LEVEL, BELOW_PER_LEVEL


@inlined
def relevance(near, asked, s, tag):
    """Nearness of the nearest tag asked for."""
    best = np.int32(0)
    for each in range(asked.bounds[s], asked.bounds[s + 1]):
        best = max(best, near[asked.values[each], tag])
    return best


@inlined
def greatest_nearness(near, offered, group):
    best = np.int32(0)
    for place in range(offered.bounds[group], offered.bounds[group + 1]):
        best = max(best, near[offered.values[place]])
    return best


@inlined
def covered(covers, must, s, offered, group):
    """Whether every tag that is a must-have is vouched for by one that is offered."""
    for asked in range(must.bounds[s], must.bounds[s + 1]):
        found = False
        for tag in range(offered.bounds[group], offered.bounds[group + 1]):
            if covers[must.values[asked], offered.values[tag]]:
                found = True
                break
        if not found:
            return False
    return True


@inlined
def tag_points(near, most, asked, s, offered, group):
    best = np.int32(0)
    together = np.int32(0)
    for each in range(asked.bounds[s], asked.bounds[s + 1]):
        nearest = np.int32(0)
        for tag in range(offered.bounds[group], offered.bounds[group + 1]):
            nearest = max(nearest, near[asked.values[each], offered.values[tag]])
        best = max(best, nearest)
        together += nearest
    if best == 0:
        return np.int32(0)
    count = np.int32(asked.bounds[s + 1] - asked.bounds[s])
    return np.int32((best + together // count) // 2 * most // ONE)


@inlined
def shares_tag(domain, groups, scenarios, s, group):
    """Whether tags alone make a pair worth counting."""
    most = domain.points[TAG]
    return tag_points(domain.near, most, scenarios.tags, s, groups, group) > 0


@inlined
def focus_points(focus, most, city, near, offered, group):
    """``near``: the scenario's, by tag; ``most``: what the part can give."""
    best = np.int32(0)
    if city >= 0:
        for place in range(offered.bounds[group], offered.bounds[group + 1]):
            tag = offered.values[place]
            best = max(best, np.int32(near[tag] * focus[city, tag] // ONE))
    return np.int32(best * most // ONE)


@inlined
def _readiness_points(most, lowest, highest, level):
    if lowest == 0 or level == 0:
        return np.int32(0)
    lost = max(lowest - level, 0) * BELOW_PER_LEVEL + max(level - highest, 0) * ABOVE_PER_LEVEL
    return np.int32(max(ONE - lost, 0) * most // ONE)


@inlined
def scale_points(most, purse, price):
    if purse < 0 or price < 0:
        return np.int32(0)
    if price <= purse:
        return most
    share = min(np.int32(np.floor(ONE * float(purse) / price)), ONE - 1)
    return np.int32(share * most // ONE) if share * 2 >= ONE else np.int32(0)


@inlined
def _nearness_points(domain, one, other):
    if one >= 0 and other >= 0 and domain.metro[one, other]:
        return domain.points[NEARNESS]
    return np.int32(0)


@inlined
def level_points(domain, scenarios, s, points):
    """Fill ``points`` by readiness level, -1 where a must is not met; returns the most."""
    best = np.int32(0)
    for level in range(LEVELS):
        points[level] = _readiness_points(
            domain.points[READINESS], scenarios.lowest[s], scenarios.highest[s], level
        )
        if level < scenarios.must_readiness[s]:
            points[level] = -1
        best = max(best, points[level])
    return best


@inlined
def base_points(domain, groups, scenarios, s, near, group):
    """Points for tags and for the focus of the scenario's city."""
    points = tag_points(domain.near, domain.points[TAG], scenarios.tags, s, groups, group)
    host = domain.points[HOST]
    return points + focus_points(domain.focus, host, scenarios.city[s], near, groups, group)


@inlined
def seat_points(domain, groups, scenarios, s, near, group, seat):
    """Points that hang on the supplier's own city."""
    supplier = domain.points[SUPPLIER]
    points = focus_points(domain.focus, supplier, seat, near, groups, group)
    return points + _nearness_points(domain, scenarios.city[s], seat)


@inlined
def serves(capabilities, scenarios, s, row):
    """Whether ``row`` is there at all and serves the scenario's city."""
    city = scenarios.city[s]
    if city < 0:
        return capabilities.alive[row] != 0
    bits = capabilities.served[row, city // WORD] >> np.uint64(city % WORD)
    return capabilities.alive[row] != 0 and bits & np.uint64(1) != 0


@inlined
def admitted(capabilities, scenarios, s, row):
    """Filters that few pairs fail, looked at last: own organization, qualifications."""
    owners = scenarios.organizations
    for place in range(owners.bounds[s], owners.bounds[s + 1]):
        if owners.values[place] == capabilities.organization[row]:
            return False
    wanted, held = scenarios.wanted, capabilities.held
    for place in range(wanted.bounds[s], wanted.bounds[s + 1]):
        found = False
        for own in range(held.bounds[row], held.bounds[row + 1]):
            if held.values[own] == wanted.values[place]:
                found = True
                break
        if not found:
            return False
    return True


@inlined
def points_of_row(domain, groups, capabilities, scenarios, s, near, levels, base, row):
    """All points but those of the text, -1 for what is not open to the scenario."""
    level = levels[capabilities.readiness[row]]
    if level < 0 or not serves(capabilities, scenarios, s, row):
        return np.int32(-1)
    points = base + level
    points += scale_points(domain.points[SCALE], scenarios.purse[s], capabilities.price[row])
    seat = capabilities.city[row]
    group = capabilities.group[row]
    return points + seat_points(domain, groups, scenarios, s, near, group, seat)
