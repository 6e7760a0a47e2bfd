"""Lists of entries, each a score and a key as one number."""

from __future__ import annotations

import numpy as np

from matching.engine.kernel.compiling import compiled, inlined
from matching.engine.ranking import KEY_BITS, KEY_MASK


@inlined
def entry(score, key):
    """A place in a list as one number."""
    return (np.int64(score) << KEY_BITS) | (KEY_MASK - key)


@inlined
def keep(heap, new):
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


@compiled
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


@compiled
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
