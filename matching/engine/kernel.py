"""The score of ``scoring`` for many pairs, compiled; equal to it in every point.

What makes a billion pairs a matter of seconds, without leaving out one that could matter:

- Tags, city focus, readiness and scale are worth four times as much as text, and cost little:
  tags are compared once for each run of capabilities with the same tags, and a run none of which
  could pass is passed over whole.
- A pair is worth its text only when its other points, with all that text can give, reach the
  scenario's or the capability's last place so far. Rare and middle terms, most of the score, come
  from postings by block. Frequent ones, most of the work, are bounded by the norms of both sides
  (Cauchy and Schwarz), and multiplied out only for what still passes.
- Thresholds are high from the start: they begin with what the most promising pairs reach without
  text, and a block's scenarios are visited best first.

Numbers are whole, so the order of sums does not matter. A list's entry is one number, the score
above the reversed key: the greater the better, equal scores by ascending key.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matching.engine.index import LOW, WORD, Blocks, Domain
from matching.engine.ranking import KEY_BITS, KEY_MASK
from matching.engine.scoring import ABOVE_PER_LEVEL, BELOW_PER_LEVEL
from matching.engine.text import WEIGHT_ONE

ONE = np.int32(1000)
TAG, HOST, SUPPLIER, TEXT, READINESS, SCALE, NEARNESS = range(7)  # places in PARTS
NEVER = -1  # promised to what lacks a must-have
_TEXT_SHIFT = WEIGHT_ONE.bit_length() - 1
_SPARE = 3  # first thresholds look at so many times the rows that a list holds
_BUCKET = 6  # bits of points in one bucket
_BUCKETS = 512
LEVELS = 10  # of readiness, 0 for not stated
_TERMS = 256  # looked up together
_TURNED = 32  # rows of a table turned together
_REFRESH = 8  # scenarios between two looks at a block's thresholds

# Nothing is allocated here: without counting references (_nrt) each use of an array costs no
# atomic instruction, which would be half of all time.
_compiled = njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
# Calls would otherwise copy the whole index, a hundred arrays, each time.
_inlined = njit(nogil=True, cache=True, error_model="numpy", _nrt=False, forceinline=True)


class Asking(NamedTuple):
    """Scenarios that are ranked together: their ``rows``; ``levels``: points by readiness level, -1
    where a must is not met; ``kinds``: which of them ask for the same tags in the same city.

    By kind: ``near``, how near each is to every concept, in thousandths; ``promise``: what tags and
    city focus can give each run of blocks at most, in points, NEVER for runs without a must-have.
    """

    rows: NDArray[np.int64]
    levels: NDArray[np.int32]
    kinds: NDArray[np.int64]
    near: NDArray[np.int32]
    promise: NDArray[np.int16]

    @classmethod
    def room(cls, rows: NDArray[np.int64], domain: Domain, blocks: Blocks) -> Asking:
        """For ``ask`` to fill."""
        return cls(
            rows,
            np.zeros((len(rows), LEVELS), np.int32),
            np.zeros(len(rows), np.int64),
            np.zeros((len(rows), len(domain.near)), np.int32),
            np.zeros((len(rows), len(blocks.runs.values)), np.int16),
        )


class Room(NamedTuple):
    """For ``ask``: tags as bits, and what tags promise each run."""

    wanted: NDArray[np.uint64]
    promise: NDArray[np.int32]


class Work(NamedTuple):
    """Room to work in. ``slots``: all -1, or empty: then terms are searched for; ``begins``,
    ``ends``, ``weights``: postings that are to be added.

    By row of a block: ``sums`` of rare and middle terms, ``texts``: the points that text can give,
    ``limits``: what its list takes at least, ``least``: the lowest of each run, ``best``: heaps.
    ``likely``: the rows of a run that go on, with ``points`` for all but text and, ``said``, text.
    """

    slots: NDArray[np.int32]
    begins: NDArray[np.int32]
    ends: NDArray[np.int32]
    weights: NDArray[np.int32]
    sums: NDArray[np.int32]
    texts: NDArray[np.int32]
    limits: NDArray[np.int32]
    likely: NDArray[np.int32]
    points: NDArray[np.int32]
    said: NDArray[np.int32]
    rows: NDArray[np.int32]
    scores: NDArray[np.int32]
    levels: NDArray[np.int32]
    buckets: NDArray[np.int64]
    least: NDArray[np.int32]
    best: NDArray[np.int64]

    @classmethod
    def room(cls, blocks: Blocks, size: int, terms: int = 0) -> Work:
        """For lists of ``size``; ``terms``: how many there are, 0 when one scenario asks."""
        rows = int(np.diff(blocks.rows).max(initial=1))
        return cls(
            slots=np.full(terms, -1, np.int32),
            begins=np.zeros(_TERMS, np.int32),
            ends=np.zeros(_TERMS, np.int32),
            weights=np.zeros(_TERMS, np.int32),
            sums=np.zeros(rows, np.int32),
            texts=np.zeros(rows, np.int32),
            limits=np.zeros(rows, np.int32),
            likely=np.zeros(rows, np.int32),
            points=np.zeros(rows, np.int32),
            said=np.zeros(rows, np.int32),
            rows=np.zeros(rows, np.int32),
            scores=np.zeros(rows, np.int32),
            levels=np.zeros(LEVELS, np.int32),
            buckets=np.zeros(_BUCKETS, np.int64),
            least=np.zeros(len(blocks.runs.values), np.int32),
            best=np.zeros((rows, size), np.int64),
        )


@_inlined
def _relevance(near, asked, s, tag):
    """Nearness of the nearest tag asked for."""
    best = np.int32(0)
    for each in range(asked.bounds[s], asked.bounds[s + 1]):
        best = max(best, near[asked.values[each], tag])
    return best


@_inlined
def _nearest(near, offered, group):
    best = np.int32(0)
    for place in range(offered.bounds[group], offered.bounds[group + 1]):
        best = max(best, near[offered.values[place]])
    return best


@_inlined
def _covered(covers, must, s, offered, group):
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


@_inlined
def _tag_points(near, most, asked, s, offered, group):
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


@_inlined
def _tagged(domain, groups, scenarios, s, group):
    """Whether tags alone make a pair worth counting."""
    most = domain.points[TAG]
    return _tag_points(domain.near, most, scenarios.tags, s, groups, group) > 0


@_inlined
def _focus_points(focus, most, city, near, offered, group):
    """``near``: the scenario's, by tag; ``most``: what the part can give."""
    best = np.int32(0)
    if city >= 0:
        for place in range(offered.bounds[group], offered.bounds[group + 1]):
            tag = offered.values[place]
            best = max(best, np.int32(near[tag] * focus[city, tag] // ONE))
    return np.int32(best * most // ONE)


@_inlined
def _readiness_points(most, lowest, highest, level):
    if lowest == 0 or level == 0:
        return np.int32(0)
    lost = max(lowest - level, 0) * BELOW_PER_LEVEL + max(level - highest, 0) * ABOVE_PER_LEVEL
    return np.int32(max(ONE - lost, 0) * most // ONE)


@_inlined
def _scale_points(most, purse, price):
    if purse < 0 or price < 0:
        return np.int32(0)
    if price <= purse:
        return most
    share = min(np.int32(np.floor(ONE * float(purse) / price)), ONE - 1)
    return np.int32(share * most // ONE) if share * 2 >= ONE else np.int32(0)


@_inlined
def _nearness_points(domain, one, other):
    if one >= 0 and other >= 0 and domain.metro[one, other]:
        return domain.points[NEARNESS]
    return np.int32(0)


@_inlined
def _text_points(most, likeness):
    return np.int32(min((likeness * np.int64(most)) >> _TEXT_SHIFT, np.int64(most)))


@_inlined
def _sum(weights, terms, row):
    """Weight times impact of a row's terms; ``weights``: the other side's, by term."""
    total = np.int32(0)
    for place in range(terms.bounds[row], terms.bounds[row + 1]):
        product = weights[terms.terms[place]] * np.int32(terms.values[place])
        total = np.int32(total + np.int32(product))
    return np.int64(total)


@_inlined
def _dot(weights, impacts):
    total = np.int32(0)
    for place in range(len(weights)):
        # Of 16 bits each, so that one instruction multiplies and adds 32 of them.
        product = np.int32(weights[place]) * np.int32(np.int16(impacts[place]))
        total = np.int32(total + np.int32(product))
    return np.int64(total)


@_inlined
def _frequent(scenarios, s, capabilities, row):
    """The same for frequent terms."""
    total = _dot(scenarios.frequent[s], capabilities.frequent[row])
    if scenarios.heavy[s]:
        total += _dot(scenarios.above[s], capabilities.frequent[row]) << LOW
    return total


@_inlined
def _spread(terms, s, weights, factor):
    """Write the values of a row into a table by term, or zeros with factor 0."""
    for place in range(terms.bounds[s], terms.bounds[s + 1]):
        weights[terms.terms[place]] = np.int32(terms.values[place]) * factor


@_inlined
def _levels(domain, scenarios, s, points):
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


@_inlined
def _greatest(values):
    most = values[0]
    for place in range(len(values)):
        most = max(most, values[place])
    return most


@_inlined
def _base_points(domain, groups, scenarios, s, near, group):
    """Points for tags and for the focus of the scenario's city."""
    points = _tag_points(domain.near, domain.points[TAG], scenarios.tags, s, groups, group)
    host = domain.points[HOST]
    return points + _focus_points(domain.focus, host, scenarios.city[s], near, groups, group)


@_inlined
def _seat_points(domain, groups, scenarios, s, near, group, seat):
    """Points that hang on the supplier's own city."""
    supplier = domain.points[SUPPLIER]
    points = _focus_points(domain.focus, supplier, seat, near, groups, group)
    return points + _nearness_points(domain, scenarios.city[s], seat)


@_inlined
def _open(capabilities, scenarios, s, row):
    """Whether ``row`` is there at all and serves the scenario's city."""
    city = scenarios.city[s]
    if city < 0:
        return capabilities.alive[row] != 0
    bits = capabilities.served[row, city // WORD] >> np.uint64(city % WORD)
    return capabilities.alive[row] != 0 and bits & np.uint64(1) != 0


@_inlined
def _admitted(capabilities, scenarios, s, row):
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


@_inlined
def entry(score, key):
    """A place in a list as one number."""
    return (np.int64(score) << KEY_BITS) | (KEY_MASK - key)


@_inlined
def _keep(heap, new):
    """Put ``new`` in the place of the least entry, which stands first; returns the least then."""
    place = 0
    while True:
        child = 2 * place + 1
        if child >= len(heap):
            break
        if child + 1 < len(heap) and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= new:
            break
        heap[place] = heap[child]
        place = child
    heap[place] = new
    return heap[0]


@_inlined
def _alike(lists, one, other):
    count = lists.bounds[one + 1] - lists.bounds[one]
    if lists.bounds[other + 1] - lists.bounds[other] != count:
        return False
    for place in range(count):
        if lists.values[lists.bounds[one] + place] != lists.values[lists.bounds[other] + place]:
            return False
    return True


@_inlined
def _promise_tags(
    domain, groups, bits, capabilities, blocks, scenarios, s, near, first, last, room
):
    """Fill ``near`` and, for some runs, ``room.promise`` with what tags and the focus of any
    supplier's city can give, NEVER for what shares no tag.
    """
    for word in range(len(room.wanted)):
        room.wanted[word] = 0
    for tag in range(len(near)):
        near[tag] = _relevance(domain.near, scenarios.tags, s, tag)
        if near[tag]:
            room.wanted[tag // WORD] |= np.uint64(1) << np.uint64(tag % WORD)
    for run in range(first, last):
        group = capabilities.group[blocks.runs.values[run]]
        shared = np.uint64(0)
        for word in range(len(room.wanted)):
            shared |= room.wanted[word] & bits[group, word]
        points = np.int32(NEVER)
        if shared:
            points = _nearest(near, groups, group) * domain.points[SUPPLIER] // ONE
            most = domain.points[TAG]
            points += _tag_points(domain.near, most, scenarios.tags, s, groups, group)
        room.promise[run] = points


@_compiled
def ask(domain, groups, bits, capabilities, blocks, scenarios, asking, room, first, last):
    """Fill ``asking`` for runs from ``first`` up to ``last``; returns how many kinds there are.

    ``bits``: tags of each group as bits of words. Scenarios with the same tags are to follow each
    other, and among them those in the same city.
    """
    kinds = 0
    for place in range(len(asking.rows)):
        s = asking.rows[place]
        _levels(domain, scenarios, s, asking.levels[place])
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
                points = room.promise[run] + _focus_points(
                    domain.focus, host, city, near, groups, group
                )
            if must and not _covered(domain.covers, scenarios.must_tags, s, groups, group):
                points = NEVER
            promise[run] = points
    return kinds


@_compiled
def look_at_promises(asking, first, last, most):
    """Fill ``most``, by place, with the greatest promise of some runs."""
    for place in range(len(asking.rows)):
        most[place] = _greatest(asking.promise[asking.kinds[place], first:last])


@_compiled
def turn(asking, first, last, promise):
    """Fill ``promise`` (runs, kinds) with those of some runs, a few kinds at a time."""
    kinds = promise.shape[1]
    for start in range(0, kinds, _TURNED):
        for run in range(last - first):
            for kind in range(start, min(start + _TURNED, kinds)):
                promise[run, kind] = asking.promise[kind, first + run]


@_inlined
def _cut(wanted, buckets):
    """What must be promised so that ``wanted`` are looked at; ``buckets``: how many promise it."""
    total = 0
    for bucket in range(_BUCKETS - 1, 0, -1):
        total += buckets[bucket]
        if total >= wanted:
            return bucket << _BUCKET
    return 1


@_compiled
def _cut_of_runs(promises, runs, wanted, buckets):
    """``runs``: the first row of each run."""
    for bucket in range(_BUCKETS):
        buckets[bucket] = 0
    for run in range(len(runs) - 1):
        if promises[run] > 0:
            buckets[promises[run] >> _BUCKET] += runs[run + 1] - runs[run]
    return _cut(wanted, buckets)


@_compiled
def _cut_of_scenarios(promises, kinds, wanted, buckets):
    for bucket in range(_BUCKETS):
        buckets[bucket] = 0
    for place in range(len(kinds)):
        promise = promises[kinds[place]]
        if promise > 0:
            buckets[promise >> _BUCKET] += 1
    return _cut(wanted, buckets)


@_compiled
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
            if not _tagged(domain, groups, scenarios, s, group):
                continue
            base = _base_points(domain, groups, scenarios, s, near, group)
            for row in range(runs[run], runs[run + 1]):
                points = _points_without_text(
                    domain, groups, capabilities, scenarios, s, near, levels, base, row
                )
                if points > best[0] and _admitted(capabilities, scenarios, s, row):
                    _keep(best, points)
        floors[place] = best[0] << KEY_BITS


@_compiled
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


@_compiled
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
            if not _open(capabilities, scenarios, s, row):
                continue
            if base < 0:  # worked out for the first that wants it
                if not _tagged(domain, groups, scenarios, s, group):
                    break
                base = _base_points(domain, groups, scenarios, s, near, group)
            points = _points_without_text(
                domain, groups, capabilities, scenarios, s, near, levels, base, row
            )
            if points > best[0] and _admitted(capabilities, scenarios, s, row):
                _keep(best, points)


@_inlined
def _points_without_text(domain, groups, capabilities, scenarios, s, near, levels, base, row):
    """-1 for what is not open to the scenario."""
    level = levels[capabilities.readiness[row]]
    if level < 0 or not _open(capabilities, scenarios, s, row):
        return np.int32(-1)
    points = base + level
    points += _scale_points(domain.points[SCALE], scenarios.purse[s], capabilities.price[row])
    seat = capabilities.city[row]
    group = capabilities.group[row]
    return points + _seat_points(domain, groups, scenarios, s, near, group, seat)


@_inlined
def _add(sums, weight, rows, impacts):
    """A loop from 0, whose index is known not to count from the end."""
    for place in range(len(rows)):
        sums[rows[place]] += np.int32(weight * np.int32(impacts[place]))


@_inlined
def _add_all(blocks, b, asked, s, work):
    """Add weight times impact of the terms asked for to ``work.sums``, by row of the block."""
    last = asked.bounds[s + 1]
    for start in range(asked.bounds[s], last, _TERMS):
        # All terms are looked up before any is added: what is read then is on its way already.
        found = 0
        for place in range(start, min(start + _TERMS, last)):
            term = asked.terms[place]
            slot = work.slots[term] if len(work.slots) else _search(blocks, b, term)
            work.begins[found] = slot
            work.weights[found] = asked.values[place]
            found += slot >= 0
        for each in range(found):
            slot = work.begins[each]
            work.begins[each] = blocks.term_bounds[slot]
            work.ends[each] = blocks.term_bounds[slot + 1]
        for each in range(found):
            begin, end = work.begins[each], work.ends[each]
            _add(work.sums, work.weights[each], blocks.row[begin:end], blocks.impact[begin:end])


@_compiled
def _search(blocks, b, term):
    low, high = blocks.bounds[b], blocks.bounds[b + 1]
    while low < high:
        middle = (low + high) >> 1
        if blocks.terms[middle] < term:
            low = middle + 1
        else:
            high = middle
    return low if low < blocks.bounds[b + 1] and blocks.terms[low] == term else -1


@_inlined
def _promising(blocks, b, promises, own, least, more):
    """Whether with ``more`` points some run reaches its own limit or the scenario's."""
    for run in range(blocks.runs.bounds[b], blocks.runs.bounds[b + 1] - 1):
        if promises[run] + more >= min(own, least[run]) and promises[run] != NEVER:
            return True
    return False


@_compiled
def _bound_texts(most, norm, norms, sums, texts):
    """Fill ``texts`` with the points that text can give each row at most; returns the greatest.

    ``norm``, ``norms``: of the frequent terms of the scenario and of the rows; ``most``: what the
    part can give.
    """
    share = np.float32(most / float(WEIGHT_ONE))
    norm = np.float32(norm * share)
    greatest = np.int32(0)
    for row in range(len(norms)):
        # Above by more than all that is lost in rounding.
        bound = np.int32(np.float32(sums[row]) * share + norm * norms[row]) + np.int32(2)
        bound = np.int32(min(np.int32(bound), most))
        texts[row] = bound
        greatest = max(greatest, bound)
    return greatest


@_inlined
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


@_inlined
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
            at_seat = _seat_points(domain, groups, scenarios, s, near, group, seat)
        score = base + at_seat + levels[capabilities.readiness[row]]
        score += _scale_points(scale, purse, capabilities.price[row])
        work.likely[left] = place
        work.points[left] = score
        passes = score + work.texts[place] >= min(own, work.limits[place])
        left += passes & _open(capabilities, scenarios, s, row)
    return left


@_compiled
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
    level_most = _greatest(levels)
    more = domain.points[NEARNESS]
    more += domain.points[SCALE] if scenarios.purse[s] >= 0 else np.int32(0)
    if not _promising(blocks, b, promises, own, work.least, level_most + more + text):
        return 0
    first = blocks.rows[b]
    sums = work.sums
    for row in range(blocks.rows[b + 1] - first):
        sums[row] = 0
    _add_all(blocks, b, scenarios.rare, s, work)
    _add_all(blocks, b, scenarios.middle, s, work)
    # From here on text can give far less than in theory.
    rest = (
        level_most
        + more
        + _bound_texts(
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
            base = _base_points(domain, groups, scenarios, s, near, group)
        left = _likely_by_facts(
            domain, groups, capabilities, scenarios, s, near, levels, base, first, count, own, work
        )
        for each in range(left):
            row = first + work.likely[each]
            likeness = np.int64(sums[row - first]) + _frequent(scenarios, s, capabilities, row)
            work.said[each] = _text_points(text, likeness)
        for each in range(left):
            row = first + work.likely[each]
            score = work.points[each] + work.said[each]
            if score < min(own, work.limits[row - first]):
                continue
            if not _admitted(capabilities, scenarios, s, row):
                continue
            # Ripe and cheap is not enough: a match shares a tag or a word.
            if work.said[each] == 0 and not _tagged(domain, groups, scenarios, s, group):
                continue
            passes = entry(score, capabilities.key[row]) > floor
            if passes or entry(score, scenarios.key[s]) > floors[row]:
                work.rows[kept] = row
                work.scores[kept] = score
                kept += 1
    return kept


@_compiled
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


@_compiled
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
                floors[place] = max(floors[place], _keep(of_scenarios[place], new))
            new = entry(work.scores[each], scenarios.key[s])
            if new > own_floors[row]:
                own_floors[row] = max(own_floors[row], _keep(of_capabilities[row - begin], new))
                work.limits[row - begin] = own_floors[row] >> KEY_BITS
        visited += found > 0
        if found and visited % _REFRESH == 0:
            _look_at_floors(blocks, b, own_floors, work)
    for slot in range(blocks.bounds[b], blocks.bounds[b + 1]):
        work.slots[blocks.terms[slot]] = -1


@_inlined
def _near_group(domain, groups, scenarios, s, group, near):
    """Fill ``near`` with the relevance of the tags of one group only."""
    for place in range(groups.bounds[group], groups.bounds[group + 1]):
        tag = groups.values[place]
        near[tag] = _relevance(domain.near, scenarios.tags, s, tag)


@_inlined
def _pair_without_text(domain, groups, capabilities, scenarios, s, row, near, levels):
    """-1 for what no list may hold. ``levels``: the scenario's; fills ``near``."""
    group = capabilities.group[row]
    if not _covered(domain.covers, scenarios.must_tags, s, groups, group):
        return np.int32(-1)
    if not _admitted(capabilities, scenarios, s, row):
        return np.int32(-1)
    _near_group(domain, groups, scenarios, s, group, near)
    base = _base_points(domain, groups, scenarios, s, near, group)
    return _points_without_text(domain, groups, capabilities, scenarios, s, near, levels, base, row)


@_inlined
def _score(domain, groups, capabilities, scenarios, s, row, points, rare):
    """All points of a pair; 0 for what has neither a tag nor a word in common."""
    likeness = rare + _frequent(scenarios, s, capabilities, row)
    text = _text_points(domain.points[TEXT], likeness)
    if text == 0 and not _tagged(domain, groups, scenarios, s, capabilities.group[row]):
        return np.int32(0)
    return points + text


@_compiled
def score_rows(
    domain, groups, capabilities, scenarios, s, first, last, near, levels, weights, scores
):
    """Score scenario ``s`` against the capabilities from ``first`` up to ``last``, 0 for none.

    ``near``, ``levels``: room; ``weights``: by term, all 0, as they are left.
    """
    _levels(domain, scenarios, s, levels)
    _spread(scenarios.rare, s, weights, np.int32(1))
    _spread(scenarios.middle, s, weights, np.int32(1))
    for row in range(first, last):
        points = _pair_without_text(domain, groups, capabilities, scenarios, s, row, near, levels)
        scores[row - first] = 0
        if points >= 0:
            rare = _sum(weights, capabilities.rare, row) + _sum(weights, capabilities.middle, row)
            scores[row - first] = _score(
                domain, groups, capabilities, scenarios, s, row, points, rare
            )
    _spread(scenarios.rare, s, weights, np.int32(0))
    _spread(scenarios.middle, s, weights, np.int32(0))


@_compiled
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
            _levels(domain, scenarios, s, levels)
            points[place] = _pair_without_text(
                domain, groups, capabilities, scenarios, s, row, near, levels
            )
            if points[place] > 0 and _tagged(domain, groups, scenarios, s, group):
                tagged[place] = points[place]


@_compiled
def score_scenarios(
    domain, groups, capabilities, scenarios, row, asking, floor, floors, weights, scores
):
    """Turn points without text into scores, 0 for what passes neither ``floor`` nor its own.

    ``scores``: as ``points_without_text`` left them; ``floors``: by place; ``weights``: by term,
    all 0, as they are left.
    """
    _spread(capabilities.rare, row, weights, np.int32(1))
    _spread(capabilities.middle, row, weights, np.int32(1))
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
        rare = _sum(weights, scenarios.rare, s)
        if points + _text_points(text, rare + middle + bound) < least:
            continue
        rare += _sum(weights, scenarios.middle, s)
        if points + _text_points(text, rare + bound) < least:
            continue
        score = _score(domain, groups, capabilities, scenarios, s, row, points, rare)
        passes = entry(score, scenarios.key[s]) > floor
        if passes or entry(score, capabilities.key[row]) > floors[place]:
            scores[place] = score
    _spread(capabilities.rare, row, weights, np.int32(0))
    _spread(capabilities.middle, row, weights, np.int32(0))


@_compiled
def take_out(listed, rows, key, places):
    """Take the entry of ``key`` out of the lists of ``rows``; ``places`` tells where each stood,
    the size of a list for nowhere.
    """
    size = listed.shape[1]
    for each in range(len(rows)):
        own = listed[rows[each]]
        place = 0
        while place < size and (own[place] == 0 or KEY_MASK - (own[place] & KEY_MASK) != key):
            place += 1
        places[each] = place
        if place < size:
            for behind in range(place, size - 1):
                own[behind] = own[behind + 1]
            own[size - 1] = 0


@_compiled
def put_in(listed, floors, rows, new, places):
    """Put an entry above its floor into the list of each of ``rows``; what it pushes out becomes
    the floor. ``places`` tells where.
    """
    size = listed.shape[1]
    for each in range(len(rows)):
        own = listed[rows[each]]
        place = size
        while place > 0 and own[place - 1] < new[each]:
            place -= 1
        places[each] = place
        if own[size - 1]:
            floors[rows[each]] = own[size - 1] if place < size else new[each]
        if place < size:
            for behind in range(size - 1, place, -1):
                own[behind] = own[behind - 1]
            own[place] = new[each]


@_compiled
def pass_block(domain, groups, capabilities, blocks, scenarios, b, asking, floor, floors, work):
    """Pairs of the one scenario of ``asking`` and block ``b`` that pass its floor or their own.

    Fills ``work.rows`` and ``work.scores``; returns how many.
    """
    _look_at_floors(blocks, b, floors, work)
    return _passing(
        domain, groups, capabilities, blocks, scenarios, b, asking, 0, floor, floors, work
    )
