"""What the texts of a pair have in common: sums over terms, and bounds of them."""

from __future__ import annotations

import numpy as np

from matching.engine.index import LOW
from matching.engine.kernel.arrays import TERMS
from matching.engine.kernel.compiling import compiled, inlined
from matching.engine.text import WEIGHT_ONE

_TEXT_SHIFT = WEIGHT_ONE.bit_length() - 1


@inlined
def text_points(most, likeness):
    return np.int32(min((likeness * np.int64(most)) >> _TEXT_SHIFT, np.int64(most)))


@inlined
def shared(weights, terms, row):
    """Weight times impact of a row's terms; ``weights``: the other side's, by term."""
    total = np.int32(0)
    for place in range(terms.bounds[row], terms.bounds[row + 1]):
        product = weights[terms.terms[place]] * np.int32(terms.values[place])
        total = np.int32(total + np.int32(product))
    return np.int64(total)


@inlined
def _dot(weights, impacts):
    total = np.int32(0)
    for place in range(len(weights)):
        # Of 16 bits each, so that one instruction multiplies and adds 32 of them.
        product = np.int32(weights[place]) * np.int32(np.int16(impacts[place]))
        total = np.int32(total + np.int32(product))
    return np.int64(total)


@inlined
def frequent_sum(scenarios, s, capabilities, row):
    """The same for frequent terms."""
    total = _dot(scenarios.frequent[s], capabilities.frequent[row])
    if scenarios.heavy[s]:
        total += _dot(scenarios.above[s], capabilities.frequent[row]) << LOW
    return total


@inlined
def spread(terms, s, weights, factor):
    """Write the values of a row into a table by term, or zeros with factor 0."""
    for place in range(terms.bounds[s], terms.bounds[s + 1]):
        weights[terms.terms[place]] = np.int32(terms.values[place]) * factor


@inlined
def _add(sums, weight, rows, impacts):
    """A loop from 0, whose index is known not to count from the end."""
    for place in range(len(rows)):
        sums[rows[place]] += np.int32(weight * np.int32(impacts[place]))


@inlined
def add_all(blocks, b, asked, s, work):
    """Add weight times impact of the terms asked for to ``work.sums``, by row of the block."""
    last = asked.bounds[s + 1]
    for start in range(asked.bounds[s], last, TERMS):
        # All terms are looked up before any is added: what is read then is on its way already.
        found = 0
        for place in range(start, min(start + TERMS, last)):
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


@compiled
def _search(blocks, b, term):
    low, high = blocks.bounds[b], blocks.bounds[b + 1]
    while low < high:
        middle = (low + high) >> 1
        if blocks.terms[middle] < term:
            low = middle + 1
        else:
            high = middle
    return low if low < blocks.bounds[b + 1] and blocks.terms[low] == term else -1


@compiled
def bound_texts(most, norm, norms, sums, texts):
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
